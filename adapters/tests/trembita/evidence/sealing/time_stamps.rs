//! Time-stamps: right over what they stamp and over nothing else, and none from an authority that is away or
//! wrong.

use kordon_hub::sealing::Sealer;
use kordon_hub::sealing::model::Unstamped;
use uuid::Uuid;

use super::site::{site, site_with};
use super::strangers::openssl_ts_holds;
use crate::evidence::authority_server::Behaviour;

#[tokio::test]
async fn openssl_finds_the_time_stamps_right_and_over_nothing_else() {
    let site = site("rsa");
    let batch = site.sealed(0..2).await;
    let files = batch[0].stamp.as_ref().unwrap();
    assert!(openssl_ts_holds(&files.token, &files.chain_result));
    assert!(!openssl_ts_holds(&files.token, &files.chain));
    let single = site.sealed(1..2).await;
    let text = String::from_utf8(single[0].signatures.clone()).unwrap();
    let between = |from: &str, to: &str| {
        let (_, after) = text.split_once(from).unwrap();
        openssl::base64::decode_block(after.split_once(to).unwrap().0).unwrap()
    };
    let token = between("<xades:EncapsulatedTimeStamp>", "<");
    let value = between("<ds:SignatureValue Id=\"signature-value\">", "<");
    assert!(openssl_ts_holds(&token, &value));
    assert!(!openssl_ts_holds(&token, &value[1..]));
}

#[tokio::test]
async fn an_authority_that_is_away_or_wrong_gives_no_time_stamp() {
    let site = site_with("ec", None);
    let signature = site.signatures(0..1).await.remove(0);
    let ask = async |signatures: &[u8]| {
        let own = Unstamped { id: Uuid::new_v4(), signatures: signatures.to_vec() };
        site.sealer.stamp(&[own]).await.map(|_| ()).map_err(|error| error.to_string())
    };
    ask(&signature.signatures).await.unwrap();
    for (behaviour, told) in [
        (Behaviour::Away, "HTTP 503"),
        (Behaviour::Refusing, "it refused, with status 2"),
        (Behaviour::Repeating, "the answer is to another question"),
        (Behaviour::Elsewhere, "the time-stamp is over something else"),
        (Behaviour::Stranger, "InvalidCertificateChain"),
        (Behaviour::Endless, "more than 1048576 bytes"),
    ] {
        site.server.behave(behaviour);
        let said = ask(&signature.signatures).await.unwrap_err();
        assert!(said.contains(told), "{behaviour:?}: {said}");
    }
    site.server.behave(Behaviour::Right);
    ask(&signature.signatures).await.unwrap();
}
