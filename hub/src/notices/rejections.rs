//! What DG TAXUD did not accept: CD906C and CD917C, tied to the notice whose message they name.
//!
//! A rejected notice was not taken: its delivery has failed for good, like one that was refused at the door.
//! So the alarm on failed deliveries rings, and what is told next differs from what was taken last, not from
//! what was rejected.
//!
//! A rejection may come before the hub has recorded that the notice was sent, or after an attempt whose
//! answer was lost. So whoever records one locks the delivery, and waits for a worker that has it in hand;
//! and an attempt that ends after a rejection of its notice was recorded leaves it failed.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::notices::{NoticeWithDeliveries, RejectionFault, RejectionKind};
use uuid::Uuid;

use super::model::{NoticeId, Recipient};
use super::store;
use crate::database::Connection;
use crate::error::{Error, Result};

/// The most faults of a rejection that are kept.
pub const MOST_FAULTS: usize = 100;

/// A rejection, as it was read from its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The identification of the rejection itself.
    pub identification: String,
    /// By which message.
    pub kind: RejectionKind,
    /// The identification of the message that is rejected.
    pub of: String,
    /// What is wrong with that, at most [`MOST_FAULTS`].
    pub faults: Vec<RejectionFault>,
}

/// Records a rejection and shows the notice that it is about. The same rejection again is the same.
///
/// # Errors
/// [`Error::Invalid`] when it names no message of this hub.
pub async fn record(
    connection: &mut Connection,
    rejected: &Rejected,
    now: DateTime<Utc>,
) -> Result<NoticeWithDeliveries> {
    let unknown = || Error::fault("correlationIdentifier", "names no message that this hub has sent");
    let id = notice_of(&rejected.of).ok_or_else(unknown)?;
    match super::get(connection, id).await {
        Ok(known) if known.deliveries.iter().any(|delivery| delivery.recipient == Recipient::Taxud) => {}
        Ok(_) | Err(Error::NotFound { .. }) => return Err(unknown()),
        Err(other) => return Err(other),
    }
    let (kind, fault_count) = (rejected.kind.as_str(), rejected.faults.len());
    tracing::error!(notice = %id, kind, fault_count, "DG TAXUD rejected a notice; a person must look");
    connection
        .transaction(async |connection| {
            store::rejections::lock_delivery(connection, id).await?;
            store::rejections::insert(connection, id, rejected, now).await?;
            // Only what is settled: a notice that is still on its way fails when its next attempt is
            // recorded.
            store::rejections::fail_delivered(connection, id).await?;
            super::get(connection, id).await
        })
        .await
}

/// The notice whose id stands in the identification of a message: after the two letters of the country, in
/// hexadecimal digits.
fn notice_of(identification: &str) -> Option<NoticeId> {
    let (_, id) = identification.split_at_checked(2)?;
    (id.len() == 32).then(|| Uuid::try_parse(id).ok()).flatten().map(NoticeId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_found_in_the_identification_of_its_message() {
        let id = Uuid::from_u128(0x019a_9d2e_7c00_7000_8000_0000_0000_00a1);
        assert_eq!(notice_of(&format!("UA{}", id.simple())), Some(NoticeId(id)));
        for odd in ["", "UA", "UA123", "UA019a9d2e-7c00-7000-8000-0000000000a1", "їx", &"й".repeat(17)] {
            assert_eq!(notice_of(odd), None, "{odd}");
        }
    }
}
