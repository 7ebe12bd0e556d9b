//! CD070C at each stage of an outage, byte by byte.

use insta::assert_snapshot;
use kordon_adapters::taxud::check::Check;
use kordon_adapters::taxud::message::Message;
use kordon_hub::outages::Told;
use kordon_schemas::Bilingual;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::outages::{AffectedSystem, Functionality};

use crate::samples::{at, dispatch, planned, taxud_settings, unplanned, xml_of};

#[test]
fn a_planned_window_is_announced_with_its_start_and_its_end() {
    assert_snapshot!(xml_of(&dispatch(1, NoticeKind::Declared, None, planned())), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <ncts:CD070C xmlns:ncts="http://ncts.dgtaxud.ec" PhaseID="NCTS5.1">
      <messageSender>NTA.UA</messageSender>
      <messageRecipient>NTA.EU</messageRecipient>
      <preparationDateAndTime>2026-11-20T22:45:10</preparationDateAndTime>
      <messageIdentification>UA019a9d2e7c00700080000000000000a1</messageIdentification>
      <messageType>CD070C</messageType>
      <Country>
        <country>UA</country>
        <Action>
          <sequenceNumber>1</sequenceNumber>
          <operation>C</operation>
          <Unavailability>
            <sequenceNumber>1</sequenceNumber>
            <type>S</type>
            <functionality>A</functionality>
            <startDateAndTime>2026-11-28T18:00:00</startDateAndTime>
            <endDateAndTime>2026-11-28T22:00:00</endDateAndTime>
            <explanation>01</explanation>
            <text>Upgrade of the ETS servers &amp; their &lt;database&gt;.</text>
            <Fallback>
              <flag>1</flag>
              <text>Business continuity procedure allowed</text>
            </Fallback>
          </Unavailability>
        </Action>
      </Country>
    </ncts:CD070C>
    "#);
}

#[test]
fn an_unplanned_outage_of_two_systems_is_announced_for_each() {
    assert_snapshot!(xml_of(&dispatch(1, NoticeKind::Declared, None, unplanned())), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <ncts:CD070C xmlns:ncts="http://ncts.dgtaxud.ec" PhaseID="NCTS5.1">
      <messageSender>NTA.UA</messageSender>
      <messageRecipient>NTA.EU</messageRecipient>
      <preparationDateAndTime>2026-11-20T22:45:10</preparationDateAndTime>
      <messageIdentification>UA019a9d2e7c00700080000000000000a1</messageIdentification>
      <messageType>CD070C</messageType>
      <Country>
        <country>UA</country>
        <Action>
          <sequenceNumber>1</sequenceNumber>
          <operation>C</operation>
          <Unavailability>
            <sequenceNumber>1</sequenceNumber>
            <type>U</type>
            <functionality>A</functionality>
            <startDateAndTime>2026-11-20T22:40:00</startDateAndTime>
            <explanation>02</explanation>
            <text>Declarations do not reach ETS.</text>
            <Fallback>
              <flag>0</flag>
              <text>Business continuity procedure not allowed</text>
            </Fallback>
          </Unavailability>
          <Unavailability>
            <sequenceNumber>2</sequenceNumber>
            <type>U</type>
            <functionality>B</functionality>
            <startDateAndTime>2026-11-20T22:40:00</startDateAndTime>
            <explanation>02</explanation>
            <text>Declarations do not reach ETS.</text>
            <Fallback>
              <flag>0</flag>
              <text>Business continuity procedure not allowed</text>
            </Fallback>
          </Unavailability>
        </Action>
      </Country>
    </ncts:CD070C>
    "#);
}

#[test]
fn a_recovery_updates_each_with_its_end() {
    let recovered = Told { recovered_at: Some(at("2026-11-21T00:05:00Z")), ..unplanned() };
    assert_snapshot!(xml_of(&dispatch(2, NoticeKind::Recovered, Some(unplanned()), recovered)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <ncts:CD070C xmlns:ncts="http://ncts.dgtaxud.ec" PhaseID="NCTS5.1">
      <messageSender>NTA.UA</messageSender>
      <messageRecipient>NTA.EU</messageRecipient>
      <preparationDateAndTime>2026-11-20T22:45:10</preparationDateAndTime>
      <messageIdentification>UA019a9d2e7c00700080000000000000a2</messageIdentification>
      <messageType>CD070C</messageType>
      <Country>
        <country>UA</country>
        <Action>
          <sequenceNumber>1</sequenceNumber>
          <operation>U</operation>
          <Unavailability>
            <sequenceNumber>1</sequenceNumber>
            <type>U</type>
            <functionality>A</functionality>
            <startDateAndTime>2026-11-20T22:40:00</startDateAndTime>
            <endDateAndTime>2026-11-21T00:05:00</endDateAndTime>
            <explanation>02</explanation>
            <text>Declarations do not reach ETS.</text>
            <Fallback>
              <flag>0</flag>
              <text>Business continuity procedure not allowed</text>
            </Fallback>
          </Unavailability>
          <Unavailability>
            <sequenceNumber>2</sequenceNumber>
            <type>U</type>
            <functionality>B</functionality>
            <startDateAndTime>2026-11-20T22:40:00</startDateAndTime>
            <endDateAndTime>2026-11-21T00:05:00</endDateAndTime>
            <explanation>02</explanation>
            <text>Declarations do not reach ETS.</text>
            <Fallback>
              <flag>0</flag>
              <text>Business continuity procedure not allowed</text>
            </Fallback>
          </Unavailability>
        </Action>
      </Country>
    </ncts:CD070C>
    "#);
}

#[test]
fn a_moved_start_deletes_the_old_window_and_announces_the_new() {
    let moved = Told {
        starts_at: at("2026-11-28T19:00:00Z"),
        expected_end_at: Some(at("2026-11-28T23:00:00Z")),
        ..planned()
    };
    assert_snapshot!(xml_of(&dispatch(2, NoticeKind::Changed, Some(planned()), moved)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <ncts:CD070C xmlns:ncts="http://ncts.dgtaxud.ec" PhaseID="NCTS5.1">
      <messageSender>NTA.UA</messageSender>
      <messageRecipient>NTA.EU</messageRecipient>
      <preparationDateAndTime>2026-11-20T22:45:10</preparationDateAndTime>
      <messageIdentification>UA019a9d2e7c00700080000000000000a2</messageIdentification>
      <messageType>CD070C</messageType>
      <Country>
        <country>UA</country>
        <Action>
          <sequenceNumber>1</sequenceNumber>
          <operation>D</operation>
          <Unavailability>
            <sequenceNumber>1</sequenceNumber>
            <type>S</type>
            <functionality>A</functionality>
            <startDateAndTime>2026-11-28T18:00:00</startDateAndTime>
            <endDateAndTime>2026-11-28T22:00:00</endDateAndTime>
            <explanation>01</explanation>
            <text>Upgrade of the ETS servers &amp; their &lt;database&gt;.</text>
            <Fallback>
              <flag>1</flag>
              <text>Business continuity procedure allowed</text>
            </Fallback>
          </Unavailability>
        </Action>
        <Action>
          <sequenceNumber>2</sequenceNumber>
          <operation>C</operation>
          <Unavailability>
            <sequenceNumber>1</sequenceNumber>
            <type>S</type>
            <functionality>A</functionality>
            <startDateAndTime>2026-11-28T19:00:00</startDateAndTime>
            <endDateAndTime>2026-11-28T23:00:00</endDateAndTime>
            <explanation>01</explanation>
            <text>Upgrade of the ETS servers &amp; their &lt;database&gt;.</text>
            <Fallback>
              <flag>1</flag>
              <text>Business continuity procedure allowed</text>
            </Fallback>
          </Unavailability>
        </Action>
      </Country>
    </ncts:CD070C>
    "#);
}

#[test]
fn an_outage_that_is_told_of_by_its_functionality_from_now_on_stays_under_its_letter() {
    let by_system = Told { affected_systems: vec![AffectedSystem::Ets], ..unplanned() };
    let letter = taxud_settings().functionality.of(AffectedSystem::Ets);
    let functionalities = |letters: &[char]| {
        letters.iter().map(|letter| Functionality::parse(&letter.to_string()).unwrap()).collect::<Vec<_>>()
    };
    let same = Told { functionalities: functionalities(&[letter]), ..by_system.clone() };
    let wider = Told { functionalities: functionalities(&[letter, 'E']), ..by_system.clone() };
    let recovered = |told: &Told| Told { recovered_at: Some(at("2026-11-21T01:00:00Z")), ..told.clone() };
    let check = Check::new().unwrap();
    let told = |previous: &Told, current: Told| {
        let dispatch = dispatch(2, NoticeKind::Changed, Some(previous.clone()), current);
        let message = Message::of(&dispatch, &taxud_settings()).unwrap();
        check.pass(&message, &message.to_xml().unwrap()).unwrap();
        let said = message.actions.iter().flat_map(|action| {
            action.unavailabilities.iter().map(|one| format!("{}{}", action.operation, one.functionality))
        });
        said.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(told(&by_system, same.clone()), format!("U{letter}"));
    assert_eq!(told(&by_system, recovered(&same)), format!("U{letter}"), "its end is told");
    assert_eq!(told(&same, by_system.clone()), format!("U{letter}"));
    assert_eq!(told(&by_system, wider.clone()), format!("CE U{letter}"));
    assert_eq!(told(&wider, by_system), format!("DE U{letter}"));
}

#[test]
fn a_cancelled_window_is_deleted() {
    let cancelled = Told { cancelled_at: Some(at("2026-11-27T08:00:00Z")), ..planned() };
    assert_snapshot!(xml_of(&dispatch(2, NoticeKind::Cancelled, Some(planned()), cancelled)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <ncts:CD070C xmlns:ncts="http://ncts.dgtaxud.ec" PhaseID="NCTS5.1">
      <messageSender>NTA.UA</messageSender>
      <messageRecipient>NTA.EU</messageRecipient>
      <preparationDateAndTime>2026-11-20T22:45:10</preparationDateAndTime>
      <messageIdentification>UA019a9d2e7c00700080000000000000a2</messageIdentification>
      <messageType>CD070C</messageType>
      <Country>
        <country>UA</country>
        <Action>
          <sequenceNumber>1</sequenceNumber>
          <operation>D</operation>
          <Unavailability>
            <sequenceNumber>1</sequenceNumber>
            <type>S</type>
            <functionality>A</functionality>
            <startDateAndTime>2026-11-28T18:00:00</startDateAndTime>
            <endDateAndTime>2026-11-28T22:00:00</endDateAndTime>
            <explanation>01</explanation>
            <text>Upgrade of the ETS servers &amp; their &lt;database&gt;.</text>
            <Fallback>
              <flag>1</flag>
              <text>Business continuity procedure allowed</text>
            </Fallback>
          </Unavailability>
        </Action>
      </Country>
    </ncts:CD070C>
    "#);
}

#[test]
fn an_outage_withdrawn_before_anybody_took_notice_of_it_is_not_mentioned() {
    let cancelled = Told { cancelled_at: Some(at("2026-11-27T08:00:00Z")), ..planned() };
    let dispatch = dispatch(2, NoticeKind::Cancelled, None, cancelled);
    assert_eq!(Message::of(&dispatch, &taxud_settings()), None);
}

#[test]
fn an_attempt_that_is_made_again_sends_the_same_bytes() {
    let first = dispatch(1, NoticeKind::Declared, None, planned());
    let mut second = first.clone();
    second.attempt = 2;
    assert_eq!(xml_of(&first), xml_of(&second));
}

#[test]
fn a_text_of_two_thousand_characters_is_told_in_512() {
    let text = Bilingual { uk: "Роботи".into(), en: "Servers are upgraded. ".repeat(90) };
    let xml = xml_of(&dispatch(1, NoticeKind::Declared, None, Told { text, ..planned() }));
    let text = xml.split("<text>").nth(1).unwrap().split("</text>").next().unwrap();
    assert!((500..=512).contains(&text.len()) && text.ends_with("upgraded..."), "{text}");
}
