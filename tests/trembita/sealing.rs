//! What members exchange with the hub is kept byte for byte, sealed, handed out to its parties alone, and
//! refused when it can't be proved.

use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::SimpleAsyncConnection;
use kordon_adapters::keys::{FileKey, KeyRing};
use kordon_adapters::trembita::evidence::report::{Code, Verdict};
use kordon_adapters::trembita::evidence::sealing::ContainerSealer;
use kordon_adapters::trembita::evidence::sealing::settings::EvidenceSettings;
use kordon_adapters::trembita::evidence::{Trust, archive, verify};
use kordon_hub::Result;
use kordon_hub::parties::Role;
use kordon_hub::sealing::model::{Packed, Previous, Signature, Stamp, Stamped, Unsealed, Unstamped};
use kordon_hub::sealing::worker::{archive_waiting, remove_old, seal_waiting, stamp_waiting};
use kordon_hub::sealing::{self, Sealed, Sealer, Windows};
use serde_json::json;
use tempfile::TempDir;

use super::{Envelope, GUARD, bind, trusting_this_machine};
use crate::hub::{Answer, KRAKIVETS, TestHub};

const CUSTOMS: &str = "SEVDEIR-TEST/GOV/00000002/DMSU_cons";

/// A hub with two members, by the clock of the machine: certificates hold by it.
async fn hub() -> TestHub {
    let hub = TestHub::start_for_members(trusting_this_machine()).await;
    bind(&hub, Role::BorderGuard, GUARD).await;
    bind(&hub, Role::Customs, CUSTOMS).await;
    hub.clock.set(&Utc::now().to_rfc3339());
    hub
}

/// Signs with the hub's own key; time-stamps are only noted, because the authority is a matter of the adapter
/// and its tests.
#[derive(Debug)]
pub(super) struct NotingStamps(ContainerSealer);

#[async_trait]
impl Sealer for NotingStamps {
    async fn prepare(&self, now: DateTime<Utc>) -> Result<()> {
        self.0.prepare(now).await
    }

    fn lasts_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.lasts_until(now)
    }

    fn seal(&self, messages: &[Unsealed], now: DateTime<Utc>) -> Result<Vec<Signature>> {
        self.0.seal(messages, now)
    }

    async fn stamp(&self, signatures: &[Unstamped]) -> Result<Vec<Stamped>> {
        let noted = |own: &Unstamped| Stamped {
            id: own.id,
            at: Utc::now(),
            stamp: Stamp::Within(own.signatures.clone()),
        };
        Ok(signatures.iter().map(noted).collect())
    }

    async fn archive(&self, messages: Vec<Sealed>, previous: Option<&Previous>) -> Result<Packed> {
        self.0.archive(messages, previous).await
    }

    async fn remove(&self, file_name: &str) -> Result<()> {
        self.0.remove(file_name).await
    }
}

pub(super) fn sealer(hub: &TestHub, archives: &Path) -> NotingStamps {
    let at = |name: &str| hub.keys.path().join(name);
    let key = FileKey::open(&at("key.pem"), &at("certificate.pem"), None).unwrap();
    let keys = KeyRing::of(vec![Arc::new(key)]).unwrap();
    NotingStamps(ContainerSealer::open(&EvidenceSettings::default(), keys, archives).unwrap())
}

pub(super) async fn seal(hub: &TestHub) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = hub.database.connection().await.unwrap();
    seal_waiting(&mut connection, &sealer(hub, folder.path()), hub.clock.now()).await.unwrap()
}

/// The files of an archive.
fn files(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        files.push((entry.name().unwrap().into_owned(), content));
    }
    files
}

/// A file of a container.
pub(super) fn file(container: &[u8], name: &str) -> Option<Vec<u8>> {
    files(container).into_iter().find(|(own, _)| own == name).map(|(_, content)| content)
}

/// The containers of an exchange, fetched by the administrator: request, then response.
pub(super) async fn fetched(hub: &TestHub, query_id: &str) -> Vec<Vec<u8>> {
    let asked =
        hub.get(&format!("/api/v1/evidence/{query_id}")).as_role(Role::Administrator).for_purpose("спір 7");
    let answer = asked.send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/zip"), "{}", answer.text());
    let parts: Vec<_> = files(&answer.body);
    let names: Vec<_> = parts.iter().map(|(name, _)| name.rsplit_once('-').unwrap().0.to_owned()).collect();
    assert_eq!(names, [format!("{query_id}-request"), format!("{query_id}-response")]);
    parts.into_iter().map(|(_, container)| container).collect()
}

pub(super) fn assert_signed(hub: &TestHub, container: &[u8], covers: &[&str]) {
    let own = std::fs::read(hub.keys.path().join("certificate.pem")).unwrap();
    let report = verify(container, &Trust::none().with_pem(&own).unwrap(), Utc::now());
    assert!(report.faults.is_empty(), "{report:#?}");
    // The certificate is its own authority's: nobody says whether it was revoked, and that is all that is not
    // verified.
    assert_eq!(report.verdict(), Verdict::NotVerified);
    assert!(
        report.not_verified.iter().all(|finding| finding.code == Code::RevocationNotVerified),
        "{report:#?}"
    );
    assert_eq!(report.signatures[0].covers, covers);
}

#[tokio::test]
async fn what_is_exchanged_by_soap_is_kept_byte_for_byte_and_signed() {
    let hub = hub().await;
    let question = Envelope::of("GetQueue_v1", &format!("<t:checkpoint>{KRAKIVETS}</t:checkpoint>"));
    let answer = question.send(&hub).await;
    assert_eq!(answer.status, 200);
    assert_eq!(seal(&hub).await, 2);
    let [asked, told] = <[_; 2]>::try_from(fetched(&hub, "q-1").await).unwrap();
    assert_eq!(file(&asked, "message.xml").unwrap(), question.text().into_bytes());
    assert_eq!(file(&told, "message.xml").unwrap(), answer.body);
    for container in [&asked, &told] {
        assert_signed(&hub, container, &["message.xml"]);
    }
}

#[tokio::test]
async fn a_fault_is_an_answer_too_and_what_goes_beside_a_message_is_kept_beside_it() {
    let hub = hub().await;
    let fault = Envelope::of("NoSuchService_v1", "").send(&hub).await;
    assert_eq!(fault.status, 500);
    seal(&hub).await;
    let told = &fetched(&hub, "q-1").await[1];
    assert_eq!(file(told, "message.xml").unwrap(), fault.body);

    let hub = self::hub().await;
    let members = "<x:serviceCode>GetQueue_v1</x:serviceCode><x:serviceVersion>v1</x:serviceVersion>";
    let described = Envelope::of_metaservice("getWsdl", members).send(&hub).await;
    seal(&hub).await;
    let told = &fetched(&hub, "q-1").await[1];
    let (message, wsdl) = (file(told, "message.xml").unwrap(), file(told, "attachment1").unwrap());
    let at = |part: &[u8]| described.body.windows(part.len()).position(|bytes| bytes == part);
    assert!(at(&message).is_some() && at(&wsdl) > at(&message));
    assert!(String::from_utf8(wsdl).unwrap().contains("GetQueue_v1Response"));
    assert_signed(&hub, told, &["message.xml", "attachment1"]);
}

#[tokio::test]
async fn what_is_exchanged_by_rest_is_kept_with_its_head() {
    let hub = hub().await;
    let event = json!({"id": "g-1", "kind": "checkpoint-entered", "plate": "AA1234BB", "occurred_at": hub.clock.now()});
    let address = TestHub::at(KRAKIVETS, "events");
    let asked = hub.post(&address).header("X-Road-Client", GUARD).header("X-Road-Id", "r-1");
    let answer = asked.json(&event).send().await;
    answer.expect(202);
    seal(&hub).await;
    let [asked, told] = <[_; 2]>::try_from(fetched(&hub, "r-1").await).unwrap();
    assert_eq!(file(&asked, "attachment1").unwrap(), event.to_string().into_bytes());
    assert_eq!(file(&told, "attachment1").unwrap(), answer.body);
    let head = |container: &[u8]| String::from_utf8(file(container, "message.xml").unwrap()).unwrap();
    assert!(head(&asked).starts_with(&format!("POST\r\n{address}\r\n")), "{}", head(&asked));
    assert!(head(&asked).contains(&format!("\r\nx-road-client:{GUARD}\r\n")));
    assert!(head(&told).starts_with("202\r\nAccepted\r\n"), "{}", head(&told));
    assert!(head(&told).contains("\r\nx-road-id:r-1\r\n"));
    assert!(head(&told).contains(&format!("\r\nx-request-id:{}\r\n", answer.header("x-request-id"))));
    for container in [&asked, &told] {
        assert_signed(&hub, container, &["message.xml", "attachment1"]);
    }
    // A problem is an answer too, and UXP's parameters stand in the address as it came.
    let asked = hub.get("/api/v1/checkpoints/UA999999/queue?queryId=r-2").header("Uxp-Client", GUARD);
    let refused = asked.send().await;
    assert_eq!(refused.status, 404);
    seal(&hub).await;
    let [asked, told] = <[_; 2]>::try_from(fetched(&hub, "r-2").await).unwrap();
    assert!(head(&asked).starts_with("GET\r\n/api/v1/checkpoints/UA999999/queue?queryId=r-2\r\n"));
    assert_eq!(file(&told, "attachment1").unwrap(), refused.body);
}

#[tokio::test]
async fn only_the_parties_of_an_exchange_have_its_evidence() {
    let hub = hub().await;
    Envelope::of("GetQueue_v1", &format!("<t:checkpoint>{KRAKIVETS}</t:checkpoint>")).send(&hub).await;
    let by_member = |member: &str, address: &str| {
        let asked = hub.get(address).header("Uxp-Client", member).for_purpose("спір 7");
        asked.header("Uxp-QueryID", "other").send()
    };
    // It is not there before it is signed.
    assert_eq!(by_member(GUARD, "/api/v1/evidence/q-1").await.status, 404);
    seal(&hub).await;
    assert_eq!(by_member(GUARD, "/api/v1/evidence/q-1").await.status, 200);
    assert_eq!(by_member(GUARD, "/trembita/evidence?queryId=q-1").await.status, 200);
    assert_eq!(by_member(GUARD, "/trembita/evidence?queryId=q-2").await.status, 404);
    assert_eq!(by_member(CUSTOMS, "/api/v1/evidence/q-1").await.status, 404);
    assert_eq!(by_member(CUSTOMS, "/trembita/evidence?queryId=q-1").await.status, 404);
    let by_token = |role: Role| hub.get("/api/v1/evidence/q-1").as_role(role).for_purpose("спір 7").send();
    for role in Role::ALL {
        // The member is the border guard's system.
        let has = [Role::BorderGuard, Role::Administrator].contains(&role);
        assert_eq!(by_token(role).await.status, if has { 200 } else { 404 }, "{role}");
    }
    let without = hub.get("/api/v1/evidence/q-1").as_role(Role::Administrator).send().await;
    assert!(without.problem().starts_with("400 purpose_required"));
    assert!(hub.readings().await.lines().all(|line| line.contains(" fetch_evidence - спір 7 [")));
}

#[tokio::test]
async fn the_certificates_of_the_sealing_keys_are_published_until_they_end() {
    let hub = hub().await;
    let shown = hub.get("/trembita/certificates").send().await;
    assert_eq!((shown.status, shown.header("content-type")), (200, "application/pem-certificate-chain"));
    assert_eq!(shown.body, std::fs::read(hub.keys.path().join("certificate.pem")).unwrap());
    hub.clock.advance(TimeDelta::days(5 * 365 + 1));
    assert_eq!(hub.get("/trembita/certificates").send().await.text(), "");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_acknowledged() {
    let hub = hub().await;
    let lose = "ALTER TABLE evidence_messages RENAME TO lost";
    hub.database.connection().await.unwrap().batch_execute(lose).await.unwrap();
    let by_soap =
        Envelope::of("GetQueue_v1", &format!("<t:checkpoint>{KRAKIVETS}</t:checkpoint>")).send(&hub).await;
    assert_eq!(
        super::fault_of(&by_soap),
        "Server.ServerProxy.LoggingFailed: the exchange could not be recorded; send the same again"
    );
    let by_rest = hub.get(&TestHub::at(KRAKIVETS, "queue")).header("X-Road-Client", GUARD).send().await;
    assert!(by_rest.problem().starts_with("500 internal"), "{}", by_rest.text());
    assert!(by_rest.headers.get("x-request-id").is_some());
    // Everybody else goes on.
    hub.get(&TestHub::at(KRAKIVETS, "queue")).as_role(Role::Customs).send().await.expect(200);
}

#[tokio::test]
async fn of_what_a_member_without_a_system_sends_at_length_the_head_alone_is_kept() {
    let hub = hub().await;
    let kept = async |query: &str| {
        let query =
            diesel::sql_query(format!("SELECT count(*) AS count FROM evidence_messages WHERE {query}"));
        let mut connection = hub.database.connection().await.unwrap();
        let row: Count = diesel_async::RunQueryDsl::get_result(query, &mut connection).await.unwrap();
        row.count
    };
    let ask = async |client: &'static str, text: String| {
        let body = json!({"text": {"uk": text}});
        hub.post("/api/v1/outages").header("X-Road-Client", client).json(&body).send().await.status
    };
    let unbound = "SEVDEIR-TEST/GOV/00000003/OTHER_cons";
    assert_eq!(ask(unbound, "a".repeat(17 << 10)).await, 401);
    assert_eq!(
        (kept("part = 'request'").await, kept("part = 'request' AND attachment IS NOT NULL").await),
        (1, 0)
    );
    assert_eq!(ask(unbound, "a".into()).await, 401);
    assert_eq!(kept("part = 'request' AND attachment IS NOT NULL").await, 1, "what is short is kept whole");
    // Of a member that has a system, so is what is long.
    assert_eq!(ask(CUSTOMS, "a".repeat(17 << 10)).await, 403);
    assert_eq!(kept("part = 'request' AND attachment IS NOT NULL").await, 2);
    assert_eq!(kept("part = 'response'").await, 3);
    // Nor does an address help that nobody is looked for at.
    let asked =
        hub.post("/api/v1/nothing").header("X-Road-Client", unbound).json(&json!("a".repeat(17 << 10)));
    assert_eq!(asked.send().await.status, 404);
    assert_eq!(kept("part = 'request' AND attachment IS NOT NULL").await, 2);
}

#[tokio::test]
async fn members_behind_whom_nobody_is_known_are_counted_each_for_itself() {
    let hub = hub().await;
    let ask = async |client: &'static str| {
        hub.get("/api/v1/listMethods").header("X-Road-Client", client).send().await
    };
    let left = async |client| ask(client).await.header("ratelimit").split(';').nth(1).unwrap().to_owned();
    assert_eq!(
        ask("SEVDEIR-TEST/GOV/00000003/OTHER_cons").await.header("ratelimit-policy"),
        "\"member\";q=1000000;w=1"
    );
    assert_eq!(left("SEVDEIR-TEST/GOV/00000003/OTHER_cons").await, "r=999998");
    assert_eq!(left("SEVDEIR-TEST/GOV/00000004/OTHER_cons").await, "r=999999");
}

async fn asked_both_ways(hub: &TestHub) -> (Answer, Answer) {
    let by_soap =
        Envelope::of("GetQueue_v1", &format!("<t:checkpoint>{KRAKIVETS}</t:checkpoint>")).send(hub).await;
    let by_rest = hub.get(&TestHub::at(KRAKIVETS, "queue")).header("X-Road-Client", GUARD).send().await;
    (by_soap, by_rest)
}

#[tokio::test]
async fn exchanges_go_on_for_four_hours_without_a_signature_or_time_stamp_and_then_are_refused() {
    let hub = hub().await;
    let folder = tempfile::tempdir().unwrap();
    let own = sealer(&hub, folder.path());
    let mut connection = hub.database.connection().await.unwrap();
    let (by_soap, by_rest) = asked_both_ways(&hub).await;
    assert_eq!((by_soap.status, by_rest.status), (200, 200));

    hub.clock.advance(TimeDelta::hours(4));
    hub.exchanges.look(&mut connection).await.unwrap();
    let (by_soap, by_rest) = asked_both_ways(&hub).await;
    assert_eq!((by_soap.status, by_rest.status), (200, 200));
    seal_waiting(&mut connection, &own, hub.clock.now()).await.unwrap();

    hub.clock.advance(TimeDelta::hours(4) + TimeDelta::seconds(1));
    hub.exchanges.look(&mut connection).await.unwrap();
    let (by_soap, by_rest) = asked_both_ways(&hub).await;
    let told = "exchanges could not be signed and time-stamped for more than 240 minutes; no more are taken until they are";
    assert_eq!(super::fault_of(&by_soap), format!("Server.ServerProxy.TimestampingFailed: {told}"));
    assert_eq!(by_rest.problem(), format!("503 sealing_unavailable: {told}"));
    assert_eq!(by_rest.header("retry-after"), "15");
    // Nothing of it was recorded, and everybody else goes on.
    assert_eq!(sealing::standing(&mut connection).await.unwrap().unsealed, 0);
    hub.get(&TestHub::at(KRAKIVETS, "queue")).as_role(Role::Customs).send().await.expect(200);

    assert!(stamp_waiting(&mut connection, &own).await.unwrap() > 0);
    hub.exchanges.look(&mut connection).await.unwrap();
    let (by_soap, by_rest) = asked_both_ways(&hub).await;
    assert_eq!((by_soap.status, by_rest.status), (200, 200));
}

#[tokio::test]
async fn two_replicas_sign_each_message_once() {
    let hub = hub().await;
    for _ in 0..10 {
        asked_both_ways(&hub).await;
    }
    let (one, two) = tokio::join!(seal(&hub), seal(&hub));
    assert_eq!(one + two, 40);
    let mut connection = hub.database.connection().await.unwrap();
    assert_eq!(sealing::standing(&mut connection).await.unwrap().unsealed, 0);
}

/// The windows of a test: an archive at once, messages for a day, archives for a week.
fn windows() -> Windows {
    Windows {
        stamps: false,
        archive_every: TimeDelta::zero(),
        keep_messages: TimeDelta::days(1),
        keep_archives: Some(TimeDelta::days(7)),
        ..EvidenceSettings::default().windows()
    }
}

fn archived(folder: &TempDir) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn archives_are_made_linked_and_removed_when_their_time_has_come() {
    let hub = hub().await;
    let folder = tempfile::tempdir().unwrap();
    let own = sealer(&hub, folder.path());
    let mut connection = hub.database.connection().await.unwrap();
    let mut last: Option<String> = None;
    for day in 0..3 {
        asked_both_ways(&hub).await;
        // Nothing is packed that is not signed, and with an authority nothing that is not stamped.
        assert_eq!(archive_waiting(&mut connection, &own, &windows(), hub.clock.now()).await.unwrap(), 0);
        seal_waiting(&mut connection, &own, hub.clock.now()).await.unwrap();
        let stamped = Windows { stamps: true, ..windows() };
        assert_eq!(archive_waiting(&mut connection, &own, &stamped, hub.clock.now()).await.unwrap(), 0);
        assert_eq!(archive_waiting(&mut connection, &own, &windows(), hub.clock.now()).await.unwrap(), 4);
        assert_eq!(archive_waiting(&mut connection, &own, &windows(), hub.clock.now()).await.unwrap(), 0);
        let names = archived(&folder);
        assert_eq!(names.len(), day + 1);
        let report =
            archive::verify(&std::fs::read(folder.path().join(&names[day])).unwrap(), last.as_deref());
        assert_eq!((report.faults.as_slice(), report.containers), (&[][..], 4));
        last = report.last_digest;
        hub.clock.advance(TimeDelta::hours(10));
    }
    // 30 hours after the first: its messages are past their day, those of the others are not.
    assert_eq!(remove_old(&mut connection, &own, &windows(), hub.clock.now()).await.unwrap(), 4);
    assert_eq!(remove_old(&mut connection, &own, &windows(), hub.clock.now()).await.unwrap(), 0);
    assert_eq!(fetched_count(&hub).await, 8);
    assert_eq!(archived(&folder).len(), 3);
    hub.clock.advance(TimeDelta::days(6));
    assert_eq!(remove_old(&mut connection, &own, &windows(), hub.clock.now()).await.unwrap(), 8);
    assert_eq!(archived(&folder).len(), 2);
}

async fn fetched_count(hub: &TestHub) -> usize {
    let mut connection = hub.database.connection().await.unwrap();
    usize::try_from(kordon_count(&mut connection).await).unwrap()
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

async fn kordon_count(connection: &mut kordon_hub::database::Connection) -> i64 {
    let query = diesel::sql_query("SELECT count(*) AS count FROM evidence_messages");
    let row: Count = diesel_async::RunQueryDsl::get_result(query, connection).await.unwrap();
    row.count
}
