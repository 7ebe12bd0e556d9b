//! Extractors that stand for a right.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use kordon_hub::parties::{Actor, reaches};
use kordon_schemas::{CheckpointCode, ProblemCode};

use super::{Permission, authenticate};
use crate::Hub;
use crate::problem::{Failure, Result};

/// The actor, who holds permission `P`.
#[derive(Debug, Clone)]
pub struct Granted<P> {
    /// Who.
    pub actor: Arc<Actor>,
    permission: PhantomData<P>,
}

impl<P: Permission> Granted<P> {
    async fn to(request: HttpRequest) -> Result<(Self, web::Data<Hub>)> {
        let hub = hub(&request)?;
        let actor = authenticate(&request, &hub).await?;
        if !P::ROLES.contains(&actor.role) {
            let detail = format!("the role {} does not do this", actor.role);
            return Err(Failure::new(ProblemCode::Forbidden, detail));
        }
        Ok((Self { actor, permission: PhantomData }, hub))
    }

    /// The same right at a checkpoint, if the actor's scope reaches it.
    ///
    /// # Errors
    /// [`ProblemCode::OutOfScope`].
    pub fn at(&self, checkpoint: &CheckpointCode) -> Result<()> {
        if reaches(&self.actor, checkpoint) {
            Ok(())
        } else {
            Err(Failure::new(ProblemCode::OutOfScope, format!("this system does not act at {checkpoint}")))
        }
    }
}

impl<P: Permission> Granted<P> {
    /// The right to what a message holds, for the same actor: whoever may send a document need not have the
    /// right to the act in it.
    ///
    /// # Errors
    /// [`ProblemCode::Forbidden`].
    pub fn also<Q: Permission>(&self) -> Result<Granted<Q>> {
        if !Q::ROLES.contains(&self.actor.role) {
            let detail = format!("the role {} does not do this", self.actor.role);
            return Err(Failure::new(ProblemCode::Forbidden, detail));
        }
        Ok(Granted { actor: Arc::clone(&self.actor), permission: PhantomData })
    }

    /// For an extractor of this module that has asked for the permission itself.
    pub(super) fn to_one_who_may(actor: Arc<Actor>) -> Self {
        Self { actor, permission: PhantomData }
    }
}

/// The hub behind a request.
pub(super) fn hub(request: &HttpRequest) -> Result<web::Data<Hub>> {
    let hub = request.app_data::<web::Data<Hub>>().cloned();
    hub.ok_or_else(|| kordon_hub::Error::Internal("the server was started without its hub".into()).into())
}

impl<P: Permission> FromRequest for Granted<P> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::to(request).await.map(|(granted, _)| granted) })
    }
}

/// The actor, who holds permission `P` at the checkpoint in the address, which exists.
#[derive(Debug, Clone)]
pub struct GrantedAt<P> {
    /// Who.
    pub actor: Arc<Actor>,
    /// Where.
    pub checkpoint: CheckpointCode,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequest for GrantedAt<P> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let named = request.match_info().get("checkpoint").unwrap_or_default().to_owned();
            let (granted, hub) = Granted::<P>::to(request).await?;
            let checkpoint = CheckpointCode::parse(&named)
                .map_err(|fault| Failure::malformed("path:checkpoint", fault.to_string()))?;
            granted.at(&checkpoint)?;
            if !hub.checkpoints.contains(&checkpoint) {
                return Err(
                    kordon_hub::Error::NotFound { what: "checkpoint", id: checkpoint.to_string() }.into()
                );
            }
            let Granted { actor, permission } = granted;
            Ok(Self { actor, checkpoint, permission })
        })
    }
}
