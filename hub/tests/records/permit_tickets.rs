//! The tickets of permit requests: closed by what becomes of the permit and by no timer.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::parties::{Actor, Role};
use kordon_hub::permits::{Request, deciding, filing, telling, using};
use kordon_hub::support::control::daily_control;
use kordon_hub::support::tickets::acting::{Wish, act, close_unopposed};
use kordon_hub::support::tickets::{Ticket, reading};
use kordon_schemas::control::ControlReason;
use kordon_schemas::permits::PermitRequestIn;
use kordon_schemas::support::{Line, TicketStatus};
use kordon_schemas::tickets::{TellingIn, TellingOf, TicketMoveIn};
use serde_json::{Value, json};

use crate::site::{Site, official};

/// Monday, 10 in Kyiv.
fn monday() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

fn hours(count: i64) -> DateTime<Utc> {
    monday() + TimeDelta::hours(count)
}

/// A failure of the trader's own link: no outage need be declared.
fn asked(asks: &str) -> PermitRequestIn {
    serde_json::from_value(json!({
        "asks": asks,
        "user": {"kind": "customs_official", "unit_code": "UA209030", "position": "Інспектор",
            "person": "Іван Коваль", "email": "krakivets@example.com"},
        "office": "UA209030",
        "trader": {"name": "ТОВ «Перевізник»", "edrpou": "20000090", "person": "Олена Шевченко",
            "email": "dispatch@example.com"},
        "systems": ["declarant_link"],
        "substance": "Декларації не надходять.",
        "began_at": "2026-11-23T07:40:00Z",
        "agreed_until": "2026-11-23T09:00:00Z",
        "checks": "Системи митниці працюють.",
        "seen_by_office": true
    }))
    .unwrap()
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

struct Desk {
    site: Site,
    office: Actor,
    line_1: Actor,
    line_2: Actor,
}

impl Desk {
    async fn fresh() -> Self {
        let site = Site::fresh().await;
        let office = site.another(Role::DepartureOffice, "office").await;
        let line_1 = site.another(Role::SupportLine1, "line 1").await;
        let line_2 = site.another(Role::SupportLine2, "line 2").await;
        Self { site, office, line_1, line_2 }
    }

    async fn file(&self, asks: &str) -> Request {
        let mut connection = self.site.connection().await;
        filing::file(&mut connection, &self.office, &asked(asks), None, monday()).await.unwrap().request
    }

    async fn ticket(&self, request: &Request) -> Ticket {
        let mut connection = self.site.connection().await;
        reading::get(&mut connection, &self.line_1, request.ticket, monday()).await.unwrap().0
    }

    async fn wish(&self, ticket: &Ticket, wish: Wish<'_>, now: DateTime<Utc>) -> Ticket {
        let mut connection = self.site.connection().await;
        act(&mut connection, &self.line_1, ticket.id, ticket.version, wish, now).await.unwrap()
    }

    /// Line 1 passes the ticket to line 2.
    async fn pass(&self, request: &Request, now: DateTime<Utc>) -> Ticket {
        let pass = TicketMoveIn {
            to: TicketStatus::InProgress,
            line: Some(Line::Second),
            reason: None,
            official: Some(official()),
        };
        self.wish(&self.ticket(request).await, Wish::Move(&pass), now).await
    }

    async fn confirm(&self, request: &Request, now: DateTime<Utc>) -> Request {
        let found = read(json!({"outcome": "confirmed", "reason": "The link is down."}));
        let mut connection = self.site.connection().await;
        deciding::decide(&mut connection, &self.line_2, request.id, &found, now).await.unwrap()
    }

    /// A permit in force.
    async fn permitted(&self) -> Request {
        let request = self.file("procedure").await;
        self.pass(&request, monday()).await;
        self.confirm(&request, monday()).await;
        let mut connection = self.site.connection().await;
        let mut tell = async |of: &str| {
            let telling = read(json!({"of": of}));
            telling::tell(&mut connection, &self.line_1, request.id, &telling, monday()).await.unwrap()
        };
        tell("departure_office").await;
        tell("trader").await
    }

    async fn close(&self, now: DateTime<Utc>) -> usize {
        close_unopposed(&mut *self.site.connection().await, now, 100).await.unwrap().done
    }

    /// How many tickets a list of the daily control has.
    async fn on_list(&self, of: ControlReason, now: DateTime<Utc>) -> usize {
        let mut connection = self.site.connection().await;
        let control = daily_control(&mut connection, 10, now).await.unwrap();
        let list = control.lists.iter().find(|list| list.reason == of).unwrap();
        assert_eq!(usize::try_from(list.count).unwrap(), list.items.len());
        list.items.len()
    }
}

#[tokio::test]
async fn the_ticket_of_a_permit_waits_for_the_report_and_for_no_timer() {
    let desk = Desk::fresh().await;
    let request = desk.permitted().await;
    let resolved = desk.ticket(&request).await;
    assert_eq!(resolved.standing.status, TicketStatus::Resolved);
    assert_eq!(desk.on_list(ControlReason::NotTold, hours(1)).await, 0, "the permit was told");
    let telling = TellingIn { of: TellingOf::Result };
    let told = desk.wish(&resolved, Wish::Tell(&telling), monday()).await;
    let later = told.closes_at.unwrap() + TimeDelta::days(10);
    assert_eq!(desk.close(later).await, 0);
    assert_eq!(desk.ticket(&request).await.standing.status, TicketStatus::Resolved);
    let number = &request.permit.as_ref().unwrap().number;
    let report = read(json!({"uses": [], "not_used_because": "The lorry waited.", "complete": true}));
    using::report(&mut *desk.site.connection().await, &desk.office, number, &report, later).await.unwrap();
    assert_eq!(desk.ticket(&request).await.standing.status, TicketStatus::Closed);
}

#[tokio::test]
async fn the_ticket_of_an_undecided_request_is_due_within_its_four_hours() {
    let desk = Desk::fresh().await;
    let request = desk.file("solve").await;
    let filed = desk.ticket(&request).await;
    assert_eq!(filed.due_at, Some(hours(4)), "also before anybody took it");
    let take =
        TicketMoveIn { to: TicketStatus::InProgress, line: None, reason: None, official: Some(official()) };
    let taken = desk.wish(&filed, Wish::Move(&take), hours(1)).await;
    assert_eq!(taken.due_at, Some(hours(4)));
    let ask = TicketMoveIn {
        to: TicketStatus::Extended,
        line: None,
        reason: Some("Which link?".into()),
        official: None,
    };
    let waits = desk.wish(&taken, Wish::Move(&ask), hours(2)).await;
    assert_eq!(waits.due_at, Some(hours(4)), "the four hours do not stand still");
    for (now, due_today, overdue) in [(hours(3), 1, 0), (hours(5), 0, 1)] {
        assert_eq!(desk.on_list(ControlReason::DueToday, now).await, due_today);
        assert_eq!(desk.on_list(ControlReason::Overdue, now).await, overdue);
        assert_eq!(desk.on_list(ControlReason::Waiting, now).await, 0);
    }
}

#[tokio::test]
async fn line_2_is_due_when_the_first_of_its_clock_and_the_four_hours_ends() {
    let early = Desk::fresh().await;
    let request = early.file("solve").await;
    assert_eq!(early.pass(&request, monday()).await.due_at, Some(hours(3)), "by its own clock");
    let late = Desk::fresh().await;
    let request = late.file("solve").await;
    assert_eq!(late.pass(&request, hours(2)).await.due_at, Some(hours(4)));
}

#[tokio::test]
async fn the_four_hours_are_over_with_the_decision() {
    let desk = Desk::fresh().await;
    let request = desk.file("solve").await;
    let passed = desk.pass(&request, hours(2)).await;
    desk.confirm(&request, hours(3)).await;
    let solving = desk.ticket(&request).await;
    assert_eq!(solving.version, passed.version, "line 2 keeps it");
    assert_eq!(solving.due_at, Some(hours(5)), "and its own clock runs on");
}
