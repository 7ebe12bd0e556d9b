//! The moves of a ticket: who may move it from where to where, and with what reason (H3.9, H3.12). One table,
//! [`MOVES`].

use chrono::{DateTime, Utc};
use kordon_schemas::support::{Line, Priority, TicketStatus};

use TicketStatus::{Closed, Deferred, Extended, InProgress, New, Resolved};

/// Who moves a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mover {
    /// A line of the support service.
    Line(Line),
    /// The user whose ticket it is.
    User,
    /// What becomes of the request for a permit that the ticket stands for (H4.8, H4.9).
    PermitRequest,
    /// The hub, by itself.
    Hub,
}

const LINE_1: Mover = Mover::Line(Line::First);
const LINE_2: Mover = Mover::Line(Line::Second);
const LINE_3: Mover = Mover::Line(Line::Third);

/// Which line has the ticket after a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handler {
    /// The one that had it.
    Same,
    /// One of these. If none is named: the one that had it, else the one that moves it, if it is among them.
    OneOf(&'static [Line]),
    /// One of these, and not the one that had it: a re-assignment.
    Another(&'static [Line]),
    /// The one that had it, where another official of it is named: a re-assignment within the line.
    Renamed,
}

/// What must hold besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    None,
    /// The ticket is critical and line 1 does not work now (section III, clause 3, item 7).
    CriticalOutOfHours,
    /// The user was told the result, so that there is something to confirm (section III, clause 9, item 6).
    Told,
    /// The user was told the result 10 days ago and did not object (section III, clause 9, item 6).
    TenDaysAfterTelling,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Who may. A line other than the first only while it or, for line 2, its contractor has the ticket.
    pub by: &'static [Mover],
    /// From where.
    pub from: &'static [TicketStatus],
    /// To where.
    pub to: TicketStatus,
    /// Who has it then.
    pub handler: Handler,
    /// Whether a reason must be given.
    pub reason: bool,
    /// What must hold besides.
    pub condition: Condition,
}

const LINES_1_2: &[Line] = &[Line::First, Line::Second];

const fn row(
    by: &'static [Mover],
    from: &'static [TicketStatus],
    to: TicketStatus,
    handler: Handler,
) -> Move {
    Move { by, from, to, handler, reason: false, condition: Condition::None }
}

const fn with_reason(
    by: &'static [Mover],
    from: &'static [TicketStatus],
    to: TicketStatus,
    handler: Handler,
) -> Move {
    Move { by, from, to, handler, reason: true, condition: Condition::None }
}

/// Every move there is. A ticket begins as new, with line 1.
#[rustfmt::skip]
pub const MOVES: &[Move] = &[
    // Line 1 keeps a ticket or sends it to line 2; out of hours line 2's duty takes what is critical.
    row(&[LINE_1], &[New], InProgress, Handler::OneOf(LINES_1_2)),
    Move { by: &[LINE_2], from: &[New], to: InProgress, handler: Handler::OneOf(&[Line::Second]), reason: false,
           condition: Condition::CriticalOutOfHours },
    // Re-assignment (clause 12): the matter is not of the line's competence. Line 3 is assigned by
    // "extended".
    with_reason(&[LINE_1, LINE_2], &[InProgress], InProgress, Handler::Another(LINES_1_2)),
    with_reason(&[LINE_1, LINE_2], &[InProgress, Extended], Extended, Handler::Another(&[Line::Third])),
    with_reason(&[LINE_1, LINE_2], &[InProgress], InProgress, Handler::Renamed),
    with_reason(&[LINE_1, LINE_2], &[Extended], Extended, Handler::Renamed),
    // More information is needed from the user, and comes; line 3 hands back.
    with_reason(&[LINE_1, LINE_2], &[InProgress], Extended, Handler::Same),
    row(&[LINE_1, LINE_2, LINE_3], &[Extended], InProgress, Handler::OneOf(LINES_1_2)),
    // Software must be changed, and is.
    with_reason(&[LINE_2, LINE_3], &[InProgress, Extended], Deferred, Handler::Same),
    row(&[LINE_1, LINE_2], &[Deferred], InProgress, Handler::OneOf(LINES_1_2)),
    // Solved; the reason is what was found and done. Line 1 answers the user, so it has the ticket from then
    // on.
    with_reason(&[LINE_1, LINE_2, LINE_3], &[InProgress, Extended, Deferred], Resolved, Handler::OneOf(&[Line::First])),
    // The user confirms, by themselves or to line 1, which says how; or does not object. The office's report
    // and a refusal that was told close the ticket of a permit (section IV, clauses 8 and 9).
    row(&[Mover::User, Mover::PermitRequest], &[Resolved], Closed, Handler::Same),
    Move { by: &[LINE_1], from: &[Resolved], to: Closed, handler: Handler::Same, reason: true,
           condition: Condition::Told },
    Move { by: &[Mover::Hub], from: &[Resolved], to: Closed, handler: Handler::Same, reason: false,
           condition: Condition::TenDaysAfterTelling },
    // The user objects. After closing only line 1 opens it again; the user may always file a new one (H4.10).
    with_reason(&[LINE_1, Mover::User], &[Resolved], InProgress, Handler::OneOf(&[Line::First])),
    with_reason(&[LINE_1], &[Closed], InProgress, Handler::OneOf(&[Line::First])),
];

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketStanding {
    /// Its status.
    pub status: TicketStatus,
    /// Which line has it.
    pub line: Line,
    /// How urgent it is.
    pub priority: Priority,
}

/// A move that somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedMove<'t> {
    /// Who.
    pub by: Mover,
    /// To where.
    pub to: TicketStatus,
    /// Which line shall have it, if it is said.
    pub line: Option<Line>,
    /// Why, if it is said.
    pub reason: Option<&'t str>,
    /// Whether the official is named who is responsible then.
    pub names_official: bool,
}

/// What a condition is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// The moment of the move.
    pub now: DateTime<Utc>,
    /// Whether line 1 works then.
    pub line_1_works: bool,
    /// Whether the user was told the result since the ticket was resolved.
    pub told: bool,
    /// When the ticket is closed by itself, if the user was told its result.
    pub closes_at: Option<DateTime<Utc>>,
}

/// Why a move is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveRefusal {
    /// Nobody moves a ticket so.
    #[error("a ticket that is {from} cannot become {to}; it can become {}", words(.possible))]
    NoSuchMove {
        /// Where it stands.
        from: TicketStatus,
        /// Where it was to go.
        to: TicketStatus,
        /// Where it can go.
        possible: Vec<TicketStatus>,
    },
    /// Others may, this one may not.
    #[error("moving a ticket from {from} to {to} is not yours to do")]
    NotYours {
        /// Where it stands.
        from: TicketStatus,
        /// Where it was to go.
        to: TicketStatus,
    },
    /// Another line has it.
    #[error("{holder} has the ticket: only {} moves it", lines(&answering_for(*.holder)))]
    HeldByAnother {
        /// Which.
        holder: Line,
    },
    /// That line cannot have it then.
    #[error("after this move the ticket is with {}", lines(.possible))]
    WrongLine {
        /// Which lines can.
        possible: Vec<Line>,
    },
    /// The reason is missing.
    #[error("this move needs a reason")]
    ReasonNeeded,
    /// Line 1 works, or the ticket is not critical.
    #[error("line_2 takes a new ticket only when it is critical and line_1 does not work")]
    NotTheDutys,
    /// The user was not told what line 1 says that they confirm.
    #[error("line_1 closes a ticket when its user confirmed the result: tell the user first")]
    NothingToConfirm,
    /// The user was not told, or not 10 days ago.
    #[error("a ticket is closed by itself 10 days after the user was told the result")]
    TooEarly,
}

/// The status and the line of a ticket after a move.
///
/// # Errors
/// [`MoveRefusal`]: the nearest to what was asked.
pub fn after(
    standing: TicketStanding,
    asked: &AskedMove<'_>,
    circumstances: &Circumstances,
) -> Result<TicketStanding, MoveRefusal> {
    let TicketStanding { status: from, line: holder, priority } = standing;
    let to = asked.to;
    let rows = || MOVES.iter().filter(move |row| row.from.contains(&from));
    let there: Vec<&Move> = rows().filter(|row| row.to == to).collect();
    if there.is_empty() {
        let mut possible: Vec<TicketStatus> = rows().map(|row| row.to).collect();
        possible.sort_unstable();
        possible.dedup();
        return Err(MoveRefusal::NoSuchMove { from, to, possible });
    }
    let theirs: Vec<&&Move> = there.iter().filter(|row| row.by.contains(&asked.by)).collect();
    if theirs.is_empty() {
        return Err(MoveRefusal::NotYours { from, to });
    }
    // A new ticket is with line 1 by registration alone; the duty of line 2 takes it from there.
    if let Mover::Line(line) = asked.by
        && !answers_for(line, holder)
        && from != New
    {
        return Err(MoveRefusal::HeldByAnother { holder });
    }
    let fitting =
        theirs.iter().find_map(|row| handler(row.handler, holder, asked, asked.line).map(|line| (row, line)));
    let Some((row, line)) = fitting else {
        return Err(MoveRefusal::WrongLine { possible: handlers(&theirs, holder, asked) });
    };
    if row.reason && asked.reason.is_none_or(|reason| reason.trim().is_empty()) {
        return Err(MoveRefusal::ReasonNeeded);
    }
    match row.condition {
        Condition::CriticalOutOfHours if priority != Priority::Critical || circumstances.line_1_works => {
            return Err(MoveRefusal::NotTheDutys);
        }
        Condition::Told if !circumstances.told => return Err(MoveRefusal::NothingToConfirm),
        Condition::TenDaysAfterTelling if circumstances.closes_at.is_none_or(|at| circumstances.now < at) => {
            return Err(MoveRefusal::TooEarly);
        }
        Condition::None
        | Condition::CriticalOutOfHours
        | Condition::Told
        | Condition::TenDaysAfterTelling => {}
    }
    Ok(TicketStanding { status: to, line, priority })
}

/// Which line has the ticket after a row that leaves it as `rule` says; `None` when it cannot be the one
/// asked for.
fn handler(rule: Handler, holder: Line, asked: &AskedMove<'_>, wanted: Option<Line>) -> Option<Line> {
    let stays = wanted.is_none_or(|line| line == holder);
    let (lines, default) = match rule {
        Handler::Same => return stays.then_some(holder),
        Handler::Renamed => return (stays && asked.names_official).then_some(holder),
        Handler::OneOf(lines) => {
            let among = |wanted: Mover| lines.iter().find(|line| Mover::Line(**line) == wanted);
            (lines, among(Mover::Line(holder)).or(among(asked.by)).or(lines.first()))
        }
        Handler::Another(lines) => {
            // Without a line it would be a guess whether a re-assignment was meant.
            return wanted.filter(|line| *line != holder && lines.contains(line));
        }
    };
    match wanted {
        Some(line) => lines.contains(&line).then_some(line),
        None => default.copied(),
    }
}

fn handlers(rows: &[&&Move], holder: Line, asked: &AskedMove<'_>) -> Vec<Line> {
    let can = |line: &Line| rows.iter().any(|row| handler(row.handler, holder, asked, Some(*line)).is_some());
    Line::ALL.iter().copied().filter(can).collect()
}

/// Whether who moves a ticket names the official who is responsible then (section III, clauses 9 and 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// They must.
    Must,
    /// They may; otherwise it is the one whom the line named last.
    May,
    /// They must not: nobody is assigned by this move, or not by this one.
    MustNot,
}

/// Whether a move from one standing to another names an official. "In progress" says that the official is
/// determined, and line 3 is assigned by "extended", so then one is named, unless the line that has the
/// ticket then has `named` one before. Officials of lines 1 and 2 do that; a contractor assigns nobody, and
/// neither does a user.
#[must_use]
pub const fn naming(by: Mover, after: TicketStanding, named: bool) -> Naming {
    match by {
        Mover::Line(Line::First | Line::Second) => {}
        Mover::Line(Line::Third) | Mover::User | Mover::PermitRequest | Mover::Hub => return Naming::MustNot,
    }
    match (after.status, after.line) {
        (InProgress, _) | (Extended, Line::Third) if named => Naming::May,
        (InProgress, _) | (Extended, Line::Third) => Naming::Must,
        (Extended, Line::First | Line::Second) | (New | Deferred | Resolved | Closed, _) => Naming::MustNot,
    }
}

/// The priorities of the new tickets that a line sees besides those that it has or had. Line 2's duty looks
/// for what is critical, and while line 1 does not work only it can say what that is (section III, clause 3,
/// item 7).
#[must_use]
pub const fn new_ones_seen(line: Line, line_1_works: bool) -> &'static [Priority] {
    match (line, line_1_works) {
        (Line::First, _) | (Line::Second, false) => Priority::ALL,
        (Line::Second, true) => &[Priority::Critical],
        (Line::Third, _) => &[],
    }
}

/// Whether a line answers for what another one has. Line 1 coordinates all; line 2 involves the contractor,
/// enters what becomes of it and extends the term for it (section III, clauses 3, 10 and 13), so what it
/// passed on is its own still.
#[must_use]
pub const fn answers_for(line: Line, holder: Line) -> bool {
    match (line, holder) {
        (Line::First, _) | (Line::Second, Line::Second | Line::Third) | (Line::Third, Line::Third) => true,
        (Line::Second, Line::First) | (Line::Third, Line::First | Line::Second) => false,
    }
}

/// Refuses what is done with a ticket where it stands, a priority for example, to a line that does not answer
/// for it. While line 1 does not work line 2 answers for a new one, too: the duty sets its priority before it
/// takes it.
///
/// # Errors
/// [`MoveRefusal::HeldByAnother`].
pub fn check_holds(by: Mover, standing: TicketStanding, line_1_works: bool) -> Result<(), MoveRefusal> {
    let TicketStanding { status, line: holder, priority: _ } = standing;
    match by {
        Mover::Line(line) if answers_for(line, holder) => Ok(()),
        Mover::Line(Line::Second) if status == New && !line_1_works => Ok(()),
        Mover::Line(_) | Mover::User | Mover::PermitRequest | Mover::Hub => {
            Err(MoveRefusal::HeldByAnother { holder })
        }
    }
}

/// Who may extend a deadline on which ground (H3.13).
#[must_use]
pub const fn may_extend(line: Line, ground: kordon_schemas::support::ExtensionGround) -> bool {
    use kordon_schemas::support::ExtensionGround::{ContractorInvolved, InformationFromUser, SoftwareChange};
    match (line, ground) {
        (Line::First, InformationFromUser) => true,
        (Line::Second, SoftwareChange | ContractorInvolved) => true,
        (Line::First, SoftwareChange | ContractorInvolved)
        | (Line::Second, InformationFromUser)
        | (Line::Third, InformationFromUser | SoftwareChange | ContractorInvolved) => false,
    }
}

fn answering_for(holder: Line) -> Vec<Line> {
    Line::ALL.iter().rev().copied().filter(|line| answers_for(*line, holder)).collect()
}

fn words(statuses: &[TicketStatus]) -> String {
    statuses.iter().map(|status| status.as_str()).collect::<Vec<_>>().join(", ")
}

fn lines(lines: &[Line]) -> String {
    lines.iter().map(|line| line.as_str()).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests;
