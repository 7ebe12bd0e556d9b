//! Documents of the exchange as they come: well made, badly made, and with the place of each fault.

use super::*;
use crate::permits::UseCorrectionIn;
use crate::problem::ProblemCode;
use crate::read::{decode_document, is_document_id};

const HEADER: &str = "<header><sender>43115923</sender><id>LVIV-1</id><kind>checkpoint_events</kind>\
                      <created_at>2026-11-22T10:00:00+02:00</created_at></header>";

fn event(id: &str) -> String {
    format!(
        "<event><id>{id}</id><kind>customs-control-started</kind><plate>АА 1234 ВВ</plate>\
         <occurred_at>2026-11-22T09:00:00Z</occurred_at></event>"
    )
}

fn document(header: &str, content: &str) -> String {
    format!("<exchange_document xmlns='{NAMESPACE}'>{header}<content>{content}</content></exchange_document>")
}

fn events(items: &str) -> String {
    document(
        HEADER,
        &format!(
            "<checkpoint_events><checkpoint>UA209030</checkpoint>\n<events>{items}</events></checkpoint_events>"
        ),
    )
}

/// The code and the faults of a document that is refused whole.
#[track_caller]
fn refused(text: &str) -> String {
    let problem = read_exchange_document(text).unwrap_err();
    let told: Vec<String> =
        problem.faults.iter().map(|fault| format!("{}: {}", fault.path, fault.detail)).collect();
    format!("{} {}", problem.code.as_str(), told.join("; "))
}

#[test]
fn a_document_of_events_is_read_event_by_event() {
    let text = events(&format!("{}<event><id>e-2</id></event>\n<evnt/>{}", event("e-1"), event("e-4")));
    let read = read_exchange_document(&text).unwrap();
    assert_eq!((read.header.id.as_str(), read.header.sender.as_str()), ("LVIV-1", "43115923"));
    let ReadContent::CheckpointEvents { checkpoint, items } = read.content else { panic!("{text}") };
    assert_eq!(checkpoint.as_str(), "UA209030");
    let told: Vec<String> = items
        .iter()
        .map(|item| match item {
            Ok(event) => event.id.clone(),
            Err(refused) => format!("{:?} {}", refused.id, refused.problem.faults[0].path),
        })
        .collect();
    assert_eq!(
        told,
        [
            "e-1",
            "Some(\"e-2\") exchange_document/content/checkpoint_events/events/event[2]/kind (2:144)",
            "None exchange_document/content/checkpoint_events/events/evnt[1] (3:1)",
            "e-4"
        ]
    );
}

#[test]
fn what_stands_around_the_content_is_judged_with_its_place() {
    let good = events(&event("e-1"));
    read_exchange_document(&good).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        refused(&good.replacen(from, to, 1))
    };
    let told = [
        changed("<header>", "<header/><header>"),
        changed("<content>", "<extra/><content>"),
        changed("</content>", "</content><extra/>"),
        changed("</content>", "</content>text"),
        changed("<exchange_document ", "<exchange_document Id='a' "),
        changed("<sender>43115923", "<sender>43115924"),
        changed("LVIV-1", "-LVIV"),
        changed("<kind>checkpoint_events", "<kind>events"),
        changed("<kind>checkpoint_events", "<kind>withdrawal"),
        changed("+02:00", ""),
        changed("<checkpoint>UA209030</checkpoint>", ""),
        changed("UA209030", "UA20903"),
        changed("<events>", "<events/><events>"),
        changed("</content>", "<withdrawal/></content>"),
        refused(&events("")),
        refused(&events("").replace("exchange:1", "exchange:2")),
        refused("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        refused("<a><b></a>"),
        refused(&events(&"<a>".repeat(10_000))),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    invalid exchange_document (1:59): holds `header`, then `content`, both of the namespace `urn:kordon:exchange:1`, then at most one `Signature`, and nothing else
    invalid exchange_document (1:187): holds `header`, then `content`, both of the namespace `urn:kordon:exchange:1`, then at most one `Signature`, and nothing else
    invalid exchange_document (2:183): holds `header`, then `content`, both of the namespace `urn:kordon:exchange:1`, then at most one `Signature`, and nothing else
    invalid exchange_document (2:183): has text between its elements
    invalid exchange_document (1:1): has the attribute `Id`; it has none
    invalid exchange_document/header/sender (1:58): the check digit of the EDRPOU code is wrong: the last digit would have to be 3
    invalid exchange_document/header/id (1:83): has 1 to 64 letters of ASCII, digits, dots, dashes and underscores, and begins with a letter or a digit
    invalid exchange_document/header/kind (1:98): `events` is not known here, expected one of `checkpoint_events`, `permit_report`, `withdrawal`
    invalid exchange_document/content (1:189): the document is of kind `withdrawal`, so this must be that element of the namespace `urn:kordon:exchange:1`; it is `checkpoint_events`
    invalid exchange_document/header/created_at (1:128): the time has no offset from UTC: write `Z` or an offset such as `+02:00` after the seconds; without it nobody can tell which moment is meant, least of all in the night when clocks change
    invalid exchange_document/content/checkpoint_events/checkpoint (1:196): is missing
    invalid exchange_document/content/checkpoint_events/checkpoint (1:215): a checkpoint code is `UA` and six digits, for example UA209030
    invalid exchange_document/content/checkpoint_events/events (2:10): is given twice
    invalid exchange_document/content (1:187): holds one element, named as the kind of the document
    invalid exchange_document/content/checkpoint_events/events: the list holds no event: send at least one
    invalid 1:1: the root element must be `exchange_document` of the namespace `urn:kordon:exchange:1`; it is `exchange_document` of the namespace `urn:kordon:exchange:2`
    malformed_xml 1:1: a document type (DTD) is not taken: leave `<!DOCTYPE …>` out
    malformed_xml 1:7: expected 'b' tag, not 'a'
    too_deep 2:93: level 33 begins here
    "#);
}

#[test]
fn a_report_and_a_withdrawal_are_read() {
    let of = |kind: &str, content: &str| document(&HEADER.replace("checkpoint_events", kind), content);
    let report = of(
        "permit_report",
        "<permit_report><complete> 1 </complete><uses><permit_use><released_on>2026-11-22</released_on>\
         <registration_number>UA209030/2026/17</registration_number></permit_use></uses><permit>UA-BCP-1</permit></permit_report>",
    );
    let ReadContent::PermitReport(read) = read_exchange_document(&report).unwrap().content else { panic!() };
    assert_eq!((read.permit.as_str(), read.uses.len(), read.complete), ("UA-BCP-1", 1, true));
    assert_eq!(
        refused(&report.replace("2026-11-22<", "22.11.2026<").replace(" 1 ", "true")),
        "invalid exchange_document/content/permit_report/uses/permit_use[1]/released_on (1:250): input contains invalid characters"
    );
    assert!(refused(&report.replace(" 1 ", "yes")).ends_with("is `true` or `false`"));
    let corrected = report.replace(
        "<permit>",
        "<corrections><use_correction><reason>Помилка.</reason><to><released_on>2026-11-23</released_on>\
         <registration_number>17</registration_number></to><registration_number>71</registration_number>\
         </use_correction></corrections><permit>",
    );
    let ReadContent::PermitReport(read) = read_exchange_document(&corrected).unwrap().content else {
        panic!()
    };
    let UseCorrectionIn { registration_number, to, never_was, reason } = &read.corrections[0];
    assert_eq!(
        [registration_number.as_str(), &to.as_ref().unwrap().registration_number, reason.as_str()],
        ["71", "17", "Помилка."]
    );
    assert!(!never_was);
    let (head, rest) = corrected.split_once("<to>").unwrap();
    let (_, tail) = rest.split_once("</to>").unwrap();
    let taken_back = format!("{head}<never_was>true</never_was>{tail}");
    let ReadContent::PermitReport(read) = read_exchange_document(&taken_back).unwrap().content else {
        panic!()
    };
    assert!(read.corrections[0].never_was && read.corrections[0].to.is_none());
    const LIST: &str = "invalid exchange_document/content/permit_report/corrections";
    assert!(
        refused(&corrected.replace("2026-11-23<", "23.11.2026<"))
            .starts_with(&format!("{LIST}/use_correction[1]/to/released_on ("))
    );
    let gone = refused(&corrected.replace("<to>", "<of>").replace("</to>", "</of>"));
    assert!(gone.starts_with(&format!("{LIST}/use_correction[1]/of (")), "{gone}");
    let twice = refused(&corrected.replace("<permit>", "<corrections/><permit>"));
    assert!(twice.starts_with(&format!("{LIST} (")) && twice.ends_with("is given twice"), "{twice}");
    let withdrawal = of(
        "withdrawal",
        "<withdrawal><request>019a9d2e-7c00-7000-8000-000000000001</request><kind>mrn</kind><number>26UA1</number></withdrawal>",
    );
    let ReadContent::Withdrawal(read) = read_exchange_document(&withdrawal).unwrap().content else {
        panic!()
    };
    assert_eq!((read.number.as_str(), read.withdrawn_at), ("26UA1", None));
    assert!(refused(&withdrawal.replace("<kind>mrn", "<kind>xrn")).contains("withdrawal/kind"));
}

#[test]
fn a_signature_may_follow_and_nothing_else() {
    let signature = "<ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'><ds:Object><x/></ds:Object></ds:Signature>";
    let good = events(&event("e-1"));
    let with = |text: &str| good.replacen("</exchange_document>", &format!("{text}</exchange_document>"), 1);
    read_exchange_document(&with(signature)).unwrap();
    assert!(refused(&with(&signature.repeat(2))).starts_with("invalid exchange_document ("));
    assert!(refused(&good.replacen("<content>", &format!("{signature}<content>"), 1)).starts_with("invalid"));
    assert!(refused(&with(&signature.replace("xmldsig#", "other#"))).starts_with("invalid"));
}

#[test]
fn windows_1251_is_read_and_its_ukrainian_letters_are_kept() {
    let text = format!("<?xml version='1.0' encoding='windows-1251'?>\n{}", events(&event("e-1")));
    let (bytes, _, lossy) = encoding_rs::WINDOWS_1251.encode(&text);
    assert!(!lossy);
    let decoded = decode_document(&bytes, None).unwrap();
    let ReadContent::CheckpointEvents { items, .. } = read_exchange_document(&decoded).unwrap().content
    else {
        panic!()
    };
    let plate = items[0].as_ref().unwrap().plate.clone().unwrap();
    assert_eq!(plate.as_written(), "АА 1234 ВВ");
    // The same bytes as UTF-8 are refused at their place.
    let problem = decode_document(&bytes, Some("utf-8")).unwrap_err();
    assert_eq!(problem.code, ProblemCode::MalformedXml);
}

#[test]
fn places_are_found_by_path_and_by_what_a_reader_told() {
    let text = events(&format!("{}\n  {}", event("e-1"), event("e-2")));
    let places = DocumentPlaces::of(&text);
    let told = |place: DocumentPlace| format!("{:?}", (place.path, place.line, place.column));
    const EVENTS: &str = "/exchange_document/content/checkpoint_events/events";
    assert_eq!(
        told(places.at(&format!("{EVENTS}/event[2]/plate"))),
        format!("(Some(\"{EVENTS}/event[2]/plate\"), Some(3), Some(58))")
    );
    assert_eq!(places.of_event(1), format!("{EVENTS}/event[2]"));
    assert_eq!(places.of_event(2), EVENTS);
    // What is not there stands where it is missing.
    assert_eq!(
        told(places.at(&format!("{EVENTS}/event[2]/zone"))),
        format!("(Some(\"{EVENTS}/event[2]/zone\"), Some(3), Some(3))")
    );
    assert_eq!(told(places.told("a/b (4:9)")), "(Some(\"/a/b\"), Some(4), Some(9))");
    assert_eq!(told(places.told("4:9")), "(None, Some(4), Some(9))");
    assert_eq!(
        told(places.told("exchange_document/header")),
        "(Some(\"/exchange_document/header\"), Some(1), Some(50))"
    );
}

#[test]
fn an_id_of_a_document_stands_in_an_address_as_it_is() {
    for good in ["a", "LVIV-2026.11_22", &"a".repeat(64)] {
        assert!(is_document_id(good), "{good}");
    }
    for bad in ["", "-a", ".", "a b", "a/b", "ї", &"a".repeat(65)] {
        assert!(!is_document_id(bad), "{bad}");
    }
}
