//! A real mail server for a test: aiosmtpd from Debian, which writes what it takes into a Maildir.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub(crate) struct SmtpServer {
    process: Child,
    mailbox: TempDir,
    pub(crate) port: u16,
}

impl SmtpServer {
    /// Starts a server and waits until it listens. With a certificate and its key it demands STARTTLS.
    pub(crate) fn start(certificate: Option<(&Path, &Path)>) -> Self {
        let mailbox = tempfile::tempdir().unwrap();
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-u", "-m", "aiosmtpd", "--nosetuid", "--debug", "--debug", "--listen", "127.0.0.1:0"]);
        if let Some((certificate, key)) = certificate {
            command.arg("--tlscert").arg(certificate).arg("--tlskey").arg(key);
        }
        command.args(["--class", "aiosmtpd.handlers.Mailbox"]).arg(mailbox.path().join("mail"));
        let mut process = command.stderr(Stdio::piped()).spawn().expect("Debian has /usr/bin/python3");
        let mut said = String::new();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        // It says where it listens as soon as it does: "… laddr=('127.0.0.1', 41234)> …".
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            said.push_str(&line);
            said.push('\n');
            line.split("laddr=('127.0.0.1', ").nth(1)?.split(')').next()?.parse().ok()
        });
        let Some(port) = port else {
            panic!("aiosmtpd does not start; `make test` installs it (Debian: python3-aiosmtpd):\n{said}");
        };
        // What it says from now on is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, mailbox, port }
    }

    /// Every mail that it took, as it stands.
    pub(crate) fn mails(&self) -> Vec<String> {
        let new = self.mailbox.path().join("mail/new");
        fs::read_dir(new)
            .map(|mails| mails.map(|mail| fs::read_to_string(mail.unwrap().path()).unwrap()).collect())
            .unwrap_or_default()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
