//! Vehicles whose turn came and went while they were in no waiting zone. A call takes the first of those who are there (clause 3), so who is
//! not is passed over, and is the next when it comes. Until then it takes nobody's place in a forecast, and has none itself: many never come,
//! and tell nobody.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::queue::ranking::{Contender, Place, Standing};

/// How far the turns of a checkpoint have come: by lane and contender, since when the last one waited that was called in its turn.
#[derive(Debug, Default)]
pub(super) struct TurnsReached(HashMap<(usize, Contender), DateTime<Utc>>);

impl TurnsReached {
    /// Takes in that the vehicle at `place` was called in its turn. One that has been put in the queue again since says nothing of its turn.
    pub(super) fn note(&mut self, lane: usize, place: &Place, called_at: DateTime<Utc>) {
        if let Standing::Turn(contender) = place.standing
            && place.since <= called_at
        {
            let reached = self.0.entry((lane, contender)).or_insert(place.since);
            *reached = place.since.max(*reached);
        }
    }

    /// Whether the turn of `place` is over, so that a vehicle that is in no zone was passed over.
    pub(super) fn is_past(&self, lane: usize, place: &Place) -> bool {
        match place.standing {
            Standing::Turn(contender) => {
                self.0.get(&(lane, contender)).is_some_and(|reached| place.since < *reached)
            }
            // It is called for its slot, or absent from it.
            Standing::Slot { .. } => false,
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
        assert!(!reached.is_past(0, &live(1)), "nobody was called");
        reached.note(0, &live(10), at(60));
        reached.note(0, &live(5), at(70));
        assert!(reached.is_past(0, &live(9)));
        assert!(!reached.is_past(0, &live(11)));
        assert!(!reached.is_past(1, &live(9)), "of another lane nothing is said");
        let slot = Place { standing: Standing::Slot { starts_at: at(1) }, ..live(1) };
        assert!(!reached.is_past(0, &slot));
    }

    #[test]
    fn one_that_was_put_back_into_the_queue_after_its_call_says_nothing() {
        let mut reached = TurnsReached::default();
        reached.note(0, &live(80), at(60));
        assert!(!reached.is_past(0, &live(70)));
    }
}
