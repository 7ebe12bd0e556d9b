//! Works out the entries of everyone who waits at a checkpoint, and announces what changed enough.
//!
//! It reads what was committed and locks nothing but its own row while it works: a prediction is no fact.
//! That a vehicle is told another time than before is one (clause 13): it is noted in the journal at the end,
//! so that who follows the queue hears of it. Two replicas never work at one checkpoint at once, and what a
//! reader sees changes with the number of the run.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::CheckpointCode;
use kordon_schemas::events::EventKind;
use kordon_schemas::prediction::{RangeBasis, ThroughputSource};
use kordon_schemas::queue::QueueKind;
use kordon_schemas::rules::LaneRules;
use uuid::Uuid;

use super::announcement::{self, Announced};
use super::calendar::hours_between;
use super::counts::{self, PastBooking, WINDOW};
use super::lane::{self, LaneForecast, LaneNow};
use super::passed_over::{TurnsReached, Whereabouts};
use super::planned::Planned;
use super::residuals::{Fate, Group, Horizon, Past, Residuals};
use super::store::{
    self, BookingRow, CalledInTurnRow, LaneRow, LaneState, NewAnnouncement, PastRow, StoredPause,
};
use super::throughput::Basis;
use crate::checkpoints::rules::{self as checkpoint_rules, RulesInForce};
use crate::crossings::{LockedJournal, Position, rules as crossing_rules};
use crate::database::Connection;
use crate::error::Result;
use crate::queue::BookingId;
use crate::queue::feed::{self, Noted};
use crate::queue::ranking::{Line, Merge, Place, Queued, Standing, StoredTurns, Turns};

/// Residuals are taken from announcements of the last four weeks.
pub const RESIDUAL_WINDOW: TimeDelta = TimeDelta::days(28);

/// The most announcements that residuals and figures are taken from, the latest: enough for every group, and
/// a bound on the work.
pub(super) const MOST_ANNOUNCEMENTS: i64 = 100_000;

/// The queue of a lane, whose residuals are of one kind.
pub type LaneQueue = (String, QueueKind);

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkedOut {
    /// Vehicles that have a forecast.
    pub forecasts: usize,
    /// Announcements that were made.
    pub announced: usize,
}

/// The residuals of a checkpoint as of a moment, from what was announced there before it.
///
/// # Errors
/// When the database is away.
pub async fn residuals(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Residuals<LaneQueue>> {
    let from = now - RESIDUAL_WINDOW;
    let told = store::announced(connection, checkpoint, from, now, MOST_ANNOUNCEMENTS).await?;
    Ok(Residuals::of(told.into_iter().filter_map(|row| past(row, now)), hours_between(from, now)))
}

fn past(row: PastRow, now: DateTime<Utc>) -> Option<Past<LaneQueue>> {
    let fate = match row.turn_at.and_then(DateTime::from_timestamp_micros) {
        Some(entered) if entered <= now => Fate::Entered(hours_between(row.announced_at, entered)),
        Some(_) => Fate::Waits(hours_between(row.announced_at, now)),
        None if row.awaits_entry => Fate::Waits(hours_between(row.announced_at, now)),
        None => return None,
    };
    let queue = QueueKind::from_name(&row.queue)?;
    Some(Past { queue: (row.lane, queue), forecast_hours: row.forecast_hours, fate })
}

/// Works out the entries at a checkpoint. None: another replica is at it.
///
/// # Errors
/// When the database is away.
pub async fn work_out(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    residuals: &Residuals<LaneQueue>,
    now: DateTime<Utc>,
) -> Result<Option<WorkedOut>> {
    connection
        .transaction(async |connection| {
            let Some(run) = store::lock_run(connection, checkpoint).await? else { return Ok(None) };
            // Before the rest: what it names may be newer than it says, never older.
            let position = crate::queue::read::position(connection, checkpoint).await?;
            let site = Site::read(connection, checkpoint, now).await?;
            let lanes = site.forecasts(now);
            let mut standing: HashMap<Uuid, Announced> = HashMap::new();
            for row in store::standing(connection, checkpoint).await? {
                standing.insert(row.booking_id, Announced { p50: row.p50, p80: row.p80, p90: row.p90 });
            }
            let mut new = Vec::new();
            let mut done = WorkedOut::default();
            for lane in &lanes {
                done.forecasts += lane.forecasts();
                new.extend(lane.to_announce(&site, &standing, residuals, now));
            }
            done.announced = new.len();
            if !new.is_empty() {
                store::announce(connection, checkpoint, &new, position, site.rules.version, now).await?;
            }
            let waiting: HashSet<Uuid> = site.waiting.iter().map(|each| each.place.booking.0).collect();
            let retold: Vec<Uuid> = new
                .iter()
                .map(|each| each.booking)
                .filter(|booking| standing.contains_key(booking))
                .collect();
            let unforeseen = unforeseen(&site, &lanes);
            let loses = |booking: &Uuid| unforeseen.contains(booking);
            let lost_some = standing.keys().any(loses);
            let gone = standing.into_keys().filter(|booking| loses(booking) || !waiting.contains(booking));
            let passed_over = site.passed_over(now);
            let (passed_over, gone): (Vec<Uuid>, Vec<Uuid>) =
                gone.partition(|booking| passed_over.contains(booking));
            store::take_down(connection, checkpoint, &passed_over, Some(now)).await?;
            store::take_down(connection, checkpoint, &gone, None).await?;
            let rows: Vec<LaneRow> = lanes.iter().map(Lane::row).collect();
            let lanes_changed = store::note_lanes(connection, checkpoint, &rows, now).await?;
            let was_stale = run.as_of.is_none_or(|as_of| super::read::is_stale(as_of, now));
            let changed = lanes_changed || was_stale || lost_some || done.announced > 0;
            let number = run.number + i64::from(changed);
            let position = note_retold(connection, checkpoint, &retold, position, now).await?;
            store::finish_run(connection, checkpoint, number, position, now).await?;
            Ok(Some(done))
        })
        .await
}

/// Notes who was told anew, at positions of the journal. Returns the position that the run rests on: its own
/// notes are no reason to work the entries out again.
async fn note_retold(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    retold: &[Uuid],
    rests_on: i64,
    now: DateTime<Utc>,
) -> Result<i64> {
    if retold.is_empty() {
        return Ok(rests_on);
    }
    let mut journal = LockedJournal::lock(connection, checkpoint).await?;
    let nothing_came_meanwhile = journal.last() == Position(rests_on);
    let noted: Vec<(Position, Uuid)> = retold.iter().map(|booking| (journal.draw(), *booking)).collect();
    let rests_on = if nothing_came_meanwhile { journal.last().0 } else { rests_on };
    feed::note_each(connection, checkpoint, &noted, Noted::Reannounced, now).await?;
    journal.advance(connection, now).await?;
    Ok(rests_on)
}

/// A vehicle that waits for its call.
struct Waiting {
    place: Place,
    lane: usize,
    queue: QueueKind,
    whereabouts: Whereabouts,
}

/// What is known of a checkpoint.
struct Site {
    rules: RulesInForce,
    /// The versions that the window is divided between: from when until when each was in force.
    rules_before: Vec<(DateTime<Utc>, DateTime<Utc>, RulesInForce)>,
    merge: Merge,
    waiting: Vec<Waiting>,
    /// By lane: when those were called that have not entered.
    called_at: Vec<Vec<DateTime<Utc>>>,
    /// By lane.
    past: Vec<Vec<PastBooking>>,
    pauses: Vec<StoredPause>,
    turns: BTreeMap<String, StoredTurns>,
    reached: TurnsReached,
}

impl Site {
    async fn read(
        connection: &mut Connection,
        checkpoint: &CheckpointCode,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let rules = checkpoint_rules::in_force(connection, checkpoint, now).await?;
        let rules_before = checkpoint_rules::periods(connection, checkpoint, now - WINDOW, now).await?;
        let merge = Merge::of(&rules.rules.merge, &rules.rules.call);
        let lanes: Vec<&str> = rules.rules.lanes.iter().map(|lane| lane.lane.as_str()).collect();
        let turns = store::turns(connection, checkpoint, &lanes).await?.into_iter().collect();
        let pauses = store::pauses(connection, checkpoint, now).await?;
        let called_in_turn: HashMap<Uuid, DateTime<Utc>> = store::called_in_turn(connection, checkpoint, now)
            .await?
            .into_iter()
            .map(|CalledInTurnRow { booking_id, called_at }| (booking_id, called_at))
            .collect();
        let count = lanes.len();
        let mut site = Self {
            merge,
            waiting: Vec::new(),
            called_at: vec![Vec::new(); count],
            past: vec![Vec::new(); count],
            pauses,
            turns,
            reached: TurnsReached::default(),
            rules,
            rules_before,
        };
        for row in store::bookings(connection, checkpoint, now).await? {
            site.take_in(&row, called_in_turn.get(&row.id).copied())?;
        }
        Ok(site)
    }

    fn lanes(&self) -> &[LaneRules] {
        &self.rules.rules.lanes
    }

    fn take_in(&mut self, row: &BookingRow, called_in_turn: Option<DateTime<Utc>>) -> Result<()> {
        // A lane that the rules no longer have: its vehicles stand in their first.
        let lane = self.lanes().iter().position(|lane| lane.lane == row.lane).unwrap_or_default();
        let queue = QueueKind::from_name(&row.queue)
            .ok_or_else(|| store::stored_badly(&format!("queue {}", row.queue)))?;
        let queued = match (queue, row.slot_starts_at, row.slot_ends_at) {
            (QueueKind::PreBooked, Some(slot_starts_at), Some(slot_ends_at)) => {
                Queued::PreBooked { slot_starts_at, slot_ends_at }
            }
            (QueueKind::Priority, _, _) => {
                Queued::Priority { class: row.priority_class.as_deref().unwrap_or_default() }
            }
            (QueueKind::Live | QueueKind::PreBooked, _, _) => Queued::Live,
        };
        let progress = row.progress()?;
        let arrived = crossing_rules::came_to_zone(&progress);
        let place = self.merge.place(BookingId(row.id), queued, row.queued_at, arrived);
        let contender = match place.standing {
            Standing::Slot { .. } => None,
            Standing::Turn(contender) => self.merge.contenders().position(|each| each == contender),
        };
        // Who stood in a lane or a class that the rules no longer have was called in another turn than it
        // would be now.
        let stands_as_then = self.lanes().iter().any(|lane| lane.lane == row.lane)
            && row.priority_class.as_deref().is_none_or(|class| self.merge.class(class).is_some());
        if let Some(called_at) = called_in_turn.filter(|_| stands_as_then) {
            self.reached.note(lane, &place, called_at);
        }
        if let Some(past) = self.past.get_mut(lane) {
            past.push(PastBooking {
                contender,
                queued_at: place.since,
                slot_starts_at: match place.standing {
                    Standing::Slot { starts_at } => Some(starts_at),
                    Standing::Turn(_) => None,
                },
                came_to_zone: arrived,
                called_at: row.called_at,
                entered_at: progress.first(EventKind::CheckpointEntered).map(|entered| entered.at),
                ended_at: row.ended_at,
                absent: row.absent,
                put_back: u32::try_from(row.put_back).unwrap_or_default(),
            });
        }
        match (row.awaits_entry, row.called_at) {
            (true, None) => {
                let whereabouts = match arrived {
                    _ if crossing_rules::in_zone(&progress) => Whereabouts::InZone,
                    Some(_) => Whereabouts::LeftZone,
                    None => Whereabouts::OnTheWay,
                };
                self.waiting.push(Waiting { place, lane, queue, whereabouts });
            }
            (true, Some(called_at)) => {
                if let Some(called) = self.called_at.get_mut(lane) {
                    called.push(called_at);
                }
            }
            (false, _) => {}
        }
        Ok(())
    }

    /// Whether its turn came while it was in no zone. It stands in nobody's way, and nobody knows when it
    /// comes.
    fn was_passed_over(&self, waiting: &Waiting, now: DateTime<Utc>) -> bool {
        self.reached.has_passed(waiting.lane, &waiting.place, waiting.whereabouts, now)
    }

    fn passed_over(&self, now: DateTime<Utc>) -> HashSet<Uuid> {
        let over = self.waiting.iter().filter(|each| self.was_passed_over(each, now));
        over.map(|each| each.place.booking.0).collect()
    }

    fn forecasts(&self, now: DateTime<Utc>) -> Vec<Lane<'_>> {
        (0..).zip(self.lanes()).map(|(index, rules)| self.forecast(index, rules, now)).collect()
    }

    fn forecast<'a>(&'a self, index: usize, rules: &'a LaneRules, now: DateTime<Utc>) -> Lane<'a> {
        let of_lane: Vec<&StoredPause> = self
            .pauses
            .iter()
            .filter(|pause| pause.lane.as_deref().is_none_or(|paused| paused == rules.lane))
            .collect();
        let planned = Planned::of(rules, self.rules.version, &self.rules_before, now);
        let plan = planned.now();
        let state = if of_lane.iter().any(|pause| pause.in_force) {
            State::Paused
        } else if plan.is_some_and(|plan| plan.iter().all(|capacity| *capacity <= 0.0)) {
            State::Closed
        } else {
            let past = self.past.get(index).map(Vec::as_slice).unwrap_or_default();
            let pauses: Vec<_> = of_lane.iter().map(|pause| pause.pause).collect();
            let history = counts::history(past, &pauses, self.merge.contenders().count(), &planned, now);
            let turns = match self.turns.get(&rules.lane) {
                Some(stored) => Turns::read(&self.merge, stored),
                None => Turns::none(&self.merge),
            };
            let in_lane =
                self.waiting.iter().filter(|each| each.lane == index && !self.was_passed_over(each, now));
            let called = self.called_at.get(index).map(Vec::as_slice).unwrap_or_default();
            let called: Vec<f64> =
                called.iter().map(|at| counts::unpaused_hours(&pauses, *at, now)).collect();
            let lane = LaneNow {
                now,
                merge: &self.merge,
                turns: &turns,
                line: Line::of(&self.merge, in_lane.map(|each| each.place)),
                called_hours_ago: &called,
                plan,
            };
            lane::forecast(lane, &history).map_or(State::NotMeasured, State::Known)
        };
        Lane { rules, state }
    }
}

/// Who waits in a lane whose entries are known and has none: it lies too far ahead, or the vehicle was passed
/// over. What they were told before holds no more. In a lane that is paused or not measured nothing is known
/// of anybody, and what was told stands until something is.
fn unforeseen(site: &Site, lanes: &[Lane<'_>]) -> HashSet<Uuid> {
    let mut unforeseen = HashSet::new();
    for (index, lane) in lanes.iter().enumerate() {
        if let State::Known(LaneForecast { forecasts, .. }) = &lane.state {
            let in_lane = site.waiting.iter().filter(|each| each.lane == index);
            let mut without: HashSet<Uuid> = in_lane.map(|each| each.place.booking.0).collect();
            for forecast in forecasts {
                without.remove(&forecast.booking.0);
            }
            unforeseen.extend(without);
        }
    }
    unforeseen
}

enum State {
    Known(LaneForecast),
    Paused,
    Closed,
    NotMeasured,
}

struct Lane<'a> {
    rules: &'a LaneRules,
    state: State,
}

impl Lane<'_> {
    fn forecasts(&self) -> usize {
        match &self.state {
            State::Known(forecast) => forecast.forecasts.len(),
            State::Paused | State::Closed | State::NotMeasured => 0,
        }
    }

    fn row(&self) -> LaneRow {
        let (state, source) = match &self.state {
            State::Known(forecast) => (LaneState::Known, Some(source(forecast.basis))),
            State::Paused => (LaneState::Paused, None),
            State::Closed => (LaneState::Closed, None),
            State::NotMeasured => (LaneState::NotMeasured, None),
        };
        LaneRow { lane: self.rules.lane.clone(), state, source }
    }

    fn to_announce(
        &self,
        site: &Site,
        standing: &HashMap<Uuid, Announced>,
        residuals: &Residuals<LaneQueue>,
        now: DateTime<Utc>,
    ) -> Vec<NewAnnouncement> {
        let State::Known(LaneForecast { forecasts, basis: throughput }) = &self.state else {
            return Vec::new();
        };
        let queues: HashMap<BookingId, QueueKind> =
            site.waiting.iter().map(|each| (each.place.booking, each.queue)).collect();
        let mut new = Vec::new();
        for each in forecasts {
            let Some(queue) = queues.get(&each.booking).copied() else { continue };
            let (spread, group) = residuals.spread(&(self.rules.lane.clone(), queue), each.hours);
            let range = spread.around(each.hours);
            let fresh = Announced::from_range(range, now);
            let before = standing.get(&each.booking.0).copied();
            let Some(Announced { p50, p80, p90 }) = announcement::announce(before, fresh, now) else {
                continue;
            };
            new.push(NewAnnouncement {
                booking: each.booking.0,
                lane: self.rules.lane.clone(),
                queue,
                place: i32::try_from(each.place).unwrap_or(i32::MAX),
                p50,
                p80,
                p90,
                horizon: Horizon::of(range.p50),
                forecast_hours: each.hours,
                source: source(*throughput),
                basis: basis(group),
            });
        }
        new
    }
}

const fn source(basis: Basis) -> ThroughputSource {
    match basis {
        Basis::Rules => ThroughputSource::Rules,
        Basis::Measured => ThroughputSource::Measured,
        Basis::RulesAndMeasured => ThroughputSource::RulesAndMeasured,
    }
}

const fn basis(group: Group) -> RangeBasis {
    match group {
        Group::Queue => RangeBasis::Queue,
        Group::Horizon => RangeBasis::Horizon,
        Group::All => RangeBasis::All,
        Group::Assumed => RangeBasis::Assumed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_entered_after_the_moment_that_residuals_are_of_still_waited_at_it() {
        let told_at = DateTime::UNIX_EPOCH;
        let row = || PastRow {
            booking_id: Uuid::nil(),
            lane: "all".to_owned(),
            queue: "live".to_owned(),
            announced_at: told_at,
            p50: told_at,
            p80: told_at,
            p90: told_at,
            forecast_hours: 1.0,
            turn_at: Some(2 * 3_600_000_000),
            awaits_entry: false,
        };
        let fate = |hours| past(row(), told_at + TimeDelta::hours(hours)).map(|past| past.fate);
        assert_eq!(fate(1), Some(Fate::Waits(1.0)));
        assert_eq!(fate(3), Some(Fate::Entered(2.0)));
    }
}
