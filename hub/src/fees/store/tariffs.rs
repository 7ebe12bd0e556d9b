//! The SQL of tariffs and official rates.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{BigInt, Bool, Date, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::fees::{OfficialRate, Tariff};
use kordon_schemas::{CheckpointCode, Currency, Rate};

use super::shares;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::Actor;

#[derive(QueryableByName)]
struct TariffRow {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Date)]
    applies_from: NaiveDate,
    #[diesel(sql_type = BigInt)]
    operator_share_cents: i64,
    #[diesel(sql_type = BigInt)]
    zone_share_cents: i64,
    #[diesel(sql_type = Text)]
    zone: String,
    #[diesel(sql_type = Text)]
    decision: String,
    #[diesel(sql_type = Timestamptz)]
    put_at: DateTime<Utc>,
}

impl TariffRow {
    fn read(self) -> Tariff {
        let Self { version, applies_from, operator_share_cents, zone_share_cents, zone, decision, put_at } =
            self;
        let shares = shares(operator_share_cents, zone_share_cents);
        Tariff { version, eur: shares.told_in(Currency::Euro), zone, applies_from, decision, put_at }
    }
}

/// Whether any checkpoint has a tariff.
pub(in crate::fees) async fn any_tariff(connection: &mut Connection) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let row: Found =
        Statement::new("SELECT EXISTS (SELECT FROM tariffs) AS found").get_result(connection).await?;
    Ok(row.found)
}

/// The latest versions, the newest first.
pub(in crate::fees) async fn tariffs(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    limit: i64,
) -> Result<Vec<Tariff>> {
    let rows: Vec<TariffRow> = Statement::new(
        "SELECT version, applies_from, operator_share_cents, zone_share_cents, zone, decision, put_at
         FROM tariffs WHERE checkpoint = ? ORDER BY version DESC LIMIT ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(TariffRow::read).collect())
}

pub(in crate::fees) async fn tariff_of_day(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    day: NaiveDate,
) -> Result<Option<Tariff>> {
    let row: Option<TariffRow> = Statement::new(
        "SELECT version, applies_from, operator_share_cents, zone_share_cents, zone, decision, put_at
         FROM tariffs WHERE checkpoint = ? AND applies_from <= ?
         ORDER BY applies_from DESC, version DESC LIMIT 1",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Date, _>(day)
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(TariffRow::read))
}

pub(in crate::fees) async fn insert_tariff(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    tariff: &Tariff,
) -> Result<()> {
    let Tariff { version, eur, zone, applies_from, decision, put_at } = tariff;
    Statement::new(
        "INSERT INTO tariffs (checkpoint, version, applies_from, operator_share_cents, zone_share_cents, zone, decision,
                              put_by, put_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Integer, _>(version)
    .bind::<Date, _>(applies_from)
    .bind::<BigInt, _>(eur.operator_share.amount.hundredths())
    .bind::<BigInt, _>(eur.zone_share.amount.hundredths())
    .bind::<Text, _>(zone)
    .bind::<Text, _>(decision)
    .bind::<SqlUuid, _>(actor.system.0)
    .bind::<Timestamptz, _>(put_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// The rate of a day, if it is known.
pub(in crate::fees) async fn rate(
    connection: &mut Connection,
    currency: Currency,
    day: NaiveDate,
) -> Result<Option<OfficialRate>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        rate: String,
        #[diesel(sql_type = Text)]
        source: String,
        #[diesel(sql_type = Timestamptz)]
        fetched_at: DateTime<Utc>,
    }
    let row: Option<Row> = Statement::new(
        "SELECT rate::text AS rate, source, fetched_at FROM exchange_rates WHERE currency = ? AND day = ?",
    )
    .bind::<Text, _>(currency.code())
    .bind::<Date, _>(day)
    .get_result(connection)
    .await
    .optional()?;
    row.map(|Row { rate, source, fetched_at }| {
        let rate = Rate::parse(&rate).map_err(|error| Error::stored_badly("a rate", error))?;
        Ok(OfficialRate { currency, day, rate, source, fetched_at })
    })
    .transpose()
}

/// Keeps a rate, and answers the one that is kept: of two hubs that fetched it at once, the first one's.
pub(in crate::fees) async fn keep_rate(
    connection: &mut Connection,
    fetched: &OfficialRate,
) -> Result<OfficialRate> {
    let OfficialRate { currency, day, rate: decimal, source, fetched_at } = fetched;
    Statement::new(
        "INSERT INTO exchange_rates (currency, day, rate, source, fetched_at) VALUES (?, ?, ?::text::numeric, ?, ?)
         ON CONFLICT (currency, day) DO NOTHING",
    )
    .bind::<Text, _>(currency.code())
    .bind::<Date, _>(day)
    .bind::<Text, _>(decimal.to_string())
    .bind::<Text, _>(source)
    .bind::<Timestamptz, _>(fetched_at)
    .execute(connection)
    .await?;
    rate(connection, *currency, *day)
        .await?
        .ok_or_else(|| Error::Internal("a rate that was kept is not there".into()))
}
