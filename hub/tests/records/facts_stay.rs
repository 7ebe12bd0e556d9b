//! What an authority stated stays as it was stated, whoever reaches the database.

use diesel_async::SimpleAsyncConnection;
use kordon_schemas::events::EventKind;

use crate::site::{PLATE, Site};

#[tokio::test]
async fn nobody_changes_or_removes_a_fact() {
    let site = Site::fresh().await;
    site.record_one(site.fact("1", EventKind::CheckpointEntered, 0)).await;
    let mut connection = site.connection().await;
    for change in [
        "UPDATE checkpoint_events SET occurred_at = now()",
        "UPDATE checkpoint_events SET plate = 'AA0000AA'",
        "UPDATE checkpoint_events SET crossing_id = NULL, kind = 'checkpoint-left'",
        "DELETE FROM checkpoint_events",
        "TRUNCATE checkpoint_events CASCADE",
    ] {
        let refused = connection.batch_execute(change).await.unwrap_err();
        assert!(refused.to_string().contains("a fact is not changed"), "{change}: {refused}");
    }
    assert_eq!(
        site.number("SELECT count(*) FROM checkpoint_events WHERE kind = 'checkpoint-entered'").await,
        1
    );
}

#[tokio::test]
async fn a_fact_is_placed_in_a_crossing_that_is_booked_later() {
    let site = Site::fresh().await;
    site.record_one(site.fact("1", EventKind::ZoneArrived, 0)).await;
    let crossing = site.book("B-1", PLATE, -10).await;
    let placed = format!("SELECT count(*) FROM checkpoint_events WHERE crossing_id = '{crossing}'");
    assert_eq!(site.number(&placed).await, 1);
}
