//! Petitions for the priority queue (Q2, Q11, Q21): what they rest on, who decided them and why.
//!
//! A petition for a vehicle that waits here is for its booking, which stands in the priority queue from the
//! moment it is granted. A petition that comes before the booking is used, once granted, by the booking that
//! names it, once.

mod store;

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::bookings::{
    BookingChange, ChangeKind, ChangedParts, Petition, PetitionDecision, PetitionDecisionIn, PetitionIn,
    PetitionOutcome, PetitionPage,
};
use kordon_schemas::queue::QueueKind;
use kordon_schemas::rules::Rules;
use kordon_schemas::{CheckpointCode, Fault, FoldedPlate, ProblemCode};
use uuid::Uuid;

use super::booking::store as booking_store;
use super::changes;
use super::rules::{is_reference, is_text};
use crate::checkpoints::{operators, rules as checkpoint_rules};
use crate::crossings::LockedJournal;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{Actor, Role, SystemId};
use crate::repeats;

/// A petition, and whether this request filed it.
#[derive(Debug, Clone, PartialEq)]
pub struct Filed {
    /// The petition.
    pub petition: Petition,
    /// False: it was there, under the same reference and with the same content.
    pub is_new: bool,
}

/// Files a petition. The same reference with the same content is the same petition, as it stands by now.
///
/// # Errors
/// [`Error::Invalid`] with every fault; [`ProblemCode::IdempotencyConflict`]; [`ProblemCode::OtherOperator`].
pub async fn file(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    asked: &PetitionIn,
    now: DateTime<Utc>,
) -> Result<Filed> {
    let now = now.trunc_subsecs(6);
    let digest = repeats::digest(&(checkpoint, asked))?;
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            if let Some((petition, known)) =
                store::by_reference(connection, actor.system, &asked.reference).await?
            {
                return repeated(petition, &known, digest);
            }
            operators::check(connection, actor, checkpoint, now).await?;
            let in_force = checkpoint_rules::in_force(connection, checkpoint, now).await?;
            let faults = faults_of(asked, &in_force.rules, now);
            if !faults.is_empty() {
                return Err(Error::Invalid(faults));
            }
            let position = journal.draw().0;
            let booking = booking_of(connection, checkpoint, asked.plate.folded(), actor.system, now).await?;
            let petition = Petition {
                id: Uuid::now_v7(),
                checkpoint: checkpoint.clone(),
                position,
                system: actor.system.0,
                reference: asked.reference.clone(),
                plate: asked.plate.as_written().to_owned(),
                booking,
                class: asked.class.clone(),
                stated_by: asked.stated_by.clone(),
                documents: asked.documents.clone(),
                filed_at: now,
                decision: None,
                rules_version: in_force.version,
            };
            store::insert(connection, &petition, asked.plate.folded(), digest).await?;
            journal.advance(connection, now).await?;
            Ok(Filed { petition, is_new: true })
        })
        .await
}

/// The booking that a petition is for: of the vehicle that waits here, if whoever filed it ran that booking
/// at a moment. Nobody changes another operator's; such a petition waits for a booking that names it.
async fn booking_of(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    plate: &FoldedPlate,
    filed_by: SystemId,
    at: DateTime<Utc>,
) -> Result<Option<Uuid>> {
    let Some((booking, maker)) = store::waiting_booking(connection, checkpoint, plate).await? else {
        return Ok(None);
    };
    let runs = operators::system_runs(connection, filed_by, checkpoint, maker, at).await?;
    Ok(runs.then_some(booking))
}

fn repeated(petition: Petition, known: &[u8], digest: [u8; 32]) -> Result<Filed> {
    repeats::require_same(known, digest, || {
        format!(
            "the reference {} stands for another petition, at {}",
            petition.reference, petition.checkpoint
        )
    })?;
    Ok(Filed { petition, is_new: false })
}

fn has_class(rules: &Rules, class: &str) -> bool {
    rules.merge.classes.iter().any(|known| known.class == class)
}

fn faults_of(asked: &PetitionIn, rules: &Rules, now: DateTime<Utc>) -> Vec<Fault> {
    let PetitionIn { reference, plate: _, class, stated_by, documents } = asked;
    let mut faults = Vec::new();
    if !is_reference(reference) {
        faults.push(Fault::new("/reference", "has 1 to 100 printable ASCII characters without spaces"));
    }
    if !has_class(rules, class) {
        let known: Vec<&str> = rules.merge.classes.iter().map(|class| class.class.as_str()).collect();
        let detail = match known.as_slice() {
            [] => "this checkpoint has no priority queue by its rules".to_owned(),
            known => format!("is none of the classes of this checkpoint: {}", known.join(", ")),
        };
        faults.push(Fault::new("/class", detail));
    }
    if !is_text(stated_by, 200) {
        faults.push(Fault::new("/stated_by", "has 1 to 200 characters and no control characters"));
    }
    if !(1..=20).contains(&documents.len()) {
        faults.push(Fault::new("/documents", "has 1 to 20 documents"));
    }
    for (index, document) in documents.iter().enumerate() {
        for (member, text) in [("kind", &document.kind), ("number", &document.number)] {
            if !is_text(text, 100) {
                let path = format!("/documents/{index}/{member}");
                faults.push(Fault::new(path, "has 1 to 100 characters and no control characters"));
            }
        }
        if document.issued_on > now.with_timezone(&chrono_tz::Europe::Kyiv).date_naive() {
            faults.push(Fault::new(format!("/documents/{index}/issued_on"), "lies in the future"));
        }
    }
    faults
}

/// Decides a petition, once, and not by the system that filed it: somebody else looks at what it rests on.
/// Granted, its booking stands in the priority queue from now on. An operator decides what its own
/// organisation filed, or of a queue that it runs.
///
/// # Errors
/// [`Error::NotFound`]; [`ProblemCode::PetitionDecided`] when it was decided before, whatever was;
/// [`ProblemCode::OwnPetition`] when this system filed it; [`ProblemCode::OtherOperator`];
/// [`ProblemCode::BookingOver`] and [`ProblemCode::ChangeNotAllowed`] when it is granted too late.
pub async fn decide(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    id: Uuid,
    asked: &PetitionDecisionIn,
    now: DateTime<Utc>,
) -> Result<Petition> {
    let now = now.trunc_subsecs(6);
    if !is_text(&asked.reason, 500) {
        return Err(Error::fault("/reason", "has 1 to 500 characters and no control characters"));
    }
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            operators::check(connection, actor, checkpoint, now).await?;
            let (mut petition, plate) = known(connection, checkpoint, id).await?;
            let filed_by = SystemId(petition.system);
            if !concerns(connection, actor, checkpoint, filed_by, now).await? {
                return Err(not_found(id));
            }
            if let Some(decision) = &petition.decision {
                let detail = format!(
                    "the petition was {} at {}",
                    decision.outcome.as_str(),
                    decision.decided_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
                );
                return Err(Error::refused(ProblemCode::PetitionDecided, detail));
            }
            if petition.system == actor.system.0 {
                let detail = "this system filed the petition; another one decides it";
                return Err(Error::refused(ProblemCode::OwnPetition, detail));
            }
            let position = journal.draw().0;
            let decision = PetitionDecision {
                outcome: asked.outcome,
                reason: asked.reason.clone(),
                system: actor.system.0,
                decided_at: now,
                position,
            };
            if asked.outcome == PetitionOutcome::Granted {
                if petition.booking.is_none() {
                    // By who ran the queue then: a hand-over since takes nothing from it.
                    let filed_at = petition.filed_at;
                    petition.booking = booking_of(connection, checkpoint, &plate, filed_by, filed_at).await?;
                }
                grant(connection, &petition, &plate, &decision).await?;
            }
            store::decide(connection, &petition, &decision).await?;
            petition.decision = Some(decision);
            journal.advance(connection, now).await?;
            Ok(petition)
        })
        .await
}

/// Puts the booking of a petition into the priority queue.
async fn grant(
    connection: &mut Connection,
    petition: &Petition,
    plate: &FoldedPlate,
    decision: &PetitionDecision,
) -> Result<()> {
    let Petition { checkpoint, class, .. } = petition;
    let now = decision.decided_at;
    let in_force = checkpoint_rules::in_force(connection, checkpoint, now).await?;
    if !has_class(&in_force.rules, class) {
        let detail = format!("the rules in force have no class {class} any more");
        return Err(Error::refused(ProblemCode::ChangeNotAllowed, detail));
    }
    let Some(id) = petition.booking else { return Ok(()) };
    let stored = booking_store::by_id(connection, checkpoint, id).await?;
    let stored = stored.ok_or_else(|| Error::NotFound { what: "booking", id: id.to_string() })?;
    changes::check_open(&stored)?;
    changes::check_not_called(&stored)?;
    if stored.plate != *plate {
        return Err(Error::refused(
            ProblemCode::ChangeNotAllowed,
            "the booking was given to another vehicle than the petition is for",
        ));
    }
    let booking = stored.booking;
    if booking.queue == QueueKind::Priority {
        return Err(Error::refused(
            ProblemCode::ChangeNotAllowed,
            "the booking is in the priority queue already",
        ));
    }
    changes::store::prioritise(connection, checkpoint, id, class, now).await?;
    booking_store::free_place(connection, checkpoint, id).await?;
    let change = BookingChange {
        booking: id,
        position: decision.position,
        reference: None,
        kind: ChangeKind::Prioritised,
        made_at: now,
        system: decision.system,
        reason: Some(decision.reason.clone()),
        before: ChangedParts {
            queue: Some(booking.queue),
            slot: booking.slot,
            queued_at: Some(stored.queued_at),
            ..ChangedParts::default()
        },
        after: ChangedParts {
            queue: Some(QueueKind::Priority),
            priority_class: Some(class.clone()),
            queued_at: Some(now),
            ..ChangedParts::default()
        },
        rules_version: in_force.version,
    };
    changes::store::insert(connection, checkpoint, &change, None).await
}

async fn known(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    id: Uuid,
) -> Result<(Petition, FoldedPlate)> {
    store::by_id(connection, checkpoint, id).await?.ok_or_else(|| not_found(id))
}

fn not_found(id: Uuid) -> Error {
    Error::NotFound { what: "petition", id: id.to_string() }
}

/// A petition. It shows persons: the caller records the reading first. An operator is shown those that it
/// may decide.
///
/// # Errors
/// [`Error::NotFound`]; [`ProblemCode::OtherOperator`].
pub async fn show(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Petition> {
    operators::check(connection, actor, checkpoint, now).await?;
    let (petition, _) = known(connection, checkpoint, id).await?;
    if concerns(connection, actor, checkpoint, SystemId(petition.system), now).await? {
        Ok(petition)
    } else {
        Err(not_found(id))
    }
}

/// Petitions of a checkpoint after a position, in the order in which they were filed; only those that nobody
/// decided, if asked. It shows persons: the caller records the reading first. An operator is shown those that
/// it may decide, so a page may hold fewer than its limit.
///
/// # Errors
/// [`ProblemCode::OtherOperator`]; when the database is away.
pub async fn list(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    (undecided, after): (bool, i64),
    limit: i64,
    now: DateTime<Utc>,
) -> Result<PetitionPage> {
    operators::check(connection, actor, checkpoint, now).await?;
    let mut items = store::list(connection, checkpoint, undecided, after, limit).await?;
    let is_full = i64::try_from(items.len()).is_ok_and(|count| count == limit);
    let next = items.last().map(|petition| petition.position).filter(|_| is_full);
    let makers: BTreeSet<Uuid> = items.iter().map(|petition| petition.system).collect();
    for maker in makers {
        if !concerns(connection, actor, checkpoint, SystemId(maker), now).await? {
            items.retain(|petition| petition.system != maker);
        }
    }
    Ok(PetitionPage { items, next })
}

/// Whether a petition that a system filed concerns an actor: an operator by whether it runs the queue for
/// that system, the border guard always.
async fn concerns(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    filed_by: SystemId,
    now: DateTime<Utc>,
) -> Result<bool> {
    Ok(actor.role != Role::QueueOperator
        || operators::runs(connection, actor, checkpoint, filed_by, now).await?)
}

/// What a granted petition gives a booking.
pub(in crate::queue) struct Usable {
    /// The class of the priority queue.
    pub(in crate::queue) class: String,
    /// When it was granted: nobody stands in the class before that.
    pub(in crate::queue) granted_at: DateTime<Utc>,
}

/// What a booking of this vehicle may use of a granted petition.
///
/// # Errors
/// [`ProblemCode::PetitionNotUsable`].
pub(in crate::queue) async fn usable(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    id: Uuid,
    plate: &FoldedPlate,
) -> Result<Usable> {
    let refused = |detail: &str| Err(Error::refused(ProblemCode::PetitionNotUsable, detail));
    let Some((petition, of_plate)) = store::by_id(connection, checkpoint, id).await? else {
        return refused("there is no such petition at this checkpoint");
    };
    let Some(PetitionDecision { outcome, decided_at: granted_at, .. }) = petition.decision else {
        return refused("the petition is not decided yet");
    };
    match outcome {
        PetitionOutcome::Refused => refused("the petition was refused"),
        PetitionOutcome::Granted if petition.booking.is_some() => {
            refused("the petition was used by a booking")
        }
        PetitionOutcome::Granted if of_plate != *plate => refused("the petition is for another vehicle"),
        PetitionOutcome::Granted => Ok(Usable { class: petition.class, granted_at }),
    }
}

/// Notes the booking that used a petition.
pub(in crate::queue) async fn used(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    id: Uuid,
    booking: Uuid,
) -> Result<()> {
    store::used(connection, checkpoint, id, booking).await
}
