//! The script of the day: from the vehicles' lives to who sends what in which round, with all that goes wrong on the way.
//!
//! The hub has no part in it: from the seed alone follows everything that is sent and everything that has to be answered.

use std::collections::BTreeMap;

use kordon_schemas::events::{EventKind, Outcome};

use super::answers;
use super::chance::Chance;
use super::day::{
    Act, CHECKPOINTS, Calling, Checkpoint, Deed, Event, Expected, Form, HOUR, Item, LAST_ROUND, Manner,
    Moment, OutageAct, Parcel, Post, Script, Subject, System, Trespass, Vehicle, When,
};
use super::lives::{self, Drawn, Life, Stay, late};
use super::plates;

/// The most events of a list.
const LARGEST_LIST: usize = 20;

/// What a day is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// What all chance follows from.
    pub(super) seed: u64,
    /// Vehicles at each checkpoint.
    pub(super) vehicles: usize,
    /// Ends plates and begins ids, so that a day can be played again; empty for a hub of its own.
    pub(super) run: String,
}

/// An event and when it is told. What has to be answered is worked out when the order is known, but for what must be refused
/// or contradicts.
pub(super) struct Telling {
    pub(super) round: usize,
    pub(super) post: Post,
    pub(super) event: Event,
    pub(super) expected: Expected,
}

/// The script as it grows.
pub(super) struct Writer<'a> {
    pub(super) chance: Chance,
    plan: &'a Plan,
    label: String,
    pub(super) vehicles: Vec<Vehicle>,
    pub(super) tellings: Vec<Telling>,
    pub(super) acts: Vec<Act>,
    ids: usize,
    troubles: usize,
}

/// Writes the script of a day.
pub(super) fn write(plan: &Plan) -> Script {
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
    acts.sort_by_key(|act| act.round);
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

    fn tell_stay(&mut self, vehicle: usize, life: &Life, stay: &Stay) {
        use EventKind::{EntryRefused, PlateRead, ZoneArrived, ZoneLeft};
        let Stay { arrived, arrival_told, away } = stay;
        let of_day = |moment| When::OfDay(moment);
        self.tell(*arrival_told, System::ZoneOperator, ZoneArrived, vehicle, of_day(*arrived));
        if let Some(away) = away {
            self.tell(away.left_told, System::ZoneOperator, ZoneLeft, vehicle, of_day(away.left));
            self.tell(away.back_told, System::ZoneOperator, ZoneArrived, vehicle, of_day(away.back));
        }
        if self.chance.one_in(5) {
            self.tell(*arrival_told, System::ZoneOperator, PlateRead, vehicle, of_day(arrived.after(20)));
        }
        if self.chance.one_in(20) {
            // It tries the gate without a call.
            let moment = arrived.after(200);
            self.tell(moment.round(), System::BorderGuard, EntryRefused, vehicle, of_day(moment));
        }
        let mistaken = life.booked.after(60);
        if self.chance.one_in(15) && mistaken.after(600) < *arrived && *arrival_told < LAST_ROUND {
            // A mistake of the zone's, taken back; and the taking back overtakes it.
            let round = life.booking_told.max(*arrival_told);
            let mistake = self.event(
                vehicle,
                System::ZoneOperator,
                ZoneArrived,
                Subject::Vehicle(vehicle),
                of_day(mistaken),
            );
            let post = self.post(vehicle, System::ZoneOperator);
            self.tell_void(round, post, &mistake, "не той транспортний засіб");
            self.telling(round + 1, post, mistake);
        }
    }

    fn tell_way(&mut self, vehicle: usize, life: &Life) {
        let Some(called) = life.call else { return };
        let mut told_right = Vec::new();
        for (kind, seconds) in &life.way {
            // A fact that is never told leaves a gap; of the start of a control that is usual.
            let one_in_is_withheld = match kind {
                EventKind::BorderControlStarted => 6,
                EventKind::CustomsControlStarted => 10,
                EventKind::ZoneLeft => 15,
                EventKind::CheckpointEntered => 20,
                EventKind::BorderControlFinished | EventKind::CustomsControlFinished => 40,
                EventKind::CheckpointLeft => 60,
                EventKind::ZoneArrived | EventKind::EntryRefused | EventKind::PlateRead | EventKind::Void => {
                    continue;
                }
            };
            if self.chance.one_in(one_in_is_withheld) {
                continue;
            }
            let prompt = called.at.after(*seconds).round().max(called.round + 1);
            let round = late(&mut self.chance, prompt, 6, 3);
            let system = speaker(*kind);
            if *kind == EventKind::CheckpointEntered && self.chance.one_in(16) {
                self.tell_misread(round, vehicle, *seconds);
                continue;
            }
            self.tell(round, system, *kind, vehicle, When::AfterCall(*seconds));
            if *kind == EventKind::CustomsControlStarted && self.chance.one_in(4) {
                self.tell(round, system, EventKind::PlateRead, vehicle, When::AfterCall(*seconds));
            }
            told_right.push((*kind, *seconds));
        }
        self.tell_wrongly(vehicle, life, &told_right);
    }

    /// The plate is misread at the gate, so the fact matches no crossing; mostly it is placed by hand later.
    fn tell_misread(&mut self, round: usize, vehicle: usize, seconds: i64) {
        let when = When::AfterCall(seconds);
        let event = self.event(
            vehicle,
            System::BorderGuard,
            EventKind::CheckpointEntered,
            Subject::Misread(vehicle),
            when,
        );
        if round < LAST_ROUND && !self.chance.one_in(3) {
            let system = if self.chance.one_in(2) { System::BorderGuard } else { System::QueueOperator };
            let Post { checkpoint, .. } = self.post(vehicle, system);
            let by_hand = Deed::Place { event: event.id.clone(), vehicle };
            let later = late(&mut self.chance, round + 1, 2, 2);
            self.act(later, checkpoint, system, by_hand);
        }
        self.telling(round, self.post(vehicle, System::BorderGuard), event);
    }

    /// Of a vehicle that has gone, the border guard's exit or the end of customs control is dated before its entry. It
    /// contradicts what was told before; mostly it is voided and stated right.
    fn tell_wrongly(&mut self, vehicle: usize, life: &Life, told_right: &[(EventKind, i64)]) {
        let told = |kind| told_right.iter().find(|(told, _)| *told == kind).map(|(_, seconds)| *seconds);
        let kind =
            if self.chance.one_in(3) { EventKind::CustomsControlFinished } else { EventKind::CheckpointLeft };
        let (Some(_), Some(_), Some(right), Some(stay), Some(called)) = (
            told(EventKind::CheckpointEntered),
            told(EventKind::CheckpointLeft),
            told(kind),
            &life.stay,
            life.call,
        ) else {
            return;
        };
        let of_this = |telling: &&Telling| telling.event.subject == Subject::Vehicle(vehicle);
        let latest =
            self.tellings.iter().filter(of_this).map(|telling| telling.round).max().unwrap_or_default();
        if latest + 3 > LAST_ROUND || !self.chance.one_in(4) {
            return;
        }
        self.tellings.retain(|telling| {
            telling.event.subject != Subject::Vehicle(vehicle) || telling.event.kind != kind
        });
        let system = speaker(kind);
        let post = self.post(vehicle, system);
        let earliest = stay.arrived.after(60);
        let moment = Moment(self.chance.between(earliest.0, called.at.0.max(earliest.0)));
        let wrong = self.event(vehicle, system, kind, Subject::Vehicle(vehicle), When::OfDay(moment));
        self.troubles += 1;
        // The second of every four is never settled.
        if self.troubles % 4 != 2 {
            self.tell_void(latest + 2, post, &wrong, "час зазначено помилково");
            self.tell(latest + 3, system, kind, vehicle, When::AfterCall(right));
        }
        let expected = Expected::Is(Outcome::Contradictory);
        self.tellings.push(Telling { round: latest + 1, post, event: wrong, expected });
    }

    /// A vehicle that nobody booked passes; and a camera reads what is no plate, and takes it back.
    fn tell_stranger(&mut self, checkpoint: usize, number: usize) {
        let moment = Moment(self.chance.between(0, 20 * HOUR));
        let stranger = |writer: &mut Self, system, kind, moment| {
            let plate = plates::plate(plates::STRANGERS, 3 * number + checkpoint, &writer.plan.run);
            let plate = Some(plates::written(&plate, system));
            let event = writer.event_of(checkpoint, system, kind, Subject::Stranger, When::OfDay(moment));
            Event { plate, ..event }
        };
        let gate = Post { checkpoint, system: System::BorderGuard };
        let entered = stranger(self, System::BorderGuard, EventKind::CheckpointEntered, moment);
        self.telling(moment.round(), gate, entered);
        let left = stranger(self, System::BorderGuard, EventKind::CheckpointLeft, moment.after(3_000));
        let later = late(&mut self.chance, moment.after(3_000).round(), 3, 2);
        self.telling(later, gate, left);
        if number == 0 {
            let hall = Post { checkpoint, system: System::Customs };
            let read = stranger(self, System::Customs, EventKind::PlateRead, moment.after(900));
            self.tell_void(moment.round() + 2, hall, &read, "камера прочитала рекламу");
            self.telling(moment.round(), hall, read);
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

    /// Some events are sent again later, as after a lost answer.
    fn repeat_some(&mut self) {
        let mut repeated = Vec::new();
        for Telling { round, post, event, expected } in &self.tellings {
            if *expected == Expected::Is(Outcome::Recorded) && self.chance.one_in(12) {
                let round = (round + self.chance.below(3)).min(LAST_ROUND);
                repeated.push(Telling { round, post: *post, event: event.clone(), expected: *expected });
            }
        }
        self.tellings.append(&mut repeated);
    }

    /// Puts what each post tells in a round into requests, in any order.
    fn pack(&mut self) {
        let mut told: BTreeMap<(usize, Post), Vec<Item>> = BTreeMap::new();
        for Telling { round, post, event, expected } in self.tellings.drain(..) {
            told.entry((round, post)).or_default().push(Item { event, expected });
        }
        for ((round, post), mut items) in told {
            self.chance.shuffle(&mut items);
            while !items.is_empty() {
                let parcel = self.pack_one(post.system, &mut items);
                if round < LAST_ROUND && self.chance.one_in(12) {
                    self.acts.push(Act { round: round + 1, post, deed: Deed::State(parcel.clone()) });
                }
                self.acts.push(Act { round, post, deed: Deed::State(parcel) });
            }
        }
    }

    fn pack_one(&mut self, system: System, items: &mut Vec<Item>) -> Parcel {
        let single = self.chance.one_in(2);
        let size = if single { 1 } else { 1 + self.chance.below(LARGEST_LIST) };
        let items = items.split_off(items.len().saturating_sub(size));
        let right = items.iter().all(|item| item.expected == Expected::Is(Outcome::Recorded));
        let manner = match single {
            true if right && self.chance.one_in(6) => Manner::Twice,
            true => Manner::Single,
            false => Manner::List,
        };
        let form = match system {
            System::Customs if self.chance.one_in(3) => Form::XmlWindows1251,
            System::Customs => Form::Xml,
            System::BorderGuard | System::ZoneOperator | System::QueueOperator | System::SupportLine => {
                Form::Json
            }
        };
        Parcel { form, manner, items }
    }

    /// A booked vehicle's event, told in `round`.
    fn tell(&mut self, round: usize, system: System, kind: EventKind, vehicle: usize, when: When) {
        let event = self.event(vehicle, system, kind, Subject::Vehicle(vehicle), when);
        self.telling(round, self.post(vehicle, system), event);
    }

    /// A system takes back what it stated.
    pub(super) fn tell_void(&mut self, round: usize, post: Post, wrong: &Event, reason: &'static str) {
        let when = When::OfDay(Moment(HOUR * i64::try_from(round.min(23)).unwrap_or_default()));
        let Post { checkpoint, system } = post;
        let void = self.event_of(checkpoint, system, EventKind::Void, Subject::Event, when);
        self.telling(round, post, Event { reason: Some(reason), voids: Some(wrong.id.clone()), ..void });
    }

    pub(super) fn telling(&mut self, round: usize, post: Post, event: Event) {
        let round = round.min(LAST_ROUND);
        self.tellings.push(Telling { round, post, event, expected: Expected::Is(Outcome::Recorded) });
    }

    pub(super) fn act(&mut self, round: usize, checkpoint: usize, system: System, deed: Deed) {
        self.acts.push(Act { round: round.min(LAST_ROUND), post: Post { checkpoint, system }, deed });
    }

    pub(super) fn post(&self, vehicle: usize, system: System) -> Post {
        let checkpoint = self.vehicles.get(vehicle).map(|vehicle| vehicle.checkpoint).unwrap_or_default();
        Post { checkpoint, system }
    }

    /// An event of a system at the vehicle's checkpoint.
    pub(super) fn event(
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

/// Who states events of a kind.
const fn speaker(kind: EventKind) -> System {
    match kind {
        EventKind::ZoneArrived | EventKind::ZoneLeft => System::ZoneOperator,
        EventKind::CustomsControlStarted | EventKind::CustomsControlFinished => System::Customs,
        EventKind::CheckpointEntered
        | EventKind::EntryRefused
        | EventKind::BorderControlStarted
        | EventKind::BorderControlFinished
        | EventKind::CheckpointLeft
        | EventKind::PlateRead
        | EventKind::Void => System::BorderGuard,
    }
}
