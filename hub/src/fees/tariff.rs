//! Putting and showing the tariffs of a checkpoint (Q37 to Q40).

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::fees::{Tariff, TariffIn, Tariffs};
use kordon_schemas::{CheckpointCode, Currency, ProblemCode};

use super::{rules, store};
use crate::crossings::LockedJournal;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;

/// A tariff, and whether this request made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// The tariff.
    pub tariff: Tariff,
    /// False: the latest version says just this.
    pub is_new: bool,
}

/// Puts a tariff as the next version. The same as the latest version again is that version.
///
/// # Errors
/// [`Error::Invalid`] with every limit of the law that it breaks.
pub async fn put(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    asked: &TariffIn,
    now: DateTime<Utc>,
) -> Result<Put> {
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            let latest = store::tariffs(connection, checkpoint, 1).await?.into_iter().next();
            if let Some(latest) = &latest
                && says(latest, asked)
            {
                return Ok(Put { tariff: latest.clone(), is_new: false });
            }
            let eur = rules::check_tariff(asked, latest.is_none(), now)?;
            let tariff = Tariff {
                version: latest.map_or(0, |latest| latest.version) + 1,
                eur: eur.told_in(Currency::Euro),
                zone: asked.zone.clone(),
                applies_from: asked.applies_from,
                decision: asked.decision.clone(),
                put_at: now,
            };
            store::insert_tariff(connection, actor, checkpoint, &tariff).await?;
            journal.draw();
            journal.advance(connection, now).await?;
            Ok(Put { tariff, is_new: true })
        })
        .await
}

/// Whether a tariff says what is asked for.
fn says(tariff: &Tariff, asked: &TariffIn) -> bool {
    let Tariff { version: _, eur, zone, applies_from, decision, put_at: _ } = tariff;
    let TariffIn {
        operator_share,
        zone_share,
        zone: asked_zone,
        applies_from: asked_from,
        decision: asked_decision,
    } = asked;
    (eur.operator_share, eur.zone_share) == (*operator_share, *zone_share)
        && (zone, applies_from, decision) == (asked_zone, asked_from, asked_decision)
}

/// The tariff that holds for bookings of a day: of those that apply by then the one that applies latest, and
/// of two from the same day the one put last.
///
/// # Errors
/// [`ProblemCode::NoTariff`] when the checkpoint has none for that day.
pub async fn of_day(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    day: NaiveDate,
) -> Result<Tariff> {
    store::tariff_of_day(connection, checkpoint, day).await?.ok_or_else(|| {
        Error::refused(ProblemCode::NoTariff, format!("{checkpoint} has no tariff for bookings of {day}"))
    })
}

/// The most versions that are shown.
const SHOWN: i64 = 100;

/// The tariffs of a checkpoint, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn show(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Tariffs> {
    let day = rules::day_of(now);
    Ok(Tariffs {
        checkpoint: checkpoint.clone(),
        day,
        in_force: store::tariff_of_day(connection, checkpoint, day).await?,
        versions: store::tariffs(connection, checkpoint, SHOWN).await?,
    })
}
