//! The headers of REST, and the hash of a request.

use std::collections::BTreeMap;

use kordon_adapters::trembita::rest::{HeaderFault, MemberRequest, request_hash};

fn read(headers: &[(&'static str, &str)]) -> Result<Option<MemberRequest>, HeaderFault> {
    let mut known: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for (name, value) in headers {
        known.entry(name.to_ascii_lowercase()).or_default().push(value.as_bytes().to_vec());
    }
    MemberRequest::read(|name| {
        known.get(&name.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default().iter().map(Vec::as_slice)
    })
}

#[test]
fn both_dialects_say_who_asks_and_why() {
    let asked = read(&[
        ("Uxp-Client", "SEVDEIR-TEST/GOV/00000001/SUB_1"),
        ("Uxp-Service", "SEVDEIR-TEST/GOV/00000002/SUB_2/space/1"),
        ("Uxp-QueryID", "7ef7045f-d886-4b32-8142-a40958a3ae8e"),
        ("Uxp-Purpose-Ids", "9K9J65I75ILCLMPDUIRXS"),
        ("Uxp-Subject-Id", "1234567036"),
    ])
    .unwrap()
    .unwrap();
    assert_eq!(asked.client.to_string(), "SEVDEIR-TEST/GOV/00000001/SUB_1");
    assert_eq!(asked.id.as_deref(), Some("7ef7045f-d886-4b32-8142-a40958a3ae8e"));
    assert_eq!(asked.purpose.as_deref(), Some("9K9J65I75ILCLMPDUIRXS"));
    assert_eq!(asked.subject.as_deref(), Some("1234567036"));
    let echoed: Vec<_> = asked.echoed.iter().map(|(name, _)| *name).collect();
    assert_eq!(echoed, ["Uxp-Client", "Uxp-Service", "Uxp-QueryID"]);

    let asked = read(&[
        ("X-Road-Client", "EE/BUSINESS/consumer/sub%2Fsystem"),
        ("X-Road-UserId", "EE12345678901"),
        ("X-Road-Issue", "case 7"),
    ])
    .unwrap()
    .unwrap();
    assert_eq!(asked.client.parts(), ["EE", "BUSINESS", "consumer", "sub/system"]);
    assert_eq!((asked.user_id.as_deref(), asked.issue.as_deref()), (Some("EE12345678901"), Some("case 7")));
}

#[test]
fn a_request_without_a_client_is_nobodys() {
    assert_eq!(read(&[]), Ok(None));
    assert_eq!(read(&[("X-Road-Id", "1"), ("Uxp-Purpose-Ids", "P")]), Ok(None));
}

#[test]
fn headers_that_could_be_taken_for_others_are_refused() {
    let client = ("X-Road-Client", "EE/BUSINESS/consumer");
    for (headers, expected) in [
        (vec![client, client], "X-Road-Client: stands twice"),
        (vec![client, ("X-Road-Id", "1"), ("X-Road-Id", "1")], "X-Road-Id: stands twice"),
        (
            vec![client, ("Uxp-Client", "EE/BUSINESS/consumer")],
            "Uxp-Client: stands beside the client of the other dialect",
        ),
        (
            vec![client, ("X-Road-Id", "1"), ("Uxp-QueryID", "1")],
            "Uxp-QueryID: stands beside the same of the other dialect",
        ),
        (
            vec![("Uxp-Client", "EE/BUSINESS")],
            "Uxp-Client: is INSTANCE/CLASS/CODE[/SUBSYSTEM], each part percent-encoded",
        ),
        (
            vec![client, ("X-Road-Issue", "a\u{1}b")],
            "X-Road-Issue: is longer than 1000 characters, or holds control characters",
        ),
    ] {
        assert_eq!(read(&headers).unwrap_err().to_string(), expected);
    }
}

/// Worked out by the rules of X-Road's sources, with independent code; no published pair exists.
#[test]
fn the_hash_covers_the_request_line_the_headers_in_order_and_the_body() {
    let headers = [
        ("Host", "provider"),
        ("Content-Type", "application/json"),
        ("X-Road-Client", "EE/BUSINESS/consumer/sub"),
        ("User-Agent", "a client"),
        ("X-Road-Id", "2f8f4f5e-7f6a-4b9d-8c38-0d3d1c5c1a11"),
        ("x-road-request-hash", "a client's own is dropped"),
    ];
    let hash = |body| {
        let (target, id) =
            ("/r1/EE/BUSINESS/producer/sub/echo?a=%C3%B6", "f92591a3-6bf0-49b1-987b-0dd78c034cc3");
        request_hash("POST", target, headers, (id, None), body).unwrap()
    };
    assert_eq!(
        hash(Some(br#"{"value" : 42}"#.as_slice())),
        "4IXZhWf5FnGsv+c1MDQv/uAng+GxeKLfM7GPdvUHdfIXQvrwQroE85JcBXU9VZS8L1HsCKtXtF3tPj4KltpBkA=="
    );
    assert_eq!(
        hash(None),
        "pi5zqN1IauSBlu/WBBjpKw9EchG2NKBDRKt1prd2jFlb8Nk3hK08LTetx5nJ/mE3jMfYxB9w/CiHvdBPIMOkiw=="
    );
}
