//! The permissions, each with the roles that hold it and the clause that says so.

use kordon_hub::crossings::rules::STATING_ROLES;
use kordon_hub::parties::Role;

/// A permission: which roles hold it.
pub trait Permission: 'static {
    /// The roles that hold it.
    const ROLES: &'static [Role];
}

/// The names of the roles that hold a permission, for the contract.
#[must_use]
pub fn names<P: Permission>() -> Vec<&'static str> {
    P::ROLES.iter().map(|role| role.as_str()).collect()
}

macro_rules! permissions {
    ($($(#[doc = $doc:literal])* $name:ident: $roles:expr;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Permission for $name {
            const ROLES: &'static [Role] = $roles;
        }
    )*};
}

permissions! {
    /// Reads reference data: every system that has to name a place.
    ReadReference: &Role::ALL;
    /// States checkpoint events of its own kinds (Q31, Q32).
    RecordEvents: STATING_ROLES;
    /// Reads what was stated at a checkpoint (Q23).
    ReadEvents: &[Role::BorderGuard, Role::Customs];
    /// Places unmatched events (Q31, Q34).
    PlaceEvents: &[Role::BorderGuard, Role::QueueOperator];
    /// Reads a crossing (Q23).
    ReadCrossings: &[Role::BorderGuard, Role::Customs, Role::QueueOperator];
    /// Books vehicles (Q34).
    Book: &[Role::QueueOperator];
    /// Calls vehicles (Q13, Q34).
    Call: &[Role::QueueOperator];
    /// Reads why a vehicle was called: the operator, and whoever settles a dispute (Q31, Q34).
    ReadCalls: &[Role::QueueOperator, Role::BorderGuard, Role::Administrator];
    /// Pauses calls and lets them go on (Q13, Q31, Q34).
    PauseCalls: &[Role::QueueOperator, Role::BorderGuard];
    /// Reads the waiting queue (Q23).
    ReadQueue: &[Role::BorderGuard, Role::Customs, Role::QueueOperator];
    /// Reads the predicted entries of those who wait (Q23).
    ReadPredictions: &[Role::BorderGuard, Role::Customs, Role::QueueOperator];
    /// Reads how good predictions have been: figures without persons, for everyone.
    ReadPredictionAccuracy: &Role::ALL;
    /// Reads who is called, with the driver's name (Q31).
    ReadCallList: &[Role::BorderGuard];
    /// Asks whether a vehicle may enter (Q31).
    Admit: &[Role::BorderGuard];
    /// Declares and changes outages (H3.16; the second line out of hours, H3.3).
    DeclareOutages: &[Role::SupportLine1, Role::SupportLine2];
    /// Reads outages and the feed of notices: everyone whom an outage stops.
    ReadOutages: &Role::ALL;
    /// Reads where a notice was delivered (H3.16, H3.17).
    ReadDeliveries: &[
        Role::SupportLine1, Role::SupportLine2, Role::SupportLine3, Role::PressOffice, Role::Taxud, Role::Administrator,
    ];
}
