//! Word from the issuer that the signer's certificate is good (OCSP, RFC 6960). It goes into each signature, so that who verifies it
//! years later needs nobody. An answer is used until it is out of date, at most for an hour.

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
use super::super::trust::{Chain, Trust};
use super::settings::{OnFailure, StatusSettings};
use super::stamping::{client, post};
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

/// A responder that is asked.
#[derive(Debug)]
pub(super) struct Status {
    client: Client,
    responder: Option<Url>,
    on_failure: OnFailure,
    trust: Trust,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Of which certificate, since when, and what was answered.
    answer: Option<(Vec<u8>, DateTime<Utc>, Vec<u8>)>,
    failed_at: Option<DateTime<Utc>>,
}

impl Status {
    pub(super) fn open(settings: &StatusSettings, trust: Trust) -> std::result::Result<Self, SettingsFault> {
        let StatusSettings { responder, on_failure } = settings;
        let fault = |text: String| SettingsFault::new("evidence.certificate_status.responder", text);
        let parsed = |address: &String| Url::parse(address).map_err(|error| fault(error.to_string()));
        let responder = responder.as_ref().map(parsed).transpose()?;
        if trust.is_empty() {
            let text = "names the authority of the signing certificate";
            return Err(SettingsFault::new("evidence.trust", text));
        }
        let client = client(PATIENCE).map_err(|error| fault(error.to_string()))?;
        Ok(Self { client, responder, on_failure: *on_failure, trust, known: Mutex::default() })
    }

    /// Sees to it that an answer is at hand.
    ///
    /// # Errors
    /// When there is none and the settings say that nothing is signed without, and always when the certificate was revoked.
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
                *known = Known { answer: Some((key.certificate().to_vec(), now, answer)), failed_at: None };
                Ok(())
            }
            Err(Refusal::Bad(text)) => {
                Err(Error::Internal(format!("nothing is signed with this certificate: {text}")))
            }
            Err(Refusal::Away(text)) => {
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.failed_at.is_none_or(|at| now - at >= LEFT_ALONE) {
                    known.failed_at = Some(now);
                    tracing::warn!(
                        text,
                        "the responder does not say whether the signing certificate is good"
                    );
                }
                drop(known);
                match self.on_failure {
                    OnFailure::SealWithout => Ok(()),
                    OnFailure::Wait if self.of(key, now).is_some() => Ok(()),
                    OnFailure::Wait => Err(Error::Unavailable(format!("the OCSP responder: {text}"))),
                }
            }
        }
    }

    /// The answer about a key's certificate, if one is in use.
    pub(super) fn of(&self, key: &dyn Signer, now: DateTime<Utc>) -> Option<Vec<u8>> {
        self.within(key, now, USED)
    }

    fn is_fresh(&self, key: &dyn Signer, now: DateTime<Utc>) -> bool {
        self.within(key, now, RENEWED).is_some()
    }

    fn within(&self, key: &dyn Signer, now: DateTime<Utc>, most: TimeDelta) -> Option<Vec<u8>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (certificate, since, answer) = known.answer.as_ref()?;
        (certificate == key.certificate() && now - *since < most).then(|| answer.clone())
    }

    fn is_left_alone(&self, now: DateTime<Utc>) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.failed_at.is_some_and(|at| now - at < LEFT_ALONE)
    }

    async fn ask(&self, key: &dyn Signer, now: DateTime<Utc>) -> std::result::Result<Vec<u8>, Refusal> {
        let away = |text: &str| Refusal::Away(text.to_owned());
        let others: Vec<Vec<u8>> = key.chain().iter().skip(1).cloned().collect();
        let issuer = match self.trust.chain(key.certificate(), &others, now) {
            Chain::Leads { issuer: Some(issuer) } => issuer,
            Chain::Leads { issuer: None } => return Err(away("the certificate is its own authority's")),
            Chain::Fails(text) | Chain::NotVerified(text) => return Err(Refusal::Away(text)),
            Chain::NoRoots => return Err(away("no authority is trusted")),
            Chain::Weak => return Err(away("a certificate is signed with SHA-1")),
        };
        let (question, address) =
            question(key.certificate(), &issuer).map_err(|error| away(&error.to_string()))?;
        let address = self
            .responder
            .clone()
            .or_else(|| Url::parse(&address?).ok())
            .ok_or_else(|| away("neither the settings nor the certificate name a responder"))?;
        let answer = post(&self.client, &address, "application/ocsp-request", question)
            .await
            .map_err(Refusal::Away)?;
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
        revocation::verify(&answer, &about, &mut report);
        match report.faults.iter().chain(&report.not_verified).next() {
            None => Ok(answer),
            Some(finding) if finding.text == revocation::REVOKED => Err(Refusal::Bad(finding.text.clone())),
            Some(finding) => Err(Refusal::Away(finding.to_string())),
        }
    }
}

enum Refusal {
    /// The responder is away, or what it says does not hold.
    Away(String),
    /// The certificate was revoked.
    Bad(String),
}

/// The question about a certificate, and the responder that the certificate names.
fn question(
    subject: &[u8],
    issuer: &[u8],
) -> std::result::Result<(Vec<u8>, Option<String>), openssl::error::ErrorStack> {
    let (subject, issuer) = (X509::from_der(subject)?, X509::from_der(issuer)?);
    let mut request = OcspRequest::new()?;
    // The digest finds a certificate and proves nothing; SHA-1 is what responders know.
    request.add_id(OcspCertId::from_cert(MessageDigest::sha1(), &subject, &issuer)?)?;
    let responder =
        subject.ocsp_responders().ok().and_then(|all| all.iter().next().map(|address| address.to_string()));
    Ok((request.to_der()?, responder))
}
