//! What a derived reader complains about, in words for the one who sent it.
//!
//! serde tells what it met in the words of a Rust program. There is no other way to it than the text, which
//! serde has kept for years; should it change, its own words come through and the snapshots of the tests
//! tell.

use super::LONGEST_ECHO;
use crate::characters::clipped;

/// A complaint, in words for the one who sent it.
pub(super) struct Complaint {
    /// The member that it is about, when the path does not name it: one that is missing, or given twice.
    pub(super) member: Option<String>,
    /// What is wrong.
    pub(super) detail: String,
}

impl Complaint {
    /// Rewords the message of an error of serde.
    pub(super) fn of(message: &str) -> Self {
        // The parser appends the place in the text; where it matters the path tells it.
        let message = message.rsplit_once(" at line ").map_or(message, |(before, _)| before);
        let about = |beginning: &str| Some(message.strip_prefix(beginning)?.strip_suffix('`')?.to_owned());
        if let Some(missing) = about("missing field `") {
            return Self { member: Some(missing), detail: "is missing".to_owned() };
        }
        if let Some(repeated) = about("duplicate field `") {
            return Self { member: Some(repeated), detail: "is given twice".to_owned() };
        }
        Self { member: None, detail: clipped(&reworded(message), LONGEST_ECHO) }
    }
}

fn reworded(message: &str) -> String {
    if let Some((_, expected)) =
        message.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, "))
    {
        return format!("is not known here, {expected}");
    }
    if let Some((word, expected)) =
        message.strip_prefix("unknown variant `").and_then(|rest| rest.split_once("`, "))
    {
        return format!("`{}` is not known here, {expected}", clipped(word, 40));
    }
    if message.contains("surrogate") || message == "unexpected end of hex escape" {
        return "holds one half of a surrogate pair without the other".to_owned();
    }
    let message =
        message.replace("invalid type: map", "invalid type: object").replace("type: sequence", "type: array");
    match message.split_once("expected ") {
        Some((before, expected)) if expected.starts_with("struct ") => format!("{before}expected an object"),
        Some((before, "f32" | "f64")) => format!("{before}expected a number"),
        Some(_) | None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_reworded_without_the_words_of_the_program() {
        let told = |message: &str| {
            let Complaint { member, detail } = Complaint::of(message);
            format!("{}: {detail}", member.unwrap_or_default())
        };
        assert_eq!(told("missing field `id` at line 1 column 2"), "id: is missing");
        assert_eq!(told("duplicate field `id`"), "id: is given twice");
        assert_eq!(
            told("unknown field `a`, expected one of `b`, `c`"),
            ": is not known here, expected one of `b`, `c`"
        );
        assert_eq!(
            told("unknown field `a`, there are no fields"),
            ": is not known here, there are no fields"
        );
        assert_eq!(told("unknown variant `a`, expected `b`"), ": `a` is not known here, expected `b`");
        assert_eq!(told("invalid type: map, expected a string"), ": invalid type: object, expected a string");
        assert_eq!(
            told("invalid type: sequence, expected struct EventIn"),
            ": invalid type: array, expected an object"
        );
        assert_eq!(
            told("invalid type: string \"1\", expected f32"),
            ": invalid type: string \"1\", expected a number"
        );
    }
}
