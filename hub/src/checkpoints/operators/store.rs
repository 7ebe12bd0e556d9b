//! The SQL of operators. Rows never change.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::operators::{Operator, OperatorIn};
use kordon_schemas::rules::RulesDecision;
use kordon_schemas::{CheckpointCode, Edrpou};
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::{Actor, SystemId};

/// The organisations that matter to whether a system may act at a checkpoint.
#[derive(QueryableByName)]
pub(super) struct Involved {
    /// The operator of the checkpoint.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(super) operator: Option<Uuid>,
    /// The one that acts.
    #[diesel(sql_type = SqlUuid)]
    pub(super) own: Uuid,
    /// The one whose work it is about.
    #[diesel(sql_type = SqlUuid)]
    pub(super) maker: Uuid,
}

pub(super) async fn standing(
    mut connection: &Connection,
    system: SystemId,
    maker: SystemId,
    checkpoint: &CheckpointCode,
    at: DateTime<Utc>,
) -> Result<Involved> {
    Ok(Statement::new(
        "SELECT operator.organisation_id AS operator, own.organisation_id AS own, maker.organisation_id AS maker
         FROM systems AS own
         CROSS JOIN systems AS maker
         LEFT JOIN LATERAL (
             SELECT organisation_id FROM checkpoint_operators
             WHERE checkpoint = ? AND operates_from <= ?
             ORDER BY operates_from DESC LIMIT 1) AS operator ON true
         WHERE own.id = ? AND maker.id = ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(at)
    .bind::<SqlUuid, _>(system.0)
    .bind::<SqlUuid, _>(maker.0)
    .get_result(&mut connection)
    .await?)
}

/// Since when who runs the queue, and whether that is the organisation of a system; the earliest first.
pub(super) async fn terms(
    connection: &mut Connection,
    system: SystemId,
    checkpoint: &CheckpointCode,
) -> Result<Vec<(DateTime<Utc>, bool)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Timestamptz)]
        operates_from: DateTime<Utc>,
        #[diesel(sql_type = Bool)]
        own: bool,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT operates_from, operator.organisation_id = own.organisation_id AS own
         FROM checkpoint_operators AS operator
         JOIN systems AS own ON own.id = ?
         WHERE operator.checkpoint = ? ORDER BY operates_from",
    )
    .bind::<SqlUuid, _>(system.0)
    .bind::<Text, _>(checkpoint.as_str())
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.operates_from, row.own)).collect())
}

/// Every operator, the latest first.
pub(super) async fn list(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<Vec<Operator>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        edrpou: String,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Timestamptz)]
        operates_from: DateTime<Utc>,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        operates_until: Option<DateTime<Utc>>,
        #[diesel(sql_type = Text)]
        decision_reference: String,
        #[diesel(sql_type = Date)]
        decided_on: NaiveDate,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT edrpou, name, operates_from, lead(operates_from) OVER (ORDER BY operates_from) AS operates_until,
                decision_reference, decided_on
         FROM checkpoint_operators JOIN organisations ON organisations.id = organisation_id
         WHERE checkpoint = ? ORDER BY operates_from DESC",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let Row { edrpou, name, operates_from, operates_until, decision_reference, decided_on } = row;
            let organisation =
                Edrpou::parse(&edrpou).map_err(|error| Error::stored_badly("an organisation", error))?;
            let decision = RulesDecision { reference: decision_reference, decided_on };
            Ok(Operator { organisation, name, operates_from, operates_until, decision })
        })
        .collect()
}

/// Writes a hand-over, and tells whether there is such an organisation.
pub(super) async fn insert(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    asked: &OperatorIn,
    operates_from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let OperatorIn { organisation, operates_from: _, decision } = asked;
    let written = Statement::new(
        "INSERT INTO checkpoint_operators (checkpoint, operates_from, organisation_id, decision_reference, decided_on,
                                           put_by, put_at)
         SELECT ?::text, ?::timestamptz, id, ?::text, ?::date, ?::uuid, ?::timestamptz FROM organisations WHERE edrpou = ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(operates_from)
    .bind::<Text, _>(&decision.reference)
    .bind::<Date, _>(decision.decided_on)
    .bind::<SqlUuid, _>(actor.system.0)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(organisation.as_str())
    .execute(connection)
    .await?;
    Ok(written > 0)
}
