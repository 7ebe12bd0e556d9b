//! The rules of fees: the limits of a tariff, the conversion into hryvnias, what a case gives back. Pure
//! functions.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::Kyiv;
use kordon_schemas::codes::{ZONE_FORM, is_zone_code};
use kordon_schemas::fees::{RefundCase, RefundGrounds, TariffIn};
use kordon_schemas::rules::{CancellationRefund, RefundRules};
use kordon_schemas::{Amount, Currency, Fault, Money, ProblemCode, Rate};

use super::model::{BookingFacts, Ending, FeeCall, Shares};
use crate::error::{Error, Result};
use crate::queue::rules::is_text;

/// The hours in the waiting zone that a fee covers, from arrival to call (Q14).
pub const COVERED_HOURS: u32 = 24;

/// The most that a place may cost, in cents (Q37).
const LARGEST_FEE: Amount = Amount::of_hundredths(1500);

/// The least and the most of the operator's share, in cents (Q40).
const OPERATOR_SHARE: [Amount; 2] = [Amount::of_hundredths(200), Amount::of_hundredths(400)];

/// How long ago a payment or refund may have been made that is recorded now, and how far back the first
/// tariff of a checkpoint may reach: a month of accounts, and more than the week in which bookings are handed
/// in.
const OLDEST: TimeDelta = TimeDelta::days(31);

/// How far ahead of the hub's clock an operator's clock may be.
const FUTURE_TOLERANCE: TimeDelta = TimeDelta::seconds(120);

/// The rules of refunds where a checkpoint has decided none (version 1): a live wait within the hour of
/// clause 19 gives the fee back; nothing else does, since no clause but that one says so.
#[must_use]
pub fn default_refunds() -> RefundRules {
    crate::checkpoints::rules::standard::rules().refunds
}

/// The day of Kyiv that a moment falls on.
#[must_use]
pub fn day_of(moment: DateTime<Utc>) -> NaiveDate {
    moment.with_timezone(&Kyiv).date_naive()
}

/// The moments at which a day of Kyiv begins and ends: 23, 24 or 25 hours apart. None beyond the calendar.
#[must_use]
pub fn bounds_of(day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    Some((midnight(day)?, midnight(day.checked_add_days(Days::new(1))?)?))
}

/// Kyiv changes its clocks at 03:00 and 04:00, so midnight is there and comes once; if a law ever moves that,
/// the first one counts.
fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
    match Kyiv.from_local_datetime(&day.and_time(NaiveTime::MIN)) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
        LocalResult::None => None,
    }
}

/// The shares of a tariff, if it keeps to the law. `is_first`: the checkpoint has none yet.
///
/// # Errors
/// [`Error::Invalid`] with every fault at once.
pub fn check_tariff(tariff: &TariffIn, is_first: bool, now: DateTime<Utc>) -> Result<Shares> {
    let TariffIn { operator_share, zone_share, zone, applies_from, decision } = tariff;
    let mut faults = Vec::new();
    for (path, share) in [("/operator_share", operator_share), ("/zone_share", zone_share)] {
        if share.currency != Currency::Euro {
            faults.push(Fault::new(
                format!("{path}/currency"),
                "is EUR: the law sets the limits in euros (clause 37)",
            ));
        }
    }
    let [least, most] = OPERATOR_SHARE;
    if !(least..=most).contains(&operator_share.amount) {
        let detail = format!("is {least} to {most} (clause 40)");
        faults.push(Fault::new("/operator_share/amount", detail));
    }
    if zone_share.amount <= Amount::ZERO {
        faults.push(Fault::new("/zone_share/amount", "is more than nothing (clause 38)"));
    }
    if operator_share.amount.plus(zone_share.amount).is_none_or(|total| total > LARGEST_FEE) {
        let detail = format!("and the operator's share are more than {LARGEST_FEE} together (clause 37)");
        faults.push(Fault::new("/zone_share/amount", detail));
    }
    if !is_zone_code(zone) {
        faults.push(Fault::new("/zone", ZONE_FORM));
    }
    if !is_text(decision, 200) {
        faults.push(Fault::new("/decision", "has 1 to 200 characters and no control characters"));
    }
    let today = day_of(now);
    if is_first && *applies_from < day_of(now - OLDEST) {
        faults.push(Fault::new("/applies_from", "is at most 31 days ago"));
    } else if !is_first && *applies_from <= today {
        let detail = format!("is after {today}: what was quoted and paid stays as it was");
        faults.push(Fault::new("/applies_from", detail));
    }
    if faults.is_empty() {
        Ok(Shares { operator: operator_share.amount, zone: zone_share.amount })
    } else {
        Err(Error::Invalid(faults))
    }
}

/// Whether a text can be a payment's or refund's reference. It begins with a letter or digit, so that no
/// spreadsheet takes it for a formula.
#[must_use]
pub fn is_reference(reference: &str) -> bool {
    reference.len() <= 100
        && reference.starts_with(|first: char| first.is_ascii_alphanumeric())
        && reference.bytes().all(|byte| byte.is_ascii_graphic())
}

/// When money changed hands: what was stated, if it can be, or now. The fault is at `path`.
///
/// # Errors
/// The fault.
pub fn moment_of(
    stated: Option<DateTime<Utc>>,
    path: &str,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Fault> {
    match stated {
        Some(at) if at > now + FUTURE_TOLERANCE => Err(Fault::new(path, "lies in the future")),
        Some(at) if at < now - OLDEST => Err(Fault::new(path, "is more than 31 days ago")),
        Some(at) => Ok(at),
        None => Ok(now),
    }
}

/// The shares in hryvnias (Q37): the total is rounded to kopiyky, a half up, and so is the operator's share;
/// the zone's is the rest, so that they always sum to the total. None when that is more than can be written.
#[must_use]
pub fn convert(eur: Shares, rate: Rate) -> Option<Shares> {
    let total = eur.total().times(rate.decimal())?;
    let operator = eur.operator.times(rate.decimal())?;
    Some(Shares { operator, zone: total.minus(operator)? })
}

/// Whether what was paid is what was to be paid.
///
/// # Errors
/// [`Error::Invalid`], which says how much it is and why.
pub fn check_amount(paid: Money, due: Amount, rate: Rate, day: NaiveDate) -> Result<()> {
    if paid == Money::hryvnias(due) {
        return Ok(());
    }
    let (path, detail) = if paid.currency == Currency::Hryvnia {
        ("/amount/amount", format!("is {due} for a booking of {day}, at the rate {rate}"))
    } else {
        ("/amount/currency", "is UAH: the fee is paid in hryvnias (clause 37)".to_owned())
    };
    Err(Error::fault(path, detail))
}

/// What a case gives, in percent of the fee, and the facts that it rests on (Q19, Q42).
///
/// # Errors
/// [`ProblemCode::NotRefundable`], which says the fact or rule that stands in the way.
pub fn refundable(
    case: RefundCase,
    facts: &BookingFacts,
    rules: &RefundRules,
) -> Result<(u8, RefundGrounds)> {
    let (percent, grounds) = match case {
        RefundCase::LiveWait => live_wait(facts, rules)?,
        RefundCase::Cancellation => cancellation(facts, rules)?,
        RefundCase::NoShow => no_show(facts, rules)?,
    };
    if percent == 0 {
        return Err(not("the rules give nothing back in this case"));
    }
    Ok((percent, grounds))
}

fn not(why: impl Into<String>) -> Error {
    Error::refused(ProblemCode::NotRefundable, why)
}

/// A wait that was not measured is not a short one: the vehicle has to have arrived, and to have been called
/// after that. Who booked in the zone waited in the queue from then on.
fn live_wait(facts: &BookingFacts, rules: &RefundRules) -> Result<(u8, RefundGrounds)> {
    let Some(zone_arrived_at) = facts.zone_arrived_at else {
        return Err(not("no arrival at a waiting zone is recorded"));
    };
    let Some(FeeCall { at: called_at, is_live }) =
        facts.calls.iter().copied().find(|call| call.at >= zone_arrived_at)
    else {
        return Err(not("the vehicle was not called after it arrived at its zone"));
    };
    if !is_live {
        return Err(not("the vehicle was not called out of the live queue"));
    }
    let wait = called_at - zone_arrived_at.max(facts.booked_at);
    let at_most_minutes = rules.live_wait_at_most_minutes;
    if wait > TimeDelta::minutes(i64::from(at_most_minutes)) {
        let detail =
            format!("the vehicle waited {} seconds, more than {at_most_minutes} minutes", wait.num_seconds());
        return Err(not(detail));
    }
    let wait_seconds = wait.num_seconds();
    let grounds = RefundGrounds::LiveWait { zone_arrived_at, called_at, wait_seconds, at_most_minutes };
    Ok((rules.live_wait_percent, grounds))
}

/// Counted to the slot, or to the call where there is no slot. A booking without either was cancelled before
/// anything was done for it, which is as early as can be.
fn cancellation(facts: &BookingFacts, rules: &RefundRules) -> Result<(u8, RefundGrounds)> {
    let Some((Ending::Cancelled, cancelled_at)) = facts.ended else {
        return Err(not("the booking is not cancelled"));
    };
    let counted_to = facts.slot_starts_at.or(facts.calls.first().map(|call| call.at));
    let in_time =
        |hours: u16| counted_to.is_none_or(|to| cancelled_at + TimeDelta::hours(i64::from(hours)) <= to);
    let best = rules
        .cancelled
        .iter()
        .filter(|refund| in_time(refund.hours_before))
        .max_by_key(|refund| refund.percent);
    let Some(CancellationRefund { hours_before, percent }) = best.copied() else {
        return Err(not("the booking was cancelled too late to give anything back"));
    };
    let grounds =
        RefundGrounds::Cancellation { cancelled_at, counted_to, at_least_hours_before: hours_before };
    Ok((percent, grounds))
}

fn no_show(facts: &BookingFacts, rules: &RefundRules) -> Result<(u8, RefundGrounds)> {
    match facts.ended {
        Some((Ending::NoShow, no_show_at)) => {
            Ok((rules.no_show_percent, RefundGrounds::NoShow { no_show_at }))
        }
        Some((Ending::Cancelled, _)) | None => Err(not("no no-show is recorded")),
    }
}

/// What a refund of `percent` takes from each share, after `refunded` was taken already. It is never more
/// than what is left, and each share bears its part of all refunds together, so that a full refund leaves
/// nothing of either.
///
/// # Errors
/// [`ProblemCode::NotRefundable`] when nothing is left.
pub fn refund_of(paid: Shares, refunded: Shares, percent: u8) -> Result<Shares> {
    let overflow = || Error::Internal("a refund is more than can be written".into());
    let fraction = rust_decimal::Decimal::new(i64::from(percent), 2);
    let left = paid.total().minus(refunded.total()).ok_or_else(overflow)?;
    let amount = paid.total().times(fraction).ok_or_else(overflow)?.min(left);
    if amount <= Amount::ZERO {
        return Err(not("everything that was paid is given back already"));
    }
    let after = refunded.total().plus(amount).ok_or_else(overflow)?;
    let operator_after = share_of(paid, after).ok_or_else(overflow)?;
    let operator = operator_after.minus(refunded.operator).ok_or_else(overflow)?;
    Ok(Shares { operator, zone: amount.minus(operator).ok_or_else(overflow)? })
}

/// The operator's part of `refunded` of what was paid, rounded to kopiyky.
fn share_of(paid: Shares, refunded: Amount) -> Option<Amount> {
    let of = |amount: Amount| rust_decimal::Decimal::from(amount.hundredths());
    let exact = of(refunded).checked_mul(of(paid.operator))?.checked_div(of(paid.total()))?;
    Amount::of_hundredths(1).times(exact)
}

#[cfg(test)]
mod tests;
