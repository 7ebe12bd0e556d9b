//! Subscribers: members of Trembita who are sent notices. Who they are is set where notices are delivered; whoever records a notice,
//! in whichever process, finds them here.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Text, Timestamptz};
use diesel_async::{AsyncConnection, RunQueryDsl};
use kordon_schemas::notices::NoticeKind;

use super::model::Addressee;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};

/// What a subscriber is called in the settings and the records: 1 to 40 small letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriberName(String);

impl SubscriberName {
    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_sign = |sign: u8| sign.is_ascii_lowercase() || sign.is_ascii_digit();
        let first = text.bytes().next().is_some_and(is_sign);
        let rest = text.bytes().all(|sign| is_sign(sign) || b"-_".contains(&sign));
        (first && rest && text.len() <= 40).then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SubscriberName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A subscriber, and which notices it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its name.
    pub name: SubscriberName,
    /// Whether it is sent those of outages.
    pub of_outages: bool,
    /// Whether it is sent those of permits, which are without the trader.
    pub of_permits: bool,
}

/// Makes these the subscribers. One that is among them no more is owed nothing new; what it was owed waits.
///
/// # Errors
/// When the database is away.
pub async fn keep(
    connection: &mut Connection,
    subscriptions: &[Subscription],
    now: DateTime<Utc>,
) -> Result<()> {
    let names: Vec<&str> = subscriptions.iter().map(|own| own.name.as_str()).collect();
    let of_outages: Vec<bool> = subscriptions.iter().map(|own| own.of_outages).collect();
    let of_permits: Vec<bool> = subscriptions.iter().map(|own| own.of_permits).collect();
    connection
        .transaction(async |connection| {
            // Replicas that start together do it one after the other.
            Statement::new("LOCK TABLE notice_subscribers IN SHARE ROW EXCLUSIVE MODE").execute(connection).await?;
            Statement::new(
                "UPDATE notice_subscribers SET is_open = false, changed_at = ? WHERE is_open AND name <> ALL (?)",
            )
            .bind::<Timestamptz, _>(now)
            .bind::<Array<Text>, _>(names.clone())
            .execute(connection)
            .await?;
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
            .bind::<Array<Text>, _>(names.clone())
            .bind::<Array<Bool>, _>(of_outages)
            .bind::<Array<Bool>, _>(of_permits)
            .execute(connection)
            .await?;
            Ok(())
        })
        .await
}

/// Whom a notice of that kind is owed to.
pub(super) async fn of(connection: &mut Connection, kind: NoticeKind) -> Result<Vec<Addressee>> {
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
            let stored_badly = || Error::Internal(format!("a subscriber is stored badly: {name}"));
            SubscriberName::parse(&name).map(Addressee::Subscriber).ok_or_else(stored_badly)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for name in ["customs", "a", "9-b_c", &"a".repeat(40)] {
            assert_eq!(SubscriberName::parse(name).unwrap().as_str(), name);
        }
        for name in ["", "-a", "A", "a b", "a:b", "митниця", &"a".repeat(41)] {
            assert_eq!(SubscriberName::parse(name), None, "{name}");
        }
    }
}
