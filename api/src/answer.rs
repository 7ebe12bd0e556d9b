//! Answers in the form that the client asked for: JSON, or XML where the contract offers it.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, HeaderMap};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload};
use kordon_schemas::{ProblemCode, ToCsv, ToXml};
use serde::Serialize;

use crate::problem::{Failure, Result};

/// A form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `application/json`.
    Json,
    /// `application/xml`.
    Xml,
}

impl Form {
    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }

    /// A short name, for entity tags.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }

    /// An answer of `value` in this form.
    ///
    /// # Errors
    /// Never for the messages of the contract; a value that JSON cannot hold is a defect.
    pub fn answer<T: Serialize + ToXml>(self, status: StatusCode, value: &T) -> Result<HttpResponse> {
        Ok(self.answer_written(status, self.write(value)?.into()))
    }

    /// An answer of what was written in this form before.
    #[must_use]
    pub fn answer_written(self, status: StatusCode, body: Bytes) -> HttpResponse {
        HttpResponse::build(status).content_type(self.media_type()).body(body)
    }

    /// Writes `value` in this form.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn write<T: Serialize + ToXml>(self, value: &T) -> Result<Vec<u8>, kordon_hub::Error> {
        match self {
            Self::Json => {
                serde_json::to_vec(value).map_err(|error| kordon_hub::Error::Internal(error.to_string()))
            }
            Self::Xml => Ok(value.to_xml()),
        }
    }
}

/// What the client accepts: for handlers that answer in either form. JSON when it does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepts(pub Form);

impl FromRequest for Accepts {
    type Error = Failure;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            preferred(request.headers())
                .map(Self)
                .ok_or_else(|| Failure::new(ProblemCode::NotAcceptable, "the answer is JSON or XML")),
        )
    }
}

/// What the client accepts, for handlers that answer in JSON only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptsJson;

impl FromRequest for AcceptsJson {
    type Error = Failure;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(if quality(request.headers(), &JSON) > 0 {
            Ok(Self)
        } else {
            Err(Failure::new(ProblemCode::NotAcceptable, "the answer is JSON"))
        })
    }
}

/// A media type that an operation answers in, and no other.
pub trait Media: 'static {
    /// The media type.
    const TYPE: &'static str;
    /// The range over it.
    const RANGE: &'static str;
}

/// Server-Sent Events.
#[derive(Debug)]
pub enum EventStream {}

impl Media for EventStream {
    const TYPE: &'static str = "text/event-stream";
    const RANGE: &'static str = "text/*";
}

/// A document of the exchange.
#[derive(Debug)]
pub enum Xml {}

impl Media for Xml {
    const TYPE: &'static str = "application/xml";
    const RANGE: &'static str = "application/*";
}

/// A signed message (RFC 5652, RFC 7193).
#[derive(Debug)]
pub enum Cms {}

impl Media for Cms {
    const TYPE: &'static str = "application/cms";
    const RANGE: &'static str = "application/*";
}

/// Certificates in PEM (RFC 8555).
#[derive(Debug)]
pub enum Certificates {}

impl Media for Certificates {
    const TYPE: &'static str = "application/pem-certificate-chain";
    const RANGE: &'static str = "application/*";
}

/// An archive of files.
#[derive(Debug)]
pub enum Archive {}

impl Media for Archive {
    const TYPE: &'static str = "application/zip";
    const RANGE: &'static str = "application/*";
}

/// Bytes of which nobody knows what they are.
#[derive(Debug)]
pub enum Attached {}

impl Media for Attached {
    const TYPE: &'static str = "application/octet-stream";
    const RANGE: &'static str = "application/*";
}

/// What the client accepts, for handlers that answer in one media type of their own.
#[derive(Debug, Clone, Copy)]
pub struct AcceptsMedia<M>(PhantomData<M>);

impl<M: Media> FromRequest for AcceptsMedia<M> {
    type Error = Failure;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(if quality(request.headers(), &AskedForm { types: &[M::TYPE], range: M::RANGE }) > 0 {
            Ok(Self(PhantomData))
        } else {
            Err(Failure::new(ProblemCode::NotAcceptable, format!("the answer is {}", M::TYPE)))
        })
    }
}

/// The form that the client prefers; none when it takes neither.
#[must_use]
pub fn preferred(headers: &HeaderMap) -> Option<Form> {
    let (json, xml) = (quality(headers, &JSON), quality(headers, &XML));
    match (json, xml) {
        (0, 0) => None,
        _ if xml > json => Some(Form::Xml),
        _ => Some(Form::Json),
    }
}

/// A form of an answer that is a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
}

impl TableForm {
    /// An answer of `value` in this form.
    #[must_use]
    pub fn answer<T: Serialize + ToCsv>(self, value: &T) -> HttpResponse {
        match self {
            Self::Json => HttpResponse::Ok().json(value),
            Self::Csv => HttpResponse::Ok()
                .content_type("text/csv; charset=utf-8; header=present")
                .body(value.to_csv()),
        }
    }
}

/// What the client accepts: for handlers that answer in JSON or as a table. JSON when it does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptsTable(pub TableForm);

impl FromRequest for AcceptsTable {
    type Error = Failure;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (json, csv) = (quality(request.headers(), &JSON), quality(request.headers(), &CSV));
        ready(match (json, csv) {
            (0, 0) => Err(Failure::new(ProblemCode::NotAcceptable, "the answer is JSON or CSV")),
            _ if csv > json => Ok(Self(TableForm::Csv)),
            _ => Ok(Self(TableForm::Json)),
        })
    }
}

/// The media types under which a form is asked for, and the range over them.
struct AskedForm {
    types: &'static [&'static str],
    range: &'static str,
}

const JSON: AskedForm =
    AskedForm { types: &["application/json", "application/problem+json"], range: "application/*" };
const XML: AskedForm =
    AskedForm { types: &["application/xml", "text/xml", "application/problem+xml"], range: "application/*" };
const CSV: AskedForm = AskedForm { types: &["text/csv"], range: "text/*" };

/// How much a client wants a form, in thousandths (RFC 9110, section 12.5.1): the most specific range that
/// matches decides.
fn quality(headers: &HeaderMap, form: &AskedForm) -> u32 {
    let mut ranges = headers
        .get_all(ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .peekable();
    if ranges.peek().is_none() {
        return 1000;
    }
    let mut best = (0, 0);
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let specificity = match parts.next().map(str::to_ascii_lowercase).as_deref() {
            Some(named) if form.types.contains(&named) => 3,
            Some(named) if named == form.range => 2,
            Some("*/*") => 1,
            Some(_) | None => continue,
        };
        let weight = parts
            .filter_map(|parameter| parameter.strip_prefix("q="))
            .find_map(|weight| weight.parse::<f32>().ok())
            .map_or(1000, thousandths);
        if specificity >= best.0 {
            best = (specificity, weight);
        }
    }
    best.1
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1000 first")]
fn thousandths(weight: f32) -> u32 {
    (weight.clamp(0.0, 1.0) * 1000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn accepting(accept: &str) -> Option<Form> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        preferred(&headers)
    }

    #[test]
    fn json_unless_xml_is_wanted_more() {
        assert_eq!(preferred(&HeaderMap::new()), Some(Form::Json));
        assert_eq!(accepting("*/*"), Some(Form::Json));
        assert_eq!(accepting("application/xml"), Some(Form::Xml));
        assert_eq!(accepting("text/xml, application/json;q=0.5"), Some(Form::Xml));
        assert_eq!(accepting("application/*"), Some(Form::Json));
        assert_eq!(accepting("application/json;q=0, */*"), Some(Form::Xml));
    }

    #[test]
    fn neither_form_is_not_acceptable() {
        assert_eq!(accepting("text/html"), None);
        assert_eq!(accepting("application/json;q=0"), None);
    }
}
