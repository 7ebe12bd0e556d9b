//! A request or an answer, as signatures see it: no framework's types.

use std::borrow::Cow;

/// Header fields in their order, names in small letters.
pub type Fields<'message> = Vec<(Cow<'message, str>, Cow<'message, [u8]>)>;

/// A request.
#[derive(Debug, Clone)]
pub struct Request<'message> {
    /// The method, in capital letters.
    pub method: &'message str,
    /// `http` or `https`.
    pub scheme: &'message str,
    /// The host with its port, if that is not the usual one, in small letters.
    pub authority: Cow<'message, str>,
    /// The path as it was received.
    pub path: &'message str,
    /// What follows the question mark, if there is one.
    pub query: Option<&'message str>,
    /// Its header fields.
    pub fields: Fields<'message>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer<'message> {
    /// The status.
    pub status: u16,
    /// Its header fields.
    pub fields: Fields<'message>,
    /// The request that is answered.
    pub request: &'message Request<'message>,
}

impl Request<'_> {
    /// The host as signatures have it: in small letters, without the port that the scheme means anyway.
    #[must_use]
    pub fn normalized_authority(scheme: &str, host: &str) -> String {
        let host = host.to_ascii_lowercase();
        let usual = if scheme == "https" { ":443" } else { ":80" };
        host.strip_suffix(usual).map_or_else(|| host.clone(), str::to_owned)
    }

    /// Whether a field is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(own, _)| own == name)
    }

    /// The whole address.
    #[must_use]
    pub fn target_uri(&self) -> String {
        let Self { scheme, authority, path, query, .. } = self;
        match query {
            Some(query) => format!("{scheme}://{authority}{path}?{query}"),
            None => format!("{scheme}://{authority}{path}"),
        }
    }
}

/// The value of a field: its lines in their order, each without the white space around it (RFC 9421, 2.1).
/// None if there is none, or one of them is not printable ASCII.
#[must_use]
pub fn value_of(fields: &Fields<'_>, name: &str) -> Option<String> {
    let mut lines = Vec::new();
    for (_, value) in fields.iter().filter(|(own, _)| own == name) {
        let text = std::str::from_utf8(value)
            .ok()
            .filter(|text| text.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)))?;
        lines.push(text.trim_matches([' ', '\t']).to_owned());
    }
    (!lines.is_empty()).then(|| lines.join(", "))
}
