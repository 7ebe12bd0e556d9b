//! The facts about a ticket. What follows from them is worked out from its acts.

use std::fmt;

use chrono::{DateTime, Utc};
use kordon_schemas::support::{ExtensionGround, Line, Priority, TicketStatus};
use kordon_schemas::tickets::{
    PersonInvolved, Recording, TellingOf, TicketAct, TicketActKind, TicketChannel, TicketKind,
    TicketOfficial, TicketSummary, TicketUser,
};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::parties::SystemId;
use crate::support::deadlines::{Entry, Extension, History};
use crate::support::statuses::TicketStanding;

/// The id of a ticket, a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TicketId(pub Uuid);

impl TicketId {
    /// A new id.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "two defaults would differ")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// The number of its last act.
    pub version: i32,
    /// Its registration number (H3.6).
    pub registration_number: String,
    /// What it is about.
    pub kind: TicketKind,
    /// How it came.
    pub channel: TicketChannel,
    /// Where it stands.
    pub standing: TicketStanding,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
    /// When it was first in progress.
    pub taken_at: Option<DateTime<Utc>>,
    /// The earliest deadline of a clock that runs; while the ticket's own stands still, until when it was
    /// extended.
    pub due_at: Option<DateTime<Utc>>,
    /// While it is new: when it is to be assigned at the latest (H3.12).
    pub assign_by: Option<DateTime<Utc>>,
    /// When it is closed by itself.
    pub closes_at: Option<DateTime<Utc>>,
    /// Since when a message of the user waits, see [`answers_user`].
    pub user_wrote_at: Option<DateTime<Utc>>,
    /// When a message of the user was last put to it.
    pub user_last_wrote_at: Option<DateTime<Utc>>,
    /// The version of the handling times that was in force when it was registered.
    pub handling_version: i32,
    /// Which system filed it.
    pub filed_by: SystemId,
    /// Who asks. Personal data.
    pub user: TicketUser,
    /// The matter itself.
    pub substance: String,
    /// The recording of the call, if there was one.
    pub recording: Option<Recording>,
    /// The people involved. Personal data.
    pub people: Vec<PersonInvolved>,
}

impl Ticket {
    /// Where it stands, as a reader gets it.
    #[must_use]
    pub fn summary(&self) -> TicketSummary {
        let TicketStanding { status, line, priority } = self.standing;
        TicketSummary {
            id: self.id.0,
            version: self.version,
            registration_number: self.registration_number.clone(),
            kind: self.kind,
            channel: self.channel,
            status,
            line,
            priority,
            received_at: self.received_at,
            registered_at: self.registered_at,
            taken_at: self.taken_at,
            due_at: self.due_at,
            closes_at: self.closes_at,
            user_wrote_at: self.user_wrote_at,
        }
    }
}

/// What an act was, besides where it left the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It was registered.
    Registered,
    /// Its status or its line changed.
    Moved,
    /// Its priority changed.
    Prioritised,
    /// A deadline was extended.
    Extended {
        /// On which ground.
        ground: ExtensionGround,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// The user was told something.
    Told(TellingOf),
    /// Line 1 wrote to the user.
    Answered,
    /// The people involved were named.
    Involved,
    /// A letter that told the user something came back.
    Bounced(TellingOf),
}

impl Deed {
    /// What kind of act it is.
    #[must_use]
    pub const fn kind(self) -> TicketActKind {
        match self {
            Self::Registered => TicketActKind::Registered,
            Self::Moved => TicketActKind::Moved,
            Self::Prioritised => TicketActKind::Prioritised,
            Self::Extended { .. } => TicketActKind::Extended,
            Self::Told(_) => TicketActKind::Told,
            Self::Answered => TicketActKind::Answered,
            Self::Involved => TicketActKind::Involved,
            Self::Bounced(_) => TicketActKind::Bounced,
        }
    }
}

/// Something that was done with a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Counts the acts of the ticket, from 1.
    pub number: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub deed: Deed,
    /// Where the ticket stood after it.
    pub standing: TicketStanding,
    /// Who did it; `None`: the hub by itself.
    pub by: Option<SystemId>,
    /// For which line; `None`: for the user.
    pub by_line: Option<Line>,
    /// Why.
    pub reason: Option<String>,
    /// Who was named as responsible by it. Personal data.
    pub official: Option<TicketOfficial>,
}

impl Act {
    /// The act, as a reader gets it.
    #[must_use]
    pub fn seen(&self) -> TicketAct {
        let Self { number, at, deed, standing, by, by_line, reason, official } = self;
        let TicketStanding { status, line, priority } = standing;
        let (ground, extended_until) = match deed {
            Deed::Extended { ground, until } => (Some(*ground), Some(*until)),
            Deed::Registered
            | Deed::Moved
            | Deed::Prioritised
            | Deed::Told(_)
            | Deed::Answered
            | Deed::Involved
            | Deed::Bounced(_) => (None, None),
        };
        let told = match deed {
            Deed::Told(of) | Deed::Bounced(of) => Some(*of),
            Deed::Registered
            | Deed::Moved
            | Deed::Prioritised
            | Deed::Extended { .. }
            | Deed::Answered
            | Deed::Involved => None,
        };
        TicketAct {
            number: *number,
            at: *at,
            act: deed.kind(),
            status: *status,
            line: *line,
            priority: *priority,
            by: by.map(|system| system.0),
            by_line: *by_line,
            reason: reason.clone(),
            ground,
            extended_until,
            told,
            official: official.clone(),
        }
    }

    const fn entry(&self) -> Entry {
        let TicketStanding { status, line, priority } = self.standing;
        Entry { at: self.at, status, line, priority }
    }
}

/// The history that the clocks are worked out from.
///
/// # Errors
/// [`Error::Internal`] when the acts are stored badly: none at all, or out of order.
pub fn history(acts: &[Act]) -> Result<History> {
    let mut acts = acts.iter();
    let first = acts.next().ok_or_else(|| Error::Internal("a ticket without acts".into()))?;
    acts.try_fold(History::registered(first.entry()), |history, act| match act.deed {
        Deed::Extended { ground, until } => {
            let by = act.by_line.unwrap_or(Line::First);
            Ok(history.extended(Extension { at: act.at, by, ground, until }))
        }
        Deed::Told(_) | Deed::Answered | Deed::Involved | Deed::Bounced(_) => Ok(history),
        Deed::Registered | Deed::Moved | Deed::Prioritised => {
            history.then(act.entry()).map_err(|fault| Error::Internal(fault.to_string()))
        }
    })
}

/// When the user was told the result for the last time, unless they wrote since: that may be an objection,
/// and the ten days run from the next telling.
#[must_use]
pub fn unopposed_since(ticket: &Ticket, acts: &[Act]) -> Option<DateTime<Utc>> {
    told_at(acts).filter(|told| ticket.user_last_wrote_at.is_none_or(|wrote| wrote <= *told))
}

/// When the user was last told the result; not at all when the letter that told it came back since.
#[must_use]
pub fn told_at(acts: &[Act]) -> Option<DateTime<Utc>> {
    let of_result =
        |act: &&Act| matches!(act.deed, Deed::Told(TellingOf::Result) | Deed::Bounced(TellingOf::Result));
    let last = acts.iter().rev().find(of_result)?;
    (last.deed == Deed::Told(TellingOf::Result)).then_some(last.at)
}

/// Whether an act ends the waiting of what the user wrote. Who acts for a line has read it; but of a resolved
/// ticket it may be an objection, and that only a word on the result or a move answers (section III, clause
/// 9, item 6).
#[must_use]
pub const fn answers_user(act: &Act) -> bool {
    match (act.by_line, act.standing.status, act.deed) {
        (None, ..) => false,
        (Some(_), TicketStatus::Resolved, Deed::Moved | Deed::Answered | Deed::Told(TellingOf::Result)) => {
            true
        }
        (
            Some(_),
            TicketStatus::Resolved,
            Deed::Registered
            | Deed::Prioritised
            | Deed::Extended { .. }
            | Deed::Told(TellingOf::Registration | TellingOf::Extension)
            | Deed::Involved
            | Deed::Bounced(_),
        ) => false,
        (
            Some(_),
            TicketStatus::New
            | TicketStatus::InProgress
            | TicketStatus::Extended
            | TicketStatus::Deferred
            | TicketStatus::Closed,
            _,
        ) => true,
    }
}

/// What `status`, `line` and `priority` are when a ticket begins.
pub(super) const NEW: TicketStanding =
    TicketStanding { status: TicketStatus::New, line: Line::First, priority: Priority::Normal };
