//! How the hub fails: one closed enum. What the public may read is apart from what only the log may hold.
//!
//! Which variant when: the thing is not there, [`Error::NotFound`]; the input breaks a rule that the sender
//! can mend, [`Error::Invalid`] with every place at once; the input is right but the state forbids it,
//! [`Error::Refused`] with the code of that rule; the database cannot be reached, [`Error::Unavailable`];
//! anything else is a defect, [`Error::Internal`].

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use kordon_schemas::{Fault, ProblemCode};

/// The hub's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the hub did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What was looked for, for a person: "checkpoint", "outage".
        what: &'static str,
        /// Its id as it was asked for.
        id: String,
    },
    /// The input breaks rules; each place is named.
    #[error("the request breaks {} rule(s): {}", .0.len(), first_fault(.0))]
    Invalid(Vec<Fault>),
    /// The input is right, but the state of things forbids it.
    #[error("{detail}")]
    Refused {
        /// The rule that forbids it.
        code: ProblemCode,
        /// What stands in the way and what to change; public.
        detail: String,
    },
    /// The hub takes no more work for the moment. Nothing was done.
    #[error("the hub is busy")]
    Overloaded,
    /// Something that the hub rests on cannot be reached: the database, or behind the doors a mailbox or an
    /// authority. The text, for the log, says which.
    #[error("not available: {0}")]
    Unavailable(String),
    /// A defect. The text is for the log.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// A refusal by the state of things.
    #[must_use]
    pub fn refused(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::Refused { code, detail: detail.into() }
    }

    /// A defect: what the database holds of `what` cannot be read. `found` goes to the log, and is never of a
    /// person.
    pub(crate) fn stored_badly(what: &str, found: impl std::fmt::Display) -> Self {
        Self::Internal(format!("{what} is stored badly: {found}"))
    }

    /// A single fault in the input.
    #[must_use]
    pub fn fault(path: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(path, detail)])
    }

    /// The stable code under which the world knows this failure.
    #[must_use]
    pub const fn code(&self) -> ProblemCode {
        match self {
            Self::NotFound { .. } => ProblemCode::NotFound,
            Self::Invalid(_) => ProblemCode::Invalid,
            Self::Refused { code, .. } => *code,
            Self::Overloaded => ProblemCode::Overloaded,
            Self::Unavailable(_) => ProblemCode::DatabaseUnavailable,
            Self::Internal(_) => ProblemCode::Internal,
        }
    }
}

fn first_fault(faults: &[Fault]) -> String {
    faults.first().map(|fault| format!("{} {}", fault.path, fault.detail)).unwrap_or_default()
}

/// The words with which PostgreSQL ends a session or a transaction that did nothing wrong: it stops,
/// restarts, recovers, or two transactions waited for each other.
const GOING_AWAY: [&str; 6] = [
    "terminating connection",
    "the database system is",
    "could not write",
    "No space left on device",
    "canceling statement due to",
    "deadlock detected",
];

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        if is_away(&error) {
            Self::Unavailable(format!("the database: {error}"))
        } else {
            Self::Internal(error.to_string())
        }
    }
}

/// Whether the database could not do it now, for reasons that pass: it may be asked again.
fn is_away(error: &DieselError) -> bool {
    matches!(
        error,
        DieselError::BrokenTransactionManager
            | DieselError::DatabaseError(
                DatabaseErrorKind::UnableToSendCommand
                    | DatabaseErrorKind::ClosedConnection
                    | DatabaseErrorKind::SerializationFailure
                    | DatabaseErrorKind::ReadOnlyTransaction,
                _,
            )
    ) || matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, information)
            if GOING_AWAY.iter().any(|words| information.message().contains(words))
    )
}

/// Whether a statement failed on the constraint, or the unique index, of that name. A table has several, and
/// only one of them is what the caller did; that another fails is a defect, and nothing that the caller could
/// mend.
pub(crate) fn violates(error: &DieselError, constraint: &str) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(
            DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ForeignKeyViolation,
            information,
        ) if information.constraint_name() == Some(constraint)
    )
}
