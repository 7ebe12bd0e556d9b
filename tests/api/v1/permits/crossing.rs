//! `/api/v1/crossings/{crossing}/permits`: a permit as a document of a crossing.

use kordon_hub::parties::Role;
use serde_json::json;

use super::{Refusal as _, Story};
use crate::hub::{KRAKIVETS, YAHODYN, limited_to};

#[tokio::test]
async fn a_permit_is_a_document_of_a_crossing_and_shows_how_it_stands() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let number = permit["permit"]["number"].clone();
    let address = format!("/api/v1/crossings/{}/permits", story.hub.book(KRAKIVETS, "AA 1234 BB").await);
    let state = || story.hub.post(&address).json(&json!({"number": number}));
    state().as_role(Role::QueueOperator).send().await.expect(200);
    let stated = state().as_role(Role::Customs).send().await.expect(200);
    assert_eq!(stated["items"].as_array().unwrap().len(), 1, "the same again is the same");
    let show = || story.hub.get(&address);
    let seen = show().as_role(Role::BorderGuard).send().await.expect(200);
    assert_eq!((&seen["items"][0]["number"], &seen["items"][0]["valid"]), (&number, &json!(true)));
    story.at("24T08:00");
    let seen = show().as_role(Role::Customs).send().await.expect(200);
    assert_eq!(seen["items"][0]["valid"], false);
}

#[tokio::test]
async fn what_is_no_permit_and_what_is_elsewhere_is_refused() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let number = json!({"number": permit["permit"]["number"]});
    let address = format!("/api/v1/crossings/{}/permits", story.hub.book(KRAKIVETS, "AA 1234 BB").await);
    let never = kordon_hub::permits::number::number("2026-11-23T08:00:00Z".parse().unwrap(), 7);
    let state = story.hub.post(&address).as_role(Role::Customs).json(&json!({"number": never}));
    assert_eq!(state.send().await.refusal(), "422 invalid: /number was never given to a permit");
    let state = story.hub.post(&address).as_role(Role::Customs).json(&json!({"number": "UA-BCP-1"}));
    assert!(state.send().await.refusal().starts_with("422 invalid: /number is no number of a permit"));
    let (_, elsewhere) = story.hub.add_system(Role::Customs, "elsewhere", limited_to(&[YAHODYN], &[])).await;
    assert_eq!(story.hub.post(&address).as_token(&elsewhere).json(&number).send().await.status, 404);
}
