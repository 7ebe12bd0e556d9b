//! One message per kind and one per fault.

use kordon_adapters::trembita::soap::Limits;
use kordon_adapters::trembita::soap::faults::{Dialect, Origin};
use kordon_adapters::trembita::soap::message::{Kind, Style};
use kordon_adapters::trembita::soap::transport::{Side, check_method, check_soap_action, receive};

use super::fixtures::{
    BODY, CLIENT, ID, SERVICE, USER, VERSION, XML, asked, envelope, message, read, refused, request,
};

#[test]
fn a_request_says_who_asks_whom_for_what() {
    let message = read(&request());
    assert_eq!(message.header.client.to_string(), "SEVDEIR-TEST/GOV/00000088/17_carrier_cons");
    assert_eq!(message.header.service.to_string(), "SEVDEIR-TEST/GOV/00000099/99_queue_prod/GetQueue_v1");
    assert_eq!(message.header.id, "7ef7045f-d886-4b32-8142-a40958a3ae8e");
    assert_eq!(message.header.user_id.as_deref(), Some("UA3184710691"));
    assert_eq!(message.header.protocol_version, "4.0");
    assert_eq!((message.kind(), message.style), (Kind::Request, Style::Document));
    assert_eq!(message.wrapper.namespace.as_deref(), Some("urn:queue"));
    assert_eq!(message.text(), request());
}

#[test]
fn the_less_common_headers_are_read() {
    let message = read(&message(
        &[
            CLIENT,
            &SERVICE.replace("</xro:service>", "<iden:serviceVersion>v3</iden:serviceVersion></xro:service>"),
            ID,
            "<xro:issue/>",
            "<repr:representedParty><repr:partyClass>COM</repr:partyClass><repr:partyCode>12345678</repr:partyCode></repr:representedParty>",
            concat!(
                r#"<xro:securityServer iden:objectType="SERVER"><iden:xRoadInstance>SEVDEIR-TEST</iden:xRoadInstance>"#,
                "<iden:memberClass>GOV</iden:memberClass><iden:memberCode>00000099</iden:memberCode>",
                "<iden:serverCode>99_SS_T2_1</iden:serverCode></xro:securityServer>"
            ),
            VERSION,
            "<other:header xmlns:other=\"urn:other\">kept</other:header>",
        ],
        BODY,
    ));
    assert_eq!(message.header.service.service_version.as_deref(), Some("v3"));
    assert_eq!(message.header.issue.as_deref(), Some(""));
    let party = message.header.represented_party.as_ref().expect("a represented party");
    assert_eq!((party.class.as_deref(), party.code.as_str()), (Some("COM"), "12345678"));
    assert_eq!(message.header.security_server.as_ref().expect("a server").server_code, "99_SS_T2_1");
    assert!(message.header_content().contains("urn:other"));
}

#[test]
fn each_fault_has_its_code() {
    let fault = "<soapenv:Fault><faultcode>Own.Code</faultcode><faultstring>no</faultstring></soapenv:Fault>";
    let with = |headers: &[&str]| refused(&message(headers, BODY));
    let cases: Vec<(&str, String, &str)> = vec![
        ("nothing", refused(""), "Client.InvalidSoap"),
        ("no envelope", refused("<a/>"), "Client.InvalidSoap"),
        (
            "an envelope of SOAP 1.2",
            refused(&request().replace(
                "http://schemas.xmlsoap.org/soap/envelope/",
                "http://www.w3.org/2003/05/soap-envelope",
            )),
            "Client.InvalidSoap",
        ),
        (
            "two bodies",
            refused(&envelope("<soapenv:Header/><soapenv:Body/><soapenv:Body/>")),
            "Client.InvalidSoap",
        ),
        ("not closed", refused(&request().replace("</soapenv:Envelope>", "")), "Client.InvalidXml"),
        ("no header", refused(&envelope("<soapenv:Body><a/></soapenv:Body>")), "Client.MissingHeader"),
        (
            "no body",
            refused(&envelope(&format!("<soapenv:Header>{CLIENT}{SERVICE}{ID}{VERSION}</soapenv:Header>"))),
            "Client.MissingBody",
        ),
        ("no client", with(&[SERVICE, ID, VERSION]), "Client.MissingHeaderField"),
        ("no service", with(&[CLIENT, ID, VERSION]), "Client.MissingHeaderField"),
        ("no id", with(&[CLIENT, SERVICE, VERSION]), "Client.MissingHeaderField"),
        ("no version", with(&[CLIENT, SERVICE, ID]), "Client.MissingHeaderField"),
        ("the client twice", with(&[CLIENT, CLIENT, SERVICE, ID, VERSION]), "Client.DuplicateHeaderField"),
        ("the user twice", with(&[CLIENT, SERVICE, USER, USER, ID, VERSION]), "Client.DuplicateHeaderField"),
        (
            "a code twice",
            with(&[
                &CLIENT
                    .replace("<iden:memberClass>", "<iden:memberCode>1</iden:memberCode><iden:memberClass>"),
                SERVICE,
                ID,
                VERSION,
            ]),
            "Client.DuplicateHeaderField",
        ),
        (
            "no object type",
            with(&[CLIENT, &SERVICE.replace(" iden:objectType=\"SERVICE\"", ""), ID, VERSION]),
            "Client.InvalidXml",
        ),
        (
            "an object type in no namespace",
            with(&[CLIENT, &SERVICE.replace("iden:objectType", "objectType"), ID, VERSION]),
            "Client.InvalidXml",
        ),
        (
            "a service that is a subsystem",
            with(&[CLIENT, &SERVICE.replace("\"SERVICE\"", "\"SUBSYSTEM\""), ID, VERSION]),
            "Client.InvalidXml",
        ),
        (
            "a member with a subsystem",
            with(&[&CLIENT.replace("\"SUBSYSTEM\"", "\"MEMBER\""), SERVICE, ID, VERSION]),
            "Client.InvalidXml",
        ),
        (
            "a client without a code",
            with(&[&CLIENT.replace("<iden:memberCode>00000088</iden:memberCode>", ""), SERVICE, ID, VERSION]),
            "Client.InvalidXml",
        ),
        (
            "another version",
            with(&[CLIENT, SERVICE, ID, "<xro:protocolVersion>5.0</xro:protocolVersion>"]),
            "Client.InvalidProtocolVersion",
        ),
        ("an empty body", refused(&message(&[CLIENT, SERVICE, ID, VERSION], "")), "Client.InvalidBody"),
        (
            "two in the body",
            refused(&message(&[CLIENT, SERVICE, ID, VERSION], "<GetQueue_v1/><GetQueue_v1/>")),
            "Client.InvalidBody",
        ),
        (
            "another wrapper",
            refused(&message(&[CLIENT, SERVICE, ID, VERSION], "<GetOutages_v1/>")),
            "Client.InconsistentHeaders",
        ),
        (
            "a shorter wrapper",
            refused(&message(&[CLIENT, SERVICE, ID, VERSION], "<GetQueue/>")),
            "Client.InconsistentHeaders",
        ),
        ("a fault", refused(&message(&[], fault)), "Client.Own.Code"),
    ];
    for (what, code, expected) in cases {
        assert_eq!(code, expected, "{what}");
    }
}

#[test]
fn of_several_faults_the_one_is_named_that_stands_first() {
    let version = "<xro:protocolVersion>x</xro:protocolVersion>";
    let bare = SERVICE.replace(" iden:objectType=\"SERVICE\"", "");
    let cases = [
        (message(&[version, &bare, CLIENT, CLIENT], "<a/><b/>"), "Client.InvalidProtocolVersion"),
        (message(&[&bare, version, CLIENT, CLIENT], "<a/><b/>"), "Client.InvalidXml"),
        (message(&[CLIENT, CLIENT, &bare, version], "<a/><b/>"), "Client.DuplicateHeaderField"),
        (message(&[CLIENT], "<a/><b/>"), "Client.InvalidBody"),
        // What is raised at the end: fields before the body, and none of them if the body is a fault.
        (message(&[CLIENT], "<a/>"), "Client.MissingHeaderField"),
        (message(&[CLIENT], "<soapenv:Fault><faultcode>F</faultcode></soapenv:Fault>"), "Client.F"),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(&text), expected, "{text}");
    }
}

#[test]
fn codes_are_spelled_in_both_dialects() {
    let refusal = asked(b"").expect_err("nothing is refused");
    assert_eq!(refusal.full_code(Origin::Client, Dialect::Camel), "Client.InvalidSoap");
    assert_eq!(refusal.full_code(Origin::Client, Dialect::Snake), "client.invalid_soap");
    assert_eq!(refusal.full_code(Origin::ServerProxy, Dialect::Snake), "server.serverproxy.invalid_soap");
    assert_eq!(
        refusal.full_code(Origin::Service, Dialect::Snake),
        "server.serverproxy.service_failed.invalid_soap"
    );
    assert_eq!(
        refusal.full_code(Origin::ServiceSeenByClient, Dialect::Camel),
        "Server.ClientProxy.ServiceFailed.InvalidSoap"
    );
}

#[test]
fn what_http_may_say_is_checked() {
    let code = |check: Result<(), kordon_adapters::trembita::soap::faults::Refusal>| {
        check.err().map(|refusal| refusal.full_code(Origin::Client, Dialect::Camel))
    };
    assert_eq!(code(check_method("POST")), None);
    assert_eq!(code(check_method("GET")).as_deref(), Some("Client.InvalidHttpMethod"));
    for taken in [None, Some(""), Some("\"\""), Some("\"urn:queue#GetQueue\"")] {
        assert_eq!(code(check_soap_action(taken)), None, "{taken:?}");
    }
    for action in ["urn:queue", "\"", "\"urn:queue"] {
        assert_eq!(
            code(check_soap_action(Some(action))).as_deref(),
            Some("Client.InvalidSoapAction"),
            "{action}"
        );
    }
    for media in [
        None,
        Some(""),
        Some("blah"),
        Some("text/html"),
        Some("application/soap+xml"),
        Some("multipart/related"),
        Some("text/xml; charset=utf-8; charset=latin1"),
    ] {
        let text = request();
        let refusal = receive(Side::Request, media, text.as_bytes(), &Limits::default());
        let code = refusal.expect_err("refused").full_code(Origin::Client, Dialect::Camel);
        assert_eq!(code, "Client.InvalidContentType", "{media:?}");
    }
}

#[test]
fn a_message_may_be_in_any_charset() {
    let text = request().replace("UA209140", "Шегині");
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(&text);
    let declared = format!("<?xml version=\"1.0\" encoding='windows-1251'?>{text}");
    let (declared, _, _) = encoding_rs::WINDOWS_1251.encode(&declared);
    let sixteen: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    let cases: [(&str, &[u8]); 6] = [
        ("text/xml; charset=windows-1251", &bytes),
        ("text/xml", &declared),
        ("text/xml", &sixteen),
        ("text/xml; charset=\"UTF-8\"", &marked),
        ("TEXT/XML;charset=utf-8", text.as_bytes()),
        ("text/xml ; action=\"urn:x;charset=latin1\"", text.as_bytes()),
    ];
    for (media, body) in cases {
        let received = receive(Side::Request, Some(media), body, &Limits::default());
        let received = received.unwrap_or_else(|refusal| panic!("{media}: {refusal}"));
        assert_eq!(received.message, body, "the hash is computed from the bytes as they came");
        let message = super::fixtures::whole(received.envelope);
        assert!(message.text().contains("Шегині"), "{media}");
    }
    for media in ["text/xml; charset=UTF-8", "text/xml; charset=klingon"] {
        let refusal = receive(Side::Request, Some(media), &bytes, &Limits::default()).expect_err("refused");
        assert_eq!(refusal.full_code(Origin::Client, Dialect::Camel), "Client.InvalidXml");
    }
}

#[test]
fn attachments_come_with_their_headers_and_bytes() {
    for line in ["\n", "\r\n"] {
        let body = format!(
            concat!(
                "preamble{n}--b{n}Content-Type: application/xop+xml; charset=UTF-8{n}content-id:{n}   <soap@queue>{n}{n}{soap}{n}",
                "--b  {n}Content-Type: image/png{n}Content-ID: <photo@queue>{n}{n}\u{1}\u{2}--b{n}{n}--b--{n}epilogue"
            ),
            n = line,
            soap = request()
        );
        let media = "Multipart/Related; start-info=\"x;y\"; boundary=\"b\"";
        let received = receive(Side::Request, Some(media), body.as_bytes(), &Limits::default());
        let received = received.unwrap_or_else(|refusal| panic!("{refusal}"));
        assert_eq!(received.message, request().as_bytes());
        let [photo] = received.attachments.as_slice() else { panic!("one attachment") };
        assert_eq!(photo.content_id(), Some("photo@queue"));
        assert_eq!(photo.content, format!("\u{1}\u{2}--b{line}").as_bytes());
    }
}

#[test]
fn attachments_that_are_not_right_are_refused() {
    let soap = format!("--b\nContent-Type: text/xml\n\n{}\n", request());
    let cases = [
        ("nothing", String::new(), "Client.MissingSoap"),
        ("no delimiter", request(), "Client.MissingSoap"),
        ("not closed", soap.clone(), "Client.InvalidMessage"),
        ("not XML", "--b\nContent-Type: text/plain\n\nx\n--b--".to_owned(), "Client.InvalidContentType"),
        ("no type", format!("{soap}--b\nCont-Type: text/plain\n\nx\n--b--"), "Client.InvalidContentType"),
        ("no header", format!("{soap}--b\nContent\n\nx\n--b--"), "Client.InvalidMessage"),
        (
            "base64",
            format!("{}--b--", soap.replace("\n\n<", "\nContent-Transfer-Encoding: base64\n\n<")),
            "Client.InvalidMessage",
        ),
        (
            "many",
            format!("{soap}{}--b--", "--b\nContent-Type: a/b\n\n\n".repeat(101)),
            "Client.InvalidMessage",
        ),
        (
            "long headers",
            format!("{soap}--b\nContent-Type: a/b\nX: {}\n\nx\n--b--", "x".repeat(20_000)),
            "Client.InvalidMessage",
        ),
    ];
    for (what, body, expected) in cases {
        let media = "multipart/related; boundary=b";
        let refusal = receive(Side::Request, Some(media), body.as_bytes(), &Limits::default());
        let code = refusal.map(|_| ()).expect_err(what).full_code(Origin::Client, Dialect::Camel);
        assert_eq!(code, expected, "{what}");
    }
    let answer = receive(Side::Answer, Some("multipart/related; boundary=b"), b"", &Limits::default());
    let code = answer.expect_err("refused").full_code(Origin::Service, Dialect::Camel);
    assert_eq!(code, "Server.ServerProxy.ServiceFailed.InvalidMessage");
    assert!(receive(Side::Request, Some(XML), request().as_bytes(), &Limits::default()).is_ok());
}
