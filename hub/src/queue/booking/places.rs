//! The places of slots: what is free, and how one is drawn. See
//! `docs/decisions/0031-a-place-is-sold-once.md`.

use chrono::{DateTime, Utc};
use kordon_schemas::bookings::{FreeSlot, Slots};
use kordon_schemas::{CheckpointCode, Fault, ProblemCode};
use uuid::Uuid;

use super::store::{self, SoldPlace};
use crate::checkpoints::rules::{self, RulesInForce, slots, slots::Slot};
use crate::database::Connection;
use crate::error::{Error, Result};

/// A slot of which a place is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::queue) struct SoldSlot {
    pub(in crate::queue) slot: Slot,
    /// How many places it has.
    pub(in crate::queue) places: u32,
    /// The version of the rules that says so.
    pub(in crate::queue) rules_version: i32,
}

/// The longest time that is shown at once.
const LONGEST_VIEW: chrono::TimeDelta = chrono::TimeDelta::days(8);

/// The slots of a lane that begin in `from..to` and have not begun, with what is free in them.
///
/// # Errors
/// [`Error::Invalid`] for a time that is too long or ends before it begins; [`Error::NotFound`] for a lane
/// that is not there.
pub async fn slots(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    lane: &str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Slots> {
    if to <= from || to - from > LONGEST_VIEW {
        let detail = format!("is after `from`, by at most {} days", LONGEST_VIEW.num_days());
        return Err(Error::Invalid(vec![Fault::new("query:to", detail)]));
    }
    let from = from.max(now);
    let sold =
        store::sold_places(connection, checkpoint, lane, Slot { starts_at: from, ends_at: to }).await?;
    let of_now = rules::in_force(connection, checkpoint, now).await?;
    let mut known = of_now.rules.lanes.iter().any(|known| known.lane == lane);
    let mut shown = Vec::new();
    for (starts_at, ends_at, in_force) in rules::periods(connection, checkpoint, from, to).await? {
        let RulesInForce { version, rules } = in_force;
        let Some(lane) = rules.lanes.iter().find(|known| known.lane == lane) else { continue };
        known = true;
        let Some(slot_rules) = lane.slots else { continue };
        for slot in slots::slots_between(slot_rules.length_minutes, starts_at, ends_at) {
            let (Some(capacity), Some(places)) =
                (slots::capacity(lane, slot), slots::places(lane, slot_rules, slot))
            else {
                continue;
            };
            let taken = touching(&sold, slot).count();
            shown.push(FreeSlot {
                starts_at: slot.starts_at,
                ends_at: slot.ends_at,
                capacity,
                places,
                free: places.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX)),
                rules_version: version,
            });
        }
    }
    if !known {
        return Err(Error::NotFound { what: "lane of this checkpoint", id: lane.to_owned() });
    }
    shown.retain(|slot| slot.starts_at > now);
    Ok(Slots { checkpoint: checkpoint.clone(), lane: lane.to_owned(), slots: shown })
}

/// The places that are taken in a slot. One that was sold under other rules takes a place in every slot that
/// it touches, whatever its number.
fn touching(sold: &[SoldPlace], slot: Slot) -> impl Iterator<Item = &SoldPlace> {
    sold.iter().filter(move |place| place.starts_at < slot.ends_at && place.ends_at > slot.starts_at)
}

/// The lowest number that no sold place of a slot has, if a place of it is free.
fn free_number(sold: &[SoldPlace], SoldSlot { slot, places, rules_version: _ }: SoldSlot) -> Option<u32> {
    let taken: Vec<i32> = touching(sold, slot).map(|place| place.place_number).collect();
    if taken.len() >= usize::try_from(places).unwrap_or(usize::MAX) {
        return None;
    }
    (1..=places).find(|number| !taken.iter().any(|taken| i64::from(*taken) == i64::from(*number)))
}

/// Draws a free place of a slot for a booking. The caller holds the journal's lock; beside it the key of the
/// table decides.
///
/// # Errors
/// [`ProblemCode::SlotTaken`] when there is none.
pub(in crate::queue) async fn draw(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    lane: &str,
    sold: SoldSlot,
    booking: Uuid,
) -> Result<()> {
    let known = store::sold_places(connection, checkpoint, lane, sold.slot).await?;
    let Some(number) = free_number(&known, sold) else {
        let detail = format!(
            "all {} places of the slot at {} are sold",
            sold.places,
            sold.slot.starts_at.to_rfc3339()
        );
        return Err(Error::refused(ProblemCode::SlotTaken, detail));
    };
    let number = i32::try_from(number).map_err(|error| Error::Internal(error.to_string()))?;
    store::insert_place(connection, checkpoint, lane, sold, number, booking).await
}
