//! The three queues in full, at one checkpoint with rules of its own: pre-booked with a slot, live, and priority on a petition, with
//! what goes wrong in them. Everything is done through the HTTP API by the systems that may do it; what has to come of it follows
//! from the rules that are put at the beginning, by hand and by the law, not from the hub's code.
//!
//! It is played on a hub of the demonstration's own only: a vehicle is absent when its time has passed, and only there may the
//! clock be put on.
//!
//! - [`time`], [`bank`]: the clock of that hub, and the bank that it asks for the rate of the day.
//! - [`cast`], [`rules`]: who is on the road, and by which rules. [`stage`]: what all acts need.
//! - [`opening`], [`bookings`], [`petitions`], [`fees`], [`calls`], [`absences`], [`ending`]: the acts, in that order.

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

pub(super) use self::stage::Compared;
use self::stage::Stage;
use self::time::Time;
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

/// The lines of the table, and those of them in which the hub says otherwise.
pub(super) fn table(compared: &[Compared]) -> (String, Vec<String>) {
    use std::fmt::Write as _;
    let width = |of: fn(&Compared) -> &str, head: &str| {
        compared
            .iter()
            .map(|line| of(line).chars().count())
            .chain([head.chars().count()])
            .max()
            .unwrap_or_default()
    };
    let (what, played) = (width(|line| &line.what, "three queues"), width(|line| &line.played, "played"));
    let mut text = format!("{:<what$}  {:<played$}  hub says\n", "three queues", "played");
    let mut disagreements = Vec::new();
    for Compared { what: line, played: own, found } in compared {
        let _ = writeln!(text, "{line:<what$}  {own:<played$}  {found}");
        if own != found {
            disagreements.push(format!("{line}: played {own}, the hub says {found}"));
        }
    }
    (text, disagreements)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(what: &str, played: &str, found: &str) -> Compared {
        Compared { what: what.into(), played: played.into(), found: found.into() }
    }

    #[test]
    fn what_the_hub_says_otherwise_is_named_beside_the_table() {
        let (text, disagreements) = table(&[line("called", "7", "7"), line("absent", "3", "2")]);
        insta::assert_snapshot!(text, @r"
        three queues  played  hub says
        called        7       7
        absent        3       2
        ");
        assert_eq!(disagreements, ["absent: played 3, the hub says 2"]);
    }
}
