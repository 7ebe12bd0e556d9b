//! Word from the issuer that the signer's certificate is good: an OCSP answer (RFC 6960) or the list of those
//! that were revoked (RFC 5280). It goes into each signature, so that who verifies it years later needs
//! nobody. It is used for an hour at most.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::{Error, Result};
use openssl::hash::MessageDigest;
use openssl::ocsp::{OcspCertId, OcspRequest};
use openssl::x509::X509;
use reqwest::{Client, Url};

use super::super::algorithms::certificate;
use super::super::report::Report;
use super::super::revocation::{self, Question};
use super::super::revocation_list;
use super::super::trust::{Chain, Trust};
use super::settings::{OnFailure, StatusSettings, StatusSource};
use super::stamping::{client, post, read};
use crate::SettingsFault;
use crate::keys::Signer;

/// How long an answer is used.
const USED: TimeDelta = TimeDelta::hours(1);

/// From when on a new one is asked for; until the old one is out of use there is time to try again.
const RENEWED: TimeDelta = TimeDelta::minutes(30);

/// How long after a failure the responder is left alone.
const LEFT_ALONE: TimeDelta = TimeDelta::seconds(30);

/// Seconds that the responder may take.
const PATIENCE: u64 = 10;

/// Bytes of a list: each signature carries it whole.
const LARGEST_LIST: usize = 256 << 10;

/// How long before its end a list is not used any more: it has to hold when the signature is time-stamped.
const STAMPED: TimeDelta = TimeDelta::minutes(15);

/// What was said of a certificate.
#[derive(Debug, Clone)]
pub(super) enum Word {
    /// An OCSP answer.
    Answer(Vec<u8>),
    /// A list of revoked certificates.
    List(Vec<u8>),
}

/// A responder, or a place of lists, that is asked.
#[derive(Debug)]
pub(super) struct Status {
    client: Client,
    source: StatusSource,
    address: Option<Url>,
    on_failure: OnFailure,
    trust: Trust,
    known: Mutex<LastAnswer>,
}

#[derive(Debug, Default)]
struct LastAnswer {
    /// Of which certificate, since when, and what was answered.
    answer: Option<(Vec<u8>, DateTime<Utc>, Word)>,
    failed_at: Option<DateTime<Utc>>,
}

impl Status {
    pub(super) fn open(settings: &StatusSettings, trust: Trust) -> std::result::Result<Self, SettingsFault> {
        let StatusSettings { source, responder, list, on_failure } = settings;
        let (address, other, names) = match source {
            StatusSource::Ocsp => (
                responder,
                list,
                ["evidence.certificate_status.responder", "evidence.certificate_status.list"],
            ),
            StatusSource::Crl => (
                list,
                responder,
                ["evidence.certificate_status.list", "evidence.certificate_status.responder"],
            ),
        };
        let [setting, of_other] = names;
        if other.is_some() {
            return Err(SettingsFault::new(of_other, "is of the other source"));
        }
        let fault = |text: String| SettingsFault::new(setting, text);
        let parsed = |address: &String| Url::parse(address).map_err(|error| fault(error.to_string()));
        let address = address.as_ref().map(parsed).transpose()?;
        if trust.is_empty() {
            let text = "names the authority of the signing certificate";
            return Err(SettingsFault::new("evidence.trust", text));
        }
        let client = client(PATIENCE).map_err(|error| fault(error.to_string()))?;
        Ok(Self { client, source: *source, address, on_failure: *on_failure, trust, known: Mutex::default() })
    }

    /// Sees to it that an answer is at hand.
    ///
    /// # Errors
    /// When there is none and the settings say that nothing is signed without, and always when the
    /// certificate was revoked.
    pub(super) async fn prepare(&self, key: &dyn Signer, now: DateTime<Utc>) -> Result<()> {
        if self.is_fresh(key, now) {
            return Ok(());
        }
        let asked = if self.is_left_alone(now) {
            Err(Refusal::Away("it failed a moment ago".to_owned()))
        } else {
            self.ask(key, now).await
        };
        match asked {
            Ok(answer) => {
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                *known =
                    LastAnswer { answer: Some((key.certificate().to_vec(), now, answer)), failed_at: None };
                Ok(())
            }
            Err(Refusal::Bad(text)) => {
                Err(Error::Internal(format!("nothing is signed with this certificate: {text}")))
            }
            Err(Refusal::Away(text)) => {
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.failed_at.is_none_or(|at| now - at >= LEFT_ALONE) {
                    known.failed_at = Some(now);
                    tracing::warn!(text, "nobody says whether the signing certificate is good");
                }
                drop(known);
                match self.on_failure {
                    OnFailure::SealWithout => Ok(()),
                    OnFailure::Wait if self.of(key, now).is_some() => Ok(()),
                    OnFailure::Wait => Err(Error::Unavailable(format!("{}: {text}", self.named()))),
                }
            }
        }
    }

    fn named(&self) -> &'static str {
        match self.source {
            StatusSource::Ocsp => "the OCSP responder",
            StatusSource::Crl => "the list of revoked certificates",
        }
    }

    /// The word about a key's certificate, if one is in use.
    pub(super) fn of(&self, key: &dyn Signer, now: DateTime<Utc>) -> Option<Word> {
        self.within(key, now, USED)
    }

    fn is_fresh(&self, key: &dyn Signer, now: DateTime<Utc>) -> bool {
        self.within(key, now, RENEWED).is_some()
    }

    fn within(&self, key: &dyn Signer, now: DateTime<Utc>, most: TimeDelta) -> Option<Word> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (certificate, since, word) = known.answer.as_ref()?;
        let is_over = match word {
            Word::Answer(_) => false,
            Word::List(list) => revocation_list::holds_until(list).is_none_or(|until| until - STAMPED < now),
        };
        (certificate == key.certificate() && now - *since < most && !is_over).then(|| word.clone())
    }

    fn is_left_alone(&self, now: DateTime<Utc>) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.failed_at.is_some_and(|at| now - at < LEFT_ALONE)
    }

    async fn ask(&self, key: &dyn Signer, now: DateTime<Utc>) -> std::result::Result<Word, Refusal> {
        let away = |text: &str| Refusal::Away(text.to_owned());
        let others: Vec<Vec<u8>> = key.chain().iter().skip(1).cloned().collect();
        let issuer = match self.trust.chain(key.certificate(), &others, now) {
            Chain::Leads { issuer: Some(issuer) } => issuer,
            Chain::Leads { issuer: None } => return Err(away("the certificate is its own authority's")),
            Chain::Fails(text) | Chain::NotVerified(text) => return Err(Refusal::Away(text)),
            Chain::NoRoots => return Err(away("no authority is trusted")),
            Chain::Weak => return Err(away("a certificate is signed with SHA-1")),
        };
        let word = self.fetch(key.certificate(), &issuer).await.map_err(Refusal::Away)?;
        let (subject, issuer) = (certificate(key.certificate()), certificate(&issuer));
        let subject = subject.ok_or_else(|| away("the certificate can't be read"))?;
        let mut report = Report::new();
        let about = Question {
            subject: &subject,
            issuer: issuer.as_ref(),
            at: now,
            trust: &self.trust,
            place: "answer",
        };
        match &word {
            Word::Answer(answer) => revocation::verify(answer, &about, &mut report),
            Word::List(list) => revocation_list::verify(list, &about, &mut report),
        }
        match report.faults.iter().chain(&report.not_verified).next() {
            None => Ok(word),
            Some(finding) if finding.text == revocation::REVOKED => Err(Refusal::Bad(finding.text.clone())),
            Some(finding) => Err(Refusal::Away(finding.to_string())),
        }
    }

    /// Asks the responder, or fetches the list.
    async fn fetch(&self, subject: &[u8], issuer: &[u8]) -> std::result::Result<Word, String> {
        let (subject, issuer) = (X509::from_der(subject), X509::from_der(issuer));
        let (subject, issuer) = (subject.map_err(told)?, issuer.map_err(told)?);
        let named = match self.source {
            StatusSource::Ocsp => responder_of(&subject),
            StatusSource::Crl => list_of(&subject),
        };
        let address = self
            .address
            .clone()
            .or_else(|| Url::parse(&named?).ok())
            .ok_or("neither the settings nor the certificate say where to ask")?;
        match self.source {
            StatusSource::Ocsp => {
                let question = question(&subject, &issuer).map_err(told)?;
                let media_type = "application/ocsp-request";
                Ok(Word::Answer(post(&self.client, &address, media_type, question).await?))
            }
            StatusSource::Crl => {
                let list = read(self.client.get(address)).await?;
                if list.len() > LARGEST_LIST {
                    return Err(format!("the list has more than {LARGEST_LIST} bytes"));
                }
                Ok(Word::List(list))
            }
        }
    }
}

enum Refusal {
    /// The responder is away, or what it says does not hold.
    Away(String),
    /// The certificate was revoked.
    Bad(String),
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The question about a certificate.
fn question(subject: &X509, issuer: &X509) -> std::result::Result<Vec<u8>, openssl::error::ErrorStack> {
    let mut request = OcspRequest::new()?;
    // The digest finds a certificate and proves nothing; SHA-1 is what responders know.
    request.add_id(OcspCertId::from_cert(MessageDigest::sha1(), subject, issuer)?)?;
    request.to_der()
}

/// The responder that a certificate names.
fn responder_of(certificate: &X509) -> Option<String> {
    certificate.ocsp_responders().ok()?.iter().next().map(|address| address.to_string())
}

/// Where a certificate says that the list of its issuer is.
fn list_of(certificate: &X509) -> Option<String> {
    let points = certificate.crl_distribution_points()?;
    points.iter().find_map(|point| {
        let names = point.distpoint()?.fullname()?;
        names.iter().find_map(|name| name.uri().filter(|uri| uri.starts_with("http")).map(str::to_owned))
    })
}
