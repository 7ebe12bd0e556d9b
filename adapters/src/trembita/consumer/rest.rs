//! Asking by REST. X-Road names the service in the address (`/r1/INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE/…`)
//! and the client in `X-Road-Client`; UXP has one address (`/restapi/…`) and names both in headers.

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use roxmltree::Document;
use serde::Deserialize;

use super::address::{self, parts_of_member, parts_of_service, written};
use super::connection::Heard;
use super::{CallFault, Consumer, Fault, HashOutcome, ServiceCall};
use crate::trembita::rest::request_hash;
use crate::trembita::soap::Limits;
use crate::trembita::soap::header::RequestHash;
use crate::trembita::soap::request_hash::{HashAlgorithm, HashFault};
use crate::trembita::xml;

/// Whose headers are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestDialect {
    /// X-Road's.
    Xroad,
    /// UXP's, which is Trembita's.
    Uxp,
}

/// A question by REST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestQuestion {
    /// Who is asked for what.
    pub asked: ServiceCall,
    /// Whose headers are spoken.
    pub dialect: RestDialect,
    /// GET, POST and so on.
    pub method: Method,
    /// What follows the address of the service: nothing, or a path from `/` on, with its query.
    pub path: String,
    /// Headers of the service's own.
    pub headers: Vec<(String, String)>,
    /// The body, with its media type.
    pub body: Option<(String, Vec<u8>)>,
    /// The ids of the purposes. UXP's only.
    pub purpose: Option<String>,
    /// The person whose data is asked for. UXP's only.
    pub subject: Option<String>,
}

/// An answer that is to the question, whatever the service says in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestAnswer {
    /// The status, the service's own.
    pub status: u16,
    /// Its headers in the order of the wire, names in small letters; values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The id that the security servers gave the exchange.
    pub request_id: Option<String>,
    /// Which headers said again what was asked.
    pub compared: Vec<&'static str>,
    /// What the hash of the request came to.
    pub request_hash: HashOutcome,
}

impl RestDialect {
    /// The names of its headers: client, service, id, user, issue.
    const fn names(self) -> [&'static str; 5] {
        match self {
            Self::Xroad => ["x-road-client", "x-road-service", "x-road-id", "x-road-userid", "x-road-issue"],
            Self::Uxp => ["uxp-client", "uxp-service", "uxp-queryid", "uxp-userid", "uxp-issue"],
        }
    }
}

impl RestAnswer {
    /// Whether the service says that it did what was asked.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

impl Consumer {
    /// Asks a service. A reading (GET, HEAD) that breaks off is asked again; everything else is sent once.
    ///
    /// # Errors
    /// [`CallFault`]. An error of the service's own is an answer.
    pub async fn ask_by_rest(&self, question: &RestQuestion) -> Result<RestAnswer, CallFault> {
        let RestQuestion { asked, dialect, method, body, .. } = question;
        let (url, headers) = (self.address_of(question)?, self.headers(question)?);
        let sent = body.as_ref().map(|(_, bytes)| bytes.clone());
        let request = self.connection.request(method.clone(), url, headers, sent)?;
        let kept = request.try_clone();
        let is_reading = [Method::GET, Method::HEAD].contains(method);
        let heard = self.connection.send(request, is_reading).await?;
        if let Some(fault) = protocol_fault(&heard) {
            return Err(CallFault::Fault(fault));
        }
        if heard.status.is_redirection() && heard.status.as_u16() != 304 {
            return Err(CallFault::Redirected(heard.status.as_u16()));
        }
        let compared = self.compare(asked, *dialect, &heard)?;
        let body = body.as_ref().map(|(_, bytes)| bytes.as_slice());
        let request_hash = match dialect {
            RestDialect::Xroad => self.judged(hash_of(kept.as_ref(), body, &heard))?,
            RestDialect::Uxp => HashOutcome::Absent,
        };
        let request_id =
            ["x-road-request-id", "uxp-transaction-id"].into_iter().find_map(|name| heard.header(name));
        let text = |value: &HeaderValue| std::str::from_utf8(value.as_bytes()).ok().map(str::to_owned);
        let headers = heard.headers.iter();
        Ok(RestAnswer {
            status: heard.status.as_u16(),
            headers: headers.filter_map(|(name, value)| Some((name.to_string(), text(value)?))).collect(),
            request_id: request_id.map(str::to_owned),
            compared,
            request_hash,
            body: heard.body,
        })
    }

    /// Where the question goes.
    fn address_of(&self, question: &RestQuestion) -> Result<Url, CallFault> {
        let RestQuestion { asked, dialect, path, .. } = question;
        if !(path.is_empty() || path.starts_with('/')) || path.contains(['#', '\\']) {
            return Err(CallFault::Question("the path begins with / and has no # in it".into()));
        }
        // An address that is written down would lose these, and lead elsewhere.
        let way = path.split('?').next().unwrap_or_default().to_ascii_lowercase().replace("%2e", ".");
        if way.split('/').any(|part| part == "." || part == "..") {
            return Err(CallFault::Question("the path has no part . or ..".into()));
        }
        let service = &asked.service;
        let below = match dialect {
            RestDialect::Uxp => "restapi".to_owned(),
            RestDialect::Xroad if service.provider.subsystem_code.is_none() => {
                return Err(CallFault::Question("by REST X-Road asks services of subsystems only".into()));
            }
            RestDialect::Xroad if service.service_version.is_some() => {
                let text =
                    "by REST X-Road knows no version of a service: it stands in its code or in the path";
                return Err(CallFault::Question(text.into()));
            }
            RestDialect::Xroad => {
                let parts = parts_of_service(service);
                if parts.iter().any(|part| [".", ".."].contains(part)) {
                    return Err(CallFault::Question("a part of the service is . or ..".into()));
                }
                format!("r1/{}", written(&parts))
            }
        };
        let base = self.connection.address.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{below}{path}")).map_err(|error| CallFault::Question(error.to_string()))
    }

    fn headers(&self, question: &RestQuestion) -> Result<HeaderMap, CallFault> {
        let RestQuestion { asked, dialect, headers, body, purpose, subject, .. } = question;
        let mut own = HeaderMap::new();
        let value = |name: &str, text: &str| {
            HeaderValue::from_bytes(text.as_bytes())
                .map_err(|_| CallFault::Question(format!("{name} can't stand in a header")))
        };
        let [client, service, id, user, issue] = dialect.names();
        let mut say = |name: &'static str, text: &str| {
            own.insert(HeaderName::from_static(name), value(name, text)?);
            Ok::<_, CallFault>(())
        };
        say(client, &written(&parts_of_member(&self.client)))?;
        if *dialect == RestDialect::Uxp {
            say(service, &written(&parts_of_service(&asked.service)))?;
        }
        say(id, &asked.id)?;
        for (name, text) in [(user, &asked.user_id), (issue, &asked.issue)] {
            text.as_ref().map_or(Ok(()), |text| say(name, text))?;
        }
        for (name, text) in [("uxp-purpose-ids", purpose), ("uxp-subject-id", subject)] {
            match (text, dialect) {
                (None, _) => {}
                (Some(text), RestDialect::Uxp) => say(name, text)?,
                (Some(_), RestDialect::Xroad) => {
                    let text = "X-Road has no header for a purpose or a subject: name the cause as the issue";
                    return Err(CallFault::Question(text.into()));
                }
            }
        }
        if let Some((media_type, _)) = body {
            say("content-type", media_type)?;
        }
        for (name, text) in headers {
            let name = name.to_ascii_lowercase();
            if name.starts_with("x-road-") || name.starts_with("uxp-") || own.contains_key(name.as_str()) {
                return Err(CallFault::Question(format!("the header {name} is the protocol's own")));
            }
            let written = value(&name, text)?;
            let name = HeaderName::try_from(name.as_str())
                .map_err(|_| CallFault::Question(format!("{name:?} is no name of a header")))?;
            own.append(name, written);
        }
        if !own.contains_key(ACCEPT) {
            own.insert(ACCEPT, HeaderValue::from_static("application/json"));
        }
        Ok(own)
    }

    /// Whether the answer is to the question. X-Road's servers put client, service and id into every answer;
    /// which of them UXP's put in is nowhere published, so there what is there has to be the same.
    fn compare(
        &self,
        asked: &ServiceCall,
        dialect: RestDialect,
        heard: &Heard,
    ) -> Result<Vec<&'static str>, CallFault> {
        let [client, service, id, user, issue] = dialect.names();
        let (own, wanted) = (parts_of_member(&self.client), parts_of_service(&asked.service));
        let says = |name: &str, parts: &[&str]| {
            heard.header(name).and_then(address::parts).is_some_and(|said| said == parts)
        };
        let is_said = |name: &str, text: Option<&String>| heard.header(name) == text.map(String::as_str);
        let checks = [
            (client, true, says(client, &own)),
            (service, true, says(service, &wanted)),
            (id, true, is_said(id, Some(&asked.id))),
            (user, false, is_said(user, asked.user_id.as_ref())),
            (issue, false, is_said(issue, asked.issue.as_ref())),
        ];
        let (mut compared, mut differing) = (Vec::new(), Vec::new());
        for (name, is_always_said, is_same) in checks {
            match (heard.count(name), is_same) {
                (1.., true) => compared.push(name),
                (1.., false) => differing.push(name),
                (0, _) if is_always_said && dialect == RestDialect::Xroad => differing.push(name),
                (0, _) => {}
            }
        }
        if differing.is_empty() { Ok(compared) } else { Err(CallFault::Mismatch(differing)) }
    }
}

/// The hash that an answer brings, checked. It names no algorithm: X-Road's is SHA-512.
fn hash_of(
    request: Option<&Request>,
    body: Option<&[u8]>,
    heard: &Heard,
) -> Option<(RequestHash, Result<(), HashFault>)> {
    let said = heard.header("x-road-request-hash")?;
    let hash = RequestHash { algorithm: HashAlgorithm::Sha512.uri().to_owned(), value: said.to_owned() };
    let own = request.zip(heard.header("x-road-request-id")).and_then(|(request, request_id)| {
        let url = request.url();
        let target =
            url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let headers: Vec<(String, String)> = request
            .headers()
            .iter()
            .map(|(name, value)| {
                (in_title_case(name.as_str()), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        request_hash(request.method().as_str(), &target, headers, (request_id, None), body).ok()
    });
    let is_same = own.is_some_and(|own| own == said);
    Some((hash, if is_same { Ok(()) } else { Err(HashFault::Differs) }))
}

/// A name of a header as it stood on the wire.
fn in_title_case(name: &str) -> String {
    let mut is_first = true;
    let mut written = String::with_capacity(name.len());
    for sign in name.chars() {
        written.push(if is_first { sign.to_ascii_uppercase() } else { sign });
        is_first = sign == '-';
    }
    written
}

/// The protocol's own fault: X-Road names it in `X-Road-Error` and tells of it in the body, UXP says all in
/// headers.
fn protocol_fault(heard: &Heard) -> Option<Fault> {
    if let Some(code) = heard.header("uxp-faultcode") {
        let text = heard.header("uxp-faultstring").unwrap_or_default();
        return Some(Fault::of(code, text, None));
    }
    let code = heard.header("x-road-error")?;
    #[derive(Deserialize)]
    struct Told {
        #[serde(default)]
        message: String,
        #[serde(default)]
        detail: Option<String>,
    }
    if let Ok(Told { message, detail }) = serde_json::from_slice(&heard.body) {
        return Some(Fault::of(code, message, detail));
    }
    let text = std::str::from_utf8(&heard.body).unwrap_or_default();
    let of = |document: &Document<'_>, name: &str| {
        let element = document.root_element().children().find(|child| child.has_tag_name(name))?;
        element.text().map(str::to_owned)
    };
    let (message, detail) = xml::parse(text, &Limits::default().bounds())
        .map(|document| (of(&document, "message"), of(&document, "detail")))
        .unwrap_or_default();
    Some(Fault::of(code, message.unwrap_or_default(), detail))
}
