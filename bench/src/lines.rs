//! A number, the bound that it has to keep, and the two ways in which they are shown.

use std::fmt::Write as _;

use crate::results::{Figure, rounded, verdict};

/// One line: a number, and the bound that it has to keep.
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) bound: Option<Bound>,
}

/// What a number has to be.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    const fn target(self) -> f64 {
        match self {
            Self::AtMost(target) | Self::AtLeast(target) => target,
        }
    }

    fn is_kept(self, value: f64) -> bool {
        match self {
            Self::AtMost(target) => value <= target,
            Self::AtLeast(target) => value >= target,
        }
    }

    fn said(self, value: f64) -> String {
        let sign = match self {
            Self::AtMost(_) => "≤",
            Self::AtLeast(_) => "≥",
        };
        verdict(&format!("{sign} {}", self.target()), self.is_kept(value))
    }
}

/// The lines as rows of a table.
pub(crate) fn rows(lines: &[Line]) -> String {
    let mut text = String::new();
    for Line { name, value, unit, bound } in lines {
        let target = bound.map(|bound| bound.said(*value)).unwrap_or_default();
        let _ = writeln!(text, "| {name} | {} {unit} | {target} |", rounded(*value));
    }
    text
}

/// The lines as they are kept for programs.
pub(crate) fn figures(lines: Vec<Line>) -> Vec<Figure> {
    let figure = |Line { name, value, unit, bound }| Figure {
        name: String::from(name),
        value: rounded(value),
        unit,
        target: bound.map(Bound::target),
        met: bound.map(|bound| bound.is_kept(value)),
    };
    lines.into_iter().map(figure).collect()
}
