//! What we write is what our schemas describe, and what they describe is what we read: xmllint is the judge.

mod xmllint;

use chrono::SecondsFormat;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::crossings::Knowledge;
use crate::events::{EventIn, EventsIn};
use crate::exchange::{CheckpointEvents, DocumentContent, ExchangeDocument};
use crate::outages::OutageState;
use crate::queue::{AdmissionReason, Decision, QueueKind};
use crate::{read, samples};
use xmllint::{failures, verdicts};

/// How many random messages of each type are judged.
const OF_EACH: usize = 40;

fn random<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::default();
    (0..OF_EACH).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

fn written<T: ToXml + std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> Vec<Vec<u8>> {
    random(strategy).iter().map(ToXml::to_xml).collect()
}

#[test]
fn every_message_is_written_as_its_schema_has_it() {
    let documents = [
        written(samples::event()),
        written(prop::collection::vec(samples::event(), 1..4).prop_map(EventsIn::Many)),
        written(samples::event_answer()),
        written(samples::event_answers()),
        written(samples::recorded_events()),
        written(samples::crossing()),
        written(samples::queue()),
        written(samples::call_list()),
        written(samples::plate().prop_map(|plate| crate::queue::AdmissionIn { plate })),
        written(samples::admission()),
        written(samples::problem()),
        written(samples::outage_page()),
        written(samples::exchange_document()),
        written(samples::acknowledgement()),
        written(samples::inbox()),
        written(samples::notice()),
    ];
    assert_eq!(failures(&documents.concat()), Vec::<String>::new());
}

/// An event written by another hand: members in another order, white space around values and between elements, comments, a prefix,
/// another offset, its own namespace declarations.
fn by_another_hand() -> impl Strategy<Value = (EventIn, Vec<u8>)> {
    let space = || select(vec!["", " ", "\n  ", "\t", "<!-- примітка -->", "<?tool x?>"]);
    (samples::event(), any::<u64>(), space(), select(vec!["", "\n", " \t"]), select(vec!["", "k"]), -14_i32..=14).prop_map(
        |(event, order, between, around, prefix, hours)| {
            let (colon, declaration) = if prefix.is_empty() { ("", "xmlns".to_owned()) } else { (":", format!("xmlns:{prefix}")) };
            let offset = chrono::FixedOffset::east_opt(hours * 3_600).unwrap();
            let local = event.occurred_at.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::AutoSi, true);
            // Moments at the edges of the calendar have no local writing with four digits of the year.
            let moment = if local.len() < 36 && local.starts_with(|c: char| c.is_ascii_digit()) && !local.starts_with("0000") {
                local
            } else {
                event.occurred_at.xml_text().into_owned()
            };
            let text = |value: &str| String::from(quick_xml::escape::escape(value));
            let trimmed = |value: &str| format!("{around}{}{around}", text(value));
            let mut members = vec![
                ("id", Some(trimmed(&event.id))),
                ("kind", Some(trimmed(event.kind.as_str()))),
                ("plate", event.plate.as_ref().map(|plate| text(plate.as_written()))),
                ("occurred_at", Some(trimmed(&moment))),
                ("zone", event.zone.as_deref().map(trimmed)),
                ("confidence", event.confidence.as_ref().map(|confidence| trimmed(&confidence.xml_text()))),
                ("reason", event.reason.as_deref().map(text)),
                ("voids", event.voids.as_deref().map(trimmed)),
            ];
            members.rotate_left(usize::try_from(order % 8).unwrap());
            if order % 2 == 0 {
                members.reverse();
            }
            let inner: String = members
                .into_iter()
                .filter_map(|(name, value)| {
                    value.map(|value| format!("{between}<{prefix}{colon}{name}>{value}</{prefix}{colon}{name}>"))
                })
                .collect();
            let schema = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
                          xsi:schemaLocation='urn:kordon:exchange:1 kordon.xsd'";
            let document =
                format!("<{prefix}{colon}event {declaration}='{NAMESPACE}' {schema}>{inner}{between}</{prefix}{colon}event>");
            (event, document.into_bytes())
        },
    )
}

#[test]
fn what_the_schema_takes_is_read() {
    let (events, documents): (Vec<_>, Vec<_>) = random(by_another_hand()).into_iter().unzip();
    assert_eq!(failures(&documents), Vec::<String>::new());
    for (event, document) in events.into_iter().zip(&documents) {
        let mut items = read::read_events_xml(document, None).unwrap().items;
        assert_eq!(items.pop().unwrap().unwrap(), event, "{}", String::from_utf8_lossy(document));
    }
}

#[test]
fn the_schema_and_the_reader_refuse_alike() {
    let event = |members: &str| {
        format!(
            "<event xmlns='{NAMESPACE}'><id>e-1</id><plate>AA1234BB</plate><kind>checkpoint-left</kind>\
             <occurred_at>2026-11-21T12:00:00Z</occurred_at>{members}</event>"
        )
    };
    let replaced = |what: &str, by: &str| event("").replace(what, by);
    let documents: Vec<Vec<u8>> = [
        event("<colour>red</colour>"),
        event("<id>e-2</id>"),
        event("text"),
        event("<zone>зона</zone>"),
        event("<confidence>1.01</confidence>"),
        event("<confidence>INF</confidence>"),
        event("<reason></reason>"),
        event("<reason>two\nlines</reason>"),
        event(&format!("<reason>{}</reason>", "ї".repeat(501))),
        event("<voids>two words</voids>"),
        replaced("e-1", ""),
        replaced("e-1", "два"),
        replaced("<id>e-1</id>", ""),
        replaced("checkpoint-left", "left"),
        replaced("AA1234BB", "§§1234"),
        replaced("AA1234BB", "A"),
        replaced("AA1234BB", &"A".repeat(21)),
        replaced("12:00:00Z", "12:00:00"),
        replaced("12:00:00Z", "12:00:60Z"),
        replaced("12:00:00Z", "24:00:00Z"),
        replaced("2026", "0000"),
        replaced("2026", "12026"),
        replaced("2026-11-21", "2026-02-30"),
        replaced("<id>", "<id a='b'>"),
        replaced("exchange:1", "exchange:2"),
        format!("<events xmlns='{NAMESPACE}'/>"),
        format!("<evnt xmlns='{NAMESPACE}'/>"),
    ]
    .into_iter()
    .map(String::into_bytes)
    .collect();
    for (document, by_schema) in documents.iter().zip(verdicts(&documents)) {
        let by_reader =
            read::read_events_xml(document, None).is_ok_and(|read| read.items.iter().all(Result::is_ok));
        assert!(
            !by_reader && !by_schema,
            "reader {by_reader}, schema {by_schema}: {}",
            String::from_utf8_lossy(document)
        );
    }
}

#[test]
fn a_document_that_is_written_is_read_as_it_was() {
    for document in random(samples::exchange_document()) {
        let text = String::from_utf8(document.to_xml()).unwrap();
        let read = read::read_exchange_document(&text).unwrap_or_else(|fault| panic!("{fault:?} {text}"));
        let content = match read.content {
            read::ReadContent::CheckpointEvents { checkpoint, items } => {
                let events = items.into_iter().map(Result::unwrap).collect();
                DocumentContent::CheckpointEvents(CheckpointEvents { checkpoint, events })
            }
            read::ReadContent::PermitReport(report) => DocumentContent::PermitReport(report),
            read::ReadContent::Withdrawal(withdrawal) => DocumentContent::Withdrawal(withdrawal),
        };
        assert_eq!(ExchangeDocument { header: read.header, content }, document, "{text}");
    }
}

#[test]
fn names_of_values_are_those_of_json() {
    fn check<T: serde::Serialize + XmlText>(values: &[T]) {
        for value in values {
            assert_eq!(serde_json::to_value(value).unwrap(), value.xml_text().as_ref());
        }
    }
    check(&QueueKind::ALL);
    check(&[Knowledge::Known, Knowledge::Gap, Knowledge::Ahead]);
    check(&[Decision::Admit, Decision::Refuse]);
    check(&[
        AdmissionReason::Called,
        AdmissionReason::NotBooked,
        AdmissionReason::NotCalled,
        AdmissionReason::CallExpired,
        AdmissionReason::AlreadyEntered,
    ]);
    check(&crate::events::EventKind::ALL);
    check(&crate::events::Outcome::ALL);
    check(&crate::crossings::Stage::ALL);
    check(crate::problem::ProblemCode::ALL);
    check(&crate::outages::OutageKind::ALL);
    check(&crate::outages::AffectedSystem::ALL);
    check(&[OutageState::Scheduled, OutageState::Running, OutageState::Recovered, OutageState::Cancelled]);
}

#[test]
fn an_answer_reads_as_people_expect_it() {
    let answer = crate::events::EventAnswer {
        id: Some("bg-1".to_owned()),
        outcome: crate::events::Outcome::Refused,
        position: None,
        crossing: None,
        problem: Some(
            crate::Problem::new(crate::ProblemCode::KindNotAllowed, "customs & queue")
                .with_faults(vec![crate::Fault::new("events/event[2]/kind (4:9)", "not yours")]),
        ),
    };
    let answers = crate::events::EventAnswers { items: vec![answer] };
    insta::assert_snapshot!(String::from_utf8(answers.to_xml()).unwrap().replace("><", ">\n<"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <event_answers xmlns="urn:kordon:exchange:1">
    <items>
    <event_answer>
    <id>bg-1</id>
    <outcome>refused</outcome>
    <problem xmlns="urn:ietf:rfc:7807">
    <type>/problems/kind_not_allowed</type>
    <title>This role does not state events of this kind</title>
    <status>422</status>
    <code>kind_not_allowed</code>
    <detail>customs &amp; queue</detail>
    <faults>
    <i>
    <path>events/event[2]/kind (4:9)</path>
    <detail>not yours</detail>
    </i>
    </faults>
    </problem>
    </event_answer>
    </items>
    </event_answers>
    "#);
}
