//! A real mailbox for a test: Dovecot from Debian, on a free port, as an account without rights.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Name};
use tempfile::TempDir;

/// `nobody` of Debian, its user and its group: the account of a server that root starts.
const NOBODY: (u32, u32) = (65_534, 65_534);

/// What it says when its ports are open.
const STARTED: &str = " starting up for imap";

pub(crate) struct ImapServer {
    process: Child,
    folder: TempDir,
    /// Where it talks in the clear.
    pub(crate) port: u16,
    /// Where it talks TLS, as `localhost`.
    pub(crate) tls_port: u16,
}

impl ImapServer {
    /// Starts a server and waits until it listens. Every user has a mailbox, with the password `secret`.
    pub(crate) fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("kordon-imap-").tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let is_root = own_id("-u") == 0;
        let (user, group) = if is_root { NOBODY } else { (own_id("-u"), own_id("-g")) };
        let name = name_of("passwd", user);
        let [port, tls_port] = [(); 2]
            .map(|()| TcpListener::bind("127.0.0.1:0").unwrap())
            .map(|free| free.local_addr().unwrap().port());
        let path = folder.path();
        key_pairs(path);
        for part in ["run", "mail"] {
            fs::create_dir(path.join(part)).unwrap();
        }
        fs::write(path.join("dovecot.conf"), configuration(path, &name, (user, group), (port, tls_port)))
            .unwrap();
        let mut command = if is_root {
            for part in ["", "run", "mail", "dovecot.conf", "server.pem", "server.key"] {
                chown(path.join(part), Some(user), Some(group)).unwrap();
            }
            let mut command = Command::new("setpriv");
            command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".into()]);
            command.arg("/usr/sbin/dovecot");
            command
        } else {
            Command::new("/usr/sbin/dovecot")
        };
        command.arg("-F").arg("-c").arg(path.join("dovecot.conf"));
        let mut process = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("`make test` installs dovecot-imapd from Debian");
        let mut said = String::new();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let started = lines.by_ref().map_while(Result::ok).any(|line| {
            said.push_str(&line);
            said.push('\n');
            line.contains(STARTED)
        });
        assert!(started, "dovecot does not start; `make test` installs it:\n{said}");
        // What it says from now on is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, folder, port, tls_port }
    }

    /// Whether a folder of a mailbox, which is there, takes mails.
    pub(crate) fn takes_mails(&self, user: &str, folder: &str, takes: bool) {
        let folder = self.folder.path().join(format!("mail/{user}/.{folder}"));
        for part in ["cur", "new", "tmp", ""] {
            let mode = if takes { 0o700 } else { 0o500 };
            fs::set_permissions(folder.join(part), fs::Permissions::from_mode(mode)).unwrap();
        }
    }

    /// The certificate of the authority that signed the server's.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }
}

/// An authority, and a server that it calls `localhost`.
fn key_pairs(folder: &Path) {
    let (authority, authority_key) = certificate("Test authority", None);
    let (server, server_key) = certificate("localhost", Some((&authority, &authority_key)));
    fs::write(folder.join("authority.pem"), authority.to_pem().unwrap()).unwrap();
    fs::write(folder.join("server.pem"), server.to_pem().unwrap()).unwrap();
    fs::write(folder.join("server.key"), server_key.private_key_to_pem_pkcs8().unwrap()).unwrap();
}

/// A key pair with a certificate for a name: an authority's own, or a server's that one signed.
fn certificate(name: &str, signed_by: Option<(&X509, &PKey<Private>)>) -> (X509, PKey<Private>) {
    let key = PKey::from_ec_key(
        EcKey::generate(&EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap()).unwrap(),
    )
    .unwrap();
    let mut subject = X509Name::builder().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_u32(if signed_by.is_some() { 2 } else { 1 }).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(signed_by.map_or(&*subject, |(authority, _)| authority.subject_name())).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    match signed_by {
        None => builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap(),
        Some((authority, _)) => {
            let context = builder.x509v3_context(Some(authority), None);
            let names = SubjectAlternativeName::new().dns(name).build(&context).unwrap();
            builder.append_extension(names).unwrap();
        }
    }
    builder.sign(signed_by.map_or(&key, |(_, key)| key), MessageDigest::sha256()).unwrap();
    (builder.build(), key)
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

fn configuration(
    folder: &Path,
    name: &str,
    (user, group): (u32, u32),
    (port, tls_port): (u16, u16),
) -> String {
    let folder = folder.display();
    let group_name = name_of("group", group);
    format!(
        "base_dir = {folder}/run
state_dir = {folder}/run
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
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
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"
    )
}
