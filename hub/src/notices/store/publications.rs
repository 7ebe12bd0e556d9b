//! The SQL of publications.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::notices::{Publication, PublicationPlace};

use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::notices::model::NoticeId;
use crate::parties::SystemId;

/// Writes a publication, over what was recorded of the same address.
pub(in crate::notices) async fn put(
    connection: &mut Connection,
    id: NoticeId,
    publication: &Publication,
    recorded_by: SystemId,
) -> Result<()> {
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
    .bind::<SqlUuid, _>(recorded_by.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// What was published of a notice, in order.
pub(in crate::notices) async fn of(connection: &mut Connection, id: NoticeId) -> Result<Vec<Publication>> {
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
                .ok_or_else(|| Error::stored_badly("a publication", place))?;
            Ok(Publication { place, address, title, published_at })
        })
        .collect()
}
