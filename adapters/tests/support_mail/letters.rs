//! Letters to users: worded, put into a folder, and through a real mail server.

use std::fs;

use chrono::{DateTime, Utc};
use insta::assert_snapshot;
use kordon_adapters::press_office::{PressOfficeRoute, SmtpSecurity};
use kordon_adapters::support_mail::text::letter_text;
use kordon_adapters::{Letters, MailReader, SupportMailSettings};
use kordon_hub::notices::ChannelFault;
use kordon_hub::support::letters::{About, Content, Letter, LetterId, LetterWay};
use kordon_hub::support::mail::rules::{TOO_LARGE, letter_in};
use kordon_hub::support::mail::{MessageId, ReadMail};
use kordon_hub::support::tickets::TicketId;
use kordon_schemas::Fault;
use kordon_schemas::messages::LetterState;
use kordon_schemas::tickets::{TicketChannel, TicketKind};

use crate::refusing::refusing;
use crate::smtp_server::SmtpServer;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn letter(content: Content) -> Letter {
    let ticket = "019a9d2e-7c00-7000-8000-000000000001".parse().unwrap();
    Letter {
        id: LetterId("019a9d2e-7c00-7000-8000-0000000000d1".parse().unwrap()),
        about: About::Ticket(TicketId(ticket)),
        channel: TicketChannel::Email,
        recipient: Some("broker@example.com".into()),
        subject: "ЕТС не приймає декларації".into(),
        in_reply_to: Some("1@example.com".into()),
        content,
        created_at: at("2026-11-23T08:00:20Z"),
        state: LetterState::Pending,
        attempts: 0,
        due_at: at("2026-11-23T08:00:20Z"),
        settled_at: None,
        detail: None,
    }
}

fn registration() -> Letter {
    letter(Content::Registration {
        number: "2026-000017".into(),
        registered_at: at("2026-11-23T08:00:20Z"),
        kind: TicketKind::Incident,
        not_kept: 1,
    })
}

fn open(route: PressOfficeRoute) -> Letters {
    Letters::open(&SupportMailSettings {
        from: "Служба підтримки <ets@customs.example>".into(),
        route,
        articles: None,
        mailboxes: Vec::new(),
        records_as: None,
    })
    .unwrap()
}

fn smtp(port: u16) -> PressOfficeRoute {
    PressOfficeRoute::Smtp {
        host: "127.0.0.1".into(),
        port: Some(port),
        security: SmtpSecurity::None,
        ca_file: None,
        user: None,
        password: None,
    }
}

#[test]
fn a_registration_is_told_in_words() {
    let text = letter_text(&registration(), None);
    assert_snapshot!(format!("{}\n\n{}", text.subject, text.body), @"
    [2026-000017] Запит зареєстровано / Ticket registered

    Ваш запит про інцидент зареєстровано.

    Номер: 2026-000017
    Дата і час реєстрації: 23.11.2026 10:00 (UTC+02:00)

    Відповідь надійде на цю адресу. Щоб доповнити запит, відповідайте на цей лист.

    Не збережено вкладень: 1. Вони завеликі, або їх забагато.

    ----------------------------------------

    Your ticket (incident) is registered.

    Number: 2026-000017
    Registered at: 23.11.2026 10:00 (UTC+02:00)

    The answer comes to this address. To add to the ticket, answer this mail.

    Attachments not kept: 1. They are too large or too many.
    ");
}

#[test]
fn what_is_missing_is_told_in_words() {
    let missing = [
        ("/user/edrpou", "is missing: a ticket of a legal_entity is not registered without it"),
        ("/user/telephone", "is no telephone number: 7 to 15 digits"),
    ];
    let missing = missing.map(|(path, detail)| Fault::new(path, detail)).to_vec();
    let letter = Letter {
        about: About::Message(MessageId("019a9d2e-7c00-7000-8000-0000000000c1".parse().unwrap())),
        ..letter(Content::Incomplete { missing, received_at: at("2026-11-23T08:00:00Z") })
    };
    let text = letter_text(&letter, None);
    assert_snapshot!(format!("{}\n\n{}", text.subject, text.body), @"
    Запит не зареєстровано / Not registered

    Ваш лист, отриманий 23.11.2026 10:00 (UTC+02:00), не зареєстровано: бракує даних або вони неправильні.

    ЄДРПОУ: (не вказано)
    Телефон: (вказано неправильно)

    Відповідайте на цей лист, кожне значення з нового рядка після назви і двокрапки, як у переліку. Написане раніше повторювати не треба.

    ----------------------------------------

    Your mail, received 23.11.2026 10:00 (UTC+02:00), is not registered: data is missing or wrong.

    EDRPOU: (is missing: a ticket of a legal_entity is not registered without it)
    Telephone: (is no telephone number: 7 to 15 digits)

    Answer this mail, each value in a line of its own after the name and a colon, as in the list. What you wrote before need not be repeated.
    ");
}

#[test]
fn who_sent_too_much_hears_that_and_nothing_else() {
    let missing = vec![Fault::new(TOO_LARGE, "is larger than is taken, and was not read")];
    let text =
        letter_text(&letter(Content::Incomplete { missing, received_at: at("2026-11-23T08:00:00Z") }), None);
    assert_snapshot!(text.body, @"
    Ваш лист, отриманий 23.11.2026 10:00 (UTC+02:00), не зареєстровано: він завеликий, і його не прочитано.

    Надішліть його ще раз з меншими вкладеннями: разом до 8 МБ.

    ----------------------------------------

    Your mail, received 23.11.2026 10:00 (UTC+02:00), is not registered: it is too large and was not read.

    Send it again with smaller attachments: up to 8 MB together.
    ");
}

#[test]
fn an_answer_has_the_number_once_however_often_it_is_answered() {
    let answer =
        Content::Result { number: "2026-000017".into(), text: "Поновлено.".into(), article: None };
    let again = Letter { subject: "Re: [2026-000017] ЕТС".into(), ..letter(answer) };
    let text = letter_text(&again, None);
    assert_eq!(text.subject.matches("2026-000017").count(), 1, "{}", text.subject);
    assert!(text.body.contains("Поновлено."), "{}", text.body);
    let extension = |until| {
        let extension =
            Content::Extension {
                number: "2026-000017".into(), until, reason: "Потрібен журнал.".into()
            };
        letter_text(&letter(extension), None).body
    };
    let dated = extension(Some(at("2026-03-29T01:30:00Z")));
    assert!(dated.contains("29.03.2026 04:30 (UTC+03:00)"), "by the clocks of Kyiv: {dated}");
    let waits = extension(None);
    assert!(waits.contains("продовжено на час, необхідний для вирішення питання"), "{waits}");
    assert!(waits.contains("is extended for as long as the matter needs"), "{waits}");
}

#[tokio::test]
async fn a_real_mail_server_takes_a_letter_under_its_id() {
    let server = SmtpServer::start(None);
    let letters = open(smtp(server.port));
    let receipt = letters.send(&registration()).await.unwrap();
    assert!(receipt.detail.starts_with("SMTP 250"), "{receipt:?}");
    let mails = server.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert!(mail.contains("X-RcptTo: broker@example.com"), "{mail}");
    // Read again by the hub it is known for its own: by its id, and by the word that a machine wrote it.
    let read = MailReader.read(mail.as_bytes()).unwrap();
    assert_eq!(letter_in(read.message_id.as_deref().unwrap()), Some(registration().id.0));
    assert!(read.signs.automatic);
    assert_eq!(read.subject, "[2026-000017] Запит зареєстровано / Ticket registered");
    assert_eq!(
        read.refers_to,
        ["1@example.com", "1@example.com", "ticket-019a9d2e-7c00-7000-8000-000000000001@customs.example"]
    );
    assert!(read.text.contains("Номер: 2026-000017"), "{}", read.text);
}

#[tokio::test]
async fn an_address_that_is_none_is_not_tried_for_ever() {
    let server = SmtpServer::start(None);
    let letters = open(smtp(server.port));
    let nowhere = Letter { recipient: Some("no address".into()), ..registration() };
    let fault = letters.send(&nowhere).await.unwrap_err();
    assert!(matches!(&fault, ChannelFault::Permanent(_)), "{fault:?}");
    assert_eq!(server.mails().len(), 0);
}

#[tokio::test]
async fn a_mail_server_that_refuses_an_address_for_good_is_told_from_one_that_is_away() {
    let port = refusing("550 5.1.1 no such mailbox").await;
    let fault = open(smtp(port)).send(&registration()).await.unwrap_err();
    assert!(
        matches!(&fault, ChannelFault::Permanent(detail) if detail.contains("no such mailbox")),
        "{fault:?}"
    );
    let busy = refusing("452 4.2.2 mailbox full").await;
    let fault = open(smtp(busy)).send(&registration()).await.unwrap_err();
    assert!(
        matches!(&fault, ChannelFault::Transient(detail) if detail.contains("mailbox full")),
        "{fault:?}"
    );
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let fault = open(smtp(closed)).send(&registration()).await.unwrap_err();
    assert!(matches!(&fault, ChannelFault::Transient(_)), "{fault:?}");
}

#[tokio::test]
async fn a_letter_in_a_folder_is_one_file_however_often_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let letters = open(PressOfficeRoute::Folder { path: folder.path().join("letters") });
    for _ in 0..2 {
        letters.send(&registration()).await.unwrap();
    }
    let files: Vec<_> =
        fs::read_dir(folder.path().join("letters")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert!(files[0].ends_with("019a9d2e-7c00-7000-8000-0000000000d1.eml"), "{files:?}");
}

#[test]
fn wrong_settings_are_named() {
    let folder = PressOfficeRoute::Folder { path: "unused".into() };
    let settings = SupportMailSettings {
        from: "nobody".into(),
        route: folder,
        articles: None,
        mailboxes: Vec::new(),
        records_as: None,
    };
    assert_eq!(Letters::open(&settings).map(|_| ()).unwrap_err().setting, "support_mail.from");
}
