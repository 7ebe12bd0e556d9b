//! The script of the day: from the vehicles' lives to who sends what in which round, with all that goes wrong
//! on the way.
//!
//! The hub has no part in it: from the seed alone follows everything that is sent and everything that has to
//! be answered.
//!
//! - [`chance`]: what it is drawn with. [`lives`]: what happens in truth. [`plates`]: how plates are written.
//! - [`telling`], [`misdeeds`]: who tells what when, and what nobody may send. [`packing`]: how it travels.
//! - [`answers`], [`expectation`]: what has to be answered, and what has to be known at the end.

mod answers;
mod chance;
pub(crate) mod expectation;
#[cfg(test)]
mod laws;
mod lives;
mod misdeeds;
mod packing;
pub(crate) mod plates;
mod telling;

use kordon_schemas::events::{EventKind, Outcome};

use self::chance::Chance;
use self::lives::{Drawn, Life, late};
use crate::commands::demo::day::{
    Act, CHECKPOINTS, Calling, Checkpoint, Deed, Event, Expected, HOUR, LAST_ROUND, Moment, OutageAct, Post,
    Script, Subject, System, Trespass, Vehicle, When,
};

/// What a day is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// What all chance follows from.
    pub(crate) seed: u64,
    /// Vehicles at each checkpoint.
    pub(crate) vehicles: usize,
    /// Ends plates and begins ids, so that a day can be played again; empty for a hub of its own.
    pub(crate) run: String,
}

/// An event and when it is told. What has to be answered is worked out when the order is known, but for what
/// must be refused or contradicts.
pub(crate) struct Telling {
    pub(crate) round: usize,
    pub(crate) post: Post,
    pub(crate) event: Event,
    pub(crate) expected: Expected,
}

/// The script as it grows.
pub(crate) struct Writer<'a> {
    pub(crate) chance: Chance,
    plan: &'a Plan,
    label: String,
    pub(crate) vehicles: Vec<Vehicle>,
    pub(crate) tellings: Vec<Telling>,
    pub(crate) acts: Vec<Act>,
    ids: usize,
    troubles: usize,
}

/// Writes the script of a day.
pub(crate) fn write(plan: &Plan) -> Script {
    let label = if plan.run.is_empty() { "demo".to_owned() } else { format!("demo-{}", plan.run) };
    let mut writer = Writer {
        chance: Chance::of(plan.seed),
        plan,
        label: label.clone(),
        vehicles: Vec::new(),
        tellings: Vec::new(),
        acts: Vec::new(),
        ids: 0,
        troubles: 0,
    };
    for (place, checkpoint) in CHECKPOINTS.iter().enumerate() {
        writer.play_checkpoint(place, checkpoint);
    }
    writer.play_outage();
    writer.misbehave();
    writer.repeat_some();
    writer.pack();
    let Writer { vehicles, mut acts, .. } = writer;
    acts.sort_by_key(|act| (act.round, act.deed.waits_for_the_round()));
    answers::work_out(&mut acts);
    Script { label, vehicles, acts }
}

impl Writer<'_> {
    fn play_checkpoint(&mut self, place: usize, checkpoint: &Checkpoint) {
        let Drawn { lives, calls, not_first } = lives::draw(&mut self.chance, self.plan.vehicles);
        let first = self.vehicles.len();
        for (number, life) in lives.iter().enumerate() {
            self.book(place, checkpoint, number, life);
            if let Some(stay) = &life.stay {
                self.tell_stay(first + number, life, stay);
            }
            self.tell_way(first + number, life);
        }
        if let Some((round, number)) = not_first {
            let trespass = Trespass::NotFirst { vehicle: first + number };
            self.act(round, place, System::QueueOperator, Deed::Trespass(trespass));
        }
        for number in calls {
            if let Some(called) = lives.get(number).and_then(|life| life.call) {
                let calling = Calling {
                    vehicle: first + number,
                    place: called.place.try_into().unwrap_or(u32::MAX),
                    waiting: called.waiting.try_into().unwrap_or(u32::MAX),
                    reason: (called.place > 1).then_some("живі тварини"),
                };
                self.act(called.round, place, System::QueueOperator, Deed::Call(calling));
            }
        }
        for number in 0..=self.plan.vehicles / 30 {
            self.tell_stranger(place, number);
        }
    }

    fn book(&mut self, checkpoint: usize, at: &Checkpoint, number: usize, life: &Life) {
        let vehicle = self.vehicles.len();
        self.vehicles.push(Vehicle {
            checkpoint,
            reference: format!("{}-{}-{number}", self.label, at.code),
            plate: plates::plate(at.region, number, &self.plan.run),
            driver: (!number.is_multiple_of(3)).then(|| format!("Водій {number}")),
            booked: life.booked,
        });
        self.act(life.booking_told, checkpoint, System::QueueOperator, Deed::Book { vehicle });
        if self.chance.one_in(15) {
            let round = late(&mut self.chance, life.booking_told, 2, 1);
            self.act(round, checkpoint, System::QueueOperator, Deed::BookAgain { vehicle });
        }
    }

    fn play_outage(&mut self) {
        let start = 8 + self.chance.below(3);
        for (hours, act) in [
            (0, OutageAct::Declare),
            (0, OutageAct::DeclareAgain),
            (3, OutageAct::Change),
            (6, OutageAct::Recover),
        ] {
            self.act(start + hours, 0, System::SupportLine, Deed::Outage(act));
        }
        for (hours, trespass) in
            [(1, Trespass::NoVersion), (4, Trespass::OldVersion), (7, Trespass::OutageOver)]
        {
            self.act(start + hours, 0, System::SupportLine, Deed::Trespass(trespass));
        }
    }

    /// A booked vehicle's event, told in `round`.
    fn tell(&mut self, round: usize, system: System, kind: EventKind, vehicle: usize, when: When) {
        let event = self.event(vehicle, system, kind, Subject::Vehicle(vehicle), when);
        self.telling(round, self.post(vehicle, system), event);
    }

    /// A system takes back what it stated.
    pub(crate) fn tell_void(&mut self, round: usize, post: Post, wrong: &Event, reason: &'static str) {
        let when = When::OfDay(Moment(HOUR * i64::try_from(round.min(23)).unwrap_or_default()));
        let Post { checkpoint, system } = post;
        let void = self.event_of(checkpoint, system, EventKind::Void, Subject::Event, when);
        self.telling(round, post, Event { reason: Some(reason), voids: Some(wrong.id.clone()), ..void });
    }

    pub(crate) fn telling(&mut self, round: usize, post: Post, event: Event) {
        let round = round.min(LAST_ROUND);
        self.tellings.push(Telling { round, post, event, expected: Expected::Is(Outcome::Recorded) });
    }

    pub(crate) fn act(&mut self, round: usize, checkpoint: usize, system: System, deed: Deed) {
        self.acts.push(Act { round: round.min(LAST_ROUND), post: Post { checkpoint, system }, deed });
    }

    pub(crate) fn post(&self, vehicle: usize, system: System) -> Post {
        let checkpoint = self.vehicles.get(vehicle).map(|vehicle| vehicle.checkpoint).unwrap_or_default();
        Post { checkpoint, system }
    }

    /// An event of a system at the vehicle's checkpoint.
    pub(crate) fn event(
        &mut self,
        vehicle: usize,
        system: System,
        kind: EventKind,
        subject: Subject,
        when: When,
    ) -> Event {
        let Post { checkpoint, .. } = self.post(vehicle, system);
        self.event_of(checkpoint, system, kind, subject, when)
    }

    fn event_of(
        &mut self,
        checkpoint: usize,
        system: System,
        kind: EventKind,
        subject: Subject,
        when: When,
    ) -> Event {
        self.ids += 1;
        let at = CHECKPOINTS.get(checkpoint);
        let prefix = match system {
            System::QueueOperator => "qo",
            System::ZoneOperator => "zo",
            System::BorderGuard => "bg",
            System::Customs => "cu",
            System::SupportLine => "l1",
        };
        let booked = |vehicle: usize| self.vehicles.get(vehicle).map(|vehicle| vehicle.plate.clone());
        let plate = match subject {
            Subject::Vehicle(vehicle) => booked(vehicle),
            Subject::Misread(vehicle) => booked(vehicle).map(|plate| plates::misread(&plate)),
            Subject::Stranger | Subject::Event => None,
        };
        let of_a_zone = matches!(kind, EventKind::ZoneArrived | EventKind::ZoneLeft);
        Event {
            id: format!("{}-{prefix}-{}", self.label, self.ids),
            kind,
            subject,
            plate: plate.map(|plate| plates::written(&plate, system)),
            when,
            zone: at.filter(|_| of_a_zone).map(|at| at.zone),
            confidence: (kind == EventKind::PlateRead).then_some("0.93"),
            reason: (kind == EventKind::EntryRefused).then_some("не викликано"),
            voids: None,
        }
    }
}
