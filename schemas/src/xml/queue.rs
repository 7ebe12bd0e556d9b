//! The waiting queue, the list at the gate and admission, as XML.

use std::borrow::Cow;

use super::{Elements, ToXml, XmlText};
use crate::queue::{
    Admission, AdmissionIn, AdmissionReason, CallList, CallListEntry, Decision, Driver, LaneState, Queue,
    QueueEntry, QueueKind, QueueLane, QueueOutage,
};

impl XmlText for QueueKind {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl XmlText for Decision {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Admit => "admit",
            Self::Refuse => "refuse",
        })
    }
}

impl XmlText for AdmissionReason {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Called => "called",
            Self::NotBooked => "not_booked",
            Self::NotCalled => "not_called",
            Self::CallExpired => "call_expired",
            Self::AlreadyEntered => "already_entered",
        })
    }
}

impl ToXml for QueueEntry {
    fn element(&self) -> &'static str {
        "queue_entry"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self {
            place,
            booking,
            plate,
            lane,
            queue,
            priority_class,
            slot_starts_at,
            slot_ends_at,
            stage,
            booked_at,
            queued_at,
            zone_arrived_at,
            zone_overstay_seconds,
            warned_at,
            called_at,
            deadline_at,
            contradictory,
        } = self;
        elements.optional("place", place.as_ref());
        elements.value("booking", booking);
        elements.value("plate", plate);
        elements.value("lane", lane);
        elements.value("queue", queue);
        elements.optional("priority_class", priority_class.as_ref());
        elements.optional("slot_starts_at", slot_starts_at.as_ref());
        elements.optional("slot_ends_at", slot_ends_at.as_ref());
        elements.value("stage", stage);
        elements.value("booked_at", booked_at);
        elements.value("queued_at", queued_at);
        elements.optional("zone_arrived_at", zone_arrived_at.as_ref());
        elements.optional("zone_overstay_seconds", zone_overstay_seconds.as_ref());
        elements.optional("warned_at", warned_at.as_ref());
        elements.optional("called_at", called_at.as_ref());
        elements.optional("deadline_at", deadline_at.as_ref());
        elements.value("contradictory", contradictory);
    }
}

impl XmlText for LaneState {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Closed => "closed",
        })
    }
}

impl ToXml for QueueLane {
    fn element(&self) -> &'static str {
        "queue_lane"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { lane, state, reason, since, waiting, called } = self;
        elements.value("lane", lane);
        elements.value("state", state);
        elements.optional("reason", reason.as_ref());
        elements.optional("since", since.as_ref());
        elements.value("waiting", waiting);
        elements.value("called", called);
    }
}

impl ToXml for QueueOutage {
    fn element(&self) -> &'static str {
        "queue_outage"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { outage, kind, since, expected_end_at } = self;
        elements.value("outage", outage);
        elements.value("kind", kind);
        elements.value("since", since);
        elements.optional("expected_end_at", expected_end_at.as_ref());
    }
}

impl ToXml for Queue {
    fn element(&self) -> &'static str {
        "queue"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { checkpoint, position, changed_at, as_of, waiting, called, outages, lanes, entries } = self;
        elements.value("checkpoint", checkpoint);
        elements.value("position", position);
        elements.optional("changed_at", changed_at.as_ref());
        elements.value("as_of", as_of);
        elements.value("waiting", waiting);
        elements.value("called", called);
        if !outages.is_empty() {
            elements.parts("outages", outages);
        }
        elements.parts("lanes", lanes);
        elements.parts("entries", entries);
    }
}

impl ToXml for Driver {
    fn element(&self) -> &'static str {
        "driver"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { name } = self;
        elements.value("name", name);
    }
}

impl ToXml for CallListEntry {
    fn element(&self) -> &'static str {
        "call_list_entry"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { booking, plate, trailer_plate, driver, called_at, deadline_at, zone_left } = self;
        elements.value("booking", booking);
        elements.value("plate", plate);
        elements.optional("trailer_plate", trailer_plate.as_ref());
        if let Some(driver) = driver {
            elements.part(driver);
        }
        elements.value("called_at", called_at);
        elements.value("deadline_at", deadline_at);
        elements.value("zone_left", zone_left);
    }
}

impl ToXml for CallList {
    fn element(&self) -> &'static str {
        "call_list"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { checkpoint, position, entries } = self;
        elements.value("checkpoint", checkpoint);
        elements.value("position", position);
        elements.parts("entries", entries);
    }
}

impl ToXml for AdmissionIn {
    fn element(&self) -> &'static str {
        "admission_query"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { plate } = self;
        elements.value("plate", plate);
    }
}

impl ToXml for Admission {
    fn element(&self) -> &'static str {
        "admission"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { decision, reason, booking, deadline_at } = self;
        elements.value("decision", decision);
        elements.value("reason", reason);
        elements.optional("booking", booking.as_ref());
        elements.optional("deadline_at", deadline_at.as_ref());
    }
}
