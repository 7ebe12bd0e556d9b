//! Where the journals stand: asked by many, read once, never older than the question.

use std::time::Duration;

use futures_util::future::join_all;
use kordon_hub::Error;
use kordon_hub::crossings::{JournalPositions, RECENT};
use kordon_schemas::CheckpointCode;
use prometheus::Registry;

use crate::site::{Site, krakivets, yahodyn};

#[tokio::test]
async fn a_position_is_never_older_than_the_question() {
    let site = Site::fresh().await;
    let recorder = site.recorder(&Registry::new());
    let positions = JournalPositions::start(site.database.clone(), RECENT);
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
    let positions = JournalPositions::start(site.database.clone(), RECENT);
    let unknown = CheckpointCode::parse("UA999999").unwrap();
    assert!(matches!(positions.of(&unknown).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_recent_position_is_never_older_than_what_was_acknowledged() {
    let site = Site::fresh().await;
    let recorder = site.recorder(&Registry::new());
    let positions = JournalPositions::start(site.database.clone(), Duration::from_secs(3600));
    assert_eq!(positions.recently(&krakivets()), None, "nothing was read yet");
    assert_eq!(positions.of(&krakivets()).await.unwrap(), 0);
    recorder.record(site.submission("recent-1", "AA 0001 BB")).await.unwrap();
    assert_eq!(
        positions.recently(&krakivets()),
        Some(0),
        "another replica's act is seen with the next reading"
    );
    positions.acknowledge();
    assert_eq!(positions.recently(&krakivets()), None, "what was acknowledged here is asked for");
    assert_eq!(positions.of(&krakivets()).await.unwrap(), 1);
    assert_eq!(positions.recently(&krakivets()), Some(1));
}

#[tokio::test]
async fn a_reading_that_is_too_old_is_no_recent_one() {
    let site = Site::fresh().await;
    let positions = JournalPositions::start(site.database.clone(), Duration::ZERO);
    assert_eq!(positions.of(&krakivets()).await.unwrap(), 0);
    assert_eq!(positions.recently(&krakivets()), None);
}
