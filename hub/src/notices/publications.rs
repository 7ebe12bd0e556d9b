//! What the press office published of a notice, where and when (H3.17).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::Fault;
use kordon_schemas::notices::{NoticeWithDeliveries, Publication, PublicationPlace};

use super::model::NoticeId;
use crate::database::{Connection, Statement};
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
    Statement::new(
        "INSERT INTO notice_publications (notice_id, address, place, title, published_at, recorded_by)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (notice_id, address) DO UPDATE
         SET place = excluded.place, title = excluded.title, published_at = excluded.published_at,
             recorded_by = excluded.recorded_by",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<Text, _>(publication.address.as_str())
    .bind::<Text, _>(publication.place.as_str())
    .bind::<Text, _>(publication.title.trim())
    .bind::<Timestamptz, _>(publication.published_at)
    .bind::<SqlUuid, _>(actor.system.0)
    .execute(connection)
    .await?;
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

/// What was published of a notice, in order.
pub(super) async fn of(connection: &mut Connection, id: NoticeId) -> Result<Vec<Publication>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        place: String,
        #[diesel(sql_type = Text)]
        address: String,
        #[diesel(sql_type = Text)]
        title: String,
        #[diesel(sql_type = Timestamptz)]
        published_at: DateTime<Utc>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT place, address, title, published_at FROM notice_publications WHERE notice_id = ?
         ORDER BY published_at, address",
    )
    .bind::<SqlUuid, _>(id.0)
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|Row { place, address, title, published_at }| {
            let place = PublicationPlace::from_word(&place)
                .ok_or_else(|| Error::Internal(format!("a publication is stored badly: {place}")))?;
            Ok(Publication { place, address, title, published_at })
        })
        .collect()
}
