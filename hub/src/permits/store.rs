//! The SQL of requests and permits. That of the uses and of the data to withdraw is in `uses`, of what ends
//! in `ends`, of crossings in `references`.

mod corrections;
mod ends;
pub(super) mod references;
mod uses;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use kordon_schemas::codes::{Edrpou, OfficeReference, Rnokpp};
use kordon_schemas::outages::AffectedSystem;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::{
    Confirmed, Decision, Permit, PermitAsk, PermitRequestState, RefusalGround, Request, RequestId, Told,
    Trader, TraderCode, Validity,
};
pub(super) use corrections::{add_correction, corrections};
pub(super) use ends::{others_rest_on, to_expire, to_warn};
pub(super) use uses::{add_uses, correct_use, data, state_data, use_corrections, uses, uses_of};

use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::outages::OutageId;
use crate::parties::SystemId;
use crate::support::tickets::TicketId;

/// A read of requests: every column that makes one, and what follows the table's name.
macro_rules! select_requests {
    ($rest:literal) => {
        concat!(
            "SELECT id, ticket_id, asks, state, office, trader_name, trader_edrpou, trader_contact, systems, began_at,
                    agreed_until, checks, seen_by_office, filed_by, received_at, decided_at, decided_by, decision_reason,
                    refusal_ground, office_told_at, trader_told_at, permit_number, outage_id, continues, valid_from,
                    valid_until, raised_fallback, warned_at, expiry_noted_at, revoked_at, revoked_because,
                    not_used_because, closed_at, confirmed_at, confirmed_by, confirmed_because, office_told_before,
                    trader_told_before, permit_systems, customs_edrpou, trader_rnokpp
             FROM permit_requests ",
            $rest
        )
    };
}

#[derive(QueryableByName)]
struct RequestRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    ticket_id: Uuid,
    #[diesel(sql_type = Text)]
    asks: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    office: String,
    #[diesel(sql_type = Text)]
    trader_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    trader_edrpou: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    trader_rnokpp: Option<String>,
    #[diesel(sql_type = Jsonb)]
    trader_contact: serde_json::Value,
    #[diesel(sql_type = Array<Text>)]
    systems: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    began_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    agreed_until: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    checks: String,
    #[diesel(sql_type = Bool)]
    seen_by_office: bool,
    #[diesel(sql_type = SqlUuid)]
    filed_by: Uuid,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    decided_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    decided_by: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    decision_reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    refusal_ground: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    office_told_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    trader_told_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    permit_number: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    outage_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    continues: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    valid_from: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    valid_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    raised_fallback: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    warned_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expiry_noted_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    revoked_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    revoked_because: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    not_used_because: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    closed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    confirmed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    confirmed_by: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    confirmed_because: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    office_told_before: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    trader_told_before: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    permit_systems: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<Text>)]
    customs_edrpou: Option<String>,
}

/// The part of a trader that is personal data, as it is kept.
#[derive(Serialize, Deserialize)]
struct Contact {
    person: Option<String>,
    email: Option<String>,
    telephone: Option<String>,
}

impl RequestRow {
    fn read(self) -> Result<Request> {
        let Contact { person, email, telephone } =
            serde_json::from_value(self.trader_contact).map_err(|_| stored_badly("trader_contact"))?;
        let decision = match (self.decided_at, self.decided_by, self.decision_reason) {
            (Some(at), Some(by), Some(reason)) => Some(Decision {
                at,
                by: SystemId(by),
                reason,
                refused: self
                    .refusal_ground
                    .map(|ground| word(&ground, RefusalGround::from_word))
                    .transpose()?,
            }),
            (None, None, None) => None,
            _ => return Err(stored_badly("decision")),
        };
        let confirmed = match (self.confirmed_at, self.confirmed_by, self.confirmed_because) {
            (Some(at), Some(by), Some(reason)) => Some(Confirmed {
                decision: Decision { at, by: SystemId(by), reason, refused: None },
                told: Told { office: self.office_told_before, trader: self.trader_told_before },
            }),
            (None, None, None) => None,
            _ => return Err(stored_badly("confirmed")),
        };
        let systems = read_systems(&self.systems)?;
        let refused = decision.as_ref().is_some_and(|decision| decision.refused.is_some());
        let permit = match (self.permit_number, self.confirmed_at.or(self.decided_at)) {
            (Some(number), Some(issued_at)) => Some(Permit {
                number,
                systems: match &self.permit_systems {
                    Some(confirmed) => read_systems(confirmed)?,
                    // Given before it was told apart.
                    None => systems.clone(),
                },
                outage: self.outage_id.map(OutageId),
                continues: self.continues,
                issued_at,
                valid: self.valid_from.zip(self.valid_until).map(|(from, until)| Validity { from, until }),
                raised_fallback: self.raised_fallback,
                warned_at: self.warned_at,
                expiry_noted_at: self.expiry_noted_at,
                revoked: self.revoked_at.zip(self.revoked_because),
                not_used_because: self.not_used_because,
                // One that was refused in the end was never reported on.
                closed_at: self.closed_at.filter(|_| !refused),
            }),
            (None, _) => None,
            (Some(_), None) => return Err(stored_badly("permit")),
        };
        Ok(Request {
            id: RequestId(self.id),
            ticket: TicketId(self.ticket_id),
            asks: word(&self.asks, PermitAsk::from_word)?,
            state: word(&self.state, PermitRequestState::from_word)?,
            office: OfficeReference::parse(&self.office).map_err(|_| stored_badly("office"))?,
            trader: Trader {
                code: trader_code(self.trader_edrpou, self.trader_rnokpp)?,
                name: self.trader_name,
                person,
                email,
                telephone,
            },
            systems,
            began_at: self.began_at,
            agreed_until: self.agreed_until,
            checks: self.checks,
            seen_by_office: self.seen_by_office,
            filed_by: SystemId(self.filed_by),
            customs: self
                .customs_edrpou
                .map(|code| Edrpou::parse(&code).map_err(|_| stored_badly("customs_edrpou")))
                .transpose()?,
            received_at: self.received_at,
            decision,
            confirmed,
            told: Told { office: self.office_told_at, trader: self.trader_told_at },
            permit,
            closed_at: self.closed_at,
        })
    }
}

fn trader_code(edrpou: Option<String>, rnokpp: Option<String>) -> Result<TraderCode> {
    match (edrpou, rnokpp) {
        (Some(code), None) => Edrpou::parse(&code).map(TraderCode::LegalEntity).ok(),
        (None, Some(number)) => Rnokpp::parse(&number).map(TraderCode::SoleTrader).ok(),
        (None, None) | (Some(_), Some(_)) => None,
    }
    .ok_or_else(|| stored_badly("trader"))
}

fn read_systems(names: &[String]) -> Result<BTreeSet<AffectedSystem>> {
    names.iter().map(|name| system(name)).collect()
}

fn names(systems: &BTreeSet<AffectedSystem>) -> Vec<&'static str> {
    systems.iter().map(|system| system.as_str()).collect()
}

fn system(name: &str) -> Result<AffectedSystem> {
    AffectedSystem::ALL.into_iter().find(|known| known.as_str() == name).ok_or_else(|| stored_badly(name))
}

fn word<T>(word: &str, read: impl Fn(&str) -> Option<T>) -> Result<T> {
    read(word).ok_or_else(|| stored_badly(word))
}

fn stored_badly(what: &str) -> Error {
    Error::stored_badly("a permit request", what)
}

/// Draws the next number of a day. Its row is locked until the end of the transaction.
pub(super) async fn next_number(connection: &mut Connection, day: NaiveDate) -> Result<i32> {
    #[derive(QueryableByName)]
    struct Drawn {
        #[diesel(sql_type = Integer)]
        last_number: i32,
    }
    let drawn: Drawn = Statement::new(
        "INSERT INTO permit_numbers (day, last_number) VALUES (?, 1)
         ON CONFLICT (day) DO UPDATE SET last_number = permit_numbers.last_number + 1
         RETURNING last_number",
    )
    .bind::<Date, _>(day)
    .get_result(connection)
    .await?;
    Ok(drawn.last_number)
}

/// Adding a request, unless the same one is open already: each kind of trader by its own code.
macro_rules! insert_request {
    ($code:literal) => {
        concat!(
            "INSERT INTO permit_requests (id, ticket_id, asks, state, office, trader_name, trader_edrpou,
                                          trader_rnokpp, trader_contact, systems, began_at, agreed_until, checks,
                                          seen_by_office, filed_by, received_at, decide_by, customs_edrpou)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (office, ",
            $code,
            ", asks) WHERE state = 'open' DO NOTHING"
        )
    };
}

/// Adds a request; `false` when the same one is open already.
pub(super) async fn insert(connection: &mut Connection, request: &Request) -> Result<bool> {
    let Trader { code, name, person, email, telephone } = request.trader.clone();
    let contact = serde_json::to_value(Contact { person, email, telephone })
        .map_err(|error| Error::Internal(error.to_string()))?;
    let added = Statement::new(match code {
        TraderCode::LegalEntity(_) => insert_request!("trader_edrpou"),
        TraderCode::SoleTrader(_) => insert_request!("trader_rnokpp"),
    })
    .bind::<SqlUuid, _>(request.id.0)
    .bind::<SqlUuid, _>(request.ticket.0)
    .bind::<Text, _>(request.asks.as_str())
    .bind::<Text, _>(request.state.as_str())
    .bind::<Text, _>(request.office.as_str().to_owned())
    .bind::<Text, _>(name)
    .bind::<Nullable<Text>, _>(code.legal_entity().map(Edrpou::as_str))
    .bind::<Nullable<Text>, _>(code.sole_trader().map(Rnokpp::as_str))
    .bind::<Jsonb, _>(contact)
    .bind::<Array<Text>, _>(names(&request.systems))
    .bind::<Timestamptz, _>(request.began_at)
    .bind::<Timestamptz, _>(request.agreed_until)
    .bind::<Text, _>(&request.checks)
    .bind::<Bool, _>(request.seen_by_office)
    .bind::<SqlUuid, _>(request.filed_by.0)
    .bind::<Timestamptz, _>(request.received_at)
    .bind::<Timestamptz, _>(super::rules::decide_by(request.received_at))
    .bind::<Nullable<Text>, _>(request.customs.as_ref().map(Edrpou::as_str))
    .execute(connection)
    .await?;
    Ok(added == 1)
}

/// Writes what acts may change.
pub(super) async fn update(connection: &mut Connection, request: &Request) -> Result<()> {
    let decision = request.decision.as_ref();
    let permit = request.permit.as_ref();
    let valid = permit.and_then(|permit| permit.valid);
    let revoked = permit.and_then(|permit| permit.revoked.as_ref());
    let confirmed = request.confirmed.as_ref();
    Statement::new(
        "UPDATE permit_requests
         SET state = ?, decided_at = ?, decided_by = ?, decision_reason = ?, refusal_ground = ?, office_told_at = ?,
             trader_told_at = ?, permit_number = ?, outage_id = ?, continues = ?, valid_from = ?, valid_until = ?,
             raised_fallback = ?, warned_at = ?, expiry_noted_at = ?, revoked_at = ?, revoked_because = ?,
             not_used_because = ?, closed_at = ?, confirmed_at = ?, confirmed_by = ?, confirmed_because = ?,
             office_told_before = ?, trader_told_before = ?, permit_systems = ?
         WHERE id = ?",
    )
    .bind::<Text, _>(request.state.as_str())
    .bind::<Nullable<Timestamptz>, _>(decision.map(|decision| decision.at))
    .bind::<Nullable<SqlUuid>, _>(decision.map(|decision| decision.by.0))
    .bind::<Nullable<Text>, _>(decision.map(|decision| decision.reason.as_str()))
    .bind::<Nullable<Text>, _>(decision.and_then(|decision| decision.refused).map(RefusalGround::as_str))
    .bind::<Nullable<Timestamptz>, _>(request.told.office)
    .bind::<Nullable<Timestamptz>, _>(request.told.trader)
    .bind::<Nullable<Text>, _>(permit.map(|permit| permit.number.as_str()))
    .bind::<Nullable<SqlUuid>, _>(permit.and_then(|permit| permit.outage).map(|outage| outage.0))
    .bind::<Nullable<Text>, _>(permit.and_then(|permit| permit.continues.as_deref()))
    .bind::<Nullable<Timestamptz>, _>(valid.map(|valid| valid.from))
    .bind::<Nullable<Timestamptz>, _>(valid.map(|valid| valid.until))
    .bind::<Bool, _>(permit.is_some_and(|permit| permit.raised_fallback))
    .bind::<Nullable<Timestamptz>, _>(permit.and_then(|permit| permit.warned_at))
    .bind::<Nullable<Timestamptz>, _>(permit.and_then(|permit| permit.expiry_noted_at))
    .bind::<Nullable<Timestamptz>, _>(revoked.map(|(at, _)| *at))
    .bind::<Nullable<Text>, _>(revoked.map(|(_, because)| because.as_str()))
    .bind::<Nullable<Text>, _>(permit.and_then(|permit| permit.not_used_because.as_deref()))
    .bind::<Nullable<Timestamptz>, _>(request.closed_at)
    .bind::<Nullable<Timestamptz>, _>(confirmed.map(|confirmed| confirmed.decision.at))
    .bind::<Nullable<SqlUuid>, _>(confirmed.map(|confirmed| confirmed.decision.by.0))
    .bind::<Nullable<Text>, _>(confirmed.map(|confirmed| confirmed.decision.reason.as_str()))
    .bind::<Nullable<Timestamptz>, _>(confirmed.and_then(|confirmed| confirmed.told.office))
    .bind::<Nullable<Timestamptz>, _>(confirmed.and_then(|confirmed| confirmed.told.trader))
    .bind::<Nullable<Array<Text>>, _>(permit.map(|permit| names(&permit.systems)))
    .bind::<SqlUuid, _>(request.id.0)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn one(connection: &mut Connection, id: RequestId) -> Result<Option<Request>> {
    read_one(connection, Statement::new(select_requests!("WHERE id = ?")).bind::<SqlUuid, _>(id.0)).await
}

/// A request, locked until the end of the transaction.
pub(super) async fn locked(connection: &mut Connection, id: RequestId) -> Result<Option<Request>> {
    let statement = Statement::new(select_requests!("WHERE id = ? FOR NO KEY UPDATE"));
    read_one(connection, statement.bind::<SqlUuid, _>(id.0)).await
}

/// The request that a ticket stands for.
pub(super) async fn of_ticket(connection: &mut Connection, ticket: TicketId) -> Result<Option<Request>> {
    let statement = Statement::new(select_requests!("WHERE ticket_id = ?"));
    read_one(connection, statement.bind::<SqlUuid, _>(ticket.0)).await
}

/// The request behind the number of a permit.
pub(super) async fn by_number(connection: &mut Connection, number: &str) -> Result<Option<Request>> {
    let statement = Statement::new(select_requests!("WHERE permit_number = ?"));
    read_one(connection, statement.bind::<Text, _>(number)).await
}

/// The requests behind the numbers of permits, by number.
pub(super) async fn by_numbers(connection: &mut Connection, numbers: &[String]) -> Result<Vec<Request>> {
    let statement = Statement::new(select_requests!("WHERE permit_number = ANY (?) ORDER BY permit_number"));
    read_many(connection, statement.bind::<Array<Text>, _>(numbers)).await
}

/// The requests of a trader at an office that are not over, the latest first.
pub(super) async fn standing(
    connection: &mut Connection,
    office: &OfficeReference,
    trader: &TraderCode,
) -> Result<Vec<Request>> {
    let (of_trader, code) = match trader {
        TraderCode::LegalEntity(edrpou) => (
            select_requests!(
                "WHERE trader_edrpou = ? AND office = ? AND state <> 'closed' ORDER BY decide_by DESC, id DESC"
            ),
            edrpou.as_str(),
        ),
        TraderCode::SoleTrader(rnokpp) => (
            select_requests!(
                "WHERE trader_rnokpp = ? AND office = ? AND state <> 'closed' ORDER BY decide_by DESC, id DESC"
            ),
            rnokpp.as_str(),
        ),
    };
    let statement = Statement::new(of_trader)
        .bind::<Text, _>(code.to_owned())
        .bind::<Text, _>(office.as_str().to_owned());
    read_many(connection, statement).await
}

/// Whose requests are listed.
pub(super) enum Whose {
    /// Everybody's: every request is work of lines 1 and 2.
    All,
    /// Those that a system filed, and those that line 1 filed for its legal entity, if it has one.
    OfOffice(SystemId, Option<Edrpou>),
    /// Those for a legal entity; none for none.
    OfTrader(Option<Edrpou>),
}

/// Requests by the time to decide them, after one of them. Only those that stand so, where it is said.
pub(super) async fn listed(
    connection: &mut Connection,
    whose: &Whose,
    state: Option<PermitRequestState>,
    after: Option<RequestId>,
    limit: i64,
) -> Result<Vec<Request>> {
    let statement = match whose {
        Whose::All => Statement::new(select_requests!(
            "WHERE (?::text IS NULL OR state = ?)
               AND (decide_by, id) > (coalesce((SELECT decide_by FROM permit_requests WHERE id = ?), '-infinity'), ?)
             ORDER BY decide_by, id LIMIT ?"
        )),
        Whose::OfOffice(system, edrpou) => Statement::new(select_requests!(
            "WHERE (filed_by = ? OR customs_edrpou = ?) AND (?::text IS NULL OR state = ?)
               AND (decide_by, id) > (coalesce((SELECT decide_by FROM permit_requests WHERE id = ?), '-infinity'), ?)
             ORDER BY decide_by, id LIMIT ?"
        ))
        .bind::<SqlUuid, _>(system.0)
        .bind::<Nullable<Text>, _>(edrpou.as_ref().map(Edrpou::as_str)),
        Whose::OfTrader(edrpou) => Statement::new(select_requests!(
            "WHERE trader_edrpou = ? AND (?::text IS NULL OR state = ?)
               AND (decide_by, id) > (coalesce((SELECT decide_by FROM permit_requests WHERE id = ?), '-infinity'), ?)
             ORDER BY decide_by, id LIMIT ?"
        ))
        .bind::<Nullable<Text>, _>(edrpou.as_ref().map(Edrpou::as_str)),
    };
    let state = state.map(PermitRequestState::as_str);
    let after = after.map_or(Uuid::nil(), |id| id.0);
    let statement = statement
        .bind::<Nullable<Text>, _>(state)
        .bind::<Nullable<Text>, _>(state)
        .bind::<SqlUuid, _>(after)
        .bind::<SqlUuid, _>(after)
        .bind::<BigInt, _>(limit);
    read_many(connection, statement).await
}

/// Whether the official of a ticket gave an e-mail address.
pub(super) async fn office_has_mail(connection: &mut Connection, ticket: TicketId) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        given: bool,
    }
    let row: Option<Row> =
        Statement::new("SELECT (contact ->> 'email') IS NOT NULL AS given FROM tickets WHERE id = ?")
            .bind::<SqlUuid, _>(ticket.0)
            .get_result(connection)
            .await
            .optional()?;
    Ok(row.is_some_and(|row| row.given))
}

async fn read_one(connection: &mut Connection, statement: Statement<'_>) -> Result<Option<Request>> {
    let row: Option<RequestRow> = statement.get_result(connection).await.optional()?;
    row.map(RequestRow::read).transpose()
}

async fn read_many(connection: &mut Connection, statement: Statement<'_>) -> Result<Vec<Request>> {
    let rows: Vec<RequestRow> = statement.load(connection).await?;
    rows.into_iter().map(RequestRow::read).collect()
}
