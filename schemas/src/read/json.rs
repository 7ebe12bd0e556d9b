//! JSON bodies: any message, and events read one by one.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use serde_path_to_error::Segment;

use super::complaint::Complaint;
use super::json_guard::{Guarded, forbidden_characters, guard, pointer_token};
use super::json_strictly::Strictly;
use super::place::Place;
use super::{ReadEvents, RefusedItem, check_count, invalid, malformed};
use crate::events::{EventIn, MOST_EVENTS};
use crate::problem::{Fault, Problem, ProblemCode};

/// Reads a message of any type.
///
/// # Errors
/// A [`Problem`]: `malformed_json` with line and column when it is no JSON in UTF-8, `too_deep`, or `invalid` with the JSON Pointer
/// of the place when it is not of the type or holds a character that cannot be kept.
pub fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Box<Problem>> {
    let Guarded { text, unusual } = guard(body)?;
    match read_strictly(text) {
        Ok(message) if !unusual => Ok(message),
        read => {
            check_syntax(text)?;
            let forbidden = if unusual { forbidden_characters(text, "") } else { Vec::new() };
            match read {
                Ok(message) if forbidden.is_empty() => Ok(message),
                Ok(_) => Err(invalid(forbidden)),
                Err(_) if forbidden.is_empty() => Err(invalid(vec![wrong_place::<T>(text, "")])),
                Err(_) => Err(invalid(forbidden)),
            }
        }
    }
}

/// Reads one event, or a list of up to [`MOST_EVENTS`], each by itself.
///
/// # Errors
/// A [`Problem`] when nothing of it can be taken: `malformed_json` with line and column, `too_deep`, `too_large`, or `invalid` when
/// it is neither an event nor a list, or an empty one.
pub fn read_events_json(body: &[u8]) -> Result<ReadEvents, Box<Problem>> {
    let Guarded { text, unusual } = guard(body)?;
    match text.trim_start_matches([' ', '\t', '\r', '\n']).as_bytes().first() {
        Some(b'{') => {
            let item = read_event(text, unusual, "");
            if item.is_err() {
                check_syntax(text)?;
            }
            Ok(ReadEvents { single: true, items: vec![item] })
        }
        Some(b'[') => {
            let Items { items, count } = serde_json::from_str(text).map_err(|fault| no_json(text, &fault))?;
            check_count(count, "")?;
            let read =
                |(index, item): (usize, &RawValue)| read_event(item.get(), unusual, &format!("/{index}"));
            Ok(ReadEvents { single: false, items: items.into_iter().enumerate().map(read).collect() })
        }
        Some(_) | None => {
            check_syntax(text)?;
            Err(invalid(vec![Fault::new("", "the body must be an event, or a list of events")]))
        }
    }
}

/// Reads one event of a document that was looked over; `pointer` is where it stands.
fn read_event(text: &str, unusual: bool, pointer: &str) -> Result<EventIn, Box<RefusedItem>> {
    let forbidden = if unusual { forbidden_characters(text, pointer) } else { Vec::new() };
    if !forbidden.is_empty() {
        return Err(RefusedItem::new(id_of(text), forbidden));
    }
    let event: EventIn = read_strictly(text)
        .map_err(|_| RefusedItem::new(id_of(text), vec![wrong_place::<EventIn>(text, pointer)]))?;
    let faults = event.check();
    if faults.is_empty() {
        return Ok(event);
    }
    let placed = |fault: Fault| Fault::new(format!("{pointer}{}", fault.path), fault.detail);
    Err(RefusedItem::new(Some(event.id), faults.into_iter().map(placed).collect()))
}

/// Reads a message from the whole of a text.
fn read_strictly<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let message = T::deserialize(Strictly(&mut reader))?;
    reader.end()?;
    Ok(message)
}

/// The id of an event that could not be read.
fn id_of(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    value.get("id")?.as_str().map(str::to_owned)
}

/// A list, item by item: each is known to be JSON, and nothing more. Those beyond the most are counted and not kept.
struct Items<'t> {
    items: Vec<&'t RawValue>,
    count: usize,
}

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Items<'de>, A::Error> {
        let mut items = Vec::new();
        while items.len() < MOST_EVENTS {
            match sequence.next_element()? {
                Some(item) => items.push(item),
                None => return Ok(Items { count: items.len(), items }),
            }
        }
        let mut count = items.len();
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Items { items, count })
    }
}

/// Refuses a document that is no JSON. A derived reader stops at the first member that it does not like; whether the document is
/// whole is another question, and it goes first.
fn check_syntax(text: &str) -> Result<(), Box<Problem>> {
    serde_json::from_str::<IgnoredAny>(text).map(|_| ()).map_err(|fault| no_json(text, &fault))
}

fn no_json(text: &str, fault: &serde_json::Error) -> Box<Problem> {
    let detail = match text.trim() {
        "" => "the body is empty".to_owned(),
        _ => Complaint::of(&fault.to_string()).detail,
    };
    // The parser counts bytes; people count characters.
    let line_start = match fault.line() {
        0 | 1 => 0,
        line => text.match_indices('\n').nth(line - 2).map_or(0, |(end, _)| end + 1),
    };
    let place = Place::of(text, line_start + fault.column().saturating_sub(1));
    malformed(ProblemCode::MalformedJson, place, &detail)
}

/// Where a document that is JSON is not of the type, and why.
fn wrong_place<T: DeserializeOwned>(text: &str, base: &str) -> Fault {
    let mut reader = serde_json::Deserializer::from_str(text);
    let Err(fault) = serde_path_to_error::deserialize::<_, T>(Strictly(&mut reader)) else {
        return Fault::new(base, "is not as the contract has it");
    };
    let Complaint { member, detail } = Complaint::of(&fault.inner().to_string());
    let mut pointer = base.to_owned();
    for segment in fault.path() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                pointer.push_str(&format!("/{}", pointer_token(key)));
            }
            Segment::Unknown => {}
        }
    }
    if let Some(member) = member {
        pointer.push_str(&format!("/{}", pointer_token(&member)));
    }
    Fault::new(pointer, detail)
}
