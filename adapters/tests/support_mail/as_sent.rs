//! Mail of programs that do not keep to the standards, and of those that keep to little-known ones: what a
//! user wrote is read all the same.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::WINDOWS_1251;
use kordon_adapters::MailReader;
use kordon_hub::support::mail::{Mail, ReadMail};

const HEAD: &str = "From: a@b.ua\r\nSubject: ETS\r\n";

fn read(raw: impl AsRef<[u8]>) -> Mail {
    MailReader.read(raw.as_ref()).unwrap()
}

fn with_head(rest: &str) -> Mail {
    read(format!("{HEAD}{rest}"))
}

fn windows(text: &str) -> Vec<u8> {
    WINDOWS_1251.encode(text).0.into_owned()
}

const TEXT: &str = "ЄДРПОУ: 43115923";

#[test]
fn a_charset_that_is_not_said_or_said_wrongly_is_found_in_every_encoding() {
    let old = STANDARD.encode(windows(TEXT));
    let new = STANDARD.encode(TEXT);
    for (kind, written) in [
        ("text/plain", &old),
        ("text/plain; charset=win-1251", &old),
        ("text/plain; charset=us-ascii", &new),
        ("text/html", &old),
        ("text/html; charset=us-ascii", &new),
        ("text/plain charset=utf-8", &new),
    ] {
        let rest = format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{written}\r\n");
        assert_eq!(with_head(&rest).text, TEXT, "{kind}");
    }
    let mut meta = format!("{HEAD}Content-Type: text/html\r\n\r\n<meta charset=koi8-u><p>").into_bytes();
    meta.extend_from_slice(&encoding_rs::KOI8_U.encode(TEXT).0);
    assert_eq!(read(meta).text.trim(), TEXT);
}

#[test]
fn a_mark_of_byte_order_is_no_part_of_the_first_line() {
    let rest = format!("Content-Type: text/plain; charset=utf-8\r\n\r\n\u{feff}{TEXT}");
    assert_eq!(with_head(&rest).text, TEXT);
}

#[test]
fn a_plain_form_in_which_nothing_stands_says_nothing_however_it_is_encoded() {
    for (encoding, blank) in [("base64", "DQo="), ("quoted-printable", "=20=C2=A0\r\n"), ("8bit", "\u{a0}")] {
        let rest = format!(
            "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: {encoding}\r\n\r\n{blank}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>{TEXT}</p>\r\n--b--\r\n"
        );
        assert_eq!(with_head(&rest).text.trim(), TEXT, "{encoding}");
    }
}

#[test]
fn what_a_server_wrote_below_a_text_and_a_stray_sign_do_not_make_it_unreadable() {
    let written = STANDARD.encode(TEXT);
    let below = format!("Content-Transfer-Encoding: base64\r\n\r\n{written}\r\n-- \r\nChecked by Avast.\r\n");
    assert_eq!(with_head(&below).text, TEXT);
    let stray = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=D0=84 https://a.ua/?id=zzz\r\n";
    assert_eq!(with_head(stray).text.trim(), "Є https://a.ua/?id=zzz");
}

#[test]
fn a_name_that_flows_over_two_lines_is_whole() {
    let flowed = "Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\nНазва: Товариство \r\n«Контора»\r\nСуть: б";
    assert_eq!(with_head(flowed).text, "Назва: Товариство «Контора»\nСуть: б");
}

#[test]
fn lines_that_end_in_a_carriage_return_alone_are_lines() {
    let rest =
        format!("Content-Transfer-Encoding: base64\r\n\r\n{}", STANDARD.encode("ЄДРПОУ: 1\rНазва: А\r"));
    assert_eq!(with_head(&rest).text, "ЄДРПОУ: 1\nНазва: А\n");
}

#[test]
fn a_sender_whose_name_has_a_comma_is_known_and_one_of_two_is_not() {
    for name in ["Петренко, Іван", "ETS, Ivan"] {
        let mail = read(format!("From: {name} <a@b.ua>\r\n\r\n."));
        assert_eq!(mail.sender.as_deref(), Some("a@b.ua"), "{name}");
    }
    assert_eq!(read("From: a@b.ua\r\nSubject: ETS\r\nFrom: c@d.ua\r\n\r\n.").sender, None);
}

#[test]
fn a_head_of_bare_bytes_is_read() {
    let mut raw = b"From: ".to_vec();
    raw.extend(windows("Іван Петренко <a@b.ua>\r\nSubject: Їде"));
    raw.extend(b"\r\nAuto-Submitted: auto-replied (".to_vec());
    raw.extend(windows("відпустка)\r\nContent-Type: application/pdf; name=\"Лист.pdf\"\r\n\r\n."));
    let mail = read(raw);
    assert_eq!((mail.sender_name.as_deref(), mail.subject.as_str()), (Some("Іван Петренко"), "Їде"));
    assert!(mail.signs.automatic);
    assert_eq!(mail.attachments[0].name.as_deref(), Some("Лист.pdf"));
}

#[test]
fn heads_that_take_the_square_of_their_length_are_read_in_time() {
    let words = " =?aa?q? =?aa?q?".repeat(640_000 / 16);
    let began = std::time::Instant::now();
    with_head(&format!("X: y\r\nFrom: {words}\r\n\r\n."));
    // One that is shorter than what is cut off, and parts that are longer.
    let part = format!("--b\r\nContent-Type: text/plain; name={}\r\n\r\n.\r\n", &words[..20_000]);
    let parts = part.repeat(60);
    with_head(&format!(
        "Subject: {}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--",
        &words[..20_000]
    ));
    assert!(began.elapsed().as_secs() < 100, "{:?}", began.elapsed());
}
