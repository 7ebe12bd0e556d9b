//! Documents of the exchange and their acknowledgements, as XML.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::outages::Text;
use super::{Elements, ToXml, XmlText};
use crate::codes::{Edrpou, OfficeReference};
use crate::exchange::{
    AcknowledgedEvent, Acknowledgement, CheckpointEvents, DocumentContent, DocumentFault, DocumentHeader,
    DocumentKind, DocumentOutcome, DocumentPlace, ExchangeDocument, Inbox, InboxEntry, OutgoingKind,
    ReportOfPermit, StatedWithdrawal,
};
use crate::notices::{Notice, NoticeKind, ToldOutage, ToldPermit};
use crate::permits::{DataNumberKind, PermitUse, UseCorrectionIn};
use crate::text::Bilingual;

macro_rules! by_word {
    ($($name:ty),*) => {$(
        impl XmlText for $name {
            fn xml_text(&self) -> Cow<'_, str> {
                Cow::Borrowed(self.as_str())
            }
        }
    )*};
}
by_word!(DocumentKind, DocumentOutcome, OutgoingKind, NoticeKind, DataNumberKind, Edrpou, OfficeReference);

impl XmlText for NaiveDate {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }
}

impl ToXml for ExchangeDocument {
    fn element(&self) -> &'static str {
        "exchange_document"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { header, content } = self;
        elements.part(header);
        elements.part(content);
    }
}

impl ToXml for DocumentHeader {
    fn element(&self) -> &'static str {
        "header"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { sender, id, kind, created_at } = self;
        elements.value("sender", sender);
        elements.value("id", id);
        elements.value("kind", kind);
        elements.value("created_at", created_at);
    }
}

impl ToXml for DocumentContent {
    fn element(&self) -> &'static str {
        "content"
    }

    fn write_members(&self, elements: &mut Elements) {
        match self {
            Self::CheckpointEvents(events) => elements.part(events),
            Self::PermitReport(report) => elements.part(report),
            Self::Withdrawal(withdrawal) => elements.part(withdrawal),
        }
    }
}

impl ToXml for CheckpointEvents {
    fn element(&self) -> &'static str {
        "checkpoint_events"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { checkpoint, events } = self;
        elements.value("checkpoint", checkpoint);
        elements.parts("events", events);
    }
}

impl ToXml for ReportOfPermit {
    fn element(&self) -> &'static str {
        "permit_report"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { permit, uses, corrections, not_used_because, complete } = self;
        elements.value("permit", permit);
        if !uses.is_empty() {
            elements.parts("uses", uses);
        }
        if !corrections.is_empty() {
            elements.parts("corrections", corrections);
        }
        elements.optional("not_used_because", not_used_because.as_ref());
        elements.value("complete", complete);
    }
}

impl ToXml for PermitUse {
    fn element(&self) -> &'static str {
        "permit_use"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { registration_number, released_on } = self;
        elements.value("registration_number", registration_number);
        elements.value("released_on", released_on);
    }
}

impl ToXml for UseCorrectionIn {
    fn element(&self) -> &'static str {
        "use_correction"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { registration_number, to, never_was, reason } = self;
        elements.value("registration_number", registration_number);
        if let Some(to) = to {
            elements.part(&Corrected(to));
        }
        if *never_was {
            elements.value("never_was", never_was);
        }
        elements.value("reason", reason);
    }
}

/// A use as it was.
struct Corrected<'a>(&'a PermitUse);

impl ToXml for Corrected<'_> {
    fn element(&self) -> &'static str {
        "to"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self(used) = self;
        used.write_members(elements);
    }
}

impl ToXml for StatedWithdrawal {
    fn element(&self) -> &'static str {
        "withdrawal"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { request, kind, number, withdrawn_at } = self;
        elements.value("request", request);
        elements.value("kind", kind);
        elements.value("number", number);
        elements.optional("withdrawn_at", withdrawn_at.as_ref());
    }
}

impl ToXml for Acknowledgement {
    fn element(&self) -> &'static str {
        "acknowledgement"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { document, kind, digest, signed_by, received_at, recorded, outcome, events, faults } = self;
        elements.optional("document", document.as_ref());
        elements.optional("kind", kind.as_ref());
        elements.value("digest", digest);
        elements.optional("signed_by", signed_by.as_ref());
        elements.value("received_at", received_at);
        elements.value("recorded", recorded);
        elements.value("outcome", outcome);
        if !events.is_empty() {
            elements.parts("events", events);
        }
        if !faults.is_empty() {
            elements.parts("faults", faults);
        }
    }
}

impl ToXml for AcknowledgedEvent {
    fn element(&self) -> &'static str {
        "acknowledged_event"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { id, outcome, position, crossing } = self;
        elements.optional("id", id.as_ref());
        elements.value("outcome", outcome);
        elements.optional("position", position.as_ref());
        elements.optional("crossing", crossing.as_ref());
    }
}

/// What a code means, in both languages.
struct Title<'message>(&'message Bilingual);

impl ToXml for Title<'_> {
    fn element(&self) -> &'static str {
        "title"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Bilingual { uk, en } = self.0;
        elements.value("uk", uk);
        elements.value("en", en);
    }
}

impl ToXml for DocumentFault {
    fn element(&self) -> &'static str {
        "document_fault"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { code, title, detail, place: DocumentPlace { path, line, column } } = self;
        elements.value("code", code);
        elements.part(&Title(title));
        elements.value("detail", detail);
        elements.optional("path", path.as_ref());
        elements.optional("line", line.as_ref());
        elements.optional("column", column.as_ref());
    }
}

impl ToXml for Inbox {
    fn element(&self) -> &'static str {
        "inbox"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { items, next } = self;
        elements.parts("items", items);
        elements.value("next", next);
    }
}

impl ToXml for InboxEntry {
    fn element(&self) -> &'static str {
        "inbox_entry"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { kind, id, address, made_at, outcome, notice } = self;
        elements.value("kind", kind);
        elements.value("id", id);
        elements.value("address", address);
        elements.value("made_at", made_at);
        elements.optional("outcome", outcome.as_ref());
        elements.optional("notice", notice.as_ref());
    }
}

impl ToXml for Notice {
    fn element(&self) -> &'static str {
        "notice"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { id, position, outage_id, permit_request_id, number, kind, created_at, outage, permit } =
            self;
        elements.value("id", id);
        elements.value("position", position);
        elements.optional("outage_id", outage_id.as_ref());
        elements.optional("permit_request_id", permit_request_id.as_ref());
        elements.value("number", number);
        elements.value("kind", kind);
        elements.value("created_at", created_at);
        if let Some(outage) = outage {
            elements.part(outage);
        }
        if let Some(permit) = permit {
            elements.part(permit);
        }
    }
}

impl ToXml for ToldOutage {
    fn element(&self) -> &'static str {
        "told_outage"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self {
            kind,
            affected_systems,
            functionalities,
            scope,
            starts_at,
            began_at,
            expected_end_at,
            overdue_at,
            recovered_at,
            cancelled_at,
            fallback_allowed,
            text,
        } = self;
        elements.value("kind", kind);
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
        elements.optional("overdue_at", overdue_at.as_ref());
        elements.optional("recovered_at", recovered_at.as_ref());
        elements.optional("cancelled_at", cancelled_at.as_ref());
        elements.value("fallback_allowed", fallback_allowed);
        elements.part(&Text(text));
    }
}

impl ToXml for ToldPermit {
    fn element(&self) -> &'static str {
        "told_permit"
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { number, office, systems, outage, valid_from, valid_until, revoked_at, stamp } = self;
        elements.value("number", number);
        elements.value("office", office);
        elements.values("systems", "system", systems);
        elements.optional("outage", outage.as_ref());
        elements.optional("valid_from", valid_from.as_ref());
        elements.optional("valid_until", valid_until.as_ref());
        elements.optional("revoked_at", revoked_at.as_ref());
        elements.values("stamp", "line", stamp);
    }
}
