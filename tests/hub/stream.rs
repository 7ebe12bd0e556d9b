//! Server-Sent Events as a client reads them.

use serde_json::Value;

/// A stream that is open. It is cut off when this is dropped.
pub(crate) struct EventStream {
    response: reqwest::Response,
    unread: String,
}

/// An event of a stream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sent {
    /// Its id.
    pub(crate) id: i64,
    /// What it says; none when it only moves the id on.
    pub(crate) data: Option<Value>,
}

impl EventStream {
    /// The stream that was answered with.
    pub(crate) fn of(response: reqwest::Response) -> Self {
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, unread: String::new() }
    }

    /// The next event, when it comes; none when the stream has ended in order.
    pub(crate) async fn next(&mut self) -> Option<Sent> {
        loop {
            while let Some((event, rest)) = self.unread.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.unread = rest;
                if let Some(sent) = read(&event) {
                    return Some(sent);
                }
            }
            let part = self.response.chunk().await.unwrap()?;
            self.unread.push_str(std::str::from_utf8(&part).unwrap());
        }
    }

    /// The next event that says something.
    pub(crate) async fn next_change(&mut self) -> Option<(i64, Value)> {
        loop {
            if let Sent { id, data: Some(data) } = self.next().await? {
                return Some((id, data));
            }
        }
    }
}

/// An event; none for a heartbeat.
fn read(event: &str) -> Option<Sent> {
    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let id = field("id")?.parse().unwrap();
    let data = field("data").map(|data| serde_json::from_str(data).unwrap());
    assert_eq!(field("event").is_some(), data.is_some(), "{event}");
    Some(Sent { id, data })
}
