//! Counts by hour from the bookings of a lane: what the rates of a forecast are measured from. Pure.
//!
//! Hours are counted back from now, so the last one is always whole.

use chrono::{DateTime, TimeDelta, Utc};

use super::calendar::{HourOfWeek, hours_between};
use super::forward::Losses;
use super::lane::LaneHistory;
use super::throughput::MeasuredHour;

/// How far back is counted: six weeks.
pub const WINDOW: TimeDelta = TimeDelta::days(42);

/// How a booking of the last weeks stood, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PastBooking {
    /// Which contender of the merge rules it stood with, from 0; none: it had a slot.
    pub contender: Option<usize>,
    /// Since when it stood in its queue.
    pub queued_at: DateTime<Utc>,
    /// When its slot began.
    pub slot_starts_at: Option<DateTime<Utc>>,
    /// When it was called.
    pub called_at: Option<DateTime<Utc>>,
    /// When it entered.
    pub entered_at: Option<DateTime<Utc>>,
    /// When it ended without entry.
    pub ended_at: Option<DateTime<Utc>>,
    /// Whether it was called and did not come.
    pub absent: bool,
}

/// When nobody was called. A pause that is in force ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastPause {
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
}

#[derive(Debug, Clone, Default)]
struct Hour {
    entries: f64,
    joined: Vec<f64>,
    slots: f64,
    unpaused: f64,
    waited: bool,
}

/// The history of a lane, counted from its bookings of the last weeks.
#[must_use]
pub fn history(
    bookings: &[PastBooking],
    pauses: &[PastPause],
    contenders: usize,
    now: DateTime<Utc>,
) -> LaneHistory {
    let since = bookings.iter().map(|each| each.queued_at).min().unwrap_or(now).max(now - WINDOW);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to the hours of the window"
    )]
    let total = hours_between(since, now).ceil().max(0.0) as usize;
    let empty = Hour { joined: vec![0.0; contenders], unpaused: 1.0, ..Hour::default() };
    let mut hours = vec![empty; total];
    for each in bookings {
        count(&mut hours, each, now);
    }
    for pause in pauses {
        shut(&mut hours, pause, now);
    }
    mark_waiting(&mut hours, bookings, now);
    let measured = |of: &dyn Fn(&Hour) -> (f64, f64)| -> Vec<MeasuredHour> {
        hours
            .iter()
            .zip(0_u32..)
            .map(|(hour, ago)| {
                let (count, exposure) = of(hour);
                let begins = now - TimeDelta::hours(i64::from(ago) + 1);
                MeasuredHour { hour: HourOfWeek::at(begins), age_hours: f64::from(ago), count, exposure }
            })
            .collect()
    };
    let mut slot_leads: Vec<f64> = bookings
        .iter()
        .filter_map(|each| Some((each.slot_starts_at.filter(|starts| *starts <= now)?, each.queued_at)))
        .map(|(starts, queued)| hours_between(queued, starts).max(0.0))
        .collect();
    slot_leads.sort_by(f64::total_cmp);
    let unpaused: f64 = hours.iter().map(|hour| hour.unpaused).sum();
    #[expect(clippy::cast_precision_loss, reason = "at most the hours of the window")]
    let open_share = if total == 0 { 1.0 } else { unpaused / total as f64 };
    LaneHistory {
        entries: measured(&|hour| (hour.entries, if hour.waited { hour.unpaused } else { 0.0 })),
        joined: (0..contenders)
            .map(|contender| measured(&|hour| (hour.joined.get(contender).copied().unwrap_or_default(), 1.0)))
            .collect(),
        slots: measured(&|hour| (hour.slots, 1.0)),
        slot_leads,
        losses: losses(bookings, now),
        open_share,
    }
}

/// The index of the hour in which a moment lies, counted back from now.
fn index(at: DateTime<Utc>, now: DateTime<Utc>) -> Option<usize> {
    let ago = hours_between(at, now);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked; whatever is too large is not found"
    )]
    (ago >= 0.0).then_some(ago as usize)
}

fn count(hours: &mut [Hour], booking: &PastBooking, now: DateTime<Utc>) {
    let mut note = |at: Option<DateTime<Utc>>, add: &dyn Fn(&mut Hour)| {
        if let Some(hour) = at.and_then(|at| index(at, now)).and_then(|index| hours.get_mut(index)) {
            add(hour);
        }
    };
    note(booking.entered_at, &|hour| hour.entries += 1.0);
    note(booking.slot_starts_at, &|hour| hour.slots += 1.0);
    if let Some(contender) = booking.contender {
        note(Some(booking.queued_at), &|hour| {
            if let Some(joined) = hour.joined.get_mut(contender) {
                *joined += 1.0;
            }
        });
    }
}

fn shut(hours: &mut [Hour], pause: &PastPause, now: DateTime<Utc>) {
    for (hour, ago) in hours.iter_mut().zip(0_i64..) {
        let (begins, ends) = (now - TimeDelta::hours(ago + 1), now - TimeDelta::hours(ago));
        if pause.until > begins && pause.from < ends {
            let shut = hours_between(pause.from.max(begins), pause.until.min(ends));
            hour.unpaused = (hour.unpaused - shut).max(0.0);
        }
    }
}

/// From when and until when a booking could have been called.
fn waited(booking: &PastBooking, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let from = booking.slot_starts_at.map_or(booking.queued_at, |starts| starts.max(booking.queued_at));
    let until = [booking.called_at, booking.entered_at, booking.ended_at].into_iter().flatten().min();
    (from, until.unwrap_or(now))
}

/// Marks the hours at whose beginning and end somebody waited.
fn mark_waiting(hours: &mut [Hour], bookings: &[PastBooking], now: DateTime<Utc>) {
    // How many more wait at the end of each hour than at that of the hour before it; index 0 is now.
    let mut changes = vec![0_i64; hours.len() + 2];
    for booking in bookings {
        let (from, until) = waited(booking, now);
        let (Some(joined), Some(left)) = (index(from, now), index(until, now)) else { continue };
        // At the ends of the hours `left + 1` to `joined`, counted back, and now if it has not left.
        let first = if until >= now { 0 } else { left + 1 };
        if first <= joined {
            if let Some(change) = changes.get_mut(first) {
                *change += 1;
            }
            if let Some(change) = changes.get_mut(joined + 1) {
                *change -= 1;
            }
        }
    }
    let mut waiting = 0;
    let at_ends: Vec<bool> = changes
        .into_iter()
        .map(|change| {
            waiting += change;
            waiting > 0
        })
        .collect();
    for (hour, ends) in hours.iter_mut().zip(at_ends.windows(2)) {
        hour.waited = ends.iter().all(|waited| *waited);
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts 2^52 bookings")]
fn losses(bookings: &[PastBooking], now: DateTime<Utc>) -> Losses {
    let vehicle_hours = bookings
        .iter()
        .map(|each| {
            let (from, until) = waited(each, now);
            hours_between(from.max(now - WINDOW), until).max(0.0)
        })
        .sum();
    let number = |of: fn(&&PastBooking) -> bool| bookings.iter().filter(of).count() as f64;
    Losses::measured(
        number(|each| each.ended_at.is_some() && each.called_at.is_none()),
        vehicle_hours,
        number(|each| each.absent),
        number(|each| each.called_at.is_some()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn hours_ago(hours: f64) -> DateTime<Utc> {
        super::super::calendar::after(NOW, -hours)
    }

    fn live(queued: f64) -> PastBooking {
        PastBooking {
            contender: Some(0),
            queued_at: hours_ago(queued),
            slot_starts_at: None,
            called_at: None,
            entered_at: None,
            ended_at: None,
            absent: false,
        }
    }

    #[test]
    fn nothing_booked_is_nothing_measured() {
        let history = history(&[], &[], 1, NOW);
        assert!(history.entries.is_empty());
        assert_eq!(history.open_share, 1.0);
    }

    #[test]
    fn an_hour_counts_where_somebody_waited_at_its_beginning_and_its_end() {
        let one =
            PastBooking { called_at: Some(hours_ago(1.5)), entered_at: Some(hours_ago(0.5)), ..live(4.5) };
        let history = history(&[one], &[], 1, NOW);
        let exposed: Vec<f64> = history.entries.iter().map(|hour| hour.exposure).collect();
        assert_eq!(exposed, [0.0, 0.0, 1.0, 1.0, 0.0]);
        assert_eq!(history.entries[0].count, 1.0);
        assert_eq!(history.joined[0][4].count, 1.0);
    }

    #[test]
    fn whoever_waits_still_waits_now() {
        let history = history(&[live(3.0)], &[], 1, NOW);
        assert!(history.entries.iter().all(|hour| hour.exposure == 1.0), "{:?}", history.entries);
    }

    #[test]
    fn a_pause_takes_its_part_of_the_hours() {
        let pause = PastPause { from: hours_ago(2.5), until: hours_ago(0.75) };
        let history = history(&[live(4.0)], &[pause], 1, NOW);
        let exposed: Vec<f64> = history.entries.iter().map(|hour| hour.exposure).collect();
        assert_eq!(exposed, [0.75, 0.0, 0.5, 1.0]);
        assert_eq!(history.open_share, 2.25 / 4.0);
    }

    #[test]
    fn cancellations_and_absences_are_losses() {
        let cancelled = PastBooking { ended_at: Some(hours_ago(10.0)), ..live(20.0) };
        let absent = PastBooking {
            called_at: Some(hours_ago(9.0)),
            ended_at: Some(hours_ago(5.0)),
            absent: true,
            ..live(20.0)
        };
        let losses = history(&[cancelled, absent], &[], 1, NOW).losses;
        assert!((losses.cancelled_per_hour - 1.0 / 521.0).abs() < 1e-9);
        assert!((losses.absent_share - 1.0 / 51.0).abs() < 1e-9);
    }
}
