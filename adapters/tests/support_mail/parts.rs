//! Which parts a mail has, which of them are its text, and which hang on it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kordon_adapters::MailReader;
use kordon_hub::support::mail::{Mail, ReadMail};
use proptest::prelude::*;

fn read(mail: &str) -> Mail {
    MailReader.read(format!("From: a@b.ua\r\nSubject: ETS\r\n{mail}").as_bytes()).unwrap()
}

/// A multipart of this kind with these parts, each with its head.
fn multipart(kind: &str, boundary: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--{boundary}\r\n{part}\r\n")).collect();
    format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"\r\n\r\n{parts}--{boundary}--\r\n")
}

/// The text of a mail, and the types and names of what hangs on it.
fn told(mail: &str) -> (String, Vec<String>) {
    let mail = read(mail);
    let named = mail.attachments.iter().map(|own| match &own.name {
        Some(name) => format!("{} {name}", own.media_type),
        None => own.media_type.clone(),
    });
    (mail.text.trim().to_owned(), named.collect())
}

const PLAIN: &str = "Content-Type: text/plain\r\n\r\nplain";
const HTML: &str = "Content-Type: text/html\r\n\r\n<p>formatted</p>";
const IMAGE: &str = "Content-Type: image/png; name=logo.png\r\n\r\nPNG";

#[test]
fn of_two_forms_of_a_text_the_plain_one_is_read_wherever_it_stands() {
    for parts in [[PLAIN, HTML], [HTML, PLAIN]] {
        assert_eq!(told(&multipart("alternative", "b", &parts)), ("plain".to_owned(), vec![]));
    }
    assert_eq!(told(&multipart("alternative", "b", &[HTML])).0, "formatted");
    let blank = "Content-Type: text/plain\r\n\r\n \r\n";
    assert_eq!(told(&multipart("alternative", "b", &[blank, HTML])).0, "formatted");
    assert_eq!(told(&multipart("alternative", "b", &[blank])), (String::new(), vec![]));
}

#[test]
fn what_a_text_shows_hangs_on_the_mail() {
    let related = multipart("related", "r", &[HTML, IMAGE, PLAIN]);
    let mixed = multipart("mixed", "m", &[&multipart("alternative", "a", &[PLAIN, &related]), IMAGE]);
    let shown = ["image/png logo.png", "text/plain", "image/png logo.png"].map(str::to_owned).to_vec();
    assert_eq!(told(&mixed), ("plain".to_owned(), shown));
    assert_eq!(told(&related).0, "formatted");
}

#[test]
fn a_text_that_is_a_file_hangs_on_the_mail_and_one_that_is_none_is_read() {
    let file = "Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nfile";
    let named = "Content-Type: text/plain; name=a.txt\r\n\r\nnamed";
    let table = "Content-Type: text/csv\r\n\r\na;b";
    let below = "Content-Type: text/plain\r\nContent-Disposition: inline\r\n\r\nbelow";
    let mail = multipart("mixed", "b", &[PLAIN, file, named, table, below]);
    assert_eq!(
        told(&mail),
        (
            "plain\n\nbelow".to_owned(),
            vec!["text/plain".to_owned(), "text/plain a.txt".to_owned(), "text/csv".to_owned()]
        )
    );
    assert_eq!(told(&multipart("mixed", "b", &[named, IMAGE])).0, "named", "the mail begins with it");
}

#[test]
fn a_part_that_says_nothing_is_text_and_in_a_digest_a_mail() {
    let parts = ["\r\nfirst", "X-Own: 1\r\n\r\nsecond"];
    assert_eq!(told(&multipart("mixed", "b", &parts)), ("first\n\nsecond".to_owned(), vec![]));
    // Nor does one that forgot the empty line, or what it says ends where that should be.
    for text in ["only text", "ЄДРПОУ: 1\r\n\r\nНазва: 2", ": 3", " 4"] {
        assert_eq!(read(&multipart("mixed", "b", &[text])).text, text.replace("\r\n", "\n"));
        let with_head =
            format!("Content-Type: text/plain;\r\n charset=utf-8\r\nX-Own: 1\r\n{}", text.trim_start());
        assert_eq!(
            read(&multipart("mixed", "b", &[&with_head])).text,
            text.trim_start().replace("\r\n", "\n")
        );
    }
    let mails = vec!["message/rfc822".to_owned(); 2];
    assert_eq!(told(&multipart("digest", "b", &parts)), (String::new(), mails));
}

#[test]
fn a_boundary_is_a_whole_line() {
    let inner = multipart("mixed", "bb", &["\r\nwithin", "\r\n--b not\r\n--b-\r\n --b\r\nx--b"]);
    let mail = multipart("mixed", "b", &[&inner, "by: c\r\n\r\nbehind"]);
    assert_eq!(read(&mail).text, "within\n\n--b not\n--b-\n --b\nx--b\n\nbehind");
    // White space behind it is no part of it; line ends may be those of Unix.
    let padded = mail.replace("\r\n--b\r\nb", "\r\n--b \t\r\nb").replace("--b--\r\n", "--b-- \r\n");
    assert_eq!(read(&padded).text, read(&mail).text);
    let padded = mail.replace("\r\n", "\n");
    assert_eq!(read(&padded).text, read(&mail).text);
}

#[test]
fn a_boundary_that_is_used_on_two_levels_loses_no_file() {
    let inner = multipart("alternative", "b", &[PLAIN, HTML]);
    let mail = multipart("mixed", "b", &[&inner, IMAGE]);
    assert_eq!(told(&mail), ("plain\n\nformatted".to_owned(), vec!["image/png logo.png".to_owned()]));
}

#[test]
fn a_mail_without_its_last_boundary_is_read_to_its_end() {
    let mail = multipart("mixed", "b", &[PLAIN, IMAGE]).replace("--b--\r\n", "");
    let mail = read(&mail);
    assert_eq!(mail.text, "plain");
    assert_eq!(mail.attachments[0].content, b"PNG\r\n");
}

#[test]
fn a_part_whose_own_parts_cannot_be_told_apart_is_text() {
    let broken = "Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nЄДРПОУ: 1\r\n--x--";
    assert_eq!(told(&multipart("mixed", "b", &[IMAGE, broken])).0, "--x\n\nЄДРПОУ: 1\n--x--");
}

#[test]
fn a_mail_may_have_three_hundred_parts_and_twenty_levels() {
    assert_eq!(read(&multipart("mixed", "b", &[IMAGE; 300])).attachments.len(), 300);
    let more = read(&multipart("mixed", "b", &[IMAGE; 301]));
    assert_eq!(more.attachments.len(), 0);
    assert!(more.text.starts_with("--b\n"), "{}", more.text);
    let deep = |levels: usize| {
        (0..levels).fold(IMAGE.to_owned(), |own, level| multipart("mixed", &format!("b{level}"), &[&own]))
    };
    assert_eq!(read(&deep(20)).attachments.len(), 1);
    let deeper = read(&deep(21));
    assert_eq!(deeper.attachments.len(), 0);
    assert!(deeper.text.starts_with("--b0\n"), "{}", deeper.text);
}

#[test]
fn a_long_text_whose_end_is_cut_off_keeps_its_charset() {
    let text = format!("{}є", "a".repeat(400_000 - 1));
    let mail = read(&multipart("mixed", "b", &[&format!("\r\n{text}")]));
    assert_eq!(mail.text, text);
}

/// Files in parts in parts.
#[derive(Debug, Clone)]
enum Tree {
    File(Vec<u8>),
    Parts(Vec<Tree>),
}

fn trees() -> impl Strategy<Value = Tree> {
    let file = proptest::collection::vec(any::<u8>(), 0..200).prop_map(Tree::File);
    file.prop_recursive(5, 60, 6, |own| proptest::collection::vec(own, 1..6).prop_map(Tree::Parts))
}

/// The tree as it is written, each level with a boundary that begins as the one above it; and its files in
/// order.
fn written(tree: &Tree, boundary: &str, files: &mut Vec<Vec<u8>>) -> String {
    match tree {
        Tree::File(bytes) => {
            files.push(bytes.clone());
            let encoded = STANDARD.encode(bytes);
            format!("Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}")
        }
        Tree::Parts(parts) => {
            let below = format!("{boundary}0");
            let parts: Vec<String> = parts.iter().map(|own| written(own, &below, files)).collect();
            multipart("mixed", boundary, &parts.iter().map(String::as_str).collect::<Vec<_>>())
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_as_parts_comes_back_in_order(tree in trees(), is_unix in any::<bool>()) {
        let mut files = Vec::new();
        let mail = written(&Tree::Parts(vec![tree]), "b", &mut files);
        let mail = read(&if is_unix { mail.replace("\r\n", "\n") } else { mail });
        let read: Vec<Vec<u8>> = mail.attachments.into_iter().map(|own| own.content).collect();
        prop_assert_eq!(read, files);
        prop_assert_eq!(mail.text, "");
    }
}
