//! Mail and letters under load and failure: one ticket a mail, letters in order, once, and not lost.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use futures_util::future::join_all;
use kordon_hub::notices::{ChannelFault, Receipt};
use kordon_hub::parties::{Actor, Role};
use kordon_hub::support::letters::delivery::send_due;
use kordon_hub::support::letters::{self, Content, Letter, LetterId, LetterWay, answering};
use kordon_hub::support::mail::registering::register;
use kordon_hub::support::mail::{self, Mail, MessageId, Received};
use kordon_hub::support::tickets::acting::{Wish, act};
use kordon_hub::support::tickets::{Ticket, TicketId, reading};
use kordon_schemas::messages::{AnswerIn, AnswerKind, LetterState, MessageOutcome, MessageTicketIn};
use kordon_schemas::support::TicketStatus;
use kordon_schemas::tickets::TicketMoveIn;

use crate::site::{Site, official, until_blocked};

fn monday() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

fn mail_of(sender: &str, id: &str) -> Mail {
    Mail {
        sender: Some(sender.into()),
        message_id: Some(id.into()),
        subject: "ETS".into(),
        text: "ЄДРПОУ: 43115923\nНазва: Брокер\nКонтактна особа: Олена\n\nНе працює.".into(),
        digest: [1; 32],
        ..Mail::default()
    }
}

/// One that does not say who asks.
fn incomplete_mail(id: &str) -> Mail {
    Mail { text: "Не працює.".into(), ..mail_of("broker@example.com", id) }
}

/// A mail server that does as it is told, and keeps what it was handed.
#[derive(Default)]
struct PostOffice {
    answers: Mutex<VecDeque<Result<Receipt, ChannelFault>>>,
    taken: Mutex<Vec<LetterId>>,
}

impl PostOffice {
    fn answering(answers: impl IntoIterator<Item = ChannelFault>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().map(Err).collect()), ..Self::default() }
    }

    fn taken(&self) -> Vec<LetterId> {
        self.taken.lock().unwrap().clone()
    }
}

#[async_trait]
impl LetterWay for PostOffice {
    async fn send(&self, letter: &Letter) -> Result<Receipt, ChannelFault> {
        tokio::task::yield_now().await;
        if let Some(answer) = self.answers.lock().unwrap().pop_front() {
            return answer;
        }
        self.taken.lock().unwrap().push(letter.id);
        Ok(Receipt::said("taken"))
    }
}

struct Desk {
    site: Site,
    line_1: Actor,
}

impl Desk {
    async fn fresh() -> Self {
        let site = Site::fresh().await;
        let line_1 = site.another(Role::SupportLine1, "line 1").await;
        Self { site, line_1 }
    }

    async fn receive(&self, mail: &Mail) -> Received {
        let mut connection = self.site.connection().await;
        mail::receive(&mut connection, &self.line_1, mail, monday(), monday()).await.unwrap()
    }

    async fn ticket(&self, received: &Received) -> Ticket {
        let id = TicketId(received.message.ticket.unwrap());
        reading::get(&mut *self.site.connection().await, &self.line_1, id, monday()).await.unwrap().0
    }

    async fn move_to(&self, ticket: &Ticket, to: TicketStatus) -> Ticket {
        let wish = TicketMoveIn {
            to,
            line: None,
            reason: Some("because".into()),
            official: (to == TicketStatus::InProgress).then(official),
        };
        let mut connection = self.site.connection().await;
        act(&mut connection, &self.line_1, ticket.id, ticket.version, Wish::Move(&wish), monday())
            .await
            .unwrap()
    }

    async fn letters(&self, ticket: &Ticket) -> Vec<Letter> {
        letters::of_ticket(&mut *self.site.connection().await, ticket.id).await.unwrap()
    }

    /// Sends all that is due, by a worker of its own.
    async fn send(&self, office: &PostOffice, now: DateTime<Utc>) -> usize {
        let mut connection = self.site.database.own_connection().await.unwrap();
        let mut sent = 0;
        while send_due(&mut connection, office, now).await.unwrap().is_some() {
            sent += 1;
        }
        sent
    }
}

#[tokio::test]
async fn a_letter_that_was_taken_goes_once_though_its_ticket_cannot_record_it() {
    let desk = Desk::fresh().await;
    let received = desk.receive(&mail_of("broker@example.com", "1@example.com")).await;
    let office = PostOffice::default();
    desk.send(&office, monday()).await;
    let registered = desk.ticket(&received).await;
    let taken = desk.move_to(&registered, TicketStatus::InProgress).await;
    let resolved = desk.move_to(&taken, TicketStatus::Resolved).await;
    let result = AnswerIn { kind: AnswerKind::Result, text: "The link is up.".into(), article: None };
    let mut connection = desk.site.connection().await;
    answering::answer(&mut connection, &desk.line_1, resolved.id, resolved.version, &result, monday())
        .await
        .unwrap();
    let defect = "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a defect'; END $$;
                  CREATE TRIGGER fails BEFORE INSERT ON ticket_acts FOR EACH ROW EXECUTE FUNCTION fail()";
    connection.batch_execute(defect).await.unwrap();
    assert_eq!(desk.send(&office, monday()).await, 1);
    assert_eq!(desk.send(&office, monday() + TimeDelta::hours(1)).await, 0);
    assert_eq!(office.taken().len(), 2, "the registration and the result, each once");
    let result = desk.letters(&registered).await.pop().unwrap();
    assert_eq!(result.state, LetterState::Delivered);
    assert!(result.detail.as_deref().unwrap().contains("record that the user was told"), "{result:?}");
    let (ticket, _) = reading::get(&mut connection, &desk.line_1, registered.id, monday()).await.unwrap();
    assert_eq!(ticket.closes_at, None, "the ten days do not run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_mail_is_one_ticket_however_many_hand_it_in_at_once() {
    let desk = Desk::fresh().await;
    let desk = &desk;
    let handed_in = (0..30).map(|number| async move {
        desk.receive(&mail_of("broker@example.com", &format!("{}@example.com", number % 3))).await
    });
    let received = join_all(handed_in).await;
    assert_eq!(received.iter().filter(|received| !received.repeated).count(), 3);
    assert!(received.iter().all(|received| received.message.outcome == MessageOutcome::Registered));
    assert_eq!(desk.site.number("SELECT count(*) FROM tickets").await, 3);
    assert_eq!(desk.site.number("SELECT count(*) FROM letters").await, 3);
    assert_eq!(desk.site.number("SELECT max(last_number) FROM ticket_numbers").await, 3, "no number is lost");
}

#[tokio::test]
async fn a_mail_that_completes_one_which_line_1_registers_at_that_moment_belongs_to_its_ticket() {
    for names_the_letter in [false, true] {
        let desk = Desk::fresh().await;
        let first = desk.receive(&incomplete_mail("1@example.com")).await;
        assert_eq!(first.message.outcome, MessageOutcome::Incomplete);
        let office = PostOffice::default();
        desk.send(&office, monday()).await;
        let named = if names_the_letter {
            format!("{}@kordon.example", office.taken()[0].0)
        } else {
            "1@example.com".to_owned()
        };
        let answer = Mail { refers_to: vec![named], ..mail_of("broker@example.com", "2@example.com") };
        let (mut holder, mut watcher) = (desk.site.connection().await, desk.site.connection().await);
        let written = tokio::sync::Notify::new();
        let id = MessageId(first.message.id);
        let by_hand = holder.transaction(async |connection| {
            let ticket = register(connection, &desk.line_1, id, &found_out(), monday()).await?;
            written.notify_one();
            until_blocked(&mut watcher, 1).await;
            Ok::<_, kordon_hub::Error>(ticket)
        });
        let answered = async {
            written.notified().await;
            desk.receive(&answer).await
        };
        let (ticket, answered) = tokio::join!(by_hand, answered);
        assert_eq!(answered.message.outcome, MessageOutcome::Reply, "{names_the_letter}");
        assert_eq!(answered.message.ticket, Some(ticket.unwrap().id.0), "{names_the_letter}");
        assert_eq!(desk.site.number("SELECT count(*) FROM tickets").await, 1);
        assert_eq!(desk.site.number("SELECT count(*) FROM letters WHERE kind = 'registration'").await, 1);
    }
}

/// What line 1 found out of who asks.
fn found_out() -> MessageTicketIn {
    serde_json::from_value(serde_json::json!({
        "kind": "incident",
        "user": {"kind": "legal_entity", "name": "Брокер", "edrpou": "43115923", "person": "Олена"}
    }))
    .unwrap()
}

#[tokio::test]
async fn what_line_1_registers_has_what_it_completes_and_counts_from_the_first() {
    let desk = Desk::fresh().await;
    let later = monday() + TimeDelta::hours(3);
    let first = desk.receive(&incomplete_mail("1@example.com")).await;
    let answer = Mail {
        text: "Телефон: +380441234567\n\nПомилка 500.".into(),
        subject: "Re: ETS".into(),
        refers_to: vec!["1@example.com".into()],
        ..incomplete_mail("2@example.com")
    };
    let mut connection = desk.site.connection().await;
    let second = mail::receive(&mut connection, &desk.line_1, &answer, later, later).await.unwrap();
    assert_eq!(second.message.outcome, MessageOutcome::Incomplete);
    let id = MessageId(second.message.id);
    let ticket = register(&mut connection, &desk.line_1, id, &found_out(), later).await.unwrap();
    assert_eq!(ticket.substance, "ETS\n\nНе працює.\n\nПомилка 500.");
    assert_eq!(ticket.received_at, monday());
    for message in [&first, &second] {
        let id = MessageId(message.message.id);
        let seen = mail::reading::get(&mut connection, &desk.line_1, id, monday()).await.unwrap().received;
        assert_eq!((seen.outcome, seen.ticket), (MessageOutcome::Registered, Some(ticket.id.0)));
    }
}

#[tokio::test]
async fn what_was_registered_by_itself_is_no_part_of_what_completes_it() {
    let desk = Desk::fresh().await;
    let first = desk.receive(&incomplete_mail("1@example.com")).await;
    let answer = Mail { text: "Помилка 500.".into(), ..incomplete_mail("2@example.com") };
    let second = desk.receive(&Mail { refers_to: vec!["1@example.com".into()], ..answer }).await;
    let mut connection = desk.site.connection().await;
    let mut substances = Vec::new();
    for message in [first, second] {
        let id = MessageId(message.message.id);
        let ticket = register(&mut connection, &desk.line_1, id, &found_out(), monday()).await.unwrap();
        substances.push(ticket.substance);
    }
    assert_eq!(substances, ["ETS\n\nНе працює.", "ETS\n\nПомилка 500."]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_mails_that_complete_the_same_one_at_once_one_is_the_ticket_and_the_others_belong_to_it() {
    let desk = Desk::fresh().await;
    let desk = &desk;
    desk.receive(&incomplete_mail("1@example.com")).await;
    let answers = (0..8).map(|number| async move {
        let answer = mail_of("broker@example.com", &format!("answer-{number}@example.com"));
        desk.receive(&Mail { refers_to: vec!["1@example.com".into()], ..answer }).await
    });
    let received = join_all(answers).await;
    let became = |outcome| received.iter().filter(|one| one.message.outcome == outcome).count();
    assert_eq!((became(MessageOutcome::Registered), became(MessageOutcome::Reply)), (1, 7));
    assert_eq!(desk.site.number("SELECT count(*) FROM tickets").await, 1);
    assert_eq!(desk.site.number("SELECT count(DISTINCT ticket_id) FROM ticket_messages").await, 1);
}

#[tokio::test]
async fn an_address_is_told_of_fifty_registrations_a_day_and_every_ticket_is_there() {
    let desk = Desk::fresh().await;
    for number in 0..52 {
        let received = desk.receive(&mail_of("broker@example.com", &format!("{number}@example.com"))).await;
        assert_eq!(received.message.outcome, MessageOutcome::Registered);
        let told = desk.letters(&desk.ticket(&received).await).await.len();
        assert_eq!(told, usize::from(number < 50), "{number}");
    }
    assert_eq!(desk.site.number("SELECT count(*) FROM tickets").await, 52);
    let other = desk.receive(&mail_of("other@example.com", "1@example.com")).await;
    assert_eq!(desk.letters(&desk.ticket(&other).await).await.len(), 1, "another address is told");
    let next_day = monday() + TimeDelta::days(1);
    let mail = mail_of("broker@example.com", "next-day@example.com");
    let mut connection = desk.site.connection().await;
    let received = mail::receive(&mut connection, &desk.line_1, &mail, next_day, next_day).await.unwrap();
    assert_eq!(desk.letters(&desk.ticket(&received).await).await.len(), 1, "the day is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_workers_send_each_letter_once() {
    let desk = Desk::fresh().await;
    for number in 0..20 {
        let broker = format!("broker-{number}@example.com");
        desk.receive(&mail_of(&broker, &format!("{number}@example.com"))).await;
    }
    let office = PostOffice::default();
    let sent = join_all((0..4).map(|_| desk.send(&office, monday()))).await;
    assert_eq!(sent.iter().sum::<usize>(), 20, "{sent:?}");
    let mut taken = office.taken();
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), 20);
    assert_eq!(desk.site.number("SELECT count(*) FROM ticket_acts WHERE told = 'registration'").await, 20);
}

#[tokio::test]
async fn a_letter_that_waits_holds_up_the_later_ones_of_its_ticket_and_no_others() {
    let desk = Desk::fresh().await;
    let received = desk.receive(&mail_of("broker@example.com", "1@example.com")).await;
    let ticket = desk.ticket(&received).await;
    let ticket = desk.move_to(&ticket, TicketStatus::InProgress).await;
    let question = AnswerIn { kind: AnswerKind::Question, text: "Which LRN?".into(), article: None };
    let mut connection = desk.site.connection().await;
    answering::answer(&mut connection, &desk.line_1, ticket.id, ticket.version, &question, monday())
        .await
        .unwrap();
    desk.receive(&mail_of("other@example.com", "2@example.com")).await;

    let office = PostOffice::answering([ChannelFault::Transient("away".into())]);
    assert_eq!(desk.send(&office, monday()).await, 2, "the first, which fails, and that of the other ticket");
    let states = |letters: Vec<Letter>| letters.into_iter().map(|letter| letter.state).collect::<Vec<_>>();
    assert_eq!(states(desk.letters(&ticket).await), [LetterState::Pending, LetterState::Pending]);
    assert_eq!(desk.send(&office, monday() + TimeDelta::minutes(1)).await, 2);
    let letters = desk.letters(&ticket).await;
    assert_eq!(
        office.taken()[1..],
        [letters[0].id, letters[1].id],
        "in the order in which they were written"
    );
    assert_eq!(letters[0].attempts, 2);
}

#[tokio::test]
async fn whoever_wrote_by_mail_hears_that_the_ticket_waits() {
    let desk = Desk::fresh().await;
    let received = desk.receive(&mail_of("broker@example.com", "1@example.com")).await;
    let taken = desk.move_to(&desk.ticket(&received).await, TicketStatus::InProgress).await;
    desk.move_to(&taken, TicketStatus::Extended).await;
    let letters = desk.letters(&taken).await;
    let told = letters.last().map(|letter| letter.content.clone());
    let number = taken.registration_number.clone();
    assert_eq!(told, Some(Content::Extension { number, until: None, reason: "because".into() }));
    desk.send(&PostOffice::default(), monday()).await;
    assert_eq!(desk.site.number("SELECT count(*) FROM ticket_acts WHERE told = 'extension'").await, 1);
}

#[tokio::test]
async fn a_worker_that_dies_with_a_letter_in_its_hands_leaves_it_to_another() {
    let desk = Desk::fresh().await;
    let received = desk.receive(&mail_of("broker@example.com", "1@example.com")).await;
    struct Endless(tokio::sync::Notify);
    #[async_trait]
    impl LetterWay for Endless {
        async fn send(&self, _: &Letter) -> Result<Receipt, ChannelFault> {
            self.0.notify_one();
            std::future::pending().await
        }
    }
    let endless = std::sync::Arc::new(Endless(tokio::sync::Notify::new()));
    let worker = tokio::spawn({
        let (endless, database) = (endless.clone(), desk.site.database.clone());
        async move {
            let mut connection = database.own_connection().await.unwrap();
            send_due(&mut connection, &*endless, monday()).await.unwrap();
        }
    });
    endless.0.notified().await;
    let office = PostOffice::default();
    assert_eq!(desk.send(&office, monday()).await, 0, "it is in the other's hands");
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    // The server lets go of the letter when it hears that the connection has ended: whoever wants to lock it
    // waits for that.
    desk.site.connection().await.batch_execute("SELECT FROM letters FOR UPDATE").await.unwrap();
    assert_eq!(desk.send(&office, monday()).await, 1);
    let ticket = desk.ticket(&received).await;
    assert_eq!(office.taken(), [desk.letters(&ticket).await[0].id], "under the same id");
}

#[tokio::test]
async fn a_letter_that_is_refused_for_good_is_shown_and_holds_nothing_up() {
    let desk = Desk::fresh().await;
    let received = desk.receive(&mail_of("broker@example.com", "1@example.com")).await;
    let office = PostOffice::answering([ChannelFault::Permanent("550 no such\r\nmailbox".into())]);
    assert_eq!(desk.send(&office, monday()).await, 1);
    assert_eq!(desk.send(&office, monday() + TimeDelta::days(2)).await, 0);
    let letter = desk.letters(&desk.ticket(&received).await).await.remove(0);
    assert_eq!((letter.state, letter.detail.as_deref()), (LetterState::Failed, Some("550 no such  mailbox")));
    let next_day = monday() + TimeDelta::days(1);
    let standing = letters::standing(&mut *desk.site.connection().await, next_day).await.unwrap();
    assert_eq!((standing.failed, standing.pending), (1, 0));
    assert_eq!(
        desk.site.number("SELECT count(*) FROM ticket_acts WHERE act = 'told'").await,
        0,
        "nobody was told"
    );
}
