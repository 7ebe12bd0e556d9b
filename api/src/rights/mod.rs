//! Who may do what, as types. A handler that asks for [`Granted`] or [`GrantedAt`] cannot run without the
//! right, and one that does not ask cannot reach a checkpoint's data, because services take the actor.
//!
//! The permissions themselves are in [`permissions`]; the contract lists the roles of each operation under
//! `x-roles`, and a test tries every operation with every role.

mod actor;
mod granted;
pub mod permissions;
mod purpose;
mod sender;

pub use actor::{Credential, PeerCertificate, authenticate, brings_credential};
pub(crate) use actor::{meet, met};
pub use granted::{Granted, GrantedAt};
pub use permissions::{Permission, names};
pub use purpose::Purposeful;
pub use sender::Sender;
