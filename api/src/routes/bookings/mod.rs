//! `/api/v1/bookings/{booking}`: one booking, what it went through, and what was paid for it, for the
//! operator that runs it.

pub(crate) mod change;
pub(crate) mod payments;
pub(crate) mod refunds;
pub(crate) mod show;

use actix_web::web;
use uuid::Uuid;

use crate::problem::{Failure, Result};

/// The booking in the address.
fn id(path: &web::Path<String>) -> Result<Uuid> {
    path.parse().map_err(|_| Failure::malformed("path:booking", "is a UUID"))
}
