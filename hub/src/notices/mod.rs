//! Notices: what the hub tells DG TAXUD, the press office and subscribers about an outage or a permit, and
//! how each one gets there (Order 926, clauses 16 and 17 of section III).
//!
//! A notice is written in the transaction that changes the outage, so neither is ever without the other. From
//! there it goes to every recipient at least once, under an id that never changes, in the order of the
//! outage's changes, and it is tried until it is taken or refused for good. A recipient that is slow or away
//! delays nobody else.
//!
//! - [`model`]: notices, deliveries, and what is handed to a channel.
//! - [`rules`]: when a failed attempt is made again.
//! - [`channel`]: the port through which a notice leaves; adapters fill it.
//! - [`delivery`]: the workers, any number of them over any number of replicas.
//! - [`metrics`]: what they tell Prometheus.
//! - [`press_review`]: a person changes the words of a planned notice before they go to the press office.
//! - [`publications`]: what the press office published of a notice.
//! - [`rejections`]: what DG TAXUD did not accept.
//! - [`subscribers`]: members of Trembita who are told too.

pub mod channel;
pub mod delivery;
pub mod metrics;
pub mod model;
pub mod press_review;
pub mod publications;
pub mod rejections;
pub mod rules;
mod store;
pub mod subscribers;

use chrono::{DateTime, Utc};
use kordon_schemas::notices as wire;
use kordon_schemas::notices::NoticeKind;

pub use channel::{Channel, ChannelFault, Channels, Receipt};
pub use delivery::{Handled, deliver_due, run};
pub use metrics::DeliveryMetrics;
pub use model::{Addressee, Dispatch, Notice, NoticeId, OutboxStanding, PermitDispatch, PermitNotice};

use crate::database::Connection;
use crate::error::{Error, Result};
use crate::outages::Outage;
use crate::parties::SystemId;
use crate::permits::RequestId;
use model::{AnyNotice, Recipient, ToldPermit};

/// The most notices that one read of the feed answers with.
pub const LARGEST_READ: i64 = 500;

/// The most attempts of a delivery that are shown.
const SHOWN_ATTEMPTS: i64 = 50;

/// Writes the notice of a change of `outage` and what its recipients are owed. Its text waits for a person
/// until `review_until`, where that is given. Call it last in the transaction of the change: the feed's lock
/// is held from here to the commit.
///
/// # Errors
/// When the database is away.
pub(crate) async fn record(
    connection: &mut Connection,
    outage: &Outage,
    kind: NoticeKind,
    caused_by: SystemId,
    review_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Notice> {
    let mut recipients: Vec<Addressee> = recipients(kind).iter().copied().map(Addressee::from).collect();
    recipients.extend(store::subscribers::of(connection, kind).await?);
    store::open_lanes(connection, outage.id.0, &recipients).await?;
    press_review::make_way(connection, outage.id, review_until, now).await?;
    let notice = Notice {
        id: NoticeId::new(),
        position: store::draw_position(connection).await?,
        outage_id: outage.id,
        number: outage.version,
        kind,
        created_at: now,
        told: outage.told(now),
    };
    store::insert(connection, &AnyNotice::Outage(notice.clone()), &recipients, caused_by, review_until)
        .await?;
    store::wake_workers(connection).await?;
    Ok(notice)
}

/// Who is sent a notice of that kind, where they can be reached. Subscribers beside.
const fn recipients(kind: NoticeKind) -> &'static [Recipient] {
    match kind {
        // What overran is not over: the end that DG TAXUD was told does not hold.
        NoticeKind::Declared
        | NoticeKind::Changed
        | NoticeKind::Recovered
        | NoticeKind::Cancelled
        | NoticeKind::Overran => &[Recipient::Taxud, Recipient::PressOffice],
        // It changes nothing of the record that DG TAXUD keeps.
        NoticeKind::StartsSoon => &[Recipient::PressOffice],
        // DG TAXUD is told by the Fallback flag of the outage.
        NoticeKind::PermitIssued
        | NoticeKind::PermitCorrected
        | NoticeKind::PermitExpiring
        | NoticeKind::PermitExpired
        | NoticeKind::PermitRevoked => {
            &[Recipient::PressOffice, Recipient::DepartureOffice, Recipient::Trader]
        }
    }
}

/// Writes the notice of what happened to a permit, and owes it to the press office, and to those of the
/// office and the trader who `have_mail`. Call it last in the transaction; the request is locked.
pub(crate) async fn record_of_permit(
    connection: &mut Connection,
    request: RequestId,
    (kind, told): (NoticeKind, ToldPermit),
    have_mail: &[Recipient],
    caused_by: SystemId,
    now: DateTime<Utc>,
) -> Result<()> {
    let reached = |recipient: &Recipient| match recipient {
        // Of a permit that never was in force nothing was published.
        Recipient::Taxud | Recipient::PressOffice | Recipient::Trembita => told.valid_from.is_some(),
        Recipient::DepartureOffice | Recipient::Trader => have_mail.contains(recipient),
    };
    let mut recipients: Vec<Addressee> =
        recipients(kind).iter().copied().filter(reached).map(Addressee::from).collect();
    if reached(&Recipient::Trembita) {
        recipients.extend(store::subscribers::of(connection, kind).await?);
    }
    store::open_lanes(connection, request.0, &recipients).await?;
    let number = store::next_number(connection, request).await?;
    let position = store::draw_position(connection).await?;
    let notice = PermitNotice { id: NoticeId::new(), position, request, number, kind, created_at: now, told };
    store::insert(connection, &AnyNotice::Permit(notice), &recipients, caused_by, None).await?;
    store::wake_workers(connection).await
}

/// One notice with the state of its deliveries and their latest attempts.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(connection: &mut Connection, id: NoticeId) -> Result<wire::NoticeWithDeliveries> {
    let notice = store::one(connection, id)
        .await?
        .ok_or_else(|| Error::NotFound { what: "notice", id: id.to_string() })?;
    let deliveries = store::deliveries(connection, notice.place(), SHOWN_ATTEMPTS).await?;
    let publications = store::publications::of(connection, id).await?;
    let rejections = store::rejections::of(connection, id).await?;
    Ok(wire::NoticeWithDeliveries { notice: notice.into(), deliveries, publications, rejections })
}

/// The feed: notices after a position, in order, at most `limit` of them and never more than
/// [`LARGEST_READ`]. A reader that goes on from `next` misses none.
///
/// # Errors
/// When the database is away.
pub async fn feed(connection: &mut Connection, after: i64, limit: i64) -> Result<wire::NoticeFeed> {
    let notices = store::after(connection, after, limit.clamp(1, LARGEST_READ)).await?;
    let next = notices.last().map_or(after, AnyNotice::position);
    Ok(wire::NoticeFeed { items: notices.into_iter().map(Into::into).collect(), next })
}

/// What each recipient is still owed, for the metrics and the alarm.
///
/// # Errors
/// When the database is away.
pub async fn outbox(connection: &mut Connection, now: DateTime<Utc>) -> Result<Vec<OutboxStanding>> {
    store::outbox(connection, now).await
}
