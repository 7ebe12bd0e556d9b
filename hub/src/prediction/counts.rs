//! Counts by hour from the bookings of a lane: what the rates of a forecast are measured from. Pure.
//!
//! Hours are those of the clock, counted back from the one in which now lies, of which only the part until
//! now counts: a lane opens and closes by the clock.

use chrono::{DateTime, TimeDelta, Utc};

use super::calendar::{HourOfWeek, hour_of, hours_between};
use super::forward::{Losses, Missed};
use super::lane::LaneHistory;
use super::planned::Planned;
use super::throughput::MeasuredHour;

/// How far back is counted: six weeks.
pub const WINDOW: TimeDelta = TimeDelta::days(42);

/// How a booking stood, and what became of it. It may have been made before the weeks that are counted: then
/// it waited into them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PastBooking {
    /// Which contender of the merge rules it stood with, from 0; none: it had a slot.
    pub contender: Option<usize>,
    /// Since when it stood in its queue.
    pub queued_at: DateTime<Utc>,
    /// When its slot began.
    pub slot_starts_at: Option<DateTime<Utc>>,
    /// When it came to its waiting zone.
    pub came_to_zone: Option<DateTime<Utc>>,
    /// When it was called.
    pub called_at: Option<DateTime<Utc>>,
    /// When it entered.
    pub entered_at: Option<DateTime<Utc>>,
    /// When it ended without entry.
    pub ended_at: Option<DateTime<Utc>>,
    /// Whether it was called and did not come, and its booking ended.
    pub absent: bool,
    /// How often in the window it was called, did not come, and was put back into the queue.
    pub put_back: u32,
}

/// When nobody was called. A pause that is in force ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastPause {
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// How many hours of a time were not paused. Pauses that overlap count once.
#[must_use]
pub fn unpaused_hours(pauses: &[PastPause], from: DateTime<Utc>, until: DateTime<Utc>) -> f64 {
    let paused: f64 = apart(pauses)
        .iter()
        .map(|pause| hours_between(pause.from.max(from), pause.until.min(until)).max(0.0))
        .sum();
    (hours_between(from, until) - paused).max(0.0)
}

/// The same pauses with those that overlap made one, in order.
fn apart(pauses: &[PastPause]) -> Vec<PastPause> {
    let mut in_order = pauses.to_vec();
    in_order.sort_unstable_by_key(|pause| pause.from);
    let mut apart: Vec<PastPause> = Vec::with_capacity(in_order.len());
    for pause in in_order {
        match apart.last_mut() {
            Some(last) if pause.from <= last.until => last.until = last.until.max(pause.until),
            _ => apart.push(pause),
        }
    }
    apart
}

/// An hour of the clock, or of the last one the part until now.
#[derive(Debug, Clone)]
struct Hour {
    begins: DateTime<Utc>,
    ends: DateTime<Utc>,
    entries: f64,
    joined: Vec<f64>,
    slots: f64,
    unpaused: f64,
    waited: bool,
}

impl Hour {
    /// The hours before a moment, the last first, with nothing counted.
    fn back_from(now: DateTime<Utc>, contenders: usize) -> impl Iterator<Item = Self> {
        let last_ends = back_from(now);
        (0_i64..).map(move |ago| {
            let ends = last_ends - TimeDelta::hours(ago);
            let begins = ends - TimeDelta::hours(1);
            let ends = ends.min(now);
            let (joined, unpaused) = (vec![0.0; contenders], hours_between(begins, ends));
            Self { begins, ends, entries: 0.0, joined, slots: 0.0, unpaused, waited: false }
        })
    }

    /// How much of an hour it is: all but the last are whole.
    fn length(&self) -> f64 {
        hours_between(self.begins, self.ends)
    }
}

/// The history of a lane, counted from its bookings of the last weeks. `planned`: the rules' capacity, which
/// says when it was open. Hours in which another was planned than is now count for as much more or less.
#[must_use]
pub fn history(
    bookings: &[PastBooking],
    pauses: &[PastPause],
    contenders: usize,
    planned: &Planned,
    now: DateTime<Utc>,
) -> LaneHistory {
    let since = bookings.iter().map(|each| each.queued_at).min().unwrap_or(now).max(now - WINDOW);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to the hours of the window"
    )]
    let total = hours_between(since, back_from(now)).ceil().max(0.0) as usize;
    let mut hours: Vec<Hour> = Hour::back_from(now, contenders).take(total).collect();
    for each in bookings {
        count(&mut hours, each, now);
    }
    for pause in apart(pauses) {
        shut(&mut hours, &pause);
    }
    mark_waiting(&mut hours, bookings, now);
    let measured = |of: &dyn Fn(&Hour) -> (f64, f64)| -> Vec<MeasuredHour> {
        hours
            .iter()
            .map(|hour| {
                let (count, exposure) = of(hour);
                let age_hours = hours_between(hour.ends, now);
                MeasuredHour { hour: HourOfWeek::at(hour.begins), age_hours, count, exposure }
            })
            .collect()
    };
    let mut slot_leads: Vec<f64> = bookings
        .iter()
        .filter_map(|each| Some((each.slot_starts_at.filter(|starts| within(*starts, now))?, each.queued_at)))
        .map(|(starts, queued)| hours_between(queued, starts).max(0.0))
        .collect();
    slot_leads.sort_by(f64::total_cmp);
    let opening = |hour: &&Hour| planned.was_open(hour.begins);
    let unpaused: f64 = hours.iter().filter(opening).map(|hour| hour.unpaused).sum();
    let all: f64 = hours.iter().filter(opening).map(Hour::length).sum();
    let open_share = if all > 0.0 { unpaused / all } else { 1.0 };
    LaneHistory {
        entries: measured(&|hour| {
            let exposure = if hour.waited { hour.unpaused * planned.beside_now(hour.begins) } else { 0.0 };
            (hour.entries, exposure)
        }),
        joined: (0..contenders)
            .map(|contender| {
                measured(&|hour| (hour.joined.get(contender).copied().unwrap_or_default(), hour.length()))
            })
            .collect(),
        slots: measured(&|hour| (hour.slots, hour.length())),
        slot_leads,
        losses: losses(bookings, now),
        open_share,
    }
}

/// Whether a moment lies in the weeks that are counted.
fn within(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - WINDOW < at && at <= now
}

/// The end of the hour of the clock that is counted back from: the one in which now lies, or the one that
/// ends now.
fn back_from(now: DateTime<Utc>) -> DateTime<Utc> {
    let begins = hour_of(now);
    if begins < now { begins + TimeDelta::hours(1) } else { now }
}

/// The index of the hour in which a moment lies, counted back. None: it has not come.
fn index(at: DateTime<Utc>, now: DateTime<Utc>) -> Option<usize> {
    if at > now {
        return None;
    }
    let ago = hours_between(at, back_from(now));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative; whatever is too large is not found"
    )]
    Some(ago as usize)
}

fn count(hours: &mut [Hour], booking: &PastBooking, now: DateTime<Utc>) {
    let mut note = |at: Option<DateTime<Utc>>, add: &dyn Fn(&mut Hour)| {
        if let Some(hour) = at.and_then(|at| index(at, now)).and_then(|index| hours.get_mut(index)) {
            add(hour);
        }
    };
    note(booking.entered_at, &|hour| hour.entries += 1.0);
    // A slot that begins with an hour is of that hour, and not of the one before.
    let in_slot = booking.slot_starts_at.map(|starts| starts + TimeDelta::microseconds(1));
    note(in_slot, &|hour| hour.slots += 1.0);
    if let Some(contender) = booking.contender {
        note(Some(booking.queued_at), &|hour| {
            if let Some(joined) = hour.joined.get_mut(contender) {
                *joined += 1.0;
            }
        });
    }
}

fn shut(hours: &mut [Hour], pause: &PastPause) {
    for hour in hours {
        if pause.until > hour.begins && pause.from < hour.ends {
            let shut = hours_between(pause.from.max(hour.begins), pause.until.min(hour.ends));
            hour.unpaused = (hour.unpaused - shut).max(0.0);
        }
    }
}

/// From when and until when a booking could have been called. One that came to no zone could not, but where
/// it was called none the less: another queue system knew that it was there.
fn waited(booking: &PastBooking, now: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let from = booking.slot_starts_at.map_or(booking.queued_at, |starts| starts.max(booking.queued_at));
    let there = match (booking.came_to_zone, booking.called_at.or(booking.entered_at)) {
        (Some(came), _) => came,
        (None, Some(_)) => from,
        (None, None) => return None,
    };
    Some((from.max(there), stood_until(booking, now)))
}

/// Until when a booking stood in its queue.
fn stood_until(booking: &PastBooking, now: DateTime<Utc>) -> DateTime<Utc> {
    let left = [booking.called_at, booking.entered_at, booking.ended_at].into_iter().flatten().min();
    left.unwrap_or(now)
}

/// Marks the hours at whose beginning and end somebody waited.
fn mark_waiting(hours: &mut [Hour], bookings: &[PastBooking], now: DateTime<Utc>) {
    // How many more wait at the end of each hour than at that of the hour before it; index 0 is now.
    let mut changes = vec![0_i64; hours.len() + 2];
    for booking in bookings {
        let Some((from, until)) = waited(booking, now) else { continue };
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
        // A slot can be cancelled as long as it is booked, before it begins too.
        .map(|each| hours_between(each.queued_at.max(now - WINDOW), stood_until(each, now)).max(0.0))
        .sum();
    let cancelled = |each: &&PastBooking| {
        each.called_at.is_none() && each.ended_at.is_some_and(|ended| within(ended, now))
    };
    let called = |each: &&PastBooking| each.called_at.is_some_and(|called| within(called, now));
    let number = |of: &dyn Fn(&&PastBooking) -> bool| bookings.iter().filter(of).count() as f64;
    let put_back: f64 = bookings.iter().map(|each| f64::from(each.put_back)).sum();
    Losses::measured(
        number(&cancelled),
        vehicle_hours,
        Missed { ended: number(&|each| each.absent && called(each)), put_back },
        number(&called) + put_back,
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
            came_to_zone: Some(hours_ago(queued)),
            called_at: None,
            entered_at: None,
            ended_at: None,
            absent: false,
            put_back: 0,
        }
    }

    #[test]
    fn nothing_booked_is_nothing_measured() {
        let history = history(&[], &[], 1, &Planned::always(None), NOW);
        assert!(history.entries.is_empty());
        assert_eq!(history.open_share, 1.0);
    }

    #[test]
    fn an_hour_counts_where_somebody_waited_at_its_beginning_and_its_end() {
        let one =
            PastBooking { called_at: Some(hours_ago(1.5)), entered_at: Some(hours_ago(0.5)), ..live(4.5) };
        let history = history(&[one], &[], 1, &Planned::always(None), NOW);
        let exposed: Vec<f64> = history.entries.iter().map(|hour| hour.exposure).collect();
        assert_eq!(exposed, [0.0, 0.0, 1.0, 1.0, 0.0]);
        assert_eq!(history.entries[0].count, 1.0);
        assert_eq!(history.joined[0][4].count, 1.0);
    }

    #[test]
    fn whoever_waits_still_waits_now() {
        let history = history(&[live(3.0)], &[], 1, &Planned::always(None), NOW);
        assert!(history.entries.iter().all(|hour| hour.exposure == 1.0), "{:?}", history.entries);
    }

    #[test]
    fn hours_are_those_of_the_clock_and_the_one_that_runs_counts_as_far_as_it_is() {
        let now = NOW + TimeDelta::minutes(45);
        // Entered a quarter past and half an hour before the hour.
        let entered = |at: i64| PastBooking { entered_at: Some(NOW + TimeDelta::minutes(at)), ..live(5.0) };
        let history = history(&[entered(15), entered(-30), live(5.0)], &[], 1, &Planned::always(None), now);
        let hours: Vec<_> = history.entries.iter().take(3).map(|hour| hour.hour).collect();
        assert_eq!(hours, [0, 1, 2].map(|ago| HourOfWeek::at(hours_ago(f64::from(ago)))));
        let counted: Vec<_> = history.entries.iter().map(|hour| (hour.count, hour.exposure)).collect();
        assert_eq!(counted[..3], [(1.0, 0.75), (1.0, 1.0), (0.0, 1.0)]);
        assert_eq!([0, 1, 2].map(|index| history.entries[index].age_hours), [0.0, 0.75, 1.75]);
        assert_eq!(history.joined[0][0].exposure, 0.75);
    }

    #[test]
    fn the_time_since_a_call_stands_still_while_the_lane_is_paused() {
        let pause = |from: f64, until: f64| PastPause { from: hours_ago(from), until: hours_ago(until) };
        let pauses = [pause(4.0, 2.0), pause(20.0, 10.0), pause(5.0, 3.0)];
        assert_eq!(unpaused_hours(&pauses, hours_ago(4.5), NOW), 2.0);
        assert_eq!(unpaused_hours(&pauses, hours_ago(2.0), NOW), 2.0);
        assert_eq!(unpaused_hours(&pauses, hours_ago(15.0), NOW), 7.0);
    }

    #[test]
    fn a_pause_takes_its_part_of_the_hours() {
        let pause = PastPause { from: hours_ago(2.5), until: hours_ago(0.75) };
        let history = history(&[live(4.0)], &[pause], 1, &Planned::always(None), NOW);
        let exposed: Vec<f64> = history.entries.iter().map(|hour| hour.exposure).collect();
        assert_eq!(exposed, [0.75, 0.0, 0.5, 1.0]);
        assert_eq!(history.open_share, 2.25 / 4.0);
    }

    #[test]
    fn who_was_booked_before_the_weeks_that_are_counted_counts_with_what_happened_in_them() {
        let days = |days: f64| Some(hours_ago(days * 24.0));
        let before = PastBooking { ended_at: days(50.0), ..live(60.0 * 24.0) };
        let entered = PastBooking { called_at: days(41.0), entered_at: days(40.0), ..live(60.0 * 24.0) };
        let history = history(&[before, entered], &[], 1, &Planned::always(None), NOW);
        assert_eq!(history.entries.len(), 42 * 24);
        assert_eq!(history.entries.iter().map(|hour| hour.count).sum::<f64>(), 1.0);
        assert_eq!(history.losses.cancelled_per_hour, 0.0);
    }

    #[test]
    fn a_slot_is_counted_in_the_hour_that_it_begins() {
        let at = NOW + TimeDelta::minutes(45);
        let slot = PastBooking { contender: None, slot_starts_at: Some(hours_ago(1.0)), ..live(5.0) };
        for now in [NOW, at] {
            let history = history(&[slot], &[], 1, &Planned::always(None), now);
            let slots = history.slots.iter().filter(|hour| hour.count > 0.0).map(|hour| hour.hour);
            assert_eq!(slots.collect::<Vec<_>>(), [HourOfWeek::at(hours_ago(1.0))], "{now}");
        }
    }

    #[test]
    fn pauses_that_overlap_count_once_and_only_in_opening_hours() {
        let pause = |from: f64, until: f64| PastPause { from: hours_ago(from), until: hours_ago(until) };
        // The lane and the checkpoint, paused at once; and hours in which the rules let nobody in.
        let pauses = [pause(2.5, 1.5), pause(2.25, 1.5), pause(4.0, 3.0)];
        let mut plan = [10.0; super::super::calendar::HOURS_OF_WEEK];
        for ago in [3.0, 4.0] {
            plan[HourOfWeek::at(hours_ago(ago)).index()] = 0.0;
        }
        let history = history(&[live(4.0)], &pauses, 1, &Planned::always(Some(plan)), NOW);
        assert_eq!(history.open_share, 0.75);
        // Nobody could enter in the hours that were closed.
        let exposed: Vec<f64> = history.entries.iter().map(|hour| hour.exposure).collect();
        assert_eq!(exposed, [1.0, 0.5, 0.0, 0.0]);
    }

    #[test]
    fn a_slot_that_is_cancelled_before_it_begins_has_stood_since_it_was_booked() {
        let starts_in_a_day = PastBooking {
            contender: None,
            slot_starts_at: Some(hours_ago(-24.0)),
            ended_at: Some(hours_ago(10.0)),
            ..live(110.0)
        };
        let losses = history(&[starts_in_a_day], &[], 1, &Planned::always(None), NOW).losses;
        assert!((losses.cancelled_per_hour - 1.0 / 600.0).abs() < 1e-9, "{losses:?}");
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
        let losses = history(&[cancelled, absent], &[], 1, &Planned::always(None), NOW).losses;
        assert!((losses.cancelled_per_hour - 1.0 / 521.0).abs() < 1e-9);
        assert!((losses.absent_share - 1.0 / 51.0).abs() < 1e-9);
        let put_back = PastBooking { put_back: 2, ..live(3.0) };
        let losses = history(&[cancelled, absent, put_back], &[], 1, &Planned::always(None), NOW).losses;
        assert!((losses.absent_share - 3.0 / 53.0).abs() < 1e-9);
    }
}
