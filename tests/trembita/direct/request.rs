//! A request over HTTP on its way: made, signed, changed, sent.

use chrono::{DateTime, Utc};
use kordon_adapters::http_signatures::base::Message;
use kordon_adapters::http_signatures::digest::content_digest;
use kordon_adapters::http_signatures::{Request, sign};

use super::{Direct, Partner};
use crate::hub::{Answer, KRAKIVETS, TestHub};

/// What is said of a request that does not fit its signature.
pub(super) const NOT_HELD: &str = "401 unauthenticated: the signature does not hold";

/// A request, before it is signed and after.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) query: Option<&'static str>,
    pub(super) fields: Vec<(String, String)>,
    pub(super) content: Vec<u8>,
    pub(super) covered: Vec<&'static str>,
    pub(super) nonce: Option<&'static str>,
}

impl Asked {
    pub(super) fn queue() -> Self {
        Self {
            method: "GET",
            path: TestHub::at(KRAKIVETS, "queue"),
            query: None,
            fields: Vec::new(),
            content: Vec::new(),
            covered: vec!["@method", "@target-uri"],
            nonce: None,
        }
    }

    pub(super) fn event(now: DateTime<Utc>) -> Self {
        let event = serde_json::json!({"id": "g-1", "kind": "checkpoint-entered", "plate": "AA1234BB", "occurred_at": now});
        let content = event.to_string().into_bytes();
        Self {
            method: "POST",
            path: TestHub::at(KRAKIVETS, "events"),
            fields: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("content-digest".to_owned(), content_digest(&content)),
            ],
            content,
            covered: vec!["@method", "@authority", "@path", "@query", "content-type", "content-digest"],
            ..Self::queue()
        }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn covering(self, covered: &[&'static str]) -> Self {
        Self { covered: covered.to_vec(), ..self }
    }

    /// The request with the headers of its signature.
    pub(super) fn signed(mut self, hub: &TestHub, partner: &Partner, at: DateTime<Utc>) -> Self {
        let components: Vec<(&str, bool)> = self.covered.iter().map(|name| (*name, false)).collect();
        let headers =
            sign::sign(Message::Request(&self.seen(hub)), &components, self.nonce, &partner.key, at).unwrap();
        self.fields.push(("signature-input".to_owned(), headers.input));
        self.fields.push(("signature".to_owned(), headers.value));
        self
    }

    pub(super) fn seen(&self, hub: &TestHub) -> Request<'_> {
        Request {
            method: self.method,
            scheme: "http",
            authority: hub.url.replace("http://", "").into(),
            path: Box::leak(self.path.clone().into_boxed_str()),
            query: self.query,
            fields: self
                .fields
                .iter()
                .map(|(name, value)| (name.clone().into(), value.clone().into_bytes().into()))
                .collect(),
        }
    }

    pub(super) async fn send(&self, hub: &TestHub) -> Answer {
        let query = self.query.map(|query| format!("?{query}")).unwrap_or_default();
        let mut request = hub.request(self.method.parse().unwrap(), &format!("{}{query}", self.path));
        for (name, value) in &self.fields {
            request = request.header(name, value);
        }
        request.content(self.content.clone()).send().await
    }
}

impl Direct {
    pub(super) async fn ask(&self, asked: Asked) -> Answer {
        asked.signed(&self.hub, &self.partner, self.hub.clock.now()).send(&self.hub).await
    }

    /// The request as `change` leaves it after it was signed.
    pub(super) async fn ask_changed(&self, asked: Asked, change: impl FnOnce(&mut Asked)) -> String {
        let mut asked = asked.signed(&self.hub, &self.partner, self.hub.clock.now());
        change(&mut asked);
        asked.send(&self.hub).await.problem()
    }
}
