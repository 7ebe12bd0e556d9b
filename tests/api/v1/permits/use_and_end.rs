//! Uses and the end of a permit: `…/reports`, `…/revocation`, and the clock.

use diesel_async::SimpleAsyncConnection;
use insta::assert_snapshot;
use kordon_hub::parties::Role;
use kordon_hub::permits::timer::Looked;
use kordon_hub::support::timers::Acted;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Refusal as _, Story, of_another_trader, procedure};

#[tokio::test]
async fn an_office_reports_its_uses_and_the_last_report_closes_the_ticket() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let report = |body: Value| story.with_permit(Role::DepartureOffice, &permit, "reports", body);
    let first = json!({"registration_number": "UA209030/2026/000017", "released_on": "2026-11-23"});
    report(json!({"uses": [first], "complete": false})).await.expect(200);
    assert_eq!(story.ticket_stands(&permit).await, "resolved line_1");
    // The office sends everything again, with one more, and says that it is all. The permit has expired
    // meanwhile.
    story.at("24T12:00");
    let second = json!({"registration_number": "UA209030/2026/000018", "released_on": "2026-11-24"});
    let closed = report(json!({"uses": [first, second], "complete": true})).await.expect(200);
    assert_eq!((&closed["state"], &closed["permit"]["state"]), (&json!("closed"), &json!("closed")));
    assert_eq!(story.ticket_stands(&permit).await, "closed line_1");
    report(json!({"uses": [first], "complete": true})).await.expect(200);
    let nothing = json!({"not_used_because": "The truck did not come.", "complete": true});
    let told = report(nothing).await.refusal();
    assert_eq!(told, "409 permit_move_refused: the permit is closed: nothing more is done with it");
    let kept = "SELECT count(*) FROM permit_uses";
    assert_eq!(story.hub.number(kept).await, 2);
}

#[tokio::test]
async fn a_paper_declaration_is_not_registered_like_an_electronic_one() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let report = |body: Value| story.with_permit(Role::DepartureOffice, &permit, "reports", body);
    let uses = json!([
        {"registration_number": "26UA408050000042L4", "released_on": "2026-11-23"},
        {"registration_number": "26 ua 408050 000042 l4", "released_on": "2026-11-23"},
        {"registration_number": "17/1", "released_on": "2026-11-22"},
        {"registration_number": "17/1", "released_on": "2026-11-24"},
        {"registration_number": "17/2", "released_on": "2026-11-25"}
    ]);
    assert_snapshot!(report(json!({"uses": uses, "complete": false})).await.problem(), @r#"
    422 invalid: 6 places break a rule
      "/uses/0/registration_number" has the form of an MRN: a paper declaration is registered in a series of its own, because no MRN is allocated to it
      "/uses/1/registration_number" has the form of an MRN: a paper declaration is registered in a series of its own, because no MRN is allocated to it
      "/uses/2/released_on" is before the permit was in force: 2026-11-23
      "/uses/3/registration_number" stands twice
      "/uses/3/released_on" lies ahead
      "/uses/4/released_on" lies ahead
    "#);
}

#[tokio::test]
async fn a_permit_that_was_not_used_has_a_reason() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let report = |body: Value| story.with_permit(Role::DepartureOffice, &permit, "reports", body);
    let told = report(json!({"complete": true})).await.refusal();
    assert_eq!(told, "422 invalid: /not_used_because is missing: no use stands, say why");
    let told = report(json!({"complete": false})).await.refusal();
    assert_eq!(told, "422 invalid: /uses is empty, and nothing else is reported");
    let why = json!({"not_used_because": "ETS worked again before the truck came.", "complete": true});
    assert_eq!(report(why).await.expect(200)["state"], "closed");
    assert_eq!(story.ticket_stands(&permit).await, "closed line_1");
    assert_eq!(
        story.check(Role::Customs, &permit).await["valid"],
        false,
        "who needs it no more has it no more"
    );
    assert_eq!(story.fallback().await, (false, 3));
}

#[tokio::test]
async fn a_permit_expires_by_itself_and_is_told_once() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    story.at("24T05:59");
    assert_eq!(story.timer().await, Looked::default());
    story.at("24T06:00");
    assert_eq!(story.timer().await, Looked { warned: Acted { done: 1, failed: 0 }, ..Looked::default() });
    assert_eq!(story.timer().await, Looked::default());
    story.hub.clock.set("2026-11-24T07:59:59Z");
    assert_eq!(story.check(Role::BorderGuard, &permit).await["valid"], true);
    story.at("24T08:00");
    // No timer is needed for it to be over.
    let checked = story.check(Role::BorderGuard, &permit).await;
    assert_eq!((&checked["valid"], &checked["state"]), (&json!(false), &json!("expired")));
    assert_eq!(story.fallback().await, (true, 2));
    let (one, other) = tokio::join!(story.timer(), story.timer());
    assert_eq!(one.expired.done + other.expired.done, 1, "two replicas tell it once");
    assert_eq!(story.fallback().await, (false, 3), "no permit rests on the outage any more");
}

#[tokio::test]
async fn an_office_that_is_faster_than_the_timer_does_not_hide_that_the_permit_expired() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    story.at("24T08:00");
    let why = json!({"not_used_because": "The truck did not come.", "complete": true});
    let closed = story.with_permit(Role::DepartureOffice, &permit, "reports", why).await.expect(200);
    assert_eq!(closed["permit"]["state"], "closed");
    assert_eq!(story.fallback().await, (false, 3), "no permit rests on the outage any more");
    let told = "SELECT count(*) FROM notices WHERE kind = 'permit_expired'";
    assert_eq!(story.hub.number(told).await, 1);
    assert_eq!(story.timer().await, Looked::default());
}

#[tokio::test]
async fn a_permit_whose_day_was_over_when_it_was_recorded_is_told_to_nobody() {
    let story = Story::begin().await;
    let permit = story.confirmed(&procedure()).await;
    story.at("24T09:00");
    for of in ["departure_office", "trader"] {
        let telling = json!({"of": of, "told_at": "2026-11-23T08:30:00Z"});
        story.done(Role::SupportLine1, &permit, "tellings", telling).await.expect(200);
    }
    assert_eq!(story.fallback().await, (false, 1), "the flag is not raised for what is over");
    assert_eq!(story.ticket_stands(&permit).await, "resolved line_1");
    assert_eq!(story.timer().await, Looked::default());
    let told = "SELECT count(*) FROM notices WHERE kind LIKE 'permit%'";
    assert_eq!(story.hub.number(told).await, 0);
}

#[tokio::test]
async fn what_was_released_after_a_permit_was_taken_back_is_taken_and_marked() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let because = json!({"reason": "ETS works again."});
    story.with_permit(Role::SupportLine1, &permit, "revocation", because).await.expect(200);
    story.at("24T06:00");
    let report = |day: &str| {
        let used = json!({"uses": [{"registration_number": "17", "released_on": day}], "complete": true});
        story.with_permit(Role::DepartureOffice, &permit, "reports", used)
    };
    let told = report("2026-11-22").await.refusal();
    assert!(told.contains("is before the permit was in force: 2026-11-23"), "{told}");
    let reported = report("2026-11-24").await.expect(200);
    assert_eq!((&reported["state"], &reported["late_uses"]), (&json!("closed"), &json!(1)));
    let address = format!("/api/v1/permit-requests/{}", permit["id"].as_str().unwrap());
    let whole = story.hub.get(&address).as_role(Role::SupportLine1).for_purpose("Order 926").send().await;
    assert_eq!(whole.expect(200)["uses"][0]["after_end"], true);
}

#[tokio::test]
async fn the_flag_that_line_1_raised_by_itself_outlasts_the_permits() {
    let story = Story::begin().await;
    story.in_force().await;
    story.at("24T08:00");
    story.timer().await;
    assert_eq!(story.fallback().await, (false, 3));
    let address = format!("/api/v1/outages/{}", story.outage);
    let allow = story.hub.request(Method::PATCH, &address).as_role(Role::SupportLine1);
    let allow = allow.header("If-Match", "\"3\"").json(&json!({"fallback_allowed": true}));
    allow.send().await.expect(200);
    let other = story.confirmed(&of_another_trader()).await;
    story.tell(&other, "trader").await;
    story.tell(&other, "departure_office").await;
    let because = json!({"reason": "ETS works again."});
    story.with_permit(Role::SupportLine2, &other, "revocation", because).await.expect(200);
    assert_eq!(
        story.fallback().await,
        (true, 4),
        "an earlier permit raised it once, and does not lower it now"
    );
}

#[tokio::test]
async fn the_flag_stays_while_another_permit_rests_on_the_outage() {
    let story = Story::begin().await;
    story.in_force().await;
    story.at("23T09:00");
    let other = story.confirmed(&of_another_trader()).await;
    story.tell(&other, "trader").await;
    story.tell(&other, "departure_office").await;
    assert_eq!(story.fallback().await, (true, 2), "it was raised already");
    story.at("24T08:00");
    story.timer().await;
    assert_eq!(story.fallback().await, (true, 2));
    let because = json!({"reason": "ETS works again."});
    let revoked = story.with_permit(Role::SupportLine2, &other, "revocation", because).await.expect(200);
    assert_eq!(revoked["permit"]["state"], "revoked");
    assert_eq!(story.fallback().await, (false, 3));
}

#[tokio::test]
async fn of_two_permits_that_end_at_once_the_last_lowers_the_flag() {
    let story = Story::begin().await;
    let first = story.in_force().await;
    let confirmed = story.confirmed(&of_another_trader()).await;
    story.tell(&confirmed, "trader").await;
    let second = story.tell(&confirmed, "departure_office").await;
    // While somebody else changes the outage, both have ended and neither is committed.
    let mut holder = story.hub.database.connection().await.unwrap();
    holder.batch_execute("BEGIN; SELECT FROM outages FOR UPDATE").await.unwrap();
    let because = || json!({"reason": "ETS works again."});
    let ends = async {
        tokio::join!(
            story.with_permit(Role::SupportLine2, &first, "revocation", because()),
            story.with_permit(Role::SupportLine2, &second, "revocation", because()),
        )
    };
    tokio::pin!(ends);
    tokio::select! {
        _ = &mut ends => panic!("a permit has ended without looking at its outage"),
        () = story.hub.until_blocked(2) => {}
    }
    holder.batch_execute("COMMIT").await.unwrap();
    let (first, second) = ends.await;
    first.expect(200);
    second.expect(200);
    assert_eq!(story.fallback().await, (false, 3));
}

#[tokio::test]
async fn a_permit_is_followed_by_another_and_not_extended() {
    let story = Story::begin().await;
    let first = story.in_force().await;
    let number = first["permit"]["number"].as_str().unwrap().to_owned();
    story.at("24T03:59");
    let told = story.file(&again("24")).await.refusal();
    assert_eq!(
        told,
        format!(
            "409 permit_twin: permit {number} of this trader at this office is in_force; the next may be asked for from 2026-11-24T04:00:00+00:00"
        )
    );
    story.at("24T04:00");
    let second = story.confirmed(&again("24")).await;
    assert_eq!(second["permit"]["continues"], number.as_str());
    assert_ne!(second["permit"]["number"], number.as_str());
    assert_eq!(
        story.check(Role::Customs, &first).await["valid_until"],
        "2026-11-24T08:00:00Z",
        "the first is no longer"
    );
}

#[tokio::test]
async fn a_revoked_permit_is_over_at_once_and_its_uses_are_still_reported() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let revoke = |reason: &str| {
        story.with_permit(Role::SupportLine1, &permit, "revocation", json!({"reason": reason}))
    };
    assert_eq!(
        revoke(" ").await.refusal(),
        "422 invalid: /reason has 1 to 2000 characters, and no control characters"
    );
    revoke("ETS works again.").await.expect(200);
    assert_eq!(story.check(Role::Customs, &permit).await["valid"], false);
    let told = revoke("Again.").await.refusal();
    assert_eq!(told, "409 permit_move_refused: the permit is revoked: it can become closed");
    assert_eq!(story.timer().await, Looked::default());
    let used =
        json!({"uses": [{"registration_number": "17", "released_on": "2026-11-23"}], "complete": true});
    assert_eq!(
        story.with_permit(Role::DepartureOffice, &permit, "reports", used).await.expect(200)["state"],
        "closed"
    );
}

/// The same request on another day.
fn again(day: &str) -> Value {
    let mut request = procedure();
    request["began_at"] = format!("2026-11-{day}T03:00:00Z").into();
    request["agreed_until"] = format!("2026-11-{day}T06:00:00Z").into();
    request
}
