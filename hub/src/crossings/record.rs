//! Recording a batch: one locked read, the rules in memory, one multi-row write, one commit. All in two round
//! trips: what need not wait for an answer is sent at once, see [`super::session`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use futures_util::{join, try_join};
use kordon_schemas::events::{EventKind, Outcome};
use kordon_schemas::{CheckpointCode, ProblemCode};
use uuid::Uuid;

use super::known::{KnownEvent, StandingEvent};
use super::model::{Crossing, CrossingId, Fact, Mark, Position};
use super::session::{self, Session};
use super::store::{self, Placed};
use super::{rules, voids};
use crate::database::Connection;
use crate::error::{Error, Result};

/// What one caller states about one checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The checkpoint. It exists and has a journal.
    pub checkpoint: CheckpointCode,
    /// What is stated, in order.
    pub facts: Vec<Fact>,
}

/// What became of one fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its outcome.
    pub outcome: Outcome,
    /// Where it stands in the journal; none when it was refused.
    pub position: Option<Position>,
    /// The crossing it is placed in.
    pub crossing: Option<CrossingId>,
    /// Why it was refused.
    pub refusal: Option<(ProblemCode, String)>,
}

impl Recorded {
    pub(super) fn refused(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Refused,
            position: None,
            crossing: None,
            refusal: Some((code, detail.into())),
        }
    }
}

/// How often a batch is tried when another replica records one of its ids elsewhere at the same moment.
const TRIES: u32 = 3;

enum Attempt {
    Raced,
    Failed(Error),
}

impl From<diesel::result::Error> for Attempt {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Attempt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Records what `submissions` state, all in one transaction, and tells what became of each fact, in their
/// order. When it returns, what it tells is durable.
///
/// # Errors
/// [`Error::Unavailable`] when the database went away: whether the batch was committed is then unknown, and
/// the same facts may be sent again. [`Error::Internal`] for a defect; nothing was recorded.
pub async fn record(
    session: &mut Session,
    submissions: &[Submission],
    now: DateTime<Utc>,
) -> Result<Vec<Vec<Recorded>>> {
    let connection = session.connection();
    for _ in 0..TRIES {
        match attempt(connection, submissions, now).await {
            Ok(recorded) => return Ok(recorded),
            Err(Attempt::Raced) => session::roll_back(connection).await?,
            Err(Attempt::Failed(error)) => {
                // What began is over either way: with the transaction or with the connection.
                let _ = session::roll_back(connection).await;
                return Err(error);
            }
        }
    }
    Err(Error::Unavailable("the same event ids are being recorded elsewhere".into()))
}

async fn attempt(
    connection: &mut Connection,
    submissions: &[Submission],
    now: DateTime<Utc>,
) -> Result<Vec<Vec<Recorded>>, Attempt> {
    let stated: Vec<Stated<'_>> = submissions
        .iter()
        .flat_map(|Submission { checkpoint, facts }| {
            facts.iter().map(|fact| Stated { checkpoint: checkpoint.as_str(), fact })
        })
        .collect();
    let answers = if stated.iter().any(|stated| stated.fact.kind == EventKind::Void) {
        with_voids(connection, &stated, now).await?
    } else {
        without_voids(connection, &stated, now).await?
    };
    let mut answers = answers.into_iter();
    Ok(submissions.iter().map(|submission| answers.by_ref().take(submission.facts.len()).collect()).collect())
}

/// A fact and where it is stated.
#[derive(Clone, Copy)]
struct Stated<'a> {
    checkpoint: &'a str,
    fact: &'a Fact,
}

/// Records facts of which none is a void, as almost always: first the reads, then the writes.
async fn without_voids(
    connection: &Connection,
    stated: &[Stated<'_>],
    now: DateTime<Utc>,
) -> Result<Vec<Recorded>, Attempt> {
    let mut batch = Batch::read(connection, session::begin(connection), stated).await?;
    let answers = batch.take_all(stated);
    batch.write(connection, now, session::commit(connection)).await?;
    Ok(answers)
}

/// Records facts with voids among them. What follows a void is judged by what it left behind, so each void
/// ends a part. All journals are locked first, in their order, or two replicas could wait for each other.
async fn with_voids(
    connection: &mut Connection,
    stated: &[Stated<'_>],
    now: DateTime<Utc>,
) -> Result<Vec<Recorded>, Attempt> {
    session::begin(connection).await?;
    let answers = in_parts(connection, stated, now).await?;
    session::commit(connection).await?;
    Ok(answers)
}

/// Records facts within a transaction that was begun.
async fn in_parts(
    connection: &mut Connection,
    stated: &[Stated<'_>],
    now: DateTime<Utc>,
) -> Result<Vec<Recorded>, Attempt> {
    let checkpoints: Vec<&str> = stated.iter().map(|stated| stated.checkpoint).collect();
    store::lock_journals(connection, &checkpoints).await?;
    let mut answers = Vec::with_capacity(stated.len());
    for part in stated.split_inclusive(|stated| stated.fact.kind == EventKind::Void) {
        let mut batch = Batch::read(connection, std::future::ready(Ok(())), part).await?;
        answers.extend(batch.take_all(part));
        batch.write(connection, now, std::future::ready(Ok(()))).await?;
        if let (Some(voiding), Some(answer)) = (batch.voiding, answers.last_mut())
            && voids::carry_out(connection, &voiding, answer.crossing, now).await?
        {
            answer.outcome = Outcome::Contradictory;
        }
    }
    Ok(answers)
}

/// Records what `submission` states, and with it, in the same transaction, what `along` writes: it is given
/// what became of each fact, and when it fails nothing was recorded.
///
/// # Errors
/// As [`record`], and what `along` fails with.
pub async fn record_along<T>(
    session: &mut Session,
    submission: &Submission,
    now: DateTime<Utc>,
    along: impl AsyncFn(&mut Connection, &[Recorded]) -> Result<T>,
) -> Result<(Vec<Recorded>, T)> {
    let connection = session.connection();
    let Submission { checkpoint, facts } = submission;
    let stated: Vec<Stated<'_>> =
        facts.iter().map(|fact| Stated { checkpoint: checkpoint.as_str(), fact }).collect();
    for _ in 0..TRIES {
        let attempt = async {
            session::begin(connection).await?;
            let answers = in_parts(connection, &stated, now).await?;
            let told = along(connection, &answers).await?;
            session::commit(connection).await?;
            Ok((answers, told))
        };
        match attempt.await {
            Ok(recorded) => return Ok(recorded),
            Err(Attempt::Raced) => session::roll_back(connection).await?,
            Err(Attempt::Failed(error)) => {
                // What began is over either way: with the transaction or with the connection.
                let _ = session::roll_back(connection).await;
                return Err(error);
            }
        }
    }
    Err(Error::Unavailable("the same event ids are being recorded elsewhere".into()))
}

struct Batch<'a> {
    last_positions: BTreeMap<String, i64>,
    known: HashMap<(Uuid, std::borrow::Cow<'a, str>), KnownEvent<'a>>,
    crossings: HashMap<(String, String), Vec<Crossing>>,
    changed: BTreeSet<CrossingId>,
    placed: Vec<Placed<'a>>,
    voiding: Option<voids::Voiding<'a>>,
}

impl<'a> Batch<'a> {
    /// Locks the journals, then reads all that the rules need; `before` is sent ahead of that.
    async fn read(
        connection: &Connection,
        before: impl Future<Output = QueryResult<()>>,
        part: &[Stated<'a>],
    ) -> Result<Self> {
        let mut checkpoints = BTreeSet::new();
        let mut plates = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for Stated { checkpoint, fact } in part {
            checkpoints.insert(*checkpoint);
            ids.insert((fact.system.0, fact.event_id.as_str()));
            ids.extend(fact.voids.as_deref().map(|voids| (fact.system.0, voids)));
            plates.extend(fact.plate.as_ref().map(|plate| (*checkpoint, plate.folded().as_str())));
        }
        let checkpoints: Vec<&str> = checkpoints.into_iter().collect();
        let (systems, event_ids): (Vec<Uuid>, Vec<&str>) = ids.into_iter().unzip();
        let (plate_checkpoints, plates): (Vec<&str>, Vec<&str>) = plates.into_iter().unzip();
        let ((), last_positions, keys, found) = try_join!(
            async { Ok(before.await?) },
            store::lock_journals(connection, &checkpoints),
            store::keys(connection, &systems, &event_ids),
            store::crossings_of_plates(connection, &plate_checkpoints, &plates, store::RECENT),
        )?;
        let mut crossings = by_plate(found);
        let (checkpoints, plates) = of_earlier_journeys(part, &crossings);
        if !plates.is_empty() {
            let all = store::crossings_of_plates(connection, &checkpoints, &plates, store::ALL).await?;
            crossings.extend(by_plate(all));
        }
        let known = keys
            .into_iter()
            .map(|key| {
                let id = (key.system_id, key.event_id.clone().into());
                Ok((id, KnownEvent::read(key)?))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            last_positions,
            known,
            crossings,
            changed: BTreeSet::new(),
            placed: Vec::new(),
            voiding: None,
        })
    }

    /// Takes facts in, one after the other, and tells what becomes of each.
    fn take_all(&mut self, part: &[Stated<'a>]) -> Vec<Recorded> {
        part.iter().map(|stated| self.take(stated.checkpoint, stated.fact)).collect()
    }

    /// Takes one fact in, and tells what becomes of it.
    fn take(&mut self, checkpoint: &'a str, fact: &'a Fact) -> Recorded {
        let id = (fact.system.0, fact.event_id.as_str().into());
        let (foretold, voided) = match self.known.get(&id) {
            Some(KnownEvent { standing: Some(standing), voided_at: _ }) => return standing.repeated(fact),
            Some(KnownEvent { standing: None, voided_at }) => {
                (true, voided_at.as_deref() == Some(checkpoint))
            }
            None => (false, false),
        };
        let (crossing, outcome) = match &fact.voids {
            Some(voids) => match self.void_target(checkpoint, fact, voids) {
                Ok(crossing) => {
                    (crossing, if crossing.is_some() { Outcome::Recorded } else { Outcome::Unmatched })
                }
                Err((code, detail)) => return Recorded::refused(code, detail),
            },
            None => (None, Outcome::Unmatched),
        };
        let Some(last) = self.last_positions.get_mut(checkpoint) else {
            return Recorded::refused(ProblemCode::NotFound, format!("there is no checkpoint {checkpoint}"));
        };
        *last += 1;
        let position = Position(*last);
        let (crossing, outcome) = match &fact.voids {
            Some(event_id) => {
                let system = fact.system.0;
                self.voiding = Some(voids::Voiding { checkpoint, system, event_id, voided_by: position });
                (crossing, outcome)
            }
            None => self.place(checkpoint, fact, position, voided),
        };
        let standing = StandingEvent {
            checkpoint: checkpoint.into(),
            position,
            digest: fact.digest,
            kind: fact.kind,
            crossing,
        };
        self.known.insert(id, KnownEvent { standing: Some(standing), voided_at: None });
        self.placed.push(Placed { checkpoint, position, crossing, foretold, fact });
        Recorded { outcome, position: Some(position), crossing, refusal: None }
    }

    /// Places a fact in the crossing that it belongs to and moves that on.
    fn place(
        &mut self,
        checkpoint: &str,
        fact: &Fact,
        position: Position,
        voided: bool,
    ) -> (Option<CrossingId>, Outcome) {
        let Some(plate) = &fact.plate else { return (None, Outcome::Unmatched) };
        let key = (checkpoint.to_owned(), plate.folded().as_str().to_owned());
        let Some(candidates) = self.crossings.get_mut(&key) else { return (None, Outcome::Unmatched) };
        let Some(id) = rules::place(fact.kind, fact.occurred_at, candidates) else {
            return (None, Outcome::Unmatched);
        };
        let Some(crossing) = candidates.iter_mut().find(|crossing| crossing.id == id) else {
            return (None, Outcome::Unmatched);
        };
        if voided || !rules::moves(fact.kind) {
            return (Some(id), Outcome::Recorded);
        }
        if crossing.progress.add(fact.kind, Mark { at: fact.occurred_at, position }) {
            self.changed.insert(id);
        }
        let contradicts = rules::contradictions(&crossing.progress)
            .iter()
            .any(|pair| pair.first_kind == fact.kind || pair.then_kind == fact.kind);
        (Some(id), if contradicts { Outcome::Contradictory } else { Outcome::Recorded })
    }

    /// The crossing of the event that a void names, if the event is known.
    fn void_target(
        &self,
        checkpoint: &str,
        fact: &Fact,
        voids: &str,
    ) -> Result<Option<CrossingId>, (ProblemCode, String)> {
        let known = self.known.get(&(fact.system.0, voids.into())).and_then(|known| known.standing.as_ref());
        match known {
            None => Ok(None),
            Some(target) if target.checkpoint != checkpoint => Err((
                ProblemCode::VoidElsewhere,
                format!("the event {voids} is of checkpoint {}", target.checkpoint),
            )),
            Some(StandingEvent { kind: EventKind::Void, .. }) => Err((
                ProblemCode::Invalid,
                "a void is not voided; state the fact again under a new id".into(),
            )),
            Some(target) => Ok(target.crossing),
        }
    }

    /// Writes all that has become of the facts; `after` is sent behind that.
    async fn write(
        &self,
        connection: &Connection,
        now: DateTime<Utc>,
        after: impl Future<Output = QueryResult<()>>,
    ) -> Result<(), Attempt> {
        let (foretold, new): (Vec<&Placed<'_>>, Vec<&Placed<'_>>) =
            self.placed.iter().partition(|placed| placed.foretold);
        if !foretold.is_empty() && store::complete_keys(connection, &foretold).await? < foretold.len() {
            return Err(Attempt::Raced);
        }
        let known = self.crossings.values().flatten();
        let changed: Vec<&Crossing> = known.filter(|crossing| self.changed.contains(&crossing.id)).collect();
        // A checkpoint that only heard what it knew has not changed.
        let moved: BTreeSet<&str> = self.placed.iter().map(|placed| placed.checkpoint).collect();
        let journals: BTreeMap<&str, i64> = self
            .last_positions
            .iter()
            .map(|(checkpoint, last)| (checkpoint.as_str(), *last))
            .filter(|(checkpoint, _)| moved.contains(checkpoint))
            .collect();
        let (keys, events, crossings, journals, after) = join!(
            store::insert_keys(connection, &new),
            store::insert_events(connection, &self.placed, now),
            store::update_crossings(connection, &changed, now),
            store::advance_journals_silently(connection, &journals, now),
            after,
        );
        match keys {
            Err(error) if store::is_raced(&error) => return Err(Attempt::Raced),
            keys => keys?,
        }
        // In the order in which they ran: the first that failed is why those behind it failed.
        events?;
        crossings?;
        journals?;
        Ok(after?)
    }
}

fn by_plate(found: Vec<(String, Crossing)>) -> HashMap<(String, String), Vec<Crossing>> {
    let mut crossings: HashMap<_, Vec<_>> = HashMap::with_capacity(found.len());
    for (plate, crossing) in found {
        crossings.entry((crossing.checkpoint.as_str().to_owned(), plate)).or_default().push(crossing);
    }
    crossings
}

/// The plates, with their checkpoints, of facts so late that the recent crossings may not hold the one that
/// they belong to: a bus that passes every day has many since.
fn of_earlier_journeys<'a>(
    part: &[Stated<'a>],
    recent: &HashMap<(String, String), Vec<Crossing>>,
) -> (Vec<&'a str>, Vec<&'a str>) {
    let mut wanted = BTreeSet::new();
    if recent.values().all(|crossings| crossings.len() < store::RECENT) {
        return wanted.into_iter().unzip();
    }
    for Stated { checkpoint, fact } in part {
        let Some(plate) = &fact.plate else { continue };
        let plate = plate.folded().as_str();
        // The rule may go one crossing behind the one that had begun by then: the last must not be needed.
        let held = recent.get(&((*checkpoint).to_owned(), plate.to_owned()));
        if let Some([.., before, _]) = held.map(Vec::as_slice)
            && fact.occurred_at < before.booked_at
        {
            wanted.insert((*checkpoint, plate));
        }
    }
    wanted.into_iter().unzip()
}
