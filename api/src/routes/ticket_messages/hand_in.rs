//! `POST /api/v1/ticket-messages`.

use std::sync::Arc;

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use kordon_hub::support::mail::{self, Received};
use kordon_schemas::messages::ReceivedMessage;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::MailBody;
use crate::openapi::OfMail;
use crate::problem::{Failure, Result};
use crate::query::Query;
use crate::rights::permissions::HandInMail;
use crate::rights::{Granted, names};

/// What the mail itself cannot be believed about.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Receipt {
    /// When the mailbox received it, at most 30 days ago. Left out: now.
    received_at: Option<DateTime<Utc>>,
}

/// Hands in a mail.
///
/// As it came, with its head, at most 12 MiB. With the contact data that its user owes, a ticket is registered; an answer to a mail of
/// the support service, or one with the number of a ticket in its subject, is put to that ticket when its sender is a party of
/// it; when something is missing nothing is registered. The sender is told by mail, with the number or with what is missing. What a
/// machine wrote and our own mail that comes back become nothing. The same mail again, by its Message-ID and sender, is answered
/// as the first time.
#[utoipa::path(
    operation_id = "hand_in_message", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<HandInMail>()))),
    params(Receipt),
    request_body(content = String, content_type = "message/rfc822", description = "The mail as it came (RFC 5322).",
        example = "From: Олена Шевченко <broker@example.com>\r\nMessage-ID: <1@example.com>\r\nSubject: ЕТС не приймає декларації\r\n\r\nЄДРПОУ: 43115923\r\nНазва: ТОВ «Брокер»\r\n\r\nВідповідь 500 з 09:40.\r\n"),
    responses(
        (status = 201, description = "What became of it.", body = ReceivedMessage),
        (status = 200, description = "What became of it when it was handed in before.", body = ReceivedMessage),
        OfMail
    )
)]
#[post("/ticket-messages")]
pub(crate) async fn hand_in_message(
    granted: Granted<HandInMail>,
    _: AcceptsJson,
    receipt: Query<Receipt>,
    body: MailBody,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Receipt { received_at }) = receipt;
    let reader = Arc::clone(&hub.mail_reader);
    // Ten megabytes of a stranger's MIME take a while: other requests go on meanwhile.
    let mail = tokio::task::spawn_blocking(move || reader.read(&body.0))
        .await
        .map_err(|error| kordon_hub::Error::Internal(format!("a mail could not be read: {error}")))?
        .ok_or_else(|| Failure::from(kordon_hub::Error::fault("body", "is no mail: it has no head")))?;
    let now = hub.clock.now();
    let mut connection = hub.database.connection().await?;
    let Received { message, repeated } =
        mail::receive(&mut connection, &granted.actor, &mail, received_at.unwrap_or(now), now).await?;
    Ok(if repeated { HttpResponse::Ok() } else { HttpResponse::Created() }.json(message))
}
