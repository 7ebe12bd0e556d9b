//! Containers and archives.

mod archives;
mod authority_server;
mod canonical;
mod containers;
mod dstu4145;
mod hostile;
mod pki;
mod recipe;
mod sealing;
mod trembita_s;
mod tricks;
mod wrapping;
mod xroad;
