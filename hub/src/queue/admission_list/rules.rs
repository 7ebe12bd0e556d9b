//! Who is expected at the gate within some hours: a pure function of who waits, how many were called lately,
//! and the time.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::admission_list::{AdmittedVehicle, ExpectedVehicle};
use kordon_schemas::queue::QueueKind;

use crate::crossings::CallWindow;
use crate::queue::model::BookingId;

/// Over which time the calls are counted that tell how many are called in an hour: a whole day, so that night
/// and day both count.
pub const MEASURED_OVER: TimeDelta = TimeDelta::hours(24);

/// A vehicle that has not entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its booking.
    pub booking: BookingId,
    /// The plate as it was written.
    pub plate: String,
    /// Which queue it was booked in.
    pub queue: QueueKind,
    /// Its turn among all who wait, as the queue shows it: the merged order of the three queues.
    pub turn: usize,
    /// Whether it is in a waiting zone and can be called in its turn.
    pub in_zone: bool,
    /// The lane that it was booked for.
    pub lane: String,
    /// Its call.
    pub call: Option<CallWindow>,
    /// Its slot, from and until.
    pub slot: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Candidate {
    /// Whether it was called and is in time.
    #[must_use]
    pub fn may_enter_at(&self, now: DateTime<Utc>) -> bool {
        self.call.is_some_and(|call| now < call.deadline_at)
    }

    pub(super) fn called_at(&self) -> Option<DateTime<Utc>> {
        self.call.map(|call| call.called_at)
    }

    pub(super) fn admitted(&self) -> Option<AdmittedVehicle> {
        self.call.map(|call| AdmittedVehicle {
            booking: self.booking.0,
            plate: self.plate.clone(),
            queue: self.queue,
            deadline_at: call.deadline_at,
        })
    }
}

/// Who is expected to be called within `hours` from `now`, in order: those whose slot falls into that time,
/// and those who wait in a zone since a slot that is over, by their slot, then as many of those who wait in a
/// zone, in the order of the queue, as were called in the same time lately. Where nobody was called lately
/// the rate is unknown, not zero, and all who wait in a zone are on the list.
#[must_use]
pub fn expected(
    candidates: &[Candidate],
    called_lately: u32,
    hours: i64,
    now: DateTime<Utc>,
) -> Vec<ExpectedVehicle> {
    let until = now + TimeDelta::hours(hours);
    let waiting = || candidates.iter().filter(|candidate| candidate.call.is_none());
    let mut in_slot: Vec<(DateTime<Utc>, &Candidate)> = waiting()
        .filter_map(|candidate| candidate.slot.map(|slot| (slot, candidate)))
        .filter(|((starts_at, ends_at), candidate)| {
            *starts_at < until && (now < *ends_at || candidate.in_zone)
        })
        .map(|((starts_at, _), candidate)| (starts_at, candidate))
        .collect();
    in_slot.sort_by_key(|(starts_at, candidate)| (*starts_at, candidate.booking));
    let mut in_turn: Vec<&Candidate> =
        waiting().filter(|candidate| candidate.slot.is_none() && candidate.in_zone).collect();
    in_turn.sort_by_key(|candidate| (candidate.turn, candidate.booking));
    if called_lately > 0 {
        in_turn.truncate(turns(called_lately, hours).saturating_sub(in_slot.len()));
    }
    let listed = in_slot.into_iter().map(|(_, candidate)| candidate).chain(in_turn);
    listed
        .zip(1..)
        .map(|(candidate, turn)| ExpectedVehicle {
            turn,
            booking: candidate.booking.0,
            plate: candidate.plate.clone(),
            queue: candidate.queue,
            slot_starts_at: candidate.slot.map(|(starts_at, _)| starts_at),
        })
        .collect()
}

/// How many turns there are in `hours` at the rate of so many a day, rounded up: one too many waits, one too
/// few is sent away.
fn turns(called_lately: u32, hours: i64) -> usize {
    let hours = u64::try_from(hours).unwrap_or(0);
    let day = u64::try_from(MEASURED_OVER.num_hours()).unwrap_or(1);
    usize::try_from((u64::from(called_lately) * hours).div_ceil(day)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn noon(minutes: i64) -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
    }

    /// Waits in a zone; the earlier it was `queued`, in minutes before noon, the earlier is its turn.
    fn waits(number: u128, queued: i64) -> Candidate {
        Candidate {
            booking: BookingId(Uuid::from_u128(number)),
            plate: format!("AA {number:04} BB"),
            queue: QueueKind::Live,
            turn: usize::try_from(queued + 1_000).unwrap(),
            in_zone: true,
            lane: "all".into(),
            call: None,
            slot: None,
        }
    }

    fn listed(candidates: &[Candidate], called_lately: u32, hours: i64) -> Vec<u128> {
        let expected = expected(candidates, called_lately, hours, noon(0));
        let turns: Vec<u32> = expected.iter().map(|vehicle| vehicle.turn).collect();
        assert_eq!(turns, (1..).take(turns.len()).collect::<Vec<u32>>());
        expected.into_iter().map(|vehicle| vehicle.booking.as_u128()).collect()
    }

    #[test]
    fn as_many_are_expected_as_were_called_in_the_same_time_lately() {
        let waiting = [waits(3, -10), waits(1, -30), waits(2, -20)];
        assert_eq!(listed(&waiting, 24, 2), [1, 2]);
        assert_eq!(listed(&waiting, 1, 1), [1], "a part of one is one");
        assert_eq!(listed(&waiting, 240, 72), [1, 2, 3]);
    }

    #[test]
    fn where_nobody_was_called_lately_all_in_a_zone_are_expected() {
        let on_the_road = Candidate { in_zone: false, ..waits(9, -90) };
        assert_eq!(listed(&[waits(1, -30), on_the_road, waits(2, -20)], 0, 1), [1, 2]);
    }

    #[test]
    fn a_slot_within_the_hours_goes_first_also_from_the_road() {
        let slot = |number, starts, ends| Candidate {
            in_zone: false,
            slot: Some((noon(starts), noon(ends))),
            ..waits(number, -500)
        };
        let waiting = [waits(1, -30), slot(5, 30, 90), slot(6, 60, 120), slot(7, -60, 0), slot(8, -30, 30)];
        assert_eq!(listed(&waiting, 0, 1), [8, 5, 1], "one is over, one begins later");
    }

    #[test]
    fn who_waits_since_a_slot_that_is_over_goes_before_all() {
        let late = Candidate { slot: Some((noon(-120), noon(-60))), ..waits(5, -130) };
        let in_slot = Candidate { in_zone: false, slot: Some((noon(30), noon(90))), ..waits(6, -500) };
        assert_eq!(listed(&[waits(1, -300), in_slot, late], 0, 1), [5, 6, 1]);
    }

    #[test]
    fn who_was_called_is_not_expected_any_more() {
        let window = CallWindow { called_at: noon(-60), deadline_at: noon(180) };
        let called = Candidate { call: Some(window), ..waits(1, -30) };
        assert_eq!(listed(std::slice::from_ref(&called), 0, 72), [0_u128; 0]);
        assert!(called.may_enter_at(noon(179)) && !called.may_enter_at(noon(180)));
    }
}
