//! Tickets: their numbers, what is kept of them, and closing by itself.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join_all;
use kordon_hub::error::Error;
use kordon_hub::parties::{Actor, Role};
use kordon_hub::support::control::daily_control;
use kordon_hub::support::mail::{self, Mail};
use kordon_hub::support::tickets::acting::{Wish, act, close_unopposed};
use kordon_hub::support::tickets::{Registered, Ticket, reading, register};
use kordon_hub::support::timers::Acted;
use kordon_schemas::ProblemCode;
use kordon_schemas::control::ControlReason;
use kordon_schemas::messages::MessageOutcome;
use kordon_schemas::support::{ExtensionGround, Line, Priority, TicketStatus};
use kordon_schemas::tickets::{
    PeopleIn, TellingIn, TellingOf, TicketExtensionIn, TicketIn, TicketMoveIn, TicketPriorityIn,
};
use serde_json::json;

use crate::site::{Site, official};

/// Monday, 10 in Kyiv.
fn monday() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

fn days(count: i64) -> DateTime<Utc> {
    monday() + TimeDelta::days(count)
}

fn filed(substance: &str) -> TicketIn {
    serde_json::from_value(json!({
        "kind": "consultation", "substance": substance,
        "user": {"kind": "legal_entity", "name": "Брокер", "edrpou": "43115923", "person": "Олена Шевченко",
            "email": "broker@example.com"}
    }))
    .unwrap()
}

struct Desk {
    site: Site,
    trader: Actor,
    line_1: Actor,
    line_2: Actor,
}

impl Desk {
    async fn fresh() -> Self {
        let site = Site::fresh().await;
        let trader = site.another(Role::Trader, "trader").await;
        let line_1 = site.another(Role::SupportLine1, "line 1").await;
        let line_2 = site.another(Role::SupportLine2, "line 2").await;
        Self { site, trader, line_1, line_2 }
    }

    async fn file(&self, substance: &str, key: Option<&str>) -> Registered {
        let mut connection = self.site.connection().await;
        register(&mut connection, &self.trader, &filed(substance), key, monday()).await.unwrap()
    }

    async fn wish(&self, ticket: &Ticket, wish: Wish<'_>, now: DateTime<Utc>) -> Ticket {
        self.wish_of(&self.line_1, ticket, wish, now).await.unwrap()
    }

    async fn wish_of(
        &self,
        actor: &Actor,
        ticket: &Ticket,
        wish: Wish<'_>,
        now: DateTime<Utc>,
    ) -> Result<Ticket, Error> {
        let mut connection = self.site.connection().await;
        act(&mut connection, actor, ticket.id, ticket.version, wish, now).await
    }

    async fn move_to(&self, ticket: &Ticket, to: TicketStatus, now: DateTime<Utc>) -> Ticket {
        let reason = Some("because".to_owned());
        self.wish(
            ticket,
            Wish::Move(&TicketMoveIn {
                to,
                line: Some(Line::First),
                reason,
                official: (to == TicketStatus::InProgress).then(official),
            }),
            now,
        )
        .await
    }

    /// Resolves a ticket and tells the user.
    async fn answer(&self, ticket: &Ticket, now: DateTime<Utc>) -> Ticket {
        let resolved = self.move_to(ticket, TicketStatus::Resolved, now).await;
        self.wish(&resolved, Wish::Tell(&TellingIn { of: TellingOf::Result }), now).await
    }

    /// The user writes by mail about the ticket.
    async fn wrote(&self, ticket: &Ticket, now: DateTime<Utc>) {
        let mail = Mail {
            sender: Some("broker@example.com".into()),
            message_id: Some(format!("{}@example.com", now.timestamp())),
            subject: format!("[{}] Re: ETS", ticket.registration_number),
            text: "Не допомогло.".into(),
            ..Mail::default()
        };
        let mut connection = self.site.connection().await;
        let received = mail::receive(&mut connection, &self.line_1, &mail, now, now).await.unwrap();
        assert_eq!(received.message.outcome, MessageOutcome::Reply);
    }

    async fn now(&self, ticket: &Ticket, now: DateTime<Utc>) -> Ticket {
        reading::get(&mut *self.site.connection().await, &self.line_1, ticket.id, now).await.unwrap().0
    }

    async fn close(&self, now: DateTime<Utc>) -> usize {
        close_unopposed(&mut *self.site.connection().await, now, 100).await.unwrap().done
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_have_no_gaps_and_a_key_makes_one_ticket() {
    let desk = Desk::fresh().await;
    let desk = &desk;
    let sent = (0..40).map(|number| async move {
        let key = format!("key-{}", number % 10);
        desk.file("The same under the same key.", Some(&key)).await
    });
    let registered = join_all(sent).await;
    assert_eq!(registered.iter().filter(|registered| !registered.repeated).count(), 10);
    let numbers: std::collections::BTreeSet<String> =
        registered.into_iter().map(|registered| registered.ticket.registration_number).collect();
    let expected: Vec<String> = (1..=10).map(|number| format!("2026-{number:06}")).collect();
    assert_eq!(numbers.into_iter().collect::<Vec<_>>(), expected);
    let mut connection = desk.site.connection().await;
    let other = register(&mut connection, &desk.trader, &filed("Another."), Some("key-1"), monday()).await;
    assert_eq!(other.unwrap_err().code(), ProblemCode::IdempotencyConflict);
    assert_eq!(desk.file("Without a key.", None).await.ticket.registration_number, "2026-000011");
}

#[tokio::test]
async fn the_year_of_a_number_is_that_of_kyiv() {
    let desk = Desk::fresh().await;
    let eve: DateTime<Utc> = "2026-12-31T22:30:00Z".parse().unwrap();
    let mut connection = desk.site.connection().await;
    let first = register(&mut connection, &desk.trader, &filed("Happy new year."), None, eve).await.unwrap();
    assert_eq!(first.ticket.registration_number, "2027-000001");
}

#[tokio::test]
async fn a_ticket_is_closed_by_itself_and_after_an_objection_again() {
    let desk = Desk::fresh().await;
    let ticket = desk.file("A question.", None).await.ticket;
    let taken = desk.move_to(&ticket, TicketStatus::InProgress, monday()).await;
    let told = desk.answer(&taken, monday()).await;
    assert_eq!(told.closes_at, Some(days(10)));
    assert_eq!(desk.close(days(10) - TimeDelta::seconds(1)).await, 0);
    // Two replicas at once close it once.
    let (one, other) = tokio::join!(desk.close(days(10)), desk.close(days(10)));
    assert_eq!(one + other, 1);
    let closed =
        "SELECT count(*) FROM ticket_acts WHERE status = 'closed' AND by_system IS NULL AND by_line IS NULL";
    assert_eq!(desk.site.number(closed).await, 1);
    assert_eq!(desk.close(days(20)).await, 0, "it is closed already");

    let closed = Ticket { version: told.version + 1, ..told };
    let reopened = desk.move_to(&closed, TicketStatus::InProgress, days(21)).await;
    assert_eq!(reopened.closes_at, None);
    assert_eq!(desk.close(days(60)).await, 0, "the old telling closes nothing");
    let again = desk.answer(&reopened, days(61)).await;
    assert_eq!(desk.close(days(70)).await, 0);
    assert_eq!(desk.close(again.closes_at.unwrap()).await, 1);
}

#[tokio::test]
async fn after_an_objection_the_ten_days_run_from_the_next_telling() {
    let desk = Desk::fresh().await;
    let ticket = desk.file("A question.", None).await.ticket;
    let taken = desk.move_to(&ticket, TicketStatus::InProgress, monday()).await;
    let told = desk.answer(&taken, monday()).await;
    desk.wrote(&told, days(5)).await;
    let objected = desk.now(&told, days(5)).await;
    assert_eq!((objected.closes_at, objected.user_wrote_at), (None, Some(days(5))));
    // Naming people answers nobody.
    let involved = desk.wish(&objected, Wish::Involve(&PeopleIn { people: Vec::new() }), days(6)).await;
    assert_eq!((involved.closes_at, involved.user_wrote_at), (None, Some(days(5))));
    assert_eq!(desk.close(days(20)).await, 0);
    let again = desk.wish(&involved, Wish::Tell(&TellingIn { of: TellingOf::Result }), days(21)).await;
    assert_eq!((again.closes_at, again.user_wrote_at), (Some(days(31)), None));
    assert_eq!(desk.close(days(30)).await, 0);
    assert_eq!(desk.close(days(31)).await, 1);
}

#[tokio::test]
async fn a_ticket_that_cannot_be_closed_holds_up_none_of_the_others() {
    let desk = Desk::fresh().await;
    let resolve = async |substance: &str, now| {
        let taken =
            desk.move_to(&desk.file(substance, None).await.ticket, TicketStatus::InProgress, now).await;
        desk.answer(&taken, now).await
    };
    let spoilt = resolve("The first.", monday()).await;
    let next = resolve("The next.", days(1)).await;
    let mut connection = desk.site.connection().await;
    let defect = format!(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a defect'; END $$;
         CREATE TRIGGER fails BEFORE INSERT ON ticket_acts FOR EACH ROW
         WHEN (NEW.ticket_id = '{}') EXECUTE FUNCTION fail()",
        spoilt.id
    );
    connection.batch_execute(&defect).await.unwrap();
    let closed = close_unopposed(&mut connection, days(20), 100).await.unwrap();
    assert_eq!(closed, Acted { done: 1, failed: 1 });
    assert_eq!(desk.now(&next, days(20)).await.standing.status, TicketStatus::Closed);
}

#[tokio::test]
async fn line_1_closes_when_the_user_was_told_and_confirmed() {
    let desk = Desk::fresh().await;
    let ticket = desk.file("A question.", None).await.ticket;
    let taken = desk.move_to(&ticket, TicketStatus::InProgress, monday()).await;
    let resolved = desk.move_to(&taken, TicketStatus::Resolved, monday()).await;
    let close = |reason: Option<&str>| TicketMoveIn {
        to: TicketStatus::Closed,
        line: None,
        reason: reason.map(ToOwned::to_owned),
        official: None,
    };
    let how = close(Some("Confirmed by mail."));
    let untold = desk.wish_of(&desk.line_1, &resolved, Wish::Move(&how), monday()).await.unwrap_err();
    assert_eq!(untold.code(), ProblemCode::TicketMoveRefused);
    let told = desk.wish(&resolved, Wish::Tell(&TellingIn { of: TellingOf::Result }), monday()).await;
    desk.wrote(&told, days(1)).await;
    let silent = desk.wish_of(&desk.line_1, &told, Wish::Move(&close(None)), days(2)).await.unwrap_err();
    assert_eq!(silent.code(), ProblemCode::Invalid);
    let closed = desk.wish(&told, Wish::Move(&how), days(2)).await;
    assert_eq!((closed.standing.status, closed.user_wrote_at), (TicketStatus::Closed, None));
}

#[tokio::test]
async fn a_clock_that_is_set_back_puts_no_act_before_another() {
    let desk = Desk::fresh().await;
    let ticket = desk.file("A question.", None).await.ticket;
    let taken = desk.move_to(&ticket, TicketStatus::InProgress, days(1)).await;
    let resolved = desk.move_to(&taken, TicketStatus::Resolved, days(0)).await;
    assert_eq!(resolved.standing.status, TicketStatus::Resolved);
    let backwards = "SELECT count(*) FROM ticket_acts AS act JOIN ticket_acts AS before USING (ticket_id)
                     WHERE before.number < act.number AND before.at > act.at";
    assert_eq!(desk.site.number(backwards).await, 0);
}

#[tokio::test]
async fn what_was_done_is_not_changed_and_a_recording_is_kept_long_enough() {
    let desk = Desk::fresh().await;
    desk.file("A question.", None).await;
    let mut connection = desk.site.connection().await;
    for forbidden in [
        "UPDATE ticket_acts SET reason = 'another'",
        "DELETE FROM ticket_acts",
        "UPDATE tickets SET channel = 'telephone'",
        "UPDATE tickets SET channel = 'telephone', recording_reference = 'x', recording_kept_until = received_at",
    ] {
        assert!(connection.batch_execute(forbidden).await.is_err(), "{forbidden}");
    }
    let allowed = "UPDATE tickets SET channel = 'telephone', recording_reference = 'x',
                   recording_kept_until = received_at + interval '26280 hours'";
    assert_eq!(diesel::sql_query(allowed).execute(&mut *connection).await.unwrap(), 1);
}

#[tokio::test]
async fn at_night_the_duty_of_line_2_reads_what_is_new_judges_it_and_takes_it() {
    let desk = Desk::fresh().await;
    let ticket = desk.file("Transit stands still.", None).await.ticket;
    let night = monday() + TimeDelta::hours(12);
    let critical = TicketPriorityIn { priority: Priority::Critical, reason: "Transit stands still.".into() };
    let judged = Wish::Prioritise(&critical);
    let sees = async |now| {
        let mut connection = desk.site.connection().await;
        let read = reading::get(&mut connection, &desk.line_2, ticket.id, now).await.is_ok();
        let listed = reading::list(&mut connection, &desk.line_2, None, None, 10, now).await.unwrap();
        assert_eq!(read, listed.items.len() == 1);
        read
    };
    assert!(!sees(monday()).await, "line 1 works");
    let by_day = desk.wish_of(&desk.line_2, &ticket, judged, monday()).await.unwrap_err();
    assert_eq!(by_day.code(), ProblemCode::NotFound);
    assert!(sees(night).await);
    let ticket = desk.wish_of(&desk.line_2, &ticket, judged, night).await.unwrap();
    let take = TicketMoveIn {
        to: TicketStatus::InProgress,
        line: Some(Line::Second),
        reason: None,
        official: Some(official()),
    };
    let taken = desk.wish_of(&desk.line_2, &ticket, Wish::Move(&take), night).await.unwrap();
    assert_eq!((taken.standing.line, taken.due_at), (Line::Second, Some(night + TimeDelta::hours(3))));
}

#[tokio::test]
async fn line_2_extends_the_term_of_what_its_contractor_has() {
    let desk = Desk::fresh().await;
    let ticket = desk.file("A defect.", None).await.ticket;
    let passed = |to, line| TicketMoveIn {
        to,
        line: Some(line),
        reason: Some("because".into()),
        official: Some(official()),
    };
    let at_line_2 = passed(TicketStatus::InProgress, Line::Second);
    let at_line_2 = desk.wish(&ticket, Wish::Move(&at_line_2), monday()).await;
    let at_line_3 = passed(TicketStatus::Extended, Line::Third);
    let at_line_3 = desk.wish_of(&desk.line_2, &at_line_2, Wish::Move(&at_line_3), monday()).await.unwrap();
    let extension = TicketExtensionIn {
        ground: ExtensionGround::ContractorInvolved,
        working_days: 10,
        reason: "The vendor needs two weeks.".into(),
    };
    desk.wish_of(&desk.line_2, &at_line_3, Wish::Extend(&extension), monday()).await.unwrap();
}

#[tokio::test]
async fn an_extension_makes_the_deadline_later_or_is_none() {
    let desk = Desk::fresh().await;
    let ticket = desk.file("A question.", None).await.ticket;
    let taken = desk.move_to(&ticket, TicketStatus::InProgress, monday()).await;
    let by = |working_days| TicketExtensionIn {
        ground: ExtensionGround::InformationFromUser,
        working_days,
        reason: "The log is awaited.".into(),
    };
    let extend = async |ticket: &Ticket, working_days| {
        desk.wish_of(&desk.line_1, ticket, Wish::Extend(&by(working_days)), monday()).await
    };
    let due_at = taken.due_at.unwrap();
    assert!(days(2) < due_at && due_at < days(3), "{due_at}");
    let Err(Error::Invalid(faults)) = extend(&taken, 2).await else { panic!("it ends before {due_at}") };
    assert_eq!(faults[0].path, "/working_days");
    let extended = extend(&taken, 5).await.unwrap();
    assert_eq!(extended.due_at, Some(days(7)));
    assert!(extend(&extended, 5).await.is_err(), "that it is already");
    assert_eq!(extend(&extended, 6).await.unwrap().due_at, Some(days(8)));
}

#[tokio::test]
async fn what_waits_past_its_extension_is_overdue_and_its_user_can_be_told() {
    let desk = Desk::fresh().await;
    let ticket = desk.file("A question.", None).await.ticket;
    let taken = desk.move_to(&ticket, TicketStatus::InProgress, monday()).await;
    let telling = TellingIn { of: TellingOf::Extension };
    let early = desk.wish_of(&desk.line_1, &taken, Wish::Tell(&telling), monday()).await.unwrap_err();
    assert_eq!(early.code(), ProblemCode::TicketMoveRefused);
    let ask = TicketMoveIn {
        to: TicketStatus::Extended,
        line: None,
        reason: Some("Which LRN?".into()),
        official: None,
    };
    let waits = desk.wish(&taken, Wish::Move(&ask), monday()).await;
    assert_eq!(waits.due_at, None);
    let told = desk.wish(&waits, Wish::Tell(&telling), monday()).await;
    let extension = TicketExtensionIn {
        ground: ExtensionGround::InformationFromUser,
        working_days: 5,
        reason: "The log is awaited.".into(),
    };
    let extended = desk.wish(&told, Wish::Extend(&extension), monday()).await;
    assert_eq!(extended.due_at, Some(days(7)));
    let mut connection = desk.site.connection().await;
    let control = daily_control(&mut connection, 10, days(8)).await.unwrap();
    let overdue: Vec<_> = control.lists[0].items.iter().map(|item| item.ticket.id).collect();
    assert_eq!((control.lists[0].reason, overdue), (ControlReason::Overdue, vec![ticket.id.0]));
}
