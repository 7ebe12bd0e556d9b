//! The SQL of subscribers.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use kordon_schemas::notices::NoticeKind;

use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::notices::model::Addressee;
use crate::notices::subscribers::{SubscriberName, Subscription};

/// Locks the subscribers against everybody who changes them, until the transaction ends.
pub(in crate::notices) async fn lock(connection: &mut Connection) -> Result<()> {
    Statement::new("LOCK TABLE notice_subscribers IN SHARE ROW EXCLUSIVE MODE").execute(connection).await?;
    Ok(())
}

/// Closes all but these.
pub(in crate::notices) async fn close_others(
    connection: &mut Connection,
    kept: &[Subscription],
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "UPDATE notice_subscribers SET is_open = false, changed_at = ? WHERE is_open AND name <> ALL (?)",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(names(kept))
    .execute(connection)
    .await?;
    Ok(())
}

/// Opens these, each for what it is sent. One that is there already just so stays as it is.
pub(in crate::notices) async fn open(
    connection: &mut Connection,
    kept: &[Subscription],
    now: DateTime<Utc>,
) -> Result<()> {
    let of_outages: Vec<bool> = kept.iter().map(|own| own.of_outages).collect();
    let of_permits: Vec<bool> = kept.iter().map(|own| own.of_permits).collect();
    Statement::new(
        "INSERT INTO notice_subscribers AS own (name, of_outages, of_permits, is_open, changed_at)
         SELECT name, of_outages, of_permits, true, ?
         FROM unnest(?, ?, ?) AS new (name, of_outages, of_permits)
         ON CONFLICT (name) DO UPDATE
         SET of_outages = excluded.of_outages, of_permits = excluded.of_permits, is_open = true,
             changed_at = excluded.changed_at
         WHERE (own.of_outages, own.of_permits, own.is_open) IS DISTINCT FROM
               (excluded.of_outages, excluded.of_permits, true)",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(names(kept))
    .bind::<Array<Bool>, _>(of_outages)
    .bind::<Array<Bool>, _>(of_permits)
    .execute(connection)
    .await?;
    Ok(())
}

fn names(subscriptions: &[Subscription]) -> Vec<&str> {
    subscriptions.iter().map(|own| own.name.as_str()).collect()
}

/// Whom a notice of that kind is owed to.
pub(in crate::notices) async fn of(connection: &mut Connection, kind: NoticeKind) -> Result<Vec<Addressee>> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let found: Vec<Named> = Statement::new(
        "SELECT name FROM notice_subscribers
         WHERE is_open AND CASE WHEN ? THEN of_permits ELSE of_outages END ORDER BY name",
    )
    .bind::<Bool, _>(kind.is_of_permit())
    .load(connection)
    .await?;
    found
        .into_iter()
        .map(|Named { name }| {
            let stored_badly = || Error::stored_badly("a subscriber", &name);
            SubscriberName::parse(&name).map(Addressee::Subscriber).ok_or_else(stored_badly)
        })
        .collect()
}
