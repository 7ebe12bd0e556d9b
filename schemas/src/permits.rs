//! Continuity permits on the wire: a departure office's request, its decision, the permit, its uses (Order
//! 926, section IV). JSON only.

mod uses;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::codes::{Edrpou, OfficeReference, Rnokpp};
use crate::outages::AffectedSystem;
use crate::support::words;
use crate::tickets::{TelephoneCall, TicketUser};

pub use uses::{PermitReportIn, PermitUse, ReportedUse, UseCorrection, UseCorrectionIn};

words!(
    /// Which of the two requests of clause 3 of section IV a departure office makes (H4.3).
    PermitAsk {
        /// To solve the incident without the continuity procedure.
        Solve = "solve",
        /// To use the continuity procedure, because the incident cannot be solved in the time that the trader agrees to.
        Procedure = "procedure",
    }
);

words!(
    /// Where a request stands.
    PermitRequestState {
        /// Line 2 has not decided.
        Open = "open",
        /// Line 2 confirmed the failure; the procedure was not asked for, so the incident is being solved.
        Confirmed = "confirmed",
        /// Line 2 confirmed the failure; there is a permit.
        Permitted = "permitted",
        /// Refused; not both were told of it yet.
        Refused = "refused",
        /// Over, and its ticket with it (H4.8, H4.9).
        Closed = "closed",
    }
);

words!(
    /// What line 2 found (H4.5).
    PermitOutcome {
        /// The failure is confirmed.
        Confirmed = "confirmed",
        /// The procedure is refused, on a ground.
        Refused = "refused",
    }
);

words!(
    /// Why a request is refused (H4.9).
    RefusalGround {
        /// Line 2 did not confirm the failure.
        NotConfirmed = "not_confirmed",
        /// The incident was solved in the shortest time.
        Solved = "solved",
    }
);

words!(
    /// Where a permit stands.
    PermitState {
        /// Given, and not in force: not both were told of it yet.
        Issued = "issued",
        /// In force: the office and the trader were told, not more than 24 hours ago.
        InForce = "in_force",
        /// Its 24 hours are over. It is never extended; there may be a new one.
        Expired = "expired",
        /// Taken back, or refused before it was in force, because the incident was solved.
        Revoked = "revoked",
        /// The office has reported all uses, or why there was none.
        Closed = "closed",
    }
);

words!(
    /// Who is told of a decision (H4.6, H4.9).
    ToldParty {
        /// The departure office.
        DepartureOffice = "departure_office",
        /// The trader.
        Trader = "trader",
    }
);

words!(
    /// Which number transit data has.
    DataNumberKind {
        /// The number that the declarant gave.
        Lrn = "lrn",
        /// The number that NCTS allocated.
        Mrn = "mrn",
    }
);

words!(
    /// What a trader is (II.3): only a legal entity is named to those who did not say what they need it for.
    TraderKind {
        /// A legal entity, known by its EDRPOU code.
        LegalEntity = "legal_entity",
        /// A sole trader, known by the tax number (RNOKPP). Who it is, is personal data.
        SoleTrader = "sole_trader",
    }
);

/// The holder of the procedure, and how to tell them of the decision. The contact is personal data, and so
/// is all that is said of a sole trader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitTrader {
    /// The name of the legal entity, or of the sole trader.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The code of the legal entity. This or `rnokpp`, not both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub edrpou: Option<Edrpou>,
    /// The tax number of the sole trader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub rnokpp: Option<Rnokpp>,
    /// Who is to be told there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub person: Option<String>,
    /// The e-mail address. This or the telephone is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 3, max_length = 254, example = "dispatch@example.com")]
    pub email: Option<String>,
    /// The telephone number, 7 to 15 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 7, max_length = 30, example = "+380 44 123 45 67")]
    pub telephone: Option<String>,
}

/// Transit data that was lodged in NCTS and must be withdrawn from it when the procedure is used: nothing runs in both worlds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DataToWithdraw {
    /// Which number it has.
    pub kind: DataNumberKind,
    /// The LRN or MRN.
    #[schema(min_length = 1, max_length = 22, example = "26UA408050000042L4")]
    pub number: String,
    /// When it was withdrawn; left out: it still must be.
    #[serde(
        default,
        deserialize_with = "crate::instant::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// A departure office's request (H4.2, H4.3). It is registered as a ticket at the same moment; what is missing is named, and nothing is
/// registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitRequestIn {
    /// Which of the two requests.
    pub asks: PermitAsk,
    /// The customs official who asks.
    pub user: TicketUser,
    /// The departure office.
    pub office: OfficeReference,
    /// The holder of the procedure, with whom the request is agreed.
    pub trader: PermitTrader,
    /// Which systems fail, as the trader sees it.
    #[schema(min_items = 1, max_items = 4)]
    pub systems: Vec<AffectedSystem>,
    /// What the trader reported about the incident.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10000)]
    pub substance: String,
    /// When the incident began: at most 7 days ago.
    #[serde(deserialize_with = "crate::instant::read")]
    pub began_at: DateTime<Utc>,
    /// Until when the trader agrees to wait for a solution: the shortest time of clause 3. Within 7 days of the incident's beginning.
    #[serde(deserialize_with = "crate::instant::read")]
    pub agreed_until: DateTime<Utc>,
    /// What the office checked in its own systems, and what it saw.
    #[schema(min_length = 1, max_length = 2000)]
    pub checks: String,
    /// Whether the office sees the incident itself; `false`: the trader insists on it.
    pub seen_by_office: bool,
    /// Transit data of this trader that was lodged before the incident and is not processed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub to_withdraw: Vec<DataToWithdraw>,
    /// The call, when line 1 enters the request for an office that telephoned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<TelephoneCall>,
    /// The recorded mail, when line 1 enters the request for an office that wrote: the request was received
    /// when the mail was, and the mail is settled with it. In place of `call`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub message: Option<Uuid>,
    /// The code of the customs office as a legal entity, when line 1 enters the request: its own system sees
    /// the request then, and reports on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub customs_edrpou: Option<Edrpou>,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitRefusal {
    /// The ground of clause 9.
    pub ground: RefusalGround,
    /// What was found, in words.
    pub reason: String,
}

/// Where a permit may be used, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitScope {
    /// The departure office that may accept paper declarations under it.
    pub office: OfficeReference,
    /// The systems whose failure was confirmed: those that were asked for and that the outage takes away, and the trader's own link.
    #[schema(min_items = 1, max_items = 4)]
    pub systems: Vec<AffectedSystem>,
}

/// The stamp on each paper declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitStamp {
    /// Its lines.
    #[schema(min_items = 4, max_items = 4)]
    pub lines: Vec<String>,
    /// Its width and height in millimetres.
    #[schema(min_items = 2, max_items = 2)]
    pub millimetres: Vec<u16>,
}

/// A continuity permit: leave to use paper declarations for 24 hours (H4.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Permit {
    /// Its number: the day and minute in Kyiv when it was given, the count of that day, a check digit. Never of an MRN's form.
    #[schema(
        pattern = "^UA-BCP-[0-9]{8}-[0-9]{4}-[0-9]{3,6}-[0-9]$",
        example = "UA-BCP-20261123-1140-001-0"
    )]
    pub number: String,
    /// Where it stands at the time of the answer.
    pub state: PermitState,
    /// Where it may be used.
    pub scope: PermitScope,
    /// The outage that it rests on. Left out: the trader's own link failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<Uuid>,
    /// The permit that this one follows: there is no extension.
    pub continues: Option<String>,
    /// When it was given.
    pub issued_at: DateTime<Utc>,
    /// From when: the moment when the later of the two was told. `null`: not both were told.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when: 24 hours later, whatever the working hours and the clock changes.
    pub valid_until: Option<DateTime<Utc>>,
    /// What is stamped on each declaration; `null` until it is in force.
    pub stamp: Option<PermitStamp>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why.
    pub revoked_because: Option<String>,
}

/// Where a request stands. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitRequestSummary {
    /// The request's id.
    pub id: Uuid,
    /// Its ticket.
    pub ticket: Uuid,
    /// The registration number of the ticket.
    #[schema(pattern = "^[0-9]{4}-[0-9]{6,}$")]
    pub registration_number: String,
    /// What is asked for.
    pub asks: PermitAsk,
    /// Where it stands.
    pub state: PermitRequestState,
    /// The departure office.
    pub office: OfficeReference,
    /// The code of the customs office as a legal entity, whose system sees the request beside the one that
    /// filed it. Left out: none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub customs_edrpou: Option<Edrpou>,
    /// What the trader is.
    pub trader_kind: TraderKind,
    /// The name of a legal entity. Left out of a sole trader: the whole request names it, to those who state a
    /// purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub trader_name: Option<String>,
    /// The code of a legal entity. Left out of a sole trader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub trader_edrpou: Option<Edrpou>,
    /// Which systems fail, as the trader sees it. A permit names those whose failure was confirmed.
    #[schema(min_items = 1, max_items = 4)]
    pub systems: Vec<AffectedSystem>,
    /// When the request was received.
    pub received_at: DateTime<Utc>,
    /// Until when line 2 decides: 4 hours from receipt by the clock, not by working hours (H4.5).
    pub decide_by: DateTime<Utc>,
    /// Whether that time is past without a decision, or the decision came after it.
    pub decided_late: bool,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused.
    pub refusal: Option<PermitRefusal>,
    /// When the departure office was told of the decision.
    pub office_told_at: Option<DateTime<Utc>>,
    /// When the trader was told of it.
    pub trader_told_at: Option<DateTime<Utc>>,
    /// The permit.
    pub permit: Option<Permit>,
    /// How many of its uses were released after its end, or reported after the office had said that it
    /// reported all. Left out: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, minimum = 1)]
    pub late_uses: Option<u64>,
}

/// A request with all that belongs to it, the contacts among it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitRequest {
    /// Where it stands.
    #[serde(flatten)]
    pub summary: PermitRequestSummary,
    /// The customs official who asks.
    pub user: TicketUser,
    /// The trader and how to tell them.
    pub trader: PermitTrader,
    /// What the trader reported.
    pub substance: String,
    /// When the incident began.
    pub began_at: DateTime<Utc>,
    /// Until when the trader agreed to wait.
    pub agreed_until: DateTime<Utc>,
    /// What the office checked.
    pub checks: String,
    /// Whether the office sees the incident itself.
    pub seen_by_office: bool,
    /// Transit data to withdraw, or withdrawn.
    pub to_withdraw: Vec<DataToWithdraw>,
    /// The uses that were reported.
    pub uses: Vec<ReportedUse>,
    /// The uses whose number or day was corrected, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub use_corrections: Vec<UseCorrection>,
    /// Why the permit was not used.
    pub not_used_because: Option<String>,
    /// The tellings whose moments were corrected, in order.
    #[serde(default)]
    pub corrections: Vec<TellingCorrection>,
    /// What line 2 had confirmed before it refused, because the incident was solved. Left out: it had not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub confirmed_before: Option<PermitConfirmation>,
}

/// A failure that line 2 confirmed, and that was solved before the procedure could be used (H4.9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitConfirmation {
    /// When it was confirmed.
    pub confirmed_at: DateTime<Utc>,
    /// What was found then, in words.
    pub reason: String,
    /// When the departure office was told of the permit, if it was.
    pub office_told_at: Option<DateTime<Utc>>,
    /// When the trader was told of it, if it was.
    pub trader_told_at: Option<DateTime<Utc>>,
}

/// A page of requests, what is to be decided first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitRequestPage {
    /// The requests of this page.
    pub items: Vec<PermitRequestSummary>,
    /// Give it as `after` to get the next page; `null` on the last one.
    pub next: Option<Uuid>,
}

/// What line 2 found (H4.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitDecisionIn {
    /// Confirmed or refused.
    pub outcome: PermitOutcome,
    /// The ground of a refusal, and only of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<RefusalGround>,
    /// What was checked and found, in words.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// The outage that runs, one of Ukraine's own. Needed to confirm, unless only the trader's own link fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<Uuid>,
}

/// That somebody was told of the decision (H4.6, H4.9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitTellingIn {
    /// Who.
    pub of: ToldParty,
    /// When, if that was before now; not before the decision.
    #[serde(
        default,
        deserialize_with = "crate::instant::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub told_at: Option<DateTime<Utc>>,
    /// Why the moment that was recorded before is wrong: then `told_at` takes its place, and the 24 hours with it. Left out: nothing was
    /// recorded of this one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub corrects: Option<String>,
}

/// A telling whose moment was recorded wrongly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TellingCorrection {
    /// Who was told.
    pub of: ToldParty,
    /// The moment that was recorded.
    pub told_at_before: DateTime<Utc>,
    /// The moment that took its place.
    pub told_at: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// When it was corrected.
    pub corrected_at: DateTime<Utc>,
}

/// That a permit is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevocationIn {
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Whether a permit holds now: as much as an office needs that was shown a stamped declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermitCheck {
    /// The number that was asked about.
    pub number: String,
    /// Whether paper declarations may be accepted under it at this moment.
    pub valid: bool,
    /// Where it stands.
    pub state: PermitState,
    /// Where it may be used.
    pub scope: PermitScope,
    /// From when.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when at the latest.
    pub valid_until: Option<DateTime<Utc>>,
    /// Whether it was given to the trader whose code was asked about; `null`: none was.
    pub trader_matches: Option<bool>,
    /// The moment of this answer.
    pub checked_at: DateTime<Utc>,
}

/// That a vehicle travels under a permit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitReferenceIn {
    /// The number of the permit.
    #[schema(
        pattern = "^UA-BCP-[0-9]{8}-[0-9]{4}-[0-9]{3,6}-[0-9]$",
        example = "UA-BCP-20261123-1140-001-0"
    )]
    pub number: String,
}

/// The permits that were given as documents of a crossing, each as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrossingPermits {
    /// The crossing, which is also its booking.
    pub crossing: Uuid,
    /// The permits, by their numbers.
    pub items: Vec<PermitCheck>,
}
