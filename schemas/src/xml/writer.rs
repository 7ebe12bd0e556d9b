//! How a message becomes XML: each says its members one by one, so that a new one cannot be forgotten.

use std::borrow::Cow;
use std::fmt::Display;

use chrono::{DateTime, SecondsFormat, Utc};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use uuid::Uuid;

use super::NAMESPACE;
use crate::characters::is_forbidden;
use crate::codes::CheckpointCode;
use crate::plate::Plate;

/// A message, or a part of one, with an XML form.
pub trait ToXml {
    /// The name of its element.
    fn element(&self) -> &'static str;

    /// The namespace of its element and of what is in it.
    fn namespace(&self) -> &'static str {
        NAMESPACE
    }

    /// Writes what is in its element.
    fn write_members(&self, elements: &mut Elements);

    /// The whole document, in UTF-8.
    fn to_xml(&self) -> Vec<u8> {
        let mut elements = Elements { writer: Writer::new(Vec::with_capacity(1_024)), namespace: "" };
        elements.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        elements.part(self);
        elements.writer.into_inner()
    }
}

/// A value that is written as the text of an element.
pub trait XmlText {
    /// The text, not yet escaped.
    fn xml_text(&self) -> Cow<'_, str>;
}

/// Elements on their way into a document.
pub struct Elements {
    writer: Writer<Vec<u8>>,
    /// The namespace that elements have here unless they declare another.
    namespace: &'static str,
}

impl Elements {
    /// An element with a text.
    pub fn value(&mut self, name: &str, value: &(impl XmlText + ?Sized)) {
        let text = value.xml_text();
        self.put(Event::Start(BytesStart::new(name)));
        self.put(Event::Text(BytesText::new(&sayable(&text))));
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// An element with a text, or none.
    pub fn optional(&mut self, name: &str, value: Option<&impl XmlText>) {
        if let Some(value) = value {
            self.value(name, value);
        }
    }

    /// An element that holds one element for each value.
    pub fn values(&mut self, name: &str, entry: &str, values: &[impl XmlText]) {
        self.put(Event::Start(BytesStart::new(name)));
        for value in values {
            self.value(entry, value);
        }
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// The element of another message that is a part of this one.
    pub fn part(&mut self, part: &(impl ToXml + ?Sized)) {
        let outer = self.namespace;
        let mut start = BytesStart::new(part.element());
        if part.namespace() != outer {
            start.push_attribute(("xmlns", part.namespace()));
        }
        self.namespace = part.namespace();
        self.put(Event::Start(start));
        part.write_members(self);
        self.put(Event::End(BytesEnd::new(part.element())));
        self.namespace = outer;
    }

    /// An element that holds the element of each part.
    pub fn parts(&mut self, name: &str, parts: &[impl ToXml]) {
        self.put(Event::Start(BytesStart::new(name)));
        for part in parts {
            self.part(part);
        }
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// The one place that writes. Memory takes everything: a `Vec` as a writer has no error to give.
    fn put(&mut self, event: Event<'_>) {
        self.writer.write_event(event).ok();
    }
}

/// The text without what XML 1.0 cannot say: U+FFFD stands in the place of such a character.
fn sayable(text: &str) -> Cow<'_, str> {
    if text.contains(is_forbidden) {
        Cow::Owned(text.replace(is_forbidden, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Values whose own writing is that of XML too.
macro_rules! written_as_displayed {
    ($($value:ty),*) => {$(
        impl XmlText for $value {
            fn xml_text(&self) -> Cow<'_, str> {
                displayed(self)
            }
        }
    )*};
}
// An f32 is displayed without exponent, as `xs:decimal` wants it.
written_as_displayed!(bool, i32, i64, u16, u32, f32, Uuid);

fn displayed(value: &impl Display) -> Cow<'static, str> {
    Cow::Owned(value.to_string())
}

impl XmlText for str {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl XmlText for String {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl XmlText for CheckpointCode {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl XmlText for Plate {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_written())
    }
}

/// The same text as in JSON: RFC 3339 in UTC.
impl XmlText for DateTime<Utc> {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Note(String);

    impl ToXml for Note {
        fn element(&self) -> &'static str {
            "note"
        }

        fn write_members(&self, elements: &mut Elements) {
            let Self(text) = self;
            elements.value("text", text);
        }
    }

    #[test]
    fn markup_is_escaped_and_what_xml_cannot_say_is_replaced() {
        let note = Note("a<b> & \"c\"\r\n\u{0}\u{1b}\u{ffff}ї".to_owned());
        insta::assert_snapshot!(String::from_utf8(note.to_xml()).unwrap(), @r#"
        <?xml version="1.0" encoding="UTF-8"?><note xmlns="urn:kordon:exchange:1"><text>a&lt;b&gt; &amp; &quot;c&quot;&#13;
        ���ї</text></note>
        "#);
    }

    #[test]
    fn values_have_the_lexical_forms_of_xml_schema() {
        assert_eq!(1e-7_f32.xml_text(), "0.0000001");
        assert_eq!(true.xml_text(), "true");
        let instant: DateTime<Utc> = "2026-11-21T12:03:20.250Z".parse().unwrap();
        assert_eq!(instant.xml_text(), "2026-11-21T12:03:20.250Z");
    }
}
