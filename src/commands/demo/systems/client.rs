//! The systems' way into the hub: one HTTP client, a token for each role.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use kordon_hub::parties::Role;
use kordon_schemas::ProblemCode;
use reqwest::Method;
use serde::de::DeserializeOwned;

use super::replies;
use super::wire::Body;

/// How long a request may take before the demonstration gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why the demonstration reads personal data.
const PURPOSE: &str = "kordon demo: played vehicles only";

/// A hub's door.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    client: reqwest::Client,
    url: String,
    tokens: BTreeMap<Role, String>,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    role: Option<Role>,
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Body>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The entity tag, with its quotes.
    pub(crate) tag: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A read by a role.
    pub(crate) fn get(role: Role, path: impl Into<String>) -> Self {
        Self { role: Some(role), method: Method::GET, path: path.into(), headers: Vec::new(), body: None }
    }

    /// A message of a role.
    pub(crate) fn post(role: Role, path: impl Into<String>, body: Body) -> Self {
        Self { method: Method::POST, body: Some(body), ..Self::get(role, path) }
    }

    /// A change by a role.
    pub(crate) fn patch(role: Role, path: impl Into<String>, body: Body) -> Self {
        Self { method: Method::PATCH, ..Self::post(role, path, body) }
    }

    /// Something that a role puts whole.
    pub(crate) fn put(role: Role, path: impl Into<String>, body: Body) -> Self {
        Self { method: Method::PUT, ..Self::post(role, path, body) }
    }

    /// The same with a header.
    pub(crate) fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }

    /// The same for a stated purpose.
    pub(crate) fn with_purpose(self) -> Self {
        self.with("Kordon-Purpose", PURPOSE)
    }

    /// The same without saying who asks.
    pub(crate) fn of_nobody(self) -> Self {
        Self { role: None, ..self }
    }
}

impl Door {
    /// The door of the hub at `url`, for the systems that `tokens` belong to.
    pub(crate) fn new(url: &str, tokens: BTreeMap<Role, String>) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { client, url: url.trim_end_matches('/').to_owned(), tokens })
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: Request) -> anyhow::Result<Reply> {
        let Request { role, method, path, headers, body } = request;
        let what = format!("{method} {path}");
        let mut sending = self.client.request(method, format!("{}{path}", self.url));
        if let Some(role) = role {
            let token = self.tokens.get(&role);
            sending =
                sending.bearer_auth(token.with_context(|| format!("there is no token for the role {role}"))?);
        }
        for (name, value) in headers {
            sending = sending.header(name, value);
        }
        if let Some(Body { content_type, bytes }) = body {
            sending = sending.header("Content-Type", content_type).body(bytes);
        }
        let reply = sending.send().await.with_context(|| format!("{what} was not answered"))?;
        let tag = reply.headers().get("ETag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let status = reply.status().as_u16();
        let body = reply.bytes().await.with_context(|| format!("the answer to {what} broke off"))?;
        Ok(Reply { status, tag, body: body.into() })
    }

    /// Reads something that is there.
    pub(crate) async fn read<T: DeserializeOwned>(&self, request: Request) -> anyhow::Result<T> {
        let what = request.path.clone();
        self.send(request).await?.json().with_context(|| format!("{what} cannot be read"))
    }
}

impl Reply {
    /// The message, if the request was granted.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        if self.status >= 300 {
            anyhow::bail!("answered {}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        serde_json::from_slice(&self.body)
            .with_context(|| format!("not as the contract has it: {}", String::from_utf8_lossy(&self.body)))
    }

    /// How the answer differs from a refusal with this code; nothing if it is one.
    pub(crate) fn other_than(&self, code: ProblemCode) -> Option<String> {
        let told = || format!("answered {}, not {} {}", self.status, code.status(), code.as_str());
        if self.status != code.status() {
            return Some(told());
        }
        match replies::read_problem(&self.body) {
            Ok(found) if found == code => None,
            Ok(found) => Some(format!("{}, but {}", told(), found.as_str())),
            Err(error) => Some(format!("{}: {error}", told())),
        }
    }
}
