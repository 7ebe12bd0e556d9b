//! Requests as the systems write them: JSON, XML, and XML in windows-1251. Written as an integrator's system
//! would write them, not with the hub's own writers.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::commands::demo::day::{Event, Form, Manner, Parcel};

/// The namespace of the hub's messages.
const NAMESPACE: &str = "urn:kordon:exchange:1";

/// A body and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl Body {
    /// A JSON body.
    pub(crate) fn json(value: &Value) -> Self {
        Self { content_type: "application/json", bytes: value.to_string().into_bytes() }
    }
}

impl Form {
    /// The form in which the answer is asked for.
    pub(crate) const fn accepts(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml | Self::XmlWindows1251 => "application/xml",
        }
    }
}

/// Writes a request that states events. `instant` tells when an event happens.
pub(crate) fn write(
    parcel: &Parcel,
    instant: impl Fn(&Event) -> anyhow::Result<DateTime<Utc>>,
) -> anyhow::Result<Body> {
    let Parcel { form, manner, items } = parcel;
    let mut events = Vec::with_capacity(items.len());
    for item in items {
        let occurred_at = instant(&item.event)?;
        events.push((&item.event, occurred_at));
    }
    let is_list = *manner == Manner::List;
    match form {
        Form::Json => {
            let mut events = events.into_iter().map(|(event, at)| json_event(event, at));
            let body = if is_list { events.collect() } else { events.next().unwrap_or_default() };
            Ok(Body::json(&body))
        }
        Form::Xml => Ok(Body {
            content_type: "application/xml",
            bytes: xml_document("UTF-8", is_list, &events).into_bytes(),
        }),
        Form::XmlWindows1251 => {
            let text = xml_document("windows-1251", is_list, &events);
            let (bytes, _, unmappable) = encoding_rs::WINDOWS_1251.encode(&text);
            anyhow::ensure!(!unmappable, "windows-1251 has no sign for something in {text}");
            // Not every system says it in the header too.
            let content_type = if is_list { "text/xml; charset=windows-1251" } else { "application/xml" };
            Ok(Body { content_type, bytes: bytes.into_owned() })
        }
    }
}

fn json_event(event: &Event, occurred_at: DateTime<Utc>) -> Value {
    let mut members: Map<String, Value> =
        members(event, occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true))
            .into_iter()
            .map(|(name, text)| (name.to_owned(), Value::String(text)))
            .collect();
    if let Some(number) = event.confidence.and_then(|confidence| confidence.parse::<f64>().ok()) {
        members.insert("confidence".to_owned(), json!(number));
    }
    Value::Object(members)
}

/// The members of an event and their texts; times as given.
fn members(event: &Event, occurred_at: String) -> Vec<(&'static str, String)> {
    let Event { id, kind, subject: _, plate, when: _, zone, confidence, reason, voids } = event;
    let optional = [
        ("plate", plate.as_deref()),
        ("zone", *zone),
        ("confidence", *confidence),
        ("reason", *reason),
        ("voids", voids.as_deref()),
    ];
    [("id", id.clone()), ("kind", kind.as_str().to_owned()), ("occurred_at", occurred_at)]
        .into_iter()
        .chain(optional.into_iter().filter_map(|(name, text)| Some((name, text?.to_owned()))))
        .collect()
}

fn xml_document(encoding: &str, is_list: bool, events: &[(&Event, DateTime<Utc>)]) -> String {
    let mut document = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n");
    if is_list {
        document += &format!("<events xmlns=\"{NAMESPACE}\">\n");
        for (event, occurred_at) in events {
            document += &xml_event("<event>", event, *occurred_at);
        }
        document += "</events>\n";
    } else {
        for (event, occurred_at) in events {
            document += &xml_event(&format!("<event xmlns=\"{NAMESPACE}\">"), event, *occurred_at);
        }
    }
    document
}

fn xml_event(start: &str, event: &Event, occurred_at: DateTime<Utc>) -> String {
    // In local time, as many systems keep it. It is the same moment.
    let local = FixedOffset::east_opt(2 * 3_600).map_or_else(
        || occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        |offset| occurred_at.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::Micros, false),
    );
    let mut text = start.to_owned();
    for (name, value) in members(event, local) {
        text += &format!("<{name}>{}</{name}>", escaped(&value));
    }
    text + "</event>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use kordon_schemas::events::{EventKind, Outcome};
    use kordon_schemas::read::{read_events_json, read_events_xml};

    use super::*;
    use crate::commands::demo::day::{Expected, Item, Moment, Subject, When};

    fn parcel(form: Form, manner: Manner) -> Parcel {
        let event = Event {
            id: "demo-cu-1".into(),
            kind: EventKind::PlateRead,
            subject: Subject::Vehicle(0),
            plate: Some("вс-1234-ка".into()),
            when: When::OfDay(Moment(0)),
            zone: None,
            confidence: Some("0.93"),
            reason: None,
            voids: None,
        };
        let item = Item { event, expected: Expected::Is(Outcome::Recorded) };
        Parcel { form, manner, items: vec![item; if manner == Manner::List { 2 } else { 1 }] }
    }

    #[test]
    fn every_form_says_the_same_and_the_hub_reads_it() {
        let at: DateTime<Utc> = "2026-11-21T12:03:20.25Z".parse().unwrap();
        for manner in [Manner::Single, Manner::List] {
            let [json, xml, windows] = [Form::Json, Form::Xml, Form::XmlWindows1251]
                .map(|form| write(&parcel(form, manner), |_| Ok(at)).unwrap().bytes);
            let json = read_events_json(&json).unwrap();
            assert_eq!(json.single, manner == Manner::Single);
            for read in [read_events_xml(&xml, None).unwrap(), read_events_xml(&windows, None).unwrap()] {
                assert_eq!(read.items, json.items);
            }
            assert_eq!(json.items[0].as_ref().unwrap().occurred_at, at);
        }
    }
}
