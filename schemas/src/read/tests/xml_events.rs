//! XML events that are refused, and leave the others alone.

use insta::{allow_duplicates, assert_snapshot};

use super::*;

const GOOD: &str = "<event><id>e-1</id><kind>checkpoint-left</kind><plate>AA1234BB</plate>\
                    <occurred_at>2026-11-21T12:00:00Z</occurred_at></event>";

fn events(body: impl AsRef<[u8]>) -> String {
    outcome(read_events_xml(body.as_ref(), None))
}

/// A document of one event: the good one with something replaced.
fn one(what: &str, by: &str) -> String {
    assert!(GOOD.contains(what));
    GOOD.replacen(what, by, 1).replacen("<event", "<event xmlns='urn:kordon:exchange:1'", 1)
}

fn list(items: &str) -> String {
    format!("<events xmlns=\"urn:kordon:exchange:1\">\n{items}\n</events>")
}

#[test]
fn a_bad_item_is_refused_alone() {
    let items =
        [GOOD, "<event/>", "<evnt/>", "<event xmlns=''/>", &GOOD.replace("AA1234BB", "§"), GOOD].join("\n");
    assert_snapshot!(events(list(&items)), @r#"
    a list
    taken "e-1"
    refused None: 422 invalid: events/event[2]/id (3:1): is missing
      at "events/event[2]/id (3:1)": is missing
    refused None: 422 invalid: events/evnt[3] (4:1): must be `event` of the namespace `urn:kordon:exchange:1`
      at "events/evnt[3] (4:1)": must be `event` of the namespace `urn:kordon:exchange:1`
    refused None: 422 invalid: events/event[4] (5:1): must be `event` of the namespace `urn:kordon:exchange:1`
      at "events/event[4] (5:1)": must be `event` of the namespace `urn:kordon:exchange:1`
    refused Some("e-1"): 422 invalid: events/event[5]/plate (6:48): a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
      at "events/event[5]/plate (6:48)": a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
    taken "e-1"
    "#);
}

#[test]
fn unknown_missing_and_repeated_members_are_named() {
    assert_snapshot!(events(one("</id>", "</id><colour>red</colour>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/colour (1:50): is not known here, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
      at "event/colour (1:50)": is not known here, expected one of `id`, `kind`, `plate`, `occurred_at`, `zone`, `confidence`, `reason`, `voids`
    "#);
    assert_snapshot!(events(one("<id>e-1</id>", "")), @r#"
    one event
    refused None: 422 invalid: event/id (1:1): is missing
      at "event/id (1:1)": is missing
    "#);
    assert_snapshot!(events(one("</id>", "</id><id>e-2</id>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/id (1:50): is given twice
      at "event/id (1:50)": is given twice
    "#);
    assert_snapshot!(events(one("</id>", "</id>stray")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event (1:50): has text between its members; a member is an element of its own
      at "event (1:50)": has text between its members; a member is an element of its own
    "#);
    assert_snapshot!(events(one("e-1", "<b>e-1</b>")), @r#"
    one event
    refused None: 422 invalid: event/id (1:38): holds the element `b`; it holds text only
      at "event/id (1:38)": holds the element `b`; it holds text only
    "#);
    assert_snapshot!(events(one("<id>", "<id lang='uk'>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/id (1:38): has the attribute `lang`; it has none
      at "event/id (1:38)": has the attribute `lang`; it has none
    "#);
    assert_snapshot!(events(one("<event>", "<event id='e-1'>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event (1:1): has the attribute `id`; it has none
      at "event (1:1)": has the attribute `id`; it has none
    "#);
    assert_snapshot!(events(one("<id>e-1</id>", "<x:id xmlns:x='urn:other'>e-1</x:id>")), @r#"
    one event
    refused None: 422 invalid: event/id (1:38): is not of the namespace `urn:kordon:exchange:1`
      at "event/id (1:38)": is not of the namespace `urn:kordon:exchange:1`
    "#);
    assert_snapshot!(events(one("</id>", "</id><zone>Z-1</zone>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/zone (1:50): an event of the kind `checkpoint-left` has no `zone`: leave it out
      at "event/zone (1:50)": an event of the kind `checkpoint-left` has no `zone`: leave it out
    "#);
    assert_snapshot!(events(one("checkpoint-left", "void")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/plate (1:67): an event of the kind `void` has no `plate`: leave it out; and 2 more, see `faults`.
      at "event/plate (1:67)": an event of the kind `void` has no `plate`: leave it out
      at "event/reason (1:1)": an event of the kind `void` needs `reason`
      at "event/voids (1:1)": an event of the kind `void` needs `voids`
    "#);
}

#[test]
fn an_empty_member_is_not_an_absent_one() {
    assert_snapshot!(events(one("AA1234BB", "")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/plate (1:78): a plate has 1 to 20 characters, at least two of them letters or digits
      at "event/plate (1:78)": a plate has 1 to 20 characters, at least two of them letters or digits
    "#);
    let nil = "<id xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'>";
    assert_snapshot!(events(one("<id>", nil)), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/id (1:38): has the attribute `nil`; it has none
      at "event/id (1:38)": has the attribute `nil`; it has none
    "#);
}

#[test]
fn wrong_values_are_named() {
    assert_snapshot!(events(one("checkpoint-left", "Checkpoint-Left")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/kind (1:50): `Checkpoint-Left` is not known here, expected one of `zone-arrived`, `zone-left`, `checkpoint-entered`, `entry-refused`, `border-control-started`, `border-control-finished`, `customs-control-started`, `customs-control-finished`, `checkpoint-left`, `plate-read`, `void`
      at "event/kind (1:50)": `Checkpoint-Left` is not known here, expected one of `zone-arrived`, `zone-left`, `checkpoint-entered`, `entry-refused`, `border-control-started`, `border-control-finished`, `customs-control-started`, `customs-control-finished`, `checkpoint-left`, `plate-read`, `void`
    "#);
    assert_snapshot!(events(one("checkpoint-left</kind>", "plate-read</kind><confidence>high</confidence>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/confidence (1:73): is not a number such as 0.97
      at "event/confidence (1:73)": is not a number such as 0.97
    "#);
    assert_snapshot!(events(one("checkpoint-left</kind>", "plate-read</kind><confidence>NaN</confidence>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/confidence (1:73): is not a number such as 0.97
      at "event/confidence (1:73)": is not a number such as 0.97
    "#);
    assert_snapshot!(events(one("checkpoint-left</kind>", "plate-read</kind><confidence>1.5</confidence>")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/confidence (1:73): must be a number from 0 to 1
      at "event/confidence (1:73)": must be a number from 0 to 1
    "#);
    assert_snapshot!(events(one("e-1", "two words")), @r#"
    one event
    refused None: 422 invalid: event/id (1:38): an event id has 1 to 100 visible ASCII characters, without spaces
      at "event/id (1:38)": an event id has 1 to 100 visible ASCII characters, without spaces
    "#);
}

#[test]
fn absurd_times_are_refused_and_told_why() {
    let at = |time: &str| events(one("2026-11-21T12:00:00Z", time));
    assert_snapshot!(at("2026-11-21T14:03:20"), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/occurred_at (1:101): the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
      at "event/occurred_at (1:101)": the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
    "#);
    assert_snapshot!(at("2016-12-31T23:59:60Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/occurred_at (1:101): the second 60 is not taken: leap seconds cannot be kept; send the second 59 or the next 0
      at "event/occurred_at (1:101)": the second 60 is not taken: leap seconds cannot be kept; send the second 59 or the next 0
    "#);
    assert_snapshot!(at("-0001-01-01T00:00:00Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/occurred_at (1:101): a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
      at "event/occurred_at (1:101)": a time is written as RFC 3339 has it, for example 2026-11-21T14:03:20+02:00
    "#);
    assert_snapshot!(at("0000-01-01T00:00:00Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/occurred_at (1:101): the year must be 0001 to 9999, counted in UTC
      at "event/occurred_at (1:101)": the year must be 0001 to 9999, counted in UTC
    "#);
    assert_snapshot!(at("9999-12-31T23:59:59Z"), @r#"
    one event
    taken "e-1"
    "#);
    assert_snapshot!(at("2026-11-21T24:00:00Z"), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/occurred_at (1:101): there is no such date, time of day or offset
      at "event/occurred_at (1:101)": there is no such date, time of day or offset
    "#);
}

#[test]
fn odd_plates_and_characters_are_refused() {
    allow_duplicates! {
    for odd in ["ΑΒ1234", "ＡＡ1234", "AA\u{202e}1234", "AA👍1234", "&lt;b&gt;1234"] {
        assert_snapshot!(events(one("AA1234BB", odd)), @r#"
        one event
        refused Some("e-1"): 422 invalid: event/plate (1:78): a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
          at "event/plate (1:78)": a plate has letters and digits of the Latin or Cyrillic alphabet, spaces, hyphens and dots
        "#);
    }
    }
    assert_snapshot!(events(one("AA1234BB", "AA&#x7f;1234")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/plate (1:78): holds the character U+007F, which cannot be kept: leave control characters out
      at "event/plate (1:78)": holds the character U+007F, which cannot be kept: leave control characters out
    "#);
    assert_snapshot!(events(one("AA1234BB", "AA\u{85}1234")), @r#"
    one event
    refused Some("e-1"): 422 invalid: event/plate (1:78): holds the character U+0085, which cannot be kept: leave control characters out
      at "event/plate (1:78)": holds the character U+0085, which cannot be kept: leave control characters out
    "#);
}

#[test]
fn a_comment_parts_a_text_and_takes_nothing_away() {
    assert_snapshot!(events(one("e-1", "e<!-- x -->-<![CDATA[1&]]>")), @r#"
    one event
    taken "e-1&"
    "#);
}

#[test]
fn the_question_at_the_gate_is_guarded_the_same_way() {
    let ask = |body: &str| match read_admission_xml(body.as_bytes(), None) {
        Ok(question) => question.plate.as_written().to_owned(),
        Err(problem) => told(&problem),
    };
    assert_snapshot!(ask("<admission_query xmlns='urn:kordon:exchange:1'><plate>АА 1234 ВВ</plate></admission_query>"), @"АА 1234 ВВ");
    assert_snapshot!(ask("<admission_query xmlns='urn:kordon:exchange:1'>\n<plat>A</plat></admission_query>"), @r#"
    422 invalid: admission_query/plat (2:1): is not known here, expected `plate`
      at "admission_query/plat (2:1)": is not known here, expected `plate`
    "#);
    assert_snapshot!(ask("<admission_query xmlns='urn:kordon:exchange:1'/>"), @r#"
    422 invalid: admission_query/plate (1:1): is missing
      at "admission_query/plate (1:1)": is missing
    "#);
    assert_snapshot!(ask("<admission xmlns='urn:kordon:exchange:1'/>"), @r#"
    422 invalid: 1:1: the root element must be `admission_query` of the namespace `urn:kordon:exchange:1`; it is `admission` of the namespace `urn:kordon:exchange:1`
      at "1:1": the root element must be `admission_query` of the namespace `urn:kordon:exchange:1`; it is `admission` of the namespace `urn:kordon:exchange:1`
    "#);
}
