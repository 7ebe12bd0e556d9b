//! What a doubter is shown.

use super::*;
use crate::support::deadlines::explain::MOST_STEPS;

/// The steps as lines, to be compared at a glance.
fn told(history: &History, clock: DeadlineClock, now: &str) -> Vec<String> {
    let deadline = seen(clock, history, now).unwrap();
    let steps = explain(&deadline, &rules().calendars, kyiv(now)).unwrap();
    steps.iter().map(line).collect()
}

fn line(step: &Step) -> String {
    let short = |at: &DateTime<Utc>| local(*at)[5..].to_owned();
    let reason =
        |because: &Option<String>| because.as_ref().map_or(String::new(), |why| format!(" because {why}"));
    match step {
        Step::Started { at, target } => {
            format!("{} started with {}", short(at), target.time.num_minutes())
        }
        Step::Counted { from, until, left, because } => {
            format!(
                "{} - {} counted, {} left{}",
                short(from),
                short(until),
                left.num_minutes(),
                reason(because)
            )
        }
        Step::Closed { from, until, because } => {
            format!("{} - {} closed{}", short(from), short(until), reason(because))
        }
        Step::StoodStill { from, until, why, spared } => {
            let until = until.as_ref().map_or("now".to_owned(), short);
            format!("{} - {until} stood still: {why:?}, {} spared", short(from), spared.num_minutes())
        }
        Step::UsedUp { at } => format!("{} used up", short(at)),
        Step::Extended(extension) => format!("extended to {}", short(&extension.until)),
        Step::Stopped { at, by } => format!("{} stopped by {by}", short(at)),
        Step::AndMore => "more".to_owned(),
    }
}

#[test]
fn every_hour_of_the_way_is_told() {
    let history = prioritised(&[
        ("2026-09-07 16:00", New, First, High),
        ("2026-09-07 16:00", InProgress, First, High),
        ("2026-09-08 09:30", Extended, First, High),
        ("2026-09-08 11:00", InProgress, First, High),
        ("2026-09-08 15:00", Resolved, First, High),
    ]);
    let steps = told(&history, DeadlineClock::Ticket, "2026-09-09 09:00");
    assert_eq!(
        steps,
        [
            "09-07 16:00 started with 480",
            "09-07 16:00 - 09-07 18:00 counted, 360 left",
            "09-07 18:00 - 09-08 00:00 closed",
            "09-08 00:00 - 09-08 09:00 closed",
            "09-08 09:00 - 09-08 09:30 counted, 330 left",
            "09-08 09:30 - 09-08 11:00 stood still: InformationNeeded, 90 spared",
            "09-08 11:00 - 09-08 13:00 counted, 210 left",
            "09-08 13:00 - 09-08 13:45 closed",
            "09-08 13:45 - 09-08 17:15 counted, 0 left",
            "09-08 17:15 used up",
            "09-08 15:00 stopped by resolved",
        ]
    );
}

#[test]
fn a_holiday_that_is_worked_says_why() {
    let history = prioritised(&[
        ("2026-08-24 10:00", New, First, Critical),
        ("2026-08-24 10:00", InProgress, First, Critical),
    ]);
    let steps = told(&history, DeadlineClock::Ticket, "2026-08-24 10:00");
    let because = "Independence Day (День незалежності України); Labour Code, Article 73; a working day by martial law: \
                   Law 2136-IX of 15 March 2022, Article 6";
    assert_eq!(steps[1], format!("08-24 10:00 - 08-24 13:00 counted, 60 left because {because}"));
}

#[test]
fn a_clock_that_stands_still_says_so_last() {
    let history = ticket(&[
        ("2026-09-07 09:00", New, First),
        ("2026-09-07 09:00", InProgress, First),
        ("2026-09-07 10:00", Deferred, Second),
    ]);
    let steps = told(&history, DeadlineClock::Ticket, "2026-09-08 10:00");
    assert_eq!(steps.last().unwrap(), "09-07 10:00 - now stood still: SoftwareMustChange, 495 spared");
}

#[test]
fn the_explanation_ends_where_the_deadline_is() {
    for priority in [Critical, High, Normal, Low] {
        let history = prioritised(&[
            ("2026-12-24 17:00", New, First, priority),
            ("2026-12-24 17:10", InProgress, First, priority),
        ]);
        let deadline = of_ticket(&history, "2026-12-24 18:00");
        let steps = explain(&deadline, &rules().calendars, kyiv("2026-12-24 18:00")).unwrap();
        assert_eq!(steps.last(), Some(&Step::UsedUp { at: deadline.due_at.unwrap() }), "{priority}");
    }
}

#[test]
fn an_explanation_has_an_end() {
    let mut history = ticket(&[("2026-09-07 09:00", New, First)]);
    for minute in 0..700 {
        let at = kyiv("2026-09-07 09:00") + minutes(minute);
        let status = if minute % 2 == 0 { InProgress } else { Extended };
        history = history.then(Entry { at, status, line: First, priority: Low }).unwrap();
    }
    let deadline = of_ticket(&history, "2026-09-08 10:00");
    let steps = explain(&deadline, &rules().calendars, kyiv("2026-09-08 10:00")).unwrap();
    assert_eq!(steps.len(), MOST_STEPS + 1);
    assert_eq!(steps.last(), Some(&Step::AndMore));
}
