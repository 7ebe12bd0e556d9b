//! The review of a notice of planned work before it goes to the press office: the words are those of a
//! template, and a person may change them first (Order 926, clause 16 of section III).
//!
//! Whom it serves: the first line, which forms the notice. A declaration or a change says until when its text
//! waits; a person changes the text, lets it go, or does nothing: at that moment it goes as it stands, so
//! that no notice is lost because somebody went home. What follows about the same outage and does not wait as
//! long ends the waiting too, for the order of its notices is kept. An unplanned outage is told of at once.
//!
//! - [`rules`]: until when a text may wait, and what it may be.

pub mod rules;
mod store;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::ProblemCode;
use kordon_schemas::notices::DeliveryState;
use kordon_schemas::press_texts::PressTexts;

use super::model::{AnyNotice, Dispatch, Notice, NoticeId, Recipient};
use super::store::lanes;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::outages::OutageId;
use crate::parties::Actor;

/// The text of a notice on its way to the press office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// What the channel is handed: the adapter that writes the mail writes the text of it.
    pub dispatch: Dispatch,
    /// When a person put the words.
    pub edited_at: Option<DateTime<Utc>>,
    /// Until when it waits; `None` when it waits for nobody.
    pub until: Option<DateTime<Utc>>,
    /// Where the delivery stands.
    pub delivery: DeliveryState,
}

/// The text of a notice as it goes, or went.
///
/// # Errors
/// [`Error::NotFound`], also for a notice of a permit: its text is that of its template.
pub async fn show(connection: &mut Connection, id: NoticeId, now: DateTime<Utc>) -> Result<Review> {
    let notice = of_outage(connection, id).await?;
    let standing = store::standing(connection, &notice).await?;
    let previous = lanes::taken_before(connection, &Recipient::PressOffice.into(), &notice).await?;
    let (press_text, edited_at) = store::edited(connection, id).await?.unzip();
    let until = standing.until.filter(|_| standing.is_under_review(now));
    let attempt = standing.attempts.saturating_add(1);
    let dispatch = Dispatch { notice, previous, press_text, attempt };
    Ok(Review { dispatch, edited_at, until, delivery: standing.delivery })
}

/// Puts the words in which the notice will go. What was put before is replaced.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] naming each fault; [`Error::Refused`] with `not_under_review` when
/// the text went, goes just now or waits for nobody.
pub async fn edit(
    connection: &mut Connection,
    actor: &Actor,
    id: NoticeId,
    texts: &PressTexts,
    now: DateTime<Utc>,
) -> Result<Review> {
    let texts = rules::readable(texts).map_err(Error::Invalid)?;
    connection
        .transaction(async |connection| {
            under_review(connection, id, now).await?;
            store::put(connection, id, &texts, actor.system, now).await?;
            show(connection, id, now).await
        })
        .await
}

/// Lets the text go as it stands, and the earlier ones about the same outage before it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Refused`] with `not_under_review`.
pub async fn release(connection: &mut Connection, id: NoticeId, now: DateTime<Utc>) -> Result<Review> {
    connection
        .transaction(async |connection| {
            let notice = under_review(connection, id, now).await?;
            store::end(connection, notice.outage_id, Some(notice.number), now).await?;
            super::store::wake_workers(connection).await?;
            show(connection, id, now).await
        })
        .await
}

/// Sees to it that no text of an outage waits longer than the one that follows: for nobody, or until then.
/// Notices go in their order.
pub(super) async fn make_way(
    connection: &mut Connection,
    outage: OutageId,
    following: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    match following {
        None => store::end(connection, outage, None, now).await,
        Some(until) => store::shorten(connection, outage, until, now).await,
    }
}

/// The words that a person put for a notice.
pub(super) async fn edited(connection: &mut Connection, id: NoticeId) -> Result<Option<PressTexts>> {
    Ok(store::edited(connection, id).await?.map(|(texts, _)| texts))
}

/// The notice, with its delivery locked against being sent while its text changes.
async fn under_review(connection: &mut Connection, id: NoticeId, now: DateTime<Utc>) -> Result<Notice> {
    let notice = of_outage(connection, id).await?;
    let refused = |detail: &str| Error::refused(ProblemCode::NotUnderReview, detail);
    match store::locked(connection, &notice).await? {
        None => Err(refused("the notice is just being sent")),
        Some(standing) if standing.is_under_review(now) => Ok(notice),
        Some(standing) => Err(refused(match standing.delivery {
            DeliveryState::Pending => "the notice goes as it stands",
            DeliveryState::Delivered => "the press office has the notice",
            DeliveryState::Failed => "the notice was refused for good",
        })),
    }
}

async fn of_outage(connection: &mut Connection, id: NoticeId) -> Result<Notice> {
    match super::store::one(connection, id).await? {
        Some(AnyNotice::Outage(notice)) => Ok(notice),
        Some(AnyNotice::Permit(_)) | None => {
            Err(Error::NotFound { what: "notice of an outage", id: id.to_string() })
        }
    }
}
