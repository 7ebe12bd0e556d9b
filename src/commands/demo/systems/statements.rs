//! Events on their way, and the answers to them.

use anyhow::Context;
use chrono::{DateTime, Utc};
use kordon_schemas::events::Outcome;

use super::client::{Reply, Request};
use super::replies::{self, Answer};
use super::{Play, Tally, path, role, wire};
use crate::commands::demo::day::{Event, Expected, Item, Manner, Parcel, Post, Subject};

impl Play {
    pub(crate) async fn state(&self, post: Post, parcel: Parcel) -> anyhow::Result<()> {
        let body = wire::write(&parcel, |event| self.when(event))?;
        let Parcel { form, manner, items } = parcel;
        let request = Request::post(role(post.system), path(post.checkpoint, "events"), body)
            .with("Accept", form.accepts());
        let read = |reply: Reply| replies::read_answers(form, manner, reply.status, &reply.body);
        match manner {
            Manner::Single | Manner::List => {
                let answers = read(self.send(request).await?)?;
                if answers.len() != items.len() {
                    self.disagree(format!("{} events got {} answers", items.len(), answers.len()));
                }
                for (item, answer) in items.iter().zip(&answers) {
                    self.check(item, answer);
                }
            }
            Manner::Twice => {
                let (one, other) = tokio::try_join!(self.send(request.clone()), self.send(request))?;
                let mut answers = [read(one)?, read(other)?].concat();
                // The answer to the one that came first goes first.
                answers.sort_by_key(|answer| answer.outcome == Outcome::Duplicate);
                let [item] = items.as_slice() else { anyhow::bail!("one event is sent twice, not a list") };
                let again = Item { expected: Expected::Is(Outcome::Duplicate), ..item.clone() };
                for (item, answer) in [item, &again].into_iter().zip(&answers) {
                    self.check(item, answer);
                }
            }
        }
        Ok(())
    }

    /// Compares the answer to an event with what has to be answered.
    fn check(&self, item: &Item, answer: &Answer) {
        let Item { event, expected } = item;
        let Answer { id, outcome, position, crossing, code } = answer;
        let mut memory = self.memory();
        memory.tally.count(*outcome);
        let right = match expected {
            Expected::Is(expected) => expected == outcome,
            Expected::RecordedOrUnmatched => matches!(outcome, Outcome::Recorded | Outcome::Unmatched),
            Expected::UnmatchedOrContradictory => {
                matches!(outcome, Outcome::Unmatched | Outcome::Contradictory)
            }
            Expected::Refused(expected) => *outcome == Outcome::Refused && *code == Some(*expected),
        };
        let about_this = id.as_ref().is_none_or(|id| *id == event.id);
        let known = position.map(|position| *memory.positions.entry(event.id.clone()).or_insert(position));
        let placed_right = match (event.subject, crossing) {
            // The booking is sent at the same time, and its answer may come later: then it is compared with this.
            (Subject::Vehicle(vehicle), Some(crossing)) => {
                memory.bookings.entry(vehicle).or_insert(*crossing) == crossing
            }
            (Subject::Misread(_) | Subject::Stranger | Subject::Event, _) | (Subject::Vehicle(_), None) => {
                true
            }
        };
        if !(right && about_this && placed_right && known == *position) {
            let kind = event.kind.as_str();
            memory.disagreements.push(format!(
                "the event {} ({kind}) was answered {answer:?}; expected {expected:?}, at position {known:?}",
                event.id
            ));
        }
    }

    /// When an event happens.
    fn when(&self, event: &Event) -> anyhow::Result<DateTime<Utc>> {
        let called_at = match event.subject {
            Subject::Vehicle(vehicle) | Subject::Misread(vehicle) => {
                self.memory().called_at.get(&vehicle).copied()
            }
            Subject::Stranger | Subject::Event => None,
        };
        self.instant(event.when, called_at)
            .with_context(|| format!("{} follows a call that was not made", event.id))
    }
}

impl Tally {
    const fn count(&mut self, outcome: Outcome) {
        self.events += 1;
        match outcome {
            Outcome::Recorded => {}
            Outcome::Duplicate => self.duplicates += 1,
            Outcome::Unmatched => self.unmatched += 1,
            Outcome::Contradictory => self.contradictory += 1,
            Outcome::Refused => self.refused += 1,
        }
    }
}
