//! What a hub would know of a lane: counts by hour from the facts, and nothing of the world behind them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kordon_hub::prediction::calendar::{HourOfWeek, after, hours_between};
use kordon_hub::prediction::forward::{Losses, Missed};
use kordon_hub::prediction::lane::LaneHistory;
use kordon_hub::prediction::throughput::MeasuredHour;
use kordon_hub::queue::BookingId;
use kordon_hub::queue::ranking::{Contender, Place, Standing};

use super::site::merge;
use super::world::{Fact, Happened};

/// Counts look back this far, in hours: six weeks.
const WINDOW: usize = 42 * 24;

/// One hour of counts.
#[derive(Debug, Clone, Default)]
struct Hour {
    /// Which hour of the week it was.
    of_week: Option<HourOfWeek>,
    entries: f64,
    /// Not paused, and somebody waited.
    exposed: f64,
    unpaused: f64,
    joined: [f64; 4],
    cancelled: f64,
    vehicle_hours: f64,
    called: f64,
    absent: f64,
}

/// A booking that has not entered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) place: Place,
    pub(super) booked_at: f64,
}

/// The records of a lane.
pub(super) struct Records {
    start: DateTime<Utc>,
    contenders: Vec<Contender>,
    hours: Vec<Hour>,
    /// Vehicles with slots by the hour in which these begin.
    slots: HashMap<usize, f64>,
    /// When each booking of a slot was made and how many hours before the slot.
    slot_leads: Vec<(f64, f64)>,
    pub(super) open: HashMap<BookingId, Open>,
    waiting: usize,
    paused_since: Option<f64>,
    paused_hours_of_now: f64,
    was_waiting: bool,
}

impl Records {
    pub(super) fn new(start: DateTime<Utc>) -> Self {
        Self {
            start,
            contenders: merge().contenders().collect(),
            hours: Vec::new(),
            slots: HashMap::new(),
            slot_leads: Vec::new(),
            open: HashMap::new(),
            waiting: 0,
            paused_since: None,
            paused_hours_of_now: 0.0,
            was_waiting: false,
        }
    }

    /// Which contender a booking is of; none: it has a slot.
    pub(super) fn contender(&self, place: &Place) -> Option<usize> {
        match place.standing {
            Standing::Slot { .. } => None,
            Standing::Turn(contender) => self.contenders.iter().position(|each| *each == contender),
        }
    }

    /// Takes in the facts of one hour that ends at `ends`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "hours and counts"
    )]
    pub(super) fn take_in(&mut self, facts: &[Happened], ends: f64) {
        let mut hour = Hour::default();
        for Happened { at, fact } in facts {
            match fact {
                Fact::Booked(place) => {
                    self.open.insert(place.booking, Open { place: *place, booked_at: *at });
                    self.waiting += 1;
                    match place.standing {
                        Standing::Slot { starts_at } => {
                            let begins = hours_between(self.start, starts_at);
                            *self.slots.entry(begins as usize).or_default() += 1.0;
                            self.slot_leads.push((*at, begins - at));
                        }
                        Standing::Turn(_) => {
                            let index = self.contender(place).unwrap_or_default();
                            if let Some(joined) = hour.joined.get_mut(index) {
                                *joined += 1.0;
                            }
                        }
                    }
                }
                Fact::Cancelled(id) => {
                    hour.cancelled += 1.0;
                    self.open.remove(id);
                    self.waiting = self.waiting.saturating_sub(1);
                }
                Fact::Called(_) => {
                    hour.called += 1.0;
                    self.waiting = self.waiting.saturating_sub(1);
                }
                Fact::Entered(id) => {
                    hour.entries += 1.0;
                    self.open.remove(id);
                }
                Fact::Absent(id) => {
                    hour.absent += 1.0;
                    self.open.remove(id);
                }
                Fact::Paused => self.paused_since = Some(*at),
                Fact::Resumed => {
                    let since = self.paused_since.take().unwrap_or(*at).max(ends - 1.0);
                    self.paused_hours_of_now += at - since;
                }
            }
        }
        if let Some(since) = self.paused_since {
            self.paused_hours_of_now += ends - since.max(ends - 1.0);
        }
        hour.unpaused = (1.0 - self.paused_hours_of_now).clamp(0.0, 1.0);
        let waiting = self.waiting > 0;
        hour.exposed = if waiting && self.was_waiting { hour.unpaused } else { 0.0 };
        hour.vehicle_hours = self.waiting as f64;
        hour.of_week = Some(HourOfWeek::at(after(self.start, ends - 1.0)));
        self.paused_hours_of_now = 0.0;
        self.was_waiting = waiting;
        self.hours.push(hour);
    }

    #[expect(clippy::cast_precision_loss, reason = "months of hours")]
    fn measured(&self, of: impl Fn(usize, &Hour) -> (f64, f64)) -> Vec<MeasuredHour> {
        let total = self.hours.len();
        self.hours
            .iter()
            .enumerate()
            .skip(total.saturating_sub(WINDOW))
            .filter_map(|(index, hour)| {
                let (count, exposure) = of(index, hour);
                let age_hours = (total - 1 - index) as f64;
                Some(MeasuredHour { hour: hour.of_week?, age_hours, count, exposure })
            })
            .collect()
    }

    /// The history that the hub's forecast is made of.
    #[expect(clippy::cast_precision_loss, reason = "counts of hours")]
    pub(super) fn history(&self) -> LaneHistory {
        let recent = || self.hours.iter().rev().take(WINDOW);
        let sum = |of: fn(&Hour) -> f64| recent().map(of).sum::<f64>();
        let open_share = sum(|hour| hour.unpaused) / (recent().count() as f64).max(1.0);
        let now = self.hours.len() as f64;
        // Of slots that have begun: of the others only the early bookings are known.
        let mut slot_leads: Vec<f64> = self
            .slot_leads
            .iter()
            .filter(|(at, lead)| at + lead < now && *at > now - WINDOW as f64)
            .map(|(_, lead)| *lead)
            .collect();
        slot_leads.sort_by(f64::total_cmp);
        LaneHistory {
            slot_leads,
            entries: self.measured(|_, hour| (hour.entries, hour.exposed)),
            joined: (0..self.contenders.len())
                .map(|contender| {
                    self.measured(|_, hour| (hour.joined.get(contender).copied().unwrap_or_default(), 1.0))
                })
                .collect(),
            slots: self.measured(|index, _| (self.slots.get(&index).copied().unwrap_or_default(), 1.0)),
            losses: Losses::measured(
                sum(|hour| hour.cancelled),
                sum(|hour| hour.vehicle_hours),
                Missed { ended: sum(|hour| hour.absent), put_back: 0.0 },
                sum(|hour| hour.called),
            ),
            open_share,
        }
    }

    /// Entries an hour over the last so many hours; none where nobody entered.
    pub(super) fn rolling(&self, hours: usize) -> Option<f64> {
        let entries: f64 = self.hours.iter().rev().take(hours).map(|hour| hour.entries).sum();
        #[expect(clippy::cast_precision_loss, reason = "at most a few weeks")]
        (entries > 0.0).then(|| entries / hours as f64)
    }

    /// Mean entries of the same hour of the week in the four weeks before, for each hour of the week.
    pub(super) fn seasonal(&self) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); 168];
        let total = self.hours.len();
        for hour in self.hours.iter().skip(total.saturating_sub(28 * 24)) {
            if let Some((entries, hours)) = hour.of_week.and_then(|of_week| sums.get_mut(of_week.index())) {
                *entries += hour.entries;
                *hours += 1.0;
            }
        }
        sums.into_iter().map(|(entries, hours): (f64, f64)| entries / hours.max(1.0)).collect()
    }
}
