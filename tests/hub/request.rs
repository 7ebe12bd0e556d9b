//! Requests as systems send them, and what came back.

use kordon_hub::parties::Role;
use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use super::{EventStream, TestHub};

/// A request that is not sent yet.
pub(crate) struct Request<'hub> {
    hub: &'hub TestHub,
    builder: RequestBuilder,
}

#[expect(clippy::wrong_self_convention, reason = "a request is sent as a role: it reads so")]
impl<'hub> Request<'hub> {
    pub(super) fn new(hub: &'hub TestHub, builder: RequestBuilder) -> Self {
        Self { hub, builder }
    }

    /// Sent by the role's own system.
    pub(crate) fn as_role(self, role: Role) -> Self {
        let token = self.hub.token(role);
        self.as_token(token)
    }

    /// Sent with a token.
    pub(crate) fn as_token(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// With a purpose for the access log.
    pub(crate) fn for_purpose(self, purpose: &str) -> Self {
        self.header("Kordon-Purpose", purpose)
    }

    /// Answered in XML.
    pub(crate) fn accepting_xml(self) -> Self {
        self.header(ACCEPT.as_str(), "application/xml")
    }

    /// With a header.
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    /// With a JSON body.
    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With an XML body in UTF-8.
    pub(crate) fn xml(self, body: impl Into<Vec<u8>>) -> Self {
        self.body("application/xml", body)
    }

    /// With any body under any content type.
    pub(crate) fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { builder: self.builder.header(CONTENT_TYPE, content_type).body(body.into()), ..self }
    }

    /// With any body, whose type is among the headers.
    pub(crate) fn content(self, body: Vec<u8>) -> Self {
        Self { builder: self.builder.body(body), ..self }
    }

    /// Opens a stream.
    pub(crate) async fn open(self) -> EventStream {
        EventStream::of(self.builder.send().await.unwrap())
    }

    /// Opens a stream, or tells how it was refused.
    pub(crate) async fn open_or_refused(self) -> Result<EventStream, Box<Answer>> {
        let response = self.builder.send().await.unwrap();
        if response.status().is_success() {
            return Ok(EventStream::of(response));
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Err(Box::new(Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }))
    }

    /// The status of the answer; none when the hub closed the connection before all was sent.
    pub(crate) async fn status_unless_cut_off(self) -> Option<u16> {
        self.builder.send().await.ok().map(|response| response.status().as_u16())
    }

    /// Sends it and waits for the whole answer. A stream has no end; its answer is what stands in its head.
    pub(crate) async fn send(self) -> Answer {
        let response = self.builder.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if headers.get(CONTENT_TYPE).is_some_and(|media| media == "text/event-stream") {
            return Answer { status, headers, body: Vec::new() };
        }
        let body = response.bytes().await.unwrap().to_vec();
        Answer { status, headers, body }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header that the test needs.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name}: {self:?}")).to_str().unwrap()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as XML, one element a line.
    pub(crate) fn xml(&self) -> String {
        assert_eq!(self.header("content-type").split(';').next(), Some("application/xml"), "{}", self.text());
        self.text().replace("><", ">\n<")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The body as JSON, if the status is as expected.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// A problem in one line per fault: status, code, then each place with its detail.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        let mut told = format!("{} {}: {}", self.status, text(&problem, "code"), text(&problem, "detail"));
        for fault in problem["faults"].as_array().into_iter().flatten() {
            told.push_str(&format!("\n  {:?} {}", text(fault, "path"), text(fault, "detail")));
        }
        told
    }
}

fn text<'json>(object: &'json Value, member: &str) -> &'json str {
    object[member].as_str().unwrap_or_default()
}
