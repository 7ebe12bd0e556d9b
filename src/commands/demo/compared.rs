//! What was played beside what the hub says: the lines of a table, and those of them that disagree.

use std::fmt::Write as _;

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) what: String,
    pub(super) played: String,
    pub(super) found: String,
}

/// The lines as a table under a title, and those of them in which the hub says otherwise.
pub(super) fn table(title: &str, compared: &[Compared]) -> (String, Vec<String>) {
    let width = |of: fn(&Compared) -> &str, head: &str| {
        compared
            .iter()
            .map(|line| of(line).chars().count())
            .chain([head.chars().count()])
            .max()
            .unwrap_or_default()
    };
    let (what, played) = (width(|line| &line.what, title), width(|line| &line.played, "played"));
    let mut text = format!("{title:<what$}  {:<played$}  hub says\n", "played");
    let mut disagreements = Vec::new();
    for Compared { what: line, played: own, found } in compared {
        let _ = writeln!(text, "{line:<what$}  {own:<played$}  {found}");
        if own != found {
            disagreements.push(format!("{line}: played {own}, the hub says {found}"));
        }
    }
    (text, disagreements)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(what: &str, played: &str, found: &str) -> Compared {
        Compared { what: what.into(), played: played.into(), found: found.into() }
    }

    #[test]
    fn what_the_hub_says_otherwise_is_named_beside_the_table() {
        let (text, disagreements) =
            table("three queues", &[line("called", "7", "7"), line("absent", "3", "2")]);
        insta::assert_snapshot!(text, @r"
        three queues  played  hub says
        called        7       7
        absent        3       2
        ");
        assert_eq!(disagreements, ["absent: played 3, the hub says 2"]);
    }
}
