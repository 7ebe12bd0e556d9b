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
    /// Reads the waiting queue (Q23).
    ReadQueue: &[Role::BorderGuard, Role::Customs, Role::QueueOperator];
    /// Reads who is called, with the driver's name (Q31).
    ReadCallList: &[Role::BorderGuard];
    /// Asks whether a vehicle may enter (Q31).
    Admit: &[Role::BorderGuard];
    /// Takes the signed list of the gate (Q31).
    ReadAdmissionList: &[Role::BorderGuard];
    /// Follows what changes in a queue, as far as the role sees it (Q23, Q33).
    FollowQueue: &[
        Role::BorderGuard, Role::Customs, Role::QueueOperator, Role::ZoneOperator, Role::Police,
    ];
    /// Reads the queue of its own waiting zone (Q23).
    ReadZoneQueue: &[Role::ZoneOperator];
    /// Reads who was directed to a checkpoint (Q33).
    ReadDirected: &[Role::Police];
    /// Reads a booking of its own on behalf of its holder, and renews the holder's secret (Q25, Q34).
    ServeHolders: &[Role::QueueOperator];
    /// Declares and changes outages (H3.16; the second line out of hours, H3.3).
    DeclareOutages: &[Role::SupportLine1, Role::SupportLine2];
    /// Reads outages and the feed of notices: everyone whom an outage stops.
    ReadOutages: &Role::ALL;
    /// Reads where a notice was delivered (H3.16, H3.17).
    ReadDeliveries: &[
        Role::SupportLine1, Role::SupportLine2, Role::SupportLine3, Role::PressOffice, Role::Taxud, Role::Administrator,
    ];
}
