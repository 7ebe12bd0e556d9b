//! Until when a text waits for a person, and what it may be. No clock, no I/O.

use chrono::{DateTime, Utc};
use kordon_schemas::Fault;
use kordon_schemas::notices::DeliveryState;
use kordon_schemas::outages::OutageKind;
use kordon_schemas::press_texts::{LONGEST_BODY, LONGEST_TITLE, PressText, PressTexts};

/// Whether a text that waits `until` may still be changed at `now`.
#[must_use]
pub fn is_under_review(delivery: DeliveryState, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    delivery == DeliveryState::Pending && until.is_some_and(|until| now < until)
}

/// What is wrong with waiting `until` for a person, about an outage of that kind that starts then. The public
/// is told of planned work before it begins, and of a failure at once.
#[must_use]
pub fn fault_of_waiting(
    kind: OutageKind,
    starts_at: DateTime<Utc>,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<&'static str> {
    match kind {
        OutageKind::Unplanned => Some("belongs to planned work; an unplanned outage is told of at once"),
        OutageKind::Planned if until <= now => Some("is past; leave it out to tell of it at once"),
        OutageKind::Planned if until > starts_at => {
            Some("is after `starts_at`: the notice would come too late")
        }
        OutageKind::Planned => None,
    }
}

/// The texts as they are kept: without white space around them, lines ended in one way.
///
/// # Errors
/// Every place that breaks a rule.
pub fn readable(texts: &PressTexts) -> Result<PressTexts, Vec<Fault>> {
    let mut faults = Vec::new();
    let PressTexts { uk, en } = texts;
    let texts = PressTexts { uk: one(uk, "/uk", &mut faults), en: one(en, "/en", &mut faults) };
    if faults.is_empty() { Ok(texts) } else { Err(faults) }
}

fn one(text: &PressText, place: &str, faults: &mut Vec<Fault>) -> PressText {
    let title = text.title.trim().to_owned();
    let body = text.body.trim().replace("\r\n", "\n");
    let mut bounded = |name: &str, text: &str, longest: usize| {
        if text.is_empty() || text.chars().count() > longest {
            faults.push(Fault::new(format!("{place}/{name}"), format!("has 1 to {longest} characters")));
        }
    };
    bounded("title", &title, LONGEST_TITLE);
    bounded("body", &body, LONGEST_BODY);
    if title.chars().any(char::is_control) {
        faults.push(Fault::new(format!("{place}/title"), "is one line, without control characters"));
    }
    if body.chars().any(|c| c.is_control() && c != '\n') {
        faults.push(Fault::new(format!("{place}/body"), "has lines, and no other control characters"));
    }
    PressText { title, body }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(instant: &str) -> DateTime<Utc> {
        instant.parse().unwrap()
    }

    fn text(title: &str, body: &str) -> PressText {
        PressText { title: title.into(), body: body.into() }
    }

    #[test]
    fn a_text_waits_until_its_moment_and_not_in_it() {
        let until = Some(at("2026-11-20T09:00:00Z"));
        assert!(is_under_review(DeliveryState::Pending, until, at("2026-11-20T08:59:59Z")));
        assert!(!is_under_review(DeliveryState::Pending, until, at("2026-11-20T09:00:00Z")));
        assert!(!is_under_review(DeliveryState::Pending, None, at("2026-11-20T08:00:00Z")));
        assert!(!is_under_review(DeliveryState::Delivered, until, at("2026-11-20T08:00:00Z")));
        assert!(!is_under_review(DeliveryState::Failed, until, at("2026-11-20T08:00:00Z")));
    }

    #[test]
    fn the_public_hears_of_planned_work_before_it_begins_and_of_a_failure_at_once() {
        let (now, starts_at) = (at("2026-11-20T08:00:00Z"), at("2026-11-28T18:00:00Z"));
        let fault = |kind, until| fault_of_waiting(kind, starts_at, at(until), now);
        assert_eq!(fault(OutageKind::Planned, "2026-11-20T08:00:01Z"), None);
        assert_eq!(fault(OutageKind::Planned, "2026-11-28T18:00:00Z"), None);
        assert!(fault(OutageKind::Planned, "2026-11-28T18:00:01Z").unwrap().contains("too late"));
        assert!(fault(OutageKind::Planned, "2026-11-20T08:00:00Z").unwrap().contains("past"));
        assert!(fault(OutageKind::Unplanned, "2026-11-20T08:00:01Z").unwrap().contains("at once"));
    }

    #[test]
    fn every_fault_of_a_text_is_named() {
        let odd = PressTexts {
            uk: text(" ", &"я".repeat(LONGEST_BODY + 1)),
            en: text("two\nlines", "a bell \u{7} rings"),
        };
        let faults = readable(&odd).unwrap_err();
        let places: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(places, ["/uk/title", "/uk/body", "/en/title", "/en/body"]);
        let longest = "я".repeat(LONGEST_TITLE);
        let kept =
            readable(&PressTexts { uk: text(&longest, " a\r\n\r\nb "), en: text(" ETS ", "b") }).unwrap();
        assert_eq!(kept, PressTexts { uk: text(&longest, "a\n\nb"), en: text("ETS", "b") });
    }
}
