//! What is exchanged signed is sealed with its signatures.

use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use kordon_hub::parties::{Role, SignaturePolicy};

use super::Direct;
use super::request::{Asked, NOT_HELD};
use crate::hub::{KRAKIVETS, TestHub, YAHODYN};
use crate::trembita::sealing::{assert_signed, fetched, file, seal};

#[tokio::test]
async fn what_is_exchanged_signed_is_sealed_with_its_signatures() {
    let direct = Direct::with(SignaturePolicy::Required).await;
    direct.hub.book(KRAKIVETS, "AA1234BB").await;
    let asked =
        Asked::event(direct.hub.clock.now()).signed(&direct.hub, &direct.partner, direct.hub.clock.now());
    let answer = asked.send(&direct.hub).await;
    answer.expect(201);
    assert_eq!(seal(&direct.hub).await, 2);
    let id = answer.header("x-request-id").to_owned();
    let [question, told] = <[_; 2]>::try_from(fetched(&direct.hub, &id).await).unwrap();
    for container in [&question, &told] {
        assert_signed(&direct.hub, container, &["message.xml", "attachment1"]);
    }
    let head = |container: &[u8]| String::from_utf8(file(container, "message.xml").unwrap()).unwrap();
    let (of_question, of_answer) = (head(&question), head(&told));
    // With the whole address: it is signed too, and its host is in no header that is kept.
    let first = format!("POST\r\n{}{}\r\n", direct.hub.url, TestHub::at(KRAKIVETS, "events"));
    assert!(of_question.starts_with(&first), "{of_question}");
    for (name, value) in &asked.fields {
        assert!(of_question.contains(&format!("\r\n{name}:{value}\r\n")), "{name}: {of_question}");
    }
    assert_eq!(file(&question, "attachment1").unwrap(), asked.content);
    assert!(of_answer.starts_with("201\r\nCreated\r\n"), "{of_answer}");
    for name in ["signature", "signature-input", "content-digest"] {
        assert!(of_answer.contains(&format!("\r\n{name}:{}\r\n", answer.header(name))), "{of_answer}");
    }
    assert_eq!(file(&told, "attachment1").unwrap(), answer.body);

    // Its partner has it, by a signed request, and no other system.
    let path = format!("/api/v1/evidence/{id}");
    let own = Asked { path: path.clone(), ..Asked::queue() }.with("kordon-purpose", "dispute 7").covering(&[
        "@method",
        "@target-uri",
        "kordon-purpose",
    ]);
    assert_eq!(direct.ask(own).await.status, 200);
    let other = direct.hub.get(&path).as_role(Role::Customs).for_purpose("dispute 7").send().await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn what_is_not_signed_or_refused_is_no_exchange() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let queue = TestHub::at(KRAKIVETS, "queue");
    assert_eq!(direct.hub.get(&queue).as_role(Role::BorderGuard).send().await.status, 200);
    let told = direct.ask_changed(Asked::queue(), |asked| asked.path = TestHub::at(YAHODYN, "queue")).await;
    assert_eq!(told, NOT_HELD);
    assert_eq!(seal(&direct.hub).await, 0);
    assert_eq!(direct.ask(Asked::queue()).await.status, 200);
    assert_eq!(seal(&direct.hub).await, 2);
}

#[tokio::test]
async fn nothing_signed_is_taken_while_sealing_is_behind_and_nothing_is_acknowledged_without_its_record() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let mut connection = direct.hub.database.connection().await.unwrap();
    assert_eq!(direct.ask(Asked::queue()).await.status, 200);
    direct.hub.clock.advance(TimeDelta::hours(4) + TimeDelta::seconds(1));
    direct.hub.exchanges.look(&mut connection).await.unwrap();
    assert!(direct.ask(Asked::queue()).await.problem().starts_with("503 sealing_unavailable: "));
    seal(&direct.hub).await;
    connection.batch_execute("UPDATE evidence_signatures SET stamped_at = signed_at").await.unwrap();
    direct.hub.exchanges.look(&mut connection).await.unwrap();
    let numbered = |nonce| Asked { nonce: Some(nonce), ..Asked::queue() };
    assert_eq!(direct.ask(numbered("1")).await.status, 200);
    connection.batch_execute("ALTER TABLE evidence_messages RENAME TO lost").await.unwrap();
    assert!(direct.ask(numbered("2")).await.problem().starts_with("500 internal"));
}
