//! The way by SMTP, to the press office and to users of the support service.
//!
//! No answer of a mail server condemns a notice: the mail is well-formed by construction, so a refusal speaks
//! of an address, a login or the server's own state, which a person can mend. It is tried again until then.

use std::error::Error;
use std::time::Duration;

use kordon_hub::notices::{ChannelFault, Receipt};
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::settings::{PressOfficeRoute, SmtpSecurity};
use crate::SettingsFault;

/// How long the server may take over each step.
const STEP_LIMIT: Duration = Duration::from_secs(10);

/// The answers of a mail server that are about the mail or its address, and stay so (RFC 5321, 4.2).
const OF_THE_MAIL: [&str; 6] = ["501", "550", "551", "552", "553", "554"];

/// A mail server.
#[derive(Clone)]
pub struct Smtp(AsyncSmtpTransportBuilder);

impl Smtp {
    /// The server of a route.
    ///
    /// # Errors
    /// [`SettingsFault`] for a route that is none by SMTP, or a certificate that can't be read.
    pub fn to(route: &PressOfficeRoute) -> Result<Self, SettingsFault> {
        let PressOfficeRoute::Smtp { host, port, security, ca_file, user, password } = route else {
            return Err(SettingsFault::new("press_office.route", "is not by SMTP"));
        };
        let mut tls = TlsParameters::builder(host.clone());
        if let Some(ca_file) = ca_file {
            let fault = |error: String| SettingsFault::new("press_office.route.ca_file", error);
            let pem = std::fs::read(ca_file).map_err(|error| fault(error.to_string()))?;
            tls = tls
                .add_root_certificate(Certificate::from_pem(&pem).map_err(|error| fault(error.to_string()))?);
        }
        let tls = tls.build().map_err(|error| SettingsFault::new("press_office.route.host", error))?;
        let (usual_port, tls) = match security {
            SmtpSecurity::None => (25, Tls::None),
            SmtpSecurity::Starttls => (587, Tls::Required(tls)),
            SmtpSecurity::Tls => (465, Tls::Wrapper(tls)),
        };
        let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port.unwrap_or(usual_port))
            .tls(tls)
            .timeout(Some(STEP_LIMIT));
        match (user, password) {
            (Some(user), Some(password)) => {
                server = server.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
            }
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => {
                return Err(SettingsFault::new("press_office.route.user", "and `password` go together"));
            }
        }
        Ok(Self(server))
    }

    /// Hands a mail to the server.
    ///
    /// # Errors
    /// Always [`ChannelFault::Transient`].
    pub async fn send(&self, mail: Message) -> Result<Receipt, ChannelFault> {
        self.hand_over(mail).await.map_err(|error| ChannelFault::Transient(in_words(&error)))
    }

    /// Hands a mail to one person to the server. Their address may be none, and no time mends that.
    ///
    /// # Errors
    /// [`ChannelFault::Permanent`] when the server refuses the address or the mail for good;
    /// [`ChannelFault::Transient`] otherwise, also when it refuses our login.
    pub async fn send_to_person(&self, mail: Message) -> Result<Receipt, ChannelFault> {
        self.hand_over(mail).await.map_err(|error| {
            let refused = error.status().map(|code| code.to_string());
            if refused.is_some_and(|code| OF_THE_MAIL.contains(&code.as_str())) {
                ChannelFault::Permanent(in_words(&error))
            } else {
                ChannelFault::Transient(in_words(&error))
            }
        })
    }

    async fn hand_over(&self, mail: Message) -> Result<Receipt, lettre::transport::smtp::Error> {
        // Notices are rare: a connection each is cheaper than one that has gone stale.
        let server: AsyncSmtpTransport<Tokio1Executor> = self.0.clone().build();
        let sent = mail.formatted();
        let answer = server.send(mail).await?;
        let said: Vec<_> = answer.message().collect();
        let detail = format!("SMTP {}: {}", answer.code(), said.join(" "));
        Ok(Receipt::of(detail, "message/rfc822", sent))
    }
}

fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let deeper_words = deeper.to_string();
        if !words.contains(&deeper_words) {
            words = format!("{words}: {deeper_words}");
        }
        cause = deeper.source();
    }
    words
}
