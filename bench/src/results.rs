//! Medians over the rounds, ratios within each round, and what was to be reached.

use std::fmt::Write as _;
use std::path::Path;

use chrono::Utc;
use serde::Serialize;

use crate::load::Load;
use crate::machine::Machine;
use crate::rounds::{LOADS, Measured, Rounds};

/// The most memory that the hub may take under load, in MB.
const MOST_MEMORY_MB: f64 = 150.0;

/// One number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) target: Option<f64>,
    pub(crate) met: Option<bool>,
}

/// How the hub did under one load.
struct Line {
    load: Load,
    measured: Measured,
    ratio: f64,
    lowest_ratio: f64,
    highest_ratio: f64,
    target: Option<f64>,
}

/// All results, ready to be shown.
pub(crate) struct Report {
    figures: Vec<Figure>,
    text: String,
}

/// What the rate at a load has to be, as a multiple of pgbench's.
const fn target(load: Load) -> Option<f64> {
    match (load.connections, load.events) {
        (64, 1) => Some(1.5),
        (256, 1) => Some(2.0),
        (_, 100) => Some(5.0),
        _ => None,
    }
}

impl Report {
    /// The results of a run.
    pub(crate) fn of(rounds: &Rounds, machine: &Machine, seconds: u32) -> Self {
        let peer = median_of(rounds.rounds.iter().map(|round| round.peer));
        let lines: Vec<Line> = LOADS
            .into_iter()
            .enumerate()
            .map(|(index, load)| {
                let of_load = rounds.rounds.iter().filter_map(|round| {
                    let measured = round.loads.get(index)?;
                    Some((*measured, measured.rate / round.peer.rate))
                });
                let (measured, ratios): (Vec<Measured>, Vec<f64>) = of_load.unzip();
                Line {
                    load,
                    measured: median_of(measured.into_iter()),
                    ratio: median(ratios.clone()),
                    lowest_ratio: ratios.iter().copied().fold(f64::INFINITY, f64::min),
                    highest_ratio: ratios.iter().copied().fold(0.0, f64::max),
                    target: target(load),
                }
            })
            .collect();
        let memory = [
            ("memory at rest", megabytes(rounds.at_rest.resident), None),
            ("memory under load, the most", megabytes(rounds.in_the_end.peak), Some(MOST_MEMORY_MB)),
        ];
        let mut text = opening(rounds, machine, seconds);
        write_lines(&mut text, peer, &lines);
        write_memory(&mut text, &memory);
        Self { figures: figures(peer, &lines, &memory), text }
    }

    /// The table for people.
    pub(crate) fn table(&self) -> String {
        let met = if self.figures.iter().all(|figure| figure.met != Some(false)) {
            "every target is met"
        } else {
            "a target is MISSED"
        };
        format!("\n{}\n{met}", self.text)
    }

    /// Writes `RESULTS.md` and `results.json`.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::write(folder.join("RESULTS.md"), &self.text)?;
        Ok(std::fs::write(folder.join("results.json"), serde_json::to_string_pretty(&self.figures)? + "\n")?)
    }
}

fn figures(peer: Measured, lines: &[Line], memory: &[(&str, f64, Option<f64>)]) -> Vec<Figure> {
    let plain = |name: String, value: f64, unit: &'static str| Figure {
        name,
        value: rounded(value),
        unit,
        target: None,
        met: None,
    };
    let mut figures = vec![plain("pgbench".into(), peer.rate, "rows/s")];
    for Line { load, measured, ratio, target, .. } in lines {
        let name = described(*load);
        figures.push(plain(name.clone(), measured.rate, "events/s"));
        figures.push(Figure {
            name: format!("{name}, beside pgbench"),
            value: rounded(*ratio),
            unit: "x",
            target: *target,
            met: target.map(|target| *ratio >= target),
        });
        figures.push(plain(format!("{name}, p50"), measured.p50_ms, "ms"));
        figures.extend(measured.p99_ms.map(|p99| plain(format!("{name}, p99"), p99, "ms")));
    }
    figures.extend(memory.iter().map(|(name, value, target)| Figure {
        name: (*name).to_owned(),
        value: rounded(*value),
        unit: "MB",
        target: *target,
        met: target.map(|target| *value <= target),
    }));
    figures
}

fn described(load: Load) -> String {
    let Load { connections, events } = load;
    match events {
        1 => format!("one event a request, {connections} connections"),
        _ => format!("{events} events a request, {connections} connections"),
    }
}

/// The machine in a line.
pub(crate) fn described_machine(machine: &Machine) -> String {
    let Machine { processor, cores, memory, kernel, postgresql, load } = machine;
    format!(
        "Machine: {processor}, {cores} cores, {:.0} GB; Linux {kernel}; PostgreSQL {postgresql}, durable commits; generator, \
         hub and database share the cores (load of the last minute: {load}).",
        megabytes(*memory) / 1000.0,
    )
}

fn opening(rounds: &Rounds, machine: &Machine, seconds: u32) -> String {
    format!(
        "# What a hub takes in\n\n\
         Written by `make bench` on {}; `README.md` says what is measured and how to read it.\n\n\
         {}\n\
         Medians of {} interleaved rounds, {seconds} s each; {} vehicles at 43 checkpoints; ratios are of the same round.\n\n",
        Utc::now().format("%Y-%m-%d"),
        described_machine(machine),
        rounds.rounds.len(),
        rounds.vehicles,
    )
}

fn write_lines(text: &mut String, peer: Measured, lines: &[Line]) {
    text.push_str("| what | events/s | beside pgbench (all rounds) | target | p50 / p99 |\n| --- | --- | --- | --- | --- |\n");
    let _ = writeln!(
        text,
        "| pgbench, 16 clients, one prepared insert a transaction | {:.0} | 1 | | mean {:.1} ms |",
        peer.rate, peer.p50_ms
    );
    for Line { load, measured, ratio, lowest_ratio, highest_ratio, target } in lines {
        let _ = writeln!(
            text,
            "| {} | {:.0} | {ratio:.2} ({lowest_ratio:.2}–{highest_ratio:.2}) | {} | {:.1} / {:.1} ms |",
            described(*load),
            measured.rate,
            target.map(|target| verdict(&format!("≥ {target}"), *ratio >= target)).unwrap_or_default(),
            measured.p50_ms,
            measured.p99_ms.unwrap_or_default(),
        );
    }
}

fn write_memory(text: &mut String, memory: &[(&str, f64, Option<f64>)]) {
    text.push_str("\n| the hub's process | MB | target |\n| --- | --- | --- |\n");
    for (name, value, target) in memory {
        let target = target.map(|target| verdict(&format!("≤ {target}"), *value <= target));
        let _ = writeln!(text, "| {name} | {value:.0} | {} |", target.unwrap_or_default());
    }
}

pub(crate) fn verdict(target: &str, met: bool) -> String {
    format!("{target}: {}", if met { "met" } else { "**missed**" })
}

#[expect(clippy::cast_precision_loss, reason = "no machine has 2^52 bytes of memory")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

pub(crate) fn rounded(value: f64) -> f64 {
    if value >= 1000.0 { value.round() } else { (value * 100.0).round() / 100.0 }
}

/// The median of every part by itself.
fn median_of(measured: impl Iterator<Item = Measured> + Clone) -> Measured {
    let p99: Vec<f64> = measured.clone().filter_map(|each| each.p99_ms).collect();
    Measured {
        rate: median(measured.clone().map(|each| each.rate).collect()),
        p50_ms: median(measured.map(|each| each.p50_ms).collect()),
        p99_ms: if p99.is_empty() { None } else { Some(median(p99)) },
    }
}

/// The middle one, or the mean of the two in the middle; 0 of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let upper = values.len() / 2;
    let lower = upper.saturating_sub(usize::from(values.len().is_multiple_of(2)));
    let middle: Vec<f64> = [lower, upper].iter().filter_map(|index| values.get(*index).copied()).collect();
    match middle.as_slice() {
        [lower, upper] => f64::midpoint(*lower, *upper),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(vec![7.0]), 7.0);
        assert_eq!(median(vec![]), 0.0);
    }

    #[test]
    fn targets_stand_for_the_loads_that_have_one() {
        let targets: Vec<Option<f64>> = LOADS.into_iter().map(target).collect();
        assert_eq!(targets, [None, Some(1.5), Some(2.0), Some(5.0)]);
    }
}
