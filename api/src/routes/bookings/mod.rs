//! `/api/v1/bookings`: one booking, for the operator that runs it.

pub(crate) mod change;
pub(crate) mod show;

use actix_web::web;
use uuid::Uuid;

use crate::problem::{Failure, Result};

/// The booking in the address.
fn id(path: &web::Path<String>) -> Result<Uuid> {
    path.parse().map_err(|_| Failure::malformed("path:booking", "is a UUID"))
}
