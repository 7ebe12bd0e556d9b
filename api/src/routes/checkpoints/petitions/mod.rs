//! `/api/v1/checkpoints/{checkpoint}/petitions`.

pub(crate) mod decide;
pub(crate) mod file;
pub(crate) mod read;

use actix_web::web;
use uuid::Uuid;

use crate::problem::{Failure, Result};

/// The petition in the address.
fn id(path: &web::Path<(String, String)>) -> Result<Uuid> {
    path.1.parse().map_err(|_| Failure::malformed("path:petition", "is a UUID"))
}
