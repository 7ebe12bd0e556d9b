//! Mail as it comes: charsets, broken structure, machines, and what is meant to do harm.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kordon_adapters::MailReader;
use kordon_hub::support::mail::contact_data::Given;
use kordon_hub::support::mail::{Mail, ReadMail, Signs};
use proptest::prelude::*;

const HEAD: &str = "From: =?koi8-u?B?7NjPzsE=?= <Broker@Example.com>\r\nTo: support@customs.example\r\n\
    Message-ID: <1@example.com>\r\nSubject: ETS\r\n";

fn read(raw: impl AsRef<[u8]>) -> Mail {
    MailReader.read(raw.as_ref()).unwrap()
}

fn with_head(rest: &str) -> Mail {
    read(format!("{HEAD}{rest}"))
}

/// A mail of bytes in a charset, as they are.
fn in_charset(declared: &str, bytes: &[u8]) -> Vec<u8> {
    let mut raw = format!("{HEAD}MIME-Version: 1.0\r\nContent-Type: text/plain{declared}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
        .into_bytes();
    raw.extend_from_slice(bytes);
    raw
}

const TEXT: &str = "ЄДРПОУ: 43115923\nНазва: ТОВ «Ґанок»\nЇжак і Є.\n";

#[test]
fn ukrainian_is_read_in_every_charset_it_is_written_in() {
    let (windows, _, _) = encoding_rs::WINDOWS_1251.encode(TEXT);
    let (koi8, _, lost) = encoding_rs::KOI8_U.encode("Ґанок, їжак і Є: ЄДРПОУ");
    assert!(!lost);
    assert_eq!(read(in_charset("; charset=windows-1251", &windows)).text, TEXT);
    assert_eq!(read(in_charset("; charset=\"KOI8-U\"", &koi8)).text, "Ґанок, їжак і Є: ЄДРПОУ");
    assert_eq!(read(in_charset("; charset=utf-8", TEXT.as_bytes())).text, TEXT);
    assert_eq!(read(in_charset("", TEXT.as_bytes())).text, TEXT);
    // Nobody said what it is, or said a thing that it is not.
    assert_eq!(read(in_charset("", &windows)).text, TEXT);
    assert_eq!(read(in_charset("; charset=us-ascii", &windows)).text, TEXT);
}

#[test]
fn a_subject_and_a_name_are_decoded() {
    let encoded = STANDARD.encode(encoding_rs::WINDOWS_1251.encode("Не працює ЕТС").0);
    let raw = format!("From: a@b.ua\r\nSubject: =?windows-1251?B?{encoded}?=\r\n\r\n.");
    assert_eq!(read(raw).subject, "Не працює ЕТС");
    let mut bare = b"From: a@b.ua\r\nSubject: ".to_vec();
    bare.extend_from_slice(&encoding_rs::WINDOWS_1251.encode("Їде").0);
    bare.extend_from_slice(b"\r\n\r\n.");
    assert_eq!(read(bare).subject.trim(), "Їде");
    let mail = with_head("\r\n.");
    assert_eq!(mail.sender.as_deref(), Some("Broker@Example.com"));
    assert_eq!(mail.sender_name.as_deref(), Some("Льона"));
}

#[test]
fn what_it_answers_is_named_the_nearest_first() {
    let mail = with_head("In-Reply-To: <3@a>\r\nReferences: <1@a> <2@a>\r\n <3@a>\r\n\r\n.");
    assert_eq!(mail.refers_to, ["3@a", "3@a", "2@a", "1@a"]);
    assert_eq!(mail.message_id.as_deref(), Some("1@example.com"));
}

#[test]
fn formatting_is_left_out() {
    let html = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Не <b>працює</b></p><script>alert(1)</script><br>ЄДРПОУ: 1";
    let text = with_head(html).text;
    assert!(text.contains("Не працює") && text.contains("ЄДРПОУ: 1") && !text.contains('<'), "{text}");
}

#[test]
fn contact_data_of_html_is_read_and_what_it_quotes_is_not() {
    let own = |body: &str| {
        let mail = with_head(&format!(
            "Content-Type: text/html; charset=utf-8\r\n\r\n<html><body>{body}</body></html>"
        ));
        let user = Given::read("", &mail.text).user("a@b.ua", None);
        (user.edrpou.unwrap_or_default(), user.name.unwrap_or_default())
    };
    let letter = "<div>ЄДРПОУ: (не вказано)</div><div>Назва: Чужа</div><div>----------</div><div>EDRPOU: (is missing: …)</div>";
    for body in [
        "<div>ЄДРПОУ: 43115923</div><div>Назва: Брокер</div>".to_owned(),
        "<table><tr><td>ЄДРПОУ:</td><td>43115923</td></tr><tr><td>Назва:</td><td>Брокер</td></tr></table>"
            .to_owned(),
        "<ul><li>ЄДРПОУ: 43115923</li><li>Назва: Брокер</li></ul>".to_owned(),
        // Above the letter that is answered, and below it.
        format!(
            "<div>ЄДРПОУ: 43115923<div>Назва: Брокер</div></div><blockquote class='x'>{letter}</blockquote>"
        ),
        format!("<blockquote type='cite'>{letter}</blockquote><p>ЄДРПОУ: 43115923<br>Назва: Брокер</p>"),
        format!("<div>ЄДРПОУ: 43115923</div><div>Назва: Брокер</div><hr tabindex='-1'>{letter}"),
    ] {
        assert_eq!(own(&body), ("43115923".to_owned(), "Брокер".to_owned()), "{body}");
    }
}

#[test]
fn machines_are_known_by_their_heads() {
    let signs = |line: &str| with_head(&format!("{line}\r\n\r\n.")).signs;
    assert_eq!(with_head("\r\n.").signs, Signs::default());
    for person in [
        "Auto-Submitted: no",
        "Auto-Submitted: No (a person)",
        "Auto-Submitted: no; x=y",
        "Auto-Submitted: no(body)",
        "Return-Path: <a@b.ua>",
        // Mail services put it to what people write, too.
        "Feedback-ID: 1:2:3:service",
    ] {
        assert_eq!(signs(person), Signs::default(), "{person}");
    }
    for automatic in [
        "Auto-Submitted: nobody",
        "Auto-Submitted: auto-replied (vacation)",
        "auto-submitted:auto-generated",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "Precedence: junk",
    ] {
        assert_eq!(signs(automatic), Signs { automatic: true, ..Signs::default() }, "{automatic}");
    }
    for list in
        ["List-Id: <news.example>", "List-Unsubscribe: <mailto:a@b>", "Precedence: bulk", "Precedence: List"]
    {
        assert_eq!(signs(list), Signs { mailing_list: true, ..Signs::default() }, "{list}");
    }
    for bounce in
        ["Return-Path: <>", "Content-Type: multipart/report; report-type=delivery-status; boundary=x"]
    {
        assert_eq!(signs(bounce), Signs { bounce: true, ..Signs::default() }, "{bounce}");
    }
}

/// A mail with a text and attachments, each with its bytes.
fn with_attachments(attachments: &[(&str, &str, &[u8])]) -> Mail {
    let mut rest = String::from(
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee below.\r\n",
    );
    for (name, media_type, bytes) in attachments {
        rest.push_str(&format!(
            "--b\r\nContent-Type: {media_type}\r\nContent-Disposition: attachment; filename*=UTF-8''{name}\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            STANDARD.encode(bytes)
        ));
    }
    with_head(&format!("{rest}--b--\r\n"))
}

#[test]
fn an_archive_is_bytes_whatever_it_would_unpack_to() {
    // Forty-two kilobytes that say of themselves that they are four petabytes.
    let bomb = [b"PK\x03\x04".as_slice(), &[0xff; 42_000]].concat();
    let mail = with_attachments(&[("%D0%B6%D1%83%D1%80%D0%BD%D0%B0%D0%BB.zip", "application/zip", &bomb)]);
    let [attachment] = mail.attachments.as_slice() else { panic!("{:?}", mail.attachments.len()) };
    assert_eq!(attachment.name.as_deref(), Some("журнал.zip"));
    assert_eq!(attachment.media_type, "application/zip");
    assert!(attachment.content == bomb, "as it came");
    assert_eq!(mail.text.trim(), "See below.");
}

#[test]
fn a_mail_in_a_mail_is_an_attachment_and_opens_nothing() {
    let inner = "From: x@y.ua\r\nSubject: inner\r\n\r\nЄДРПОУ: 43115923";
    let rest = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nOuter.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--"
    );
    let mail = with_head(&rest);
    assert_eq!((mail.subject.as_str(), mail.text.trim()), ("ETS", "Outer."));
    assert_eq!(mail.attachments.len(), 1);
    assert_eq!(mail.attachments[0].media_type, "message/rfc822");
}

#[test]
fn a_broken_mail_is_read_as_far_as_it_goes() {
    for broken in [
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nЄДРПОУ: 1",
        "Content-Type: multipart/mixed\r\n\r\nЄДРПОУ: 1",
        "Content-Type: text/plain; charset=klingon\r\nContent-Transfer-Encoding: 8bit\r\n\r\nЄДРПОУ: 1",
        "Content-Type: \u{0}\r\nContent-Transfer-Encoding: nonsense\r\n\r\nЄДРПОУ: 1",
    ] {
        let mail = with_head(broken);
        assert_eq!(mail.sender.as_deref(), Some("Broker@Example.com"), "{broken}");
        assert!(mail.text.contains("ЄДРПОУ: 1"), "{broken}: {:?}", mail.text);
    }
    assert_eq!(MailReader.read(b""), None);
    assert_eq!(MailReader.read(b"\r\n\r\nno head"), None);
}

#[test]
fn parts_within_parts_end_somewhere() {
    let mut raw = HEAD.to_owned();
    for depth in 0..5_000 {
        raw.push_str(&format!("Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n"));
    }
    raw.push_str("\r\nThe end.");
    assert_eq!(read(raw).subject, "ETS");
}

proptest! {
    #[test]
    fn whatever_follows_the_head_its_sender_is_read(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let mail = read([HEAD.as_bytes(), &raw].concat());
        prop_assert_eq!(mail.sender.as_deref(), Some("Broker@Example.com"));
    }

    #[test]
    fn whatever_the_bytes_are_they_are_known_again(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        if let Some(mail) = MailReader.read(&raw) {
            prop_assert_eq!(mail.digest, openssl::sha::sha256(&raw));
        }
    }

    #[test]
    fn whatever_a_text_says_of_itself_it_is_read(
        charset in prop_oneof![
            Just("utf-7"), Just("utf-8"), Just("utf-16"), Just("utf-16le"), Just("utf-16be"), Just("iso-2022-jp"), Just("gb18030"),
            Just("big5"), Just("shift_jis"), Just("euc-kr"), Just("koi8-u"), Just("iso-8859-5"), Just("windows-1251"), Just("cp866"), Just("tis-620"),
            Just("x-none")],
        encoding in prop_oneof![Just("base64"), Just("quoted-printable"), Just("8bit")],
        subtype in prop_oneof![Just("plain"), Just("html")],
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            "[+&#x0-9a-zA-Z;<>/!=?_ \r\n-]{0,300}".prop_map(String::into_bytes)],
    ) {
        let head = format!("{HEAD}Content-Type: text/{subtype}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n");
        prop_assert_eq!(read([head.as_bytes(), &body].concat()).subject, "ETS");
    }

    #[test]
    fn whatever_fields_its_head_has_it_is_read(
        fields in proptest::collection::vec((
            prop_oneof![Just("From"), Just("Subject"), Just("Content-Type"), Just("Content-Disposition"), Just("Content-Transfer-Encoding"),
                Just("References"), Just("In-Reply-To"), Just("Date"), Just("To"), Just("Message-ID")],
            "([=?*'%\"\\\\;:<>(),.@0-9a-fA-F \t\r\n-]|=\\?utf-8\\?[BbQq]\\?|filename\\*[0-9]*=|name=|multipart/|boundary=|[а-я]){0,40}"), 0..8),
    ) {
        let fields: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let raw = format!("X-First: 1\r\n{fields}\r\nbody");
        prop_assert!(MailReader.read(raw.as_bytes()).is_some());
    }

    #[test]
    fn whatever_words_of_mime_follow_the_head_its_subject_is_read(words in proptest::collection::vec(prop_oneof![
        Just("--b\r\n"), Just("--b--\r\n"), Just("\r\n"), Just("Content-Type: multipart/mixed; boundary=b\r\n"),
        Just("Content-Type: message/rfc822\r\n"), Just("Content-Transfer-Encoding: base64\r\n"), Just("=?koi8-u?B?"),
        Just("From: <"), Just("Content-Type: text/html\r\n\r\n<a <b"), Just("References: <<>"), Just("0KHQ")], 0..60)) {
        prop_assert_eq!(with_head(&words.concat()).subject, "ETS");
    }
}

/// Reads on a stack that leaves no room for reading in reading.
fn read_on_a_small_stack(raw: Vec<u8>) -> Mail {
    let reading = move || MailReader.read(&raw).unwrap();
    std::thread::Builder::new().stack_size(512 << 10).spawn(reading).unwrap().join().unwrap()
}

#[test]
fn mails_within_mails_are_read_only_so_deep() {
    let level = "Content-Type: message/rfc822\r\n\r\n";
    let digest = "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n";
    for (level, depth) in [(level, 299), (level, 32_700), (digest, 299), (digest, 20_000)] {
        let mail = read_on_a_small_stack(format!("{HEAD}{}\r\nthe end", level.repeat(depth)).into_bytes());
        assert_eq!(mail.subject, "ETS");
    }
}

#[test]
fn an_encoded_mail_within_a_mail_is_bytes_and_is_not_read() {
    // A head to read, then so many levels, and something that each of them would copy.
    let within = format!("{}{}", "Content-Type: message/rfc822\n\n".repeat(2_500), "x".repeat(1 << 20));
    for (encoding, encoded) in [("base64", STANDARD.encode(&within)), ("Quoted-Printable", within.clone())] {
        let raw = format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee within\r\n--b\r\n\
             Content-Type: message/rfc822\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{encoded}\r\n--b\r\n\
             Content-Type: application/pdf\r\n\r\nPDF\r\n--b--\r\n"
        );
        let mail = read_on_a_small_stack(raw.into_bytes());
        let sizes: Vec<usize> = mail.attachments.iter().map(|own| own.content.len()).collect();
        // The lines of text that is quoted printably end as on the wire (RFC 2045, section 6.7).
        let ends = if encoding == "base64" { 0 } else { 2 * 2_500 };
        let most = within.len() + ends + 3;
        assert!(sizes.iter().sum::<usize>() <= most, "{encoding}: {sizes:?} of {}", within.len());
        if encoding == "base64" {
            assert_eq!(mail.text, "see within");
            assert_eq!(mail.attachments[0].media_type, "message/rfc822");
            assert_eq!(mail.attachments[0].content, within.as_bytes());
            assert_eq!(mail.attachments[1].content, b"PDF", "what follows is not swallowed");
        }
    }
}

#[test]
fn a_text_and_an_attachment_come_without_their_encoding() {
    let raw = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n=D0=84 =3D=\r\n.\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\
         Content-Transfer-Encoding: BASE64\r\n\r\n{}\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         !no base64!\r\n--b--\r\n",
        STANDARD.encode(b"\0PDF\xff")
    );
    let mail = read(raw);
    assert_eq!(mail.text, "Є =.");
    let [pdf, png] = &mail.attachments[..] else { panic!("{:?}", mail.attachments) };
    assert_eq!((pdf.name.as_deref(), &pdf.content[..]), (Some("a.pdf"), &b"\0PDF\xff"[..]));
    assert_eq!(png.content, b"!no base64!", "what is not what it says comes as it is");
}

/// A report of a mail server with these fields about the recipient, and what it has of the mail itself.
fn report(fields: &str, returned: &str) -> Mail {
    read(format!(
        "From: MAILER-DAEMON@example.com\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n{fields}\r\n\
         --b\r\n{returned}\r\n--b--\r\n"
    ))
}

#[test]
fn a_report_names_the_mail_the_recipient_and_the_reason() {
    let fields = "Final-Recipient: RFC822;a@example.com\r\nAction: failed\r\nStatus: 5.2.2\r\n\
                  Diagnostic-Code: smtp; 552 the mailbox\r\n is full\r\n";
    for returned in [
        "Content-Type: text/rfc822-headers\r\n\r\nFrom: us@example.com\r\nmessage-id: <17@us.example>\r\n",
        "Content-Type: message/rfc822\r\n\r\nFrom: us@example.com\r\nMessage-ID:\r\n <17@us.example>\r\n\r\nMessage-ID: <18@us.example>\r\n",
    ] {
        let mail = report(fields, returned);
        assert!(mail.signs.bounce);
        let told = mail.not_delivered.unwrap();
        assert_eq!(told.message_ids, ["17@us.example"], "{returned}");
        assert_eq!(told.recipients, ["a@example.com"]);
        assert_eq!(told.because, "5.2.2, smtp; 552 the mailbox is full");
    }
}

#[test]
fn a_delay_and_a_receipt_tell_of_no_mail_that_did_not_arrive() {
    let returned = "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <17@us.example>\r\n";
    for action in ["delayed", "delivered", "relayed", "expanded"] {
        let mail =
            report(&format!("Final-Recipient: rfc822; a@example.com\r\nAction: {action}\r\n"), returned);
        assert!(mail.signs.bounce && mail.not_delivered.is_none(), "{action}");
    }
}

/// Reads a mail in the time that a look into a mailbox has for many.
fn read_in_time(raw: &str) -> Mail {
    let began = std::time::Instant::now();
    let mail = read(raw);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    mail
}

#[test]
fn a_mail_of_a_million_parts_is_read_as_text() {
    let parts = "--b\r\na:\r\n\r\n".repeat(700_000);
    let mail =
        read_in_time(&format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\nЄДРПОУ: 1\r\n{parts}"));
    assert_eq!((mail.subject.as_str(), mail.attachments.len()), ("ETS", 0));
    assert!(mail.text.starts_with("ЄДРПОУ: 1\n--b\na:"), "{:?}", mail.text.get(..100));
}

#[test]
fn a_mail_of_a_million_lines_of_head_is_read_as_text() {
    let mail = read_in_time(&format!("{HEAD}{}\r\nЄДРПОУ: 1\r\n", "a:\r\n".repeat(2_500_000)));
    assert_eq!((mail.subject.as_str(), mail.text.as_str()), ("ETS", "ЄДРПОУ: 1\n"));
    // All of it in one line that has no end.
    let mail = read_in_time(&format!("{HEAD}{}", "--".repeat(5_000_000)));
    assert_eq!(mail.sender.as_deref(), Some("Broker@Example.com"));
}

#[test]
fn a_mail_with_thousands_of_dashes_and_lines_is_taken_apart() {
    let lines = format!(
        "{}\r\n{}",
        format!("{}\r\n", "-".repeat(80)).repeat(600),
        "09:40 відповідь 500\r\n".repeat(20_000)
    );
    let mail = with_head(&format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         Не працює.\r\n--b\r\nContent-Type: text/x-log\r\nContent-Disposition: attachment; filename=a.log\r\n\r\n{lines}\r\n--b--\r\n"
    ));
    assert_eq!(mail.text, "Не працює.");
    let [log] = mail.attachments.as_slice() else { panic!("{:?}", mail.attachments.len()) };
    assert_eq!((log.name.as_deref(), log.content.as_slice()), (Some("a.log"), lines.as_bytes()));
}
