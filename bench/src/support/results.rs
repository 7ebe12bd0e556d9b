//! What was measured beside what was to be reached.

use std::path::Path;

use chrono::Utc;

use super::{CLOSING, Measured, OPEN};
use crate::lines::{Bound, Line, figures, rows};
use crate::machine::Machine;
use crate::results::{Figure, described_machine};

/// All results, ready to be shown.
pub(super) struct Report {
    figures: Vec<Figure>,
    text: String,
}

impl Report {
    /// The results of a run.
    pub(super) fn of(measured: Measured, machine: &Machine) -> Self {
        let head = format!(
            "# What the support service costs when its database is full\n\n\
             Written by `make bench-support` on {}: {CLOSING} tickets that close by themselves in the next days, {OPEN} that are open. \
             `README.md` says what is measured and how to read it.\n\n{}\n\n| what | value | target |\n| --- | --- | --- |\n",
            Utc::now().format("%Y-%m-%d"),
            described_machine(machine).trim_end(),
        );
        let lines = lines(measured);
        Self { text: head + &rows(&lines), figures: figures(lines) }
    }

    /// The table for people.
    pub(super) fn table(&self) -> String {
        format!("\n{}", self.text)
    }

    /// Writes `SUPPORT.md` and `support.json`.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::write(folder.join("SUPPORT.md"), &self.text)?;
        Ok(std::fs::write(folder.join("support.json"), serde_json::to_string_pretty(&self.figures)? + "\n")?)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn lines(measured: Measured) -> Vec<Line> {
    let Measured { filled, read, looked, computed } = measured;
    let line = |name, value, unit, bound| Line { name, value, unit, bound };
    let at_most = |most| Some(Bound::AtMost(most));
    vec![
        line("tickets", filled.tickets as f64, "", None),
        line("their acts", filled.acts as f64, "", None),
        line("to put them in, by sets", filled.took.as_secs_f64(), "s", None),
        line("the daily control, p50", read.daily_control.p50_ms, "ms", None),
        line("the daily control, p99", read.daily_control.p99_ms, "ms", at_most(50.0)),
        line("one ticket, its reading recorded; p50", read.ticket.p50_ms, "ms", None),
        line("one ticket, p99", read.ticket.p99_ms, "ms", at_most(10.0)),
        line("the deadlines of a ticket, step by step; p99", read.deadlines.p99_ms, "ms", None),
        line("what is overdue, the first page; p99", read.overdue.p99_ms, "ms", None),
        line("the tickets of a trader that filed all of them, p99", read.own.p99_ms, "ms", None),
        line("what is due to close, nothing is; p99", looked.nothing.p99_ms, "ms", at_most(20.0)),
        line("what is due to close, 500 are; p99", looked.much.p99_ms, "ms", at_most(20.0)),
        line("deadlines worked out from histories", computed.deadlines as f64, "", None),
        line(
            "100,000 deadlines",
            computed.took.as_secs_f64() * 1e5 / computed.deadlines as f64,
            "s",
            at_most(1.0),
        ),
    ]
}
