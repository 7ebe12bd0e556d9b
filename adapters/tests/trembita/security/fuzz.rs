//! Whatever is done to a signed message on its way: it is not taken, or it says what was signed.
//! `PROPTEST_CASES` sets how many.
//!
//! For longer: `KORDON_FUZZ_SECONDS=600 cargo test -p kordon-adapters --test trembita -- --ignored
//! security::fuzz::for_long`.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use kordon_adapters::http_signatures::base::Message;
use kordon_adapters::http_signatures::digest::{check, content_digest};
use kordon_adapters::http_signatures::{Request, read, sign as sign_http};
use kordon_adapters::trembita::security::{Authorities, Window};
use kordon_adapters::trembita::soap::Limits;
use kordon_adapters::trembita::soap::message::Envelope;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

use super::{authorities, key, now, part, signed_by, taken};

struct Made {
    text: String,
    at: DateTime<Utc>,
    believed: Authorities,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let at = now();
    Made { text: signed_by("p256", at), at, believed: authorities(&[]) }
});

/// What is done to a message: at places from 0 to 1 of its length.
#[derive(Debug, Clone)]
enum Edit {
    Remove(f64, f64),
    Repeat(f64, f64, f64),
    Put(f64, String),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let place = 0.0..1.0_f64;
    let short = 0.0..0.15_f64;
    let words = prop_oneof![
        Just("wsu:Id='body'".to_owned()),
        Just(" Id='client'".to_owned()),
        Just("<s:Body wsu:Id='body'><ask xmlns='urn:t'><plate>XX</plate></ask></s:Body>".to_owned()),
        Just("<s:Header>".to_owned()),
        Just("<ds:Object>".to_owned()),
        Just("</ds:Object>".to_owned()),
        Just("<!-- -->".to_owned()),
        Just("<![CDATA[x]]>".to_owned()),
        Just("&#13;".to_owned()),
        Just(" xmlns:wsu='urn:x'".to_owned()),
        Just("<evil:w>".to_owned()),
        Just("</evil:w>".to_owned()),
        Just("<?x y?>".to_owned()),
        Just("\n".to_owned()),
        "[ -~]{0,6}",
    ];
    let edit = prop_oneof![
        (place.clone(), short.clone()).prop_map(|(from, length)| Edit::Remove(from, length)),
        (place.clone(), short, place.clone()).prop_map(|(from, length, to)| Edit::Repeat(from, length, to)),
        (place, words).prop_map(|(at, text)| Edit::Put(at, text)),
    ];
    prop::collection::vec(edit, 1..6)
}

fn edited(text: &str, edits: &[Edit]) -> String {
    // Tags are the natural borders, so every second place is moved to one.
    let border = |text: &str, place: f64| {
        let at = (place * text.len() as f64) as usize;
        let near = if ((place * 1e6) as u64).is_multiple_of(2) {
            text[at..].find('<').map(|more| at + more)
        } else {
            None
        };
        near.unwrap_or(at).min(text.len())
    };
    let mut text = text.to_owned();
    for edit in edits {
        match edit {
            Edit::Remove(from, length) => {
                let (from, to) = (border(&text, *from), border(&text, (from + length).min(1.0)));
                text.replace_range(from.min(to)..from.max(to), "");
            }
            Edit::Repeat(from, length, to) => {
                let (from, until) = (border(&text, *from), border(&text, (from + length).min(1.0)));
                let piece = text[from.min(until)..from.max(until)].to_owned();
                let to = border(&text, *to);
                text.insert_str(to, &piece);
            }
            Edit::Put(at, piece) => {
                let at = border(&text, *at);
                text.insert_str(at, piece);
            }
        }
    }
    text
}

/// What the hub would act on: the headers, and the texts of the Body in their order with the names around
/// them.
fn acted_on(text: &str) -> (String, Vec<String>) {
    let Ok(Envelope::Message(message)) = Envelope::read(text, &Limits::default()) else {
        panic!("it was read before")
    };
    let document = message.document(&Limits::default()).unwrap();
    let body = document.root_element().children().rfind(roxmltree::Node::is_element).unwrap();
    let said = body
        .descendants()
        .filter(|node| node.is_element() || node.is_text())
        .map(|node| match node.text() {
            Some(text) if node.is_text() => text.to_owned(),
            Some(_) | None => format!("{:?}", node.tag_name()),
        })
        .collect();
    (format!("{:?}", message.header), said)
}

/// A message that was changed is not taken, or says what was signed.
fn check_whole(edits: &[Edit]) -> TestCaseResult {
    check_says_the_same(&edited(&MADE.text, edits))
}

/// The same, where only the Security header was changed.
fn check_security_header(edits: &[Edit]) -> TestCaseResult {
    let security = part(&MADE.text, "<wsse:Security ", "</wsse:Security>");
    check_says_the_same(&MADE.text.replacen(security, &edited(security, edits), 1))
}

fn check_says_the_same(other: &str) -> TestCaseResult {
    let Made { text, at, believed } = &*MADE;
    if taken(other, believed, *at).is_ok() {
        prop_assert_eq!(acted_on(other), acted_on(text), "{}", other);
    }
    Ok(())
}

#[test]
#[ignore = "for as long as KORDON_FUZZ_SECONDS says"]
fn for_long() {
    let seconds = std::env::var("KORDON_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let (begun, mut cases) = (Instant::now(), 0_u32);
    while begun.elapsed() < Duration::from_secs(seconds) {
        for check in [check_whole, check_security_header] {
            let config = Config { cases: 500, failure_persistence: None, ..Config::default() };
            let ran = TestRunner::new(config).run(&edits(), |edits| check(&edits));
            ran.unwrap_or_else(|fault| panic!("{fault}"));
            cases += 500;
        }
    }
    println!("{cases} cases in {:?}", begun.elapsed());
}

proptest! {
    #[test]
    fn a_changed_message_is_not_taken_or_says_what_was_signed(edits in edits()) {
        check_whole(&edits)?;
    }

    #[test]
    fn a_message_with_a_changed_security_header_is_not_taken_or_says_what_was_signed(edits in edits()) {
        check_security_header(&edits)?;
    }

    #[test]
    fn made_up_headers_of_signatures_are_refused(input in "[ -~]{0,80}", value in "[ -~]{0,40}") {
        let fields = vec![
            ("signature-input".into(), input.into_bytes().into()),
            ("signature".into(), value.into_bytes().into()),
        ];
        let request = request(fields);
        prop_assert!(read(&request, &Window::default(), now()).is_err());
    }

    #[test]
    fn a_changed_signature_over_http_reads_as_what_it_is_or_is_refused(edits in edits()) {
        let headers = signed_request();
        let fields = vec![
            ("signature-input".into(), edited(&headers.input, &edits).into_bytes().into()),
            ("signature".into(), headers.value.into_bytes().into()),
        ];
        let request = request(fields);
        let signer = MADE.believed.believe(&certificate(), now()).unwrap();
        if let Ok(named) = read(&request, &Window::default(), now()) {
            let holds = named.verify(&signer).is_ok();
            let is_same = request.fields[0].1.trim_ascii() == headers.input.as_bytes();
            prop_assert!(!holds || is_same, "{:?}", String::from_utf8_lossy(&request.fields[0].1));
        }
    }

    #[test]
    fn digests_hold_for_their_content_alone(content: Vec<u8>, other: Vec<u8>, header in "[ -~]{0,60}") {
        prop_assert!(check(&content_digest(&content), &content).is_ok());
        prop_assert!(content == other || check(&content_digest(&content), &other).is_err());
        prop_assert!(check(&header, &content).is_err());
    }
}

fn certificate() -> Vec<u8> {
    use kordon_adapters::keys::Signer;
    key("p256").certificate().to_vec()
}

fn request(fields: kordon_adapters::http_signatures::message::Fields<'_>) -> Request<'_> {
    Request { method: "GET", scheme: "https", authority: "hub".into(), path: "/", query: Some("a=b"), fields }
}

fn signed_request() -> sign_http::Headers {
    let components = [("@method", false), ("@target-uri", false)];
    let request = request(Vec::new());
    sign_http::sign(Message::Request(&request), &components, Some("n"), &key("p256"), now()).unwrap()
}
