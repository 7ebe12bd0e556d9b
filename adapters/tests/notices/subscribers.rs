//! Notices to services of members of Trembita: what they are sent, and what their answers mean.

use kordon_adapters::subscribed;
use kordon_adapters::subscribers::{NoticeSubject, Subscriber, SubscriberSettings, SubscriberWay};
use kordon_adapters::trembita::consumer::SecurityServerSettings;
use kordon_adapters::trembita::soap::Limits;
use kordon_adapters::trembita::soap::faults::{Dialect, FaultCode, Origin, Refusal};
use kordon_adapters::trembita::soap::message::{Envelope, Message};
use kordon_adapters::trembita::soap::transport::{Side, receive};
use kordon_hub::notices::{Channel, ChannelFault, Channels, PermitDispatch, PermitNotice, Receipt};
use kordon_hub::permits::RequestId;
use kordon_schemas::notices::{Notice, NoticeKind, ToldPermit};
use kordon_testing::security_server::{Heard, Said, SecurityServer};
use uuid::Uuid;

use crate::samples::{at, dispatch, planned};

const SERVICE: &str = "SEVDEIR-TEST/GOV/00000099/99_ops_prod/RecordNotice_v1";

fn settings(by: SubscriberWay) -> SubscriberSettings {
    SubscriberSettings {
        name: "customs".into(),
        service: SERVICE.into(),
        by,
        path: if by == SubscriberWay::Soap { String::new() } else { "/notices".into() },
        notices: vec![NoticeSubject::Outages],
    }
}

fn subscriber(server: &SecurityServer, by: SubscriberWay) -> Subscriber {
    let way = SecurityServerSettings::new(server.url(), "SEVDEIR-TEST/GOV/20000090/KORDON_cons");
    Subscriber::open(&way, &settings(by)).unwrap()
}

fn server(answer: impl Fn(&Heard) -> Said + Send + Sync + 'static) -> SecurityServer {
    SecurityServer::start(None, answer)
}

fn message(heard: &Heard) -> Message {
    let received = receive(Side::Request, heard.header("content-type"), &heard.body, &Limits::default());
    let Ok(Envelope::Message(message)) = received.map(|received| received.envelope) else {
        panic!("{heard:?}")
    };
    *message
}

fn xml(status: u16, text: String) -> Said {
    Said::Answer(status, vec![("Content-Type".into(), "text/xml".into())], text.into_bytes())
}

/// What X-Road's servers put into every answer by REST.
fn echo(heard: &Heard, status: u16, body: &str) -> Said {
    let of = |name: &str| (name.to_owned(), heard.header(name).unwrap_or_default().to_owned());
    let headers = vec![of("x-road-client"), of("x-road-id"), ("x-road-service".into(), SERVICE.into())];
    Said::Answer(status, headers, body.as_bytes().to_vec())
}

#[tokio::test]
async fn by_soap_a_notice_is_a_message_under_its_own_id() {
    let server =
        server(|heard| xml(200, message(heard).answer("<RecordNotice_v1Response xmlns='urn:other'/>")));
    let dispatch = dispatch(2, NoticeKind::Changed, None, planned());
    let Receipt { detail, sent } = subscriber(&server, SubscriberWay::Soap).deliver(&dispatch).await.unwrap();
    assert_eq!(detail, "answered with RecordNotice_v1Response");
    let heard = &server.heard()[0];
    assert_eq!(sent.unwrap().bytes, heard.body, "the evidence is what was sent");
    let message = message(heard);
    assert_eq!(message.header.id, dispatch.notice.id.to_string());
    assert_eq!(message.header.service.to_string(), SERVICE);
    let text = message.text();
    for part in [
        "<RecordNotice_v1 xmlns=\"urn:kordon:trembita:1\"><notice>",
        &format!("<id>{}</id>", dispatch.notice.id),
        "<kind>changed</kind>",
        "<number>2</number>",
        "<affected_systems><item>ets</item></affected_systems>",
        "<en>Upgrade of the ETS servers &amp; their &lt;database&gt;.</en>",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn by_rest_a_notice_is_that_of_the_feed_and_may_be_repeated() {
    for (by, target, id) in [
        (SubscriberWay::Xroad, format!("/r1/{SERVICE}/notices"), "X-Road-Id"),
        (SubscriberWay::Uxp, "/restapi/notices".to_owned(), "Uxp-QueryID"),
    ] {
        let server = server(|heard| echo(heard, 201, "{\"ok\":true}"));
        let dispatch = dispatch(1, NoticeKind::Declared, None, planned());
        let subscriber = subscriber(&server, by);
        for _ in 0..2 {
            let receipt = subscriber.deliver(&dispatch).await.unwrap();
            assert_eq!(receipt.detail, "HTTP 201: {\"ok\":true}");
        }
        let heard = server.heard();
        assert_eq!((heard[0].method.as_str(), &heard[0].target), ("POST", &target));
        assert_eq!(heard[0].header(id), Some(dispatch.notice.id.to_string().as_str()));
        assert_eq!(heard[0].header("idempotency-key"), heard[0].header(id));
        let notice: Notice = serde_json::from_slice(&heard[0].body).unwrap();
        assert_eq!(notice, dispatch.notice.into());
        assert_eq!(
            (&heard[0].headers, &heard[0].body),
            (&heard[1].headers, &heard[1].body),
            "a repetition is known"
        );
    }
}

#[tokio::test]
async fn a_notice_of_a_permit_goes_the_same_way_without_the_trader() {
    let server = server(|heard| echo(heard, 200, ""));
    let told = ToldPermit {
        number: "UA-BCP-2026-000001".into(),
        office: kordon_schemas::OfficeReference::parse("UA209000").unwrap(),
        systems: Vec::new(),
        outage: None,
        valid_from: Some(at("2026-11-23T08:00:00Z")),
        valid_until: Some(at("2026-11-24T08:00:00Z")),
        revoked_at: None,
        stamp: Vec::new(),
    };
    let notice = PermitNotice {
        id: dispatch(1, NoticeKind::Declared, None, planned()).notice.id,
        position: 1,
        request: RequestId(Uuid::nil()),
        number: 1,
        kind: NoticeKind::PermitIssued,
        created_at: at("2026-11-23T08:00:00Z"),
        told,
    };
    let dispatch = PermitDispatch { notice, address: None, attempt: 1 };
    subscriber(&server, SubscriberWay::Xroad).deliver_permit(&dispatch).await.unwrap();
    let notice: Notice = serde_json::from_slice(&server.heard()[0].body).unwrap();
    assert_eq!(
        (notice.kind, notice.permit.unwrap().number.as_str()),
        (NoticeKind::PermitIssued, "UA-BCP-2026-000001")
    );
}

#[derive(Debug, PartialEq)]
enum Meaning {
    Taken,
    Refused,
    Again,
}

async fn meaning(
    by: SubscriberWay,
    answer: impl Fn(&Heard) -> Said + Send + Sync + 'static,
) -> (Meaning, String) {
    let server = server(answer);
    let answer = subscriber(&server, by).deliver(&dispatch(1, NoticeKind::Declared, None, planned())).await;
    assert_eq!(server.heard().len(), 1, "the hub itself tries again, by its record");
    match answer {
        Ok(Receipt { detail, sent: _ }) => (Meaning::Taken, detail),
        Err(ChannelFault::Permanent(detail)) => (Meaning::Refused, detail),
        Err(ChannelFault::Transient(detail)) => (Meaning::Again, detail),
    }
}

#[tokio::test]
async fn what_an_answer_by_rest_means() {
    for (status, expected) in [
        (200, Meaning::Taken),
        (202, Meaning::Taken),
        (409, Meaning::Taken),
        (400, Meaning::Refused),
        (422, Meaning::Refused),
        (301, Meaning::Again),
        (401, Meaning::Again),
        (403, Meaning::Again),
        (404, Meaning::Again),
        (500, Meaning::Again),
        (503, Meaning::Again),
    ] {
        let (meaning, _) = meaning(SubscriberWay::Xroad, move |heard| echo(heard, status, "why")).await;
        assert_eq!(meaning, expected, "{status}");
    }
    // An answer to somebody else is none.
    let other = |heard: &Heard| {
        let Said::Answer(status, mut headers, body) = echo(heard, 200, "") else { unreachable!() };
        headers.retain(|(name, _)| name != "x-road-id");
        Said::Answer(status, headers, body)
    };
    let (meaning, detail) = meaning(SubscriberWay::Xroad, other).await;
    assert_eq!(
        (meaning, detail.as_str()),
        (Meaning::Again, "the answer is to another question: x-road-id differ")
    );
}

#[tokio::test]
async fn what_an_answer_by_soap_means() {
    let fault = |origin, code: FaultCode| {
        move |_: &Heard| xml(500, Refusal::new(code.clone(), "why").envelope(origin, Dialect::Camel, "log-1"))
    };
    let by = SubscriberWay::Soap;
    let (found, detail) = meaning(by, fault(Origin::Client, FaultCode::InvalidXml)).await;
    assert_eq!((found, detail.as_str()), (Meaning::Refused, "Client.InvalidXml: why"));
    assert_eq!(meaning(by, fault(Origin::ServerProxy, FaultCode::AccessDenied)).await.0, Meaning::Again);
    assert_eq!(meaning(by, fault(Origin::ServerProxy, FaultCode::UnknownService)).await.0, Meaning::Again);
    assert_eq!(meaning(by, fault(Origin::Service, FaultCode::HttpError)).await.0, Meaning::Again);
    assert_eq!(meaning(by, |_: &Heard| Said::Nothing).await.0, Meaning::Again);
    let within = |heard: &Heard| {
        let fault = "<fault xmlns=''><faultCode>too_old</faultCode><faultString>why</faultString></fault>";
        xml(
            200,
            message(heard).answer(&format!(
                "<RecordNotice_v1Response xmlns='urn:other'>{fault}</RecordNotice_v1Response>"
            )),
        )
    };
    let (found, detail) = meaning(by, within).await;
    assert_eq!((found, detail.as_str()), (Meaning::Refused, "refused: too_old: why"));
}

#[test]
fn a_setting_that_cannot_be_right_is_named() {
    let way = SecurityServerSettings::new("https://localhost", "SEVDEIR-TEST/GOV/20000090");
    type Change = fn(&mut SubscriberSettings);
    let changes: [(Change, &str); 5] = [
        (|own| own.name = "Customs".into(), "subscribers.name"),
        (|own| own.service = "GetQueue_v1".into(), "subscribers.service"),
        (|own| own.service = "A/B/C/D/1-notice".into(), "subscribers.service"),
        (|own| own.path = "/notices".into(), "subscribers.path"),
        (|own| own.notices = Vec::new(), "subscribers.notices"),
    ];
    for (change, named) in changes {
        let mut own = settings(SubscriberWay::Soap);
        change(&mut own);
        let fault = subscribed(Channels::new(), Some(&way), &[own]).unwrap_err();
        assert_eq!(fault.setting, named, "{fault}");
    }
    let own = settings(SubscriberWay::Uxp);
    let fault = subscribed(Channels::new(), Some(&way), &[own.clone(), own.clone()]).unwrap_err();
    assert!(fault.to_string().contains("customs stands twice"), "{fault}");
    let fault = subscribed(Channels::new(), None, &[own]).unwrap_err();
    assert!(fault.to_string().contains("set security_server"), "{fault}");
}
