//! `kordon evidence`: from a file to what is printed and how the command ends. What is found in containers
//! the adapters test.

use std::io::{Cursor, Write};

use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::process::Site;

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_container_is_verified_without_a_hub_and_every_fault_is_told() {
    let site = Site::private();
    let file = site.file("unsigned.asice");
    std::fs::write(&file, archive(&[("note.txt", b"x")])).unwrap();
    let path = file.to_str().unwrap();
    let said = site.run(&["evidence", "verify", path]);
    assert!(!said.succeeded);
    assert!(said.output.contains("unsigned.asice: invalid"), "{}", said.output);
    assert!(
        said.output.contains("AsicMimeTypeNotFound") && said.output.contains("AsicSignatureNotFound"),
        "{}",
        said.output
    );
    assert!(said.error.contains("1 of 1 files are not valid"), "{}", said.error);

    let said = site.run(&["evidence", "verify", "--json", path, path]);
    assert!(!said.succeeded);
    let reports: Value = serde_json::from_str(&said.output).unwrap();
    assert_eq!(reports.as_array().unwrap().len(), 2);
    assert_eq!(reports[0]["verdict"], "invalid");
    assert_eq!(reports[0]["faults"][0]["code"], "AsicMimeTypeNotFound");

    let said = site.run(&["evidence", "verify", "--trust", path, path]);
    assert!(said.error.contains("cannot be trusted"), "{}", said.error);
    let said = site.run(&["evidence", "verify", "/nowhere/at/all.asice"]);
    assert!(said.error.contains("/nowhere/at/all.asice cannot be read"), "{}", said.error);
}

#[test]
fn archives_are_verified_one_after_the_other() {
    let site = Site::private();
    // SHA-256 of "", chained by hand: H(H("")), then H(that + H("")).
    let first = "cd372fb85148700fa88095e3492d3f9f5beb43e555e5ff26d95f5a6adc36f8e6";
    let linking = format!("- - SHA-256\n{first} a.asice\n");
    std::fs::write(site.file("one.zip"), archive(&[("a.asice", b""), ("linkinginfo", linking.as_bytes())]))
        .unwrap();
    let wrong = format!("{first} one.zip SHA-256\n{first} b.asice\n");
    std::fs::write(site.file("two.zip"), archive(&[("b.asice", b""), ("linkinginfo", wrong.as_bytes())]))
        .unwrap();
    let (one, two) = (site.file("one.zip"), site.file("two.zip"));
    let (one, two) = (one.to_str().unwrap(), two.to_str().unwrap());
    assert!(site.tell(&["evidence", "verify-archive", one]).contains(&format!("last digest {first}")));
    let said = site.run(&["evidence", "verify-archive", "--json", one, two]);
    assert!(!said.succeeded);
    let reports: Value = serde_json::from_str(&said.output).unwrap();
    assert_eq!((&reports[0]["verdict"], &reports[1]["verdict"]), (&"valid".into(), &"invalid".into()));
    assert_eq!(reports[1]["faults"].as_array().unwrap().len(), 1, "only the digest is wrong: {reports}");
    assert_eq!(reports[1]["previous_file"], "one.zip");
    assert!(said.error.contains("1 of 2 files are not valid"), "{}", said.error);
}
