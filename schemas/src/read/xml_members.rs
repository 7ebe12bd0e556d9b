//! The members of a flat XML element, given to the same derived reader as the JSON.
//!
//! An element such as `<event>` holds its members as child elements, in any order, by their JSON names. Here
//! they become name and text, and serde makes of them what it makes of a JSON object: unknown and repeated
//! members, kinds, plates and times are judged once, in one place, with the same words.

use std::borrow::Cow;

use roxmltree::Node;
use serde::de::value::{Error, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_path_to_error::Segment;

use super::complaint::Complaint;
use super::place::Places;
use crate::characters::{clipped, first_forbidden, forbidden_detail};
use crate::problem::Fault;
use crate::xml::NAMESPACE;

/// Members whose text is kept as it was written. White space around all others says nothing.
const AS_WRITTEN: [&str; 3] = ["plate", "reason", "not_used_because"];

/// The namespace of `xsi:schemaLocation` and its kin.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// A flat element and where it stands, to tell the places of its faults.
pub(super) struct Members<'a, 'input> {
    element: Node<'a, 'input>,
    /// The names of the elements down to this one, for example `events/event[3]`.
    path: &'a str,
    places: &'a Places<'input>,
    members: Vec<(&'a str, Member<'a>)>,
}

/// The text of a member.
#[derive(Debug, Clone)]
struct Member<'a> {
    text: Cow<'a, str>,
}

impl<'a, 'input> Members<'a, 'input> {
    /// Takes the members of an element.
    ///
    /// # Errors
    /// The first thing that is no member: text between the elements, an attribute, an element of another namespace or with elements
    /// in it, a character that cannot be kept.
    pub(super) fn of(
        element: Node<'a, 'input>,
        path: &'a str,
        places: &'a Places<'input>,
    ) -> Result<Self, Vec<Fault>> {
        Self::of_but(element, path, places, &[]).map(|(members, _)| members)
    }

    /// The same of an element with some members that are no text: those of these names are given back, in their order.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(super) fn of_but(
        element: Node<'a, 'input>,
        path: &'a str,
        places: &'a Places<'input>,
        nested: &[&str],
    ) -> Result<(Self, Vec<Node<'a, 'input>>), Vec<Fault>> {
        let mut taken = Self { element, path, places, members: Vec::with_capacity(8) };
        let mut apart = Vec::new();
        taken.refuse_attributes(element, None)?;
        for child in element.children() {
            let name = child.tag_name();
            if child.is_element() && name.namespace() == Some(NAMESPACE) && nested.contains(&name.name()) {
                apart.push(child);
            } else if child.is_element() {
                taken.take(child)?;
            } else if child.is_text() && !is_white(child) {
                let detail = "has text between its members; a member is an element of its own";
                return Err(vec![taken.fault_at(child, None, detail)]);
            }
        }
        Ok((taken, apart))
    }

    fn take(&mut self, member: Node<'a, 'input>) -> Result<(), Vec<Fault>> {
        let name = member.tag_name().name();
        let fault = |detail: &str| Err(vec![self.fault_at(member, Some(name), detail)]);
        if member.tag_name().namespace() != Some(NAMESPACE) {
            return fault(&format!("is not of the namespace `{NAMESPACE}`"));
        }
        self.refuse_attributes(member, Some(name))?;
        if let Some(inner) = member.children().find(Node::is_element) {
            return fault(&format!(
                "holds the element `{}`; it holds text only",
                clipped(inner.tag_name().name(), 40)
            ));
        }
        let text = text_of(member);
        if let Some(character) = first_forbidden(&text) {
            return fault(&forbidden_detail(character));
        }
        let text = if AS_WRITTEN.contains(&name) { text } else { trimmed(text) };
        self.members.push((name, Member { text }));
        Ok(())
    }

    fn refuse_attributes(&self, element: Node<'a, 'input>, member: Option<&str>) -> Result<(), Vec<Fault>> {
        match strange_attribute(element) {
            Some(detail) => Err(vec![self.fault_at(element, member, &detail)]),
            None => Ok(()),
        }
    }

    /// Reads the members as a message.
    ///
    /// # Errors
    /// What the derived reader does not like, at its place.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Vec<Fault>> {
        let members: MapDeserializer<'_, _, Error> = MapDeserializer::new(self.members.iter().cloned());
        serde_path_to_error::deserialize(members).map_err(|fault| {
            let named = fault.path().iter().next_back().and_then(|segment| match segment {
                Segment::Map { key } => Some(key.as_str()),
                Segment::Seq { .. } | Segment::Enum { .. } | Segment::Unknown => None,
            });
            let Complaint { member, detail } = Complaint::of(&fault.inner().to_string());
            vec![self.fault(member.as_deref().or(named), &detail)]
        })
    }

    /// A fault of a member by its name: at its element, where there is one, and else at the element that misses it.
    pub(super) fn fault(&self, member: Option<&str>, detail: &str) -> Fault {
        let named = |child: &Node<'a, 'input>| child.is_element() && Some(child.tag_name().name()) == member;
        // Of two with one name the second is the one too many.
        let at = self.element.children().rfind(named).unwrap_or(self.element);
        self.fault_at(at, member, detail)
    }

    fn fault_at(&self, at: Node<'a, 'input>, member: Option<&str>, detail: &str) -> Fault {
        let place = self.places.of(at.range().start);
        let path = match member {
            Some(member) => format!("{}/{} ({place})", self.path, clipped(member, 40)),
            None => format!("{} ({place})", self.path),
        };
        Fault::new(path, detail)
    }
}

/// Says which attribute an element must not have. No element of the hub has any; those by which XML Schema tells its own business
/// (where the schema is, which type this is) are let pass, and `xsi:nil` is not.
pub(super) fn strange_attribute(element: Node<'_, '_>) -> Option<String> {
    let strange = |name: &str, namespace: Option<&str>| namespace != Some(SCHEMA_INSTANCE) || name == "nil";
    let attribute =
        element.attributes().find(|attribute| strange(attribute.name(), attribute.namespace()))?;
    Some(format!("has the attribute `{}`; it has none", clipped(attribute.name(), 40)))
}

/// Whether a text is white space only.
pub(super) fn is_white(text: Node<'_, '_>) -> bool {
    text.text().is_none_or(|text| text.bytes().all(|byte| byte.is_ascii_whitespace()))
}

/// The whole text of an element. A comment in its midst parts it and takes nothing away.
fn text_of<'a>(element: Node<'a, '_>) -> Cow<'a, str> {
    let mut texts = element.children().filter(Node::is_text).filter_map(|text| text.text());
    let first = texts.next().unwrap_or_default();
    match texts.next() {
        None => Cow::Borrowed(first),
        Some(second) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
    }
}

/// The id of an event that could not be read.
pub(super) fn id_of(element: Node<'_, '_>) -> Option<String> {
    let id = element.children().find(|child| child.has_tag_name((NAMESPACE, "id")))?;
    Some(trimmed(text_of(id)).into_owned())
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    let white = [' ', '\t', '\r', '\n'];
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(white)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(white).to_owned()),
    }
}

impl<'de> IntoDeserializer<'de, Error> for Member<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Member<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(&self.text)
    }

    /// A member that is there has a value; one that is absent is not asked.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.text.as_ref().into_deserializer())
    }

    /// A number is what JSON takes for one, read by the same reader: the same text is the same value.
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match serde_json::from_str(&self.text) {
            Ok(number) => visitor.visit_f32(number),
            Err(_) => Err(Error::custom("is not a number such as 0.97")),
        }
    }

    /// The words of XML Schema for it.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.text.as_ref() {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            _ => Err(Error::custom("is `true` or `false`")),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}
