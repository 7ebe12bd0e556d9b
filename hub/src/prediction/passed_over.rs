//! Vehicles whose turn came and went while they were in no waiting zone. A call takes the first of those who
//! are there (Resolution 1393, clause 3), so who is not is passed over, and is the next when it comes. Until
//! then it takes nobody's place in a forecast, and has none itself: many never come, and tell nobody. What it
//! was told is judged by that moment: its turn came.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::queue::ranking::{Contender, Place, Standing};

/// Where a vehicle is that was not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// It has not come to a waiting zone yet.
    OnTheWay,
    /// It is in one.
    InZone,
    /// It was in one and left.
    LeftZone,
}

/// How far the turns of a checkpoint have come: by lane and contender, since when the last one waited that
/// was called in its turn.
#[derive(Debug, Default)]
pub(super) struct TurnsReached(HashMap<(usize, Contender), DateTime<Utc>>);

impl TurnsReached {
    /// Takes in that the vehicle at `place` was called in its turn. One that has been put in the queue again
    /// since says nothing of its turn.
    pub(super) fn note(&mut self, lane: usize, place: &Place, called_at: DateTime<Utc>) {
        if let Standing::Turn(contender) = place.standing
            && place.since <= called_at
        {
            let reached = self.0.entry((lane, contender)).or_insert(place.since);
            *reached = place.since.max(*reached);
        }
    }

    /// Whether the vehicle at `place` was passed over by `now`: its turn is over, or its slot has begun, and
    /// it is not there.
    pub(super) fn has_passed(
        &self,
        lane: usize,
        place: &Place,
        whereabouts: Whereabouts,
        now: DateTime<Utc>,
    ) -> bool {
        match (whereabouts, place.standing) {
            (Whereabouts::InZone, _) => false,
            (Whereabouts::OnTheWay | Whereabouts::LeftZone, Standing::Turn(contender)) => {
                self.0.get(&(lane, contender)).is_some_and(|reached| place.since < *reached)
            }
            // It comes for its slot, or is absent from it.
            (Whereabouts::OnTheWay, Standing::Slot { .. }) => false,
            (Whereabouts::LeftZone, Standing::Slot { starts_at }) => starts_at <= now,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kordon_schemas::rules::{CallRules, MergeRules};
    use uuid::Uuid;

    use super::*;
    use crate::queue::BookingId;
    use crate::queue::ranking::Merge;

    fn live(minutes: i64) -> Place {
        let call = CallRules { lead_minutes: 0, deadline_minutes: 240, warn_minutes: None };
        let merge = Merge::of(&MergeRules { classes: Vec::new(), live_weight: 1 }, &call);
        Place { standing: Standing::Turn(merge.live()), since: at(minutes), booking: BookingId(Uuid::nil()) }
    }

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn whoever_stood_before_one_that_was_called_was_passed_over_and_nobody_else() {
        let mut reached = TurnsReached::default();
        let passed = |reached: &TurnsReached, lane, place: Place| {
            reached.has_passed(lane, &place, Whereabouts::OnTheWay, at(90))
        };
        assert!(!passed(&reached, 0, live(1)), "nobody was called");
        reached.note(0, &live(10), at(60));
        reached.note(0, &live(5), at(70));
        assert!(passed(&reached, 0, live(9)));
        assert!(!passed(&reached, 0, live(11)));
        assert!(!passed(&reached, 1, live(9)), "of another lane nothing is said");
        assert!(reached.has_passed(0, &live(9), Whereabouts::LeftZone, at(90)));
        assert!(!reached.has_passed(0, &live(9), Whereabouts::InZone, at(90)), "it is the next");
    }

    #[test]
    fn a_slot_passes_over_who_was_there_and_left() {
        let reached = TurnsReached::default();
        let slot = Place { standing: Standing::Slot { starts_at: at(60) }, ..live(1) };
        let passed = |whereabouts, now| reached.has_passed(0, &slot, whereabouts, now);
        assert!(passed(Whereabouts::LeftZone, at(60)));
        assert!(!passed(Whereabouts::LeftZone, at(59)), "its slot is ahead");
        assert!(!passed(Whereabouts::OnTheWay, at(60)), "it comes, or is absent");
        assert!(!passed(Whereabouts::InZone, at(60)));
    }

    #[test]
    fn one_that_was_put_back_into_the_queue_after_its_call_says_nothing() {
        let mut reached = TurnsReached::default();
        reached.note(0, &live(80), at(60));
        assert!(!reached.has_passed(0, &live(70), Whereabouts::OnTheWay, at(90)));
    }
}
