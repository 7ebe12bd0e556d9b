//! What waits for a system: its acknowledgements and the notices, page by page.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::json;

use super::{DOCUMENTS, event, of_events, send};
use crate::hub::{Answer, TestHub};

/// A page in a line an entry, then the place to go on from.
fn listed(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let document = roxmltree::Document::parse(answer.text()).unwrap();
    let of = |node: roxmltree::Node<'_, '_>, name: &str| {
        let found = node.children().find(|child| child.tag_name().name() == name);
        found.and_then(|child| child.text()).unwrap_or("-").to_owned()
    };
    let mut lines: Vec<String> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "inbox_entry")
        .map(|entry| {
            let id = of(entry, "id");
            let id = if id.len() == 36 { "[notice]".to_owned() } else { id };
            format!("{} {id} {} {}", of(entry, "kind"), of(entry, "outcome"), of(entry, "notice"))
        })
        .collect();
    lines.push(format!("next {}", of(document.root_element(), "next")));
    lines.join("\n")
}

async fn declare(hub: &TestHub) {
    let outage = json!({
        "kind": "unplanned", "affected_systems": ["ets"], "starts_at": "2026-11-21T11:40:00Z",
        "fallback_allowed": true, "text": {"uk": "Збій ЕТС.", "en": "ETS has failed."}
    });
    hub.post("/api/v1/outages").as_role(Role::SupportLine1).json(&outage).send().await.expect(201);
}

#[tokio::test]
async fn a_system_goes_through_its_own_inbox_and_misses_nothing() {
    let hub = TestHub::start().await;
    let page =
        async |role: Role, query: &str| hub.get(&format!("{DOCUMENTS}{query}")).as_role(role).send().await;
    assert_eq!(listed(&page(Role::Customs, "").await), "next 0-0");
    let send_one = async |role: Role, id: &str, kind: &str| {
        let text = of_events(&hub, id, &event(&format!("e-{id}"), kind, "AA 1234 BB", hub.clock.now()));
        assert_eq!(send(&hub, role, text).await.status, 201);
    };
    send_one(Role::Customs, "D-1", "customs-control-started").await;
    send_one(Role::BorderGuard, "G-1", "checkpoint-entered").await;
    send_one(Role::Customs, "D-2", "checkpoint-entered").await;
    declare(&hub).await;
    assert_snapshot!(listed(&page(Role::Customs, "").await), @"
    acknowledgement D-1 accepted -
    acknowledgement D-2 refused -
    notice [notice] - declared
    next 2-1
    ");
    assert_eq!(
        listed(&page(Role::BorderGuard, "").await),
        "acknowledgement G-1 accepted -\nnotice [notice] - declared\nnext 1-1"
    );
    let first = page(Role::Customs, "?limit=1").await;
    assert_eq!(listed(&first), "acknowledgement D-1 accepted -\nnext 1-0");
    assert_eq!(first.header("link"), "</api/v1/exchange/documents?limit=1&after=1-0>; rel=\"next\"");
    assert_eq!(
        listed(&page(Role::Customs, "?limit=2&after=1-0").await),
        "acknowledgement D-2 refused -\nnotice [notice] - declared\nnext 2-1"
    );
    assert_eq!(listed(&page(Role::Customs, "?after=2-1").await), "next 2-1");
    send_one(Role::Customs, "D-3", "customs-control-finished").await;
    assert_eq!(listed(&page(Role::Customs, "?after=2-1").await), "acknowledgement D-3 accepted -\nnext 3-1");
    for odd in ["?after=x", "?after=1", "?limit=0", "?limit=501", "?colour=red", "?after=1-2-3"] {
        assert_eq!(page(Role::Customs, odd).await.status, 400, "{odd}");
    }
}

#[tokio::test]
async fn a_notice_is_fetched_as_a_signed_document() {
    let hub = TestHub::start().await;
    declare(&hub).await;
    // The hub's certificate holds by the clock of the machine.
    hub.clock.set(&chrono::Utc::now().to_rfc3339());
    let inbox = hub.get(DOCUMENTS).as_role(Role::Customs).send().await;
    let document = roxmltree::Document::parse(inbox.text()).unwrap();
    let address = document.descendants().find(|node| node.tag_name().name() == "address").unwrap();
    let address = address.text().unwrap();
    let notice = hub.get(address).as_role(Role::Customs).send().await;
    assert_eq!((notice.status, notice.header("content-type")), (200, "application/xml"));
    assert!(
        notice.text().contains("<uk>Збій ЕТС.</uk>") && notice.text().contains("<ds:Signature"),
        "{}",
        notice.text()
    );
    for odd in ["nothing", "019a9d2e-7c00-7000-8000-000000000001"] {
        let answer = hub.get(&format!("{DOCUMENTS}/{odd}")).as_role(Role::Customs).send().await;
        assert_eq!(answer.status, 404, "{odd}");
    }
    let of_police = hub.get(address).as_role(Role::Police).send().await;
    assert_eq!(of_police.status, 403);
}
