//! What a request must hold (H4.2, H4.3), a report of uses, and the reasons that are given. Every fault is
//! named by its place.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::Fault;
use kordon_schemas::declarations::{lrn, mrn, registration_number};
use kordon_schemas::outages::AffectedSystem;
use kordon_schemas::permits::{
    DataNumberKind, DataToWithdraw, PermitReportIn, PermitRequestIn, PermitTrader, PermitUse, UseCorrectionIn,
};
use kordon_schemas::tickets::UserKind;

use super::model::{Reported, Trader, TraderCode, Validity};
use super::rules::day;
use crate::error::{Error, Result};
use crate::support::tickets::contact::{no_address, no_number, no_tax_number, too_long};

/// How long ago an incident may have begun, and how far from its beginning the agreed time may lie. Beyond
/// it, a slip of the date is likelier.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// By how much the sender's clock may be ahead of ours.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// The longest text, in characters.
const LONGEST_TEXT: usize = 2_000;

/// The most transit data that is named with a request.
const MOST_DATA: usize = 100;

/// The most uses of one report.
const MOST_USES: usize = 500;

/// What of a request was checked here; its ticket is checked as every ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checked {
    pub(super) trader: Trader,
    pub(super) systems: BTreeSet<AffectedSystem>,
    pub(super) checks: String,
    pub(super) to_withdraw: Vec<DataToWithdraw>,
}

/// Checks a request.
pub(super) fn request(asked: &PermitRequestIn, now: DateTime<Utc>) -> Result<Checked, Vec<Fault>> {
    let mut faults = Vec::new();
    if asked.user.kind != UserKind::CustomsOfficial {
        faults.push(Fault::new("/user/kind", "is customs_official: the departure office makes the request"));
    }
    // The country of the code is that of the office; only offices of Ukraine give out declarations here.
    if !asked.office.as_str().starts_with("UA") {
        faults.push(Fault::new("/office", "is no customs office of Ukraine"));
    }
    if asked.began_at > now + CLOCK_TOLERANCE {
        faults.push(Fault::new("/began_at", "lies ahead; an incident has begun already"));
    } else if asked.began_at < now - LONGEST {
        faults.push(Fault::new("/began_at", "is more than 7 days ago"));
    }
    if asked.agreed_until <= asked.began_at {
        faults.push(Fault::new("/agreed_until", "must be after `began_at`"));
    } else if asked.agreed_until - asked.began_at > LONGEST {
        faults.push(Fault::new("/agreed_until", "is more than 7 days after `began_at`"));
    }
    let systems: BTreeSet<_> = asked.systems.iter().copied().collect();
    if systems.is_empty() {
        faults.push(Fault::new("/systems", "names no system"));
    } else if systems.len() < asked.systems.len() {
        faults.push(Fault::new("/systems", "names a system twice"));
    }
    let trader = trader(&asked.trader, now, &mut faults);
    let checks = text("/checks", &asked.checks, &mut faults);
    let to_withdraw = data(&asked.to_withdraw, now, &mut faults);
    match trader {
        Some(trader) if faults.is_empty() => Ok(Checked { trader, systems, checks, to_withdraw }),
        Some(_) | None => Err(faults),
    }
}

/// Checks the trader; `None` when it is not said who it is.
fn trader(given: &PermitTrader, now: DateTime<Utc>, faults: &mut Vec<Fault>) -> Option<Trader> {
    let PermitTrader { name, edrpou, rnokpp, person, email, telephone } = given;
    let code = match (edrpou, rnokpp) {
        (Some(edrpou), None) => Some(TraderCode::LegalEntity(edrpou.clone())),
        (None, Some(rnokpp)) => Some(TraderCode::SoleTrader(rnokpp.clone())),
        (None, None) => {
            let detail = "is missing: give the code of a legal entity, or the `rnokpp` of a sole trader";
            faults.push(Fault::new("/trader/edrpou", detail));
            None
        }
        (Some(_), Some(_)) => {
            let detail = "is of a sole trader, and `edrpou` of a legal entity: leave one of the two out";
            faults.push(Fault::new("/trader/rnokpp", detail));
            None
        }
    };
    let mut fault = |path: &str, detail: Option<String>| {
        faults.extend(detail.map(|detail| Fault::new(format!("/trader/{path}"), detail)));
    };
    fault("rnokpp", rnokpp.as_ref().and_then(|number| no_tax_number(number.as_str(), now)));
    fault("name", if name.trim().is_empty() { Some("is missing".into()) } else { too_long(name) });
    let blank = |text: &str| text.trim().is_empty().then(|| "is blank: leave it out".to_owned());
    let mut read = |path: &str, value: &Option<String>, check: &dyn Fn(&str) -> Option<String>| {
        fault(path, value.as_deref().and_then(|value| blank(value).or_else(|| check(value.trim()))));
        value.as_deref().map(|value| value.trim().to_owned())
    };
    let person = read("person", person, &too_long);
    let email = read("email", email, &no_address);
    let telephone = read("telephone", telephone, &no_number);
    if email.is_none() && telephone.is_none() {
        let detail = "is missing: give an e-mail address or a telephone number, the trader must be told";
        faults.push(Fault::new("/trader/email", detail));
    }
    Some(Trader { code: code?, name: name.trim().to_owned(), person, email, telephone })
}

fn data(given: &[DataToWithdraw], now: DateTime<Utc>, faults: &mut Vec<Fault>) -> Vec<DataToWithdraw> {
    if given.len() > MOST_DATA {
        faults.push(Fault::new("/to_withdraw", format!("has at most {MOST_DATA} items")));
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    for (place, item) in given.iter().enumerate() {
        for Fault { path, detail } in withdrawal(item, now) {
            faults.push(Fault::new(format!("/to_withdraw/{place}{path}"), detail));
        }
        if !seen.insert((item.kind, item.number.as_str())) {
            faults.push(Fault::new(format!("/to_withdraw/{place}"), "stands twice"));
        }
    }
    given.to_vec()
}

/// The faults of one number of transit data.
pub(super) fn withdrawal(item: &DataToWithdraw, now: DateTime<Utc>) -> Vec<Fault> {
    let DataToWithdraw { kind, number, withdrawn_at } = item;
    let read = match kind {
        DataNumberKind::Lrn => lrn(number),
        DataNumberKind::Mrn => mrn(number),
    };
    let mut faults = Vec::new();
    faults.extend(read.err().map(|fault| Fault::new("/number", fault.to_string())));
    if withdrawn_at.is_some_and(|at| at > now + CLOCK_TOLERANCE) {
        faults.push(Fault::new("/withdrawn_at", "lies ahead"));
    }
    faults
}

/// Checks what an office reports of a permit that was valid so, if it ever was.
pub(super) fn report(
    report: &PermitReportIn,
    valid: Option<Validity>,
    now: DateTime<Utc>,
) -> Result<(Vec<PermitUse>, Option<String>), Vec<Fault>> {
    let PermitReportIn { uses, corrections, not_used_because, complete } = report;
    let mut faults = Vec::new();
    let because = not_used_because.as_deref().map(|because| text("/not_used_because", because, &mut faults));
    match (uses.is_empty(), &because) {
        (false, Some(_)) => {
            faults.push(Fault::new(
                "/not_used_because",
                "a permit with uses was used: leave one of the two out",
            ));
        }
        (true, Some(_)) if !complete => {
            faults.push(Fault::new("/complete", "is true when the permit was not used"));
        }
        (true, None) if !complete && corrections.is_empty() => {
            faults.push(Fault::new("/uses", "is empty, and nothing else is reported"))
        }
        _ => {}
    }
    for (path, count) in [("/uses", uses.len()), ("/corrections", corrections.len())] {
        if count > MOST_USES {
            faults.push(Fault::new(path, format!("has at most {MOST_USES} items; report again")));
            return Err(faults);
        }
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (place, used) in uses.iter().enumerate() {
        let mut found = a_use(used, valid, now);
        let is_read = found.iter().all(|fault| fault.path != "/registration_number");
        if is_read && !seen.insert(used.registration_number.as_str()) {
            found.insert(0, Fault::new("/registration_number", "stands twice"));
        }
        faults.extend(
            found
                .into_iter()
                .map(|Fault { path, detail }| Fault::new(format!("/uses/{place}{path}"), detail)),
        );
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (place, correction) in corrections.iter().enumerate() {
        let UseCorrectionIn { registration_number: number, to, never_was, reason } = correction;
        if !seen.insert(number) {
            let path = format!("/corrections/{place}/registration_number");
            faults.push(Fault::new(path, "is corrected twice"));
        }
        let found = match (to, never_was) {
            (Some(to), false) => a_use(to, valid, now),
            (None, true) => Vec::new(),
            (None, false) => vec![Fault::new("", "is missing: say what the use was, or that it `never_was`")],
            (Some(_), true) => vec![Fault::new("", "is what never was: leave one of the two out")],
        };
        faults.extend(
            found
                .into_iter()
                .map(|Fault { path, detail }| Fault::new(format!("/corrections/{place}/to{path}"), detail)),
        );
        text(&format!("/corrections/{place}/reason"), reason, &mut faults);
    }
    if faults.is_empty() { Ok((uses.clone(), because)) } else { Err(faults) }
}

/// The faults of one use. A release after the permit's end is none: the declaration may have been accepted
/// before it.
fn a_use(used: &PermitUse, valid: Option<Validity>, now: DateTime<Utc>) -> Vec<Fault> {
    let PermitUse { registration_number: number, released_on } = used;
    let mut faults = Vec::new();
    if let Err(wrong) = registration_number(number) {
        faults.push(Fault::new("/registration_number", wrong.to_string()));
    }
    let fault = match valid {
        None => Some("the permit was never in force".to_owned()),
        Some(Validity { from, .. }) if *released_on < day(from) => {
            Some(format!("is before the permit was in force: {}", day(from)))
        }
        Some(_) if *released_on > day(now) => Some("lies ahead".to_owned()),
        Some(_) => None,
    };
    faults.extend(fault.map(|detail| Fault::new("/released_on", detail)));
    faults
}

/// A reason, without space around.
pub(super) fn reason(given: &str) -> Result<String> {
    let mut faults = Vec::new();
    let reason = text("/reason", given, &mut faults);
    if faults.is_empty() { Ok(reason) } else { Err(Error::Invalid(faults)) }
}

/// Why a telling is corrected, without space around.
pub(super) fn correction(given: &str) -> Result<String> {
    let mut faults = Vec::new();
    let reason = text("/corrects", given, &mut faults);
    if faults.is_empty() { Ok(reason) } else { Err(Error::Invalid(faults)) }
}

/// Whether nothing was released under a permit before its corrected 24 hours.
pub(super) fn not_before(uses: &[Reported], valid: Option<Validity>) -> Result<()> {
    let Some(Validity { from, .. }) = valid else { return Ok(()) };
    let outside = uses.iter().filter(|reported| reported.used.released_on < day(from)).count();
    if outside == 0 {
        return Ok(());
    }
    let detail = format!("leaves {outside} reported uses before the permit was in force: {}", day(from));
    Err(Error::fault("/told_at", detail))
}

fn text(path: &str, given: &str, faults: &mut Vec<Fault>) -> String {
    let text = given.trim();
    let unreadable = text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    if text.is_empty() || given.chars().count() > LONGEST_TEXT || unreadable {
        faults
            .push(Fault::new(path, format!("has 1 to {LONGEST_TEXT} characters, and no control characters")));
    }
    text.to_owned()
}
