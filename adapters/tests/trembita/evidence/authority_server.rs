//! A time-stamp authority, an OCSP responder and lists of revoked certificates over HTTP: a small server in
//! front of the `openssl` program, which does the work. What it is to do wrong, a test tells it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use super::pki::PKI;

/// How the server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// As it should.
    Right,
    /// It answers 503.
    Away,
    /// It answers that it stamps nothing.
    Refusing,
    /// It answers every question with the answer to the first one that it had.
    Repeating,
    /// It stamps something else under the same number.
    Elsewhere,
    /// Its certificate is of a root that nobody trusts.
    Stranger,
    /// It answers with more than anybody reads.
    Endless,
}

/// A server that answers until the test ends.
pub(super) struct AuthorityServer {
    /// Where.
    pub(super) url: String,
    behaviour: Arc<Mutex<Behaviour>>,
    asked: Arc<Mutex<usize>>,
}

impl AuthorityServer {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let behaviour = Arc::new(Mutex::new(Behaviour::Right));
        let asked = Arc::new(Mutex::new(0));
        let (told, counted) = (Arc::clone(&behaviour), Arc::clone(&asked));
        std::thread::spawn(move || {
            let mut first = None;
            for connection in listener.incoming().map_while(Result::ok) {
                let behaviour = *told.lock().expect("a lock");
                *counted.lock().expect("a lock") += 1;
                let _client_went_away = answer(connection, behaviour, &mut first);
            }
        });
        Self { url, behaviour, asked }
    }

    /// What it does from here on.
    pub(super) fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().expect("a lock") = behaviour;
    }

    /// How many questions it had.
    pub(super) fn asked(&self) -> usize {
        *self.asked.lock().expect("a lock")
    }
}

fn answer(
    mut connection: TcpStream,
    behaviour: Behaviour,
    first: &mut Option<Vec<u8>>,
) -> std::io::Result<()> {
    let (line, media_type, question) = read(&mut connection)?;
    if behaviour == Behaviour::Away {
        return connection.write_all(b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    if behaviour == Behaviour::Endless {
        connection.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
        for _ in 0..64 {
            connection.write_all(&[0x30; 1 << 16])?;
        }
        return Ok(());
    }
    let fetched = line.strip_prefix("GET /").and_then(|rest| rest.split(' ').next());
    let (body, kind) = match media_type.as_str() {
        "" if fetched.is_some() => (PKI.file(fetched.unwrap_or_default()), "application/pkix-crl"),
        "application/timestamp-query" => (stamped(&question, behaviour), "application/timestamp-reply"),
        "application/ocsp-request" => (told(&question), "application/ocsp-response"),
        other => panic!("{other:?} was asked"),
    };
    let body = match (behaviour, &*first) {
        (Behaviour::Repeating, Some(first)) => first.clone(),
        _ => body,
    };
    first.get_or_insert_with(|| body.clone());
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes())?;
    connection.write_all(&body)
}

/// The first line, the media type and the body of a request.
fn read(connection: &mut TcpStream) -> std::io::Result<(String, String, Vec<u8>)> {
    let mut reader = BufReader::new(connection);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let (mut media_type, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-type" => media_type = value.trim().to_owned(),
            "content-length" => length = value.trim().parse().expect("a length"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((first, media_type, body))
}

fn openssl(question: &[u8], script: &str) -> Vec<u8> {
    let work: PathBuf = PKI.folder_for_work();
    std::fs::write(work.join("question"), question).expect("written");
    let said = Command::new("bash").args(["-ec", script]).current_dir(&work).output().expect("bash runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    std::fs::read(work.join("answer")).expect("an answer")
}

fn stamped(question: &[u8], behaviour: Behaviour) -> Vec<u8> {
    let signer = if behaviour == Behaviour::Stranger { "tsa-of-other" } else { "tsa" };
    let digests = if behaviour == Behaviour::Refusing { "sha256" } else { "sha256,sha512" };
    let elsewhere = if behaviour == Behaviour::Elsewhere {
        "printf other > data; openssl ts -query -data data -sha512 -cert -out question 2>/dev/null"
    } else {
        ":"
    };
    openssl(
        question,
        &format!(
            "printf '01' > serial
             printf '[t]\\nserial=serial\\ndefault_policy=1.2.3\\ndigests={digests}\\nsigner_digest=sha256\\ness_cert_id_alg=sha256\\ncrypto_device=builtin\\n' > t.cnf
             {elsewhere}
             openssl ts -reply -config t.cnf -section t -queryfile question -signer ../{signer}.crt -inkey ../{signer}.key -out answer 2>/dev/null || test -s answer"
        ),
    )
}

fn told(question: &[u8]) -> Vec<u8> {
    openssl(
        question,
        "openssl ocsp -index ../index.txt -CA ../ca.crt -rsigner ../ocsp.crt -rkey ../ocsp.key -reqin question -respout answer >/dev/null 2>&1",
    )
}
