//! A real mailbox for a test: Dovecot from Debian, on a free port, as an account without rights.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// `nobody` of Debian, its user and its group: the account of a server that root starts.
const NOBODY: (u32, u32) = (65_534, 65_534);

pub(crate) struct ImapServer {
    process: Child,
    folder: TempDir,
    pub(crate) port: u16,
}

impl ImapServer {
    /// Starts a server and waits until it listens. Every user has a mailbox, with the password `secret`.
    pub(crate) fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("kordon-imap-").tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let is_root = own_id("-u") == 0;
        let (user, group) = if is_root { NOBODY } else { (own_id("-u"), own_id("-g")) };
        let name = name_of("passwd", user);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let path = folder.path();
        for part in ["run", "mail"] {
            fs::create_dir(path.join(part)).unwrap();
        }
        fs::write(path.join("dovecot.conf"), configuration(path, &name, (user, group), port)).unwrap();
        let mut command = if is_root {
            for part in ["", "run", "mail", "dovecot.conf"] {
                chown(path.join(part), Some(user), Some(group)).unwrap();
            }
            let mut command = Command::new("setpriv");
            command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".into()]);
            command.arg("/usr/sbin/dovecot");
            command
        } else {
            Command::new("/usr/sbin/dovecot")
        };
        command.arg("-F").arg("-c").arg(path.join("dovecot.conf")).stderr(Stdio::null()).stdin(Stdio::null());
        let process = command.spawn().expect("`make test` installs dovecot-imapd from Debian");
        let mut server = Self { process, folder, port };
        server.wait();
        server
    }

    /// Waits until it takes connections. It says so nowhere else; it ends when it cannot.
    fn wait(&mut self) {
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Ok(Some(ended)) = self.process.try_wait() {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                panic!("dovecot ended ({ended}); `make test` installs it:\n{log}");
            }
            std::thread::yield_now();
        }
    }
}

impl Drop for ImapServer {
    fn drop(&mut self) {
        // Asked, it ends its own processes too; killed, it would leave them.
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            self.process.kill().ok();
        }
        self.process.wait().ok();
    }
}

fn own_id(which: &str) -> u32 {
    let said = Command::new("id").arg(which).output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().parse().unwrap()
}

fn name_of(database: &str, id: u32) -> String {
    let said = Command::new("getent").arg(database).arg(id.to_string()).output().unwrap();
    let line = String::from_utf8(said.stdout).unwrap();
    line.split(':').next().unwrap().to_owned()
}

fn configuration(folder: &Path, name: &str, (user, group): (u32, u32), port: u16) -> String {
    let folder = folder.display();
    let group_name = name_of("group", group);
    format!(
        "base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_login_user = {name}
default_internal_user = {name}
default_internal_group = {group_name}
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"
    )
}
