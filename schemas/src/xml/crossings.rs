//! Crossings, as XML.

use std::borrow::Cow;

use super::{Elements, ToXml, XmlText};
use crate::crossings::{Contradiction, ControlsView, CrossingView, Knowledge, Stage, StageView};

impl XmlText for Stage {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl XmlText for Knowledge {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Known => "known",
            Self::Gap => "gap",
            Self::Ahead => "ahead",
        })
    }
}

impl ToXml for StageView {
    fn element(&self) -> &'static str {
        "stage_view"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { stage, knowledge, at, events } = self;
        elements.value("stage", stage);
        elements.value("knowledge", knowledge);
        elements.optional("at", at.as_ref());
        if !events.is_empty() {
            elements.values("events", "position", events);
        }
    }
}

impl ToXml for ControlsView {
    fn element(&self) -> &'static str {
        "controls"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { border_started_at, border_finished_at, customs_started_at, customs_finished_at } = self;
        elements.optional("border_started_at", border_started_at.as_ref());
        elements.optional("border_finished_at", border_finished_at.as_ref());
        elements.optional("customs_started_at", customs_started_at.as_ref());
        elements.optional("customs_finished_at", customs_finished_at.as_ref());
    }
}

impl ToXml for Contradiction {
    fn element(&self) -> &'static str {
        "contradiction"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { first_kind, first_at, first_position, then_kind, then_at, then_position } = self;
        elements.value("first_kind", first_kind);
        elements.value("first_at", first_at);
        elements.value("first_position", first_position);
        elements.value("then_kind", then_kind);
        elements.value("then_at", then_at);
        elements.value("then_position", then_position);
    }
}

impl ToXml for CrossingView {
    fn element(&self) -> &'static str {
        "crossing"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self {
            id,
            checkpoint,
            plate,
            stage,
            stages,
            zone_overstay_seconds,
            controls,
            contradictions,
            events,
        } = self;
        elements.value("id", id);
        elements.value("checkpoint", checkpoint);
        elements.value("plate", plate);
        elements.value("stage", stage);
        elements.parts("stages", stages);
        elements.optional("zone_overstay_seconds", zone_overstay_seconds.as_ref());
        elements.part(controls);
        elements.parts("contradictions", contradictions);
        elements.parts("events", events);
    }
}
