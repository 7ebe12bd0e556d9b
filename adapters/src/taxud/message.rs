//! What a notice says in the terms of CD070C. Pure: the same dispatch makes the same message, down to the
//! second of its preparation, so that one sent twice is one and the same.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kordon_hub::notices::Dispatch;
use kordon_hub::outages::announcement::{Action, Operation, Unavailability, Unavailable, actions};
use kordon_schemas::outages::OutageKind;

use super::settings::TaxudSettings;

/// The longest text of CD070C. The schema means characters; some judges of it count bytes, so this does too,
/// and the text is right by either count.
const LONGEST_TEXT: usize = 512;

/// What stands where a text was cut.
const CUT: &str = "...";

/// A CD070C.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `PhaseID`.
    pub phase: String,
    /// `messageSender`.
    pub sender: String,
    /// `messageRecipient`.
    pub recipient: String,
    /// `preparationDateAndTime`: when the notice was recorded.
    pub prepared_at: DateTime<Utc>,
    /// `messageIdentification`, unique for the sender and the same at each attempt.
    pub identification: String,
    /// `country`.
    pub country: String,
    /// The actions, numbered from 1 by their place.
    pub actions: Vec<MessageAction>,
}

/// An `Action` of CD070C.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageAction {
    /// `operation` (CL024).
    pub operation: &'static str,
    /// The unavailabilities, numbered from 1 by their place.
    pub unavailabilities: Vec<MessageUnavailability>,
}

/// An `Unavailability` of CD070C.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageUnavailability {
    /// `type` (CL079).
    pub kind: &'static str,
    /// `functionality` (CL168).
    pub functionality: char,
    /// `startDateAndTime`.
    pub starts_at: DateTime<Utc>,
    /// `endDateAndTime`.
    pub ends_at: Option<DateTime<Utc>>,
    /// `explanation` (CL183).
    pub explanation: String,
    /// `text`, at most 512 bytes in one line.
    pub text: String,
    /// `Fallback/flag` (CL027).
    pub fallback_allowed: bool,
}

impl Message {
    /// The message of a notice; `None` when there is nothing to say, because the outage was withdrawn before
    /// DG TAXUD took any notice of it.
    #[must_use]
    pub fn of(dispatch: &Dispatch, settings: &TaxudSettings) -> Option<Self> {
        let actions: Vec<_> = actions(dispatch.previous.as_ref(), &dispatch.notice.told)
            .into_iter()
            .map(|action| MessageAction::of(action, settings))
            .collect();
        let actions = by_letters(actions);
        (!actions.is_empty()).then(|| Self {
            phase: settings.phase.clone(),
            sender: settings.sender.clone(),
            recipient: settings.recipient.clone(),
            prepared_at: dispatch.notice.created_at,
            identification: format!("{}{}", settings.country, dispatch.notice.id.0.simple()),
            country: settings.country.clone(),
            actions,
        })
    }
}

const CREATE: &str = "C";
const UPDATE: &str = "U";
const DELETE: &str = "D";

/// What is to be done, by the letters that DG TAXUD knows. A system and a functionality may have the same
/// one: where an outage is told of by the other from now on, what would go and come again under one key
/// (R0518) stays, and is told as it is now.
fn by_letters(mut actions: Vec<MessageAction>) -> Vec<MessageAction> {
    let keys = |operation: &str| -> BTreeSet<_> {
        let of_it = actions.iter().filter(|action| action.operation == operation);
        of_it.flat_map(|action| &action.unavailabilities).map(MessageUnavailability::key).collect()
    };
    let stay: BTreeSet<_> = keys(DELETE).intersection(&keys(CREATE)).copied().collect();
    if stay.is_empty() {
        return actions;
    }
    let mut updated = Vec::new();
    for MessageAction { operation, unavailabilities } in &mut actions {
        let (staying, others) = std::mem::take(unavailabilities)
            .into_iter()
            .partition::<Vec<_>, _>(|one| *operation != UPDATE && stay.contains(&one.key()));
        *unavailabilities = others;
        if *operation == CREATE {
            updated = staying;
        }
    }
    match actions.iter_mut().find(|action| action.operation == UPDATE) {
        Some(update) => update.unavailabilities.extend(updated),
        None => actions.push(MessageAction { operation: UPDATE, unavailabilities: updated }),
    }
    actions.retain(|action| !action.unavailabilities.is_empty());
    actions
}

impl MessageAction {
    fn of(action: Action, settings: &TaxudSettings) -> Self {
        let Action { operation, unavailabilities } = action;
        Self {
            operation: match operation {
                Operation::Create => CREATE,
                Operation::Update => UPDATE,
                Operation::Delete => DELETE,
            },
            unavailabilities: unavailabilities
                .into_iter()
                .map(|unavailability| MessageUnavailability::of(unavailability, settings))
                .collect(),
        }
    }
}

impl MessageUnavailability {
    /// What DG TAXUD knows it by (R0518).
    pub(super) fn key(&self) -> (&'static str, char, DateTime<Utc>) {
        (self.kind, self.functionality, self.starts_at)
    }

    fn of(unavailability: Unavailability, settings: &TaxudSettings) -> Self {
        let Unavailability { kind, of, starts_at, ends_at, fallback_allowed, text } = unavailability;
        Self {
            kind: match kind {
                OutageKind::Planned => "S",
                OutageKind::Unplanned => "U",
            },
            functionality: match of {
                Unavailable::System(system) => settings.functionality.of(system),
                Unavailable::Functionality(functionality) => functionality.letter(),
            },
            starts_at,
            ends_at,
            explanation: settings.explanation.of(kind).to_owned(),
            text: in_brief(&text, LONGEST_TEXT),
            fallback_allowed,
        }
    }
}

/// A text in one line of at most `longest` bytes, cut after a word where there is one to cut after.
fn in_brief(text: &str, longest: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() <= longest {
        return line;
    }
    let room = longest.saturating_sub(CUT.len());
    let (kept, rest) = line.split_at(line.floor_char_boundary(room));
    let whole_words = match kept.rsplit_once(' ') {
        Some((words, _)) if !rest.starts_with(' ') => words,
        Some(_) | None => kept,
    };
    format!("{}{CUT}", whole_words.trim_end_matches([' ', '.', ',', ';', ':', '-', '–', '—']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_short_text_is_told_in_one_line() {
        assert_eq!(in_brief("Upgrade\r\n of\tthe  servers", 512), "Upgrade of the servers");
    }

    #[test]
    fn a_long_text_ends_after_a_word() {
        assert_eq!(in_brief("Upgrade of the servers", 21), "Upgrade of the...");
        assert_eq!(in_brief("Upgrade of the servers", 17), "Upgrade of the...");
        assert_eq!(in_brief("Upgrade of the servers", 16), "Upgrade of...");
        assert_eq!(in_brief("Upgrade, and more", 12), "Upgrade...");
    }

    #[test]
    fn a_text_of_one_word_is_cut_where_it_must_be() {
        assert_eq!(in_brief(&"x".repeat(600), 512), format!("{}...", "x".repeat(509)));
        assert_eq!(in_brief(&"ї".repeat(600), 512), format!("{}...", "ї".repeat(254)));
    }

    proptest! {
        #[test]
        fn no_text_is_too_long_or_has_a_line_end(text in ".{0,1200}") {
            let brief = in_brief(&text, 512);
            prop_assert!(brief.len() <= 512);
            prop_assert!(!brief.contains(['\n', '\r', '\t']));
        }
    }
}
