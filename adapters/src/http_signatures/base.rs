//! The text that is signed (RFC 9421, 2.5).

use std::fmt::Write;

use sfv::{FieldType, InnerList, Item};

use super::message::{Answer, Request, value_of};
use crate::trembita::security::{Reason, Refusal};

/// Components of one signature.
const COMPONENTS: usize = 64;

/// A message whose parts are signed.
#[derive(Debug, Clone, Copy)]
pub enum Message<'message> {
    /// A request.
    Request(&'message Request<'message>),
    /// An answer, with the request that it answers.
    Answer(&'message Answer<'message>),
}

/// One covered component: its name, and whether it is of the request.
pub(super) type Covered = (String, bool);

/// The text that is signed, for a signature whose list of components and parameters is `input`.
///
/// # Errors
/// [`Reason::Structure`] when the list can't be read, or a component is not there.
pub fn text(message: Message<'_>, input: &str) -> Result<String, Refusal> {
    let list: sfv::List =
        sfv::Parser::new(input).parse().map_err(|error| refused(format!("the list: {error}")))?;
    match list.as_slice() {
        [sfv::ListEntry::InnerList(input)] => of(message, input).map(|(text, _)| text),
        _ => Err(refused("the list of components is one list".to_owned())),
    }
}

/// The text, and what it covers. `input` is the list of components with its parameters, which is the last
/// line.
pub(super) fn of(message: Message<'_>, input: &InnerList) -> Result<(String, Vec<Covered>), Refusal> {
    if input.items.len() > COMPONENTS {
        return Err(refused(format!("more than {COMPONENTS} components")));
    }
    let mut text = String::new();
    let mut covered = Vec::with_capacity(input.items.len());
    for item in &input.items {
        let (name, of_request) = component(item)?;
        let value = match (message, of_request) {
            (Message::Request(_), true) => {
                return Err(refused(format!("{name:?}: a request has no component with \"req\"")));
            }
            (Message::Request(request), false) => of_request_value(request, &name),
            (Message::Answer(answer), true) => of_request_value(answer.request, &name),
            (Message::Answer(answer), false) => match name.as_str() {
                "@status" => Some(answer.status.to_string()),
                name if name.starts_with('@') => None,
                name => value_of(&answer.fields, name),
            },
        };
        let value = value
            .ok_or_else(|| refused(format!("there is no component {name:?}, or it is not taken here")))?;
        let parameter = if of_request { ";req" } else { "" };
        let _ = writeln!(text, "\"{name}\"{parameter}: {value}");
        let one = (name, of_request);
        if covered.contains(&one) {
            return Err(refused(format!("the component {:?} stands twice", one.0)));
        }
        covered.push(one);
    }
    let _ = write!(text, "\"@signature-params\": {}", parameters(input)?);
    Ok((text, covered))
}

/// The list as the last line has it: strictly serialized, in the order in which it was received.
pub(super) fn parameters(input: &InnerList) -> Result<String, Refusal> {
    let list = vec![sfv::ListEntry::InnerList(input.clone())];
    FieldType::serialize(&list).ok_or_else(|| refused("the parameters cannot be written".to_owned()))
}

/// The name of a component, and whether it is of the request. No other parameter is taken: they choose parts
/// of fields.
fn component(item: &Item) -> Result<Covered, Refusal> {
    let name =
        item.bare_item.as_string().ok_or_else(|| refused("a component is a string".to_owned()))?.as_str();
    let is_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"@!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_name) {
        return Err(refused(format!("{name:?} is no component: names are in small letters")));
    }
    let mut of_request = false;
    for (parameter, value) in &item.params {
        if parameter.as_str() != "req" || value.as_boolean() != Some(true) {
            return Err(refused(format!(
                "{name:?}: the parameter {:?} is not taken here",
                parameter.as_str()
            )));
        }
        of_request = true;
    }
    Ok((name.to_owned(), of_request))
}

fn of_request_value(request: &Request<'_>, name: &str) -> Option<String> {
    match name {
        "@method" => Some(request.method.to_owned()),
        "@target-uri" => Some(request.target_uri()),
        "@authority" => Some(request.authority.clone().into_owned()),
        "@scheme" => Some(request.scheme.to_owned()),
        "@path" => Some(request.path.to_owned()),
        // RFC 9421, 2.2.7: without a query it is the question mark alone.
        "@query" => Some(format!("?{}", request.query.unwrap_or_default())),
        "@request-target" => Some(match request.query {
            Some(query) => format!("{}?{query}", request.path),
            None => request.path.to_owned(),
        }),
        name if name.starts_with('@') => None,
        name => value_of(&request.fields, name),
    }
}

pub(super) fn refused(text: String) -> Refusal {
    Refusal::new(Reason::Structure, text)
}
