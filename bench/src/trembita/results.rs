//! What was measured beside what was to be reached.

use std::path::Path;

use chrono::Utc;

use super::key_size::KeySize;
use super::{Measured, ROUNDS, Round, Signed};
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
    pub(super) fn of(measured: Measured, machine: &Machine, seconds: u32) -> Self {
        let head = format!(
            "# What the doors of Trembita cost\n\n\
             Written by `make bench-trembita` on {}. `README.md` says what is measured and how to read it.\n\n{}\n\
             {seconds} s for each measurement; medians and ratios of {ROUNDS} interleaved rounds.\n\n| what | value | target |\n| --- | --- | --- |\n",
            Utc::now().format("%Y-%m-%d"),
            described_machine(machine),
        );
        let lines = lines(measured);
        Self { text: head + &rows(&lines), figures: figures(lines) }
    }

    /// The table for people.
    pub(super) fn table(&self) -> String {
        format!("\n{}", self.text)
    }

    /// Writes `TREMBITA.md` and `trembita.json`.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::write(folder.join("TREMBITA.md"), &self.text)?;
        Ok(std::fs::write(folder.join("trembita.json"), serde_json::to_string_pretty(&self.figures)? + "\n")?)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn lines(measured: Measured) -> Vec<Line> {
    let Measured { rounds, signed, alone: (json, soap), sealed, verified } = measured;
    let line = |name, value, unit, bound| Line { name, value, unit, bound };
    let of = |part: fn(&Round) -> f64| median(rounds.iter().map(part).collect());
    let at_least = |least| Some(Bound::AtLeast(least));
    let mut lines = vec![
        line("JSON of a member, 64 connections", of(|round| round.json), "/s", None),
        line("SOAP of a member, 64 connections", of(|round| round.soap), "/s", None),
        line("SOAP beside JSON", of(|round| round.soap / round.json), "x", at_least(0.8)),
    ];
    lines.extend(signed.iter().flat_map(|(size, rounds)| of_partners(*size, rounds)));
    lines.extend([
        line("JSON, one by one; p99", json.p99_ms, "ms", None),
        line("SOAP, one by one; p99", soap.p99_ms, "ms", None),
        line("what SOAP adds, p99", soap.p99_ms - json.p99_ms, "ms", Some(Bound::AtMost(3.0))),
        line("exchanges sealed, while members ask", sealed.exchanges as f64, "", None),
        line(
            "exchanges sealed a second",
            sealed.exchanges as f64 / sealed.took.as_secs_f64(),
            "/s",
            at_least(1000.0),
        ),
        line("the last one sealed after the last answer", sealed.behind.as_secs_f64(), "s", None),
        line("containers verified", verified.containers as f64, "", None),
        line(
            "10,000 containers, one core",
            verified.took.as_secs_f64() * 1e4 / verified.containers as f64,
            "s",
            None,
        ),
    ]);
    lines
}

/// Signed messages beside what the signatures alone would allow, with keys of one size.
fn of_partners(size: KeySize, rounds: &[Signed]) -> [Line; 3] {
    let of = |part: fn(&Signed) -> f64| median(rounds.iter().map(part).collect());
    let [rate, limit, ratio] = match size {
        KeySize::Usual => [
            "signed SOAP, RSA-2048, 64 connections",
            "openssl speed, one verification and one signature (RSA-2048), all cores",
            "signed SOAP beside openssl speed, RSA-2048",
        ],
        KeySize::Long => [
            "signed SOAP, RSA-3072, 64 connections",
            "openssl speed, one verification and one signature (RSA-3072), all cores",
            "signed SOAP beside openssl speed, RSA-3072",
        ],
        KeySize::Longest => [
            "signed SOAP, RSA-4096, 64 connections",
            "openssl speed, one verification and one signature (RSA-4096), all cores",
            "signed SOAP beside openssl speed, RSA-4096",
        ],
    };
    [
        Line { name: rate, value: of(|round| round.soap), unit: "/s", bound: None },
        Line { name: limit, value: of(|round| round.limit), unit: "/s", bound: None },
        Line {
            name: ratio,
            value: of(|round| round.soap / round.limit),
            unit: "x",
            bound: Some(Bound::AtLeast(0.6)),
        },
    ]
}
