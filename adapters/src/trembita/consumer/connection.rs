//! One exchange of HTTP with the security server. A question is sent again only if it was not sent (no
//! connection was made), or if it is a reading; an answer is read up to its bound; nobody is followed
//! elsewhere.

use std::path::Path;
use std::time::Duration;

use openssl::pkey::PKey;
use openssl::x509::X509;
use reqwest::header::{HeaderMap, USER_AGENT};
use reqwest::{
    Certificate, Client, Identity, Method, Request, Response, StatusCode, Url, redirect, retry, tls,
};

use super::CallFault;
use super::settings::SecurityServerSettings;
use crate::SettingsFault;
use crate::request_fault::in_words;

/// Bytes of a file with a key or certificates.
const LARGEST_FILE: u64 = 1 << 20;

/// How much of an error is shown, in characters.
const KEPT_OF_ERROR: usize = 200;

/// The program, as it names itself.
const PROGRAM: &str = concat!("Kordon/", env!("CARGO_PKG_VERSION"));

/// A security server.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    client: Client,
    pub(super) address: Url,
    tries: u32,
    pause: Duration,
    pub(super) largest: usize,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Connection {
    pub(super) fn open(settings: &SecurityServerSettings) -> Result<Self, SettingsFault> {
        let address = address(&settings.address)?;
        if !(1..=10).contains(&settings.tries) {
            return Err(SettingsFault::new("security_server.tries", "is 1 to 10"));
        }
        let mut client = Client::builder()
            .connect_timeout(Duration::from_secs(settings.connect_seconds))
            .timeout(Duration::from_secs(settings.answer_seconds))
            .redirect(redirect::Policy::none())
            // What is tried again is decided below, and nowhere else.
            .retry(retry::never())
            // The server stands beside the hub.
            .no_proxy()
            .http1_only()
            // As X-Road's servers write them on, and so hash them.
            .http1_title_case_headers()
            .tls_version_min(tls::Version::TLS_1_2);
        client = match (&settings.ca_file, &settings.pinned) {
            (None, None) => client,
            (Some(file), None) => client.tls_certs_only(authorities(file)?),
            (None, Some(file)) => {
                // Only this certificate is trusted, so the name in it proves nothing more.
                client.tls_certs_only([pinned(file)?]).tls_danger_accept_invalid_hostnames(true)
            }
            (Some(_), Some(_)) => {
                return Err(SettingsFault::new(
                    "security_server.pinned",
                    "stands instead of ca_file, not beside it",
                ));
            }
        };
        client = match (&settings.certificate, &settings.key) {
            (None, None) => client,
            (Some(certificate), Some(key)) => client.identity(identity(certificate, key)?),
            (Some(_), None) => {
                return Err(SettingsFault::new("security_server.key", "is missing beside certificate"));
            }
            (None, Some(_)) => {
                return Err(SettingsFault::new("security_server.certificate", "is missing beside key"));
            }
        };
        let client =
            client.build().map_err(|error| SettingsFault::new("security_server", in_words(error)))?;
        let pause = Duration::from_millis(settings.pause_milliseconds);
        Ok(Self { client, address, tries: settings.tries, pause, largest: settings.largest_answer_bytes })
    }

    pub(super) fn trying_once(self) -> Self {
        Self { tries: 1, ..self }
    }

    /// A request, ready to be sent with [`Self::send`]: what its headers are is known before.
    pub(super) fn request(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Option<Vec<u8>>,
    ) -> Result<Request, CallFault> {
        let mut builder = self.client.request(method, url).headers(headers).header(USER_AGENT, PROGRAM);
        if let Some(body) = body {
            builder = builder.body(body);
        }
        builder.build().map_err(|error| CallFault::Question(in_words(error)))
    }

    /// Sends a request and reads what comes back. `is_reading`: it changes nothing, so it may be asked twice.
    pub(super) async fn send(&self, request: Request, is_reading: bool) -> Result<Heard, CallFault> {
        let mut tried = 1;
        loop {
            let again =
                request.try_clone().ok_or_else(|| CallFault::Question("it can't be sent twice".into()))?;
            let (fault, may_be_sent_again) = match self.client.execute(again).await {
                Ok(response) => match self.read(response).await {
                    Ok(heard) => return Ok(heard),
                    Err((fault, broke_off)) => (fault, broke_off && is_reading),
                },
                Err(error) if error.is_connect() => (CallFault::NotReached(in_words(error)), true),
                Err(error) => {
                    // Who took all its time once would take it again.
                    let broke_off = !error.is_timeout();
                    (CallFault::NoAnswer(in_words(error)), broke_off && is_reading)
                }
            };
            if !may_be_sent_again || tried >= self.tries {
                return Err(fault);
            }
            tokio::time::sleep(self.pause.saturating_mul(1 << (tried - 1).min(10))).await;
            tried += 1;
        }
    }

    /// Reads an answer up to its bound. The fault says whether it broke off.
    async fn read(&self, mut response: Response) -> Result<Heard, (CallFault, bool)> {
        let too_large = || (CallFault::TooLarge(self.largest), false);
        let declared = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        if declared > self.largest {
            return Err(too_large());
        }
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Vec::with_capacity(declared.min(64 << 10));
        loop {
            match response.chunk().await {
                Ok(Some(piece)) if body.len() + piece.len() > self.largest => return Err(too_large()),
                Ok(Some(piece)) => body.extend_from_slice(&piece),
                Ok(None) => return Ok(Heard { status, headers, body }),
                Err(error) => {
                    let broke_off = !error.is_timeout();
                    return Err((CallFault::NoAnswer(in_words(error)), broke_off));
                }
            }
        }
    }
}

impl Heard {
    /// An error of HTTP with the beginning of its text, in a line.
    pub(super) fn error(&self) -> CallFault {
        let text = String::from_utf8_lossy(
            self.body.get(..self.body.len().min(4 * KEPT_OF_ERROR)).unwrap_or_default(),
        )
        .chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .take(KEPT_OF_ERROR)
        .collect::<String>();
        CallFault::Http { status: self.status.as_u16(), beginning: text.trim().to_owned() }
    }

    /// The value of a header, if it stands once and is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => std::str::from_utf8(value.as_bytes()).ok().map(str::trim),
            (Some(_), Some(_)) | (None, _) => None,
        }
    }

    /// How often a header stands.
    pub(super) fn count(&self, name: &str) -> usize {
        self.headers.get_all(name).iter().count()
    }
}

fn address(text: &str) -> Result<Url, SettingsFault> {
    let fault = |fault: &str| SettingsFault::new("security_server.address", fault);
    let address = Url::parse(text).map_err(|error| fault(&error.to_string()))?;
    let host = address.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_near =
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|host| host.is_loopback());
    if !(address.scheme() == "https" || (address.scheme() == "http" && is_near)) {
        return Err(fault("begins with https://, or with http:// on this machine"));
    }
    if address.query().is_some() || address.fragment().is_some() || !address.username().is_empty() {
        return Err(fault("has neither a query nor a user"));
    }
    Ok(address)
}

fn read(setting: &'static str, file: &Path) -> Result<Vec<u8>, SettingsFault> {
    let fault = |text: String| SettingsFault::new(setting, format!("{}: {text}", file.display()));
    let metadata = std::fs::metadata(file).map_err(|error| fault(error.to_string()))?;
    if metadata.len() > LARGEST_FILE {
        return Err(fault(format!("has more than {LARGEST_FILE} bytes")));
    }
    std::fs::read(file).map_err(|error| fault(error.to_string()))
}

fn authorities(file: &Path) -> Result<Vec<Certificate>, SettingsFault> {
    const SETTING: &str = "security_server.ca_file";
    let fault = |text: String| SettingsFault::new(SETTING, format!("{}: {text}", file.display()));
    let found =
        Certificate::from_pem_bundle(&read(SETTING, file)?).map_err(|error| fault(in_words(error)))?;
    if found.is_empty() { Err(fault("holds no certificate".into())) } else { Ok(found) }
}

fn pinned(file: &Path) -> Result<Certificate, SettingsFault> {
    const SETTING: &str = "security_server.pinned";
    let fault = |text: String| SettingsFault::new(SETTING, format!("{}: {text}", file.display()));
    let own = X509::from_pem(&read(SETTING, file)?).map_err(|error| fault(error.to_string()))?;
    let key = own.public_key().map_err(|error| fault(error.to_string()))?;
    if !own.verify(&key).unwrap_or(false) {
        return Err(fault("was signed by another: name that authority in ca_file".into()));
    }
    let der = own.to_der().map_err(|error| fault(error.to_string()))?;
    Certificate::from_der(&der).map_err(|error| fault(in_words(error)))
}

/// The hub's certificate and key. The library wants a key in PKCS#8; others are written so.
fn identity(certificate: &Path, key: &Path) -> Result<Identity, SettingsFault> {
    let chain = read("security_server.certificate", certificate)?;
    let key_fault =
        |text: String| SettingsFault::new("security_server.key", format!("{}: {text}", key.display()));
    let own = PKey::private_key_from_pem_callback(&read("security_server.key", key)?, |_| Ok(0))
        .and_then(|key| key.private_key_to_pem_pkcs8())
        .map_err(|error| key_fault(format!("is no private key without a password: {error}")))?;
    Identity::from_pkcs8_pem(&chain, &own).map_err(|error| {
        SettingsFault::new(
            "security_server.certificate",
            format!("{}: {}", certificate.display(), in_words(error)),
        )
    })
}
