//! `/api/v1/permit-requests` and `/api/v1/permits`: leave to use paper declarations while ETS fails (Order
//! 926, section IV).

pub(crate) mod check;
pub(crate) mod decide;
pub(crate) mod file;
pub(crate) mod list;
pub(crate) mod of_crossing;
pub(crate) mod refer;
pub(crate) mod report;
pub(crate) mod revoke;
pub(crate) mod shares;
pub(crate) mod show;
pub(crate) mod tell;
pub(crate) mod withdraw;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use kordon_hub::database::Connection;
use kordon_hub::permits::{Request, RequestId, reading};
use uuid::Uuid;

use crate::Hub;
use crate::problem::{Failure, Result};

/// The request that an address names.
fn request_in(path: &str) -> Result<RequestId> {
    path.parse::<Uuid>().map(RequestId).map_err(|_| Failure::malformed("path:request", "is a UUID"))
}

/// Where a request stands.
async fn answer(
    hub: &Hub,
    connection: &mut Connection,
    status: StatusCode,
    request: &Request,
) -> Result<HttpResponse> {
    let seen = reading::seen(connection, request, hub.clock.now()).await?;
    Ok(HttpResponse::build(status).json(seen))
}
