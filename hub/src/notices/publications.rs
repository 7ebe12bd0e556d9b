//! What the press office published of a notice, where and when (H3.17).

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::Fault;
use kordon_schemas::notices::{NoticeWithDeliveries, Publication};

use super::model::NoticeId;
use super::store;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;

/// The longest address and the longest title, in characters.
const LONGEST: (usize, usize) = (500, 300);

/// By how much the sender's clock may be ahead of ours.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// Records a publication. The same address again is the same publication, as it was recorded last.
///
/// # Errors
/// [`Error::NotFound`] for a notice that there is not; [`Error::Invalid`] naming each fault.
pub async fn record(
    connection: &mut Connection,
    actor: &Actor,
    id: NoticeId,
    publication: &Publication,
    now: DateTime<Utc>,
) -> Result<NoticeWithDeliveries> {
    let known = super::get(connection, id).await?;
    check(publication, known.notice.created_at, now).map_err(Error::Invalid)?;
    store::publications::put(connection, id, publication, actor.system).await?;
    super::get(connection, id).await
}

fn check(publication: &Publication, told_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Vec<Fault>> {
    let Publication { place: _, address, title, published_at } = publication;
    let mut faults = Vec::new();
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let readable = !address.chars().any(|c| c.is_whitespace() || c.is_control());
    if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) || !readable {
        faults.push(Fault::new("/address", "is no address of a page: https://, a host, no spaces"));
    } else if !(10..=LONGEST.0).contains(&address.chars().count()) {
        faults.push(Fault::new("/address", format!("has 10 to {} characters", LONGEST.0)));
    }
    if title.trim().is_empty() || title.chars().count() > LONGEST.1 || title.chars().any(char::is_control) {
        faults.push(Fault::new("/title", format!("has 1 to {} characters, in one line", LONGEST.1)));
    }
    if *published_at > now + CLOCK_TOLERANCE {
        faults.push(Fault::new("/published_at", "lies ahead"));
    } else if *published_at < told_at - CLOCK_TOLERANCE {
        faults.push(Fault::new("/published_at", "is before the notice"));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}
