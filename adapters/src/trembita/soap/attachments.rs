//! What is sent beside a message: parts of one body, as SOAP with Attachments has them, and as MTOM does
//! where the message includes one.

use roxmltree::Node;

use super::message::Tree;
use super::multipart;

/// Where an element stands that a part is to be put in the place of.
const XOP: &str = "http://www.w3.org/2004/08/xop/include";

/// A part to be sent beside a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    id: String,
    media_type: String,
    content: Vec<u8>,
}

impl Enclosure {
    /// A part that the message names as `cid:` and its id.
    ///
    /// # Errors
    /// In words: the id is not 1 to 200 letters, digits and `._@+-`, or the media type is none.
    pub fn new(id: &str, media_type: &str, content: Vec<u8>) -> Result<Self, String> {
        let may_stand = |sign: char| sign.is_ascii_alphanumeric() || "._@+-".contains(sign);
        if id.is_empty() || id.len() > 200 || !id.chars().all(may_stand) {
            return Err(format!(
                "{id:?} cannot be the id of an attachment: give it 1 to 200 letters, digits and ._@+-"
            ));
        }
        let is_visible = media_type.chars().all(|sign| (' '..='~').contains(&sign));
        if !is_visible || !media_type.contains('/') || media_type.len() > 200 {
            return Err(format!("{media_type:?} is no media type"));
        }
        Ok(Self { id: id.to_owned(), media_type: media_type.to_owned(), content })
    }

    /// The id that the message names it by.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its bytes.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

/// Whether the message with that tree includes parts as MTOM has it, and not only names them.
#[must_use]
pub fn includes_parts(tree: &Tree<'_>) -> bool {
    let is_include = |node: Node<'_, '_>| node.has_tag_name((XOP, "Include"));
    tree.descendants().any(is_include)
}

/// A message and what goes beside it as one body, with its Content-Type. `boundary` stands in none of them.
#[must_use]
pub fn enclosed(
    message: &str,
    includes_parts: bool,
    enclosures: &[Enclosure],
    boundary: &str,
) -> (String, Vec<u8>) {
    let (root, own, start_info) = if includes_parts {
        let own = "application/xop+xml; charset=UTF-8; type=\"text/xml\"";
        ("application/xop+xml", own, "; start-info=\"text/xml\"")
    } else {
        ("text/xml", "text/xml; charset=UTF-8", "")
    };
    let start = format!("<message-{boundary}>");
    let first =
        [("Content-Type", own), ("Content-Transfer-Encoding", "8bit"), ("Content-ID", start.as_str())];
    let mut body = multipart::Writer::new(boundary);
    body.part(&first, message.as_bytes());
    for Enclosure { id, media_type, content } in enclosures {
        let id = format!("<{id}>");
        let headers = [
            ("Content-Type", media_type.as_str()),
            ("Content-Transfer-Encoding", "binary"),
            ("Content-ID", id.as_str()),
        ];
        body.part(&headers, content);
    }
    let content_type = format!(
        "multipart/related; type=\"{root}\"; start=\"{start}\"{start_info}; charset=UTF-8; boundary=\"{boundary}\""
    );
    (content_type, body.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trembita::soap::Limits;
    use crate::trembita::soap::message::tree;

    #[test]
    fn an_id_or_a_media_type_that_would_break_the_headers_is_refused() {
        for (id, media_type) in [
            ("", "text/plain"),
            ("a b", "text/plain"),
            ("a>\r\nX: y", "text/plain"),
            ("a", "text"),
            ("a", "text/plain\r\nX: y"),
        ] {
            Enclosure::new(id, media_type, Vec::new()).unwrap_err();
        }
        Enclosure::new("scan-1.pdf", "application/pdf", Vec::new()).unwrap();
    }

    #[test]
    fn a_message_that_includes_a_part_is_one_of_mtom() {
        let limits = Limits::default();
        let including = "<a><x:Include xmlns:x='http://www.w3.org/2004/08/xop/include' href='cid:b'/></a>";
        assert!(includes_parts(&tree(including, &limits).unwrap()));
        assert!(!includes_parts(&tree("<a href='cid:b'><Include/></a>", &limits).unwrap()));
    }

    #[test]
    fn parts_follow_the_message_byte_for_byte() {
        let part = Enclosure::new("b", "application/octet-stream", b"\r\n--x\0".to_vec()).unwrap();
        let (content_type, body) = enclosed("<a/>", false, &[part], "x-y");
        insta::assert_snapshot!(content_type, @r#"multipart/related; type="text/xml"; start="<message-x-y>"; charset=UTF-8; boundary="x-y""#);
        insta::assert_snapshot!(String::from_utf8(body).unwrap().escape_default(), @r#"--x-y\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\nContent-ID: <message-x-y>\r\n\r\n<a/>\r\n--x-y\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <b>\r\n\r\n\r\n--x\u{0}\r\n--x-y--\r\n"#);
    }
}
