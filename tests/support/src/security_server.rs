//! A small server that stands where a member's security server stands: TLS with client certificates, one
//! answer a connection. What it answers is the test's to say.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use openssl::pkey::PKey;
use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers as they were written, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Heard {
    /// The first header of a name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub enum Said {
    /// A status, headers and a body.
    Answer(u16, Vec<(String, String)>, Vec<u8>),
    /// The connection is closed without a word.
    Nothing,
    /// Nothing is said, and the connection stays open.
    Silence,
    /// So many bytes of nothing, without a length before.
    Endless(usize),
}

/// The key pair of the server and whom it lets in, PEM. Without a client authority it asks for no
/// certificate.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The certificate.
    pub certificate: Vec<u8>,
    /// Its key.
    pub key: Vec<u8>,
    /// Who signs certificates of clients.
    pub client_ca: Option<Vec<u8>>,
}

/// A server that answers until the test ends.
#[derive(Debug)]
pub struct SecurityServer {
    port: u16,
    is_tls: bool,
    heard: Arc<Mutex<Vec<Heard>>>,
    connections: Arc<Mutex<usize>>,
}

trait Both: Read + Write {}
impl<T: Read + Write> Both for T {}

impl SecurityServer {
    /// Starts one. `answer` is called on a thread of its own for each request.
    ///
    /// # Panics
    /// When the machine gives no port, or the key pair can't be used.
    #[expect(clippy::expect_used, reason = "a test that cannot start its peer ends")]
    pub fn start(tls: Option<&Tls>, answer: impl Fn(&Heard) -> Said + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let acceptor = tls.map(|tls| Arc::new(acceptor(tls)));
        let (heard, connections, answer) = (Arc::default(), Arc::default(), Arc::new(answer));
        let server = Self {
            port,
            is_tls: acceptor.is_some(),
            heard: Arc::clone(&heard),
            connections: Arc::clone(&connections),
        };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                *connections.lock().expect("a lock") += 1;
                let (acceptor, heard, answer) = (acceptor.clone(), Arc::clone(&heard), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut stream: Box<dyn Both> = match acceptor {
                        None => Box::new(stream),
                        Some(acceptor) => match acceptor.accept(stream) {
                            Ok(stream) => Box::new(stream),
                            Err(_) => return,
                        },
                    };
                    if let Some(request) = read(&mut stream) {
                        heard.lock().expect("a lock").push(request.clone());
                        write(&mut stream, answer(&request));
                    }
                });
            }
        });
        server
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.is_tls { "https" } else { "http" };
        format!("{scheme}://localhost:{}/", self.port)
    }

    /// What it heard so far.
    ///
    /// # Panics
    /// When a thread of it panicked.
    #[expect(clippy::expect_used, reason = "a test whose peer panicked ends")]
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("a lock").clone()
    }

    /// How often somebody connected.
    ///
    /// # Panics
    /// When a thread of it panicked.
    #[expect(clippy::expect_used, reason = "a test whose peer panicked ends")]
    #[must_use]
    pub fn connections(&self) -> usize {
        *self.connections.lock().expect("a lock")
    }
}

#[expect(clippy::expect_used, reason = "a test that cannot start its peer ends")]
fn acceptor(tls: &Tls) -> SslAcceptor {
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).expect("OpenSSL");
    acceptor.set_certificate(&X509::from_pem(&tls.certificate).expect("a certificate")).expect("taken");
    acceptor.set_private_key(&PKey::private_key_from_pem(&tls.key).expect("a key")).expect("taken");
    if let Some(authority) = &tls.client_ca {
        let mut store = X509StoreBuilder::new().expect("a store");
        store.add_cert(X509::from_pem(authority).expect("a certificate")).expect("taken");
        acceptor.set_verify_cert_store(store.build()).expect("taken");
        acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    }
    acceptor.build()
}

fn read(stream: &mut Box<dyn Both>) -> Option<Heard> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_ascii_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut heard = Heard { method, target, headers, body: Vec::new() };
    let length = heard.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    heard.body.resize(length, 0);
    reader.read_exact(&mut heard.body).ok()?;
    Some(heard)
}

fn write(stream: &mut Box<dyn Both>, said: Said) {
    match said {
        Said::Nothing => {}
        // The client gives up and closes: that is what is read here.
        Said::Silence => {
            let _nothing = stream.read(&mut [0; 1]);
        }
        Said::Endless(bytes) => {
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nconnection: close\r\n\r\n");
            let piece = [b' '; 64 << 10];
            for _ in 0..bytes / piece.len() {
                if stream.write_all(&piece).is_err() {
                    break;
                }
            }
        }
        Said::Answer(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} Said\r\n");
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()));
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body);
            let _ = stream.flush();
        }
    }
}
