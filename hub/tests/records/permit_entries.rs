//! What line 1 enters of a request that an office wrote or telephoned (Order 926, section II, clause 2).

use kordon_hub::parties::Actor;
use kordon_hub::permits::model::{PermitRequestState, Request};
use kordon_hub::permits::{filing, reading};
use kordon_hub::support::mail::{self, Mail, MessageId};
use kordon_hub::{Error, Result};
use kordon_schemas::Edrpou;
use serde_json::{Value, json};

use crate::permits::{Desk, asked, at, refused, used};

impl Desk {
    /// A mail of the office that came at that time and says no more than that.
    async fn mailed(&self, text: &str, received_at: &str) -> MessageId {
        let mail = Mail {
            sender: Some("krakivets@example.com".into()),
            message_id: Some(format!("{}@example.com", text.chars().count())),
            subject: "ЕТС не працює".into(),
            text: text.into(),
            digest: [1; 32],
            ..Mail::default()
        };
        let mut connection = self.site.connection().await;
        let received =
            mail::receive(&mut connection, &self.line_1, &mail, at(received_at), at(received_at)).await;
        MessageId(received.unwrap().message.id)
    }

    async fn enter(&self, by: &Actor, asked: Value) -> Result<Request> {
        let asked = serde_json::from_value(asked).unwrap();
        let mut connection = self.site.connection().await;
        filing::file(&mut connection, by, &asked, None, at("23T08:30")).await.map(|filed| filed.request)
    }
}

/// What line 1 enters of a mail, for the customs office of that code.
fn written(message: MessageId, customs: &str) -> Value {
    let mut asked = asked(&json!(["ets"]));
    asked["message"] = json!(message.0);
    asked["customs_edrpou"] = json!(customs);
    asked["substance"] = json!("");
    asked
}

#[tokio::test]
async fn a_request_that_came_by_mail_was_received_when_the_mail_was() {
    let desk = Desk::fresh().await;
    let message = desk.mailed("Просимо дозвіл.", "23T08:05").await;
    let request = desk.enter(&desk.line_1, written(message, "20000090")).await.unwrap();
    assert_eq!(request.received_at, at("23T08:05"), "the four hours run from then");
    let kept = "SELECT count(*) FROM tickets WHERE channel = 'email' AND priority = 'critical'";
    assert_eq!(desk.site.number(kept).await, 1);
    let settled =
        "SELECT count(*) FROM ticket_messages WHERE outcome = 'registered' AND ticket_id IS NOT NULL";
    assert_eq!(desk.site.number(settled).await, 1);
    let again = desk.enter(&desk.line_1, written(message, "20000090")).await.unwrap();
    assert_eq!(again.id, request.id, "entered again, it is the same request");
    assert_eq!(
        refused(desk.enter(&desk.line_1, written(message, "43115923")).await),
        format!("the message is permit request {} already, which says something else", request.id)
    );
}

#[tokio::test]
async fn a_mail_that_two_enter_at_once_is_one_request() {
    let desk = Desk::fresh().await;
    let message = desk.mailed("Просимо дозвіл.", "23T08:05").await;
    let enter = || desk.enter(&desk.line_1, written(message, "20000090"));
    let (one, other) = tokio::join!(enter(), enter());
    assert_eq!(one.unwrap().id, other.unwrap().id);
    assert_eq!(desk.site.number("SELECT count(*) FROM tickets").await, 1);
}

#[tokio::test]
async fn a_mail_that_became_a_ticket_by_itself_is_still_a_request() {
    let desk = Desk::fresh().await;
    let text = "Код підрозділу: UA209030\nПосада: Інспектор\nКонтактна особа: Іван Коваль\n\nПросимо дозвіл.";
    let message = desk.mailed(text, "23T08:05").await;
    let by_itself = "SELECT count(*) FROM ticket_messages WHERE outcome = 'registered'";
    assert_eq!(desk.site.number(by_itself).await, 1);
    let request = desk.enter(&desk.line_1, written(message, "20000090")).await.unwrap();
    assert_eq!(request.received_at, at("23T08:05"));
    assert_eq!(desk.site.number("SELECT count(*) FROM tickets WHERE priority = 'critical'").await, 1);
    assert_eq!(desk.site.number("SELECT count(*) FROM tickets").await, 1, "it has one ticket");
}

#[tokio::test]
async fn what_a_trader_wrote_is_no_request_of_an_office() {
    let desk = Desk::fresh().await;
    let text = "Назва: ТОВ «Перевізник»\nЄДРПОУ: 20000090\nКонтактна особа: Олена Шевченко\n\nЕТС не працює.";
    let message = desk.mailed(text, "23T08:05").await;
    assert_eq!(desk.site.number("SELECT count(*) FROM tickets").await, 1);
    assert_eq!(
        refused(desk.enter(&desk.line_1, written(message, "20000090")).await),
        "/message was registered for somebody who is no customs official: the departure office makes the request"
    );
}

#[tokio::test]
async fn an_office_sees_what_line_1_entered_for_it() {
    let desk = Desk::fresh().await;
    let message = desk.mailed("Просимо дозвіл.", "23T08:05").await;
    assert_eq!(
        refused(desk.enter(&desk.office, written(message, "20000090")).await),
        "/message is entered by line 1 only: leave it out; /customs_edrpou is entered by line 1 only: leave it out"
    );
    let request = desk.enter(&desk.line_1, written(message, "20000090")).await.unwrap();
    let mut connection = desk.site.connection().await;
    reading::get(&mut connection, &desk.office, request.id, at("23T08:40")).await.unwrap();
    let listed = reading::list(&mut connection, &desk.office, None, None, 10, at("23T08:40")).await.unwrap();
    assert_eq!(listed.items.len(), 1);
    assert_eq!(listed.items[0].customs_edrpou.as_ref().map(Edrpou::as_str), Some("20000090"));

    desk.pass(&request, at("23T08:40")).await;
    let found = json!({"outcome": "confirmed", "reason": "ETS is away.", "outage": desk.outage.0});
    let number = desk.decide(request.id, found, "23T08:50").await.unwrap().permit.unwrap().number;
    desk.both_told(request.id, "23T09:00").await.unwrap();
    let report = json!({"uses": [used("1", "23")], "complete": true});
    let reported = desk.report(&number, report, "23T12:00").await.unwrap();
    assert_eq!(reported.state, PermitRequestState::Closed, "and reports on it");
}

#[tokio::test]
async fn an_office_that_telephoned_sees_its_request_too() {
    let desk = Desk::fresh().await;
    let mut asked = asked(&json!(["ets"]));
    asked["customs_edrpou"] = json!("20000090");
    asked["call"] = json!({"received_at": "2026-11-23T08:05:00Z", "recording": "call-17"});
    let request = desk.enter(&desk.line_1, asked).await.unwrap();
    assert_eq!(request.received_at, at("23T08:05"));
    let mut connection = desk.site.connection().await;
    reading::get(&mut connection, &desk.office, request.id, at("23T08:40")).await.unwrap();
}

#[tokio::test]
async fn an_office_does_not_see_what_line_1_entered_for_another() {
    let desk = Desk::fresh().await;
    let message = desk.mailed("Просимо дозвіл.", "23T08:05").await;
    let request = desk.enter(&desk.line_1, written(message, "43115923")).await.unwrap();
    let mut connection = desk.site.connection().await;
    let seen = reading::get(&mut connection, &desk.office, request.id, at("23T08:40")).await;
    assert!(matches!(seen, Err(Error::NotFound { .. })));
    let listed = reading::list(&mut connection, &desk.office, None, None, 10, at("23T08:40")).await.unwrap();
    assert_eq!(listed.items, []);
}
