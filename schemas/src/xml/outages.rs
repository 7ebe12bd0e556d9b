//! Outages, as XML.

use std::borrow::Cow;

use super::{Elements, ToXml, XmlText};
use crate::outages::{
    AffectedSystem, Functionality, Outage, OutageDirection, OutageKind, OutageLevel, OutagePage, OutageScope,
    OutageState,
};
use crate::text::Bilingual;

impl XmlText for OutageKind {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl XmlText for AffectedSystem {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl XmlText for Functionality {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Owned(self.letter().to_string())
    }
}

impl XmlText for OutageState {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Recovered => "recovered",
            Self::Cancelled => "cancelled",
        })
    }
}

/// The text for people of a message, in both languages.
pub(super) struct Text<'message>(pub(super) &'message Bilingual);

impl ToXml for Text<'_> {
    fn element(&self) -> &'static str {
        "text"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Bilingual { uk, en } = self.0;
        elements.value("uk", uk);
        elements.value("en", en);
    }
}

impl XmlText for OutageLevel {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl XmlText for OutageDirection {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl ToXml for OutageScope {
    fn element(&self) -> &'static str {
        "scope"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { level, country, direction } = self;
        elements.value("level", level);
        elements.optional("country", country.as_ref());
        elements.value("direction", direction);
    }
}

impl ToXml for Outage {
    fn element(&self) -> &'static str {
        "outage"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self {
            id,
            version,
            kind,
            state,
            affected_systems,
            functionalities,
            scope,
            starts_at,
            began_at,
            expected_end_at,
            overdue,
            overran_seconds,
            recovered_at,
            cancelled_at,
            fallback_allowed,
            text,
            declared_at,
            changed_at,
        } = self;
        elements.value("id", id);
        elements.value("version", version);
        elements.value("kind", kind);
        elements.value("state", state);
        elements.values("affected_systems", "affected_system", affected_systems);
        if !functionalities.is_empty() {
            elements.values("functionalities", "functionality", functionalities);
        }
        if !scope.is_usual() {
            elements.part(scope);
        }
        elements.value("starts_at", starts_at);
        elements.optional("began_at", began_at.as_ref());
        elements.optional("expected_end_at", expected_end_at.as_ref());
        elements.value("overdue", overdue);
        elements.optional("overran_seconds", overran_seconds.as_ref());
        elements.optional("recovered_at", recovered_at.as_ref());
        elements.optional("cancelled_at", cancelled_at.as_ref());
        elements.value("fallback_allowed", fallback_allowed);
        elements.part(&Text(text));
        elements.value("declared_at", declared_at);
        elements.value("changed_at", changed_at);
    }
}

impl ToXml for OutagePage {
    fn element(&self) -> &'static str {
        "outage_page"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { items, next } = self;
        elements.parts("items", items);
        elements.optional("next", next.as_ref());
    }
}
