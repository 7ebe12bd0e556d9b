//! Signing a message: its Body, every header, the Timestamp and the token, each by its `wsu:Id`. What has
//! none gets one.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kordon_hub::{Error, Result};
use roxmltree::{Document, Node};
use uuid::Uuid;

use super::{BASE64, EXCLUSIVE, Signed, WSSE, WSSE11, WSU, X509V3, header_and_body, is_security};
use crate::keys::{KeyKind, SignatureAlgorithm, Signer};
use crate::trembita::evidence::algorithms::Digest;
use crate::trembita::evidence::c14n::Canonicalization;
use crate::trembita::evidence::xml::DS;
use crate::trembita::soap::SOAP;
use crate::trembita::xml::elements;

const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// How long what is signed here may be taken.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(5);

/// Signs an envelope that has no Security header. With `confirms`, the value of a question's signature, the
/// answer says that it answers this very question.
///
/// # Errors
/// [`Error::Internal`] when the envelope is none, or the key cannot be used.
pub fn sign(
    envelope: &str,
    signer: &dyn Signer,
    confirms: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<String> {
    sign_by(envelope, signer, signer.kind().usual_algorithm(), confirms, now)
}

/// Signs an answer to a question: where that was signed by RSASSA-PSS and the key is of RSA, the answer is
/// too. Else as [`sign`].
///
/// # Errors
/// As [`sign`].
pub fn answer(envelope: &str, signer: &dyn Signer, question: &Signed, now: DateTime<Utc>) -> Result<String> {
    let usual = signer.kind().usual_algorithm();
    let algorithm = match signer.kind() {
        KeyKind::Rsa { .. } if question.is_pss => SignatureAlgorithm::RsaPssSha256,
        KeyKind::Rsa { .. } | KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => usual,
    };
    sign_by(envelope, signer, algorithm, Some(&question.value), now)
}

/// Signs an envelope by an algorithm of the key's kind, otherwise as [`sign`].
///
/// # Errors
/// As [`sign`].
pub fn sign_by(
    envelope: &str,
    signer: &dyn Signer,
    algorithm: SignatureAlgorithm,
    confirms: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<String> {
    let prepared = Prepared::of(envelope, signer, confirms, now)?;
    let document = Document::parse(&prepared.text).map_err(defect)?;
    let mut references = String::new();
    for target in targets(document.root_element())? {
        let id = target.attribute((WSU, "Id")).ok_or_else(|| defect("a part has no Id"))?;
        let digest = Digest::Sha256
            .of(&Canonicalization::EXCLUSIVE.apply(target))
            .ok_or_else(|| defect("the digest cannot be computed"))?;
        let _ = write!(
            references,
            concat!(
                r##"<ds:Reference URI="#{id}"><ds:Transforms><ds:Transform Algorithm="{c14n}"></ds:Transform></ds:Transforms>"##,
                r#"<ds:DigestMethod Algorithm="{method}"></ds:DigestMethod><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"#
            ),
            id = id,
            c14n = EXCLUSIVE,
            method = SHA256,
            digest = STANDARD.encode(digest),
        );
    }
    // Written as exclusive canonical form has it, so that it is its own form.
    let signed_info = |declared: &str| {
        format!(
            concat!(
                r#"<ds:SignedInfo{declared}><ds:CanonicalizationMethod Algorithm="{c14n}"></ds:CanonicalizationMethod>"#,
                r#"<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>{references}</ds:SignedInfo>"#
            ),
            declared = declared,
            c14n = EXCLUSIVE,
            method = algorithm.uri(),
            references = references,
        )
    };
    let value = signer.sign(algorithm, signed_info(&format!(" xmlns:ds=\"{DS}\"")).as_bytes())?;
    let signature = format!(
        concat!(
            r#"<ds:Signature xmlns:ds="{ds}">{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo>"#,
            r##"<wsse:SecurityTokenReference><wsse:Reference URI="#{token}" ValueType="{x509}"/></wsse:SecurityTokenReference>"##,
            "</ds:KeyInfo></ds:Signature>"
        ),
        ds = DS,
        signed_info = signed_info(""),
        value = STANDARD.encode(value),
        token = prepared.token,
        x509 = X509V3,
    );
    let (before, after) =
        prepared.text.split_at_checked(prepared.place).ok_or_else(|| defect("the place is outside"))?;
    Ok([before, &signature, after].concat())
}

/// An envelope with ids and a Security header that lacks its Signature.
struct Prepared {
    text: String,
    /// Where the Signature goes.
    place: usize,
    /// The Id of the token.
    token: String,
}

impl Prepared {
    fn of(envelope: &str, signer: &dyn Signer, confirms: Option<&[u8]>, now: DateTime<Utc>) -> Result<Self> {
        let document = Document::parse(envelope).map_err(defect)?;
        let (header, body) = header_and_body(document.root_element());
        let body = body.ok_or_else(|| defect("the envelope has no Body"))?;
        let mut wsu = "wsu".to_owned();
        while envelope.contains(&format!("xmlns:{wsu}=")) {
            wsu.push('_');
        }
        let id = Uuid::new_v4().simple().to_string();
        let (token, security) = security(&id, signer, confirms, now);
        let mut edits = Vec::new();
        let headers: Vec<Node<'_, '_>> = header.map(|header| elements(header).collect()).unwrap_or_default();
        if headers.iter().any(|header| is_security(*header)) {
            return Err(defect("the envelope is signed already"));
        }
        for (index, part) in headers.iter().chain([&body]).enumerate() {
            if part.attribute((WSU, "Id")).is_none() {
                let place = end_of_name(*part, envelope);
                edits.push((place, format!(" xmlns:{wsu}=\"{WSU}\" {wsu}:Id=\"part-{index}-{id}\"")));
            }
        }
        match header {
            Some(header) => {
                let text = envelope.get(header.range()).unwrap_or_default();
                let end = text.rfind("</").ok_or_else(|| defect("the Header is empty"))?;
                edits.push((header.range().start + end, security));
            }
            None => {
                let header = format!("<S:Header xmlns:S=\"{SOAP}\">{security}</S:Header>");
                edits.push((body.range().start, header));
            }
        }
        edits.sort_by_key(|(place, _)| *place);
        let mut text = String::with_capacity(envelope.len() + 8192);
        let mut from = 0;
        for (place, edit) in edits {
            text.push_str(envelope.get(from..place).unwrap_or_default());
            text.push_str(&edit);
            from = place;
        }
        text.push_str(envelope.get(from..).unwrap_or_default());
        let place = text.find(END).ok_or_else(|| defect("the Security header is lost"))?;
        Ok(Self { text, place, token })
    }
}

const END: &str = "</wsse:Security>";

/// The Security header without its Signature, and the Id of the token in it.
fn security(id: &str, signer: &dyn Signer, confirms: Option<&[u8]>, now: DateTime<Utc>) -> (String, String) {
    let token = format!("token-{id}");
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
    let mut text = format!(
        concat!(
            r#"<wsse:Security xmlns:wsse="{wsse}" xmlns:wsu="{wsu}"><wsu:Timestamp wsu:Id="time-{id}">"#,
            "<wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>",
            r#"<wsse:BinarySecurityToken EncodingType="{base64}" ValueType="{x509}" wsu:Id="{token}">{certificate}</wsse:BinarySecurityToken>"#
        ),
        wsse = WSSE,
        wsu = WSU,
        id = id,
        created = time(now),
        expires = time(now + GOOD_FOR),
        base64 = BASE64,
        x509 = X509V3,
        token = token,
        certificate = STANDARD.encode(signer.certificate()),
    );
    if let Some(value) = confirms {
        let _ = write!(
            text,
            r#"<wsse11:SignatureConfirmation xmlns:wsse11="{WSSE11}" wsu:Id="confirmation-{id}" Value="{}"/>"#,
            STANDARD.encode(value),
        );
    }
    text.push_str(END);
    (token, text)
}

/// All that is signed, by its places.
fn targets<'a, 'input: 'a>(envelope: Node<'a, 'input>) -> Result<Vec<Node<'a, 'input>>> {
    let (header, body) = header_and_body(envelope);
    let header = header.ok_or_else(|| defect("the envelope has no Header"))?;
    let (security, headers): (Vec<_>, Vec<_>) = elements(header).partition(|child| is_security(*child));
    let parts = security.into_iter().flat_map(elements);
    Ok(headers.into_iter().chain(body).chain(parts).collect())
}

/// Where the name of an element's start tag ends.
fn end_of_name(element: Node<'_, '_>, text: &str) -> usize {
    let start = element.range().start;
    let tag = text.get(start..).unwrap_or_default();
    let name =
        tag.find(|end: char| end.is_ascii_whitespace() || matches!(end, '>' | '/')).unwrap_or(tag.len());
    start + name
}

fn defect(fault: impl std::fmt::Display) -> Error {
    Error::Internal(format!("a message cannot be signed: {fault}"))
}
