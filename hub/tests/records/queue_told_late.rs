//! Calls that are told late, given long ahead or held up by a pause: when they are due, and what the gate
//! answers meanwhile. The lane lets in twelve an hour, the way from the zone takes half an hour, a call is
//! good for an hour.

use kordon_hub::crossings::CrossingId;
use kordon_hub::queue::absence::Swept;
use kordon_hub::queue::{admission, admission_list};
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::queue::{AdmissionReason, CallIn};
use kordon_schemas::{Plate, ProblemCode};

use crate::queue_timer::rules;
use crate::site::{Site, krakivets, noon};

#[tokio::test]
async fn a_call_that_is_told_after_the_entry_it_led_to_is_taken_in() {
    let site = Site::by(rules()).await;
    let (crossing, second) = (site.waits(1, -60).await, site.waits(2, -50).await);
    site.enters(1, 30).await;
    let told = |booking: CrossingId, reference: &str, minutes: i64| CallIn {
        booking: Some(booking.0),
        called_at: Some(noon(minutes)),
        reference: Some(reference.into()),
        ..CallIn::default()
    };
    let late = site.call_as(&told(crossing, "their-1", 31), noon(90)).await;
    assert_eq!(late.unwrap_err().code(), ProblemCode::NotCallable, "it had entered by then");
    let call = site.call_as(&told(crossing, "their-2", 0), noon(90)).await.unwrap();
    assert_eq!((call.called_at, call.explanation.place, call.explanation.waiting), (noon(0), 1, 2));
    assert_eq!(site.view(crossing).await.stage, Stage::CheckpointEntered);
    let again = site.call_as(&told(crossing, "their-3", 5), noon(90)).await;
    assert_eq!(again.unwrap_err().code(), ProblemCode::NotCallable);
    assert_eq!(site.call(noon(91)).await.unwrap().booking, second.0, "it waits no more");
    site.is_as_its_facts().await;
}

#[tokio::test]
async fn a_call_that_is_told_after_a_pause_is_due_as_if_it_had_been_told_at_once() {
    let site = Site::by(rules()).await;
    let crossing = site.waits(1, -60).await;
    let pause = site.pause(30).await.unwrap();
    site.resume(&pause, 210).await;
    let told = CallIn {
        booking: Some(crossing.0),
        called_at: Some(noon(0)),
        reference: Some("their-1".into()),
        ..CallIn::default()
    };
    let call = site.call_as(&told, noon(220)).await.unwrap();
    assert_eq!(call.deadline_at, noon(60 + 180), "three hours stood");
    assert_eq!(site.sweep(239).await, Swept::default());
    assert_eq!(site.sweep(240).await.absences.len(), 1);
}

#[tokio::test]
async fn at_the_gate_no_call_ends_while_its_lane_is_paused() {
    let site = Site::by(rules()).await;
    site.waits(1, -60).await;
    site.due(0).await;
    let pause = site.pause(50).await.unwrap();
    let at_gate = async |minutes: i64| {
        let plate = Plate::parse("AA 0001 BB").unwrap();
        let mut connection = site.connection().await;
        let answer =
            admission::admission(&mut connection, &krakivets(), &plate, noon(minutes)).await.unwrap();
        let list =
            admission_list::admission_list(&mut connection, &krakivets(), 1, noon(minutes)).await.unwrap();
        let listed: Vec<_> = list.called.iter().map(|vehicle| vehicle.deadline_at).collect();
        (answer.reason, answer.deadline_at.unwrap(), listed)
    };
    use AdmissionReason::{CallExpired, Called};
    assert_eq!(at_gate(55).await, (Called, noon(60), vec![noon(65)]), "a list is read when the line is down");
    assert_eq!(at_gate(90).await, (Called, noon(100), vec![noon(100)]), "forty minutes stood by now");
    site.resume(&pause, 100).await;
    assert_eq!(at_gate(109).await, (Called, noon(110), vec![noon(110)]));
    assert_eq!(at_gate(110).await, (CallExpired, noon(110), vec![]));
}

#[tokio::test]
async fn who_is_called_by_hand_before_the_lane_can_let_it_in_has_its_time_from_when_it_can() {
    let mut rules = rules();
    rules.lanes[0].capacity[0].from_hour = 18;
    let site = Site::by(rules).await;
    site.waits(1, -60).await;
    // 14:00 in Kyiv; the lane opens four hours later.
    let call = site.call(noon(0)).await.unwrap();
    assert_eq!((call.entry_expected_at, call.deadline_at), (noon(240), noon(240 - 30 + 60)));
    assert_eq!(site.sweep(269).await, Swept::default());
    assert_eq!(site.sweep(270).await.absences.len(), 1);
}

#[tokio::test]
async fn controls_in_time_show_that_a_vehicle_came_though_the_gate_saw_nothing() {
    let site = Site::by(rules()).await;
    let crossing = site.waits(1, -60).await;
    site.due(0).await;
    assert_eq!(site.sweep(60).await.absences.len(), 1);
    site.record_one(site.fact_of("c-1", K::CustomsControlStarted, "AA 0001 BB", 40)).await;
    let swept = site.sweep(90).await;
    assert_eq!(swept.taken_back.iter().map(|booking| booking.0).collect::<Vec<_>>(), [crossing.0]);
    assert_eq!(site.view(crossing).await.stage, Stage::Controls);
    site.is_as_its_facts().await;
}
