//! The text that is signed over HTTP, by the examples of RFC 9421.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kordon_adapters::http_signatures::base::{Message, text};
use kordon_adapters::http_signatures::digest::{check, content_digest};
use kordon_adapters::http_signatures::{Answer, Request};
use openssl::pkey::PKey;
use openssl::sign::Verifier;

/// `test-request` of appendix B.2.
fn test_request() -> Request<'static> {
    let fields: [(&str, &str); 5] = [
        ("host", "example.com"),
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("content-type", "application/json"),
        (
            "content-digest",
            "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        ),
        ("content-length", "18"),
    ];
    Request {
        method: "POST",
        scheme: "https",
        authority: "example.com".into(),
        path: "/foo",
        query: Some("param=Value&Pet=dog"),
        fields: fields.map(|(name, value)| (name.into(), value.as_bytes().into())).to_vec(),
    }
}

#[test]
fn the_ed25519_signature_of_appendix_b_2_6_holds() {
    let input = "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
    let base = text(Message::Request(&test_request()), input).unwrap();
    let expected = "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\"@authority\": example.com\n\
                    \"content-type\": application/json\n\"content-length\": 18\n\"@signature-params\": ";
    assert_eq!(base, format!("{expected}{input}"));
    let key = STANDARD.decode("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=").unwrap();
    let value = STANDARD
        .decode("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==")
        .unwrap();
    let key = PKey::public_key_from_der(&key).unwrap();
    assert!(Verifier::new_without_digest(&key).unwrap().verify_oneshot(&value, base.as_bytes()).unwrap());
}

#[test]
fn parameters_stand_in_the_order_in_which_they_came() {
    for input in [
        "(\"@method\");keyid=\"k\";created=1;alg=\"ed25519\"",
        "(\"@method\");alg=\"ed25519\";created=1;keyid=\"k\"",
        "();tag=\"t\";nonce=\"n\";expires=2;created=1",
    ] {
        let base = text(Message::Request(&test_request()), input).unwrap();
        assert!(base.ends_with(&format!("\"@signature-params\": {input}")), "{base}");
    }
}

#[test]
fn each_part_of_an_address_is_as_it_came() {
    let mut request = test_request();
    let of = |request: &Request<'_>, name: &str| {
        let base = text(Message::Request(request), &format!("(\"{name}\")")).unwrap();
        base.lines().next().unwrap().split_once(": ").unwrap().1.to_owned()
    };
    assert_eq!(of(&request, "@target-uri"), "https://example.com/foo?param=Value&Pet=dog");
    assert_eq!(of(&request, "@query"), "?param=Value&Pet=dog");
    assert_eq!(of(&request, "@request-target"), "/foo?param=Value&Pet=dog");
    assert_eq!(of(&request, "@scheme"), "https");
    request.query = None;
    assert_eq!(of(&request, "@query"), "?");
    assert_eq!(of(&request, "@target-uri"), "https://example.com/foo");
    request.query = Some("");
    assert_eq!(of(&request, "@target-uri"), "https://example.com/foo?");
    assert_eq!(Request::normalized_authority("https", "EXAMPLE.com:443"), "example.com");
    assert_eq!(Request::normalized_authority("http", "example.com:443"), "example.com:443");
    assert_eq!(Request::normalized_authority("http", "example.com:80"), "example.com");
}

#[test]
fn lines_of_a_field_are_one_value_and_what_is_no_ascii_is_none() {
    let mut request = test_request();
    request.fields.push(("x".into(), b"  one ".as_slice().into()));
    request.fields.push(("x".into(), b"two\t".as_slice().into()));
    request.fields.push(("y".into(), "ї".as_bytes().into()));
    request.fields.push(("z".into(), b"a\nb: c".as_slice().into()));
    assert!(text(Message::Request(&request), "(\"x\")").unwrap().starts_with("\"x\": one, two\n"));
    for name in ["y", "z", "none"] {
        text(Message::Request(&request), &format!("(\"{name}\")")).unwrap_err();
    }
}

#[test]
fn an_answer_is_bound_to_its_request() {
    let request = test_request();
    let answer = Answer { status: 200, fields: Vec::new(), request: &request };
    let base = text(Message::Answer(&answer), "(\"@status\" \"@method\";req \"date\";req)").unwrap();
    assert_eq!(
        base,
        "\"@status\": 200\n\"@method\";req: POST\n\"date\";req: Tue, 20 Apr 2021 02:07:55 GMT\n\
         \"@signature-params\": (\"@status\" \"@method\";req \"date\";req)"
    );
    text(Message::Answer(&answer), "(\"@method\")").unwrap_err();
}

#[test]
fn every_digest_that_is_known_has_to_hold_and_one_has_to_be() {
    let content = b"{\"hello\": \"world\"}";
    let of_rfc =
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
    assert_eq!(content_digest(content), "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
    let told = |header: &str| check(header, content).map_err(|refusal| refusal.to_string());
    assert_eq!(told(of_rfc), Ok(()));
    assert_eq!(told(&format!("{of_rfc}, {}", content_digest(content))), Ok(()));
    assert_eq!(
        told(&format!("{of_rfc}, {}", content_digest(b""))),
        Err("value: the Content-Digest is not of this content".into())
    );
    assert_eq!(
        told("md5=:AAAA:"),
        Err("algorithm: the Content-Digest is neither sha-256 nor sha-512".into())
    );
    assert_eq!(told(""), Err("algorithm: the Content-Digest is neither sha-256 nor sha-512".into()));
    assert_eq!(told("sha-256=AAAA"), Err("structure: a Content-Digest is a byte sequence".into()));
    assert_eq!(told("sha-256=:x"), Err("structure: the Content-Digest cannot be read".into()));
}
