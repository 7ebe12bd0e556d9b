//! A document and its effect, one transaction. Whoever sends the same again, because an answer was lost, gets
//! the same answer.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::exchange::Acknowledgement;
use kordon_schemas::{Edrpou, ProblemCode};
use openssl::sha::sha256;

use super::model::{Act, Incoming, Kept};
use super::{rules, store};
use crate::crossings::{Fact, Recorded, Recorder, Submission};
use crate::database::{Connection, Database};
use crate::error::{Error, Result};
use crate::parties::{self, Actor, SystemId};
use crate::permits::{filing, using};

/// How often a document is tried when the same is being received elsewhere at the same moment.
const TRIES: u32 = 3;

/// The code of the organisation whose system it is.
///
/// # Errors
/// When the database is away.
pub async fn sender(connection: &mut Connection, system: SystemId) -> Result<Edrpou> {
    parties::edrpou_of(connection, system)
        .await?
        .ok_or_else(|| Error::Internal(format!("the system {system} that sends is not registered")))
}

/// What is kept of a document that came before.
///
/// # Errors
/// [`Error::Refused`] with `document_conflict` when other bytes came under its id.
pub async fn known(
    connection: &mut Connection,
    system: SystemId,
    id: &str,
    content: &[u8],
) -> Result<Option<Kept>> {
    match store::find(connection, system, id).await? {
        Some((digest, kept)) if digest == sha256(content) => Ok(Some(kept)),
        Some(_) => {
            let detail =
                format!("a document {id} with other content came before; give this one an id of its own");
            Err(Error::refused(ProblemCode::DocumentConflict, detail))
        }
        None => Ok(None),
    }
}

/// Takes a document, whose header was checked and whose act the actor has the right to.
///
/// # Errors
/// As [`known`]; [`Error::Unavailable`] and [`Error::Overloaded`] as everywhere: nothing was recorded then,
/// or the same may be sent again.
pub async fn receive(
    database: &Database,
    recorder: &Recorder,
    actor: &Actor,
    incoming: &Incoming,
    now: DateTime<Utc>,
) -> Result<Kept> {
    let id = incoming.header.id.as_str();
    let mut failed = Error::Overloaded;
    for _ in 0..TRIES {
        let mut connection = database.connection().await?;
        if let Some(kept) = known(&mut connection, actor.system, id, &incoming.content).await? {
            return Ok(kept);
        }
        let arrival = Arrival { actor, incoming, now, raced: AtomicBool::new(false) };
        let attempt = match &incoming.act {
            Act::Events { checkpoint, items } => {
                let facts: Vec<Fact> = items.iter().filter_map(|item| item.as_ref().ok()).cloned().collect();
                let note = async |connection: &mut Connection, became: &[Recorded]| {
                    let said = rules::of_events(incoming, items, became, arrival.digest(), now);
                    arrival.note(connection, said).await
                };
                if facts.is_empty() {
                    connection.transaction(async |connection| note(connection, &[]).await).await
                } else {
                    // It has a connection of its own.
                    drop(connection);
                    recorder.record_along(Submission { checkpoint: checkpoint.clone(), facts }, note).await
                }
            }
            Act::PermitReport { permit, report } => {
                connection
                    .transaction(async |connection| {
                        let ended = using::report(connection, actor, permit, report, now).await;
                        arrival.note(connection, rules::of_act(incoming, ended, arrival.digest(), now)?).await
                    })
                    .await
            }
            Act::Withdrawal { request, data } => {
                connection
                    .transaction(async |connection| {
                        let ended = filing::state_data(connection, actor, *request, data, now).await;
                        arrival.note(connection, rules::of_act(incoming, ended, arrival.digest(), now)?).await
                    })
                    .await
            }
        };
        match attempt {
            Ok(acknowledgement) => return Ok(Kept { acknowledgement, written: None, is_new: true }),
            Err(error) if arrival.raced.load(Ordering::Relaxed) => failed = error,
            Err(error) => return Err(error),
        }
    }
    Err(failed)
}

/// A document on its way into the records.
struct Arrival<'a> {
    actor: &'a Actor,
    incoming: &'a Incoming,
    now: DateTime<Utc>,
    /// Whether the same id was recorded meanwhile.
    raced: AtomicBool,
}

impl Arrival<'_> {
    fn digest(&self) -> String {
        hex::encode(sha256(&self.incoming.content))
    }

    /// Records the document, last in its transaction. An error takes the effect back.
    async fn note(&self, connection: &mut Connection, said: Acknowledgement) -> Result<Acknowledgement> {
        if store::insert(connection, self.actor.system, self.incoming, &said, self.now).await? {
            return Ok(said);
        }
        self.raced.store(true, Ordering::Relaxed);
        // Not "unavailable": the recorder would take its connection for lost.
        Err(Error::Overloaded)
    }
}

/// Keeps an acknowledgement as it was written. Returns what is kept: that of whoever wrote it first.
///
/// # Errors
/// When the database is away.
pub async fn keep_writing(
    connection: &mut Connection,
    system: SystemId,
    id: &str,
    written: &[u8],
) -> Result<Vec<u8>> {
    store::keep_writing(connection, system, id, written).await
}

/// What is kept of one of the system's own documents.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn acknowledgement(connection: &mut Connection, system: SystemId, id: &str) -> Result<Kept> {
    let found = store::find(connection, system, id).await?;
    found.map(|(_, kept)| kept).ok_or_else(|| Error::NotFound { what: "document", id: id.to_owned() })
}
