//! CD906C and CD917C, as DG TAXUD sends them and as nobody should.

use insta::assert_snapshot;
use kordon_adapters::taxud::rejection::{NotRead, read};
use kordon_schemas::notices::RejectionKind;
use proptest::prelude::*;

fn message(name: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
        <ncts:{name} xmlns:ncts=\"http://ncts.dgtaxud.ec\" PhaseID=\"NCTS5.1\">
          <messageSender>NTA.EU</messageSender><messageRecipient>NTA.UA</messageRecipient>
          <preparationDateAndTime>2026-11-20T07:06:00</preparationDateAndTime>
          <messageIdentification>EU17</messageIdentification><messageType>{name}</messageType>
          <correlationIdentifier>UA019a9d2e7c00700080000000000000a1</correlationIdentifier>
          {body}
        </ncts:{name}>"
    )
}

fn functional(code: &str) -> String {
    format!(
        "<FunctionalError><errorPointer>/CD070C/Country/Action[1]</errorPointer><errorCode>{code}</errorCode>
         <errorReason>R0518</errorReason><originalAttributeValue>A</originalAttributeValue></FunctionalError>"
    )
}

#[test]
fn a_functional_rejection_names_the_rule_and_the_place() {
    let read = read(&message("CD906C", &functional("14"))).unwrap();
    assert_eq!((read.kind, read.identification.as_str()), (RejectionKind::Cd906c, "EU17"));
    assert_eq!(read.of, "UA019a9d2e7c00700080000000000000a1");
    assert_snapshot!(format!("{:?}", read.faults), @r#"[RejectionFault { place: "/CD070C/Country/Action[1]", code: "14", reason: Some("R0518"), value: Some("A") }]"#);
}

#[test]
fn a_rejection_of_the_xml_names_line_and_column() {
    let error = "<XMLError><errorLineNumber>9</errorLineNumber><errorColumnNumber>12</errorColumnNumber>
        <errorCode>51</errorCode><errorText>pattern</errorText></XMLError>";
    let read = read(&message("CD917C", error)).unwrap();
    assert_eq!(read.kind, RejectionKind::Cd917c);
    assert_snapshot!(format!("{:?}", read.faults), @r#"[RejectionFault { place: "9:12", code: "51", reason: Some("pattern"), value: None }]"#);
}

#[test]
fn what_is_no_rejection_is_refused_with_the_places() {
    let wrong = |text: &str| match read(text) {
        Err(NotRead::Wrong(faults)) => {
            faults.into_iter().map(|fault| fault.path).collect::<Vec<_>>().join(" ")
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(wrong("<CD906C/>"), "/", "the root is in the namespace");
    assert_eq!(wrong(&message("CD070C", "")), "/");
    assert_eq!(wrong(&message("CD906C", "")), "FunctionalError");
    assert_eq!(wrong(&message("CD906C", &functional("<b/>"))), "FunctionalError");
    assert_eq!(
        wrong("<a:CD906C xmlns:a=\"http://ncts.dgtaxud.ec\"/>"),
        "messageIdentification correlationIdentifier FunctionalError"
    );
}

#[test]
fn hostile_xml_is_not_read() {
    let doctype = "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>".to_owned();
    let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
    let many = message("CD906C", &"<x/>".repeat(200_000));
    for hostile in [doctype, deep, many, "<a".into(), String::new(), "\u{0}".into()] {
        assert!(
            matches!(read(&hostile), Err(NotRead::Malformed(_))),
            "{}",
            &hostile[..hostile.len().min(60)]
        );
    }
}

#[test]
fn of_a_thousand_faults_a_hundred_are_kept() {
    let read = read(&message("CD906C", &functional("14").repeat(1_000))).unwrap();
    assert_eq!(read.faults.len(), 100);
}

proptest! {
    #[test]
    fn what_names_no_fault_is_no_rejection(text in "\\PC{0,200}") {
        prop_assert!(read(&text).is_err());
        prop_assert!(read(&message("CD917C", &text)).is_err());
    }

    #[test]
    fn a_code_is_one_to_seven_letters_and_digits(code in "[0-9A-Za-z<&/]{0,9}") {
        let is_code = (1..=7).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let read = read(&message("CD906C", &functional(&code))).ok();
        let codes = read.map(|read| read.faults.into_iter().map(|fault| fault.code).collect::<Vec<_>>());
        prop_assert_eq!(codes, is_code.then_some(vec![code]));
    }
}
