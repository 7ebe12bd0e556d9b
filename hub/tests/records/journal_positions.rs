//! Where the journals stand: asked by many, read once, never older than the question.

use futures_util::future::join_all;
use kordon_hub::Error;
use kordon_hub::crossings::JournalPositions;
use kordon_schemas::CheckpointCode;
use prometheus::Registry;

use crate::site::{Site, krakivets, yahodyn};

#[tokio::test]
async fn a_position_is_never_older_than_the_question() {
    let site = Site::fresh().await;
    let recorder = site.recorder(&Registry::new());
    let positions = JournalPositions::start(site.database.clone());
    let askers = (0..50).map(|number| {
        let (recorder, positions) = (recorder.clone(), positions.clone());
        let submission = site.submission(&format!("asked-{number}"), "AA 0001 BB");
        async move {
            let recorded = recorder.record(submission).await.unwrap();
            let own = recorded.first().and_then(|one| one.position).unwrap();
            assert!(positions.of(&krakivets()).await.unwrap() >= own.0, "what was acknowledged is seen");
        }
    });
    join_all(askers).await;
    assert_eq!(positions.of(&krakivets()).await.unwrap(), 50);
    assert_eq!(positions.of(&yahodyn()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_checkpoint_that_does_not_exist_has_no_position() {
    let site = Site::fresh().await;
    let positions = JournalPositions::start(site.database.clone());
    let unknown = CheckpointCode::parse("UA999999").unwrap();
    assert!(matches!(positions.of(&unknown).await, Err(Error::NotFound { .. })));
}
