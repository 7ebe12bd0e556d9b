//! Plays a lane: the world goes on by an hour, the records take in what a hub would have heard, and everyone
//! followed is predicted.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::prediction::announcement::{self, Announced};
use kordon_hub::prediction::calendar::{after, hours_between};
use kordon_hub::prediction::lane::{self, LaneNow};
use kordon_hub::prediction::residuals::{Fate, Past, Range, Residuals};
use kordon_hub::queue::BookingId;

use super::baselines::{Baseline, Figures, Waits};
use super::records::Records;
use super::site::{Site, merge};
use super::world::{Fact, World};

/// One vehicle in so many is followed at every look.
const FOLLOWED_ONE_IN: u128 = 20;
/// Days before anything is judged: the hub learns, the queue forms.
const WARM_UP_DAYS: f64 = 35.0;
/// Residuals come from forecasts of the last so many hours.
const RESIDUAL_WINDOW: f64 = 28.0 * 24.0;
/// Residuals are worked out anew this often, in hours.
const RESIDUALS_EVERY: usize = 6;

/// A prediction that was told, all its rivals, and the truth. Hours from the look.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// What stood announced.
    pub(super) told: Range,
    /// The median that was worked out at that moment.
    pub(super) fresh: f64,
    /// The forecast before any correction.
    pub(super) raw: f64,
    pub(super) rivals: Vec<Option<f64>>,
    pub(super) actual: f64,
}

/// What a vehicle was told over its wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) times: u32,
    /// How many hours before the entry the last new time was told.
    pub(super) last_before_entry: f64,
}

/// What came of a lane.
#[derive(Default)]
pub(super) struct Played {
    pub(super) looks: Vec<Look>,
    pub(super) told: Vec<Told>,
    /// By how much re-announced times moved, in hours.
    pub(super) moves: Vec<f64>,
    pub(super) longest: usize,
    pub(super) mean_length: f64,
    pub(super) entered: u32,
}

struct Followed {
    queue: Option<usize>,
    standing: Announced,
    times: u32,
    last_at: f64,
    looks: Vec<(f64, Look)>,
}

struct Pending {
    at: f64,
    booking: BookingId,
    queue: Option<usize>,
    forecast_hours: f64,
}

/// Plays a lane for some days.
pub(super) fn play(site: &Site, seed: u64, days: f64) -> Played {
    Player::new(site, seed).play(days)
}

struct Player<'a> {
    site: &'a Site,
    start: DateTime<Utc>,
    world: World,
    records: Records,
    waits: Waits,
    followed: HashMap<BookingId, Followed>,
    forecasts: VecDeque<Pending>,
    /// When each vehicle entered; none: it never will.
    ended: HashMap<BookingId, Option<f64>>,
    residuals: Residuals<Option<usize>>,
    constant_interval_hours: Option<f64>,
    played: Played,
}

impl<'a> Player<'a> {
    fn new(site: &'a Site, seed: u64) -> Self {
        // A Monday, midnight in Kyiv; the clocks go forward four weeks later.
        let start = DateTime::UNIX_EPOCH + TimeDelta::seconds(1_772_402_400);
        Self {
            site,
            start,
            world: World::new(site.clone(), start, seed),
            records: Records::new(start),
            waits: Waits::default(),
            followed: HashMap::new(),
            forecasts: VecDeque::new(),
            ended: HashMap::new(),
            residuals: Residuals::of([], RESIDUAL_WINDOW),
            constant_interval_hours: None,
            played: Played::default(),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "hours"
    )]
    fn play(mut self, days: f64) -> Played {
        let hours = (days * 24.0) as usize;
        for hour in 1..=hours {
            let now = hour as f64;
            let facts = self.world.run_until(now);
            for happened in &facts {
                match happened.fact {
                    Fact::Entered(id) => self.entered(id, happened.at),
                    Fact::Cancelled(id) | Fact::Absent(id) => {
                        self.followed.remove(&id);
                        self.ended.insert(id, None);
                    }
                    Fact::Booked(_) | Fact::Called(_) | Fact::Paused | Fact::Resumed => {}
                }
            }
            self.records.take_in(&facts, now);
            if now == WARM_UP_DAYS * 24.0 {
                // Whole minutes, as an operator sets them; of the weeks before.
                let usual = self.records.rolling(28 * 24).map(|rate| (60.0 / rate).round().max(1.0) / 60.0);
                self.constant_interval_hours = usual;
            }
            if hour % RESIDUALS_EVERY == 0 {
                self.work_out_residuals(now);
            }
            self.look(now);
            let length = self.world.line().len();
            self.played.longest = self.played.longest.max(length);
            self.played.mean_length += length as f64 / hours as f64;
        }
        self.played
    }

    fn entered(&mut self, id: BookingId, at: f64) {
        self.played.entered += 1;
        self.ended.insert(id, Some(at));
        if let Some(open) = self.records.open.get(&id) {
            let queue = self.records.contender(&open.place);
            self.waits.entered(self.start, queue, open.booked_at, at);
        }
        let Some(followed) = self.followed.remove(&id) else { return };
        if followed.looks.is_empty() {
            return;
        }
        self.played.told.push(Told { times: followed.times, last_before_entry: at - followed.last_at });
        for (looked_at, mut look) in followed.looks {
            look.actual = at - looked_at;
            self.played.looks.push(look);
        }
    }

    fn work_out_residuals(&mut self, now: f64) {
        while self.forecasts.front().is_some_and(|first| first.at < now - RESIDUAL_WINDOW) {
            self.forecasts.pop_front();
        }
        let ended = &self.ended;
        self.residuals = Residuals::of(
            self.forecasts.iter().filter_map(|pending| {
                let fate = match ended.get(&pending.booking) {
                    Some(Some(entered)) => Fate::Entered(entered - pending.at),
                    Some(None) => return None,
                    None => Fate::Waits(now - pending.at),
                };
                Some(Past { queue: pending.queue, forecast_hours: pending.forecast_hours, fate })
            }),
            RESIDUAL_WINDOW,
        );
    }

    fn look(&mut self, now: f64) {
        // While the lane is paused nobody is told a time.
        if self.world.is_paused() {
            return;
        }
        let moment = after(self.start, now);
        let merge = merge();
        let called = self.world.called_hours_ago();
        let plan = self.site.plan();
        let lane = LaneNow {
            now: moment,
            merge: &merge,
            turns: self.world.turns(),
            line: self.world.line().clone(),
            called_hours_ago: &called,
            plan: plan.as_ref(),
        };
        let Some(forecast) = lane::forecast(lane, &self.records.history()) else { return };
        let figures = Figures::of(&self.records, self.constant_interval_hours, moment);
        for each in forecast.forecasts {
            if each.booking.0.as_u128() % FOLLOWED_ONE_IN != 0 {
                continue;
            }
            let Some(open) = self.records.open.get(&each.booking).copied() else { continue };
            let queue = self.records.contender(&open.place);
            #[expect(clippy::cast_precision_loss, reason = "a queue")]
            let ahead = f64::from(each.place - 1) + called.len() as f64;
            let (spread, _) = self.residuals.spread(&queue, each.hours);
            let fresh = spread.around(each.hours);
            let new = Announced::from_range(fresh, moment);
            let known = self.followed.entry(each.booking);
            let is_new = matches!(known, std::collections::hash_map::Entry::Vacant(_));
            let followed = known.or_insert_with(|| Followed {
                queue,
                standing: new,
                times: 1,
                last_at: now,
                looks: Vec::new(),
            });
            let mut announced_now = is_new;
            if !is_new && let Some(told) = announcement::announce(Some(followed.standing), new, moment) {
                self.played.moves.push(hours_between(followed.standing.p50, told.p50).abs());
                followed.standing = told;
                followed.times += 1;
                followed.last_at = now;
                announced_now = true;
            }
            if announced_now {
                let forecast_hours = each.hours;
                self.forecasts.push_back(Pending { at: now, booking: each.booking, queue, forecast_hours });
            }
            if now < WARM_UP_DAYS * 24.0 {
                continue;
            }
            let usual = self.waits.usual(self.start, followed.queue, open.booked_at, now);
            let seasonal_wait = usual.map(|usual| (open.booked_at + usual - now).max(0.0));
            let Announced { p50, p80, p90 } = followed.standing;
            let told = Range {
                p50: hours_between(moment, p50),
                p80: hours_between(moment, p80),
                p90: hours_between(moment, p90),
            };
            let rivals =
                Baseline::ALL.iter().map(|&each| figures.predict(each, ahead, seasonal_wait)).collect();
            let look = Look { told, fresh: fresh.p50, raw: each.hours, rivals, actual: 0.0 };
            followed.looks.push((now, look));
        }
    }
}
