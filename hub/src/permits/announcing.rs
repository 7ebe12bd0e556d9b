//! What is told of a permit to the office, the trader and the press office (H4.6): a notice in the outbox,
//! without the trader. DG TAXUD learns of it by the Fallback flag of the outage.

use chrono::{DateTime, Utc};
use kordon_schemas::notices::{NoticeKind, Recipient, ToldPermit};

use super::model::{Permit, Request};
use super::{rules, store};
use crate::database::Connection;
use crate::error::Result;
use crate::notices;
use crate::parties::SystemId;

/// Tells of a permit. Of one that was taken back before both were told, the office and the trader hear, who
/// wait for it; nothing of it was published that had to be corrected. Call it last in the transaction.
pub(super) async fn announce(
    connection: &mut Connection,
    request: &Request,
    kind: NoticeKind,
    by: SystemId,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(told) = request.permit.as_ref().map(|permit| told(request, permit)) else { return Ok(()) };
    let mut have_mail = Vec::new();
    if request.trader.email.is_some() {
        have_mail.push(Recipient::Trader);
    }
    if store::office_has_mail(connection, request.ticket).await? {
        have_mail.push(Recipient::DepartureOffice);
    }
    notices::record_of_permit(connection, request.id, (kind, told), &have_mail, by, now).await
}

/// A permit as a notice tells it.
fn told(request: &Request, permit: &Permit) -> ToldPermit {
    ToldPermit {
        number: permit.number.clone(),
        office: request.office.clone(),
        systems: permit.systems.iter().copied().collect(),
        outage: permit.outage.map(|outage| outage.0),
        valid_from: permit.valid.map(|valid| valid.from),
        valid_until: permit.valid.map(|valid| valid.until),
        revoked_at: permit.revoked.as_ref().map(|(at, _)| *at),
        stamp: rules::stamp(permit).map(|stamp| stamp.lines).unwrap_or_default(),
    }
}
