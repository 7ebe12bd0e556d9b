//! Events and the answers to them, as XML.

use std::borrow::Cow;

use super::{Elements, ToXml, XmlText};
use crate::events::{
    EventAnswer, EventAnswers, EventIn, EventKind, EventsIn, Outcome, RecordedEvent, RecordedEvents,
};

impl XmlText for EventKind {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl XmlText for Outcome {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl ToXml for EventIn {
    fn element(&self) -> &'static str {
        "event"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { id, kind, plate, occurred_at, zone, confidence, reason, voids } = self;
        elements.value("id", id);
        elements.value("kind", kind);
        elements.optional("plate", plate.as_ref());
        elements.value("occurred_at", occurred_at);
        elements.optional("zone", zone.as_ref());
        elements.optional("confidence", confidence.as_ref());
        elements.optional("reason", reason.as_ref());
        elements.optional("voids", voids.as_ref());
    }
}

impl ToXml for EventsIn {
    fn element(&self) -> &'static str {
        match self {
            Self::One(event) => event.element(),
            Self::Many(_) => "events",
        }
    }

    fn write_members(&self, elements: &mut Elements) {
        match self {
            Self::One(event) => event.write_members(elements),
            Self::Many(events) => events.iter().for_each(|event| elements.part(event)),
        }
    }
}

impl ToXml for EventAnswer {
    fn element(&self) -> &'static str {
        "event_answer"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { id, outcome, position, crossing, problem } = self;
        elements.optional("id", id.as_ref());
        elements.value("outcome", outcome);
        elements.optional("position", position.as_ref());
        elements.optional("crossing", crossing.as_ref());
        if let Some(problem) = problem {
            elements.part(problem);
        }
    }
}

impl ToXml for EventAnswers {
    fn element(&self) -> &'static str {
        "event_answers"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { items } = self;
        elements.parts("items", items);
    }
}

impl ToXml for RecordedEvent {
    fn element(&self) -> &'static str {
        "recorded_event"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self {
            position,
            checkpoint,
            system,
            id,
            kind,
            plate,
            zone,
            confidence,
            reason,
            voids,
            voided,
            crossing,
            occurred_at,
            recorded_at,
        } = self;
        elements.value("position", position);
        elements.value("checkpoint", checkpoint);
        elements.value("system", system);
        elements.value("id", id);
        elements.value("kind", kind);
        elements.optional("plate", plate.as_ref());
        elements.optional("zone", zone.as_ref());
        elements.optional("confidence", confidence.as_ref());
        elements.optional("reason", reason.as_ref());
        elements.optional("voids", voids.as_ref());
        elements.value("voided", voided);
        elements.optional("crossing", crossing.as_ref());
        elements.value("occurred_at", occurred_at);
        elements.value("recorded_at", recorded_at);
    }
}

impl ToXml for RecordedEvents {
    fn element(&self) -> &'static str {
        "recorded_events"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { items, next } = self;
        elements.parts("items", items);
        elements.value("next", next);
    }
}
