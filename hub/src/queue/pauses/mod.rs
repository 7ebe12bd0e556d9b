//! Pausing the calls of a lane, or of the whole checkpoint (Q13, Q34): while it lasts nobody is called,
//! neither by the hub nor by the operator. Nobody is found absent from a checkpoint that is paused, or from its
//! zones, and when it goes on, who was called before, or was to come to a slot meanwhile, has as much more
//! time as the pause took.
//!
//! - `stretches`: how much that is where pauses overlap, as pure functions.

pub(in crate::queue) mod store;
mod stretches;

use chrono::{DateTime, SecondsFormat, Utc};
use diesel_async::AsyncConnection;
use futures_util::try_join;
use kordon_schemas::queue::{Pause, PauseIn, PauseList, PausedBy};
use kordon_schemas::{CheckpointCode, ProblemCode};
use uuid::Uuid;

pub(super) use store::in_force;

use self::stretches::Span;
use super::rules;
use super::waiting::Ground;
use crate::checkpoints::{operators, rules as checkpoint_rules};
use crate::crossings::{CallWindow, LockedJournal};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{Actor, Role};

/// Pauses a lane, or the checkpoint.
///
/// # Errors
/// [`Error::Invalid`] for a lane that the rules do not have or a reason that says nothing;
/// [`ProblemCode::LanePaused`] when it is paused already; [`ProblemCode::OtherOperator`].
pub async fn pause(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    asked: &PauseIn,
    now: DateTime<Utc>,
) -> Result<Pause> {
    let PauseIn { lane, reason } = asked;
    if !rules::is_text(reason, 500) {
        return Err(Error::fault("/reason", "has 1 to 500 characters and no control characters"));
    }
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            operators::check(connection, actor, checkpoint, now).await?;
            let in_force = checkpoint_rules::in_force(connection, checkpoint, now).await?;
            if let Some(named) = lane
                && !in_force.rules.lanes.iter().any(|lane| lane.lane == *named)
            {
                return Err(Error::fault("/lane", "is no lane of this checkpoint; its rules name them"));
            }
            let paused = store::in_force(connection, checkpoint).await?;
            if let Some(already) = paused.iter().find(|pause| pause.lane == *lane) {
                let since = already.paused_at.to_rfc3339_opts(SecondsFormat::Secs, true);
                let detail = format!("pause {} lasts since {since}: {}", already.id, already.reason);
                return Err(Error::refused(ProblemCode::LanePaused, detail));
            }
            let pause = Pause {
                id: Uuid::now_v7(),
                checkpoint: checkpoint.clone(),
                lane: lane.clone(),
                reason: reason.clone(),
                paused_by: paused_by(actor.role).ok_or_else(|| may_not_pause(actor.role))?,
                position: journal.draw().0,
                paused_at: now,
                ended_at: None,
            };
            store::insert(connection, actor, &pause).await?;
            journal.advance(connection, now).await?;
            Ok(pause)
        })
        .await
}

/// Who of those that may pause calls has this role.
const fn paused_by(role: Role) -> Option<PausedBy> {
    match role {
        Role::BorderGuard => Some(PausedBy::BorderGuard),
        Role::QueueOperator => Some(PausedBy::QueueOperator),
        Role::Customs
        | Role::ZoneOperator
        | Role::Police
        | Role::Ministry
        | Role::SupportLine1
        | Role::SupportLine2
        | Role::SupportLine3
        | Role::DepartureOffice
        | Role::Trader
        | Role::PressOffice
        | Role::Taxud
        | Role::Administrator => None,
    }
}

fn may_not_pause(role: Role) -> Error {
    Error::Internal(format!("the door let a {role} pause calls"))
}

/// The pauses that last, for whoever is to end one that others began.
///
/// # Errors
/// When the database is away.
pub async fn lasting(connection: &Connection, checkpoint: &CheckpointCode) -> Result<PauseList> {
    Ok(PauseList { items: store::in_force(connection, checkpoint).await? })
}

/// Ends a pause. One that has ended stays as it is. What the border guard paused it alone lets go on: who is
/// called comes to its gate.
///
/// # Errors
/// [`Error::NotFound`] when the checkpoint has no such pause; [`ProblemCode::LanePaused`] when an operator
/// would end one of the border guard; [`ProblemCode::OtherOperator`].
pub async fn resume(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Pause> {
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            operators::check(connection, actor, checkpoint, now).await?;
            let found = store::pause(connection, checkpoint, id).await?;
            let mut pause = found.ok_or_else(|| Error::NotFound { what: "pause", id: id.to_string() })?;
            if pause.ended_at.is_some() {
                return Ok(pause);
            }
            if pause.paused_by == PausedBy::BorderGuard && actor.role != Role::BorderGuard {
                let detail = format!("the border guard paused them and lets them go on: {}", pause.reason);
                return Err(Error::refused(ProblemCode::LanePaused, detail));
            }
            let ended_at = now.max(pause.paused_at);
            let position = journal.draw().0;
            store::end(connection, actor, &pause, ended_at, position).await?;
            pause.ended_at = Some(ended_at);
            give_time(connection, &pause, now).await?;
            journal.advance(connection, now).await?;
            Ok(pause)
        })
        .await
}

/// The window of a call that is handed in now, with the time of the pauses that its lane has had since it was
/// given: as much as it would have got had the hub known of it. A pause that lasts gives its time when it
/// ends.
pub(super) async fn with_their_time(
    connection: &Connection,
    checkpoint: &CheckpointCode,
    lane: &str,
    call: CallWindow,
) -> Result<CallWindow> {
    let pauses = store::lasting_after(connection, checkpoint, call.called_at).await?;
    Ok(stretches::after_those_over(call, lane, &pauses))
}

/// The pauses of a checkpoint since a moment: nobody's time runs while its lane stands.
pub(super) struct PausesSince(Vec<Span>);

impl PausesSince {
    pub(super) async fn read(
        connection: &Connection,
        checkpoint: &CheckpointCode,
        moment: DateTime<Utc>,
    ) -> Result<Self> {
        Ok(Self(store::lasting_after(connection, checkpoint, moment).await?))
    }

    /// Until when a vehicle may come whose time was to run from one moment to another: with the time in which
    /// its lane stood meanwhile.
    pub(super) fn prolonged(&self, lane: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> DateTime<Utc> {
        let Self(pauses) = self;
        let window = CallWindow { called_at: from, deadline_at: until };
        stretches::after_those_over(window, lane, pauses).deadline_at
    }
}

/// The lanes of a checkpoint as they stand: of a lane that is paused no call ends that was good when it was
/// paused (clause 31).
pub(super) struct PausedLanes {
    ground: Ground,
    pauses: Vec<Span>,
}

impl PausedLanes {
    /// For calls that were given from a moment on.
    pub(super) async fn read(
        connection: &Connection,
        checkpoint: &CheckpointCode,
        called_from: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let (ground, pauses) = try_join!(
            Ground::read(connection, checkpoint, now),
            store::lasting_after(connection, checkpoint, called_from),
        )?;
        Ok(Self { ground, pauses })
    }

    /// The window of a call in the lane of a booking, with the time that a pause which lasts has taken until
    /// `now`.
    pub(super) fn call(&self, booked: &str, call: CallWindow, now: DateTime<Utc>) -> Result<CallWindow> {
        let lane = &self.ground.lane_of(booked)?.lane;
        let lasting = stretches::of_lane(lane, &self.pauses).pop().filter(|stretch| stretch.lasts());
        let deadline_at = lasting.and_then(|stretch| stretch.deadline_of(call, now));
        Ok(CallWindow { deadline_at: deadline_at.unwrap_or(call.deadline_at), ..call })
    }
}

/// Gives the called the time back in which their lanes stood, where those go on now that a pause has ended. A
/// lane that another pause covers has its time when that one ends. As everywhere, a booking whose lane the
/// rules no longer have stands in their first.
async fn give_time(connection: &mut Connection, ended: &Pause, now: DateTime<Utc>) -> Result<()> {
    let checkpoint = &ended.checkpoint;
    let calls = store::open_calls(connection, checkpoint).await?;
    let Some(first) = calls.iter().map(|call| call.window.called_at).min() else { return Ok(()) };
    // What was over before the first of them was called takes nobody's time.
    let (ground, pauses) = try_join!(
        Ground::read(connection, checkpoint, now),
        store::lasting_after(connection, checkpoint, first),
    )?;
    let mut given = Vec::with_capacity(calls.len());
    for call in calls {
        let lane = &ground.lane_of(&call.lane)?.lane;
        let stretch = stretches::ended_with(ended.position, lane, &pauses);
        if let Some(deadline_at) = stretch.and_then(|stretch| stretch.deadline_of(call.window, now)) {
            given.push((call.booking, deadline_at));
        }
    }
    store::give_time(connection, checkpoint, given, now).await
}
