//! What is said of documents.

use kordon_schemas::Fault;
use kordon_schemas::permits::PermitReportIn;

use super::*;

const TEXT: &str = "<exchange_document xmlns='urn:kordon:exchange:1'><header>\n<sender>43115923</sender><created_at/></header><content>\n\
    <permit_report><permit>UA</permit><uses><permit_use/>\n <permit_use><released_on/></permit_use></uses></permit_report></content></exchange_document>";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn header() -> DocumentHeader {
    DocumentHeader {
        sender: Edrpou::parse("43115923").unwrap(),
        id: "D-1".to_owned(),
        kind: DocumentKind::PermitReport,
        created_at: at("2026-11-22T10:00:00Z"),
    }
}

fn incoming() -> Incoming {
    let report =
        PermitReportIn { uses: Vec::new(), corrections: Vec::new(), not_used_because: None, complete: false };
    Incoming {
        header: header(),
        content: TEXT.as_bytes().to_vec(),
        charset: None,
        signature: None,
        act: Act::PermitReport { permit: "UA".to_owned(), report },
        places: DocumentPlaces::of(TEXT),
    }
}

fn told(faults: &[DocumentFault]) -> Vec<String> {
    let place = |place: &DocumentPlace| {
        format!("{} {:?}:{:?}", place.path.clone().unwrap_or_default(), place.line, place.column)
    };
    faults
        .iter()
        .map(|fault| format!("{} {} {}", fault.code.as_str(), place(&fault.place), fault.detail))
        .collect()
}

#[test]
fn a_document_is_of_its_sender_and_of_these_days() {
    let places = DocumentPlaces::of(TEXT);
    let (own, other) = (Edrpou::parse("43115923").unwrap(), Edrpou::parse("00032106").unwrap());
    let faults = |own: &Edrpou, now: &str| told(&check_header(&header(), own, &places, at(now)));
    assert_eq!(faults(&own, "2026-11-22T10:00:00Z"), Vec::<String>::new());
    assert_eq!(faults(&own, "2026-11-22T09:58:00Z"), Vec::<String>::new());
    assert_eq!(faults(&own, "2026-12-22T10:00:00Z"), Vec::<String>::new());
    assert_eq!(
        faults(&other, "2026-12-22T10:00:01Z"),
        [
            "invalid /exchange_document/header/sender Some(2):Some(1) the system that hands it in is of the organisation 00032106",
            "invalid /exchange_document/header/created_at Some(2):Some(26) is more than 30 days ago",
        ]
    );
    assert_eq!(
        faults(&own, "2026-11-22T09:57:59Z"),
        [
            "invalid /exchange_document/header/created_at Some(2):Some(26) is 121 seconds ahead of the hub's clock"
        ]
    );
}

#[test]
fn the_faults_of_an_act_have_the_places_of_the_document() {
    let now = at("2026-11-22T10:00:00Z");
    let faults = vec![
        Fault::new("/uses/1/released_on", "is yet to come"),
        Fault::new("/not_used_because", "is missing"),
        Fault::new("path:number", "is no number"),
        Fault::new("/corrections/1/to", "is what is recorded"),
    ];
    let ended: Result<()> = Err(Error::Invalid(faults));
    let said = of_act(&incoming(), ended, "d".to_owned(), now).unwrap();
    assert_eq!((said.outcome, said.recorded), (DocumentOutcome::Refused, true));
    const REPORT: &str = "/exchange_document/content/permit_report";
    assert_eq!(
        told(&said.faults),
        [
            format!("invalid {REPORT}/uses/permit_use[2]/released_on Some(4):Some(14) is yet to come"),
            format!("invalid {REPORT}/not_used_because Some(3):Some(1) is missing"),
            format!("invalid {REPORT}/permit Some(3):Some(16) is no number"),
            format!("invalid {REPORT}/corrections/use_correction[2]/to Some(3):Some(1) is what is recorded"),
        ]
    );
}

#[test]
fn a_refusal_by_the_state_is_said_and_a_failure_of_the_hub_is_not() {
    let now = at("2026-11-22T10:00:00Z");
    let ended: Result<()> = Err(Error::NotFound { what: "permit", id: "UA".to_owned() });
    let said = of_act(&incoming(), ended, "d".to_owned(), now).unwrap();
    assert_eq!(
        told(&said.faults),
        ["not_found /exchange_document/content/permit_report Some(3):Some(1) there is no permit UA"]
    );
    let away: Result<()> = Err(Error::Unavailable("gone".to_owned()));
    assert!(matches!(of_act(&incoming(), away, "d".to_owned(), now), Err(Error::Unavailable(_))));
    let said = of_act(&incoming(), Ok(()), "d".to_owned(), now).unwrap();
    assert_eq!((said.outcome, said.faults.len()), (DocumentOutcome::Accepted, 0));
}
