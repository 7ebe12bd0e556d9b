//! The statement of a day for an operator and for a zone: what was recorded that day, from the ledger itself.
//!
//! A line stands in the statement of the day on which it was recorded, not on which money changed hands: so a
//! day that is over stays as it is, however late a payment is told.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kordon_schemas::fees::{Statement, StatementAccount};
use kordon_schemas::{Amount, CheckpointCode, Fault, Money};

use super::{rules, store};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{Actor, Role, SystemId, Zone};

/// How long after midnight a transaction may still commit that began before it: longer than any statement may
/// take.
const SETTLING: TimeDelta = TimeDelta::seconds(60);

/// Whose accounts a reader sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Accounts {
    /// All that an operator took: its own share and what it owes the zones.
    OfOperator(SystemId),
    /// The shares of zones; of all of a checkpoint when the reader is limited to none.
    OfZones(Option<Vec<Zone>>),
}

impl Accounts {
    fn of(actor: &Actor) -> Self {
        match actor.role {
            Role::ZoneOperator => Self::OfZones(actor.scope.zones.clone()),
            Role::QueueOperator
            | Role::BorderGuard
            | Role::Customs
            | Role::Police
            | Role::Ministry
            | Role::SupportLine1
            | Role::SupportLine2
            | Role::SupportLine3
            | Role::DepartureOffice
            | Role::Trader
            | Role::PressOffice
            | Role::Taxud
            | Role::Administrator => Self::OfOperator(actor.system),
        }
    }
}

/// The statement of a day of Kyiv: an operator sees what its organisation took, a zone its own share.
///
/// # Errors
/// [`Error::Invalid`] for a day that has not begun.
pub async fn statement(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Statement> {
    let not_yet = || Error::Invalid(vec![Fault::new("query:day", "is today or before, in Kyiv")]);
    if day > rules::day_of(now) {
        return Err(not_yet());
    }
    let (starts_at, ends_at) = rules::bounds_of(day).ok_or_else(not_yet)?;
    let lines = store::lines(connection, checkpoint, (starts_at, ends_at), &Accounts::of(actor)).await?;
    let mut accounts: Vec<StatementAccount> = Vec::new();
    for (holder, line) in lines {
        let store::Holder { account, operator, zone } = holder;
        match accounts.last_mut() {
            Some(last) if (last.account, &last.operator, &last.zone) == (account, &operator, &zone) => {
                last.lines.push(line);
            }
            Some(_) | None => accounts.push(StatementAccount {
                account,
                operator,
                zone,
                paid: Money::hryvnias(Amount::ZERO),
                refunded: Money::hryvnias(Amount::ZERO),
                balance: Money::hryvnias(Amount::ZERO),
                lines: vec![line],
            }),
        }
    }
    for account in &mut accounts {
        sum_up(account)?;
    }
    Ok(Statement {
        checkpoint: checkpoint.clone(),
        day,
        starts_at,
        ends_at,
        closed: now >= ends_at + SETTLING,
        accounts,
    })
}

/// The sums of an account, from its lines.
fn sum_up(account: &mut StatementAccount) -> Result<()> {
    let beyond = || Error::Internal("a statement is beyond what can be written".into());
    let (mut paid, mut refunded) = (Amount::ZERO, Amount::ZERO);
    for line in &account.lines {
        let amount = line.amount.amount;
        if amount > Amount::ZERO {
            paid = paid.plus(amount).ok_or_else(beyond)?;
        } else {
            refunded = refunded.minus(amount).ok_or_else(beyond)?;
        }
    }
    account.paid = Money::hryvnias(paid);
    account.refunded = Money::hryvnias(refunded);
    account.balance = Money::hryvnias(paid.minus(refunded).ok_or_else(beyond)?);
    Ok(())
}
