//! The same fact is the same value, whichever way it came.

use encoding_rs::WINDOWS_1251;
use proptest::prelude::*;

use super::*;
use crate::events::EventsIn;
use crate::samples;
use crate::xml::ToXml;

/// The events of a request that has nothing wrong.
fn taken(read: Result<ReadEvents, Box<Problem>>) -> Vec<EventIn> {
    read.unwrap().items.into_iter().map(Result::unwrap).collect()
}

/// The document in windows-1251, which says so. What is not of the alphabet becomes a character number.
fn in_windows_1251(document: &str) -> Vec<u8> {
    WINDOWS_1251.encode(&document.replace("UTF-8", "windows-1251")).0.into_owned()
}

proptest! {
    #[test]
    fn an_event_is_the_same_by_json_and_by_xml_in_every_encoding(event in samples::event()) {
        let json = serde_json::to_vec(&event).unwrap();
        let xml = String::from_utf8(event.to_xml()).unwrap();
        let old = in_windows_1251(&xml);
        let as_declared_otherwise = WINDOWS_1251.encode(&xml).0;
        let expected = vec![event];
        prop_assert_eq!(taken(read_events_json(&json)), expected.clone());
        prop_assert_eq!(taken(read_events_xml(xml.as_bytes(), None)), expected.clone());
        prop_assert_eq!(taken(read_events_xml(format!("\u{feff}{xml}").as_bytes(), Some("windows-1251"))), expected.clone());
        prop_assert_eq!(taken(read_events_xml(&old, None)), expected.clone());
        prop_assert_eq!(taken(read_events_xml(&as_declared_otherwise, Some("Windows-1251"))), expected);
    }

    #[test]
    fn a_list_keeps_its_order(events in proptest::collection::vec(samples::event(), 1..5)) {
        let json = serde_json::to_vec(&events).unwrap();
        let xml = EventsIn::Many(events.clone()).to_xml();
        prop_assert_eq!(taken(read_events_json(&json)), events.clone());
        prop_assert_eq!(taken(read_events_xml(&xml, None)), events);
    }

    #[test]
    fn text_with_escaped_characters_is_the_same_text(event in samples::event()) {
        let escape = |sign: char| {
            let mut units = [0; 2];
            let written = sign.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
            if sign.is_ascii() { sign.to_string() } else { written }
        };
        let json: String = serde_json::to_string(&event).unwrap().chars().map(escape).collect();
        prop_assert_eq!(taken(read_events_json(json.as_bytes())), vec![event]);
    }

    #[test]
    fn no_bytes_make_a_reader_fail(
        event in samples::event(),
        position in any::<proptest::sample::Index>(),
        bytes in proptest::collection::vec(any::<u8>(), 0..4),
    ) {
        for document in [serde_json::to_vec(&[&event]).unwrap(), event.to_xml()] {
            let at = position.index(document.len());
            let damaged = [&document[..at], &bytes, &document[at + 1..]].concat();
            let _ = (read_events_json(&damaged), read_events_xml(&damaged, None), read_events_xml(&damaged, Some("cp1251")));
            let _ = (read_json::<serde_json::Value>(&damaged), read_admission_xml(&damaged, None));
        }
    }
}
