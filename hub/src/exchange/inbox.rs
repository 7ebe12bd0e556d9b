//! What waits for a system: the acknowledgements of its own documents, and the notices that everybody may
//! read. Both are in the order of their commits, so a reader that goes on from its place misses nothing.

use kordon_schemas::exchange::{Inbox, InboxEntry, OutgoingKind};
use kordon_schemas::notices::Notice;

use super::store;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::notices;
use crate::parties::SystemId;

/// Where documents are fetched.
const ADDRESS: &str = "/api/v1/exchange/documents";

/// A place in an inbox: up to which acknowledgement and which notice it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// The last acknowledgement that was read.
    pub acknowledgements: i64,
    /// The last notice that was read.
    pub notices: i64,
}

impl Place {
    /// Reads a place as it was given out.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn parse(text: &str) -> Result<Self> {
        let number = |text: &str| {
            let is_number =
                (1..=18).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
            is_number.then(|| text.parse().ok()).flatten()
        };
        let place = text.split_once('-').and_then(|(acknowledgements, notices)| {
            Some(Self { acknowledgements: number(acknowledgements)?, notices: number(notices)? })
        });
        place.ok_or_else(|| Error::fault("query:after", "is a `next` of an earlier page, as `12-41`"))
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{}", self.acknowledgements, self.notices)
    }
}

/// A page of the inbox of a system after a place: at most `limit` documents, acknowledgements first.
///
/// # Errors
/// When the database is away.
pub async fn read(connection: &mut Connection, system: SystemId, after: Place, limit: i64) -> Result<Inbox> {
    let acknowledged = store::acknowledged(connection, system, after.acknowledgements, limit).await?;
    let mut next = after;
    if let Some((position, _)) = acknowledged.last() {
        next.acknowledgements = *position;
    }
    let mut items: Vec<InboxEntry> = acknowledged
        .into_iter()
        .map(|(_, entry)| InboxEntry { address: format!("{ADDRESS}/{}/acknowledgement", entry.id), ..entry })
        .collect();
    let left = limit - i64::try_from(items.len()).unwrap_or(limit);
    if left > 0 {
        let feed = notices::feed(connection, after.notices, left).await?;
        next.notices = feed.next;
        items.extend(feed.items.into_iter().map(of_notice));
    }
    Ok(Inbox { items, next: next.to_string() })
}

fn of_notice(notice: Notice) -> InboxEntry {
    InboxEntry {
        kind: OutgoingKind::Notice,
        id: notice.id.to_string(),
        address: format!("{ADDRESS}/{}", notice.id),
        made_at: notice.created_at,
        outcome: None,
        notice: Some(notice.kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_given() {
        for place in [Place::default(), Place { acknowledgements: 12, notices: 41 }] {
            assert_eq!(Place::parse(&place.to_string()).unwrap(), place);
        }
        for odd in ["", "1", "-", "1-", "a-1", "1-2-3", "+1-2", "-1-2", "1-1234567890123456789"] {
            Place::parse(odd).unwrap_err();
        }
    }
}
