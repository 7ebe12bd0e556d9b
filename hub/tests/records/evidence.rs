//! The access log: who read personal data, and that nobody changes it afterwards.

use diesel_async::SimpleAsyncConnection;
use kordon_hub::evidence::{Purpose, Reading, record_reading};
use uuid::Uuid;

use crate::site::{Site, krakivets, noon};

async fn read_something(site: &Site) {
    let purpose = Purpose::parse("Закон України «Про прикордонний контроль», ст. 6").unwrap();
    let reading = Reading {
        positions: None,
        actor: &site.guard,
        operation: "show_call_list",
        purpose: &purpose,
        checkpoint: Some(&krakivets()),
        records: vec![Uuid::from_u128(1), Uuid::from_u128(2)],
        request_id: Uuid::from_u128(3),
    };
    record_reading(&mut *site.connection().await, reading, noon(0)).await.unwrap();
}

#[tokio::test]
async fn a_reading_is_kept_with_who_what_when_and_why() {
    let site = Site::fresh().await;
    read_something(&site).await;
    let kept = format!(
        "SELECT count(*) FROM access_log WHERE system_id = '{}' AND operation = 'show_call_list'
         AND purpose = 'Закон України «Про прикордонний контроль», ст. 6' AND checkpoint = 'UA209030'
         AND cardinality(records) = 2 AND request_id = '{}' AND read_at = '2026-11-21T12:00:00Z'",
        site.guard.system,
        Uuid::from_u128(3)
    );
    assert_eq!(site.number(&kept).await, 1);
}

#[tokio::test]
async fn nobody_changes_or_empties_the_access_log() {
    let site = Site::fresh().await;
    read_something(&site).await;
    let mut connection = site.connection().await;
    for change in
        ["UPDATE access_log SET purpose = 'another'", "DELETE FROM access_log", "TRUNCATE access_log"]
    {
        let refused = connection.batch_execute(change).await.unwrap_err();
        assert!(refused.to_string().contains("the access log is not changed"), "{change}: {refused}");
    }
    assert_eq!(site.number("SELECT count(*) FROM access_log").await, 1);
}

#[test]
fn a_purpose_says_something_in_one_line() {
    for purpose in ["ст. 6", "   за запитом суду   ", &"ї".repeat(200)] {
        assert!(Purpose::parse(purpose).is_ok(), "{purpose}");
    }
    for purpose in ["", "  ", "ok", " x ", "two\nlines", &"ї".repeat(201)] {
        assert!(Purpose::parse(purpose).is_err(), "{purpose:?}");
    }
}
