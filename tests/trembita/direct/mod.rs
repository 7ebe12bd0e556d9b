//! Messages that are signed by those who ask, without a security server: by SOAP with WS-Security, by REST
//! with RFC 9421.

mod envelope;
mod once;
mod partner;
mod request;
mod rest;
mod sealing;
mod soap;
mod strangers;

pub(crate) use partner::{Direct, Partner};
