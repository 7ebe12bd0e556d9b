//! Canonical XML 1.0, inclusive and exclusive, of one element: the bytes that an XML signature is computed
//! over.
//!
//! The tree does not keep prefixes as they were written, so names are taken from the text. Nothing here
//! recurses.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use roxmltree::{Node, NodeId};

/// How an element is written in canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::trembita) struct Canonicalization {
    exclusive: bool,
    comments: bool,
    /// Prefixes that the exclusive form treats as the inclusive one does; the default namespace is the empty
    /// one.
    inclusive_prefixes: BTreeSet<String>,
}

/// Bytes of a list of such prefixes. Whoever signs names a handful.
const LONGEST_LIST: usize = 1 << 10;

/// How often, at most, a namespace that is in scope is looked at while a form is written that has a limit:
/// each element asks for all of them.
const MOST_LOOKS: usize = 10_000_000;

/// The namespace of the parameters of exclusive canonicalization, and its URI.
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

impl Canonicalization {
    /// Canonical XML 1.0 without comments: what holds where nothing is said.
    pub(in crate::trembita) const INCLUSIVE: Self =
        Self { exclusive: false, comments: false, inclusive_prefixes: BTreeSet::new() };

    /// Exclusive canonical XML 1.0 without comments and without prefixes of its own.
    pub(in crate::trembita) const EXCLUSIVE: Self =
        Self { exclusive: true, comments: false, inclusive_prefixes: BTreeSet::new() };

    /// The method that a `CanonicalizationMethod` or `Transform` element names. None if it is not known, or
    /// its list of prefixes is longer than anybody's.
    pub(in crate::trembita) fn of(method: Node<'_, '_>) -> Option<Self> {
        let (exclusive, comments) = match method.attribute("Algorithm")? {
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" => (false, false),
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments" => (false, true),
            "http://www.w3.org/2001/10/xml-exc-c14n#" => (true, false),
            "http://www.w3.org/2001/10/xml-exc-c14n#WithComments" => (true, true),
            _ => return None,
        };
        let list = method
            .children()
            .find(|child| child.has_tag_name((EXCLUSIVE, "InclusiveNamespaces")))
            .and_then(|list| list.attribute("PrefixList"))
            .unwrap_or_default();
        if list.len() > LONGEST_LIST {
            return None;
        }
        let inclusive_prefixes = list
            .split_ascii_whitespace()
            .map(|prefix| if prefix == "#default" { String::new() } else { prefix.to_owned() })
            .collect();
        Some(Self { exclusive, comments, inclusive_prefixes })
    }

    /// The same method, leaving comments out.
    pub(in crate::trembita) fn without_comments(self) -> Self {
        Self { comments: false, ..self }
    }

    /// The element in canonical form.
    pub(in crate::trembita) fn apply(&self, apex: Node<'_, '_>) -> Vec<u8> {
        self.apply_within(apex, usize::MAX).unwrap_or_default()
    }

    /// The element in canonical form, if that has up to `limit` bytes: a namespace that is declared once and
    /// used by many children is written at each of them, so a small document can have a form that fills the
    /// memory. Nor may it take for ever.
    pub(in crate::trembita) fn apply_within(&self, apex: Node<'_, '_>, limit: usize) -> Option<Vec<u8>> {
        self.apply_but(apex, None, limit)
    }

    /// The same without one element within it: what the enveloped-signature transform leaves of a document.
    pub(in crate::trembita) fn apply_without(
        &self,
        apex: Node<'_, '_>,
        left_out: Node<'_, '_>,
        limit: usize,
    ) -> Option<Vec<u8>> {
        self.apply_but(apex, Some(left_out.id()), limit)
    }

    fn apply_but(&self, apex: Node<'_, '_>, left_out: Option<NodeId>, limit: usize) -> Option<Vec<u8>> {
        let mut writer =
            Writer { method: self, out: String::with_capacity(apex.range().len() + 512), looks: 0 };
        let most_looks = if limit == usize::MAX { usize::MAX } else { MOST_LOOKS };
        let mut steps = vec![Step::Open(apex, Rc::default(), true)];
        while let Some(step) = steps.pop() {
            if writer.out.len() > limit || writer.looks > most_looks {
                return None;
            }
            match step {
                Step::Close(name) => {
                    writer.out.push_str("</");
                    writer.out.push_str(name);
                    writer.out.push('>');
                }
                Step::Open(node, rendered, is_apex) => {
                    if node.is_element() {
                        let rendered = writer.open(node, rendered, is_apex);
                        steps.push(Step::Close(written_name(node)));
                        let first = steps.len();
                        steps.extend(
                            node.children()
                                .filter(|child| Some(child.id()) != left_out)
                                .map(|child| Step::Open(child, Rc::clone(&rendered), false)),
                        );
                        if let Some(children) = steps.get_mut(first..) {
                            children.reverse();
                        }
                    } else {
                        writer.leaf(node);
                    }
                }
            }
        }
        (writer.out.len() <= limit).then(|| writer.out.into_bytes())
    }
}

/// Namespaces that the output already declares, by prefix.
type Rendered<'a> = BTreeMap<&'a str, &'a str>;

enum Step<'a, 'input> {
    Open(Node<'a, 'input>, Rc<Rendered<'a>>, bool),
    Close(&'a str),
}

struct Writer<'method> {
    method: &'method Canonicalization,
    out: String,
    /// How often a namespace in scope was looked at.
    looks: usize,
}

/// An attribute: namespace, name, name as written, value.
type Attribute<'a> = (&'a str, &'a str, &'a str, &'a str);

impl Writer<'_> {
    fn open<'a>(
        &mut self,
        element: Node<'a, '_>,
        mut rendered: Rc<Rendered<'a>>,
        is_apex: bool,
    ) -> Rc<Rendered<'a>> {
        let name = written_name(element);
        let mut attributes = own_attributes(element);
        if is_apex && !self.method.exclusive {
            inherit_xml_attributes(element, &mut attributes);
        }
        attributes.sort_unstable();
        self.out.push('<');
        self.out.push_str(name);
        for (prefix, uri) in self.wanted(element, name, &attributes) {
            // The default namespace is only taken back where one was declared.
            let declared = rendered.get(prefix).copied().unwrap_or_default();
            if declared == uri {
                continue;
            }
            self.out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
            self.out.push_str(prefix);
            self.value(uri);
            Rc::make_mut(&mut rendered).insert(prefix, uri);
        }
        for (_, _, written, value) in attributes {
            self.out.push(' ');
            self.out.push_str(written);
            self.value(value);
        }
        self.out.push('>');
        rendered
    }

    /// The namespaces that have to hold at an element, in the order in which they are written.
    fn wanted<'a>(
        &mut self,
        element: Node<'a, '_>,
        name: &'a str,
        attributes: &[Attribute<'a>],
    ) -> Rendered<'a> {
        if !self.method.exclusive || !self.method.inclusive_prefixes.is_empty() {
            self.looks = self.looks.saturating_add(element.namespaces().len());
        }
        let in_scope = || {
            element
                .namespaces()
                .map(|namespace| (namespace.name().unwrap_or_default(), namespace.uri()))
                .filter(|(prefix, _)| *prefix != "xml")
        };
        if !self.method.exclusive {
            let mut wanted: Rendered<'a> = in_scope().collect();
            wanted.entry("").or_insert("");
            return wanted;
        }
        let of = |prefix: &str| {
            let prefix = Some(prefix).filter(|prefix| !prefix.is_empty());
            element.lookup_namespace_uri(prefix).unwrap_or_default()
        };
        let used = std::iter::once(prefix_of(name)).chain(
            attributes
                .iter()
                .map(|(_, _, written, _)| prefix_of(written))
                .filter(|prefix| !prefix.is_empty()),
        );
        let mut wanted: Rendered<'a> =
            used.filter(|prefix| *prefix != "xml").map(|prefix| (prefix, of(prefix))).collect();
        if self.method.inclusive_prefixes.is_empty() {
            return wanted;
        }
        wanted.extend(in_scope().filter(|(prefix, _)| self.method.inclusive_prefixes.contains(*prefix)));
        if self.method.inclusive_prefixes.contains("") {
            wanted.entry("").or_insert("");
        }
        wanted
    }

    fn leaf(&mut self, node: Node<'_, '_>) {
        if node.is_text() {
            self.escaped(node.text().unwrap_or_default(), |special| match special {
                b'&' => Some("&amp;"),
                b'<' => Some("&lt;"),
                b'>' => Some("&gt;"),
                b'\r' => Some("&#xD;"),
                _ => None,
            });
        } else if node.is_comment() {
            if self.method.comments {
                self.out.push_str("<!--");
                self.out.push_str(node.text().unwrap_or_default());
                self.out.push_str("-->");
            }
        } else if let Some(instruction) = node.pi() {
            self.out.push_str("<?");
            self.out.push_str(instruction.target);
            if let Some(value) = instruction.value {
                self.out.push(' ');
                self.out.push_str(value);
            }
            self.out.push_str("?>");
        }
    }

    fn value(&mut self, value: &str) {
        self.out.push_str("=\"");
        self.escaped(value, |special| match special {
            b'&' => Some("&amp;"),
            b'<' => Some("&lt;"),
            b'"' => Some("&quot;"),
            b'\t' => Some("&#x9;"),
            b'\n' => Some("&#xA;"),
            b'\r' => Some("&#xD;"),
            _ => None,
        });
        self.out.push('"');
    }

    /// Writes a text; what is special is written in its other form, and what stands between is copied as a
    /// whole.
    fn escaped(&mut self, text: &str, other: impl Fn(u8) -> Option<&'static str>) {
        let mut copied = 0;
        // All that is special is ASCII, and no byte of another character looks like it.
        for (at, byte) in text.bytes().enumerate() {
            if let Some(other) = other(byte) {
                self.out.push_str(text.get(copied..at).unwrap_or_default());
                self.out.push_str(other);
                copied = at + 1;
            }
        }
        self.out.push_str(text.get(copied..).unwrap_or_default());
    }
}

fn own_attributes<'a>(element: Node<'a, '_>) -> Vec<Attribute<'a>> {
    let text = element.document().input_text();
    element
        .attributes()
        .map(|attribute| {
            let written = text.get(attribute.range_qname()).unwrap_or_default();
            (attribute.namespace().unwrap_or_default(), local_of(written), written, attribute.value())
        })
        .collect()
}

/// Attributes as `xml:lang` hold in all that is within an element, so the inclusive form carries them to the
/// apex.
fn inherit_xml_attributes<'a>(apex: Node<'a, '_>, attributes: &mut Vec<Attribute<'a>>) {
    for ancestor in apex.ancestors().skip(1).filter(Node::is_element) {
        for inherited in own_attributes(ancestor) {
            let (_, name, written, _) = inherited;
            if prefix_of(written) == "xml"
                && !attributes.iter().any(|own| prefix_of(own.2) == "xml" && own.1 == name)
            {
                attributes.push(inherited);
            }
        }
    }
}

/// The name of an element as it is written, with its prefix.
fn written_name<'a>(element: Node<'a, '_>) -> &'a str {
    let tag = element.document().input_text().get(element.range()).unwrap_or_default();
    tag.strip_prefix('<')
        .and_then(|tag| tag.split(|end: char| end.is_ascii_whitespace() || matches!(end, '>' | '/')).next())
        .unwrap_or_default()
}

fn prefix_of(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

fn local_of(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}
