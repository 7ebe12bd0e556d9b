//! A message is taken once, whichever replica it comes to and whatever becomes of its connection.

use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use futures_util::future::join_all;
use kordon_hub::parties::signed_messages::SignedMessages;
use kordon_hub::parties::{self, SignaturePolicy};

use super::Direct;
use super::envelope::{queue, refusal_of};
use super::request::Asked;

#[tokio::test]
async fn the_same_envelope_is_taken_once() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let asked = direct.sign(&queue());
    assert_eq!(direct.send(&asked).await.status, 200);
    let replayed = "wsse:InvalidSecurity: this very message was received before";
    assert_eq!(refusal_of(&direct.send(&asked).await), replayed);
    // Other white space around the parts makes no other message.
    let padded = asked.replacen("<s:Header>", "\n <s:Header>", 1);
    assert_eq!(refusal_of(&direct.send(&padded).await), replayed);
    assert_eq!((direct.counted("taken").await, direct.counted("replayed").await), (1, 2));
    // When it is forgotten it is too old.
    direct.hub.clock.advance(TimeDelta::seconds(361));
    let mut connection = direct.hub.database.connection().await.unwrap();
    let now = direct.hub.clock.now();
    assert_eq!(parties::signed_messages::forget(&mut connection, now).await.unwrap(), 1);
    assert!(refusal_of(&direct.send(&asked).await).starts_with("wsu:MessageExpired: it was created at"));
}

#[tokio::test]
async fn two_replicas_know_the_same_messages() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let until = direct.hub.clock.now();
    let (one, _noting) = SignedMessages::start(direct.hub.database.clone());
    let (other, _noting) = SignedMessages::start(direct.hub.database.clone());
    assert!(one.receive(&[1; 32], until).await.unwrap());
    assert!(!one.receive(&[1; 32], until).await.unwrap());
    assert!(!other.receive(&[1; 32], until).await.unwrap());
    assert!(other.receive(&[2; 32], until).await.unwrap());
    // A hundred messages come to both at once, in opposite order: each is taken by one of them.
    let digests: Vec<[u8; 32]> = (100..200_u8).map(|number| [number; 32]).collect();
    let to_one = join_all(digests.iter().map(|digest| one.receive(digest, until)));
    let to_other = join_all(digests.iter().rev().map(|digest| other.receive(digest, until)));
    let (by_one, by_other) = tokio::join!(to_one, to_other);
    for (by_one, by_other) in by_one.into_iter().zip(by_other.into_iter().rev()) {
        assert_ne!(by_one.unwrap(), by_other.unwrap());
    }
}

#[tokio::test]
async fn messages_that_come_together_share_a_commit_and_wait_for_it() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let until = direct.hub.clock.now();
    let (noting, _task) = SignedMessages::start(direct.hub.database.clone());
    let mut holding = direct.hub.database.own_connection().await.unwrap();
    holding.batch_execute("BEGIN; LOCK TABLE signed_messages IN EXCLUSIVE MODE").await.unwrap();
    let digests: Vec<[u8; 32]> = (0..200_u8).map(|number| [number; 32]).collect();
    // Each twice.
    let mut all = join_all(digests.iter().chain(&digests).map(|digest| noting.receive(digest, until)));
    tokio::select! {
        biased;
        _ = &mut all => panic!("somebody was answered before the commit"),
        () = direct.hub.until_blocked(1) => {}
    }
    holding.batch_execute("COMMIT").await.unwrap();
    let received: Vec<bool> = all.await.into_iter().map(|received| received.unwrap()).collect();
    let (first, again) = received.split_at(digests.len());
    assert!(first.iter().zip(again).all(|(one, other)| one != other), "each is taken once");
    let commits = direct.hub.number("SELECT count(DISTINCT CAST(xmin AS text)) FROM signed_messages").await;
    assert!(commits <= 2, "{commits} commits for 200 messages");
}

#[tokio::test]
async fn a_connection_that_was_lost_costs_no_message() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let until = direct.hub.clock.now();
    let (noting, _task) = SignedMessages::start(direct.hub.database.clone());
    assert!(noting.receive(&[1; 32], until).await.unwrap());
    let lost = "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE 'INSERT INTO signed_messages%'";
    assert_eq!(direct.hub.number(lost).await, 1);
    assert!(noting.receive(&[2; 32], until).await.unwrap());
    assert!(!noting.receive(&[2; 32], until).await.unwrap());
}

#[tokio::test]
async fn the_same_request_is_taken_once_and_another_nonce_makes_another() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let now = direct.hub.clock.now();
    let asked = Asked::queue().signed(&direct.hub, &direct.partner, now);
    assert_eq!(asked.send(&direct.hub).await.status, 200);
    let replayed = "401 unauthenticated: this very message was received before";
    assert_eq!(asked.send(&direct.hub).await.problem(), replayed);
    // ECDSA makes another value each time; what is signed is the same.
    assert_eq!(direct.ask(Asked::queue()).await.problem(), replayed);
    for nonce in ["one", "two"] {
        assert_eq!(direct.ask(Asked { nonce: Some(nonce), ..Asked::queue() }).await.status, 200);
    }
    direct.hub.clock.advance(TimeDelta::seconds(361));
    assert!(asked.send(&direct.hub).await.problem().starts_with("401 unauthenticated: it was created at"));
}
