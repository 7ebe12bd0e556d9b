//! `GET /api/v1/exchange/documents`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::exchange::inbox::{self, Place};
use kordon_schemas::exchange::Inbox;
use serde::Deserialize;
use utoipa::IntoParams;

use super::written;
use crate::Hub;
use crate::answer::{AcceptsMedia, Form, Xml};
use crate::openapi::OfReads;
use crate::problem::{Failure, Result};
use crate::query::{LARGEST_PAGE, Limit, Query, add_header, is_full, next_page};
use crate::rights::permissions::ExchangeDocuments;
use crate::rights::{Granted, names};

/// Which page of the inbox.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InboxPage {
    /// The `next` of the page before. Left out: from the beginning.
    #[param(required = false, pattern = "^[0-9]{1,18}-[0-9]{1,18}$", example = "12-41")]
    after: Option<String>,
    /// The most documents of one page.
    #[serde(default)]
    #[param(value_type = i64, minimum = 1, maximum = 500, default = 100)]
    limit: Limit<LARGEST_PAGE, 100>,
}

/// Lists what waits for this system.
///
/// Its inbox: the acknowledgements of its own documents, then the notices of outages and permits, each in the order of their making.
/// Who goes on from `next` misses nothing and gets nothing twice.
#[utoipa::path(
    operation_id = "list_documents", tag = "exchange",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ExchangeDocuments>()))),
    params(InboxPage),
    responses((status = 200, description = "A page of the inbox.", content_type = "application/xml", body = Inbox), OfReads)
)]
#[get("/exchange/documents")]
pub(crate) async fn list_documents(
    granted: Granted<ExchangeDocuments>,
    _: AcceptsMedia<Xml>,
    page: Query<InboxPage>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let InboxPage { after, limit: Limit(limit) } = page.0;
    let place = match after.as_deref() {
        Some(after) => Place::parse(after)
            .map_err(|_| Failure::malformed("query:after", "is a `next` of an earlier page, as `12-41`"))?,
        None => Place::default(),
    };
    let mut connection = hub.database.connection().await?;
    let inbox = inbox::read(&mut connection, granted.actor.system, place, limit).await?;
    drop(connection);
    let bytes = written(&request, &hub, &inbox).await?;
    let mut response = Form::Xml.answer_written(actix_web::http::StatusCode::OK, bytes.into());
    if is_full(inbox.items.len(), limit) {
        add_header(&mut response, next_page(&request, &inbox.next));
    }
    Ok(response)
}
