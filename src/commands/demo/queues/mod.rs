//! The three queues in full, at one checkpoint with rules of its own: pre-booked with a slot, live, and
//! priority on a petition, with what goes wrong in them. Everything is done through the HTTP API by the
//! systems that may do it; what has to come of it follows from the rules that are put at the beginning, by
//! hand and by the law, not from the hub's code.
//!
//! It is played on a hub of the demonstration's own only: a vehicle is absent when its time has passed, and
//! only there may the clock be put on.
//!
//! - [`time`], [`bank`]: the clock of that hub, and the bank that it asks for the rate of the day.
//! - [`cast`], [`rules`]: who is on the road, and by which rules. [`stage`]: what all acts need.
//! - [`opening`], [`bookings`], [`petitions`], [`fees`], [`calls`], [`absences`], [`ending`]: the acts, in
//!   that order.

mod absences;
pub(super) mod bank;
mod bookings;
mod calls;
mod cast;
mod ending;
mod fees;
mod opening;
mod petitions;
mod rules;
mod stage;
pub(super) mod time;

use self::stage::Stage;
use self::time::Time;
use super::compared::Compared;
use super::systems::client::Door;

/// Plays the three queues and tells what was played beside what the hub says.
pub(super) async fn play(door: &Door, time: &Time) -> anyhow::Result<Vec<Compared>> {
    let mut stage = Stage::new(door, time);
    opening::open(&mut stage).await?;
    let petition = petitions::grant(&mut stage).await?;
    let pause = calls::pause(&mut stage).await?;
    bookings::book(&mut stage, petition).await?;
    petitions::refuse(&mut stage).await?;
    fees::pay(&mut stage).await?;
    bookings::change(&mut stage).await?;
    calls::arrive(&mut stage).await?;
    calls::stand_still(&mut stage).await?;
    calls::go_on(&mut stage, pause).await?;
    calls::call_by_hand(&mut stage).await?;
    calls::cross(&mut stage).await?;
    absences::stay_away(&mut stage).await?;
    fees::give_back(&mut stage).await?;
    ending::compare(&mut stage).await?;
    Ok(stage.compared)
}
