//! A lane of a checkpoint with known truth, hour by hour: who books, who cancels, who is called by the real
//! ranking, who comes, how long each takes at the gate. What the forecaster is shown are facts alone;
//! intervals, bursts and closures to come are the world's secret.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use chrono::{DateTime, Utc};
use kordon_hub::prediction::calendar::{HourOfWeek, after};
use kordon_hub::queue::BookingId;
use kordon_hub::queue::ranking::{Contender, Line, Merge, Place, Standing, Turns};
use uuid::Uuid;

use super::chance::Chance;
use super::site::{Site, merge};

/// Something that the hub would have recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fact {
    /// A place was booked, for a slot or for turns.
    Booked(Place),
    /// A booking was cancelled before its call.
    Cancelled(BookingId),
    /// A vehicle was called.
    Called(BookingId),
    /// A called vehicle entered.
    Entered(BookingId),
    /// A called vehicle did not come in time.
    Absent(BookingId),
    /// The lane was paused, nobody knows for how long.
    Paused,
    /// It goes on.
    Resumed,
}

/// A fact and when it happened, in hours since the beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Happened {
    pub(super) at: f64,
    pub(super) fact: Fact,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    Hour,
    Book(Standing),
    Cancel(BookingId),
    AtGate(BookingId),
    Expire(BookingId),
    GateFree,
    SwitchInterval,
    Pause,
    Resume,
    Burst(bool),
}

#[derive(Debug, Clone, Copy)]
struct Scheduled {
    at: f64,
    number: u64,
    event: Event,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Scheduled {}
impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.total_cmp(&other.at).then(self.number.cmp(&other.number))
    }
}

/// How long a called vehicle may take, in hours.
const CALL_DEADLINE: f64 = 4.0;

/// The world.
pub(super) struct World {
    site: Site,
    merge: Merge,
    start: DateTime<Utc>,
    chance: Chance,
    now: f64,
    events: BinaryHeap<Reverse<Scheduled>>,
    numbers: u64,
    ids: u128,
    line: Line,
    turns: Turns,
    waiting: HashMap<BookingId, Place>,
    on_the_way: HashMap<BookingId, f64>,
    at_gate: VecDeque<BookingId>,
    gate_busy: bool,
    paused: bool,
    interval_factor: f64,
    burst: bool,
    demand_drift: f64,
}

impl World {
    pub(super) fn new(site: Site, start: DateTime<Utc>, seed: u64) -> Self {
        let merge = merge();
        let mut world = Self {
            line: Line::empty(&merge),
            turns: Turns::none(&merge),
            merge,
            site,
            start,
            chance: Chance::seeded(seed),
            now: 0.0,
            events: BinaryHeap::new(),
            numbers: 0,
            ids: 0,
            waiting: HashMap::new(),
            on_the_way: HashMap::new(),
            at_gate: VecDeque::new(),
            gate_busy: false,
            paused: false,
            interval_factor: 1.0,
            burst: false,
            demand_drift: 0.0,
        };
        world.schedule(0.0, Event::Hour);
        world.schedule(0.0, Event::SwitchInterval);
        world.schedule(0.0, Event::Burst(false));
        let first_pause = world.chance.exponential(world.site.hours_between_pauses);
        world.schedule(first_pause, Event::Pause);
        world
    }

    pub(super) const fn line(&self) -> &Line {
        &self.line
    }

    pub(super) const fn turns(&self) -> &Turns {
        &self.turns
    }

    /// How many hours ago each of those was called that have not entered.
    pub(super) fn called_hours_ago(&self) -> Vec<f64> {
        let mut ago: Vec<f64> = self.on_the_way.values().map(|called_at| self.now - called_at).collect();
        ago.sort_by(f64::total_cmp);
        ago
    }

    pub(super) const fn is_paused(&self) -> bool {
        self.paused
    }

    /// Lets the world go on until a moment, and tells what happened.
    pub(super) fn run_until(&mut self, until: f64) -> Vec<Happened> {
        let mut facts = Vec::new();
        while let Some(Reverse(next)) = self.events.peek().copied()
            && next.at < until
        {
            self.events.pop();
            self.now = next.at;
            self.happen(next.event, &mut facts);
            self.call(&mut facts);
        }
        self.now = until;
        facts
    }

    fn schedule(&mut self, at: f64, event: Event) {
        self.numbers += 1;
        self.events.push(Reverse(Scheduled { at, number: self.numbers, event }));
    }

    fn moment(&self, at: f64) -> DateTime<Utc> {
        after(self.start, at)
    }

    fn hour(&self) -> HourOfWeek {
        HourOfWeek::at(self.moment(self.now))
    }

    fn happen(&mut self, event: Event, facts: &mut Vec<Happened>) {
        let at = self.now;
        let mut state = |fact| facts.push(Happened { at, fact });
        match event {
            Event::Hour => self.begin_hour(),
            Event::Book(standing) => {
                let place = self.book(standing);
                state(Fact::Booked(place));
            }
            Event::Cancel(id) => {
                if let Some(place) = self.waiting.remove(&id) {
                    self.line.remove(place);
                    state(Fact::Cancelled(id));
                }
            }
            Event::AtGate(id) => {
                if self.on_the_way.contains_key(&id) {
                    self.at_gate.push_back(id);
                    self.serve(facts);
                }
            }
            Event::Expire(id) => {
                if self.paused {
                    self.schedule(at + CALL_DEADLINE, Event::Expire(id));
                } else if self.on_the_way.contains_key(&id) && !self.at_gate.contains(&id) {
                    self.on_the_way.remove(&id);
                    state(Fact::Absent(id));
                }
            }
            Event::GateFree => {
                self.gate_busy = false;
                self.serve(facts);
            }
            Event::SwitchInterval => {
                let factors = [0.75, 0.9, 1.0, 1.0, 1.15, 1.4, 1.7];
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 7")]
                let index = (self.chance.part() * factors.len() as f64) as usize;
                self.interval_factor = factors.get(index).copied().unwrap_or(1.0);
                let lasts = 8.0 + self.chance.exponential(self.site.hours_between_switches);
                self.schedule(at + lasts, Event::SwitchInterval);
            }
            Event::Pause => {
                self.paused = true;
                state(Fact::Paused);
                let lasts = 0.5 + self.chance.exponential(self.site.pause_hours);
                self.schedule(at + lasts, Event::Resume);
            }
            Event::Resume => {
                self.paused = false;
                state(Fact::Resumed);
                self.serve(facts);
                let next = self.chance.exponential(self.site.hours_between_pauses);
                self.schedule(at + next, Event::Pause);
            }
            Event::Burst(on) => {
                self.burst = on;
                let lasts = self.chance.exponential(if on { 8.0 } else { 40.0 });
                self.schedule(at + lasts, Event::Burst(!on));
            }
        }
    }

    /// Draws who books in the hour that begins.
    fn begin_hour(&mut self) {
        let at = self.now;
        let hour = self.hour();
        if hour.hour() == 0 {
            self.demand_drift = 0.8 * self.demand_drift + 0.12 * self.chance.normal();
            self.sell_slots();
        }
        let shape = self.site.demand_shape(hour) * self.demand_drift.exp();
        #[expect(clippy::cast_precision_loss, reason = "a queue has no 2^52 vehicles")]
        let deterred = (-(self.line.len() as f64) / self.site.patience).exp();
        let live = self.site.bookings_per_hour * shape * deterred;
        let contenders: Vec<Contender> = self.merge.contenders().collect();
        let burst = if self.burst { 3.0 } else { 0.75 };
        for (index, contender) in contenders.into_iter().enumerate() {
            let expected = match self.site.priority_per_hour.get(index) {
                Some(rate) => rate * shape * burst,
                None => live,
            };
            for _ in 0..self.chance.count(expected) {
                let when = at + self.chance.part();
                self.schedule(when, Event::Book(Standing::Turn(contender)));
            }
        }
        self.schedule(at + 1.0, Event::Hour);
    }

    /// Sells slots two days ahead, at any time until they begin.
    fn sell_slots(&mut self) {
        for ahead in 48_u32..72 {
            let begins = self.now + f64::from(ahead);
            let starts_at = self.moment(begins);
            let hour = HourOfWeek::at(starts_at);
            if self.site.capacity(hour) <= 0.0 {
                continue;
            }
            let expected = self.site.slots_per_hour * self.site.demand_shape(hour);
            for _ in 0..self.chance.count(expected) {
                let before = self.chance.exponential(16.0).min(f64::from(ahead) - 0.01).max(0.5);
                self.schedule(begins - before, Event::Book(Standing::Slot { starts_at }));
            }
        }
    }

    fn book(&mut self, standing: Standing) -> Place {
        self.ids += 1;
        let booking = BookingId(Uuid::from_u128(self.ids));
        let place = Place { standing, since: self.moment(self.now), booking };
        self.line.add(place);
        self.waiting.insert(booking, place);
        let cancels_after = self.chance.exponential(1.0 / self.site.cancelled_per_hour);
        self.schedule(self.now + cancels_after, Event::Cancel(booking));
        place
    }

    /// Calls as many as keep the gate busy while they are on their way.
    fn call(&mut self, facts: &mut Vec<Happened>) {
        let capacity = self.site.capacity(self.hour());
        if self.paused || capacity <= 0.0 {
            return;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen")]
        let most = (1.2 * self.site.lead_hours / self.interval_hours()).ceil() as usize + 2;
        while self.on_the_way.len() < most {
            let moment = self.moment(self.now);
            let Some(chosen) = self.line.next(&self.merge, &mut self.turns, moment) else { return };
            let booking = chosen.place.booking;
            self.waiting.remove(&booking);
            self.on_the_way.insert(booking, self.now);
            facts.push(Happened { at: self.now, fact: Fact::Called(booking) });
            if self.chance.happens(self.site.absent_share) {
                self.schedule(self.now + CALL_DEADLINE, Event::Expire(booking));
            } else {
                let way = self.site.lead_hours * 0.9 * self.chance.noise(0.25);
                self.schedule(self.now + way, Event::AtGate(booking));
            }
        }
    }

    fn serve(&mut self, facts: &mut Vec<Happened>) {
        if self.gate_busy || self.paused {
            return;
        }
        if self.site.capacity(self.hour()) <= 0.0 {
            // Looks again when the next hour begins.
            self.gate_busy = true;
            self.schedule(self.now.floor() + 1.0, Event::GateFree);
            return;
        }
        let Some(id) = self.at_gate.pop_front() else { return };
        self.on_the_way.remove(&id);
        facts.push(Happened { at: self.now, fact: Fact::Entered(id) });
        self.gate_busy = true;
        let takes = self.interval_hours() * self.chance.noise(0.35);
        self.schedule(self.now + takes, Event::GateFree);
    }

    /// The service interval of the moment: that of the site, of the hour, and of a regime that switches
    /// unforeseen.
    fn interval_hours(&self) -> f64 {
        let seconds =
            self.site.interval_seconds * self.interval_factor * self.site.interval_shape(self.hour());
        seconds.clamp(300.0, 1020.0) / 3600.0
    }
}
