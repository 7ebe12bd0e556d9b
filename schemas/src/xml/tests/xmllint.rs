//! xmllint, the judge over documents and schemas.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use uuid::Uuid;

use crate::xml::XSDS;

/// Judges documents by `kordon.xsd`, all in one call, and returns what xmllint says of each: nothing, or why it fails.
fn judged(documents: &[Vec<u8>]) -> Vec<Option<String>> {
    let folder = std::env::temp_dir().join(format!("kordon-xsd-{}", Uuid::new_v4()));
    fs::create_dir(&folder).unwrap();
    for (name, content) in XSDS {
        fs::write(folder.join(name), content).unwrap();
    }
    let names: Vec<String> = (0..documents.len()).map(|number| format!("{number}.xml")).collect();
    for (name, document) in names.iter().zip(documents) {
        fs::write(folder.join(name), document).unwrap();
    }
    let output = call(&folder, &names);
    fs::remove_dir_all(&folder).unwrap();
    assert!(!output.contains("failed to compile"), "{output}");
    names
        .iter()
        .map(|name| {
            let passed = output.lines().any(|line| line == format!("{name} validates"));
            let about = || {
                output
                    .lines()
                    .filter(|line| line.starts_with(&format!("{name}:")))
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            (!passed).then(|| format!("{name}: {}", about()))
        })
        .collect()
}

fn call(folder: &PathBuf, names: &[String]) -> String {
    let output = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema", "kordon.xsd"])
        .args(names)
        .current_dir(folder)
        .output()
        .expect("xmllint runs; `make test` installs it");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What is wrong with each document that the schema does not take, with the document.
pub(super) fn failures(documents: &[Vec<u8>]) -> Vec<String> {
    let with_document = |(verdict, document): (Option<String>, &Vec<u8>)| {
        verdict.map(|why| format!("{why}\n{}", String::from_utf8_lossy(document)))
    };
    judged(documents).into_iter().zip(documents).filter_map(with_document).collect()
}

/// Whether the schema takes each document.
pub(super) fn verdicts(documents: &[Vec<u8>]) -> Vec<bool> {
    judged(documents).into_iter().map(|verdict| verdict.is_none()).collect()
}
