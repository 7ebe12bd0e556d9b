//! When each of the four clocks ran and when it stood still, from the history of statuses (H3.12).
//!
//! | Clock | runs | stands still | stops |
//! |---|---|---|---|
//! | assignment (line 1) | new | never | in progress, or whatever else it becomes |
//! | ticket (line 1) | in progress | extended, deferred (a setting) | resolved, closed |
//! | line 2 | in progress with line 2 | while another line has it; extended (a setting) | deferred, resolved, closed |
//! | line 3 | extended with line 3 | while another line has it | deferred, resolved, closed |
//!
//! "Deferred" stops the clocks of lines 2 and 3; it is no pause for them. What comes back after a stop begins
//! a new run. The clock of assignment runs once, from the registration: what was received earlier was no ticket
//! yet, and nothing that leaves "new" comes back to it.

use chrono::{DateTime, Utc};
use kordon_schemas::support::{DeadlineClock, Line, TicketStatus};

use super::history::{Entry, History};
use crate::support::rules::{HandlingVersion, WhileWaiting};

/// Why a clock stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// The user must give more information.
    InformationNeeded,
    /// A contractor works on it.
    ContractorInvolved,
    /// Software must be changed.
    SoftwareMustChange,
    /// Another line has the ticket.
    AtAnotherLine,
}

/// A stretch in which a clock stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standstill {
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; `None`: it does so now.
    pub until: Option<DateTime<Utc>>,
    /// Why.
    pub why: Why,
}

/// A clock from its start to its stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it stood still, in order, apart from each other.
    pub standstills: Vec<Standstill>,
    /// When it stopped and by which status; `None`: it has not.
    pub stopped: Option<(DateTime<Utc>, TicketStatus)>,
}

/// What a clock does from an entry on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It is not its turn: as before it started, or standing still.
    Away(Why),
    Runs,
    StandsStill(Why),
    Stopped,
}

/// The runs of a clock, the oldest first. None: it has not started.
#[must_use]
pub fn runs(clock: DeadlineClock, history: &History, version: &HandlingVersion) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for entry in history.entries() {
        let open = runs.last_mut().filter(|run| run.stopped.is_none());
        match (phase(clock, entry, version), open) {
            (Phase::Runs, None) => {
                runs.push(Run { started_at: entry.at, standstills: Vec::new(), stopped: None });
            }
            (Phase::Runs, Some(run)) => run.go_on(entry.at),
            (Phase::StandsStill(why) | Phase::Away(why), Some(run)) => run.stand_still(entry.at, why),
            (Phase::Stopped, Some(run)) => {
                run.go_on(entry.at);
                run.stopped = Some((entry.at, entry.status));
            }
            (Phase::StandsStill(_) | Phase::Away(_) | Phase::Stopped, None) => {}
        }
    }
    runs
}

impl Run {
    fn go_on(&mut self, at: DateTime<Utc>) {
        if let Some(last) = self.standstills.last_mut().filter(|last| last.until.is_none()) {
            last.until = Some(at);
        }
        self.standstills.retain(|standstill| standstill.until != Some(standstill.from));
    }

    fn stand_still(&mut self, from: DateTime<Utc>, why: Why) {
        match self.standstills.last() {
            Some(Standstill { until: None, why: same, .. }) if *same == why => {}
            Some(_) | None => {
                self.go_on(from);
                self.standstills.push(Standstill { from, until: None, why });
            }
        }
    }
}

fn phase(clock: DeadlineClock, entry: &Entry, version: &HandlingVersion) -> Phase {
    let extended = match entry.line {
        Line::First | Line::Second => Why::InformationNeeded,
        Line::Third => Why::ContractorInvolved,
    };
    match (clock, entry.status, entry.line) {
        (DeadlineClock::Assignment, TicketStatus::New, _) => Phase::Runs,
        (DeadlineClock::Assignment, _, _) => Phase::Stopped,

        (_, TicketStatus::New, _) => Phase::Away(Why::AtAnotherLine),
        (_, TicketStatus::Resolved | TicketStatus::Closed, _) => Phase::Stopped,
        (DeadlineClock::Line2 | DeadlineClock::Line3, TicketStatus::Deferred, _) => Phase::Stopped,

        (DeadlineClock::Ticket, TicketStatus::InProgress, _) => Phase::Runs,
        (DeadlineClock::Ticket, TicketStatus::Extended, _) => waiting(version.while_extended, extended),
        (DeadlineClock::Ticket, TicketStatus::Deferred, _) => {
            waiting(version.while_deferred, Why::SoftwareMustChange)
        }

        (DeadlineClock::Line2, TicketStatus::InProgress, Line::Second) => Phase::Runs,
        (DeadlineClock::Line2, TicketStatus::Extended, Line::Second) => {
            waiting(version.line_2_while_extended, extended)
        }
        (DeadlineClock::Line2, TicketStatus::Extended, Line::Third) => Phase::Away(extended),
        (DeadlineClock::Line2, TicketStatus::InProgress | TicketStatus::Extended, _) => {
            Phase::Away(Why::AtAnotherLine)
        }

        (DeadlineClock::Line3, TicketStatus::Extended, Line::Third) => Phase::Runs,
        (DeadlineClock::Line3, TicketStatus::InProgress | TicketStatus::Extended, _) => {
            Phase::Away(Why::AtAnotherLine)
        }
    }
}

/// Whether the term of a ticket waits in a status: whoever puts it there prolongs the term (H3.13).
#[must_use]
pub const fn prolongs(status: TicketStatus, version: &HandlingVersion) -> bool {
    let setting = match status {
        TicketStatus::Extended => version.while_extended,
        TicketStatus::Deferred => version.while_deferred,
        TicketStatus::New | TicketStatus::InProgress | TicketStatus::Resolved | TicketStatus::Closed => {
            return false;
        }
    };
    match setting {
        WhileWaiting::StandsStill => true,
        WhileWaiting::Runs => false,
    }
}

const fn waiting(setting: WhileWaiting, why: Why) -> Phase {
    match setting {
        WhileWaiting::StandsStill => Phase::StandsStill(why),
        WhileWaiting::Runs => Phase::Runs,
    }
}
