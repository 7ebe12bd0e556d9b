//! Containers and archives.

mod archives;
mod canonical;
mod containers;
mod pki;
mod recipe;
mod trembita_s;
mod tricks;
mod wrapping;
mod xroad;
