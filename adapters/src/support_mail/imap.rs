//! A mailbox by IMAP (RFC 3501, RFC 9051): its inbox is what is not handled; what is, goes to another folder
//! (RFC 6851).

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_imap::{Client, Session};
use async_trait::async_trait;
use chrono::Utc;
use futures_util::TryStreamExt;
use kordon_hub::support::mail::polling::{Fetched, Mailbox, MailboxFault, OpenMailbox};
use native_tls::{Certificate, TlsConnector};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::SettingsFault;
use crate::press_office::Password;

/// The largest mail that is fetched, in bytes; of a larger one only the head. As much as is taken over the
/// door.
pub const LARGEST: u32 = 12 * 1024 * 1024;

/// How long the server may take to let us in.
const OPENING: Duration = Duration::from_secs(30);

/// The most mails of one look; what is left waits for the next.
const MOST: usize = 200;

/// A mailbox, and who opens it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailboxSettings {
    /// The server.
    pub host: String,
    /// Its port; by default 993 with TLS and 143 without.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub security: ImapSecurity,
    /// An authority that may have signed the server's certificate, PEM, beside those that the machine trusts.
    #[serde(default)]
    pub ca_file: Option<std::path::PathBuf>,
    /// Who opens it.
    pub user: String,
    /// Their password.
    pub password: Password,
    /// The folder for what is handled; it is made when it is not there.
    #[serde(default = "handled")]
    pub handled: String,
}

fn handled() -> String {
    "Handled".into()
}

/// How the connection to the mailbox is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImapSecurity {
    /// TLS from the first byte. Port 993.
    #[default]
    Tls,
    /// Not at all: for a server on the same machine. Port 143.
    None,
}

/// A mailbox by IMAP.
#[derive(Clone)]
pub struct Imap {
    name: String,
    settings: MailboxSettings,
    tls: TlsConnector,
}

impl Imap {
    /// The mailbox of the settings.
    ///
    /// # Errors
    /// [`SettingsFault`] for a certificate that cannot be read, or a folder that cannot be.
    pub fn to(settings: MailboxSettings) -> Result<Self, SettingsFault> {
        let mut tls = TlsConnector::builder();
        if let Some(ca_file) = &settings.ca_file {
            let fault = |error: String| SettingsFault::new("support_mail.mailboxes.ca_file", error);
            let pem = std::fs::read(ca_file).map_err(|error| fault(error.to_string()))?;
            tls.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| fault(error.to_string()))?);
        }
        let tls = tls.build().map_err(|error| SettingsFault::new("support_mail.mailboxes", error))?;
        if settings.handled.is_empty() || settings.handled.eq_ignore_ascii_case("INBOX") {
            return Err(SettingsFault::new("support_mail.mailboxes.handled", "is a folder beside the inbox"));
        }
        let name = format!("{}@{}", settings.user, settings.host);
        Ok(Self { name, settings, tls })
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, MailboxFault> {
        let MailboxSettings { host, port, security, .. } = &self.settings;
        let usual = match security {
            ImapSecurity::Tls => 993,
            ImapSecurity::None => 143,
        };
        let tcp = TcpStream::connect((host.as_str(), port.unwrap_or(usual))).await.map_err(fault)?;
        Ok(match security {
            ImapSecurity::None => Box::new(tcp),
            ImapSecurity::Tls => {
                let tls = tokio_native_tls::TlsConnector::from(self.tls.clone());
                Box::new(tls.connect(host, tcp).await.map_err(fault)?)
            }
        })
    }

    async fn log_in(&self) -> Result<Opened, MailboxFault> {
        let MailboxSettings { user, password, handled, .. } = &self.settings;
        let mut client = Client::new(self.connect().await?);
        client.read_response().await.map_err(fault)?.ok_or_else(|| fault("the server says nothing"))?;
        let mut session = client.login(user, password.reveal()).await.map_err(|(error, _)| fault(error))?;
        let moves = session.capabilities().await.map_err(fault)?.has_str("MOVE");
        if !moves {
            return Err(fault("the server cannot move mails (RFC 6851)"));
        }
        let folders: Vec<_> =
            session.list(None, Some(handled)).await.map_err(fault)?.try_collect().await.map_err(fault)?;
        if folders.is_empty() {
            session.create(handled).await.map_err(fault)?;
        }
        session.select("INBOX").await.map_err(fault)?;
        Ok(Opened { session, handled: handled.clone() })
    }
}

fn fault(error: impl ToString) -> MailboxFault {
    MailboxFault(error.to_string())
}

/// Bytes both ways.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug> Stream for S {}

#[async_trait]
impl Mailbox for Imap {
    fn name(&self) -> &str {
        &self.name
    }

    async fn open(&self) -> Result<Box<dyn OpenMailbox>, MailboxFault> {
        let opened = tokio::time::timeout(OPENING, self.log_in()).await.map_err(|_| fault("no answer"))??;
        Ok(Box::new(opened))
    }
}

struct Opened {
    session: Session<Box<dyn Stream>>,
    handled: String,
}

impl Opened {
    async fn fetched(
        &mut self,
        id: u32,
        what: &str,
    ) -> Result<Option<async_imap::types::Fetch>, MailboxFault> {
        let mails: Vec<_> = self
            .session
            .uid_fetch(id.to_string(), what)
            .await
            .map_err(fault)?
            .try_collect()
            .await
            .map_err(fault)?;
        // A server may tell of other mails in between.
        Ok(mails.into_iter().find(|mail| mail.uid == Some(id)))
    }
}

#[async_trait]
impl OpenMailbox for Opened {
    async fn inbox(&mut self, except: &HashSet<u32>) -> Result<Vec<u32>, MailboxFault> {
        let ids = self.session.uid_search("NOT DELETED").await.map_err(fault)?;
        let mut ids: Vec<u32> = ids.into_iter().filter(|id| !except.contains(id)).collect();
        ids.sort_unstable();
        ids.truncate(MOST);
        Ok(ids)
    }

    async fn fetch(&mut self, id: u32) -> Result<Option<Fetched>, MailboxFault> {
        let Some(about) = self.fetched(id, "(UID RFC822.SIZE INTERNALDATE)").await? else { return Ok(None) };
        let received_at = about.internal_date().map(|at| at.with_timezone(&Utc));
        // One that does not say how large it is may be anything.
        let size = about.size.unwrap_or(u32::MAX);
        let too_large = (size > LARGEST).then_some(u64::from(size));
        let part = if too_large.is_some() { "(UID BODY.PEEK[HEADER])" } else { "(UID BODY.PEEK[])" };
        let Some(mail) = self.fetched(id, part).await? else { return Ok(None) };
        let raw = if too_large.is_some() { mail.header() } else { mail.body() };
        Ok(raw.map(|raw| Fetched { raw: raw.to_vec(), received_at, too_large }))
    }

    async fn put_away(&mut self, id: u32) -> Result<(), MailboxFault> {
        self.session.uid_mv(id.to_string(), &self.handled).await.map_err(fault)
    }

    async fn close(mut self: Box<Self>) {
        // All is done by now; a server that does not hear of it loses nothing.
        if let Err(error) = self.session.logout().await {
            drop(error);
        }
    }
}

/// Opens the ways to all mailboxes of the settings.
///
/// # Errors
/// [`SettingsFault`], for the first setting that can't be right.
pub fn mailboxes(settings: &[MailboxSettings]) -> Result<Vec<Arc<dyn Mailbox>>, SettingsFault> {
    settings.iter().map(|one| Imap::to(one.clone()).map(|imap| Arc::new(imap) as Arc<dyn Mailbox>)).collect()
}
