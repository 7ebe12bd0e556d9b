//! Permits: what becomes of one when its incident is solved, and what it is given for.

use chrono::{DateTime, Utc};
use kordon_hub::outages::{self, OutageId};
use kordon_hub::parties::{Actor, Role};
use kordon_hub::permits::model::{PermitRequestState, PermitState, RefusalGround, Request, ToldParty};
use kordon_hub::permits::{RequestId, deciding, filing, reading, rules, telling, using};
use kordon_hub::support::tickets::acting::{Wish, act};
use kordon_hub::{Error, Result};
use kordon_schemas::outages::AffectedSystem;
use kordon_schemas::permits::PermitRequest;
use kordon_schemas::support::{Line, TicketStatus};
use kordon_schemas::tickets::TicketMoveIn;
use serde_json::{Value, json};

use crate::site::{Site, official};

/// A time of that Monday, or of a later day: 8:00 is 10 in Kyiv.
pub(crate) fn at(clock: &str) -> DateTime<Utc> {
    format!("2026-11-{clock}:00Z").parse().unwrap()
}

pub(crate) fn asked(systems: &Value) -> Value {
    json!({
        "asks": "procedure",
        "user": {"kind": "customs_official", "unit_code": "UA209030", "position": "Інспектор", "person": "Іван Коваль",
            "email": "krakivets@example.com"},
        "office": "UA209030",
        "trader": {"name": "ТОВ «Перевізник»", "edrpou": "20000090", "email": "dispatch@example.com"},
        "systems": systems, "substance": "ЕТС не приймає декларації з 09:40.",
        "began_at": "2026-11-23T07:40:00Z", "agreed_until": "2026-11-23T09:00:00Z",
        "checks": "ЕТС не відкривається.", "seen_by_office": true
    })
}

/// An office and the two lines, and an outage of ETS that began at 7:40.
pub(crate) struct Desk {
    pub(crate) site: Site,
    pub(crate) office: Actor,
    pub(crate) line_1: Actor,
    line_2: Actor,
    pub(crate) outage: OutageId,
}

impl Desk {
    pub(crate) async fn fresh() -> Self {
        Self::with_outage(&json!({})).await
    }

    /// The same with an outage that is otherwise.
    async fn with_outage(otherwise: &Value) -> Self {
        let site = Site::fresh().await;
        let office = site.another(Role::DepartureOffice, "office").await;
        let line_1 = site.another(Role::SupportLine1, "line 1").await;
        let line_2 = site.another(Role::SupportLine2, "line 2").await;
        let mut declared = json!({
            "kind": "unplanned", "affected_systems": ["ets"], "starts_at": "2026-11-23T07:40:00Z",
            "fallback_allowed": false, "text": {"uk": "Збій ЕТС.", "en": "ETS has failed."}
        });
        for (name, value) in otherwise.as_object().unwrap() {
            declared[name] = value.clone();
        }
        let declared = serde_json::from_value(declared).unwrap();
        let mut connection = site.connection().await;
        let outage = outages::declare(&mut connection, &line_1, &declared, None, at("23T08:00")).await;
        let outage = outage.unwrap().outage.id;
        drop(connection);
        Self { site, office, line_1, line_2, outage }
    }

    async fn file(&self, asked: Value) -> Request {
        let asked = serde_json::from_value(asked).unwrap();
        let mut connection = self.site.connection().await;
        filing::file(&mut connection, &self.office, &asked, None, at("23T08:00")).await.unwrap().request
    }

    /// Files a request and lets line 1 pass it to line 2.
    async fn passed(&self, asked: Value) -> Request {
        let request = self.file(asked).await;
        self.pass(&request, at("23T08:00")).await;
        request
    }

    pub(crate) async fn pass(&self, request: &Request, now: DateTime<Utc>) {
        let version = self.site.number("SELECT version::bigint FROM tickets").await;
        let mut connection = self.site.connection().await;
        let to_line_2 = TicketMoveIn {
            to: TicketStatus::InProgress,
            line: Some(Line::Second),
            reason: None,
            official: Some(official()),
        };
        let (version, wish) = (version.try_into().unwrap(), Wish::Move(&to_line_2));
        act(&mut connection, &self.line_1, request.ticket, version, wish, now).await.unwrap();
    }

    pub(crate) async fn decide(&self, id: RequestId, found: Value, now: &str) -> Result<Request> {
        let found = serde_json::from_value(found).unwrap();
        deciding::decide(&mut *self.site.connection().await, &self.line_2, id, &found, at(now)).await
    }

    async fn confirm(&self, id: RequestId) -> Result<Request> {
        let found =
            json!({"outcome": "confirmed", "reason": "ETS does not answer.", "outage": self.outage.0});
        self.decide(id, found, "23T08:10").await
    }

    /// A permit of which nobody was told.
    async fn issued(&self) -> Request {
        let request = self.passed(asked(&json!(["ets"]))).await;
        self.confirm(request.id).await.unwrap()
    }

    async fn tell(&self, id: RequestId, whom: ToldParty, told_at: &str, now: &str) -> Result<Request> {
        let telling = serde_json::from_value(json!({"of": whom, "told_at": at(told_at)})).unwrap();
        telling::tell(&mut *self.site.connection().await, &self.line_1, id, &telling, at(now)).await
    }

    /// A permit in force since 8:20.
    async fn in_force(&self) -> (RequestId, String) {
        let Request { id, .. } = self.issued().await;
        let told = self.both_told(id, "23T08:20").await.unwrap();
        (id, told.permit.unwrap().number)
    }

    pub(crate) async fn report(&self, number: &str, report: Value, now: &str) -> Result<Request> {
        let report = serde_json::from_value(report).unwrap();
        using::report(&mut *self.site.connection().await, &self.office, number, &report, at(now)).await
    }

    async fn seen(&self, id: RequestId, now: &str) -> PermitRequest {
        reading::get(&mut *self.site.connection().await, &self.line_1, id, at(now)).await.unwrap()
    }

    pub(crate) async fn both_told(&self, id: RequestId, now: &str) -> Result<Request> {
        self.tell(id, ToldParty::DepartureOffice, now, now).await?;
        self.tell(id, ToldParty::Trader, now, now).await
    }

    /// Line 1 says of the outage what is otherwise.
    async fn amend(&self, changes: Value, now: &str) {
        let changes = serde_json::from_value(changes).unwrap();
        let mut connection = self.site.connection().await;
        outages::amend(&mut connection, &self.line_1, self.outage, None, &changes, at(now)).await.unwrap();
    }

    /// Whether the only ticket is closed.
    async fn ticket_is_closed(&self) -> bool {
        self.site.number("SELECT count(*) FROM tickets WHERE status = 'closed'").await == 1
    }
}

pub(crate) fn refused(result: Result<Request>) -> String {
    match result.unwrap_err() {
        Error::Invalid(faults) => faults
            .iter()
            .map(|fault| format!("{} {}", fault.path, fault.detail))
            .collect::<Vec<_>>()
            .join("; "),
        other @ (Error::NotFound { .. }
        | Error::Refused { .. }
        | Error::Overloaded
        | Error::Unavailable(_)
        | Error::Internal(_)) => other.to_string(),
    }
}

fn solved() -> Value {
    json!({"outcome": "refused", "ground": "solved", "reason": "ETS answers again."})
}

#[tokio::test]
async fn a_permit_does_not_come_into_force_after_its_incident_was_solved() {
    let desk = Desk::fresh().await;
    let Request { id, .. } = desk.issued().await;
    desk.tell(id, ToldParty::Trader, "23T08:20", "23T08:20").await.unwrap();
    desk.amend(json!({"recovered_at": "2026-11-23T08:30:00Z"}), "23T08:31").await;
    let told = refused(desk.tell(id, ToldParty::DepartureOffice, "23T08:30", "23T08:40").await);
    assert!(told.contains("is over since 2026-11-23T08:30:00+00:00: the incident was solved"), "{told}");
    // What was told before it was solved is recorded later, and holds.
    let told = desk.tell(id, ToldParty::DepartureOffice, "23T08:29", "23T08:40").await.unwrap();
    assert_eq!(rules::state(&told.permit.unwrap(), at("23T08:40")), PermitState::InForce);
}

#[tokio::test]
async fn a_permit_whose_outage_never_was_does_not_come_into_force() {
    let desk = Desk::fresh().await;
    let Request { id, .. } = desk.issued().await;
    desk.amend(json!({"cancelled": true}), "23T08:31").await;
    let told = refused(desk.tell(id, ToldParty::Trader, "23T08:20", "23T08:40").await);
    assert!(told.contains("was withdrawn"), "{told}");
}

#[tokio::test]
async fn a_permit_that_came_too_late_is_refused_and_both_are_told_of_that() {
    let desk = Desk::fresh().await;
    let Request { id, .. } = desk.issued().await;
    desk.tell(id, ToldParty::Trader, "23T08:20", "23T08:20").await.unwrap();
    desk.amend(json!({"recovered_at": "2026-11-23T08:30:00Z"}), "23T08:31").await;
    let not_so = json!({"outcome": "refused", "ground": "not_confirmed", "reason": "ETS answers again."});
    assert_eq!(
        refused(desk.decide(id, not_so, "23T13:00").await),
        "/ground is `solved`: the failure was confirmed, and a permit given"
    );
    let request = desk.decide(id, solved(), "23T13:00").await.unwrap();
    assert_eq!(request.state, PermitRequestState::Refused);
    assert_eq!(request.told.trader, None, "the trader was told of a permit, not of a refusal");
    assert!(!desk.ticket_is_closed().await);
    let number = request.permit.unwrap().number;
    let report = json!({"not_used_because": "ETS works.", "complete": true});
    assert!(refused(desk.report(&number, report, "23T13:00").await).contains("there is nothing to report"));

    let closed = desk.both_told(id, "23T13:10").await.unwrap();
    assert_eq!(closed.state, PermitRequestState::Closed);
    assert!(desk.ticket_is_closed().await);
    let seen = desk.seen(id, "23T13:20").await;
    let before = seen.confirmed_before.unwrap();
    assert_eq!((before.trader_told_at, before.office_told_at), (Some(at("23T08:20")), None));
    assert_eq!(before.confirmed_at, at("23T08:10"));
    assert!(!seen.summary.decided_late, "the first decision came in time");
    assert_eq!(seen.summary.refusal.unwrap().ground, RefusalGround::Solved);
    let permit = seen.summary.permit.unwrap();
    assert_eq!((permit.state, permit.valid_from), (PermitState::Revoked, None));
    assert_eq!(permit.issued_at, at("23T08:10"));
    let mails = "SELECT count(*) FROM notices WHERE kind = 'permit_revoked'";
    assert_eq!(desk.site.number(mails).await, 1);
}

#[tokio::test]
async fn a_permit_in_force_is_taken_back_and_not_refused() {
    let desk = Desk::fresh().await;
    let Request { id, .. } = desk.issued().await;
    desk.both_told(id, "23T08:20").await.unwrap();
    let told = refused(desk.decide(id, solved(), "23T09:00").await);
    assert!(told.contains("the permit is in_force: it can become expired, revoked, closed"), "{told}");
}

#[tokio::test]
async fn a_permit_is_for_the_systems_whose_failure_was_confirmed() {
    let desk = Desk::fresh().await;
    let request = desk.passed(asked(&json!(["ets", "guarantee_management", "declarant_link"]))).await;
    let permit = desk.confirm(request.id).await.unwrap().permit.unwrap();
    assert_eq!(permit.systems, [AffectedSystem::Ets, AffectedSystem::DeclarantLink].into());
    let seen = desk.seen(request.id, "23T08:20").await;
    assert_eq!(seen.summary.systems.len(), 3, "what the trader saw stays");
    let scope = seen.summary.permit.unwrap().scope;
    assert_eq!(scope.systems, [AffectedSystem::Ets, AffectedSystem::DeclarantLink]);
}

#[tokio::test]
async fn no_permit_rests_on_an_outage_of_others() {
    for scope in [
        json!({"level": "central", "direction": "both"}),
        json!({"level": "neighbour", "country": "PL", "direction": "both"}),
    ] {
        let desk = Desk::with_outage(&json!({"scope": scope})).await;
        let request = desk.passed(asked(&json!(["ets"]))).await;
        assert_eq!(
            refused(desk.confirm(request.id).await),
            "/outage is not of Ukraine's own systems: no permit rests on it"
        );
    }
}

pub(crate) fn used(number: &str, day: &str) -> Value {
    json!({"registration_number": number, "released_on": format!("2026-11-{day}")})
}

#[tokio::test]
async fn what_was_accepted_in_time_and_released_after_the_end_is_reported_and_marked() {
    let desk = Desk::fresh().await;
    let (id, number) = desk.in_force().await;
    let report = |uses: Value, complete: bool| {
        desk.report(&number, json!({"uses": uses, "complete": complete}), "25T12:00")
    };
    let told = refused(report(json!([used("1", "22"), used("2", "26")]), false).await);
    assert_eq!(
        told,
        "/uses/0/released_on is before the permit was in force: 2026-11-23; /uses/1/released_on lies ahead"
    );
    report(json!([used("1", "24"), used("2", "25")]), true).await.unwrap();
    let seen = desk.seen(id, "25T12:00").await;
    let marks: Vec<_> = seen.uses.iter().map(|used| (used.after_end, used.after_report)).collect();
    assert_eq!(marks, [(false, false), (true, false)]);
    assert_eq!(seen.summary.late_uses, Some(1));
    assert!(desk.ticket_is_closed().await);
}

#[tokio::test]
async fn a_use_that_comes_after_all_was_reported_is_taken_and_opens_nothing() {
    let desk = Desk::fresh().await;
    let (id, number) = desk.in_force().await;
    let report = |report: Value, now: &'static str| desk.report(&number, report, now);
    report(json!({"uses": [used("1", "23")], "complete": true}), "23T12:00").await.unwrap();
    let nothing = json!({"not_used_because": "Nobody came.", "complete": true});
    assert!(refused(report(nothing, "23T13:00").await).contains("nothing more is done with it"));
    let again = json!({"uses": [used("1", "23"), used("2", "23")], "complete": true});
    let after = report(again, "23T13:00").await.unwrap();
    assert_eq!((after.state, after.closed_at), (PermitRequestState::Closed, Some(at("23T12:00"))));
    let seen = desk.seen(id, "23T13:00").await;
    let marks: Vec<_> = seen.uses.iter().map(|used| (used.after_end, used.after_report)).collect();
    assert_eq!(marks, [(false, false), (false, true)]);
    let mut connection = desk.site.connection().await;
    let listed = reading::list(
        &mut connection,
        &desk.line_1,
        Some(PermitRequestState::Closed),
        None,
        10,
        at("23T13:00"),
    );
    assert_eq!(listed.await.unwrap().items[0].late_uses, Some(1), "line 1 sees it in the list");
    assert!(desk.ticket_is_closed().await);
}

#[tokio::test]
async fn a_use_that_was_mistyped_is_corrected_in_sight() {
    let desk = Desk::fresh().await;
    let (id, number) = desk.in_force().await;
    let report = |report: Value| desk.report(&number, report, "24T06:00");
    report(json!({"uses": [used("71", "23"), used("2", "23")], "complete": false})).await.unwrap();
    let told = refused(report(json!({"uses": [used("2", "24")], "complete": false})).await);
    assert_eq!(
        told,
        "/uses/0/released_on was reported with another day of release; correct it with `corrections`"
    );
    let correct = |before: &str, to: Value| {
        let correction = json!({"registration_number": before, "to": to, "reason": "Помилка."});
        report(json!({"corrections": [correction], "complete": false}))
    };
    for (before, to, told) in [
        ("3", used("4", "23"), "registration_number was not reported"),
        ("2", used("2", "23"), "to is what is recorded"),
        ("2", used("71", "23"), "to/registration_number was reported as another use"),
        ("2", used("2", "22"), "to/released_on is before the permit was in force: 2026-11-23"),
    ] {
        assert_eq!(refused(correct(before, to).await), format!("/corrections/0/{told}"));
    }
    for _ in ["sent", "sent again"] {
        correct("71", used("17", "24")).await.unwrap();
    }
    let seen = desk.seen(id, "24T06:00").await;
    let numbers: Vec<_> = seen.uses.iter().map(|used| used.registration_number.as_str()).collect();
    assert_eq!(numbers, ["2", "17"]);
    let [correction] = &seen.use_corrections[..] else { panic!("one was corrected") };
    assert_eq!(serde_json::to_value(&correction.before).unwrap(), used("71", "23"));
    assert_eq!(serde_json::to_value(&correction.after).unwrap(), used("17", "24"));
}

#[tokio::test]
async fn the_number_that_was_mistyped_for_another_may_be_one_of_a_use_too() {
    let desk = Desk::fresh().await;
    let (id, number) = desk.in_force().await;
    let report = |report: Value| desk.report(&number, report, "24T06:00");
    report(json!({"uses": [used("18", "23")], "complete": false})).await.unwrap();
    let correction = json!({"registration_number": "18", "to": used("17", "23"), "reason": "Помилка."});
    let next = json!({"corrections": [correction], "uses": [used("18", "23")], "complete": true});
    report(next).await.unwrap();
    let seen = desk.seen(id, "24T06:00").await;
    let numbers: Vec<_> = seen.uses.iter().map(|used| used.registration_number.as_str()).collect();
    assert_eq!(numbers, ["17", "18"]);
}

#[tokio::test]
async fn a_use_that_never_was_is_taken_back_in_sight_and_the_last_one_with_a_reason() {
    let desk = Desk::fresh().await;
    let (id, number) = desk.in_force().await;
    let report = |report: Value| desk.report(&number, report, "24T06:00");
    report(json!({"uses": [used("71", "23"), used("2", "23")], "complete": true})).await.unwrap();
    let never_was =
        |number: &str| json!({"registration_number": number, "never_was": true, "reason": "Інший дозвіл."});
    let take_back = |number: &str| report(json!({"corrections": [never_was(number)], "complete": true}));
    for _ in ["sent", "sent again"] {
        take_back("71").await.unwrap();
    }
    let seen = desk.seen(id, "24T06:00").await;
    let numbers: Vec<_> = seen.uses.iter().map(|used| used.registration_number.as_str()).collect();
    assert_eq!(numbers, ["2"]);
    let [correction] = &seen.use_corrections[..] else { panic!("one was taken back") };
    assert_eq!(serde_json::to_value(&correction.before).unwrap(), used("71", "23"));
    assert_eq!(correction.after, None);
    assert_eq!(refused(take_back("2").await), "/not_used_because is missing: no use stands, say why");
    let last =
        json!({"corrections": [never_was("2")], "not_used_because": "Інший дозвіл.", "complete": true});
    for _ in ["sent", "sent again"] {
        report(last.clone()).await.unwrap();
    }
    let seen = desk.seen(id, "24T06:00").await;
    assert_eq!((seen.uses.len(), seen.not_used_because.as_deref()), (0, Some("Інший дозвіл.")));
    let both = json!({"registration_number": "3", "to": used("4", "23"), "never_was": true, "reason": "x"});
    for (correction, told) in [
        (both, "is what never was: leave one of the two out"),
        (
            json!({"registration_number": "3", "reason": "x"}),
            "is missing: say what the use was, or that it `never_was`",
        ),
    ] {
        let refusal = refused(report(json!({"corrections": [correction], "complete": false})).await);
        assert_eq!(refusal, format!("/corrections/0/to {told}"));
    }
}

#[tokio::test]
async fn a_report_that_is_sent_again_is_the_same_report() {
    let desk = Desk::fresh().await;
    let (id, number) = desk.in_force().await;
    let report = |report: Value, now: &'static str| desk.report(&number, report, now);
    let nothing = |because: &str| json!({"not_used_because": because, "complete": true});
    for now in ["23T12:00", "23T13:00"] {
        let closed = report(nothing("Nobody came."), now).await.unwrap();
        assert_eq!(closed.closed_at, Some(at("23T12:00")));
    }
    let told = refused(report(nothing("ETS worked."), "23T13:00").await);
    assert_eq!(told, "the permit is closed: nothing more is done with it");
    report(json!({"uses": [used("1", "23")], "complete": true}), "23T14:00").await.unwrap();
    let seen = desk.seen(id, "23T14:00").await;
    assert_eq!(seen.not_used_because.as_deref(), Some("Nobody came."), "what was said stays in sight");
    assert!(seen.uses[0].after_report);
}
