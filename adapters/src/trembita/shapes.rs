//! Messages that the contract has as JSON only, as XML: by the schemas of the contract itself. Members are
//! elements with the names that they have in JSON, in any order; an entry of a list is an `item`; what is
//! absent or `null` in JSON is absent here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use roxmltree::Node;
use serde_json::{Map, Number, Value};

use super::services::NAMESPACE;
use super::soap::faults::{FaultCode, Refusal};
use super::xml::{elements, escaped, text_of};

/// The entry of a list.
const ITEM: &str = "item";

/// How many references may follow each other. The contract has no more than three.
const REFERENCES: usize = 16;

/// The schemas of the contract's messages, by name.
#[derive(Debug, Clone, Default)]
pub struct Shapes {
    schemas: Map<String, Value>,
}

/// What a schema comes to.
enum Shape<'a> {
    /// An object, with what is needed of it.
    Members(BTreeMap<&'a str, (&'a Value, bool)>),
    /// A list of these.
    List(&'a Value),
    Number,
    Boolean,
    /// A text, in which white space at the ends says something or not.
    Text {
        is_free: bool,
    },
}

impl Shapes {
    /// The schemas of a contract.
    #[must_use]
    pub fn of_contract(contract: &Value) -> Self {
        let schemas = contract.pointer("/components/schemas").and_then(Value::as_object);
        Self { schemas: schemas.cloned().unwrap_or_default() }
    }

    /// The message in `element` as JSON. What its schema does not know is handed on: whoever reads the JSON
    /// says what is wrong.
    ///
    /// # Errors
    /// [`FaultCode::InvalidRequest`] for what JSON could not say: a member twice, text between members,
    /// another namespace.
    pub(crate) fn json_of(&self, shape: &str, element: Node<'_, '_>) -> Result<Value, Refusal> {
        self.schemas.get(shape).map_or_else(|| text_as_it_is(element), |schema| self.read(schema, element))
    }

    fn read(&self, schema: &Value, element: Node<'_, '_>) -> Result<Value, Refusal> {
        let name = element.tag_name().name();
        match self.shape(schema) {
            Shape::Members(known) => {
                let mut members = Map::new();
                for child in children(element)? {
                    let own = child.tag_name().name();
                    let value = match known.get(own) {
                        Some((schema, _)) => self.read(schema, child)?,
                        None => text_as_it_is(child)?,
                    };
                    if members.insert(own.to_owned(), value).is_some() {
                        return Err(refused(format!("{own} stands twice in {name}")));
                    }
                }
                Ok(Value::Object(members))
            }
            Shape::List(of) => children(element)?
                .into_iter()
                .map(|child| match child.tag_name().name() {
                    ITEM => self.read(of, child),
                    other => Err(refused(format!("{name} holds {ITEM}, not {other}"))),
                })
                .collect::<Result<Vec<_>, _>>()
                .map(Value::Array),
            Shape::Number => {
                let text = text(element)?;
                Ok(text.trim().parse::<Number>().map_or(Value::String(text), Value::Number))
            }
            Shape::Boolean => Ok(match text(element)?.trim() {
                "true" | "1" => Value::Bool(true),
                "false" | "0" => Value::Bool(false),
                other => Value::String(other.to_owned()),
            }),
            Shape::Text { is_free: true } => text(element).map(Value::String),
            Shape::Text { is_free: false } => text(element).map(|text| Value::String(text.trim().to_owned())),
        }
    }

    /// The component that a schema refers to, also one that may be `null`.
    fn reference<'a>(&self, schema: &'a Value) -> Option<&'a str> {
        let named = |schema: &'a Value| schema.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/");
        named(schema).or_else(|| match variants(schema)?.as_slice() {
            [only] => named(only),
            _ => None,
        })
    }

    fn resolved<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        for _ in 0..REFERENCES {
            match self.reference(schema).and_then(|name| self.schemas.get(name)) {
                Some(referred) => schema = referred,
                None => break,
            }
        }
        schema
    }

    fn shape<'a>(&'a self, schema: &'a Value) -> Shape<'a> {
        let schema = self.resolved(schema);
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return Shape::Members(self.members_of(parts.iter()).into_iter().flatten().collect());
        }
        if let Some(variants) = variants(schema) {
            return self.united(&variants);
        }
        match kind(schema) {
            Some("object") => Shape::Members(members(schema)),
            Some("array") => Shape::List(schema.get("items").unwrap_or(&Value::Null)),
            Some("integer" | "number") => Shape::Number,
            Some("boolean") => Shape::Boolean,
            Some(_) | None => Shape::Text {
                is_free: !["format", "pattern", "enum"].iter().any(|word| schema.get(word).is_some()),
            },
        }
    }

    fn members_of<'a>(
        &'a self,
        parts: impl Iterator<Item = &'a Value>,
    ) -> Vec<BTreeMap<&'a str, (&'a Value, bool)>> {
        parts
            .filter_map(|part| match self.shape(part) {
                Shape::Members(members) => Some(members),
                Shape::List(_) | Shape::Number | Shape::Boolean | Shape::Text { .. } => None,
            })
            .collect()
    }

    /// Of several forms of an object: the members of all, of which those are needed that each needs.
    fn united<'a>(&'a self, variants: &[&'a Value]) -> Shape<'a> {
        let forms = self.members_of(variants.iter().copied());
        if forms.len() != variants.len() || forms.is_empty() {
            return match variants {
                [only] => self.shape(only),
                _ => Shape::Text { is_free: true },
            };
        }
        let mut united = BTreeMap::new();
        for form in &forms {
            for (name, (schema, _)) in form {
                let is_needed =
                    forms.iter().all(|form| form.get(name).is_some_and(|(_, is_needed)| *is_needed));
                united.insert(*name, (*schema, is_needed));
            }
        }
        Shape::Members(united)
    }

    /// The types of these messages, and of all that stands in them, for a schema whose prefix for itself is
    /// `tns`.
    #[must_use]
    pub fn types(&self, roots: &[&str]) -> String {
        let named = |root: &&str| self.schemas.get_key_value(*root).map(|(name, _)| name.as_str());
        let mut waiting: Vec<&str> = roots.iter().filter_map(named).collect();
        let mut written = BTreeSet::new();
        let mut text = String::new();
        while let Some(name) = waiting.pop() {
            let Some(schema) = self.schemas.get(name).filter(|_| written.insert(name)) else { continue };
            let (kind, body) = match self.shape(schema) {
                shape @ (Shape::Members(_) | Shape::List(_)) => {
                    ("complexType", self.content(&shape, &mut waiting))
                }
                shape @ (Shape::Number | Shape::Boolean | Shape::Text { .. }) => {
                    let words = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
                    let words: String = words
                        .filter_map(Value::as_str)
                        .map(|word| format!("<xs:enumeration value=\"{}\"/>", escaped(word)))
                        .collect();
                    let base = scalar(&shape, schema);
                    ("simpleType", format!("<xs:restriction base=\"{base}\">{words}</xs:restriction>"))
                }
            };
            let _ = writeln!(text, "  <xs:{kind} name=\"{name}\">{}{body}</xs:{kind}>", documented(schema));
        }
        text
    }

    /// What stands in a complex type.
    fn content<'a>(&'a self, shape: &Shape<'a>, waiting: &mut Vec<&'a str>) -> String {
        match shape {
            Shape::Members(members) => {
                let members: String = members
                    .iter()
                    .map(|(name, (schema, is_needed))| {
                        let occurs = if *is_needed { "" } else { " minOccurs=\"0\"" };
                        self.element(name, schema, occurs, waiting)
                    })
                    .collect();
                format!("<xs:all>{members}</xs:all>")
            }
            Shape::List(of) => {
                let item = self.element(ITEM, of, " minOccurs=\"0\" maxOccurs=\"unbounded\"", waiting);
                format!("<xs:sequence>{item}</xs:sequence>")
            }
            Shape::Number | Shape::Boolean | Shape::Text { .. } => String::new(),
        }
    }

    fn element<'a>(
        &'a self,
        name: &str,
        schema: &'a Value,
        occurs: &str,
        waiting: &mut Vec<&'a str>,
    ) -> String {
        let documented = documented(schema);
        if let Some(component) = self.reference(schema) {
            waiting.push(component);
            return format!(
                "<xs:element name=\"{name}\" type=\"tns:{component}\"{occurs}>{documented}</xs:element>"
            );
        }
        match self.shape(schema) {
            shape @ (Shape::Members(_) | Shape::List(_)) => {
                let content = self.content(&shape, waiting);
                format!(
                    "<xs:element name=\"{name}\"{occurs}>{documented}<xs:complexType>{content}</xs:complexType></xs:element>"
                )
            }
            shape @ (Shape::Number | Shape::Boolean | Shape::Text { .. }) => {
                let kind = scalar(&shape, schema);
                format!("<xs:element name=\"{name}\" type=\"{kind}\"{occurs}>{documented}</xs:element>")
            }
        }
    }
}

/// A message in JSON as an element of the namespace that holds where it is put.
#[must_use]
pub fn xml_of(element: &str, value: &Value) -> String {
    let content: String = match value {
        Value::Null => return String::new(),
        Value::Object(members) => members.iter().map(|(name, value)| xml_of(name, value)).collect(),
        Value::Array(items) => items.iter().map(|item| xml_of(ITEM, item)).collect(),
        Value::String(text) => escaped(text),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    format!("<{element}>{content}</{element}>")
}

/// The forms of a schema that is one of several, without `null`.
fn variants(schema: &Value) -> Option<Vec<&Value>> {
    let all = schema.get("oneOf").or_else(|| schema.get("anyOf"))?.as_array()?;
    Some(all.iter().filter(|one| kind(one) != Some("null")).collect())
}

/// The type of a schema, without `null`.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn members(schema: &Value) -> BTreeMap<&str, (&Value, bool)> {
    let needed: BTreeSet<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let own = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    // A member that may be null is left out when it is.
    let may_be_null = |schema: &Value| {
        let listed = |word: &str| schema.get(word).and_then(Value::as_array);
        listed("type").is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"))
            || listed("oneOf").is_some_and(|forms| forms.iter().any(kind_is_null))
    };
    own.map(|(name, schema)| {
        (name.as_str(), (schema, needed.contains(name.as_str()) && !may_be_null(schema)))
    })
    .collect()
}

fn kind_is_null(schema: &Value) -> bool {
    schema.get("type").is_some_and(|kind| kind == "null")
}

/// The type of XML Schema of a scalar.
fn scalar(shape: &Shape<'_>, schema: &Value) -> &'static str {
    match shape {
        Shape::Number if kind(schema) == Some("integer") => "xs:long",
        Shape::Number => "xs:double",
        Shape::Boolean => "xs:boolean",
        Shape::Text { .. } => match schema.get("format").and_then(Value::as_str) {
            Some("date-time") => "xs:dateTime",
            Some("date") => "xs:date",
            Some(_) | None => "xs:string",
        },
        Shape::Members(_) | Shape::List(_) => "xs:anyType",
    }
}

fn documented(schema: &Value) -> String {
    match schema.get("description").and_then(Value::as_str) {
        Some(text) => format!(
            "<xs:annotation><xs:documentation xml:lang=\"en\">{}</xs:documentation></xs:annotation>",
            escaped(text)
        ),
        None => String::new(),
    }
}

/// The child elements of one that holds nothing else.
fn children<'a, 'input>(element: Node<'a, 'input>) -> Result<Vec<Node<'a, 'input>>, Refusal> {
    let name = element.tag_name().name();
    let is_text =
        |node: &Node<'_, '_>| node.is_text() && node.text().is_some_and(|text| !text.trim().is_empty());
    if element.children().any(|child| is_text(&child)) {
        return Err(refused(format!("text stands between the members of {name}")));
    }
    let own: Vec<_> = elements(element).collect();
    match own.iter().find(|child| child.tag_name().namespace() != Some(NAMESPACE)) {
        Some(strange) => {
            Err(refused(format!("{} is not of the namespace {NAMESPACE}", strange.tag_name().name())))
        }
        None => Ok(own),
    }
}

fn text(element: Node<'_, '_>) -> Result<String, Refusal> {
    text_of(element).ok_or_else(|| refused(format!("{} holds text only", element.tag_name().name())))
}

fn text_as_it_is(element: Node<'_, '_>) -> Result<Value, Refusal> {
    text(element).map(Value::String)
}

fn refused(text: impl std::fmt::Display) -> Refusal {
    Refusal::new(FaultCode::InvalidRequest, text)
}
