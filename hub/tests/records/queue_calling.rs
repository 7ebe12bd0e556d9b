//! Calling: the first in order, once, and what the gate then answers.

use futures_util::future::join_all;
use kordon_hub::crossings::CrossingId;
use kordon_hub::crossings::rebuild::verify;
use kordon_hub::queue::admission;
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::queue::{Admission, AdmissionReason, CallIn, CallRule, Decision};
use kordon_schemas::{Plate, ProblemCode};

use crate::site::{PLATE, Site, evening, krakivets, no_crossing, noon};

impl Site {
    /// Books a vehicle and lets it arrive in the zone.
    pub(crate) async fn waits(&self, number: u32, minutes: i64) -> CrossingId {
        let plate = format!("AA {number:04} BB");
        let crossing = self.book(&format!("r-{number}"), &plate, minutes).await;
        self.record_one(self.fact_of(&format!("z-{number}"), K::ZoneArrived, &plate, minutes + 10)).await;
        crossing
    }

    async fn admission(&self, plate: &str, minutes: i64) -> Admission {
        let plate = Plate::parse(plate).unwrap();
        admission::admission(&mut *self.connection().await, &krakivets(), &plate, noon(minutes))
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn vehicles_are_called_in_the_order_of_their_bookings() {
    let site = Site::fresh().await;
    let (second, first) = (site.waits(2, 5).await, site.waits(1, 0).await);
    let call = site.call(evening()).await.unwrap();
    assert_eq!((call.booking, call.plate.as_str()), (first.0, "AA 0001 BB"));
    assert_eq!((call.explanation.place, call.explanation.waiting), (1, 2));
    assert_eq!(call.deadline_at, evening() + chrono::TimeDelta::hours(4));
    assert_eq!(site.call(evening()).await.unwrap().booking, second.0);
    assert_eq!(site.call(evening()).await.unwrap_err().code(), ProblemCode::NotCallable);
    assert_eq!(site.view(first).await.stage, Stage::Called);
}

#[tokio::test]
async fn a_call_out_of_order_is_kept_with_its_reason_and_explanation() {
    let site = Site::fresh().await;
    site.waits(1, 0).await;
    let second = site.waits(2, 5).await;
    let named = |reason: Option<&str>| CallIn {
        booking: Some(second.0),
        reason: reason.map(Into::into),
        ..CallIn::default()
    };
    assert_eq!(site.call_as(&named(None), evening()).await.unwrap_err().code(), ProblemCode::NotFirst);
    let faulty = site.call_as(&named(Some(" ")), evening()).await.unwrap_err();
    assert_eq!(faulty.code(), ProblemCode::Invalid);
    let call = site.call_as(&named(Some("a sick child")), evening()).await.unwrap();
    assert_eq!((call.explanation.rule, call.explanation.place), (CallRule::OutOfOrder, 2));
    let kept = "SELECT count(*) FROM calls WHERE reason = 'a sick child' AND rules_version = 1
                AND explanation @> '{\"place\": 2, \"waiting\": 2, \"rule\": \"out_of_order\"}'";
    assert_eq!(site.number(kept).await, 1);
}

#[tokio::test]
async fn nobody_is_called_twice() {
    let site = Site::fresh().await;
    let crossing = site.waits(1, 0).await;
    site.call(evening()).await.unwrap();
    let again = CallIn { booking: Some(crossing.0), reason: Some("again".into()), ..CallIn::default() };
    assert_eq!(site.call_as(&again, evening()).await.unwrap_err().code(), ProblemCode::NotCallable);
    let unknown = CallIn { booking: Some(no_crossing().0), reason: Some("who".into()), ..CallIn::default() };
    assert_eq!(site.call_as(&unknown, evening()).await.unwrap_err().code(), ProblemCode::NotCallable);
    assert_eq!(site.number("SELECT count(*) FROM calls").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn operators_that_call_at_once_never_call_the_same_vehicle() {
    let site = Site::fresh().await;
    for number in 0..5 {
        site.waits(number, i64::from(number)).await;
    }
    let site = &site;
    let answers = join_all((0..12).map(|_| site.call(evening()))).await;
    let mut called: Vec<_> = answers.iter().flatten().map(|call| (call.position, call.booking)).collect();
    called.sort_unstable();
    let mut plates: Vec<_> = answers.iter().flatten().map(|call| call.plate.as_str()).collect();
    plates.sort_unstable();
    assert_eq!(plates, ["AA 0000 BB", "AA 0001 BB", "AA 0002 BB", "AA 0003 BB", "AA 0004 BB"]);
    let refused = answers.iter().filter_map(|answer| answer.as_ref().err()).map(kordon_hub::Error::code);
    assert_eq!(refused.collect::<Vec<_>>(), [ProblemCode::NotCallable; 7]);
    let in_order =
        "SELECT count(*) FROM (SELECT lag(booked_at) OVER (ORDER BY position) > booked_at AS passed
                    FROM calls JOIN crossings ON crossings.id = booking_id) AS calls WHERE passed";
    assert_eq!(site.number(in_order).await, 0, "{called:?}");
}

#[tokio::test]
async fn the_gate_admits_from_the_call_to_its_deadline() {
    let site = Site::fresh().await;
    let told = |answer: Admission| (answer.decision, answer.reason);
    use AdmissionReason as R;
    assert_eq!(told(site.admission(PLATE, 0).await), (Decision::Refuse, R::NotBooked));
    let crossing = site.book("r-1", PLATE, 0).await;
    assert_eq!(told(site.admission(PLATE, 5).await), (Decision::Refuse, R::NotCalled));
    site.record_one(site.fact("e-1", K::ZoneArrived, 10)).await;
    site.call(noon(60)).await.unwrap();
    let answer = site.admission("аа1234вв", 60).await;
    assert_eq!((answer.booking, answer.deadline_at), (Some(crossing.0), Some(noon(300))));
    assert_eq!(told(answer), (Decision::Admit, R::Called));
    assert_eq!(told(site.admission(PLATE, 299).await), (Decision::Admit, R::Called));
    assert_eq!(told(site.admission(PLATE, 300).await), (Decision::Refuse, R::CallExpired));
    site.record_one(site.fact("e-2", K::CheckpointEntered, 310)).await;
    assert_eq!(told(site.admission(PLATE, 311).await), (Decision::Refuse, R::AlreadyEntered));
    site.record_one(site.fact("e-3", K::CheckpointLeft, 340)).await;
    assert_eq!(told(site.admission(PLATE, 341).await), (Decision::Refuse, R::NotBooked));
}

#[tokio::test]
async fn asking_at_the_gate_records_nothing() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    site.admission(PLATE, 5).await;
    assert_eq!(site.number("SELECT max(last_position) FROM checkpoint_journals").await, 1);
}

#[tokio::test]
async fn a_missed_call_is_made_again_with_a_reason() {
    let site = Site::fresh().await;
    let crossing = site.waits(1, 0).await;
    site.waits(2, 1).await;
    site.call(noon(60)).await.unwrap();
    let again = |reason: Option<&str>| CallIn {
        booking: Some(crossing.0),
        reason: reason.map(Into::into),
        ..CallIn::default()
    };
    let code = async |reason, minutes| site.call_as(&again(reason), noon(minutes)).await.unwrap_err().code();
    assert_eq!(code(Some("a flat tyre"), 299).await, ProblemCode::NotCallable);
    assert_eq!(code(None, 300).await, ProblemCode::NotFirst);
    site.call_as(&again(Some("a flat tyre")), noon(300)).await.unwrap();
    let answer = site.admission("AA 0001 BB", 310).await;
    assert_eq!((answer.decision, answer.deadline_at), (Decision::Admit, Some(noon(540))));
    assert_eq!(site.number("SELECT count(*) FROM calls").await, 2);
    let differences = verify(&mut *site.connection().await, &krakivets()).await.unwrap();
    assert_eq!(differences, [], "the latest call counts");
}
