//! A sealer with authorities of its own, messages for it, and what it made of them.

use chrono::Utc;
use kordon_adapters::keys::{KeyRing, KeySettings};
use kordon_adapters::trembita::evidence::report::Verdict;
use kordon_adapters::trembita::evidence::sealing::settings::{
    EvidenceSettings, OnFailure, StatusSettings, StatusSource, TimeStampSettings,
};
use kordon_adapters::trembita::evidence::sealing::{ContainerSealer, container};
use kordon_adapters::trembita::evidence::{Report, verify};
use kordon_hub::sealing::Sealer;
use kordon_hub::sealing::model::{Content, Part, Sealed, Signature, Stamp, Unsealed, Unstamped};
use tempfile::TempDir;
use uuid::Uuid;

use crate::evidence::authority_server::AuthorityServer;
use crate::evidence::pki::PKI;
use crate::evidence::recipe::{Files, edit};

/// A sealer with a time-stamp authority and an OCSP responder of its own.
pub(super) struct Site {
    pub(super) sealer: ContainerSealer,
    pub(super) server: AuthorityServer,
    pub(super) folder: TempDir,
}

pub(super) fn site(signer: &str) -> Site {
    site_with(signer, Some(OnFailure::Wait))
}

pub(super) fn site_with(signer: &str, status: Option<OnFailure>) -> Site {
    site_asking(signer, |url| {
        status.map(|on_failure| StatusSettings {
            responder: Some(url.to_owned()),
            on_failure,
            ..StatusSettings::default()
        })
    })
}

/// A sealer that goes by a list of revoked certificates.
pub(super) fn site_with_list(signer: &str, list: &str, on_failure: OnFailure) -> Site {
    site_asking(signer, |url| {
        let list = Some(format!("{url}{list}.crl"));
        Some(StatusSettings { source: StatusSource::Crl, list, on_failure, ..StatusSettings::default() })
    })
}

pub(super) fn site_asking(signer: &str, status: impl FnOnce(&str) -> Option<StatusSettings>) -> Site {
    let server = AuthorityServer::start();
    let settings = EvidenceSettings {
        trust: vec![PKI.path("ca.crt")],
        time_stamps: Some(TimeStampSettings {
            address: server.url.clone(),
            every_seconds: 0,
            again_seconds: 0,
            patience_seconds: 20,
        }),
        certificate_status: status(&server.url),
        ..EvidenceSettings::default()
    };
    let key = KeySettings::File {
        key: PKI.path(&format!("{signer}.key")),
        certificate: PKI.path(&format!("{signer}.crt")),
        password_file: None,
    };
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyRing::open(&[key]).unwrap();
    let sealer = ContainerSealer::open(&settings, keys, folder.path()).unwrap();
    Site { sealer, server, folder }
}

/// The message of a number; every third has an attachment.
pub(super) fn message(number: usize) -> (Content, Option<Content>) {
    let content = |text: String, media_type: &str| Content {
        bytes: text.into_bytes(),
        media_type: media_type.to_owned(),
    };
    let attachment =
        number.is_multiple_of(3).then(|| content(format!("{{\"number\": {number}}}"), "application/json"));
    (content(format!("<message>{number}</message>"), "text/xml"), attachment)
}

pub(super) fn unsealed(number: usize) -> Unsealed {
    let digest = |content: &Content| openssl::sha::sha512(&content.bytes).to_vec();
    let (message, attachment) = message(number);
    Unsealed {
        id: Uuid::from_u128(number as u128),
        message_digest: digest(&message),
        message_type: message.media_type,
        attachment_digest: attachment.as_ref().map(digest),
        attachment_type: attachment.map(|content| content.media_type),
    }
}

impl Site {
    pub(super) async fn signatures(&self, numbers: std::ops::Range<usize>) -> Vec<Signature> {
        let now = Utc::now();
        self.sealer.prepare(now).await.unwrap();
        let messages: Vec<Unsealed> = numbers.map(unsealed).collect();
        self.sealer.seal(&messages, now).unwrap()
    }

    /// So many messages, sealed and stamped, each ready for its container.
    pub(super) async fn sealed(&self, numbers: std::ops::Range<usize>) -> Vec<Sealed> {
        let signatures = self.signatures(numbers).await;
        let unstamped: Vec<Unstamped> = signatures
            .iter()
            .map(|own| Unstamped { id: Uuid::new_v4(), signatures: own.signatures.clone() })
            .collect();
        let stamped = self.sealer.stamp(&unstamped).await.unwrap();
        assert_eq!(stamped.len(), unstamped.len());
        let mut all = Vec::new();
        for ((signature, unstamped), stamped) in signatures.into_iter().zip(unstamped).zip(stamped) {
            assert_eq!(unstamped.id, stamped.id);
            let (signatures, stamp) = match stamped.stamp {
                Stamp::Within(signatures) => (signatures, None),
                Stamp::Batch(files) => (signature.signatures, Some(files)),
            };
            for (id, chain) in signature.messages {
                let (message, attachment) = message(usize::try_from(id.as_u128()).unwrap());
                all.push(Sealed {
                    id,
                    query_id: "q/1".into(),
                    part: Part::Request,
                    recorded_at: "2026-11-22T09:00:00Z".parse().unwrap(),
                    message,
                    attachment,
                    signatures: signatures.clone(),
                    chain: chain.zip(signature.chain_result.clone()),
                    stamp: stamp.clone(),
                });
            }
        }
        all
    }
}

pub(super) fn checked(bytes: &[u8]) -> Report {
    verify(bytes, &PKI.trust("ca"), Utc::now())
}

/// That a message's container proves it: signed, stamped, with its attachment if it has one.
pub(super) fn assert_valid(sealed: &Sealed) {
    let report = checked(&container::write(sealed).unwrap());
    assert_eq!(report.verdict(), Verdict::Valid, "{}: {report:#?}", sealed.id);
    assert!(report.remarks.is_empty(), "{report:#?}");
    let [signed] = report.signatures.as_slice() else { panic!("one signature") };
    assert!(signed.stamped_at.is_some());
    assert!(signed.covers.contains(&"message.xml".to_owned()));
    assert_eq!(signed.covers.contains(&"attachment1".to_owned()), sealed.attachment.is_some());
}

/// The entries of a container.
pub(super) fn entries(bytes: &[u8]) -> Files {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
            (entry.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// The files after a change to one of them.
pub(super) fn changed(files: &Files, name: &str, change: impl Fn(&str) -> String) -> Files {
    let mut files = files.clone();
    edit(&mut files, name, |text| change(&text));
    files
}
