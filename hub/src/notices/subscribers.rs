//! Subscribers: members of Trembita who are sent notices. Who they are is set where notices are delivered;
//! whoever records a notice, in whichever process, finds them here.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;

use super::store;
use crate::database::Connection;
use crate::error::Result;

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
    connection
        .transaction(async |connection| {
            // Replicas that start together do it one after the other.
            store::subscribers::lock(connection).await?;
            store::subscribers::close_others(connection, subscriptions, now).await?;
            store::subscribers::open(connection, subscriptions, now).await
        })
        .await
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
