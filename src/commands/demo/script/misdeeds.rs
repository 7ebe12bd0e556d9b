//! What systems send and must not: each has to be refused, with its own code, and must change nothing.

use kordon_schemas::ProblemCode;
use kordon_schemas::events::EventKind;

use super::{Telling, Writer};
use crate::commands::demo::day::{
    CHECKPOINTS, DAY, Deed, Event, Expected, HOUR, LAST_ROUND, Moment, Post, Subject, System, Trespass, When,
};

impl Writer<'_> {
    /// Adds misdeeds at every checkpoint.
    pub(crate) fn misbehave(&mut self) {
        for checkpoint in 0..CHECKPOINTS.len() {
            let first = self.vehicles.iter().position(|vehicle| vehicle.checkpoint == checkpoint);
            if let Some(vehicle) = first {
                self.state_badly(vehicle);
            }
            self.contradict_an_id(checkpoint);
            self.void_elsewhere(checkpoint);
            self.void_a_void(checkpoint);
            self.trespass(checkpoint);
        }
    }

    /// Events that are wrong by themselves, or not of the system's duty.
    fn state_badly(&mut self, vehicle: usize) {
        use EventKind::{BorderControlFinished, CheckpointEntered, PlateRead, ZoneArrived};
        let noon = Moment(DAY / 2);
        for (system, kind, moment, code) in [
            (System::Customs, CheckpointEntered, noon, ProblemCode::KindNotAllowed),
            (System::ZoneOperator, BorderControlFinished, noon, ProblemCode::KindNotAllowed),
            (System::ZoneOperator, ZoneArrived, Moment(DAY + 2 * HOUR), ProblemCode::OccurredInFuture),
            (System::BorderGuard, CheckpointEntered, Moment(-31 * DAY), ProblemCode::OccurredTooLongAgo),
        ] {
            let event = self.event(vehicle, system, kind, Subject::Vehicle(vehicle), When::OfDay(moment));
            self.refused(vehicle, system, event, code);
        }
        let at_noon = When::OfDay(noon);
        let sound = |writer: &mut Self, system, kind| {
            writer.event(vehicle, system, kind, Subject::Vehicle(vehicle), at_noon)
        };
        let no_zone = Event { zone: None, ..sound(self, System::ZoneOperator, ZoneArrived) };
        self.refused(vehicle, System::ZoneOperator, no_zone, ProblemCode::Invalid);
        let too_sure = Event { confidence: Some("1.5"), ..sound(self, System::Customs, PlateRead) };
        self.refused(vehicle, System::Customs, too_sure, ProblemCode::Invalid);
        let greek = Event {
            plate: Some("ΑΒ1234".to_owned()),
            ..sound(self, System::BorderGuard, CheckpointEntered)
        };
        self.refused(vehicle, System::BorderGuard, greek, ProblemCode::Invalid);
    }

    fn refused(&mut self, vehicle: usize, system: System, event: Event, code: ProblemCode) {
        let round = self.chance.below(LAST_ROUND + 1);
        let post = self.post(vehicle, system);
        self.tellings.push(Telling { round, post, event, expected: Expected::Refused(code) });
    }

    /// An id that stands for one event is sent with another content.
    fn contradict_an_id(&mut self, checkpoint: usize) {
        for system in [System::BorderGuard, System::Customs, System::ZoneOperator] {
            let post = Post { checkpoint, system };
            let told = self.told_by(post, |telling| matches!(telling.event.subject, Subject::Vehicle(_)));
            let Some((round, event)) = told else { continue };
            let when = match event.when {
                When::OfDay(moment) => When::OfDay(moment.after(1)),
                When::AfterCall(seconds) => When::AfterCall(seconds + 60),
            };
            let expected = Expected::Refused(ProblemCode::EventConflict);
            self.tellings.push(Telling { round: round + 1, post, event: Event { when, ..event }, expected });
        }
    }

    /// A void is sent to another checkpoint than the event that it voids.
    fn void_elsewhere(&mut self, checkpoint: usize) {
        let system = System::BorderGuard;
        let elsewhere = Post { checkpoint: (checkpoint + 1) % CHECKPOINTS.len(), system };
        let told = self.told_by(elsewhere, |telling| telling.event.kind != EventKind::Void);
        if let Some((round, event)) = told {
            self.tell_void(round + 1, Post { checkpoint, system }, &event, "не той пункт пропуску");
            self.refuse_the_last(ProblemCode::VoidElsewhere);
        }
    }

    /// What was taken back is not taken back again: the fact is stated anew.
    fn void_a_void(&mut self, checkpoint: usize) {
        for system in [System::BorderGuard, System::Customs, System::ZoneOperator] {
            let post = Post { checkpoint, system };
            let told = self.told_by(post, |telling| telling.event.kind == EventKind::Void);
            if let Some((round, event)) = told {
                self.tell_void(round + 1, post, &event, "скасовано помилково");
                self.refuse_the_last(ProblemCode::Invalid);
            }
        }
    }

    fn refuse_the_last(&mut self, code: ProblemCode) {
        if let Some(telling) = self.tellings.last_mut() {
            telling.expected = Expected::Refused(code);
        }
    }

    /// An event that a post tells before the last round and that is not refused, with its round.
    fn told_by(&mut self, post: Post, fits: impl Fn(&Telling) -> bool) -> Option<(usize, Event)> {
        let told: Vec<&Telling> = self
            .tellings
            .iter()
            .filter(|telling| telling.post == post && telling.round < LAST_ROUND)
            .filter(|telling| !matches!(telling.expected, Expected::Refused(_)) && fits(telling))
            .collect();
        let chosen = told.get(self.chance.below(told.len()))?;
        Some((chosen.round, chosen.event.clone()))
    }

    /// Whole requests that must be refused.
    fn trespass(&mut self, checkpoint: usize) {
        for (system, trespass) in [
            (System::BorderGuard, Trespass::BrokenJson),
            (System::Customs, Trespass::DocumentType),
            (System::BorderGuard, Trespass::StatedByPressOffice),
            (System::ZoneOperator, Trespass::NoToken),
            (System::BorderGuard, Trespass::UnknownCheckpoint),
            (System::BorderGuard, Trespass::NoPurpose),
        ] {
            let round = self.chance.below(LAST_ROUND + 1);
            self.act(round, checkpoint, system, Deed::Trespass(trespass));
        }
        // A vehicle that is never called keeps its booking.
        let called: Vec<(usize, usize)> = self.calls_at(checkpoint).collect();
        let waits =
            self.bookings_at(checkpoint).find(|(vehicle, _)| called.iter().all(|(one, _)| one != vehicle));
        if let Some((vehicle, round)) = waits {
            let elsewhere = (checkpoint + 1) % CHECKPOINTS.len();
            self.trespass_later(round + 1, elsewhere, Trespass::BookedElsewhere { vehicle });
        }
        let booked = self.bookings_at(checkpoint).nth(1).or_else(|| self.bookings_at(checkpoint).next());
        if let Some((vehicle, round)) = booked {
            self.trespass_later(round + 1, checkpoint, Trespass::ReferenceTaken { vehicle });
        }
        if let Some((vehicle, round)) = called.first() {
            self.trespass_later(*round, checkpoint, Trespass::CalledAlready { vehicle: *vehicle });
        }
        let placed = self
            .acts
            .iter()
            .filter(|act| act.post.checkpoint == checkpoint)
            .find_map(|act| act.deed.placement().map(|(_, vehicle)| (vehicle, act.round)));
        if let Some((vehicle, round)) = placed {
            self.trespass_later(round - 1, checkpoint, Trespass::PlacedByOther { vehicle });
            self.trespass_later(round, checkpoint, Trespass::PlacedAlready { vehicle });
        }
    }

    fn trespass_later(&mut self, round: usize, checkpoint: usize, trespass: Trespass) {
        self.act(round, checkpoint, System::QueueOperator, Deed::Trespass(trespass));
    }

    fn calls_at(&self, checkpoint: usize) -> impl Iterator<Item = (usize, usize)> {
        let here = self.acts.iter().filter(move |act| act.post.checkpoint == checkpoint);
        here.filter_map(|act| act.deed.calling().map(|calling| (calling.vehicle, act.round)))
    }

    fn bookings_at(&self, checkpoint: usize) -> impl Iterator<Item = (usize, usize)> {
        let here = self.acts.iter().filter(move |act| act.post.checkpoint == checkpoint);
        here.filter_map(|act| act.deed.booked().map(|vehicle| (vehicle, act.round)))
    }
}
