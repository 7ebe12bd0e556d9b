//! Attachments: the parts of a `multipart` body. Lines may end with LF alone, as X-Road's own do, and headers
//! may be folded.

use super::faults::{FaultCode, Refusal};

/// Headers of one part, in bytes.
const HEADERS: usize = 16 << 10;

/// One part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'body> {
    /// Its headers in order, names as they came, folded values on one line.
    pub headers: Vec<(String, String)>,
    /// Its content, byte for byte.
    pub content: &'body [u8],
}

impl Part<'_> {
    /// The first header of that name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The Content-ID without its angle brackets.
    #[must_use]
    pub fn content_id(&self) -> Option<&str> {
        let id = self.header("Content-ID")?;
        Some(id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id))
    }
}

/// Takes a body apart.
///
/// # Errors
/// [`FaultCode::InvalidMessage`] when parts are not closed, too many, or their headers can't be read.
pub fn parts<'body>(body: &'body [u8], boundary: &str, limit: usize) -> Result<Vec<Part<'body>>, Refusal> {
    let mut delimiter = b"--".to_vec();
    delimiter.extend_from_slice(boundary.as_bytes());
    let mut parts = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = 0;
    while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |position| position + 1);
        let line = rest.get(..end).unwrap_or_default();
        if let Some(closing) = closes(line, &delimiter) {
            if let Some(start) = open.take() {
                if parts.len() == limit {
                    return Err(refused(format!("more than {limit} parts")));
                }
                parts.push(part(body.get(start..before_line_end(body, at)).unwrap_or_default())?);
            }
            if closing {
                return Ok(parts);
            }
            open = Some(at + end);
        }
        at += end;
    }
    if open.is_some() {
        return Err(refused("the last part is not closed"));
    }
    Ok(parts)
}

/// Whether a line is a delimiter, and if so whether it is the last.
fn closes(line: &[u8], delimiter: &[u8]) -> Option<bool> {
    let after = line.strip_prefix(delimiter)?;
    let (closing, padding) = match after.strip_prefix(b"--") {
        Some(padding) => (true, padding),
        None => (false, after),
    };
    padding.iter().all(u8::is_ascii_whitespace).then_some(closing)
}

/// The line end before a delimiter belongs to the delimiter.
fn before_line_end(body: &[u8], at: usize) -> usize {
    let before = body.get(..at).unwrap_or_default();
    let kept = before.strip_suffix(b"\r\n").or_else(|| before.strip_suffix(b"\n")).unwrap_or(before);
    kept.len()
}

fn part(bytes: &[u8]) -> Result<Part<'_>, Refusal> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut at = 0;
    loop {
        let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else {
            return Ok(Part { headers, content: &[] });
        };
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |position| position + 1);
        let line = rest.get(..end).unwrap_or_default().trim_ascii_end();
        at += end;
        if at > HEADERS && !line.is_empty() {
            return Err(refused("the headers of a part are too long"));
        }
        if line.is_empty() {
            return Ok(Part { headers, content: bytes.get(at..).unwrap_or_default() });
        }
        let text = std::str::from_utf8(line).map_err(|_| refused("the headers of a part are not UTF-8"))?;
        if text.starts_with([' ', '\t']) {
            let (_, value) =
                headers.last_mut().ok_or_else(|| refused("a part begins with a folded header"))?;
            if !value.is_empty() {
                value.push(' ');
            }
            value.push_str(text.trim());
            continue;
        }
        let (name, value) =
            text.split_once(':').ok_or_else(|| refused(format!("{text:?} is no header of a part")))?;
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
}

/// Writes a body part by part.
pub(super) struct Writer<'boundary> {
    boundary: &'boundary str,
    body: Vec<u8>,
}

impl<'boundary> Writer<'boundary> {
    /// A body without parts. `boundary` stands in none of them.
    pub(super) const fn new(boundary: &'boundary str) -> Self {
        Self { boundary, body: Vec::new() }
    }

    /// Adds a part with its headers.
    pub(super) fn part(&mut self, headers: &[(&str, &str)], content: &[u8]) {
        let Self { boundary, body } = self;
        body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        for (name, value) in headers {
            body.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }

    /// The body, closed.
    pub(super) fn finish(self) -> Vec<u8> {
        let Self { boundary, mut body } = self;
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        body
    }
}

fn refused(text: impl std::fmt::Display) -> Refusal {
    Refusal::new(FaultCode::InvalidMessage, text)
}
