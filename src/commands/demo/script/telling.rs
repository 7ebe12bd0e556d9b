//! What is told of each vehicle's day, by whom and when: late, with gaps, misread, mistaken and taken back.

use kordon_schemas::events::{EventKind, Outcome};

use super::lives::{Life, Stay, late};
use super::{Telling, Writer, plates};
use crate::commands::demo::day::{
    Deed, Event, Expected, HOUR, LAST_ROUND, Moment, Post, Subject, System, When,
};

impl Writer<'_> {
    pub(crate) fn tell_stay(&mut self, vehicle: usize, life: &Life, stay: &Stay) {
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

    pub(crate) fn tell_way(&mut self, vehicle: usize, life: &Life) {
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
    pub(crate) fn tell_misread(&mut self, round: usize, vehicle: usize, seconds: i64) {
        let when = When::AfterCall(seconds);
        let event = self.event(
            vehicle,
            System::BorderGuard,
            EventKind::CheckpointEntered,
            Subject::Misread(vehicle),
            when,
        );
        if round < LAST_ROUND && !self.chance.one_in(3) {
            let Post { checkpoint, system } = self.post(vehicle, System::BorderGuard);
            let by_hand = Deed::Place { event: event.id.clone(), vehicle };
            let later = late(&mut self.chance, round + 1, 2, 2);
            self.act(later, checkpoint, system, by_hand);
        }
        self.telling(round, self.post(vehicle, System::BorderGuard), event);
    }

    /// Of a vehicle that has gone, the border guard's exit or the end of customs control is dated before its
    /// entry. It contradicts what was told before; mostly it is voided and stated right.
    pub(crate) fn tell_wrongly(&mut self, vehicle: usize, life: &Life, told_right: &[(EventKind, i64)]) {
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
        if !self.chance.one_in(4) {
            return;
        }
        // It begins when all else of the vehicle is told, so that each answer follows from what was told
        // before.
        let of_this = |telling: &&Telling| telling.event.subject == Subject::Vehicle(vehicle);
        let latest =
            self.tellings.iter().filter(of_this).map(|telling| telling.round).max().unwrap_or_default();
        if latest + 3 > LAST_ROUND {
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
            self.tell_void(latest + 3, post, &wrong, "час зазначено помилково");
            self.tell(latest + 3, system, kind, vehicle, When::AfterCall(right));
            if kind == EventKind::CheckpointLeft {
                self.delay_customs(vehicle, latest + 2);
            }
        }
        let expected = Expected::Is(Outcome::Contradictory);
        self.tellings.push(Telling { round: latest + 1, post, event: wrong, expected });
    }

    /// Customs tells of the end of its control in `round`, when a wrong exit stands. The void of that brings
    /// it home.
    fn delay_customs(&mut self, vehicle: usize, round: usize) {
        let its_end = |telling: &&mut Telling| {
            let Event { subject, kind, .. } = telling.event;
            (subject, kind) == (Subject::Vehicle(vehicle), EventKind::CustomsControlFinished)
        };
        if let Some(telling) = self.tellings.iter_mut().find(its_end) {
            telling.round = round;
            telling.expected = Expected::UnmatchedOrContradictory;
        }
    }

    /// A vehicle that nobody booked passes; and a camera reads what is no plate, and takes it back.
    pub(crate) fn tell_stranger(&mut self, checkpoint: usize, number: usize) {
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
