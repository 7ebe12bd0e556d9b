//! What each role sees of other people's vehicles and persons, over every read of the contract. A read that
//! is added fails here until it stands in the table.

use std::collections::BTreeSet;

use kordon_api::server::contract_json;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use crate::hub::{KRAKIVETS, Request, TestHub, limited_to, payment, tariff};

/// What could come through. Each stands for a text that is found nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Marker {
    /// The plate of a vehicle in a zone of the role's zone operator.
    Plate,
    /// The plate of a vehicle in another's zone.
    PlateElsewhere,
    Trailer,
    Driver,
    Reference,
    /// Who filed a ticket.
    Reporter,
    /// Whom to tell at a trader.
    Dispatcher,
    /// A trader who is a person.
    SoleTrader,
    TaxNumber,
}

use Marker::{
    Dispatcher, Driver, Plate, PlateElsewhere, Reference, Reporter, SoleTrader, TaxNumber, Trailer,
};

impl Marker {
    const ALL: [Self; 9] =
        [Plate, PlateElsewhere, Trailer, Driver, Reference, Reporter, Dispatcher, SoleTrader, TaxNumber];

    const fn text(self) -> &'static str {
        match self {
            Plate => "OZ1111OZ",
            PlateElsewhere => "UZ2222UZ",
            Trailer => "TR3333TR",
            Driver => "Marker Ostap",
            Reference => "reference-marker",
            Reporter => "Marker Olena",
            Dispatcher => "Marker Bohdan",
            SoleTrader => "Marker Taras",
            TaxNumber => "2876543211",
        }
    }
}

/// What a read shows to the roles that may make it; to all others nothing. Exhaustive: a read that is not
/// here fails the test.
fn shown(operation: &str) -> &'static [Marker] {
    match operation {
        // The duty of the border guard and customs, and the work of the operator (Q23, Q31, Q32, Q34).
        "show_queue" | "list_events" => &[Plate, PlateElsewhere],
        "show_crossing" => &[Plate],
        "show_call_list" => &[Plate, PlateElsewhere, Trailer, Driver],
        "show_admission_list" => &[Plate, PlateElsewhere],
        // The operator's own booking (Q34), those of their checkpoints to border guard and customs (Q23), and
        // petitions, for those who decide them (Q11).
        "show_booking" => &[Plate, Trailer, Driver, Reference],
        "list_petitions" | "show_petition" => &[Plate, Driver],
        // Why a vehicle was called, here the second one; beside it stand bookings.
        "show_call" => &[PlateElsewhere],
        // The police: directed vehicles (Q33).
        "list_directed_vehicles" => &[Plate, PlateElsewhere],
        // A zone operator: its own zone (Q23).
        "show_zone_queue" => &[Plate],
        // A holder, here through the operator that made the booking: the booking (Q25).
        "show_my_booking" => &[Plate, Reference],
        // What changed, by booking.
        "list_queue_changes" | "stream_queue" | "list_pauses" => &[],
        // Everybody.
        "show_board" | "show_open_figures" | "show_prediction_accuracy" => &[],
        // By booking (Q23).
        "list_predicted_entries" => &[],
        // Money, by booking and by day (Q37 to Q40); figures hold no personal data (Q26 to Q30).
        "quote_fee" | "show_tariffs" | "show_statement" | "show_figures" => &[],
        // Who asked for support, to those who help them; lists and deadlines do not name them.
        "show_ticket" | "show_correspondence" | "show_message" | "take_attachment" => &[Reporter],
        "list_tickets" | "show_deadlines" | "list_messages" => &[],
        "show_daily_control" | "show_ticket_figures" => &[],
        "list_articles" | "show_article" | "list_open_articles" | "show_open_article" => &[],
        // Whom to tell of a permit, to those who tell and those who asked; lists, notices and checks do not
        // name them, nor the sole trader who waits for one.
        "show_permit_request" => &[Dispatcher],
        "list_permit_requests" | "list_continuity_use" | "check_permit" | "show_crossing_permits" => &[],
        // An exchange, to its two parties, who have seen what it holds; nobody here is one.
        "fetch_evidence" => &[],
        // What became of a system's own documents, and notices: no vehicle is named in them.
        "list_documents" | "show_acknowledgement" | "show_document" => &[],
        // No vehicles in them at all.
        "list_checkpoints"
        | "show_checkpoint"
        | "show_operator"
        | "show_rules"
        | "list_rules_versions"
        | "show_slots"
        | "list_customs_offices"
        | "list_outages"
        | "show_outage"
        | "read_notices"
        | "show_notice"
        | "show_press_text"
        | "show_signing_certificate"
        | "live"
        | "ready"
        | "show_metrics"
        | "show_schema"
        | "list_problems"
        | "show_problem" => &[],
        other => panic!("what may be seen by {other}? Say so here"),
    }
}

/// A read of the contract.
struct Read {
    id: String,
    address: String,
    roles: Vec<String>,
    is_stream: bool,
}

fn reads() -> Vec<Read> {
    let contract: Value = serde_json::from_str(&contract_json().unwrap()).unwrap();
    let paths = contract["paths"].as_object().unwrap().iter();
    paths
        .filter_map(|(address, item)| Some((address, item.get("get")?)))
        .map(|(address, operation)| Read {
            id: operation["operationId"].as_str().unwrap().to_owned(),
            address: address.clone(),
            roles: operation["x-roles"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|role| role.as_str().unwrap().to_owned())
                .collect(),
            is_stream: operation["responses"]["200"]["content"].get("text/event-stream").is_some(),
        })
        .collect()
}

/// Two vehicles with drivers and trailers, one in the zone of the role's zone operator and one in another's,
/// both called; an outage.
struct Seeded {
    booking: String,
    outage: String,
    notice: String,
    petition: String,
    ticket: String,
    message: String,
    article: String,
    request: String,
    permit: String,
    call: i64,
    last_position: i64,
}

/// Rules with a class for petitions, and a petition for the first vehicle. Answers with its id.
async fn petition(hub: &TestHub) -> String {
    let address = TestHub::at(KRAKIVETS, "rules");
    let mut rules = hub.get(&address).as_role(Role::Ministry).send().await.expect(200)["rules"].clone();
    rules["merge"]["classes"] = json!([{"class": "humanitarian", "name": {"uk": "Гуманітарна допомога",
        "en": "Humanitarian aid"}, "weight": 1}]);
    let decided = json!({"applies_from": hub.clock.now(), "decision": {"reference": "№ 1", "decided_on": "2026-11-20"},
        "rules": rules});
    let put = hub.put(&address).as_role(Role::Ministry).header("If-Match", "\"1\"").json(&decided);
    put.send().await.expect(201);
    let asked = json!({"reference": "P-1", "plate": Plate.text(), "class": "humanitarian", "stated_by": Driver.text(),
        "documents": [{"kind": "CMR", "number": "KB-17", "issued_on": "2026-11-20"}]});
    let filed = hub.post(&TestHub::at(KRAKIVETS, "petitions")).as_role(Role::QueueOperator).json(&asked);
    filed.send().await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// A trader's ticket, and a mail of its user about it with an attachment. Answers with their ids.
async fn ticket(hub: &TestHub) -> (String, String) {
    let filed = json!({"kind": "incident", "substance": "ETS does not take declarations.", "user": {
        "kind": "legal_entity", "name": "Broker", "edrpou": "43115923", "person": Reporter.text(),
        "email": "broker@example.com"}});
    let filed = hub.post("/api/v1/tickets").as_role(Role::Trader).json(&filed);
    let filed = filed.send().await.expect(201);
    let mail = format!(
        "From: {0} <broker@example.com>\r\nSubject: [{1}]\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\n\r\nSee below.\r\n--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n{0}\r\n--b--\r\n",
        Reporter.text(),
        filed["registration_number"].as_str().unwrap()
    );
    let mailed = hub.post("/api/v1/ticket-messages").as_role(Role::SupportLine1).body("message/rfc822", mail);
    let mailed = mailed.send().await.expect(201);
    assert_eq!(mailed["outcome"], "reply");
    let id = |made: &Value| made["id"].as_str().unwrap().to_owned();
    (id(&filed), id(&mailed))
}

/// A published article. Answers with its id.
async fn article(hub: &TestHub) -> String {
    let written = json!({"title": {"uk": "Що?", "en": "What?"}, "text": {"uk": "Це.", "en": "This."}});
    let begun =
        hub.post("/api/v1/articles").as_role(Role::SupportLine1).json(&written).send().await.expect(201);
    let id = begun["id"].as_str().unwrap();
    let publish = hub.post(&format!("/api/v1/articles/{id}/publication")).as_role(Role::SupportLine1);
    publish.header("If-Match", "\"1\"").send().await.expect(200);
    id.to_owned()
}

/// A permit in force, and beside it the request of a sole trader. Answers with the id of the first's request
/// and its number.
async fn permit(hub: &TestHub) -> (String, String) {
    let mut asked = json!({"asks": "procedure", "office": "UA209030", "systems": ["declarant_link"], "substance": "No link.",
        "user": {"kind": "customs_official", "unit_code": "UA209030", "position": "Officer", "person": "Ivan",
            "email": "office@example.com"},
        "trader": {"name": "Carrier", "edrpou": "20000090", "person": Dispatcher.text(), "email": "a@example.com"},
        "began_at": hub.clock.now() - chrono::TimeDelta::hours(1), "agreed_until": hub.clock.now(), "checks": "Seen.",
        "seen_by_office": true});
    let post = async |role: Role, address: String, body: Value| {
        hub.post(&address).as_role(role).header("If-Match", "\"1\"").json(&body).send().await
    };
    let requests = || "/api/v1/permit-requests".to_owned();
    let filed = post(Role::DepartureOffice, requests(), asked.clone()).await.expect(201);
    asked["trader"] =
        json!({"name": SoleTrader.text(), "rnokpp": TaxNumber.text(), "email": "b@example.com"});
    post(Role::DepartureOffice, requests(), asked).await.expect(201);
    let moves = format!("/api/v1/tickets/{}/moves", filed["ticket"].as_str().unwrap());
    let official = json!({"name": "Iryna", "position": "Inspector"});
    let pass = json!({"to": "in_progress", "line": "line_2", "official": official});
    post(Role::SupportLine1, moves, pass).await.expect(200);
    let id = filed["id"].as_str().unwrap().to_owned();
    let address = |what: &str| format!("/api/v1/permit-requests/{id}/{what}");
    let found = json!({"outcome": "confirmed", "reason": "No link."});
    let decided = post(Role::SupportLine2, address("decisions"), found).await.expect(200);
    for party in ["trader", "departure_office"] {
        post(Role::SupportLine1, address("tellings"), json!({"of": party})).await.expect(200);
    }
    let number = decided["permit"]["number"].as_str().unwrap().to_owned();
    (id, number)
}

async fn seed(hub: &TestHub) -> Seeded {
    let mut bookings = Vec::new();
    for (plate, reference) in [(Plate, Reference.text()), (PlateElsewhere, "another")] {
        let body = json!({"reference": reference, "plate": plate.text(), "queue": "live", "channel": "web",
            "trailer_plate": Trailer.text(), "driver": {"name": Driver.text()}});
        let booked = hub.post(&TestHub::at(KRAKIVETS, "bookings")).as_role(Role::QueueOperator).json(&body);
        bookings.push(booked.send().await.expect(201)["id"].as_str().unwrap().to_owned());
    }
    let petition = petition(hub).await;
    let (ticket, message) = ticket(hub).await;
    let (request, permit) = permit(hub).await;
    hub.put_tariff(&tariff()).await.expect(201);
    hub.pay(&bookings[0], &payment("PAY-1")).await.expect(201);
    hub.arrive(KRAKIVETS, Plate.text()).await;
    let (_, elsewhere) =
        hub.add_system(Role::ZoneOperator, "elsewhere", limited_to(&[], &["KRAKIVETS-3"])).await;
    let event = json!({"id": "z-2", "kind": "zone-arrived", "plate": PlateElsewhere.text(), "zone": "KRAKIVETS-3",
        "occurred_at": hub.clock.now()});
    hub.post(&TestHub::at(KRAKIVETS, "events")).as_token(&elsewhere).json(&event).send().await.expect(201);
    hub.call(KRAKIVETS).await;
    let last_position = hub.call(KRAKIVETS).await["position"].as_i64().unwrap();
    let outage = json!({"kind": "unplanned", "affected_systems": ["ets"], "starts_at": hub.clock.now(),
        "fallback_allowed": true, "text": {"uk": "ЕТС недоступна.", "en": "ETS is unavailable."}});
    let declared =
        hub.post("/api/v1/outages").as_role(Role::SupportLine1).json(&outage).send().await.expect(201);
    let feed = hub.get("/api/v1/notices").as_role(Role::Taxud).send().await.expect(200);
    hand_in(hub).await;
    Seeded {
        booking: bookings.remove(0),
        outage: declared["id"].as_str().unwrap().to_owned(),
        notice: feed["items"][0]["id"].as_str().unwrap().to_owned(),
        petition,
        ticket,
        message,
        article: article(hub).await,
        request,
        permit,
        call: last_position,
        last_position,
    }
}

/// A document of customs that names a vehicle, in an event that customs do not state.
async fn hand_in(hub: &TestHub) {
    let now = hub.clock.now().to_rfc3339();
    let text = format!(
        "<exchange_document xmlns='urn:kordon:exchange:1'><header><sender>20000090</sender><id>D-1</id><kind>checkpoint_events</kind>\
         <created_at>{now}</created_at></header><content><checkpoint_events><checkpoint>{KRAKIVETS}</checkpoint><events><event>\
         <id>cu-1</id><kind>checkpoint-left</kind><plate>{}</plate><occurred_at>{now}</occurred_at></event></events>\
         </checkpoint_events></content></exchange_document>",
        Plate.text()
    );
    let handed_in = hub.post("/api/v1/exchange/documents").as_role(Role::Customs).xml(text).accepting_xml();
    assert_eq!(handed_in.send().await.status, 201);
}

impl Read {
    fn on<'hub>(&self, hub: &'hub TestHub, seeded: &Seeded) -> Request<'hub> {
        let Seeded {
            booking,
            outage,
            notice,
            petition,
            ticket,
            message,
            article,
            request,
            permit,
            call,
            last_position: _,
        } = seeded;
        let call = call.to_string();
        let known = [
            ("{checkpoint}", KRAKIVETS),
            ("{zone}", "KRAKIVETS-1"),
            ("{crossing}", booking),
            ("{booking}", booking),
            ("{outage}", outage),
            ("{notice}", notice),
            ("{name}", "queue.xsd"),
            ("{code}", "not_found"),
            ("{petition}", petition),
            ("{ticket}", ticket),
            ("{message}", message),
            ("{attachment}", "1"),
            ("{article}", article),
            ("{request}", request),
            ("{number}", permit),
            ("{position}", &call),
            ("{query_id}", "q-1"),
            ("{document}", "D-1"),
        ];
        let mut address = self.address.clone();
        for (name, value) in known {
            address = address.replace(name, value);
        }
        assert!(!address.contains('{'), "{address}: what stands for its parameters?");
        match self.id.as_str() {
            "show_my_booking" => address += &format!("?reference={}", Reference.text()),
            "stream_queue" => address += "?after=0",
            "show_slots" => address += "?lane=all&from=2026-11-22T08:00:00Z&to=2026-11-22T10:00:00Z",
            "show_statement" => address += "?day=2026-11-21",
            "show_figures" | "show_ticket_figures" => address += "?from=2026-11-20&to=2026-11-21",
            "list_continuity_use" => address += "?year=2026",
            "show_open_figures" => address += &format!("?checkpoint={KRAKIVETS}&month=2026-10"),
            _ => {}
        }
        hub.get(&address).for_purpose("a test of what is seen")
    }

    /// Whether the role may make this read of what was seeded. A ticket is there for those alone who have it:
    /// its user, line 1, and, since it is new and a Saturday, the duty of line 2; a document for the system
    /// that handed it in.
    fn is_for(&self, role: Role) -> bool {
        let of_ticket = matches!(
            self.id.as_str(),
            "show_ticket" | "show_deadlines" | "show_correspondence" | "show_message" | "take_attachment"
        );
        let has_ticket = matches!(role, Role::Trader | Role::SupportLine1 | Role::SupportLine2);
        let is_named = self.roles.is_empty() || self.roles.iter().any(|known| known == role.as_str());
        let is_acknowledged = self.id != "show_acknowledgement" || role == Role::Customs;
        is_named && (!of_ticket || has_ticket) && is_acknowledged
    }

    /// What is seen when the request is sent.
    async fn seen(&self, request: Request<'_>, seeded: &Seeded) -> (u16, BTreeSet<Marker>) {
        let (status, body) = if self.is_stream {
            let answer = request.open_or_refused().await;
            match answer {
                Ok(mut stream) => {
                    let mut text = String::new();
                    loop {
                        let sent = stream.next().await.unwrap();
                        text += &format!("{sent:?}");
                        if sent.id == seeded.last_position {
                            break (200, text.into_bytes());
                        }
                    }
                }
                Err(refused) => (refused.status, refused.body),
            }
        } else {
            let answer = request.send().await;
            (answer.status, answer.body)
        };
        let holds = |text: &str| body.windows(text.len()).any(|part| part == text.as_bytes());
        (status, Marker::ALL.into_iter().filter(|marker| holds(marker.text())).collect())
    }
}

#[tokio::test]
async fn nothing_of_others_comes_through_to_a_role_that_may_not_see_it() {
    let hub = TestHub::start().await;
    let seeded = seed(&hub).await;
    let reads = reads();
    assert!(reads.len() >= 25, "the contract has lost reads: {}", reads.len());
    for read in &reads {
        let expected: BTreeSet<Marker> = shown(&read.id).iter().copied().collect();
        for role in Role::ALL {
            // Nobody here is a party of an exchange, and the notice is of a permit, whose text is its
            // template: `trembita::sealing` and `notices::press_text` try those that there are.
            let is_there = !["fetch_evidence", "show_press_text"].contains(&read.id.as_str());
            let may = read.is_for(role) && is_there;
            let (status, seen) = read.seen(read.on(&hub, &seeded).as_role(role), &seeded).await;
            assert_eq!(is_shown(status), may, "{} as {role}: {status}", read.id);
            assert_eq!(seen, if may { expected.clone() } else { BTreeSet::new() }, "{} as {role}", read.id);
        }
        let (status, seen) = read.seen(read.on(&hub, &seeded), &seeded).await;
        assert_eq!(is_shown(status), read.roles.is_empty(), "{} without a credential: {status}", read.id);
        assert_eq!(seen, BTreeSet::new(), "{} without a credential", read.id);
    }
}

fn is_shown(status: u16) -> bool {
    (200..300).contains(&status)
}

/// A ministry needs figures (Q26 to Q30): no read that it may make names a vehicle.
#[test]
fn a_ministry_reads_nothing_that_names_a_vehicle() {
    let mut reads = reads();
    reads.retain(|read| read.roles.iter().any(|role| role == "ministry"));
    assert!(!reads.is_empty(), "a ministry reads something");
    for read in reads {
        assert_eq!(shown(&read.id), [], "{}", read.id);
    }
}
