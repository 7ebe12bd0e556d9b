//! `/api/v1/ticket-messages`: mail that becomes a ticket, a reply, a word that something is missing, or
//! nothing.

mod answered;
mod came_back;
mod handed_in;
mod limits;

use std::fs;

use kordon_adapters::press_office::PressOfficeRoute;
use kordon_adapters::{Letters, SupportMailSettings};
use kordon_hub::parties::Role;
use kordon_hub::support::letters::delivery::send_due;
use serde_json::Value;
use tempfile::TempDir;

use crate::hub::{Answer, TestHub};

/// Contact data as people write it.
pub(super) const CONTACT: &str = "ЄДРПОУ: 43115923\nНазва: ТОВ «Брокер»\nКонтактна особа: Олена Шевченко\n";

/// A mail of the broker's.
pub(super) fn mail(id: &str, head: &str, text: &str) -> String {
    format!(
        "From: Broker <broker@example.com>\r\nTo: support@customs.example\r\nMessage-ID: <{id}@example.com>\r\n\
         Content-Type: text/plain; charset=utf-8\r\n{head}\r\n{text}"
    )
}

/// Hands a mail in as line 1.
pub(super) async fn hand_in(hub: &TestHub, mail: impl Into<Vec<u8>>) -> Answer {
    let request = hub.post("/api/v1/ticket-messages").as_role(Role::SupportLine1);
    request.body("message/rfc822", mail).send().await
}

/// A ticket that came by mail: what became of the mail, and where the ticket stands.
pub(super) async fn registered(hub: &TestHub, id: &str) -> (Value, Value) {
    let text = format!("{CONTACT}\nВідповідь 500 з 09:40.");
    let message = hand_in(hub, mail(id, "Subject: ETS is down\r\n", &text)).await.expect(201);
    assert_eq!(message["outcome"], "registered", "{message}");
    let ticket = shown(hub, message["ticket"].as_str().unwrap()).await;
    (message, ticket)
}

pub(super) async fn shown(hub: &TestHub, ticket: &str) -> Value {
    let address = format!("/api/v1/tickets/{ticket}");
    hub.get(&address).as_role(Role::SupportLine1).for_purpose("Order 926").send().await.expect(200)
}

pub(super) async fn correspondence(hub: &TestHub, ticket: &Value) -> Value {
    let address = format!("/api/v1/tickets/{}/correspondence", ticket["id"].as_str().unwrap());
    hub.get(&address).as_role(Role::SupportLine1).for_purpose("Order 926").send().await.expect(200)
}

/// Where letters are put by the tests.
pub(super) struct PostBox(TempDir);

impl PostBox {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Sends all that is due; every mail that was ever sent, as it stands, in the order of its letters.
    pub(super) async fn collect(&self, hub: &TestHub) -> Vec<String> {
        let route = PressOfficeRoute::Folder { path: self.0.path().into() };
        let settings = SupportMailSettings {
            from: "ETS <support@customs.example>".into(),
            route,
            articles: None,
            mailboxes: Vec::new(),
            records_as: None,
        };
        let letters = Letters::open(&settings).unwrap();
        let mut connection = hub.database.own_connection().await.unwrap();
        while send_due(&mut connection, &letters, hub.clock.now()).await.unwrap().is_some() {}
        let mut files: Vec<_> =
            fs::read_dir(self.0.path()).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|file| fs::read_to_string(file).unwrap()).collect()
    }
}

/// A header of a mail.
pub(super) fn header<'m>(mail: &'m str, name: &str) -> &'m str {
    let line = mail.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name}: {mail}")).trim()
}

/// The decoded text of a mail of ours.
pub(super) fn text_of(mail: &str) -> String {
    use kordon_hub::support::mail::ReadMail;
    kordon_adapters::MailReader.read(mail.as_bytes()).unwrap().text
}
