//! Permits as documents of a crossing. The queue knows the crossing; here stands what is known of the permit.

use chrono::{DateTime, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::permits::PermitCheck;
use uuid::Uuid;

use super::store::references;
use super::{number, reading, store};
use crate::database::Connection;
use crate::error::{Error, Result};

pub(crate) use references::insert;

/// The number of a permit, as somebody wrote it.
///
/// # Errors
/// [`Error::Invalid`] when it was misread or never given.
pub(crate) async fn known<'n>(connection: &mut Connection, written: &'n str) -> Result<&'n str> {
    let wrong = |detail: &str| Error::fault("/number", detail);
    let read = number::read(written)
        .ok_or_else(|| wrong("is no number of a permit: its check digit is wrong; read it again"))?;
    match store::by_number(connection, read).await? {
        Some(_) => Ok(read),
        None => Err(wrong("was never given to a permit")),
    }
}

/// The permits of a crossing, each as it stands at `now`.
///
/// # Errors
/// When the database is away.
pub(crate) async fn of(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    crossing: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<PermitCheck>> {
    let numbers = references::of(connection, checkpoint, crossing).await?;
    let requests = store::by_numbers(connection, &numbers).await?;
    Ok(requests.iter().filter_map(|request| reading::checked(request, None, now)).collect())
}
