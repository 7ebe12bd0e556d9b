//! What a mail becomes, case by case.

use proptest::prelude::*;

use super::*;
use crate::support::mail::Signs;

fn now() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

const WHOLE: &str = "ЄДРПОУ: 43115923\nНазва: Брокер\nКонтактна особа: Олена Шевченко\n\nЕТС не відповідає.";

fn mail(text: &str) -> Mail {
    Mail {
        sender: Some("broker@example.com".into()),
        message_id: Some("1@example.com".into()),
        subject: "ЕТС".into(),
        text: text.into(),
        ..Mail::default()
    }
}

fn places(becomes: Becomes) -> Vec<String> {
    let Becomes::Incomplete(missing) = becomes else { panic!("{becomes:?}") };
    missing.into_iter().map(|fault| fault.path).collect()
}

#[test]
fn a_mail_with_all_that_is_needed_is_a_ticket() {
    let Becomes::Ticket { kind, checked } = becomes(&mail(WHOLE), &MailContext::default(), now()) else {
        panic!("no ticket")
    };
    assert_eq!(kind, TicketKind::Incident);
    assert_eq!(checked.user.email.as_deref(), Some("broker@example.com"));
    assert_eq!(checked.substance, "ЕТС не відповідає.", "the subject is not said twice");
}

#[test]
fn what_is_missing_is_named() {
    let told = places(becomes(&mail("ЕТС не відповідає."), &MailContext::default(), now()));
    assert_eq!(told, ["/user/name", "/user/edrpou", "/user/person"]);
    let told = places(becomes(&mail("ЄДРПОУ: 43115924\nНазва: Брокер"), &MailContext::default(), now()));
    assert_eq!(told, ["/user/edrpou", "/user/person"], "the check digit is wrong");
}

#[test]
fn what_was_missing_may_follow_in_an_answer() {
    let earlier = Earlier {
        id: MessageId::new(),
        received_at: now(),
        subject: "Не подається".into(),
        text: "Назва: Брокер\nНе можемо подати.".into(),
    };
    let known = MailContext { earlier: vec![earlier], ..MailContext::default() };
    let answer = mail("ЄДРПОУ: 43115923\nКонтактна особа: Олена Шевченко\n> Назва: інша");
    let Becomes::Ticket { checked, .. } = becomes(&answer, &known, now()) else { panic!("no ticket") };
    assert_eq!(checked.user.name.as_deref(), Some("Брокер"));
    assert_eq!(checked.substance, "Не подається\n\nНе можемо подати.");
}

#[test]
fn what_refers_to_a_ticket_belongs_to_it() {
    let ticket = TicketId::new();
    let known = MailContext { ticket: Some(ticket), ..MailContext::default() };
    assert_eq!(becomes(&mail(WHOLE), &known, now()), Becomes::Reply(ticket));
}

#[test]
fn machines_and_our_own_mail_open_nothing() {
    let ticket = Some(TicketId::new());
    let because = |signs: Signs, known: MailContext| becomes(&Mail { signs, ..mail(WHOLE) }, &known, now());
    for (signs, reason) in [
        (Signs { bounce: true, automatic: true, mailing_list: false }, IgnoredBecause::Bounce),
        (Signs { automatic: true, ..Signs::default() }, IgnoredBecause::Automatic),
        (Signs { mailing_list: true, ..Signs::default() }, IgnoredBecause::MailingList),
    ] {
        assert_eq!(because(signs, MailContext::default()), Becomes::Nothing(reason));
    }
    for signs in [Signs { bounce: true, ..Signs::default() }, Signs { automatic: true, ..Signs::default() }] {
        let of_ticket = MailContext { ticket, ..MailContext::default() };
        assert_eq!(
            Some(because(signs, of_ticket)),
            signs.because().map(Becomes::Nothing),
            "not even a reply"
        );
    }
    let own = MailContext { own: true, ticket, ..MailContext::default() };
    assert_eq!(because(Signs::default(), own), Becomes::Nothing(IgnoredBecause::OwnMail));
    for sender in [None, Some("nobody"), Some("a@b@c.ua"), Some("a b@c.ua")] {
        let mail = Mail { sender: sender.map(ToOwned::to_owned), ..mail(WHOLE) };
        let told = becomes(&mail, &MailContext::default(), now());
        assert_eq!(told, Becomes::Nothing(IgnoredBecause::NoSender), "{sender:?}");
    }
}

#[test]
fn a_party_that_writes_by_way_of_a_list_is_heard() {
    let ticket = TicketId::new();
    let known = MailContext { ticket: Some(ticket), ..MailContext::default() };
    let signs = Signs { mailing_list: true, ..Signs::default() };
    assert_eq!(becomes(&Mail { signs, ..mail(WHOLE) }, &known, now()), Becomes::Reply(ticket));
}

#[test]
fn of_a_mail_that_is_too_large_nothing_else_is_asked() {
    let told = becomes(&Mail { too_large: true, ..mail("") }, &MailContext::default(), now());
    let Becomes::Incomplete(faults) = told else { panic!("{told:?}") };
    assert_eq!(faults.iter().map(|fault| fault.path.as_str()).collect::<Vec<_>>(), [TOO_LARGE]);
}

#[test]
fn a_number_in_the_subject_is_found() {
    assert_eq!(numbers_in("Re: [2026-000017] ЕТС"), ["2026-000017"]);
    assert_eq!(numbers_in("запит №2026-1000017, 2026-000018."), ["2026-1000017", "2026-000018"]);
    assert_eq!(numbers_in("26-11-23, 2026-11-23, 2026-12, x2026-00001"), [""; 0]);
}

#[test]
fn our_letters_are_known_by_their_ids() {
    let id = "019a9d2e-7c00-7000-8000-000000000001";
    assert_eq!(letter_in(&format!("{id}@kordon.invalid")), Some(id.parse().unwrap()));
    for other in ["1@example.com", "019a9d2e7c0070008000000000000001@kordon.invalid", id, "@", ""] {
        assert_eq!(letter_in(other), None, "{other}");
    }
}

proptest! {
    /// Whatever a stranger writes, there is an outcome, and a ticket has all that it needs.
    #[test]
    fn every_mail_becomes_something(subject in "\\PC{0,60}", text in "(?s).{0,400}", sender in "\\PC{0,20}") {
        let mail = Mail { sender: Some(sender), subject, text, ..Mail::default() };
        match becomes(&mail, &MailContext::default(), now()) {
            Becomes::Ticket { checked, .. } => prop_assert!(!checked.substance.is_empty()),
            Becomes::Incomplete(missing) => prop_assert!(!missing.is_empty()),
            Becomes::Nothing(because) => prop_assert_eq!(because, IgnoredBecause::NoSender),
            Becomes::Reply(_) | Becomes::CameBack(_) => prop_assert!(false, "it refers to nothing"),
        }
    }
}
