//! Requests as the systems write them, and the answers as they read them: JSON, XML, and XML in windows-1251.
//!
//! Written by hand as an integrator's system would, not with the hub's own writers and readers.

use anyhow::Context;
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use kordon_schemas::ProblemCode;
use kordon_schemas::events::Outcome;
use roxmltree::{Document, Node};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::day::{Event, Form, Manner, Parcel};

/// The namespace of the hub's messages.
const NAMESPACE: &str = "urn:kordon:exchange:1";

/// A body and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) content_type: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl Body {
    /// A JSON body.
    pub(super) fn json(value: &Value) -> Self {
        Self { content_type: "application/json", bytes: value.to_string().into_bytes() }
    }
}

impl Form {
    /// The form in which the answer is asked for.
    pub(super) const fn accepts(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml | Self::XmlWindows1251 => "application/xml",
        }
    }
}

/// Writes a request that states events. `instant` tells when an event happens.
pub(super) fn write(
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

/// What was answered to one event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "JsonAnswer")]
pub(super) struct Answer {
    pub(super) id: Option<String>,
    pub(super) outcome: Outcome,
    pub(super) position: Option<i64>,
    pub(super) crossing: Option<Uuid>,
    /// Why it was refused.
    pub(super) code: Option<ProblemCode>,
}

#[derive(Deserialize)]
struct JsonAnswer {
    id: Option<String>,
    outcome: Outcome,
    position: Option<i64>,
    crossing: Option<Uuid>,
    problem: Option<JsonProblem>,
}

#[derive(Deserialize)]
struct JsonProblem {
    code: ProblemCode,
}

#[derive(Deserialize)]
struct JsonAnswers {
    items: Vec<Answer>,
}

impl From<JsonAnswer> for Answer {
    fn from(answer: JsonAnswer) -> Self {
        let JsonAnswer { id, outcome, position, crossing, problem } = answer;
        Self { id, outcome, position, crossing, code: problem.map(|problem| problem.code) }
    }
}

/// Reads what was answered to a request that states events: a list, one answer, or a problem.
pub(super) fn read_answers(
    form: Form,
    manner: Manner,
    status: u16,
    bytes: &[u8],
) -> anyhow::Result<Vec<Answer>> {
    if status >= 400 {
        let code = Some(read_problem(bytes)?);
        let refused = Answer { id: None, outcome: Outcome::Refused, position: None, crossing: None, code };
        return Ok(vec![refused]);
    }
    match (form, manner) {
        (Form::Json, Manner::List) => Ok(serde_json::from_slice::<JsonAnswers>(bytes)?.items),
        (Form::Json, Manner::Single | Manner::Twice) => Ok(vec![serde_json::from_slice(bytes)?]),
        (Form::Xml | Form::XmlWindows1251, _) => {
            let text = std::str::from_utf8(bytes)?;
            let document = Document::parse(text)?;
            let root = document.root_element();
            let answers =
                |parent: Node<'_, '_>| parent.children().filter(Node::is_element).map(xml_answer).collect();
            match manner {
                Manner::List => child(root, "items").map(answers).context("the answer has no `items`")?,
                Manner::Single | Manner::Twice => Ok(vec![xml_answer(root)?]),
            }
        }
    }
}

fn xml_answer(node: Node<'_, '_>) -> anyhow::Result<Answer> {
    let text = |name| child(node, name).and_then(|node| node.text());
    let outcome = text("outcome").context("an answer has no `outcome`")?;
    let problem = node.children().find(|child| child.tag_name().name() == "problem");
    Ok(Answer {
        id: text("id").map(str::to_owned),
        outcome: serde_json::from_value(json!(outcome))?,
        position: text("position").map(str::parse).transpose()?,
        crossing: text("crossing").map(str::parse).transpose()?,
        code: problem.map(xml_problem).transpose()?,
    })
}

fn xml_problem(node: Node<'_, '_>) -> anyhow::Result<ProblemCode> {
    let code = child(node, "code").and_then(|node| node.text()).context("a problem has no `code`")?;
    Ok(serde_json::from_value(json!(code))?)
}

/// Reads the code of a problem in either form.
pub(super) fn read_problem(bytes: &[u8]) -> anyhow::Result<ProblemCode> {
    let text = std::str::from_utf8(bytes)?;
    if text.starts_with('<') {
        let document = Document::parse(text)?;
        xml_problem(document.root_element())
    } else {
        Ok(serde_json::from_str::<JsonProblem>(text).with_context(|| format!("no problem: {text}"))?.code)
    }
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}

/// Where an XML answer says something else than the JSON answer; nothing if they say the same.
pub(super) fn difference(xml: &str, json: &Value) -> anyhow::Result<Option<String>> {
    let document = Document::parse(xml)?;
    Ok(differing(document.root_element(), json, "/"))
}

fn differing(node: Node<'_, '_>, json: &Value, path: &str) -> Option<String> {
    let children: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    match json {
        Value::Object(members) => {
            if children.len() != members.len() {
                return Some(format!(
                    "{path} has {} members in XML, {} in JSON",
                    children.len(),
                    members.len()
                ));
            }
            members.iter().find_map(|(name, value)| {
                let path = format!("{path}{name}/");
                child(node, name).map_or_else(
                    || Some(format!("{path} is in JSON only")),
                    |child| differing(child, value, &path),
                )
            })
        }
        Value::Array(items) if children.len() != items.len() => {
            Some(format!("{path} has {} entries in XML, {} in JSON", children.len(), items.len()))
        }
        Value::Array(items) => {
            (0..).zip(children.into_iter().zip(items)).find_map(|(place, (child, item)): (usize, _)| {
                differing(child, item, &format!("{path}{place}/"))
            })
        }
        Value::String(text) => differing_text(node, text, path),
        Value::Null | Value::Bool(_) | Value::Number(_) => differing_text(node, &json.to_string(), path),
    }
}

fn differing_text(node: Node<'_, '_>, json: &str, path: &str) -> Option<String> {
    let xml = node.text().unwrap_or_default();
    (xml != json).then(|| format!("{path} is `{xml}` in XML, `{json}` in JSON"))
}

#[cfg(test)]
mod tests {
    use kordon_schemas::events::EventKind;
    use kordon_schemas::read::{read_events_json, read_events_xml};

    use super::super::day::{Expected, Item, Moment, Subject, When};
    use super::*;

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
        Parcel { form, manner, items: vec![Item { event, expected: Expected::Is(Outcome::Recorded) }; 2] }
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

    #[test]
    fn a_difference_between_the_forms_is_named() {
        let json = json!({"waiting": 2, "entries": [{"place": 1, "plate": "BC 1234 KA"}]});
        let xml = |plate: &str| {
            format!(
                "<queue><waiting>2</waiting><entries><queue_entry><place>1</place><plate>{plate}</plate>\
                 </queue_entry></entries></queue>"
            )
        };
        assert_eq!(difference(&xml("BC 1234 KA"), &json).unwrap(), None);
        assert_eq!(
            difference(&xml("BC 1235 KA"), &json).unwrap().unwrap(),
            "/entries/0/plate/ is `BC 1235 KA` in XML, `BC 1234 KA` in JSON"
        );
    }
}
