//! Archives made here: chained within and to each other.

use kordon_adapters::trembita::evidence::archive::verify;
use openssl::hash::{MessageDigest, hash};

use super::recipe::{Files, edit, remove, zipped};

/// What is changed about the files of a container or archive.
type Change = fn(&mut Files);

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An archive of these containers after that digest, and its last digest.
fn archive(previous: Option<(&str, &str)>, contents: &[&str]) -> (Files, String) {
    let sha = |bytes: &[u8]| hexadecimal(&hash(MessageDigest::sha512(), bytes).expect("a digest"));
    let (mut last, file) = previous.map_or((String::new(), "-"), |(digest, file)| (digest.to_owned(), file));
    let mut linking = format!("{} {file} SHA-512\n", previous.map_or("-", |(digest, _)| digest));
    let mut files = Files::new();
    for (content, number) in contents.iter().zip(1..) {
        let name = format!("q-{number}.asice");
        last = sha(format!("{last}{}", sha(content.as_bytes())).as_bytes());
        linking += &format!("{last} {name}\n");
        files.push((name, content.as_bytes().to_vec()));
    }
    files.push(("linkinginfo".into(), linking.into()));
    (files, last)
}

#[test]
fn archives_follow_each_other() {
    let (first, digest) = archive(None, &["one", "two", "three"]);
    let report = verify(&zipped(&first), None);
    assert_eq!((report.faults.as_slice(), report.containers), (&[][..], 3));
    assert_eq!(report.last_digest.as_deref(), Some(digest.as_str()));
    let (second, last) = archive(Some((&digest, "mlog-1.zip")), &["four"]);
    let report = verify(&zipped(&second), Some(&digest.to_uppercase()));
    assert_eq!(report.last_digest, Some(last), "{report:#?}");
    assert_eq!(report.previous_file.as_deref(), Some("mlog-1.zip"));
    for wrong in [None, Some("00")] {
        let report = verify(&zipped(&second), wrong);
        assert_eq!(report.last_digest, None);
        assert_eq!(
            report.faults,
            ["the linkinginfo begins with another digest than the archive before ended with"]
        );
    }
}

#[test]
fn what_was_changed_is_found() {
    let cases: [(&str, Change, &[&str]); 9] = [
        (
            "a container",
            |files| edit(files, "q-2.asice", |_| "x".into()),
            &["the digest of q-2.asice does not match the linkinginfo"],
        ),
        (
            "two containers",
            |files| {
                edit(files, "q-1.asice", |_| "x".into());
                edit(files, "q-3.asice", |_| "x".into());
            },
            &[
                "the digest of q-1.asice does not match the linkinginfo",
                "the digest of q-3.asice does not match the linkinginfo",
            ],
        ),
        (
            "one taken out",
            |files| remove(files, "q-2.asice"),
            &[
                "q-2.asice is linked and not in the archive",
                "the digest of q-3.asice does not match the linkinginfo",
            ],
        ),
        (
            "one put in",
            |files| files.push(("q-4.asice".into(), b"x".to_vec())),
            &["q-4.asice is in the archive and not linked"],
        ),
        (
            "two in another order",
            |files| files.swap(0, 1),
            &[
                "the digest of q-2.asice does not match the linkinginfo",
                "the digest of q-1.asice does not match the linkinginfo",
                "the digest of q-3.asice does not match the linkinginfo",
            ],
        ),
        ("no linkinginfo", |files| remove(files, "linkinginfo"), &["there is no linkinginfo"]),
        (
            "an algorithm that is too weak",
            |files| edit(files, "linkinginfo", |text| text.replace("SHA-512", "SHA-1")),
            &["the digest \"SHA-1\" is not known, or too weak"],
        ),
        (
            "a line too short",
            |files| edit(files, "linkinginfo", |text| text.replace(" q-3.asice", "")),
            &["line 4 of the linkinginfo has not two fields", "q-3.asice is in the archive and not linked"],
        ),
        (
            "no first line",
            |files| edit(files, "linkinginfo", |_| "x".into()),
            &["the first line of the linkinginfo has not three fields"],
        ),
    ];
    for (what, change, expected) in cases {
        let (mut files, _) = archive(None, &["one", "two", "three"]);
        change(&mut files);
        let report = verify(&zipped(&files), None);
        assert_eq!(report.faults, expected, "{what}");
        assert_eq!(report.last_digest, None, "{what}");
    }
    assert_eq!(verify(b"junk", None).faults, ["the file is no archive"]);
}
