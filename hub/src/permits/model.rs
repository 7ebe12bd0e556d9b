//! The facts about a request for a permit, and about the permit. What follows from them is in
//! [`super::rules`].

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use kordon_schemas::codes::{Edrpou, OfficeReference, Rnokpp};
use kordon_schemas::outages::AffectedSystem;
pub use kordon_schemas::permits::{
    DataToWithdraw, PermitAsk, PermitRequestState, PermitState, PermitTrader, PermitUse, RefusalGround,
    ToldParty, TraderKind,
};
use uuid::Uuid;

use crate::outages::OutageId;
use crate::parties::SystemId;
use crate::support::tickets::TicketId;

/// The id of a request, a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub Uuid);

impl RequestId {
    /// A new id.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "two defaults would differ")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A departure office's request, its decision and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Its ticket.
    pub ticket: TicketId,
    /// What is asked for.
    pub asks: PermitAsk,
    /// Where it stands.
    pub state: PermitRequestState,
    /// The departure office.
    pub office: OfficeReference,
    /// The holder of the procedure.
    pub trader: Trader,
    /// Which systems fail, as the trader sees it; never empty.
    pub systems: BTreeSet<AffectedSystem>,
    /// When the incident began.
    pub began_at: DateTime<Utc>,
    /// Until when the trader agrees to wait.
    pub agreed_until: DateTime<Utc>,
    /// What the office checked.
    pub checks: String,
    /// Whether the office sees the incident itself.
    pub seen_by_office: bool,
    /// Which system filed it.
    pub filed_by: SystemId,
    /// The customs office as a legal entity, where line 1 filed it for one: its system sees it, too.
    pub customs: Option<Edrpou>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// What line 2 found, at last.
    pub decision: Option<Decision>,
    /// What it had found before, when the incident was solved later.
    pub confirmed: Option<Confirmed>,
    /// Who was told of it, and when.
    pub told: Told,
    /// The permit.
    pub permit: Option<Permit>,
    /// When all was over.
    pub closed_at: Option<DateTime<Utc>>,
}

impl Request {
    /// When line 2 decided first: the four hours are over then (H4.5), whatever it found later.
    #[must_use]
    pub fn first_decided_at(&self) -> Option<DateTime<Utc>> {
        let confirmed = self.confirmed.as_ref().map(|confirmed| &confirmed.decision);
        confirmed.or(self.decision.as_ref()).map(|decision| decision.at)
    }
}

/// By what a trader is known (Order 926, section II, clause 3, item 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraderCode {
    /// A legal entity, by its code, which is public.
    LegalEntity(Edrpou),
    /// A sole trader, by the tax number. Personal data: shown only where a purpose is stated.
    SoleTrader(Rnokpp),
}

impl TraderCode {
    /// The code of a legal entity, for what is read without a purpose.
    #[must_use]
    pub const fn legal_entity(&self) -> Option<&Edrpou> {
        match self {
            Self::LegalEntity(edrpou) => Some(edrpou),
            Self::SoleTrader(_) => None,
        }
    }

    /// The tax number of a sole trader.
    #[must_use]
    pub const fn sole_trader(&self) -> Option<&Rnokpp> {
        match self {
            Self::LegalEntity(_) => None,
            Self::SoleTrader(rnokpp) => Some(rnokpp),
        }
    }

    /// What the trader is.
    #[must_use]
    pub const fn kind(&self) -> TraderKind {
        match self {
            Self::LegalEntity(_) => TraderKind::LegalEntity,
            Self::SoleTrader(_) => TraderKind::SoleTrader,
        }
    }
}

/// The holder of the procedure, and how to tell them. The contact is personal data; of a sole trader all is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trader {
    /// By what the trader is known.
    pub code: TraderCode,
    /// The name.
    pub name: String,
    /// Who is to be told there.
    pub person: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The telephone number.
    pub telephone: Option<String>,
}

impl Trader {
    /// The name of a legal entity, for what is read without a purpose.
    #[must_use]
    pub fn public_name(&self) -> Option<&str> {
        self.code.legal_entity().map(|_| self.name.as_str())
    }

    /// The trader as it is shown to those who state a purpose.
    #[must_use]
    pub fn seen(self) -> PermitTrader {
        let Self { code, name, person, email, telephone } = self;
        let (edrpou, rnokpp) = match code {
            TraderCode::LegalEntity(edrpou) => (Some(edrpou), None),
            TraderCode::SoleTrader(rnokpp) => (None, Some(rnokpp)),
        };
        PermitTrader { name, edrpou, rnokpp, person, email, telephone }
    }
}

/// A confirmed failure that was solved before the procedure could be used: a refusal took the place of the
/// confirmation (H4.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The confirmation.
    pub decision: Decision,
    /// Who was told of it.
    pub told: Told,
}

/// What line 2 found (H4.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: DateTime<Utc>,
    /// Which system of line 2.
    pub by: SystemId,
    /// What was checked and found.
    pub reason: String,
    /// Why it is refused; `None`: the failure is confirmed.
    pub refused: Option<RefusalGround>,
}

/// When each of the two was told of the decision (H4.6, H4.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// The departure office.
    pub office: Option<DateTime<Utc>>,
    /// The trader.
    pub trader: Option<DateTime<Utc>>,
}

impl Told {
    /// When the later of the two was told; `None` while one was not.
    #[must_use]
    pub fn both(self) -> Option<DateTime<Utc>> {
        self.office.zip(self.trader).map(|(office, trader)| office.max(trader))
    }

    /// When this one was told.
    #[must_use]
    pub const fn of(self, party: ToldParty) -> Option<DateTime<Utc>> {
        match party {
            ToldParty::DepartureOffice => self.office,
            ToldParty::Trader => self.trader,
        }
    }

    /// The same, with this one told at `at`.
    #[must_use]
    pub const fn with(self, party: ToldParty, at: DateTime<Utc>) -> Self {
        match party {
            ToldParty::DepartureOffice => Self { office: Some(at), ..self },
            ToldParty::Trader => Self { trader: Some(at), ..self },
        }
    }
}

/// A permit. It is in force from the moment when both were told, for 24 hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// Its number.
    pub number: String,
    /// The systems whose failure was confirmed; never empty, and all of them were asked for.
    pub systems: BTreeSet<AffectedSystem>,
    /// The outage that it rests on; `None`: the trader's own link fails.
    pub outage: Option<OutageId>,
    /// The permit before it.
    pub continues: Option<String>,
    /// When it was given.
    pub issued_at: DateTime<Utc>,
    /// From when until when it is valid; `None`: not both were told.
    pub valid: Option<Validity>,
    /// Whether the Fallback flag of the outage was raised for it.
    pub raised_fallback: bool,
    /// When its end was announced.
    pub warned_at: Option<DateTime<Utc>>,
    /// When its expiry was told.
    pub expiry_noted_at: Option<DateTime<Utc>>,
    /// When it was taken back, and why.
    pub revoked: Option<(DateTime<Utc>, String)>,
    /// Why it was not used.
    pub not_used_because: Option<String>,
    /// When the office had reported all.
    pub closed_at: Option<DateTime<Utc>>,
}

/// A use of a permit, and when it was reported first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The use.
    pub used: PermitUse,
    /// When.
    pub at: DateTime<Utc>,
}

/// The 24 hours of a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The moment when both had been told.
    pub from: DateTime<Utc>,
    /// 24 hours later.
    pub until: DateTime<Utc>,
}
