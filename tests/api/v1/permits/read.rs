//! Who sees what of requests and permits, and the check.

use kordon_hub::parties::{Role, Scope};
use serde_json::{Value, json};

use super::{Refusal as _, Story, of_another_trader, procedure};

#[tokio::test]
async fn a_trader_and_an_office_see_their_own_and_nothing_else() {
    let story = Story::begin().await;
    let own = story.file(&procedure()).await.expect(201);
    let others = story.file(&of_another_trader()).await.expect(201);
    let (_, other_office) = story.hub.add_system(Role::DepartureOffice, "another", Scope::default()).await;
    let seen = async |token: &str| {
        let list = story.hub.get("/api/v1/permit-requests").as_token(token).send().await.expect(200);
        list["items"].as_array().unwrap().len()
    };
    assert_eq!(seen(story.hub.token(Role::Trader)).await, 1);
    assert_eq!(seen(story.hub.token(Role::DepartureOffice)).await, 2);
    assert_eq!(seen(story.hub.token(Role::SupportLine1)).await, 2);
    assert_eq!(seen(&other_office).await, 0);
    let show = async |token: &str, request: &Value| {
        let address = format!("/api/v1/permit-requests/{}", request["id"].as_str().unwrap());
        story.hub.get(&address).as_token(token).for_purpose("Order 926").send().await.status
    };
    assert_eq!(show(story.hub.token(Role::Trader), &own).await, 200);
    assert_eq!(show(story.hub.token(Role::Trader), &others).await, 404);
    assert_eq!(show(&other_office, &own).await, 404);
    assert_eq!(show(story.hub.token(Role::SupportLine2), &others).await, 200);
}

#[tokio::test]
async fn who_reads_contacts_is_recorded_with_the_purpose() {
    let story = Story::begin().await;
    let request = story.file(&procedure()).await.expect(201);
    let address = format!("/api/v1/permit-requests/{}", request["id"].as_str().unwrap());
    let show = || story.hub.get(&address).as_role(Role::SupportLine1);
    assert!(show().send().await.problem().starts_with("400 purpose_required"));
    let shown = show().for_purpose("Order 926, IV 6").send().await.expect(200);
    assert_eq!(shown["trader"]["email"], "dispatch@example.com");
    let readings = story.hub.readings().await;
    assert!(readings.contains("show_permit_request") && readings.contains("Order 926, IV 6"), "{readings}");
    story.hub.lose_the_access_log().await;
    assert_eq!(show().for_purpose("Order 926, IV 6").send().await.status, 500, "unrecorded is not shown");
}

#[tokio::test]
async fn a_check_tells_whether_a_permit_holds_and_no_more() {
    let story = Story::begin().await;
    let permit = story.in_force().await;
    let checked = story.check(Role::Customs, &permit).await;
    let number = permit["permit"]["number"].clone();
    assert_eq!(
        checked,
        json!({
            "number": number, "valid": true, "state": "in_force", "scope": {"office": "UA209030", "systems": ["ets"]},
            "valid_from": "2026-11-23T08:00:00Z", "valid_until": "2026-11-24T08:00:00Z", "trader_matches": null,
            "checked_at": "2026-11-23T08:00:00Z"
        })
    );
    let number = number.as_str().unwrap();
    let ask =
        |query: String| story.hub.get(&format!("/api/v1/permits/{query}")).as_role(Role::BorderGuard).send();
    for (code, matches) in [("20000090", true), ("43115923", false)] {
        let answer = ask(format!("{number}/check?edrpou={code}")).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.expect(200)["trader_matches"], matches);
    }
    assert_eq!(ask(format!("{number}/check?edrpou=20000091")).await.status, 422);
    let misread =
        format!("{}{}", &number[..number.len() - 1], 9 - number[number.len() - 1..].parse::<u8>().unwrap());
    let told = ask(format!("{misread}/check")).await.refusal();
    assert_eq!(
        told,
        "422 invalid: path:number is no number of a permit: its check digit is wrong; read it again"
    );
    let never = kordon_hub::permits::number::number("2026-11-23T08:00:00Z".parse().unwrap(), 2);
    assert_eq!(
        ask(format!("{never}/check")).await.refusal(),
        format!("404 not_found: there is no permit {never}")
    );
}

#[tokio::test]
async fn pages_go_by_the_time_to_decide() {
    let story = Story::begin().await;
    let first = story.file(&procedure()).await.expect(201);
    story.at("23T08:05");
    let second = story.file(&of_another_trader()).await.expect(201);
    let page = async |query: &str| {
        let list =
            story.hub.get(&format!("/api/v1/permit-requests?limit=1{query}")).as_role(Role::SupportLine2);
        list.send().await.expect(200)
    };
    let one = page("").await;
    assert_eq!((&one["items"][0]["id"], &one["next"]), (&first["id"], &first["id"]));
    let two = page(&format!("&after={}", first["id"].as_str().unwrap())).await;
    assert_eq!((&two["items"][0]["id"], &two["next"]), (&second["id"], &json!(null)));
    assert_eq!(page("&state=closed").await["items"], json!([]));
}
