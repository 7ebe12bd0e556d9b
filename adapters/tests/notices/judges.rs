//! Two judges of CD070C, the one in the hub and libxml2, agree on what is sent and on what must not be.

use std::fs;
use std::path::Path;
use std::process::Command;

use kordon_adapters::taxud::check::Check;
use kordon_adapters::taxud::message::Message;
use kordon_hub::notices::Dispatch;
use kordon_hub::outages::Told;
use kordon_schemas::Bilingual;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::outages::AffectedSystem;
use proptest::prelude::*;

use crate::samples::{at, dispatch, planned, taxud_settings, unplanned, xml_of};

#[test]
fn both_judges_pass_every_stage_of_an_outage() {
    let check = Check::new().unwrap();
    let messages: Vec<_> = stages().iter().map(|dispatch| xml_of(dispatch).into_bytes()).collect();
    for (dispatch, xml) in stages().iter().zip(&messages) {
        let message = Message::of(dispatch, &taxud_settings()).unwrap();
        assert_eq!(check.pass(&message, xml), Ok(()));
    }
    assert_eq!(xmllint(&messages), vec![true; messages.len()]);
}

#[test]
fn both_judges_refuse_the_same_faults() {
    let good = xml_of(&dispatch(1, NoticeKind::Declared, None, planned()));
    let bad: Vec<_> = [
        ("<startDateAndTime>2026-11-28T18:00:00<", "<startDateAndTime>2026-11-28T18:00:00Z<"),
        ("<startDateAndTime>2026-11-28T18:00:00<", "<startDateAndTime>2026-11-28T18:00:00.5<"),
        ("<startDateAndTime>2026-11-28T18:00:00<", "<startDateAndTime>2026-11-31T18:00:00<"),
        ("<type>S<", "<type>X<"),
        ("<operation>C<", "<operation>R<"),
        ("<explanation>01</explanation>", ""),
        ("<sequenceNumber>1<", "<sequenceNumber>0<"),
        ("<functionality>A<", "<functionality>AB<"),
        ("<country>UA<", "<country>Ua<"),
        ("xmlns:ncts=\"http://ncts.dgtaxud.ec\"", "xmlns:ncts=\"http://ncts.dgtaxud.eu\""),
        (
            "xmlns:ncts=\"http://ncts.dgtaxud.ec\"",
            "xmlns:ncts=\"http://ncts.dgtaxud.ec\" xmlns=\"http://ncts.dgtaxud.ec\"",
        ),
        ("PhaseID=\"NCTS5.1\"", "PhaseID=\"NCTS4\""),
        ("UA019a9d2e7c00700080000000000000a1", "UA019a9d2e7c00700080000000000000a1aa"),
        ("<flag>1</flag>", "<flag>yes</flag>"),
        ("Upgrade of the ETS servers", &"x".repeat(512)),
    ]
    .iter()
    .map(|(right, wrong)| {
        assert!(good.contains(right), "{right} is not in the message");
        good.replacen(right, wrong, 1).into_bytes()
    })
    .collect();
    let check = Check::new().unwrap();
    for xml in &bad {
        assert!(check.schema(xml).is_err(), "passed: {}", String::from_utf8_lossy(xml));
    }
    assert_eq!(xmllint(&bad), vec![false; bad.len()]);
}

#[test]
fn the_rules_that_no_schema_holds_are_judged_by_their_names() {
    let check = Check::new().unwrap();
    let broken = |change: fn(&mut Message)| {
        let two_systems =
            Told { affected_systems: vec![AffectedSystem::Ets, AffectedSystem::DeclarantLink], ..planned() };
        let dispatch = dispatch(1, NoticeKind::Declared, None, two_systems);
        let mut message = Message::of(&dispatch, &taxud_settings()).unwrap();
        change(&mut message);
        check.pass(&message, &message.to_xml().unwrap()).unwrap_err()
    };
    assert!(broken(|message| message.actions.clear()).contains("structure"));
    assert!(broken(|message| message.actions[0].unavailabilities[1].kind = "U").contains("R0516"));
    assert!(broken(|message| message.actions[0].unavailabilities[1].functionality = 'A').contains("R0518"));
    assert!(broken(|message| message.actions[0].unavailabilities[0].ends_at = None).contains("C0400"));
    assert!(
        broken(|message| {
            let unavailability = &mut message.actions[0].unavailabilities[0];
            unavailability.ends_at = Some(unavailability.starts_at);
        })
        .contains("R0519")
    );
}

proptest! {
    #[test]
    fn whatever_people_write_the_message_is_valid(text in r"\PC{1,2000}") {
        prop_assume!(!text.trim().is_empty());
        let told = Told { text: Bilingual { uk: text.clone(), en: text }, ..planned() };
        let dispatch = dispatch(1, NoticeKind::Declared, None, told);
        let message = Message::of(&dispatch, &taxud_settings()).unwrap();
        prop_assert_eq!(Check::new().unwrap().pass(&message, &message.to_xml().unwrap()), Ok(()));
    }
}

#[test]
fn both_judges_pass_texts_of_any_alphabet_at_the_limit() {
    let texts = ["x", "ї", "文", "\u{1f6a7}", "a\u{301}", "ї ", "& ", "<b> ", "]]> ", "\u{a0}", "\r\n"];
    let messages: Vec<_> = texts
        .iter()
        .map(|text| {
            let text = Bilingual { uk: "Роботи".into(), en: format!("a{}b", text.repeat(600)) };
            xml_of(&dispatch(1, NoticeKind::Declared, None, Told { text, ..planned() })).into_bytes()
        })
        .collect();
    let check = Check::new().unwrap();
    for xml in &messages {
        assert_eq!(check.schema(xml), Ok(()));
    }
    assert_eq!(xmllint(&messages), vec![true; messages.len()]);
}

fn stages() -> Vec<Dispatch> {
    let recovered = Told { recovered_at: Some(at("2026-11-21T00:05:00Z")), ..unplanned() };
    let moved = Told {
        starts_at: at("2026-11-28T19:00:00Z"),
        expected_end_at: Some(at("2026-11-28T23:00:00Z")),
        ..planned()
    };
    let other_systems = Told {
        affected_systems: vec![AffectedSystem::CustomsInformation, AffectedSystem::DeclarantLink],
        ..planned()
    };
    let cancelled = Told { cancelled_at: Some(at("2026-11-27T08:00:00Z")), ..planned() };
    vec![
        dispatch(1, NoticeKind::Declared, None, planned()),
        dispatch(1, NoticeKind::Declared, None, unplanned()),
        dispatch(2, NoticeKind::Recovered, Some(unplanned()), recovered),
        dispatch(2, NoticeKind::Changed, Some(planned()), moved),
        dispatch(2, NoticeKind::Changed, Some(planned()), other_systems),
        dispatch(2, NoticeKind::Cancelled, Some(planned()), cancelled),
    ]
}

/// The verdict of libxml2 on each document.
fn xmllint(documents: &[Vec<u8>]) -> Vec<bool> {
    let folder = tempfile::tempdir().unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/xsd/unavailability.xsd");
    let names: Vec<_> = (0..documents.len()).map(|number| format!("{number:03}.xml")).collect();
    for (name, document) in names.iter().zip(documents) {
        fs::write(folder.path().join(name), document).unwrap();
    }
    let ran = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(schema)
        .args(&names)
        .current_dir(folder.path())
        .output()
        .expect("xmllint, which `make test` installs (Debian: libxml2-utils)");
    let said = String::from_utf8(ran.stderr).unwrap();
    names
        .iter()
        .map(|name| {
            let valid = said.contains(&format!("{name} validates"));
            assert!(valid || said.contains(&format!("{name} fails to validate")), "{said}");
            valid
        })
        .collect()
}
