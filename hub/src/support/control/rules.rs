//! Whom a ticket waits for. No clock, no I/O.

use kordon_schemas::control::WaitsFor;
use kordon_schemas::support::{Line, TicketStatus};

use crate::support::tickets::Ticket;

/// Whom a ticket waits for: line 1 where it has something to read, to take or to tell.
#[must_use]
pub const fn waits_for(ticket: &Ticket) -> WaitsFor {
    if ticket.user_wrote_at.is_some() {
        return WaitsFor::Line1;
    }
    match (ticket.standing.status, ticket.standing.line) {
        (TicketStatus::New, _) => WaitsFor::Line1,
        (TicketStatus::InProgress, Line::First) => WaitsFor::Line1,
        (TicketStatus::InProgress, Line::Second) => WaitsFor::Line2,
        (TicketStatus::InProgress | TicketStatus::Extended, Line::Third) => WaitsFor::Line3,
        (TicketStatus::Extended, Line::First | Line::Second) => WaitsFor::User,
        (TicketStatus::Deferred, _) => WaitsFor::SoftwareChange,
        (TicketStatus::Resolved, _) if ticket.closes_at.is_none() => WaitsFor::Line1,
        (TicketStatus::Resolved, _) => WaitsFor::User,
        (TicketStatus::Closed, _) => WaitsFor::Nobody,
    }
}
