//! Request bodies: bounded, then read in the form that `Content-Type` says.

use std::future::Future;
use std::pin::Pin;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use kordon_schemas::ProblemCode;
use serde::de::DeserializeOwned;

use crate::answer::Form;
use crate::problem::{Failure, Result};
use crate::receiving::receive;

/// The largest body, in bytes.
pub const LARGEST: usize = 2 * 1024 * 1024;

/// A body as it came, at most [`LARGEST`] bytes, with its form.
#[derive(Debug, Clone)]
pub struct Body {
    /// The bytes.
    pub bytes: web::Bytes,
    /// The form that `Content-Type` says.
    pub form: Form,
    /// The charset that `Content-Type` says.
    pub charset: Option<String>,
}

impl FromRequest for Body {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = identity(request).and_then(|()| form_of(request));
        let payload = payload.take();
        Box::pin(async move {
            let (form, charset) = form?;
            let bytes = receive(payload, LARGEST).await?;
            Ok(Self { bytes, form, charset })
        })
    }
}

/// The largest mail, in bytes.
pub const LARGEST_MAIL: usize = 12 * 1024 * 1024;

/// A mail as it came, at most [`LARGEST_MAIL`] bytes.
#[derive(Debug, Clone)]
pub struct MailBody(pub web::Bytes);

impl FromRequest for MailBody {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mail =
            identity(request).and_then(|()| match media_type(request)?.split(';').next().map(str::trim) {
                Some(media) if media.eq_ignore_ascii_case("message/rfc822") => Ok(()),
                Some(_) | None => {
                    Err(Failure::new(ProblemCode::UnsupportedMediaType, "the body is `message/rfc822`"))
                }
            });
        let payload = payload.take();
        Box::pin(async move {
            mail?;
            Ok(Self(receive(payload, LARGEST_MAIL).await?))
        })
    }
}

impl Body {
    /// Reads a body that the contract takes as JSON only.
    ///
    /// # Errors
    /// The problem of the body, with the place of each fault.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        match self.form {
            Form::Json => Ok(kordon_schemas::read_json(&self.bytes)?),
            Form::Xml => Err(Failure::new(ProblemCode::UnsupportedMediaType, "this operation takes JSON")),
        }
    }
}

/// A compressed body is refused: a megabyte of it may hold a gigabyte, and the limit counts what arrives.
fn identity(request: &HttpRequest) -> Result<()> {
    match request.headers().get(CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            Err(Failure::new(ProblemCode::UnsupportedMediaType, "the body is sent uncompressed"))
        }
        Some(_) | None => Ok(()),
    }
}

/// The form and charset that a request's `Content-Type` says.
fn form_of(request: &HttpRequest) -> Result<(Form, Option<String>)> {
    let unsupported = |detail: &str| Failure::new(ProblemCode::UnsupportedMediaType, detail);
    let mut parts = media_type(request)?.split(';').map(str::trim);
    let form = match parts.next().map(str::to_ascii_lowercase).as_deref() {
        Some("application/json") => Form::Json,
        Some("application/xml" | "text/xml") => Form::Xml,
        _ => return Err(unsupported("the body is `application/json` or `application/xml`")),
    };
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    match (form, charset.as_deref()) {
        (Form::Json, Some(other)) if other != "utf-8" => Err(unsupported("JSON is sent in UTF-8")),
        _ => Ok((form, charset)),
    }
}

fn media_type(request: &HttpRequest) -> Result<&str> {
    let unsupported = |detail: &str| Failure::new(ProblemCode::UnsupportedMediaType, detail);
    let mut types = request.headers().get_all(CONTENT_TYPE);
    let (Some(value), None) = (types.next(), types.next()) else {
        return Err(unsupported("the header `Content-Type` is missing or stands twice"));
    };
    value.to_str().map_err(|_| unsupported("the header `Content-Type` cannot be read"))
}
