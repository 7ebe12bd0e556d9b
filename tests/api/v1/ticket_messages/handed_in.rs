//! What becomes of a mail.

use insta::assert_snapshot;
use kordon_hub::parties::Role;
use serde_json::json;

use super::super::tickets::on_monday;
use super::{CONTACT, PostBox, correspondence, hand_in, header, mail, registered, shown, text_of};

#[tokio::test]
async fn a_mail_with_contact_data_is_a_ticket_and_its_sender_hears_the_number() {
    let hub = on_monday().await;
    let (message, ticket) = registered(&hub, "1").await;
    assert_eq!(message["missing"], json!([]));
    let facts = ["registration_number", "channel", "status", "received_at", "registered_at", "taken_at"];
    let facts = facts.map(|fact| ticket[fact].to_string()).join(" ");
    assert_snapshot!(facts, @r#""2026-000001" "email" "new" "2026-11-23T08:00:00Z" "2026-11-23T08:00:00Z" null"#);
    assert_eq!(ticket["user"]["email"], "broker@example.com");
    assert_eq!(ticket["substance"], "ETS is down\n\nВідповідь 500 з 09:40.");

    let letters = PostBox::new();
    let sent = letters.collect(&hub).await;
    let [letter] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(header(letter, "To"), "broker@example.com");
    assert!(header(letter, "Subject").starts_with("[2026-000001] "), "{letter}");
    assert!(!letter.contains("ETS is down"), "nobody has read yet what a stranger wrote");
    assert_eq!(header(letter, "In-Reply-To"), "<1@example.com>");
    assert_eq!(header(letter, "Auto-Submitted"), "auto-generated");
    assert!(text_of(letter).contains("Номер: 2026-000001\nДата і час реєстрації: 23.11.2026 10:00"));
    assert_eq!(letters.collect(&hub).await.len(), 1, "once");
    let acts = shown(&hub, ticket["id"].as_str().unwrap()).await["acts"].clone();
    assert_eq!((&acts[1]["act"], &acts[1]["told"]), (&json!("told"), &json!("registration")));
}

#[tokio::test]
async fn the_same_mail_again_is_answered_as_the_first_time() {
    let hub = on_monday().await;
    let (message, _) = registered(&hub, "1").await;
    // Another mailbox, another route: the head differs, the mail does not.
    let text = format!("{CONTACT}\nВідповідь 500 з 09:40.");
    let again = mail("1", "Received: from elsewhere\r\nSubject: ETS is down\r\n", &text);
    assert_eq!(hand_in(&hub, again).await.expect(200), message);
    let foreign =
        mail("1", "Subject: ETS is down\r\n", &text).replace("broker@example.com", "other@example.com");
    let other = hand_in(&hub, foreign).await.expect(201);
    assert_ne!(other["id"], message["id"], "nobody uses up another's id");
    assert_eq!(PostBox::new().collect(&hub).await.len(), 2);
}

#[tokio::test]
async fn what_is_missing_is_named_and_an_answer_completes_it() {
    let hub = on_monday().await;
    let first = mail("1", "Subject: ETS is down\r\n", "Назва: ТОВ «Брокер»\n\nВідповідь 500.");
    let told = hand_in(&hub, first).await.expect(201);
    assert_eq!((&told["outcome"], &told["ticket"]), (&json!("incomplete"), &json!(null)));
    assert_eq!(told["missing"][0]["path"], "/user/edrpou");
    let listed = hub.get("/api/v1/ticket-messages").as_role(Role::SupportLine1).send().await.expect(200);
    assert_eq!(listed["items"], json!([told]));

    let letters = PostBox::new();
    let sent = letters.collect(&hub).await;
    let [letter] = sent.as_slice() else { panic!("{sent:?}") };
    assert!(text_of(letter).contains("ЄДРПОУ: (не вказано)"), "{}", text_of(letter));
    hub.clock.set("2026-11-23T09:30:00Z");
    // The answer refers to our letter and quotes it.
    let head = format!("Subject: Re: ETS is down\r\nIn-Reply-To: {}\r\n", header(letter, "Message-ID"));
    let answer =
        mail("2", &head, "ЄДРПОУ: 43115923\r\nКонтактна особа: Олена Шевченко\r\n> ЄДРПОУ: 00000000\r\n");
    let told = hand_in(&hub, answer).await.expect(201);
    assert_eq!(told["outcome"], "registered", "{told}");
    let ticket = shown(&hub, told["ticket"].as_str().unwrap()).await;
    assert_eq!(ticket["user"]["name"], "ТОВ «Брокер»");
    assert_eq!(ticket["substance"], "ETS is down\n\nВідповідь 500.");
    assert_eq!(
        (&ticket["received_at"], &ticket["registered_at"]),
        (&json!("2026-11-23T08:00:00Z"), &json!("2026-11-23T09:30:00Z")),
        "it was received when it first came"
    );
    let listed = hub.get("/api/v1/ticket-messages").as_role(Role::SupportLine1).send().await.expect(200);
    assert_eq!(listed["items"], json!([]));
    assert_eq!(correspondence(&hub, &ticket).await["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn line_1_registers_what_it_found_out() {
    let hub = on_monday().await;
    let told = hand_in(&hub, mail("1", "Subject: ETS is down\r\n", "Відповідь 500.")).await.expect(201);
    let address = format!("/api/v1/ticket-messages/{}/ticket", told["id"].as_str().unwrap());
    let user = json!({"kind": "legal_entity", "name": "Брокер", "edrpou": "43115923"});
    let register = |user: &serde_json::Value| {
        hub.post(&address).as_role(Role::SupportLine1).json(&json!({"kind": "incident", "user": user}))
    };
    let refused = register(&user).send().await.problem();
    assert!(refused.starts_with("422 invalid: /user/person"), "{refused}");
    let mut whole = user;
    whole["person"] = "Олена".into();
    let ticket = register(&whole).send().await.expect(201);
    assert_eq!(
        (&ticket["channel"], &ticket["registration_number"]),
        (&json!("email"), &json!("2026-000001"))
    );
    let refused = register(&whole).send().await.problem();
    assert_eq!(refused, "409 message_settled: the message is registered already");
    let sent = PostBox::new().collect(&hub).await;
    assert!(sent.iter().any(|letter| header(letter, "Subject").contains("2026-000001")), "{sent:?}");
}

#[tokio::test]
async fn a_reply_comes_to_its_ticket_from_its_parties_only() {
    let hub = on_monday().await;
    let (_, ticket) = registered(&hub, "1").await;
    let letters = PostBox::new();
    let letter = letters.collect(&hub).await.remove(0);
    let id = ticket["id"].as_str().unwrap();
    let to_letter = format!("In-Reply-To: {}\r\n", header(&letter, "Message-ID"));
    for (number, head) in
        [to_letter.as_str(), "References: <1@example.com>\r\n", "Subject: Re: [2026-000001]\r\n"]
            .iter()
            .enumerate()
    {
        let told = hand_in(&hub, mail(&format!("r{number}"), head, "Ще одне.")).await.expect(201);
        assert_eq!((&told["outcome"], &told["ticket"]), (&json!("reply"), &json!(id)), "{head}");
        let stranger = mail(&format!("s{number}"), head, "Ще одне.").replace("broker@", "stranger@");
        let told = hand_in(&hub, stranger).await.expect(201);
        assert_eq!((&told["outcome"], &told["ticket"]), (&json!("incomplete"), &json!(null)), "{head}");
    }
    let shown = shown(&hub, id).await;
    assert_eq!(shown["user_wrote_at"], "2026-11-23T08:00:00Z");
    let correspondence = correspondence(&hub, &ticket).await;
    assert_eq!(correspondence["messages"].as_array().unwrap().len(), 4);
    assert_eq!(correspondence["letters"].as_array().unwrap().len(), 1, "nobody answers a reply by itself");
    assert!(hub.readings().await.lines().last().unwrap().contains("show_correspondence"));
}

#[tokio::test]
async fn machines_and_our_own_mail_open_nothing_and_are_not_answered() {
    let hub = on_monday().await;
    let (_, ticket) = registered(&hub, "1").await;
    let letters = PostBox::new();
    let letter = letters.collect(&hub).await.remove(0);
    let own = hand_in(&hub, letter.clone()).await.expect(201);
    assert_eq!(own["ignored_because"], "own_mail");
    // Some mail system stripped the word that a machine wrote it, and sent it back in another's name.
    let stripped = letter.replace("Auto-Submitted: auto-generated\r\n", "").replace("support@", "broker@");
    assert_eq!(hand_in(&hub, stripped).await.expect(201)["ignored_because"], "own_mail");
    let reply = format!("In-Reply-To: {}\r\n", header(&letter, "Message-ID"));
    for (number, (reply, sign, because)) in [
        (reply.as_str(), "Auto-Submitted: auto-replied\r\n", "automatic"),
        ("", "Precedence: bulk\r\n", "mailing_list"),
        ("", "List-Id: <a.b>\r\n", "mailing_list"),
        (reply.as_str(), "Return-Path: <>\r\n", "bounce"),
    ]
    .iter()
    .enumerate()
    {
        let head = format!("{reply}{sign}Subject: Out of office\r\n");
        let told = hand_in(&hub, mail(&format!("m{number}"), &head, CONTACT)).await.expect(201);
        let facts = (&told["outcome"], &told["ignored_because"]);
        assert_eq!(facts, (&json!("ignored"), &json!(because)), "{sign}");
    }
    let told = hand_in(&hub, "Subject: no sender\r\n\r\nSomething").await.expect(201);
    assert_eq!(told["ignored_because"], "no_sender");
    assert_eq!(letters.collect(&hub).await.len(), 1);
    assert_eq!(shown(&hub, ticket["id"].as_str().unwrap()).await["user_wrote_at"], json!(null));
}

#[tokio::test]
async fn two_machines_that_write_to_each_other_come_to_an_end() {
    let hub = on_monday().await;
    for number in 0..12 {
        let told =
            hand_in(&hub, mail(&format!("{number}"), "Subject: hm\r\n", "Not understood.")).await.expect(201);
        assert_eq!(told["outcome"], "incomplete");
    }
    let letters = PostBox::new();
    assert_eq!(letters.collect(&hub).await.len(), 5);
    hub.clock.set("2026-11-24T09:00:00Z");
    hand_in(&hub, mail("late", "Subject: hm\r\n", "Not understood.")).await.expect(201);
    assert_eq!(letters.collect(&hub).await.len(), 6, "another day, another word");
}

#[tokio::test]
async fn whoever_is_involved_may_write_about_the_ticket() {
    let hub = on_monday().await;
    let (_, ticket) = registered(&hub, "1").await;
    let from_admin =
        |id: &str| mail(id, "Subject: [2026-000001]\r\n", "Журнал.").replace("broker@", "Admin@");
    let told = hand_in(&hub, from_admin("a1")).await.expect(201);
    assert_eq!(told["outcome"], "incomplete");
    let people = json!({"people": [{"name": "Ігор", "part": "адміністратор", "email": "admin@example.com"}]});
    let address = format!("/api/v1/tickets/{}/people", ticket["id"].as_str().unwrap());
    let put = |body: &serde_json::Value| {
        hub.put(&address).as_role(Role::SupportLine1).header("If-Match", "\"1\"").json(body)
    };
    let wrong = json!({"people": [{"name": " ", "part": "x", "email": "nowhere", "telephone": "1"}]});
    let refused = put(&wrong).send().await.problem();
    for place in ["/people/0/name", "/people/0/email", "/people/0/telephone"] {
        assert!(refused.contains(place), "{refused}");
    }
    put(&people).send().await.expect(200);
    let shown = shown(&hub, ticket["id"].as_str().unwrap()).await;
    assert_eq!((&shown["people"], &shown["acts"][1]["act"]), (&people["people"], &json!("involved")));
    let told = hand_in(&hub, from_admin("a2")).await.expect(201);
    assert_eq!((&told["outcome"], &told["ticket"]), (&json!("reply"), &ticket["id"]));
}
