//! Turns by weight: smooth weighted round robin. At each turn everyone who has somebody waiting gains its
//! weight in credit; who has most takes the turn and pays what all gained. So a class of weight 1 beside a
//! live queue of weight 5 has every sixth turn, evenly spread, and while nobody of a class waits it neither
//! gains nor pays.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::merge::{Contender, Merge};

/// The credits of the contenders of one lane. All zero before the first call, and together always zero, but
/// where the bound of two rounds cuts one off, which only a history of classes that come and go can bring
/// about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turns {
    credits: Vec<i32>,
}

/// Credits as they are kept with a call: by code, so that they outlive a change of the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTurns {
    /// Of each class.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, i32>,
    /// Of the live queue.
    pub live: i32,
}

impl Turns {
    /// Nobody has had a turn.
    #[must_use]
    pub fn none(merge: &Merge) -> Self {
        Self { credits: merge.contenders().map(|_| 0).collect() }
    }

    /// As they were kept. A class that is new has no credit; one that the rules no longer know loses it; none
    /// is over two rounds.
    #[must_use]
    pub fn read(merge: &Merge, stored: &StoredTurns) -> Self {
        let credit = |contender| match merge.code(contender) {
            Some(code) => stored.classes.get(code).copied().unwrap_or_default(),
            None => stored.live,
        };
        let bound = 2 * merge.round();
        Self { credits: merge.contenders().map(|each| credit(each).clamp(-bound, bound)).collect() }
    }

    /// As they are kept.
    #[must_use]
    pub fn stored(&self, merge: &Merge) -> StoredTurns {
        let mut stored = StoredTurns::default();
        for contender in merge.contenders() {
            match merge.code(contender) {
                Some(code) => {
                    stored.classes.insert(code.to_owned(), self.credit(contender));
                }
                None => stored.live = self.credit(contender),
            }
        }
        stored
    }

    /// The credit of one.
    #[must_use]
    pub fn credit(&self, contender: Contender) -> i32 {
        self.credits.get(contender.0).copied().unwrap_or_default()
    }

    /// Gives the next turn to one of those that have somebody waiting; none when nobody has.
    pub(super) fn take(&mut self, merge: &Merge, waits: impl Fn(Contender) -> bool) -> Option<Contender> {
        let bound = 2 * merge.round();
        let mut gained = 0;
        let mut first: Option<(Contender, i32)> = None;
        for (contender, credit) in merge.contenders().zip(&mut self.credits) {
            if !waits(contender) {
                continue;
            }
            let weight = merge.weight(contender);
            gained += weight;
            *credit += weight;
            if first.is_none_or(|(_, most)| *credit > most) {
                first = Some((contender, *credit));
            }
        }
        let (contender, _) = first?;
        if let Some(credit) = self.credits.get_mut(contender.0) {
            *credit -= gained;
        }
        for credit in &mut self.credits {
            *credit = (*credit).clamp(-bound, bound);
        }
        Some(contender)
    }
}
