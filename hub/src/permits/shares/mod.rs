//! How often traders use the continuity procedure, held against all of their transit declarations of a year.
//!
//! Whom it serves: line 2 and customs, which watch for misuse; ministries; a trader, which sees its own.
//!
//! It is of legal entities alone: the tax number by which a sole trader would be counted, listed and addressed
//! is personal data (Order 926, section II, clause 3, item 1; section III, clause 8).
//!
//! The uses are recorded on permits. How many declarations a trader lodged the hub cannot know: line 2 or
//! customs states it, with the last day that was counted, and only uses by that day are held against it.

pub mod rules;
mod store;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::Edrpou;
use kordon_schemas::continuity::{ContinuityUsePage, DeclarationTotal, DeclarationTotalIn};

use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{self, Actor, Role};

/// The most traders on a page.
pub const LARGEST_PAGE: i64 = 500;

/// Which traders are listed.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only this one.
    pub trader: Option<Edrpou>,
    /// Only those whose uses are beyond the limit.
    pub beyond_limit: bool,
    /// Only those after this one.
    pub after: Option<Edrpou>,
}

/// The traders of a year, by code, at most `limit` of them and never more than [`LARGEST_PAGE`]. A trader
/// sees itself alone.
///
/// # Errors
/// [`Error::Invalid`] for a year that is none.
pub async fn list(
    connection: &mut Connection,
    actor: &Actor,
    year: i32,
    wanted: &Wanted,
    limit: i64,
) -> Result<ContinuityUsePage> {
    let bounds = rules::bounds_of(year).ok_or_else(|| Error::fault("query:year", "is 2000 to 2199"))?;
    let own = match actor.role {
        Role::Trader => {
            let own = parties::edrpou_of(connection, actor.system).await?;
            let own = own.filter(|own| wanted.trader.as_ref().is_none_or(|trader| trader == own));
            if own.is_none() {
                return Ok(rules::page(year, Vec::new(), None));
            }
            own
        }
        Role::BorderGuard
        | Role::Customs
        | Role::QueueOperator
        | Role::ZoneOperator
        | Role::Police
        | Role::Ministry
        | Role::PressOffice
        | Role::Taxud
        | Role::SupportLine1
        | Role::SupportLine2
        | Role::SupportLine3
        | Role::DepartureOffice
        | Role::Administrator => wanted.trader.clone(),
    };
    let limit = limit.clamp(1, LARGEST_PAGE);
    let only = own.as_ref().map(Edrpou::as_str);
    let mut counted = store::counted(connection, (year, bounds), only, wanted, limit + 1).await?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = counted.len() > size;
    counted.truncate(size);
    let next = counted.last().map(|counted| counted.trader.clone()).filter(|_| more);
    Ok(rules::page(year, counted, next))
}

/// States how many declarations a trader lodged in a year. Each statement is kept, the latest counts; the
/// same again is the same.
///
/// # Errors
/// [`Error::Invalid`] naming each fault: a day that is not of the year or ahead, fewer declarations than uses
/// that were reported.
pub async fn state_total(
    connection: &mut Connection,
    actor: &Actor,
    (trader, year): (&Edrpou, i32),
    stated: &DeclarationTotalIn,
    now: DateTime<Utc>,
) -> Result<DeclarationTotal> {
    let stated = rules::check(stated, year, now).map_err(Error::Invalid)?;
    connection
        .transaction(async |connection| {
            let uses = store::uses_by(connection, trader, year, stated.counted_until).await?;
            if stated.declarations < uses {
                let detail =
                    format!("is less than the {uses} declarations that were reported under permits by then");
                return Err(Error::fault("/declarations", detail));
            }
            if let Some(before) = store::latest(connection, trader, year).await?
                && rules::says_the_same(&before, &stated)
            {
                return Ok(before);
            }
            store::insert(connection, (trader, year), &stated, actor.system, now).await
        })
        .await
}
