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
    /// Reads bookings: an operator those that it runs, border guard and customs those of their checkpoints
    /// (Q22, Q23, Q34).
    ReadBookings: &[Role::BorderGuard, Role::Customs, Role::QueueOperator];
    /// Changes the bookings that it runs (Q11, Q34).
    ChangeBookings: &[Role::QueueOperator];
    /// Reads what is free in the slots (Q34).
    ReadSlots: &[Role::QueueOperator];
    /// Files petitions for the priority queue (Q2, Q21).
    FilePetitions: &[Role::QueueOperator];
    /// Decides them (Q11, Q21).
    DecidePetitions: &[Role::BorderGuard, Role::QueueOperator];
    /// Reads them (Q21, Q23).
    ReadPetitions: &[Role::BorderGuard, Role::QueueOperator];
    /// Reads the rules of a checkpoint and who runs its queue: all whom they bind (Q9, Q11).
    ReadRules: &[
        Role::BorderGuard, Role::Customs, Role::QueueOperator, Role::ZoneOperator, Role::Police, Role::Ministry,
        Role::Administrator,
    ];
    /// Puts the rules of a checkpoint, by an authority's decision (Q9, Q11).
    PutRules: &[Role::Ministry, Role::Administrator];
    /// Hands the queue of a checkpoint to an operator (Q23).
    HandOverQueue: &[Role::Administrator];
    /// Calls vehicles (Q13, Q34).
    Call: &[Role::QueueOperator];
    /// Reads why a vehicle was called: the operator, and whoever settles a dispute (Q31, Q34).
    ReadCalls: &[Role::QueueOperator, Role::BorderGuard];
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
    /// Puts the tariff of a checkpoint (Q38 to Q40).
    PutTariffs: &[Role::Administrator];
    /// Reads the tariffs of a checkpoint (Q37): whoever takes, gets or oversees the fee.
    ReadTariffs: &[Role::QueueOperator, Role::ZoneOperator, Role::Ministry, Role::Administrator];
    /// Asks what a booking costs (Q37).
    QuoteFees: &[Role::QueueOperator];
    /// Records payments and refunds, which are the operator's (Q37, Q42).
    RecordFees: &[Role::QueueOperator];
    /// Reads statements: an operator its own, a waiting zone its own (Q38 to Q40).
    ReadStatements: &[Role::QueueOperator, Role::ZoneOperator];
    /// Reads figures, which hold no personal data (Q26 to Q30).
    ReadFigures: &[
        Role::Ministry, Role::QueueOperator, Role::BorderGuard, Role::Customs, Role::Administrator,
    ];
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
    /// Reads, changes and lets go the text of a planned notice before the press office gets it (H3.16).
    ReviewPressTexts: &[Role::SupportLine1, Role::SupportLine2];
    /// Reads outages and the feed of notices: everyone whom an outage stops.
    ReadOutages: &Role::ALL;
    /// Reads where a notice was delivered (H3.16, H3.17).
    ReadDeliveries: &[
        Role::SupportLine1, Role::SupportLine2, Role::SupportLine3, Role::PressOffice, Role::Taxud, Role::Administrator,
    ];
    /// Records what was published of a notice (H3.17).
    RecordPublications: &[Role::PressOffice];
    /// Hands in the rejection of a notice (H3.16).
    RejectNotices: &[Role::Taxud];
    /// Files tickets: users by the web module, line 1 for those who call (H2.2).
    RegisterTickets: &[Role::SupportLine1, Role::DepartureOffice, Role::Trader];
    /// Reads tickets: the lines their work, users their own (H3.8).
    ReadTickets: &[
        Role::SupportLine1, Role::SupportLine2, Role::SupportLine3, Role::DepartureOffice, Role::Trader,
    ];
    /// Moves tickets: the lines, and users who confirm or object (H3.9).
    MoveTickets: &[
        Role::SupportLine1, Role::SupportLine2, Role::SupportLine3, Role::DepartureOffice, Role::Trader,
    ];
    /// Sets priorities and extends deadlines (H3.12, H3.13).
    HandleTickets: &[Role::SupportLine1, Role::SupportLine2];
    /// Records what the user was told (H3.14).
    TellUsers: &[Role::SupportLine1];
    /// Hands in mail, and reads what was not registered: line 1, and line 2 for what came out of hours (H2.2,
    /// H3.3).
    HandInMail: &[Role::SupportLine1, Role::SupportLine2];
    /// Registers mail that lacked something (H2.2).
    RegisterMail: &[Role::SupportLine1];
    /// Watches all tickets each day (H3.2).
    ControlTickets: &[Role::SupportLine1];
    /// Reads the figures of the support service (H3.2).
    ReadTicketFigures: &[Role::SupportLine1, Role::SupportLine2, Role::Administrator];
    /// Writes, publishes and withdraws articles of the questions-and-answers section (H3.2).
    WriteArticles: &[Role::SupportLine1];
    /// Reads articles that are not published too: those who answer by them (H3.15).
    ReadArticles: &[Role::SupportLine1, Role::SupportLine2, Role::SupportLine3];
    /// Names the people involved in a matter (H3.2).
    NamePeople: &[Role::SupportLine1];
    /// Writes to users through the channel of the ticket (H3.14).
    AnswerUsers: &[Role::SupportLine1];
    /// Files requests for the continuity procedure; line 1 for offices that telephone (H4.3).
    RequestPermits: &[Role::SupportLine1, Role::DepartureOffice];
    /// Reads requests and permits: lines 1 and 2 all, an office and a trader their own (H4.4, H3.8).
    ReadPermits: &[Role::SupportLine1, Role::SupportLine2, Role::DepartureOffice, Role::Trader];
    /// Confirms or refutes a failure (H4.5).
    DecidePermits: &[Role::SupportLine2];
    /// Reports uses and withdrawals; line 1 for offices that telephone (H4.8).
    ReportPermits: &[Role::SupportLine1, Role::DepartureOffice];
    /// Takes a permit back (H4.1: the support service gives it).
    RevokePermits: &[Role::SupportLine1, Role::SupportLine2];
    /// Reads how often traders use the continuity procedure: who watches for misuse, a trader its own (H4.1).
    ReadContinuityUse: &[Role::SupportLine2, Role::Customs, Role::Ministry, Role::Trader];
    /// States how many declarations a trader lodged in a year (H4.1).
    StateDeclarationTotals: &[Role::SupportLine2, Role::Customs];
    /// States a permit as a document of a crossing (Q21, Q32).
    StateCrossingPermits: &[Role::QueueOperator, Role::Customs];
    /// Reads the permits of a crossing (Q21, Q23).
    ReadCrossingPermits: &[Role::BorderGuard, Role::Customs, Role::QueueOperator];
    /// Fetches the evidence of an exchange of its own; the administrator that of all (Q23).
    FetchEvidence: &Role::ALL;
    /// Hands in documents and fetches its own: whoever has the right to any act that a document may hold
    /// (Q23, Q31, Q32, H4.8).
    ExchangeDocuments: &[
        Role::BorderGuard, Role::Customs, Role::QueueOperator, Role::ZoneOperator, Role::DepartureOffice,
    ];
    /// Checks a permit that is shown on a declaration (H4.8): offices, and the gate.
    CheckPermits: &[
        Role::Customs, Role::BorderGuard, Role::DepartureOffice, Role::SupportLine1, Role::SupportLine2,
    ];
}
