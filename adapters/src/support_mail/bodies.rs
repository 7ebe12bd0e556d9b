//! Which parts of a mail are read, and which hang on it (Order 926, section III, clauses 6 and 7), for
//! [`super::reading`].

use super::charsets::text_of;
use super::parts::{Part, PartHead, Within};

/// A part that holds no others, and its bytes in their transfer encoding.
pub(super) type Leaf<'p, 'r> = (&'p PartHead, &'r [u8]);

/// What is read of a mail, and what hangs on it, in order.
#[derive(Debug, Default)]
pub(super) struct Sorted<'p, 'r> {
    pub(super) bodies: Vec<Leaf<'p, 'r>>,
    pub(super) attached: Vec<Leaf<'p, 'r>>,
}

/// Sorts what a part holds; it may be what the parts around it begin with.
pub(super) fn sorted<'p, 'r>(part: &'p Part<'r>, begins: bool) -> Sorted<'p, 'r> {
    let parts = match &part.within {
        Within::Bytes(bytes) if is_body(&part.head, begins) => {
            return Sorted { bodies: vec![(&part.head, bytes)], attached: Vec::new() };
        }
        Within::Bytes(bytes) => return Sorted { bodies: Vec::new(), attached: vec![(&part.head, bytes)] },
        Within::Parts(parts) => parts,
    };
    let own = parts.iter().enumerate().map(|(number, own)| sorted(own, number == 0));
    let (bodies, attached): (Vec<_>, Vec<_>) = own.map(|own| (own.bodies, own.attached)).unzip();
    let mut attached: Vec<_> = attached.into_iter().flatten().collect();
    let mut bodies = bodies.into_iter();
    let read = if part.head.is("multipart", "alternative") {
        plainest(bodies.collect())
    } else if part.head.is("multipart", "related") {
        // The first is the text; the others are what it shows (RFC 2387).
        let first = bodies.next().unwrap_or_default();
        attached.extend(bodies.flatten());
        first
    } else {
        bodies.flatten().collect()
    };
    Sorted { bodies: read, attached }
}

/// Of texts that say the same (RFC 2046, section 5.1.4) the first without formatting, or else the first; one
/// in which nothing stands says nothing.
fn plainest<'p, 'r>(texts: Vec<Vec<Leaf<'p, 'r>>>) -> Vec<Leaf<'p, 'r>> {
    let is_blank = |of: char| of.is_whitespace() || of == '\u{feff}';
    let says = |text: &Vec<Leaf<'_, '_>>| {
        text.iter().any(|(head, bytes)| !text_of(head, bytes).chars().all(is_blank))
    };
    let is_plain = |text: &Vec<Leaf<'_, '_>>| !text.iter().any(|(head, _)| head.is("text", "html"));
    let mut saying: Vec<_> = texts.into_iter().filter(says).collect();
    let plainest = saying.iter().position(is_plain).unwrap_or_default();
    if saying.is_empty() { Vec::new() } else { saying.swap_remove(plainest) }
}

/// Whether a part is read with the mail. Text that has a name is a file, unless the mail begins with it. A
/// part that says nothing of what it is, or nothing that can be understood, is text (RFC 2046, section 5.1),
/// also where the mail breaks off in it; so is one whose own parts cannot be told apart.
fn is_body(head: &PartHead, begins: bool) -> bool {
    let is_text = head.is("text", "plain") || head.is("text", "html");
    let is_file = head.is_attached == Some(true) || (head.name.is_some() && !begins);
    (is_text && !is_file) || is_untold(head)
}

/// Whether a part says nothing of what it is that can be understood.
pub(super) fn is_untold(head: &PartHead) -> bool {
    (head.media_type.is_none() && head.is_attached.is_none()) || head.is_multipart()
}
