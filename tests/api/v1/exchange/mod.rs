//! `/api/v1/exchange/documents`: documents handed in, acknowledged, fetched.

mod bad_input;
mod events;
mod guide;
mod inbox;
mod permits;
mod signed;

use chrono::{DateTime, SecondsFormat, Utc};
use kordon_hub::parties::Role;

use crate::hub::{Answer, KRAKIVETS, TestHub};

pub(super) const DOCUMENTS: &str = "/api/v1/exchange/documents";

/// The code of the organisation whose systems the tests are.
pub(super) const SENDER: &str = "20000090";

/// A document in the name of the tests' organisation.
pub(super) fn document(id: &str, kind: &str, created_at: DateTime<Utc>, content: &str) -> String {
    let created_at = created_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!(
        "<exchange_document xmlns=\"urn:kordon:exchange:1\">\n<header><sender>{SENDER}</sender><id>{id}</id><kind>{kind}</kind>\
         <created_at>{created_at}</created_at></header>\n<content>{content}</content>\n</exchange_document>"
    )
}

/// An event of customs, at a time.
pub(super) fn event(id: &str, kind: &str, plate: &str, at: DateTime<Utc>) -> String {
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!(
        "<event><id>{id}</id><kind>{kind}</kind><plate>{plate}</plate><occurred_at>{at}</occurred_at></event>"
    )
}

/// A document of events at a checkpoint.
pub(super) fn of_events(hub: &TestHub, id: &str, events: &str) -> String {
    let content = format!(
        "<checkpoint_events><checkpoint>{KRAKIVETS}</checkpoint><events>\n{events}</events></checkpoint_events>"
    );
    document(id, "checkpoint_events", hub.clock.now(), &content)
}

/// Hands a document in.
pub(super) async fn send(hub: &TestHub, role: Role, text: impl Into<Vec<u8>>) -> Answer {
    hub.post(DOCUMENTS).as_role(role).body("application/xml", text).accepting_xml().send().await
}

/// What an acknowledgement says, in a few lines: status, outcome, then each event and each fault.
pub(super) fn told(answer: &Answer) -> String {
    let document =
        roxmltree::Document::parse(answer.text()).unwrap_or_else(|fault| panic!("{fault}: {answer:?}"));
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "acknowledgement", "{} {}", answer.status, answer.text());
    let of = |node: roxmltree::Node<'_, '_>, name: &str| {
        let found = node.children().find(|child| child.tag_name().name() == name);
        found.and_then(|child| child.text()).unwrap_or("-").to_owned()
    };
    let mut lines = vec![format!(
        "{} {} recorded={} {}",
        answer.status,
        of(root, "document"),
        of(root, "recorded"),
        of(root, "outcome")
    )];
    for node in root.descendants() {
        match node.tag_name().name() {
            "acknowledged_event" => {
                lines.push(format!("{} {} {}", of(node, "id"), of(node, "outcome"), of(node, "position")));
            }
            "document_fault" => lines.push(format!(
                "{} {}:{} {} {}",
                of(node, "code"),
                of(node, "line"),
                of(node, "column"),
                of(node, "path"),
                of(node, "detail")
            )),
            _ => {}
        }
    }
    lines.join("\n")
}

/// Makes the database refuse to record the document of that id, or lets it again.
pub(super) async fn refuse_to_record(hub: &TestHub, id: Option<&str>) {
    use diesel_async::SimpleAsyncConnection;

    let change = match id {
        Some(id) => format!("ADD CONSTRAINT of_the_test CHECK (document_id <> '{id}')"),
        None => "DROP CONSTRAINT of_the_test".to_owned(),
    };
    let mut connection = hub.database.connection().await.unwrap();
    connection.batch_execute(&format!("ALTER TABLE exchange_documents {change}")).await.unwrap();
}
