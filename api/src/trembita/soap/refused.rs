//! Why a message is refused, and the fault that says so.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use kordon_adapters::trembita::security;
use kordon_adapters::trembita::soap::faults::{FaultCode, Origin, Refusal};
use kordon_hub::Error;

use super::TEXT_XML;
use crate::problem::Failure;
use crate::request::{CountedAs, RequestFrame};
use crate::trembita::Trembita;
use crate::trembita::signing::Signing;

/// A refusal.
pub(in crate::trembita) enum Refused {
    /// By the message protocol, with the side that is at fault.
    Protocol(Origin, Refusal),
    /// For its signature.
    Signature(security::Refusal),
    /// For being refused too often.
    TooOften(Failure),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Protocol(Origin::Client, refusal)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let Failure(problem) = Failure::from(error);
        Self::Protocol(Origin::Service, Refusal::new(FaultCode::InternalError, &problem.title))
    }
}

impl Refused {
    /// What the hub refuses as a provider.
    pub(super) fn by_provider(code: FaultCode, text: impl std::fmt::Display) -> Self {
        Self::Protocol(Origin::ServerProxy, Refusal::new(code, text))
    }

    /// The fault: 500, as SOAP 1.1 has it, and counted as what it means. It is signed where the question was.
    pub(super) async fn answer(
        &self,
        trembita: &Trembita,
        http: &HttpRequest,
        signing: Option<&Signing>,
    ) -> HttpResponse {
        let id = RequestFrame::of(http).id().to_string();
        let envelope = match self {
            Self::Protocol(origin, refusal) => refusal.envelope(*origin, trembita.dialect, &id),
            Self::Signature(refusal) => refusal.envelope(&id),
            Self::TooOften(failure) => return failure.error_response(),
        };
        let envelope = match signing {
            None => envelope,
            Some(signing) => match signing.sign(envelope).await {
                Ok(signed) => signed,
                Err(error) => return Failure::from(error).error_response(),
            },
        };
        let mut response =
            HttpResponse::InternalServerError().insert_header((CONTENT_TYPE, TEXT_XML)).body(envelope);
        response.extensions_mut().insert(CountedAs(self.counted()));
        response
    }

    /// The status that it is counted as.
    fn counted(&self) -> u16 {
        let (origin, refusal) = match self {
            Self::Protocol(origin, refusal) => (origin, refusal),
            Self::Signature(_) => return 401,
            Self::TooOften(_) => return 429,
        };
        match (origin, &refusal.code) {
            (_, FaultCode::AccessDenied | FaultCode::ServiceDisabled) => 403,
            (_, FaultCode::UnknownService | FaultCode::UnknownMember) => 404,
            (Origin::Client, _) => 400,
            (
                Origin::ClientProxy | Origin::ServerProxy | Origin::Service | Origin::ServiceSeenByClient,
                _,
            ) => 500,
        }
    }
}
