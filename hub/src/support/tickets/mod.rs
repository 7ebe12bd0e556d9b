//! Support tickets: registered, moved between statuses and lines, answered, closed (Order 926, sections II
//! and III).
//!
//! Whom it serves: traders and customs offices, who file them; the lines, which handle them.
//!
//! - [`contact`]: what a ticket must hold before it is registered.
//! - [`model`]: a ticket and its acts. Everything that is done with a ticket is an act; its clocks are worked
//!   out from them.
//! - [`officials`]: who is responsible for it.
//! - [`acting`]: moves, priorities, extensions, tellings, and closing by itself.
//! - `outcomes`: what comes of each of these, and why it is refused.
//! - [`closing`]: the timer that closes.
//! - [`reading`]: a ticket, its deadlines, lists; who sees what.

pub mod acting;
pub mod closing;
pub mod contact;
pub mod model;
pub mod officials;
mod outcomes;
pub mod reading;
mod store;

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Europe::Kyiv;
use diesel_async::AsyncConnection;
use kordon_schemas::control::ControlReason;
use kordon_schemas::support::{Line, Priority};
use kordon_schemas::tickets::{TicketChannel, TicketIn, TicketKind, TicketUser};

pub use model::{Act, Deed, Ticket, TicketId};

use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{Actor, Role};
use crate::repeats;
use crate::support::rules;
use crate::support::statuses::TicketStanding;

/// What became of a ticket that was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The ticket.
    pub ticket: Ticket,
    /// Whether it had been registered before, under the same idempotency key.
    pub repeated: bool,
}

/// Which line a role is.
#[must_use]
pub const fn line_of(role: Role) -> Option<Line> {
    match role {
        Role::SupportLine1 => Some(Line::First),
        Role::SupportLine2 => Some(Line::Second),
        Role::SupportLine3 => Some(Line::Third),
        Role::BorderGuard
        | Role::Customs
        | Role::QueueOperator
        | Role::ZoneOperator
        | Role::Police
        | Role::Ministry
        | Role::DepartureOffice
        | Role::Trader
        | Role::PressOffice
        | Role::Taxud
        | Role::Administrator => None,
    }
}

/// Registers a ticket: it gets its number, and line 1 has it as new. What users file comes by the web module
/// and is received and registered at the same moment; line 1 enters calls.
///
/// # Errors
/// [`Error::Invalid`] naming all that is missing or wrong; then nothing is registered. [`Error::Refused`]
/// with `idempotency_conflict` when the key stands for another ticket.
pub async fn register(
    connection: &mut Connection,
    actor: &Actor,
    filed: &TicketIn,
    key: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Registered> {
    let digest = repeats::digest(filed)?;
    register_as(connection, actor, filed, Filing { key, digest, priority: model::NEW.priority }, now).await
}

/// How a ticket is filed, besides what it says.
pub(crate) struct Filing<'k> {
    /// The key of its sender.
    pub(crate) key: Option<&'k str>,
    /// The digest of all that was sent under it.
    pub(crate) digest: [u8; 32],
    /// How urgent it is from the beginning.
    pub(crate) priority: Priority,
}

/// [`register`], for what is filed as part of something else.
pub(crate) async fn register_as(
    connection: &mut Connection,
    actor: &Actor,
    filed: &TicketIn,
    Filing { key, digest, priority }: Filing<'_>,
    now: DateTime<Utc>,
) -> Result<Registered> {
    if let Some(key) = key {
        repeats::check_key(key)?;
        if let Some(ticket) = repeated(connection, actor, key, digest).await? {
            return Ok(Registered { ticket, repeated: true });
        }
    }
    let checked = contact::check(filed, now).map_err(Error::Invalid)?;
    let by_line = line_of(actor.role);
    let (channel, received_at, recording) = match (by_line, checked.call) {
        (Some(_), Some((received_at, recording))) => (TicketChannel::Telephone, received_at, Some(recording)),
        (None, None) => (TicketChannel::WebModule, now, None),
        (Some(_), None) => {
            return Err(Error::fault("/call", "is missing: line 1 enters what came by telephone"));
        }
        (None, Some(_)) => return Err(Error::fault("/call", "is entered by line 1 only: leave it out")),
    };
    let ticket = Ticket {
        standing: TicketStanding { priority, ..model::NEW },
        received_at,
        recording,
        ..new(actor, filed.kind, channel, checked.user, checked.substance, now)?
    };
    let registered = Registration { key, digest, by_line };
    match connection.transaction(async |connection| registered.record(connection, ticket).await).await {
        Ok(ticket) => Ok(Registered { ticket, repeated: false }),
        Err(NotRegistered::Failed(error)) => Err(error),
        // Another request with the same key was faster; it has been committed by now.
        Err(NotRegistered::Repeated) => {
            match repeated(connection, actor, key.unwrap_or_default(), digest).await? {
                Some(ticket) => Ok(Registered { ticket, repeated: true }),
                None => Err(Error::Internal("a ticket was neither registered nor a repeat".into())),
            }
        }
    }
}

/// What is registered from a mail.
#[derive(Debug)]
pub(crate) struct Mailed {
    /// What it is about.
    pub kind: TicketKind,
    /// Who asks, and the matter.
    pub checked: contact::Checked,
    /// When the mail was received.
    pub received_at: DateTime<Utc>,
    /// SHA-256 of the mail.
    pub digest: [u8; 32],
}

/// Registers a ticket that came by mail, in the caller's transaction: line 1 does that (H2.2).
///
/// # Errors
/// When the database is away.
pub(crate) async fn register_mailed(
    connection: &mut Connection,
    actor: &Actor,
    mailed: Mailed,
    now: DateTime<Utc>,
) -> Result<Ticket> {
    let Mailed { kind, checked, received_at, digest } = mailed;
    let ticket = Ticket {
        received_at: received_at.min(now),
        ..new(actor, kind, TicketChannel::Email, checked.user, checked.substance, now)?
    };
    let registered = Registration { key: None, digest, by_line: line_of(actor.role) };
    registered.record(connection, ticket).await.map_err(|not| match not {
        NotRegistered::Failed(error) => error,
        NotRegistered::Repeated => Error::Internal("a ticket without a key was a repeat".into()),
    })
}

/// A ticket that is received and registered at `now`, without its number.
fn new(
    actor: &Actor,
    kind: TicketKind,
    channel: TicketChannel,
    user: TicketUser,
    substance: String,
    now: DateTime<Utc>,
) -> Result<Ticket> {
    Ok(Ticket {
        id: TicketId::new(),
        version: 1,
        registration_number: String::new(),
        kind,
        channel,
        standing: model::NEW,
        received_at: now,
        registered_at: now,
        taken_at: None,
        due_at: None,
        assign_by: None,
        closes_at: None,
        user_wrote_at: None,
        user_last_wrote_at: None,
        handling_version: rules::built_in()?.handling.in_force_at(now).version,
        filed_by: actor.system,
        user,
        substance,
        recording: None,
        people: Vec::new(),
    })
}

struct Registration<'k> {
    key: Option<&'k str>,
    digest: [u8; 32],
    by_line: Option<Line>,
}

/// Why the transaction was given up, and the number with it: numbers have no gaps.
enum NotRegistered {
    Repeated,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for NotRegistered {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Registration<'_> {
    async fn record(&self, connection: &mut Connection, mut ticket: Ticket) -> Result<Ticket, NotRegistered> {
        let now = ticket.registered_at;
        let year = now.with_timezone(&Kyiv).year();
        let number = store::next_number(connection, year).await?;
        ticket.registration_number = format!("{year}-{number:06}");
        let act = Act {
            number: ticket.version,
            at: now,
            deed: Deed::Registered,
            standing: ticket.standing,
            by: Some(ticket.filed_by),
            by_line: self.by_line,
            reason: None,
            official: None,
        };
        acting::begin_clocks(&mut ticket, &act)?;
        if !store::insert(connection, &ticket, self.key, self.digest).await? {
            return Err(NotRegistered::Repeated);
        }
        store::insert_act(connection, ticket.id, &act).await?;
        Ok(ticket)
    }
}

async fn repeated(
    connection: &mut Connection,
    actor: &Actor,
    key: &str,
    digest: [u8; 32],
) -> Result<Option<Ticket>> {
    let Some((ticket, known)) = store::by_key(connection, actor.system, key).await? else { return Ok(None) };
    repeats::require_same(&known, digest, || {
        format!("the key stands for another ticket, {}", ticket.registration_number)
    })?;
    Ok(Some(ticket))
}

/// Notes that the user of a ticket wrote: since when that waits, and that what they were told before `now`
/// closes nothing. In the caller's transaction.
///
/// # Errors
/// When the database is away.
pub(crate) async fn note_written(
    connection: &mut Connection,
    id: TicketId,
    received_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    store::note_written(connection, id, received_at, now).await
}

/// The tickets of a list of the daily control, the most urgent first.
///
/// # Errors
/// When the database is away.
pub(crate) async fn of_control(
    connection: &mut Connection,
    reason: ControlReason,
    now: DateTime<Utc>,
    midnight: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Ticket>> {
    store::of_control(connection, reason, now, midnight, limit).await
}

fn unknown(id: TicketId) -> Error {
    Error::NotFound { what: "ticket", id: id.to_string() }
}
