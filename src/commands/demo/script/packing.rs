//! How events travel: some twice, in any order, singly and in lists, in the form that each system speaks.

use std::collections::BTreeMap;

use kordon_schemas::events::Outcome;

use super::{Telling, Writer};
use crate::commands::demo::day::{Act, Deed, Expected, Form, Item, LAST_ROUND, Manner, Parcel, Post, System};

/// The most events of a list.
const LARGEST_LIST: usize = 20;

impl Writer<'_> {
    /// Some events are sent again later, as after a lost answer.
    pub(crate) fn repeat_some(&mut self) {
        let mut repeated = Vec::new();
        for Telling { round, post, event, expected } in &self.tellings {
            if *expected == Expected::Is(Outcome::Recorded) && self.chance.one_in(12) {
                let round = (round + self.chance.below(3)).min(LAST_ROUND);
                repeated.push(Telling { round, post: *post, event: event.clone(), expected: *expected });
            }
        }
        self.tellings.append(&mut repeated);
    }

    /// Puts what each post tells in a round into requests, in any order.
    pub(crate) fn pack(&mut self) {
        let mut told: BTreeMap<(usize, Post), Vec<Item>> = BTreeMap::new();
        for Telling { round, post, event, expected } in self.tellings.drain(..) {
            told.entry((round, post)).or_default().push(Item { event, expected });
        }
        for ((round, post), mut items) in told {
            self.chance.shuffle(&mut items);
            // In any order, but what is stated anew comes after what it corrects was taken back.
            items.sort_by_key(|item| item.event.voids.is_none());
            while !items.is_empty() {
                let parcel = self.pack_one(post.system, &mut items);
                if round < LAST_ROUND && self.chance.one_in(12) {
                    self.acts.push(Act { round: round + 1, post, deed: Deed::State(parcel.clone()) });
                }
                self.acts.push(Act { round, post, deed: Deed::State(parcel) });
            }
        }
    }

    fn pack_one(&mut self, system: System, items: &mut Vec<Item>) -> Parcel {
        let single = self.chance.one_in(2);
        let size = if single { 1 } else { 1 + self.chance.below(LARGEST_LIST) };
        let items: Vec<Item> = items.drain(..size.min(items.len())).collect();
        let right = items.iter().all(|item| item.expected == Expected::Is(Outcome::Recorded));
        let manner = match single {
            true if right && self.chance.one_in(6) => Manner::Twice,
            true => Manner::Single,
            false => Manner::List,
        };
        let form = match system {
            System::Customs if self.chance.one_in(3) => Form::XmlWindows1251,
            System::Customs => Form::Xml,
            System::BorderGuard | System::ZoneOperator | System::QueueOperator | System::SupportLine => {
                Form::Json
            }
        };
        Parcel { form, manner, items }
    }
}
