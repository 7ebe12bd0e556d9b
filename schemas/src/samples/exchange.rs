//! Random documents of the exchange, their acknowledgements, inboxes and notices.

use chrono::{NaiveDate, TimeDelta};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{checkpoint, event, id, instant, line, outage, source_id};
use crate::codes::{Edrpou, OfficeReference};
use crate::events::Outcome;
use crate::exchange::{
    AcknowledgedEvent, Acknowledgement, CheckpointEvents, DocumentContent, DocumentFault, DocumentHeader,
    DocumentKind, DocumentOutcome, DocumentPlace, ExchangeDocument, Inbox, InboxEntry, OutgoingKind,
    ReportOfPermit, StatedWithdrawal,
};
use crate::notices::{Notice, NoticeKind, ToldOutage, ToldPermit};
use crate::outages::AffectedSystem;
use crate::permits::{DataNumberKind, PermitUse, UseCorrectionIn};
use crate::problem::ProblemCode;

fn document_kind() -> impl Strategy<Value = DocumentKind> {
    select(DocumentKind::ALL.to_vec())
}

fn document_id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
}

fn document_content() -> impl Strategy<Value = DocumentContent> {
    let checkpoint_events = (checkpoint(), vec(event(), 1..4)).prop_map(|(checkpoint, events)| {
        DocumentContent::CheckpointEvents(CheckpointEvents { checkpoint, events })
    });
    let day =
        (0_i64..40_000).prop_map(|days| NaiveDate::from_ymd_opt(1990, 1, 1).unwrap() + TimeDelta::days(days));
    let used = ("[A-Z0-9/]{1,35}", day)
        .prop_map(|(registration_number, released_on)| PermitUse { registration_number, released_on });
    let corrected = ("[A-Z0-9/]{1,35}", option::of(used.clone()), line()).prop_map(
        |(registration_number, to, reason)| {
            let never_was = to.is_none();
            UseCorrectionIn { registration_number, to, never_was, reason }
        },
    );
    let report =
        ("[A-Z0-9-]{1,40}", vec(used, 0..3), vec(corrected, 0..3), option::of(line()), any::<bool>())
            .prop_map(|(permit, uses, corrections, not_used_because, complete)| {
                let report = ReportOfPermit { permit, uses, corrections, not_used_because, complete };
                DocumentContent::PermitReport(report)
            });
    let withdrawal = (id(), select(DataNumberKind::ALL.to_vec()), "[A-Z0-9]{1,22}", option::of(instant()))
        .prop_map(|(request, kind, number, withdrawn_at)| {
            DocumentContent::Withdrawal(StatedWithdrawal { request, kind, number, withdrawn_at })
        });
    prop_oneof![checkpoint_events, report, withdrawal]
}

pub(crate) fn exchange_document() -> impl Strategy<Value = ExchangeDocument> {
    (document_id(), instant(), document_content()).prop_map(|(id, created_at, content)| ExchangeDocument {
        header: DocumentHeader {
            sender: Edrpou::parse("43115923").unwrap(),
            id,
            kind: content.kind(),
            created_at,
        },
        content,
    })
}

fn document_place() -> impl Strategy<Value = DocumentPlace> {
    (option::of("/[a-z_/]{1,30}"), option::of(1_u32..), option::of(1_u32..))
        .prop_map(|(path, line, column)| DocumentPlace { path, line, column })
}

pub(crate) fn acknowledgement() -> impl Strategy<Value = Acknowledgement> {
    let acknowledged =
        (option::of(source_id()), select(Outcome::ALL.to_vec()), option::of(1_i64..), option::of(id()))
            .prop_map(|(id, outcome, position, crossing)| AcknowledgedEvent {
                id,
                outcome,
                position,
                crossing,
            });
    let fault = (select(ProblemCode::ALL.to_vec()), line(), document_place())
        .prop_map(|(code, detail, place)| DocumentFault::new(code, detail, place));
    (
        option::of(document_id()),
        option::of(document_kind()),
        "[0-9a-f]{64}",
        option::of("[0-9a-f]{64}"),
        instant(),
        any::<bool>(),
        select(DocumentOutcome::ALL.to_vec()),
        vec(acknowledged, 0..3),
        vec(fault, 0..3),
    )
        .prop_map(
            |(document, kind, digest, signed_by, received_at, recorded, outcome, events, faults)| {
                Acknowledgement {
                    document,
                    kind,
                    digest,
                    signed_by,
                    received_at,
                    recorded,
                    outcome,
                    events,
                    faults,
                }
            },
        )
}

pub(crate) fn inbox() -> impl Strategy<Value = Inbox> {
    let entry = (
        select(OutgoingKind::ALL.to_vec()),
        document_id(),
        instant(),
        option::of(select(DocumentOutcome::ALL.to_vec())),
        option::of(select(NoticeKind::ALL.to_vec())),
    )
        .prop_map(|(kind, id, made_at, outcome, notice)| InboxEntry {
            kind,
            address: format!("/api/v1/exchange/documents/{id}"),
            id,
            made_at,
            outcome,
            notice,
        });
    (vec(entry, 0..3), "[0-9]{1,18}-[0-9]{1,18}").prop_map(|(items, next)| Inbox { items, next })
}

/// Notices of outages and of permits.
pub(crate) fn notice() -> impl Strategy<Value = Notice> {
    let permit = (line(), option::of(id()), option::of(instant()), vec(line(), 0..3)).prop_map(
        |(number, outage, valid_from, stamp)| ToldPermit {
            number,
            office: OfficeReference::parse("UA209030").unwrap(),
            systems: vec![AffectedSystem::ALL[0]],
            outage,
            valid_from,
            valid_until: valid_from,
            revoked_at: None,
            stamp,
        },
    );
    (id(), 1_i64.., select(NoticeKind::ALL.to_vec()), instant(), outage(), option::of(permit)).prop_map(
        |(id, position, kind, created_at, outage, permit)| {
            let told = ToldOutage {
                kind: outage.kind,
                affected_systems: outage.affected_systems,
                functionalities: outage.functionalities,
                scope: outage.scope,
                starts_at: outage.starts_at,
                began_at: outage.began_at,
                expected_end_at: outage.expected_end_at,
                overdue_at: outage.expected_end_at.filter(|_| outage.overdue),
                recovered_at: outage.recovered_at,
                cancelled_at: outage.cancelled_at,
                fallback_allowed: outage.fallback_allowed,
                text: outage.text,
            };
            Notice {
                id,
                position,
                outage_id: permit.is_none().then_some(outage.id),
                permit_request_id: permit.is_some().then_some(outage.id),
                number: 1,
                kind,
                created_at,
                outage: permit.is_none().then_some(told),
                permit,
            }
        },
    )
}
