//! Requests by REST: answered signed, and refused where something that decides was not signed or was changed.

use kordon_adapters::http_signatures::digest::content_digest;
use kordon_adapters::http_signatures::verify::verify_answer;
use kordon_adapters::http_signatures::{Answer as SignedAnswer, Request};
use kordon_adapters::trembita::evidence::Trust;
use kordon_adapters::trembita::security::{Authorities, Window};
use kordon_hub::parties::{Role, SignaturePolicy};

use super::request::{Asked, NOT_HELD};
use super::{Direct, Partner};
use crate::hub::{KRAKIVETS, TestHub};
use crate::tls::authority::Authority;

const UNKNOWN: &str =
    "401 unauthenticated: the certificate of the signature stands for no system that may ask here";

#[tokio::test]
async fn a_signed_request_is_answered_signed() {
    let direct = Direct::with(SignaturePolicy::Required).await;
    let asked = Asked::queue().signed(&direct.hub, &direct.partner, direct.hub.clock.now());
    let answer = asked.send(&direct.hub).await;
    assert_eq!(answer.expect(200)["checkpoint"], KRAKIVETS);

    let trust = Trust::none().with_pem(&direct.certificate().await).unwrap();
    let own = openssl::x509::X509::from_pem(&direct.certificate().await).unwrap().to_der().unwrap();
    let now = direct.hub.clock.now();
    let signer = Authorities::new(trust, Vec::new()).believe(&own, now).unwrap();
    let request = asked.seen(&direct.hub);
    let fields = ["content-type", "content-digest", "signature", "signature-input", "etag"];
    let fields =
        fields.map(|name| (name.into(), answer.header(name).to_owned().into_bytes().into())).to_vec();
    let holds = |status: u16, content: &[u8], request: &Request<'_>| {
        let answer = SignedAnswer { status, fields: fields.clone(), request };
        verify_answer(&answer, content, &signer, &Window::default(), now)
            .map(|_| ())
            .map_err(|told| told.to_string())
    };
    let content = answer.text().as_bytes();
    assert_eq!(holds(200, content, &request), Ok(()));
    assert_eq!(holds(201, content, &request), Err("value: the value of the signature does not hold".into()));
    assert_eq!(holds(200, b"{}", &request), Err("value: the Content-Digest is not of this content".into()));
    let other = Asked::queue().with("signature", "kordon=:AAAA:");
    assert!(holds(200, content, &other.seen(&direct.hub)).is_err(), "it answers that very request");
}

#[tokio::test]
async fn a_content_is_signed_by_its_digest_and_acted_on() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    direct.hub.book(KRAKIVETS, "AA1234BB").await;
    let now = direct.hub.clock.now();
    let told = direct.ask_changed(Asked::event(now), |asked| asked.content.push(b' ')).await;
    assert_eq!(told, NOT_HELD);
    let other = b"{}".to_vec();
    let told = direct
        .ask_changed(Asked::event(now), |asked| {
            asked.fields[1].1 = content_digest(&other);
            asked.content = other;
        })
        .await;
    assert_eq!(told, NOT_HELD);
    let answer = direct.ask(Asked::event(now)).await;
    assert_eq!(answer.expect(201)["outcome"], "recorded");
}

#[tokio::test]
async fn a_problem_is_signed_with_what_is_told() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let path = "/api/v1/checkpoints/UA999999/queue".to_owned();
    let answer = direct.ask(Asked { path, ..Asked::queue() }).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("content-digest"), content_digest(answer.text().as_bytes()));
    assert!(answer.header("signature-input").contains("\"signature\";req"));
}

#[tokio::test]
async fn all_that_decides_has_to_be_signed() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let now = direct.hub.clock.now();
    for (asked, missing) in [
        (Asked::queue().covering(&["@target-uri"]), "@method"),
        (Asked::queue().covering(&["@method"]), "neither @target-uri nor @authority"),
        (Asked::queue().covering(&["@method", "@authority", "@path"]), "neither @target-uri nor @query"),
        (Asked::queue().covering(&["@method", "@authority", "@query"]), "neither @target-uri nor @path"),
        (Asked::queue().with("kordon-purpose", "for a test"), "kordon-purpose"),
        (Asked::queue().with("idempotency-key", "1"), "idempotency-key"),
        (Asked::queue().with("if-match", "\"1\""), "if-match"),
        (Asked::event(now).covering(&["@method", "@target-uri", "content-digest"]), "content-type"),
        (Asked::event(now).covering(&["@method", "@target-uri", "content-type"]), "content-digest"),
    ] {
        let told = direct.ask(asked).await.problem();
        assert_eq!(told, format!("401 unauthenticated: {missing} is not signed"));
    }
    let mut without = Asked::event(now).covering(&["@method", "@target-uri", "content-type"]);
    without.fields.pop();
    let told = direct.ask(without).await.problem();
    assert_eq!(told, "401 unauthenticated: the content has no content-digest that is signed");
}

#[tokio::test]
async fn what_was_changed_on_the_way_is_refused() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let own = Asked::queue()
        .covering(&["@method", "@target-uri", "kordon-purpose"])
        .with("kordon-purpose", "a test");
    assert_eq!(direct.ask_changed(own.clone(), |asked| asked.query = Some("lane=all")).await, NOT_HELD);
    assert_eq!(
        direct.ask_changed(own.clone(), |asked| asked.path = TestHub::at("UA205030", "queue")).await,
        NOT_HELD
    );
    assert_eq!(direct.ask_changed(own.clone(), |asked| asked.method = "DELETE").await, NOT_HELD);
    assert_eq!(direct.ask_changed(own.clone(), |asked| asked.fields[0].1 = "another".into()).await, NOT_HELD);
    let added = |asked: &mut Asked| asked.fields.push(("kordon-purpose".into(), "another".into()));
    assert_eq!(direct.ask_changed(own.clone(), added).await, NOT_HELD);
    // Another time, another order of the parameters: they are signed as they stand.
    let later = |asked: &mut Asked| asked.fields[1].1 = asked.fields[1].1.replace("created=1", "created=2");
    assert!(direct.ask_changed(own.clone(), later).await.contains("which is yet to come"));
    let turned = |asked: &mut Asked| {
        let (before, after) = asked.fields[1].1.split_once(";keyid").unwrap();
        let (key, algorithm) = after.split_once(";alg").unwrap();
        asked.fields[1].1 = format!("{before};alg{algorithm};keyid{key}");
    };
    assert_eq!(direct.ask_changed(own, turned).await, NOT_HELD);
}

#[tokio::test]
async fn the_form_of_a_signature_is_narrow() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let changed = async |from: &str, to: &str| {
        let (from, to) = (from.to_owned(), to.to_owned());
        let change = |asked: &mut Asked| {
            assert!(asked.fields[0].1.contains(&from), "{from} in {}", asked.fields[0].1);
            asked.fields[0].1 = asked.fields[0].1.replacen(&from, &to, 1);
        };
        direct.ask_changed(Asked::queue(), change).await.replace("401 unauthenticated: ", "")
    };
    assert_eq!(
        changed("ecdsa-p256-sha256", "hmac-sha256").await,
        "the algorithm \"hmac-sha256\" is not allowed"
    );
    assert_eq!(
        changed("ecdsa-p256-sha256", "rsa-v1_5-sha1").await,
        "the algorithm \"rsa-v1_5-sha1\" is not allowed"
    );
    assert_eq!(
        changed("ecdsa-p256-sha256", "rsa-pss-sha512").await,
        "the key is of another kind than the algorithm, or too short"
    );
    assert_eq!(
        changed(";keyid=\"", ";keyid=\"x").await,
        "the keyid is the SHA-256 of the certificate in hexadecimal digits"
    );
    assert_eq!(changed(";alg=", ";weight=").await, "the parameter \"weight\" is not known");
    assert_eq!(changed(";created=", ";tag=").await, "the parameter \"tag\" is not of its kind");
    assert_eq!(
        changed("\"@method\" ", "\"@method\" \"@method\" ").await,
        "the component \"@method\" stands twice"
    );
    assert_eq!(
        changed("\"@method\" ", "\"@method\" \"@status\" ").await,
        "there is no component \"@status\", or it is not taken here"
    );
    assert_eq!(
        changed("\"@method\" ", "\"@method\" \"Date\" ").await,
        "\"Date\" is no component: names are in small letters"
    );
    assert_eq!(
        changed("\"@method\"", "\"@method\";req").await,
        "\"@method\": a request has no component with \"req\""
    );
    assert_eq!(
        changed("\"@method\"", "\"@method\";sf").await,
        "\"@method\": the parameter \"sf\" is not taken here"
    );
    assert!(changed("kordon=(", "kordon=((").await.starts_with("the header signature-input: "));
    let strictly = "Signature-Input is not strictly serialized (RFC 8941, 4.1)";
    assert_eq!(changed(";keyid=", ";keyid=\"another\";keyid=").await, strictly);
    assert_eq!(changed("\"@method\" ", "\"@method\"  ").await, strictly);
    assert_eq!(changed("kordon=(", "other=(").await, "Signature and Signature-Input have different labels");
    assert_eq!(changed("kordon=(", "a=(\"@method\"), kordon=(").await, "a message has one signature");
    let alone = direct.ask_changed(Asked::queue(), |asked| drop(asked.fields.remove(0))).await;
    assert_eq!(alone, "401 unauthenticated: there is no header signature-input that can be read");
}

#[tokio::test]
async fn who_is_not_known_or_does_not_sign_is_told_the_same() {
    let direct = Direct::with(SignaturePolicy::Optional).await;
    let now = direct.hub.clock.now();
    let told = async |partner: &Partner| {
        Asked::queue().signed(&direct.hub, partner, now).send(&direct.hub).await.problem()
    };
    let unbound = Partner::of(direct.authority.sign_client("unbound", "UA"));
    assert_eq!(told(&unbound).await, UNKNOWN);
    let stranger = Partner::of(Authority::new("another").sign_client("stranger", "UA"));
    direct.bind(&stranger, Role::Police).await;
    direct.set(Role::Police, SignaturePolicy::Optional).await;
    assert_eq!(told(&stranger).await, UNKNOWN);
    let expired = Partner::of(direct.authority.sign_expired_client("expired"));
    direct.bind(&expired, Role::Police).await;
    assert_eq!(told(&expired).await, UNKNOWN);
    let fresh = Direct::with(SignaturePolicy::None).await;
    assert_eq!(fresh.ask(Asked::queue()).await.problem(), UNKNOWN);
}

#[tokio::test]
async fn what_was_signed_for_another_hub_is_refused() {
    let direct = Direct::asked_as(SignaturePolicy::Optional, &["hub.example.org"]).await;
    let told = direct.ask(Asked::queue()).await.problem();
    let host = direct.hub.url.replace("http://", "");
    assert_eq!(told, format!("401 unauthenticated: the message is to {host:?}, which is not this hub"));
}
