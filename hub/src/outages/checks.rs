//! What each value of an outage must be, whether it is declared or changed. Every fault is named by its place
//! in the request.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::outages::{AffectedSystem, Functionality, OutageKind, OutageLevel, OutageScope};
use kordon_schemas::{Bilingual, Fault};

use super::model::Outage;
use crate::notices::press_review::rules::fault_of_waiting;

/// How far ahead a moment may lie. Beyond it, a slip of the year is likelier than a plan.
const FURTHEST_AHEAD: TimeDelta = TimeDelta::days(365);

/// How long ago an outage may have begun when it is declared. Older ones belong in a report, not in a notice.
const LONGEST_AGO: TimeDelta = TimeDelta::days(7);

/// By how much the sender's clock may be ahead of ours.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The longest text, in characters.
const LONGEST_TEXT: usize = 2_000;

/// When an outage may have begun or begin.
pub(super) fn check_start(outage: &Outage, now: DateTime<Utc>, faults: &mut Vec<Fault>) {
    let fault = match outage.kind {
        OutageKind::Unplanned if outage.starts_at > now + CLOCK_TOLERANCE => {
            Some("lies ahead; an unplanned outage has begun already")
        }
        OutageKind::Planned if outage.starts_at > now + FURTHEST_AHEAD => Some("is more than a year ahead"),
        OutageKind::Planned | OutageKind::Unplanned if outage.starts_at < now - LONGEST_AGO => {
            Some("is more than 7 days ago")
        }
        OutageKind::Planned | OutageKind::Unplanned => None,
    };
    faults.extend(fault.map(|detail| Fault::new("/starts_at", detail)));
}

/// Until when an outage may be expected to last.
pub(super) fn check_expected_end(outage: &Outage, now: DateTime<Utc>, faults: &mut Vec<Fault>) {
    let fault = match (outage.kind, outage.expected_end_at) {
        (OutageKind::Planned, None) => Some("is required for a planned window (C0400)"),
        (OutageKind::Unplanned, None) => None,
        (_, Some(end)) if end <= outage.starts_at => Some("must be after `starts_at` (R0519)"),
        (_, Some(end)) if end <= now => {
            Some("is past; when the systems are available again, say `recovered_at`")
        }
        (_, Some(end)) if end > now + FURTHEST_AHEAD => Some("is more than a year ahead"),
        (_, Some(_)) => None,
    };
    faults.extend(fault.map(|detail| Fault::new("/expected_end_at", detail)));
}

/// Until when the text of a notice may wait for a person.
pub(super) fn check_press_review(
    outage: &Outage,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    faults: &mut Vec<Fault>,
) {
    let fault = until.and_then(|until| fault_of_waiting(outage.kind, outage.starts_at, until, now));
    faults.extend(fault.map(|detail| Fault::new("/press_review_until", detail)));
}

/// Whose outage it may be.
pub(super) fn check_scope(scope: &OutageScope, faults: &mut Vec<Fault>) {
    let OutageScope { level, country, direction: _ } = scope;
    let fault = match (level, country.as_deref()) {
        (OutageLevel::Neighbour, None) => Some("is missing: name the neighbour whose outage it is"),
        (OutageLevel::Neighbour, Some(country)) => {
            let code = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
            (!code || country == "UA").then_some("is the two capital letters of a neighbour, for example PL")
        }
        (OutageLevel::National | OutageLevel::Central, Some(_)) => {
            Some("belongs to a neighbour's outage: leave it out")
        }
        (OutageLevel::National | OutageLevel::Central, None) => None,
    };
    faults.extend(fault.map(|detail| Fault::new("/scope/country", detail)));
}

/// When a planned window may have begun.
pub(super) fn check_beginning(outage: &Outage, now: DateTime<Utc>, faults: &mut Vec<Fault>) {
    let fault = match (outage.kind, outage.began_at) {
        (OutageKind::Unplanned, Some(_)) => {
            Some("belongs to a planned window; an unplanned outage began at `starts_at`")
        }
        (OutageKind::Planned, Some(at)) if at > now + CLOCK_TOLERANCE => Some("lies ahead"),
        (OutageKind::Planned, Some(at)) if at < outage.starts_at - LONGEST_AGO => {
            Some("is more than 7 days before the planned start")
        }
        (OutageKind::Planned | OutageKind::Unplanned, _) => None,
    };
    faults.extend(fault.map(|detail| Fault::new("/began_at", detail)));
}

/// When an outage may have ended.
pub(super) fn check_recovery(outage: &Outage, now: DateTime<Utc>, faults: &mut Vec<Fault>) {
    let fault = match outage.recovered_at {
        Some(at) if at <= outage.begun_at() => {
            Some("must be after the outage began; withdraw one that never was with `cancelled`")
        }
        Some(at) if at > now + CLOCK_TOLERANCE => {
            Some("lies ahead; say it when the systems are available again")
        }
        Some(_) | None => None,
    };
    faults.extend(fault.map(|detail| Fault::new("/recovered_at", detail)));
}

/// The systems, each named once.
pub(super) fn systems(named: &[AffectedSystem], faults: &mut Vec<Fault>) -> BTreeSet<AffectedSystem> {
    if named.is_empty() {
        faults.push(Fault::new("/affected_systems", "names no system; an outage takes at least one away"));
    }
    let mut systems = BTreeSet::new();
    for (place, system) in named.iter().enumerate() {
        if !systems.insert(*system) {
            faults.push(Fault::new(
                format!("/affected_systems/{place}"),
                format!("`{}` is named twice", system.as_str()),
            ));
        }
    }
    systems
}

/// The functionalities, each named once.
pub(super) fn functionalities(named: &[Functionality], faults: &mut Vec<Fault>) -> BTreeSet<Functionality> {
    let mut codes = BTreeSet::new();
    for (place, code) in named.iter().enumerate() {
        if !codes.insert(*code) {
            let detail = format!("`{}` is named twice", code.letter());
            faults.push(Fault::new(format!("/functionalities/{place}"), detail));
        }
    }
    codes
}

/// The text without the space around it, checked: a notice goes to people and into XML as it stands.
pub(super) fn readable(text: &Bilingual, faults: &mut Vec<Fault>) -> Bilingual {
    let mut checked = |path: &str, text: &str| {
        let text = text.trim();
        if text.is_empty() {
            faults.push(Fault::new(path, "is empty"));
        }
        let length = text.chars().count();
        if length > LONGEST_TEXT {
            faults
                .push(Fault::new(path, format!("has {length} characters; at most {LONGEST_TEXT} are taken")));
        }
        if let Some(place) = text.chars().position(is_unprintable) {
            faults.push(Fault::new(path, format!("has a control character at character {}", place + 1)));
        }
        text.to_owned()
    };
    Bilingual { uk: checked("/text/uk", &text.uk), en: checked("/text/en", &text.en) }
}

/// Characters that XML can't carry or a page can't show. Line ends and tabs are no harm.
fn is_unprintable(character: char) -> bool {
    let harmless = matches!(character, '\n' | '\r' | '\t');
    (character.is_control() && !harmless) || matches!(character, '\u{fffe}' | '\u{ffff}')
}
