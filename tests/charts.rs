//! The charts, the alert rules and the guide speak of metrics that the hub has, and of all of them.

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

fn in_the_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every file below a folder whose name ends so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

/// The names of metrics in a text. What Prometheus makes of a histogram counts as the histogram.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let is_of_a_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.split(|c: char| !is_of_a_name(c))
        .filter(|word| word.starts_with("kordon_") && word.len() > "kordon_".len())
        .map(|word| {
            let of_histogram = ["_bucket", "_count", "_sum"];
            of_histogram.iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word).to_owned()
        })
        .collect()
}

/// The names that the program registers: whole literals in its source.
fn registered() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["api/src", "hub/src", "adapters/src", "src"] {
        for file in files(&in_the_project(folder), ".rs") {
            let text = read_to_string(file).unwrap();
            let literals = text.split('"').filter(|literal| metrics_in(literal).contains(*literal));
            // The names of the crates and the beginning of tokens look alike.
            names.extend(literals.filter(|literal| !literal.ends_with('_')).map(str::to_owned));
        }
    }
    assert!(names.contains("kordon_events_total"), "the metrics are not found: {names:?}");
    names
}

#[test]
fn rules_and_dashboards_name_metrics_that_exist() {
    let registered = registered();
    let charts = in_the_project("charts");
    for file in files(&charts, ".yaml").into_iter().chain(files(&charts, ".json")) {
        let unknown: Vec<_> =
            metrics_in(&read_to_string(&file).unwrap()).difference(&registered).cloned().collect();
        assert!(unknown.is_empty(), "{} names {unknown:?}, which the hub does not have", file.display());
    }
}

#[test]
fn every_metric_stands_on_the_dashboard_and_in_the_guide() {
    let dashboard = metrics_in(&read_to_string(in_the_project("charts/grafana/kordon.json")).unwrap());
    let guide = metrics_in(&read_to_string(in_the_project("docs/operate/README.md")).unwrap());
    for metric in registered() {
        assert!(dashboard.contains(&metric), "{metric} is not on the dashboard");
        assert!(guide.contains(&metric), "{metric} is not in the guide");
    }
}

#[test]
fn the_dashboard_can_be_read_and_no_panel_stands_twice() {
    let dashboard: serde_json::Value =
        serde_json::from_str(&read_to_string(in_the_project("charts/grafana/kordon.json")).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert!(!panel["targets"].as_array().unwrap().is_empty(), "{} shows nothing", panel["title"]);
        assert!(!panel["description"].as_str().unwrap().is_empty(), "{} says nothing", panel["title"]);
    }
}
