//! What mail servers tell of mails that they could not deliver (RFC 3464), so that line 1 sees which of its
//! letters did not arrive (Order 926, section III, clauses 6, 7, 13, 14).

use kordon_hub::support::mail::NotDelivered;

use super::parts::{Part, decoded};

/// The most parts of a report that are looked at; it has three.
const MOST_PARTS: usize = 20;

/// The most bytes of a part of a report that are looked at; the head of a mail is shorter.
const LONGEST_REPORT: usize = 64 * 1024;

/// What a report tells of a mail that did not arrive for good; `None` when it is only late, or the report is
/// of something else.
pub(super) fn not_delivered(report: &Part<'_>) -> Option<NotDelivered> {
    let mut told = NotDelivered::default();
    let mut failed = false;
    for (head, bytes) in report.leaves().into_iter().take(MOST_PARTS) {
        let Some((kind, subtype)) = &head.media_type else { continue };
        let content = decoded(head.encoding, bytes);
        let content = String::from_utf8_lossy(content.get(..LONGEST_REPORT).unwrap_or(&content));
        match (kind.as_str(), subtype.as_str()) {
            ("message", "delivery-status" | "global-delivery-status") => {
                failed |= field(&content, "Action").any(|action| action.eq_ignore_ascii_case("failed"));
                let address = |value: String| value.rsplit(';').next().unwrap_or_default().trim().to_owned();
                told.recipients.extend(field(&content, "Original-Recipient").map(&address));
                told.recipients.extend(field(&content, "Final-Recipient").map(&address));
                let said = ["Status", "Diagnostic-Code"].map(|name| field(&content, name).next());
                told.because = said.into_iter().flatten().collect::<Vec<_>>().join(", ");
            }
            // The mail itself, or its head.
            ("message", "rfc822" | "global") | ("text", "rfc822-headers") => {
                let head = content.split("\r\n\r\n").next().unwrap_or_default();
                let head = head.split("\n\n").next().unwrap_or_default();
                let ids = field(head, "Message-ID").map(|id| id.trim_matches(['<', '>']).to_owned());
                told.message_ids.extend(ids);
            }
            _ => {}
        }
    }
    failed.then_some(told)
}

/// The values of a field, each in one line; a value may go on in lines that begin with a space.
fn field<'t>(text: &'t str, name: &str) -> impl Iterator<Item = String> + use<'t> {
    let name = format!("{}:", name.to_ascii_lowercase());
    let mut values: Vec<String> = Vec::new();
    let mut within = false;
    for line in text.lines() {
        if line.starts_with([' ', '\t']) {
            if let (true, Some(value)) = (within, values.last_mut()) {
                value.push(' ');
                value.push_str(line.trim());
            }
            continue;
        }
        within = line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(&name));
        if within {
            values.push(line.get(name.len()..).unwrap_or_default().trim().to_owned());
        }
    }
    values.into_iter().map(|value| value.trim().to_owned())
}
