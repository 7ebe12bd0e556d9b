//! `kordon credential`: what systems prove themselves with.

use std::path::PathBuf;

use anyhow::Context;
use chrono::TimeDelta;
use clap::Subcommand;
use kordon_hub::Clock;
use kordon_hub::parties::{self, CredentialId, CredentialKind, Member, SystemId};
use uuid::Uuid;

use super::{Place, runtime, say};
use crate::hub::prepare;

/// What to do with credentials.
#[derive(Debug, Subcommand)]
pub(super) enum Credential {
    /// Issues a bearer token and prints it, once; or binds a client certificate or a member of Trembita.
    Issue {
        /// The system's id, as `kordon party list` shows it.
        #[arg(long)]
        system: Uuid,
        /// For how many days.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: u16,
        /// Binds this client certificate (PEM) by its fingerprint, instead of issuing a token.
        #[arg(long, conflicts_with = "subject")]
        certificate: Option<PathBuf>,
        /// Binds every client certificate with this subject (`/C=UA/O=…/CN=…`), instead of issuing a token.
        #[arg(long)]
        subject: Option<String>,
        /// Binds this member of Trembita (`INSTANCE/CLASS/CODE[/SUBSYSTEM]`), instead of issuing a token.
        #[arg(long, conflicts_with_all = ["certificate", "subject"], value_parser = member)]
        member: Option<Member>,
    },
    /// Revokes a credential. Running hubs forget it within five seconds.
    Revoke {
        /// The credential's id, as `kordon party list` shows it.
        credential: Uuid,
    },
}

impl Credential {
    /// Carries it out.
    pub(super) fn run(self, place: Place) -> anyhow::Result<()> {
        let settings = place.settings()?;
        let (cluster, database) = place.site().reach_database(&settings)?;
        runtime()?.block_on(async {
            let clock = Clock::system();
            let database = prepare(database, &clock).await?;
            let mut connection = database.connection().await?;
            let now = clock.now();
            match self {
                Self::Issue { system, days, member: Some(member), certificate: _, subject: _ } => {
                    let (system, expires) = (SystemId(system), now + TimeDelta::days(i64::from(days)));
                    let id = parties::bind_member(&mut connection, system, &member, expires, now).await?;
                    say(&format!("{id}  {member} bound until {expires}"));
                }
                Self::Issue { system, days, certificate, subject, member: None } => {
                    let (system, expires) = (SystemId(system), now + TimeDelta::days(i64::from(days)));
                    let connection = &mut connection;
                    let id = match (certificate, subject) {
                        (Some(file), _) => {
                            let (own, der) = read(&file)?;
                            parties::bind_whole_certificate(connection, system, own, &der, expires, now)
                                .await?
                        }
                        (None, Some(subject)) => {
                            let kind = CredentialKind::CertificateSubject;
                            parties::bind_certificate(connection, system, kind, subject, expires, now).await?
                        }
                        (None, None) => {
                            let (_, token) = parties::issue_token(connection, system, expires, now).await?;
                            say(token.reveal());
                            return Ok(());
                        }
                    };
                    say(&format!("{id}  bound until {expires}"));
                }
                Self::Revoke { credential } => {
                    parties::revoke(&mut connection, CredentialId(credential), now).await?;
                    say("revoked");
                }
            }
            anyhow::Ok(())
        })?;
        drop(cluster);
        Ok(())
    }
}

fn member(text: &str) -> Result<Member, String> {
    Member::parse(text)
        .ok_or_else(|| "a member is INSTANCE/CLASS/CODE or INSTANCE/CLASS/CODE/SUBSYSTEM".to_owned())
}

/// The fingerprint of a certificate, and the certificate in DER.
fn read(file: &std::path::Path) -> anyhow::Result<(String, Vec<u8>)> {
    let unreadable = || format!("the certificate {} cannot be read", file.display());
    let text = std::fs::read(file).with_context(unreadable)?;
    let certificate = openssl::x509::X509::from_pem(&text).with_context(unreadable)?;
    Ok((
        kordon_adapters::verified_certificate::of(&certificate)?.fingerprint,
        certificate.to_der().with_context(unreadable)?,
    ))
}
