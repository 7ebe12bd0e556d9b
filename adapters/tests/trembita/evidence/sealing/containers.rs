//! Containers: each proves its message alone, however many were signed with it, and any change to it is found
//! by us and by strangers.

use chrono::Utc;
use kordon_adapters::trembita::evidence::report::{Code, Verdict};
use kordon_adapters::trembita::evidence::sealing::{ONE_BY_ONE, container};
use kordon_hub::sealing::Sealer;
use kordon_hub::sealing::model::{Part, Sealed, Stamp, Unstamped};
use uuid::Uuid;

use super::site::{assert_valid, changed, checked, entries, message, site};
use super::strangers::{python_holds, xmlsec_holds};
use crate::evidence::recipe::{remove, zipped};

#[tokio::test]
async fn a_message_alone_is_signed_and_stamped_by_itself() {
    for signer in ["rsa", "ec"] {
        let all = site(signer).sealed(1..2).await;
        let [sealed] = all.as_slice() else { panic!("one") };
        assert!(sealed.chain.is_none() && sealed.stamp.is_none());
        assert_valid(sealed);
        let bytes = container::write(sealed).unwrap();
        assert_eq!(bytes, container::write(sealed).unwrap(), "the same bytes each time");
        assert_eq!(&bytes[30..38], b"mimetype");
        assert_eq!(&bytes[38..69], container::MEDIA_TYPE.as_bytes());
        assert_eq!(container::file_name(sealed), "q1-request-00000000000000000000000000000001.asice");
    }
}

#[tokio::test]
async fn a_few_are_signed_one_by_one_and_stamped_together() {
    let site = site("ec");
    let asked = site.server.asked();
    let all = site.sealed(0..ONE_BY_ONE).await;
    assert_eq!(site.server.asked() - asked, 2, "one question about the certificate, one for the time-stamp");
    for sealed in &all {
        assert!(sealed.chain.is_none() && sealed.stamp.is_some());
        assert_valid(sealed);
    }
}

#[tokio::test]
async fn many_share_one_signature_and_each_is_proved_alone() {
    let site = site("ec");
    for count in [9, 10, 11, 16, 17, 31, 33, 64, 100] {
        let all = site.sealed(0..count).await;
        assert_eq!(all.len(), count);
        for sealed in &all {
            assert!(sealed.chain.is_some() && sealed.stamp.is_none(), "one signature is stamped by itself");
            assert_valid(sealed);
        }
    }
}

#[tokio::test]
async fn signatures_over_many_messages_are_stamped_together_too() {
    let site = site("rsa");
    let (first, second) = (site.signatures(0..20).await, site.signatures(20..41).await);
    let unstamped: Vec<Unstamped> = first
        .iter()
        .chain(&second)
        .map(|own| Unstamped { id: Uuid::new_v4(), signatures: own.signatures.clone() })
        .collect();
    let stamped = site.sealer.stamp(&unstamped).await.unwrap();
    assert_eq!(stamped.len(), 2);
    for (signature, stamped) in first.into_iter().chain(second).zip(stamped) {
        let Stamp::Batch(files) = stamped.stamp else { panic!("a batch") };
        for (id, chain) in signature.messages {
            let (message, attachment) = message(usize::try_from(id.as_u128()).unwrap());
            assert_valid(&Sealed {
                id,
                query_id: "q".into(),
                part: Part::Response,
                recorded_at: Utc::now(),
                message,
                attachment,
                signatures: signature.signatures.clone(),
                chain: chain.zip(signature.chain_result.clone()),
                stamp: Some(files.clone()),
            });
        }
    }
}

#[tokio::test]
async fn a_byte_that_is_changed_anywhere_in_what_is_proved_is_found() {
    let site = site("ec");
    let many = site.sealed(0..12).await;
    let few = site.sealed(0..3).await;
    for sealed in [&many[0], &many[11], &few[0], &few[1]] {
        let files = entries(&container::write(sealed).unwrap());
        for index in 0..files.len() {
            let (name, content) = files[index].clone();
            // The list of files proves nothing, and the second hash chain only what the first file says of
            // it.
            if name == "META-INF/manifest.xml" || content.is_empty() {
                continue;
            }
            let mut changed = files.clone();
            let middle = content.len() / 2;
            changed[index].1[middle] ^= 1;
            let report = checked(&zipped(&changed));
            assert_eq!(report.verdict(), Verdict::Invalid, "{name}: {report:#?}");
            // In a hash chain an attachment may be missing: its digest stands for it, as X-Road has it.
            if name == "attachment1" && sealed.chain.is_some() {
                continue;
            }
            // What it says is said by the token and the result of the hash chain, which it lists.
            if name == "META-INF/ASiCManifest.xml" {
                continue;
            }
            let mut without = files.clone();
            remove(&mut without, &name);
            let report = checked(&zipped(&without));
            // Without its token a time-stamp is not there, and nothing is said to be stamped.
            let stamped = report.signatures.iter().any(|signed| signed.stamped_at.is_some());
            assert!(report.verdict() != Verdict::Valid || !stamped, "without {name}: {report:#?}");
        }
    }
}

#[tokio::test]
async fn the_proof_of_one_message_is_none_for_another() {
    let all = site("ec").sealed(0..12).await;
    let swapped = Sealed { chain: all[2].chain.clone(), ..all[1].clone() };
    let report = checked(&container::write(&swapped).unwrap());
    assert_eq!(report.faults[0].code, Code::InvalidHashChainRef, "{report:#?}");
}

#[tokio::test]
async fn strangers_find_them_valid_and_find_each_that_was_changed() {
    for signer in ["rsa", "ec"] {
        let site = site(signer);
        let (many, few) = (site.sealed(0..12).await, site.sealed(0..2).await);
        for (sealed, signed_file) in
            [(&many[3], "sig-hashchainresult.xml"), (&few[0], "attachment1"), (&few[1], "message.xml")]
        {
            let bytes = container::write(sealed).unwrap();
            let files = entries(&bytes);
            python_holds("signxml", &bytes).unwrap_or_else(|said| panic!("signxml, {signer}: {said}"));
            python_holds("pyasice", &bytes).unwrap_or_else(|said| panic!("pyasice, {signer}: {said}"));
            xmlsec_holds(&files).unwrap_or_else(|said| panic!("xmlsec1, {signer}: {said}"));

            // A file that is signed.
            let other = changed(&files, signed_file, |text| format!("{text} "));
            assert!(python_holds("signxml", &zipped(&other)).unwrap_err().contains("InvalidDigest"));
            assert!(xmlsec_holds(&other).is_err());
            // What is said of the file.
            let other = changed(&files, "META-INF/signatures.xml", |text| {
                text.replacen("MimeType>", "MimeType>x", 1)
            });
            assert!(python_holds("signxml", &zipped(&other)).unwrap_err().contains("InvalidDigest"));
            assert!(xmlsec_holds(&other).is_err());
            // What the value of the signature is over. pyasice looks at this and at no file.
            let other =
                changed(&files, "META-INF/signatures.xml", |text| text.replacen("URI=\"/", "URI=\"/x", 1));
            let said = python_holds("pyasice", &zipped(&other)).unwrap_err();
            assert!(said.contains("SignatureVerificationError"), "{said}");
            assert!(python_holds("signxml", &zipped(&other)).is_err());
        }
    }
}
