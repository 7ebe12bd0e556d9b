//! The evidence of exchanges in the database: what may become of it, and what a replica does while another is
//! at it or a step fails.

use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use kordon_hub::sealing::model::{Packed, Previous, Signature, Stamped, Unsealed, Unstamped};
use kordon_hub::sealing::worker::{archive_waiting, remove_old, seal_waiting};
use kordon_hub::sealing::{Content, Exchange, Message, Part, Sealed, Sealer, Windows, record};
use kordon_hub::{Error, Result};
use uuid::Uuid;

use crate::site::{Site, noon};

/// A folder of archives, and one signature over everything. What signatures hold is for those who make them:
/// here they are kept.
#[derive(Debug)]
struct Shelf {
    files: Mutex<Vec<String>>,
    /// The last digest of every archive. The database takes 128 hexadecimal digits.
    last_digest: String,
}

impl Shelf {
    fn with(last_digest: &str) -> Self {
        Self { files: Mutex::default(), last_digest: last_digest.to_owned() }
    }

    fn files(&self) -> Vec<String> {
        self.files.lock().unwrap().clone()
    }
}

#[async_trait]
impl Sealer for Shelf {
    async fn prepare(&self, _: DateTime<Utc>) -> Result<()> {
        Ok(())
    }

    fn lasts_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Some(now + TimeDelta::days(365))
    }

    fn seal(&self, messages: &[Unsealed], _: DateTime<Utc>) -> Result<Vec<Signature>> {
        let messages = messages.iter().map(|message| (message.id, Some(b"chain".to_vec()))).collect();
        Ok(vec![Signature {
            signatures: b"signatures".to_vec(),
            chain_result: Some(b"result".to_vec()),
            messages,
        }])
    }

    async fn stamp(&self, _: &[Unstamped]) -> Result<Vec<Stamped>> {
        Err(Error::Unavailable("there is no time-stamp authority".into()))
    }

    async fn archive(&self, messages: Vec<Sealed>, previous: Option<&Previous>) -> Result<Packed> {
        let file_name = format!("{}.zip", previous.map_or(1, |previous| previous.number + 1));
        self.files.lock().unwrap().push(file_name.clone());
        Ok(Packed { file_name, last_digest: self.last_digest.clone(), bytes: messages.len() })
    }

    async fn remove(&self, file_name: &str) -> Result<()> {
        self.files.lock().unwrap().retain(|kept| kept != file_name);
        Ok(())
    }
}

/// Everything at once, and nothing is kept a day longer.
fn windows() -> Windows {
    Windows {
        stamps: false,
        stamp_every: TimeDelta::zero(),
        stamp_again: TimeDelta::zero(),
        refuse_after: TimeDelta::hours(1),
        archive_every: TimeDelta::zero(),
        archive_bytes: 1 << 20,
        keep_messages: TimeDelta::days(1),
        keep_archives: None,
    }
}

fn exchange(number: u128) -> Exchange {
    let message = |part, text: &str| Message {
        part,
        message: Content { bytes: text.as_bytes().to_vec(), media_type: "text/xml".into() },
        attachment: None,
    };
    Exchange {
        id: Uuid::from_u128(number),
        query_id: Some(format!("query-{number}")),
        client: "UA/GOV/00032106/GUARD".into(),
        system: None,
        messages: vec![message(Part::Request, "<question/>"), message(Part::Response, "<answer/>")],
    }
}

/// A site where two exchanges were recorded at noon and sealed by one signature.
async fn sealed(shelf: &Shelf) -> Site {
    let site = Site::fresh().await;
    let mut connection = site.connection().await;
    for number in [1, 2] {
        record(&mut connection, &exchange(number), noon(0)).await.unwrap();
    }
    assert_eq!(seal_waiting(&mut connection, shelf, noon(1)).await.unwrap(), 4);
    drop(connection);
    site
}

fn whole() -> Shelf {
    Shelf::with(&"0f".repeat(64))
}

#[tokio::test]
async fn an_archive_that_cannot_be_noted_leaves_no_file_and_is_packed_again() {
    let broken = Shelf::with("no digest");
    let site = sealed(&broken).await;
    let mut connection = site.connection().await;
    archive_waiting(&mut connection, &broken, &windows(), noon(2)).await.unwrap_err();
    assert_eq!(broken.files(), [""; 0]);
    let mended = whole();
    assert_eq!(archive_waiting(&mut connection, &mended, &windows(), noon(3)).await.unwrap(), 4);
    assert_eq!(mended.files(), ["1.zip"]);
    assert_eq!(site.number("SELECT count(*) FROM evidence_archives WHERE number = 1").await, 1);
}

#[tokio::test]
async fn while_one_replica_tidies_another_leaves_it_to_that_one() {
    let shelf = whole();
    let site = sealed(&shelf).await;
    let mut connection = site.connection().await;
    archive_waiting(&mut connection, &shelf, &windows(), noon(2)).await.unwrap();
    let late = noon(0) + TimeDelta::days(2);
    let mut other = site.connection().await;
    other
        .transaction(async |other| {
            other
                .batch_execute("SELECT pg_advisory_xact_lock(hashtextextended('evidence_archives', 0))")
                .await
                .unwrap();
            assert_eq!(remove_old(&mut connection, &shelf, &windows(), late).await.unwrap(), 0);
            assert_eq!(archive_waiting(&mut connection, &shelf, &windows(), late).await.unwrap(), 0);
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    assert_eq!(site.number("SELECT count(*) FROM evidence_messages").await, 4);
    assert_eq!(remove_old(&mut connection, &shelf, &windows(), late).await.unwrap(), 4);
    assert_eq!(site.number("SELECT count(*) FROM evidence_signatures").await, 0);
}

#[tokio::test]
async fn of_replicas_that_tidy_at_once_none_leaves_a_signature_that_covers_nothing() {
    let shelf = whole();
    let site = sealed(&shelf).await;
    archive_waiting(&mut *site.connection().await, &shelf, &windows(), noon(2)).await.unwrap();
    let late = noon(0) + TimeDelta::days(2);
    let tidying = (0..8).map(|_| async {
        remove_old(&mut *site.connection().await, &shelf, &windows(), late).await.unwrap()
    });
    let removed: usize = futures_util::future::join_all(tidying).await.into_iter().sum();
    assert_eq!(removed, 4);
    assert_eq!(site.number("SELECT count(*) FROM evidence_messages").await, 0);
    assert_eq!(site.number("SELECT count(*) FROM evidence_signatures").await, 0);
}

#[tokio::test]
async fn nobody_changes_what_was_exchanged_or_removes_it_before_it_is_archived() {
    let shelf = whole();
    let site = sealed(&shelf).await;
    let mut connection = site.connection().await;
    let changes = [
        "UPDATE evidence_messages SET message = 'other'",
        "UPDATE evidence_messages SET archive_number = NULL, query_id = 'another'",
        "DELETE FROM evidence_messages WHERE part = 'request'",
        "TRUNCATE evidence_messages",
    ];
    for change in changes {
        let refused = connection.batch_execute(change).await.unwrap_err();
        assert!(refused.to_string().contains("what was exchanged is not changed"), "{change}: {refused}");
    }
    archive_waiting(&mut connection, &shelf, &windows(), noon(2)).await.unwrap();
    connection.batch_execute("DELETE FROM evidence_messages WHERE part = 'request'").await.unwrap();
    assert_eq!(site.number("SELECT count(*) FROM evidence_messages").await, 2);
}
