//! What the hub has to answer to each event, worked out from the order in which the day is played.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use kordon_schemas::events::Outcome;

use crate::commands::demo::day::{Act, Deed, Event, Expected, Item, Subject};

/// Works the answers out. An item that is marked as recorded may turn out a duplicate, or unmatched; what
/// must be refused stays.
pub(crate) fn work_out(acts: &mut [Act]) {
    let mut known = Known {
        booked_in: acts
            .iter()
            .filter_map(|act| act.deed.booked().map(|vehicle| (vehicle, act.round)))
            .collect(),
        told: BTreeMap::new(),
        placed: BTreeMap::new(),
    };
    for Act { round, post: _, deed } in acts {
        if let Some((event, vehicle)) = deed.placement() {
            known.placed.insert(event.to_owned(), vehicle);
        }
        if let Deed::State(parcel) = deed {
            for item in &mut parcel.items {
                known.take(*round, item);
            }
        }
    }
}

/// What the hub can know.
struct Known {
    /// In which round each vehicle is booked.
    booked_in: BTreeMap<usize, usize>,
    /// What each event that was told is about.
    told: BTreeMap<String, Subject>,
    /// The events that were placed by hand.
    placed: BTreeMap<String, usize>,
}

impl Known {
    fn take(&mut self, round: usize, item: &mut Item) {
        let Item { event, expected } = item;
        match expected {
            Expected::Refused(_) => return,
            Expected::Is(_) | Expected::RecordedOrUnmatched | Expected::UnmatchedOrContradictory
                if self.told.contains_key(&event.id) =>
            {
                *expected = Expected::Is(Outcome::Duplicate);
                return;
            }
            Expected::Is(Outcome::Recorded) => *expected = self.expect(round, event),
            Expected::Is(
                Outcome::Duplicate | Outcome::Unmatched | Outcome::Contradictory | Outcome::Refused,
            )
            | Expected::RecordedOrUnmatched
            | Expected::UnmatchedOrContradictory => {}
        }
        self.told.insert(event.id.clone(), event.subject);
    }

    fn expect(&self, round: usize, event: &Event) -> Expected {
        let booked_in = self.vehicle(event).and_then(|vehicle| self.booked_in.get(&vehicle));
        match booked_in.map(|booked| booked.cmp(&round)) {
            Some(Ordering::Less) => Expected::Is(Outcome::Recorded),
            Some(Ordering::Equal) => Expected::RecordedOrUnmatched,
            Some(Ordering::Greater) | None => Expected::Is(Outcome::Unmatched),
        }
    }

    /// The vehicle in whose crossing an event belongs, as far as the hub can know.
    fn vehicle(&self, event: &Event) -> Option<usize> {
        let of_its_own = |subject: Subject| match subject {
            Subject::Vehicle(vehicle) => Some(vehicle),
            Subject::Misread(_) | Subject::Stranger | Subject::Event => None,
        };
        match &event.voids {
            None => of_its_own(event.subject),
            Some(voided) => {
                let subject = self.told.get(voided)?;
                of_its_own(*subject).or_else(|| self.placed.get(voided).copied())
            }
        }
    }
}
