//! Support tickets on the wire (Order 926, sections II and III). JSON only.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::support::{DeadlineClock, ExtensionGround, Line, Priority, TicketStatus, words};

words!(
    /// What a ticket is about (H2.1).
    TicketKind {
        /// A functional or technical fault of ETS or its parts (запит про інцидент).
        Incident = "incident",
        /// A question about using ETS or about the transit procedure (запит на консультацію).
        Consultation = "consultation",
    }
);

words!(
    /// How a ticket came, and how its user is answered (H2.2).
    TicketChannel {
        /// The web module; registered by itself.
        WebModule = "web_module",
        /// E-mail; entered by line 1.
        Email = "email",
        /// A call; entered by line 1, with the reference of its recording.
        Telephone = "telephone",
    }
);

words!(
    /// Who a user is; it decides which contact data is needed (H2.3).
    UserKind {
        /// A legal entity or a part of one: name, EDRPOU code, contact person, e-mail or telephone.
        LegalEntity = "legal_entity",
        /// A sole trader: tax number, contact person, e-mail or telephone; the name, where it is not that of the contact person.
        SoleTrader = "sole_trader",
        /// A customs official: code or name of the unit, position, name, e-mail or telephone.
        CustomsOfficial = "customs_official",
    }
);

words!(
    /// What is done with a ticket.
    TicketActKind {
        /// It was registered.
        Registered = "registered",
        /// Its status or its line changed.
        Moved = "moved",
        /// Its priority changed.
        Prioritised = "prioritised",
        /// A deadline was extended.
        Extended = "extended",
        /// The user was told something.
        Told = "told",
        /// Line 1 wrote to the user.
        Answered = "answered",
        /// The people involved were named.
        Involved = "involved",
        /// A letter that told the user something came back: the user was not told.
        Bounced = "bounced",
    }
);

words!(
    /// What a user is told.
    TellingOf {
        /// The registration, with the number (H3.6).
        Registration = "registration",
        /// That the term is longer: it was extended, or waits for information or software (H3.13).
        Extension = "extension",
        /// The result. 10 days later the ticket is closed by itself, unless the user objects (H3.9).
        Result = "result",
    }
);

words!(
    /// Which open tickets are listed.
    TicketDue {
        /// A clock runs, that of a new ticket too, or the ticket waits until a moment to which it was extended; time is left.
        Due = "due",
        /// That time is used up.
        Overdue = "overdue",
        /// Nothing is due: the ticket waits for something and was not extended to a moment, or is new by a table without a time for assignment.
        Waiting = "waiting",
    }
);

/// Who asks, and how to reach them. Personal data. What a kind of user does not need must be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketUser {
    /// Who.
    pub kind: UserKind,
    /// The name of the legal entity or the sole trader. A sole trader may leave it out: then it is that of the contact person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// The code of a legal entity, with its check digit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]{8}$", example = "43115923")]
    pub edrpou: Option<String>,
    /// The tax number (РНОКПП) of a sole trader, with its check digit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]{10}$", example = "3123456789")]
    pub rnokpp: Option<String>,
    /// The code of the customs unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Z]{2}[A-Z0-9]{6}$", example = "UA209000")]
    pub unit_code: Option<String>,
    /// The name of the customs unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub unit_name: Option<String>,
    /// The position of the customs official.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub position: Option<String>,
    /// The full name of the contact person or the customs official.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub person: Option<String>,
    /// The e-mail address. This or the telephone is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 3, max_length = 254, example = "broker@example.com")]
    pub email: Option<String>,
    /// The telephone number, 7 to 15 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 7, max_length = 30, example = "+380 44 123 45 67")]
    pub telephone: Option<String>,
}

/// A call that line 1 enters as a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TelephoneCall {
    /// When the call was received, at most 7 days ago.
    #[serde(deserialize_with = "crate::instant::read")]
    pub received_at: DateTime<Utc>,
    /// Where the recording of the call is found.
    #[schema(min_length = 1, max_length = 200)]
    pub recording: String,
    /// Until when the recording is kept: at least 1,095 days from the call (H3.6). Left out: exactly so long.
    #[serde(
        default,
        deserialize_with = "crate::instant::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub kept_until: Option<DateTime<Utc>>,
}

/// A ticket, as it is filed. What is missing is named, and nothing is registered (H3.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketIn {
    /// What it is about.
    pub kind: TicketKind,
    /// Who asks.
    pub user: TicketUser,
    /// The matter itself.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10000)]
    pub substance: String,
    /// The call, when line 1 enters it. Traders and customs offices leave it out: theirs comes by the web module.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<TelephoneCall>,
}

/// Where a ticket stands. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketSummary {
    /// The ticket's id.
    pub id: Uuid,
    /// The number of its last act: its `ETag`.
    #[schema(minimum = 1)]
    pub version: i32,
    /// Its registration number: the year, and the number within it.
    #[schema(pattern = "^[0-9]{4}-[0-9]{6,}$")]
    pub registration_number: String,
    /// What it is about.
    pub kind: TicketKind,
    /// How it came.
    pub channel: TicketChannel,
    /// Its status.
    pub status: TicketStatus,
    /// Which line has it.
    pub line: Line,
    /// How urgent it is.
    pub priority: Priority,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// When it was registered, with its number.
    pub registered_at: DateTime<Utc>,
    /// When it was first in progress; `null`: it is new.
    pub taken_at: Option<DateTime<Utc>>,
    /// The earliest deadline of its clocks that run; while its own stands still, until when it was extended. `null`: nothing is due.
    pub due_at: Option<DateTime<Utc>>,
    /// When it is closed by itself, unless the user objects; `null` while it is not resolved, or the user was not told or wrote since. The
    /// ticket of a permit request is closed by what becomes of the request instead.
    pub closes_at: Option<DateTime<Utc>>,
    /// Since when a message of the user waits for line 1: nobody has done anything with the ticket since; of a resolved one, nobody
    /// has answered, told the result or moved it. It is not closed by itself then. `null`: none waits.
    pub user_wrote_at: Option<DateTime<Utc>>,
}

/// The recording of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recording {
    /// Where it is found.
    pub reference: String,
    /// Until when it is kept.
    pub kept_until: DateTime<Utc>,
}

/// Something that was done with a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketAct {
    /// Counts the acts of a ticket, from 1.
    #[schema(minimum = 1)]
    pub number: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub act: TicketActKind,
    /// The status after it.
    pub status: TicketStatus,
    /// The line that has the ticket after it.
    pub line: Line,
    /// The priority after it.
    pub priority: Priority,
    /// Which system did it; `null`: the hub by itself.
    pub by: Option<Uuid>,
    /// For which line; `null`: for the user, or the hub by itself.
    pub by_line: Option<Line>,
    /// Why; of a resolved ticket, what was found and done.
    pub reason: Option<String>,
    /// The ground of an extension.
    pub ground: Option<ExtensionGround>,
    /// Until when a deadline was extended.
    pub extended_until: Option<DateTime<Utc>>,
    /// What the user was told; of a letter that came back, what the user was not told.
    pub told: Option<TellingOf>,
    /// The official who was named as responsible by this move. Personal data.
    pub official: Option<TicketOfficial>,
}

/// The official to whom a ticket is assigned (виконавець, відповідальна посадова особа; Order 926, III.9, III.12). Personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketOfficial {
    /// Their full name.
    #[schema(min_length = 1, max_length = 200, example = "Ірина Бондар")]
    pub name: String,
    /// Their position; of a contractor, what they are there.
    #[schema(min_length = 1, max_length = 200, example = "головний державний інспектор")]
    pub position: String,
}

/// The official who is responsible for a ticket, and who named them when. Personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResponsibleOfficial {
    /// Their full name.
    pub name: String,
    /// Their position.
    pub position: String,
    /// Of which line.
    pub line: Line,
    /// When they were named.
    pub named_at: DateTime<Utc>,
    /// Which system named them.
    pub named_by: Option<Uuid>,
}

/// Somebody who is involved in a matter. Personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonInvolved {
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What part they have in it.
    #[schema(min_length = 1, max_length = 200)]
    pub part: String,
    /// Their e-mail address; what comes from it about the ticket belongs to the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 3, max_length = 254)]
    pub email: Option<String>,
    /// Their telephone number, 7 to 15 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 7, max_length = 30)]
    pub telephone: Option<String>,
}

/// The people involved in a matter, in place of those named before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleIn {
    /// Who; at most 20.
    #[schema(max_items = 20)]
    pub people: Vec<PersonInvolved>,
}

/// A whole ticket, with the contact data of its user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ticket {
    /// Where it stands.
    #[serde(flatten)]
    pub summary: TicketSummary,
    /// Who asks.
    pub user: TicketUser,
    /// The matter itself.
    pub substance: String,
    /// The recording of the call, if it came by telephone.
    pub recording: Option<Recording>,
    /// The people involved, as line 1 named them.
    pub people: Vec<PersonInvolved>,
    /// The official of the line that has it, as named last; `null`: none was named.
    pub official: Option<ResponsibleOfficial>,
    /// All that was done with it, in order.
    pub acts: Vec<TicketAct>,
}

/// A page of tickets, what is due first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketPage {
    /// The tickets of this page.
    pub items: Vec<TicketSummary>,
    /// Give it as `after` to get the next page; `null` on the last one.
    pub next: Option<Uuid>,
}

/// A move that is asked for (H3.9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketMoveIn {
    /// The new status. The same status with another line, or with another official of the same line, is a re-assignment; line 3 is
    /// assigned by `extended`.
    pub to: TicketStatus,
    /// The line that is to have it. Left out: the one that has it, where the move allows that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<Line>,
    /// Why; needed by most moves. For `resolved`: what was found and done. For `closed` by line 1: how the user confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    /// The official who is responsible from now on. Lines 1 and 2 name one when they move a ticket to `in_progress`, or to line 3 by
    /// `extended`; it may be left out where the line that is to have it has named one before, who is responsible again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub official: Option<TicketOfficial>,
}

/// A new priority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketPriorityIn {
    /// How urgent it is from now on.
    pub priority: Priority,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// A later deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketExtensionIn {
    /// The ground. Line 1 extends for information from the user, line 2 for software and contractors.
    pub ground: ExtensionGround,
    /// By how many working days of the line from now on; it ends after the deadline that stands. The deadline is at the same time of day, or when the line works next.
    #[schema(minimum = 1, maximum = 250)]
    pub working_days: u16,
    /// Why, in words.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// That the user was told something, through the channel of the ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TellingIn {
    /// What.
    pub of: TellingOf,
}

words!(
    /// Where a deadline stands.
    TicketDeadlineState {
        /// The clock runs, and time is left.
        Running = "running",
        /// The time is used up, and the clock was not stopped.
        Overdue = "overdue",
        /// The clock stands still.
        StandsStill = "stands_still",
        /// The clock was stopped in time.
        Met = "met",
        /// The clock was stopped too late.
        Missed = "missed",
    }
);

words!(
    /// Why a clock stands still (H3.12, H3.13).
    StandstillReason {
        /// The user must give more information.
        InformationNeeded = "information_needed",
        /// A contractor works on it.
        ContractorInvolved = "contractor_involved",
        /// Software must be changed.
        SoftwareMustChange = "software_must_change",
        /// Another line has the ticket.
        AtAnotherLine = "at_another_line",
    }
);

words!(
    /// A kind of step on the way to a deadline.
    DeadlineStepKind {
        /// The clock started; `left_minutes` is the time given.
        Started = "started",
        /// The line worked.
        Counted = "counted",
        /// The line did not work: a night, a break, a day off.
        Closed = "closed",
        /// The clock stood still.
        StoodStill = "stood_still",
        /// The time was used up.
        UsedUp = "used_up",
        /// The deadline was extended.
        Extended = "extended",
        /// The clock stopped.
        Stopped = "stopped",
        /// There are more steps than are told.
        AndMore = "and_more",
    }
);

/// A step on the way to a deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeadlineStep {
    /// What.
    pub step: DeadlineStepKind,
    /// When, or from when.
    pub from: Option<DateTime<Utc>>,
    /// Until when, where it lasted.
    pub until: Option<DateTime<Utc>>,
    /// The minutes of working time that are left after it, where it changes them.
    pub left_minutes: Option<i64>,
    /// Why: the reason of a standstill, the ground of an extension, the status that stopped the clock, the holiday.
    pub because: Option<String>,
}

/// The deadline of a clock and how it was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketDeadline {
    /// Which clock.
    pub clock: DeadlineClock,
    /// Where it stands.
    pub state: TicketDeadlineState,
    /// When the clock started.
    pub started_at: DateTime<Utc>,
    /// When it stopped; `null`: it has not.
    pub stopped_at: Option<DateTime<Utc>>,
    /// Since when it stands still; `null`: it does not.
    pub stands_still_since: Option<DateTime<Utc>>,
    /// Why it stands still; `null`: it does not.
    pub stands_still_because: Option<StandstillReason>,
    /// When it is or was due; `null` while the clock stands still with time left.
    pub due_at: Option<DateTime<Utc>>,
    /// The working time given, in minutes.
    pub given_minutes: i64,
    /// The working time that went by while the clock ran, in minutes.
    pub worked_minutes: i64,
    /// The priority that it is measured by.
    pub priority: Priority,
    /// Whose hours are counted: `line_1`, `line_2`, `line_3`, or `all_day`.
    pub calendar: String,
    /// The version of the table of handling times.
    pub handling_version: i32,
    /// Step by step.
    pub steps: Vec<DeadlineStep>,
}

/// The deadlines of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketDeadlines {
    /// The ticket.
    pub ticket: Uuid,
    /// Its registration number.
    pub registration_number: String,
    /// Of each clock that started.
    pub deadlines: Vec<TicketDeadline>,
}
