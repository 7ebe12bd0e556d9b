//! What was measured beside what was to be reached.

use std::path::Path;

use chrono::Utc;

use super::{CHECKPOINTS, Measured, WAITING};
use crate::lines::{Bound, Line, figures, rows};
use crate::machine::Machine;
use crate::results::{Figure, described_machine, median};

/// All results, ready to be shown.
pub(super) struct Report {
    figures: Vec<Figure>,
    text: String,
}

impl Report {
    /// The results of a run.
    pub(super) fn of(measured: &Measured, machine: &Machine, seconds: u32) -> Self {
        let mut text = format!(
            "# What reading and deciding costs\n\n\
             Written by `make bench-queue` on {}: {CHECKPOINTS} checkpoints with {WAITING} waiting vehicles each. `README.md` says \
             what is measured and how to read it.\n\n{}\n{seconds} s for each measurement; ratios are medians of interleaved \
             rounds.\n\n| what | value | target |\n| --- | --- | --- |\n",
            Utc::now().format("%Y-%m-%d"),
            described_machine(machine),
        );
        let lines = lines(measured);
        text.push_str(&rows(&lines));
        Self { figures: figures(lines), text }
    }

    /// The table for people.
    pub(super) fn table(&self) -> String {
        format!("\n{}", self.text)
    }

    /// Writes `QUEUE.md` and `queue.json`.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::write(folder.join("QUEUE.md"), &self.text)?;
        Ok(std::fs::write(folder.join("queue.json"), serde_json::to_string_pretty(&self.figures)? + "\n")?)
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes and counts are far below 2^52")]
fn lines(measured: &Measured) -> Vec<Line> {
    let Measured { full, full_bytes, not_modified, calls, gate, gate_events, replay } = measured;
    let line = |name, value, unit, bound| Line { name, value, unit, bound };
    let ratios = not_modified.iter().map(|beside| beside.hub / beside.bare).collect();
    let rates = |of: fn(&super::reading::Beside) -> f64| median(not_modified.iter().map(of).collect());
    vec![
        line("a whole queue, size in JSON", *full_bytes as f64 / 1000.0, "kB", None),
        line("a whole queue, 2 connections", full.rate(), "/s", None),
        line("a whole queue, p50", full.p50_ms, "ms", None),
        line("a whole queue, p99", full.p99_ms, "ms", Some(Bound::AtMost(30.0))),
        line("304, bare actix-web handler, 256 connections", rates(|beside| beside.bare), "/s", None),
        line("304, the hub, 256 connections", rates(|beside| beside.hub), "/s", None),
        line("304, the hub beside the bare handler", median(ratios), "x", Some(Bound::AtLeast(0.7))),
        line("a call: request, decision, commit; p50", calls.p50_ms, "ms", Some(Bound::AtMost(5.0))),
        line("a call, p99", calls.p99_ms, "ms", None),
        line("admission at 50/s beside events, p50", gate.p50_ms, "ms", None),
        line("admission at 50/s beside events, p99", gate.p99_ms, "ms", Some(Bound::AtMost(10.0))),
        line("events beside the gate", *gate_events, "/s", None),
        line("events replayed", replay.events as f64, "", None),
        line(
            "replay of a million events",
            replay_seconds(replay.events, replay.took.as_secs_f64()),
            "s",
            Some(Bound::AtMost(60.0)),
        ),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "a count of events is far below 2^52")]
fn replay_seconds(events: u64, took: f64) -> f64 {
    took * 1e6 / events as f64
}
