//! Checkpoints and customs offices: the places that everything else is about.
//!
//! The lists are reference data of the hub, by edition (see `hub/data/`): loaded into the database at start,
//! never deleted, and fetched by every system that has to name a place by its code.
//!
//! - [`mod@reference`]: the files of this edition and what is in them.
//! - [`rules`]: the rules of each checkpoint, by version.
//! - [`operators`]: who runs the queue of each checkpoint.

pub mod operators;
pub mod reference;
pub mod rules;
mod store;

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::CheckpointCode;
use kordon_schemas::reference::{Checkpoint, Checkpoints, CustomsOffices};

use crate::database::Connection;
use crate::error::{Error, Result};

/// Loads this program's edition of the reference data, unless the database has it or a newer one. Any number
/// of replicas may do so at once.
///
/// # Errors
/// [`Error::Internal`] when a file is broken, which the tests keep from being released.
pub async fn load(connection: &mut Connection, now: DateTime<Utc>) -> Result<()> {
    let broken = |fault: reference::ReferenceFault| Error::Internal(fault.to_string());
    let (edition, checkpoints) = reference::checkpoints().map_err(broken)?;
    let (offices_edition, offices) = reference::customs_offices().map_err(broken)?;
    connection
        .transaction(async |connection| {
            if store::begin_edition(connection, "checkpoints", edition, now).await? {
                store::load_checkpoints(connection, edition, &checkpoints).await?;
            }
            if store::begin_edition(connection, "customs_offices", offices_edition, now).await? {
                store::load_offices(connection, offices_edition, &offices).await?;
            }
            Ok(())
        })
        .await
}

/// The edition of the checkpoints in the database.
///
/// # Errors
/// [`Error::NotFound`] before the first [`load`].
pub async fn edition(connection: &mut Connection) -> Result<NaiveDate> {
    store::edition(connection, "checkpoints").await
}

/// Every checkpoint, by code.
///
/// # Errors
/// When the database is away.
pub async fn checkpoints(connection: &mut Connection) -> Result<Checkpoints> {
    let edition = store::edition(connection, "checkpoints").await?;
    Ok(Checkpoints { edition, items: store::checkpoints(connection).await? })
}

/// One checkpoint.
///
/// # Errors
/// [`Error::NotFound`] when there is none of this code.
pub async fn checkpoint(connection: &mut Connection, code: &CheckpointCode) -> Result<Checkpoint> {
    store::checkpoints(connection)
        .await?
        .into_iter()
        .find(|checkpoint| checkpoint.checkpoint == *code)
        .ok_or_else(|| Error::NotFound { what: "checkpoint", id: code.to_string() })
}

/// Every customs office, by reference.
///
/// # Errors
/// When the database is away.
pub async fn customs_offices(connection: &mut Connection) -> Result<CustomsOffices> {
    let edition = store::edition(connection, "customs_offices").await?;
    Ok(CustomsOffices { edition, items: store::offices(connection).await? })
}
