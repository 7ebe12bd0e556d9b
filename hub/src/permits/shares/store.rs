//! The SQL of the uses of traders and of their declarations.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Kyiv;
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::Edrpou;
use kordon_schemas::continuity::{DeclarationTotal, DeclarationTotalIn};
use uuid::Uuid;

use super::Wanted;
use super::rules::{Counted, LIMIT_PERCENT, Uses};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::fees::rules::bounds_of;
use crate::parties::SystemId;

#[derive(QueryableByName)]
struct CountedRow {
    #[diesel(sql_type = Text)]
    trader_edrpou: String,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = BigInt)]
    requests: i64,
    #[diesel(sql_type = BigInt)]
    refused: i64,
    #[diesel(sql_type = BigInt)]
    permits: i64,
    #[diesel(sql_type = BigInt)]
    uses: i64,
    #[diesel(sql_type = BigInt)]
    counted: i64,
    #[diesel(sql_type = BigInt)]
    own_uses: i64,
    #[diesel(sql_type = BigInt)]
    own_counted: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    declarations: Option<i64>,
    #[diesel(sql_type = Nullable<Date>)]
    counted_until: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    source: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    stated_at: Option<DateTime<Utc>>,
}

/// What was counted of the traders of a year, by code: of one of them, where it is said.
pub(super) async fn counted(
    connection: &mut Connection,
    (year, (first, next)): (i32, (NaiveDate, NaiveDate)),
    only: Option<&str>,
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<Counted>> {
    let midnight = |day: NaiveDate| bounds_of(day).map(|(begins_at, _)| begins_at);
    let (Some(begins_at), Some(ends_at)) = (midnight(first), midnight(next)) else {
        return Err(Error::Internal(format!("the year {year} has no bounds in {Kyiv}")));
    };
    let rows: Vec<CountedRow> = Statement::new(
        "WITH asked AS (
             SELECT trader_edrpou, count(*) AS requests, count(refusal_ground) AS refused,
                    count(permit_number) FILTER (WHERE refusal_ground IS NULL) AS permits
             FROM permit_requests WHERE received_at >= ? AND received_at < ? GROUP BY trader_edrpou
         ), total AS (
             SELECT DISTINCT ON (trader_edrpou) trader_edrpou, declarations, counted_until, source, stated_at
             FROM declaration_totals WHERE year = ? ORDER BY trader_edrpou, id DESC
         ), used AS (
             SELECT request.trader_edrpou, count(*) AS uses,
                    count(*) FILTER (WHERE released_on <= total.counted_until) AS counted,
                    count(*) FILTER (WHERE outage_id IS NULL) AS own_uses,
                    count(*) FILTER (WHERE outage_id IS NULL AND released_on <= total.counted_until) AS own_counted
             FROM permit_uses
             JOIN permit_requests AS request ON request.id = permit_uses.request_id
             LEFT JOIN total ON total.trader_edrpou = request.trader_edrpou
             WHERE released_on >= ? AND released_on < ?
             GROUP BY request.trader_edrpou
         ), trader AS (
             SELECT trader_edrpou FROM asked UNION SELECT trader_edrpou FROM used UNION SELECT trader_edrpou FROM total
         )
         SELECT trader.trader_edrpou, named.trader_name AS name,
                coalesce(requests, 0) AS requests, coalesce(refused, 0) AS refused, coalesce(permits, 0) AS permits,
                coalesce(uses, 0) AS uses, coalesce(counted, 0) AS counted, coalesce(own_uses, 0) AS own_uses,
                coalesce(own_counted, 0) AS own_counted, declarations, counted_until, source, stated_at
         FROM trader
         LEFT JOIN asked ON asked.trader_edrpou = trader.trader_edrpou
         LEFT JOIN used ON used.trader_edrpou = trader.trader_edrpou
         LEFT JOIN total ON total.trader_edrpou = trader.trader_edrpou
         LEFT JOIN LATERAL (
             SELECT trader_name FROM permit_requests
             WHERE permit_requests.trader_edrpou = trader.trader_edrpou ORDER BY decide_by DESC, id DESC LIMIT 1
         ) AS named ON true
         WHERE trader.trader_edrpou > ? AND (?::text IS NULL OR trader.trader_edrpou = ?)
           AND (NOT ? OR counted * 100 > declarations * ?)
         ORDER BY trader.trader_edrpou LIMIT ?",
    )
    .bind::<Timestamptz, _>(begins_at)
    .bind::<Timestamptz, _>(ends_at)
    .bind::<Integer, _>(year)
    .bind::<Date, _>(first)
    .bind::<Date, _>(next)
    .bind::<Text, _>(wanted.after.as_ref().map_or("", Edrpou::as_str))
    .bind::<Nullable<Text>, _>(only)
    .bind::<Nullable<Text>, _>(only)
    .bind::<Bool, _>(wanted.beyond_limit)
    .bind::<BigInt, _>(LIMIT_PERCENT)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?;
    rows.into_iter().map(CountedRow::read).collect()
}

impl CountedRow {
    fn read(self) -> Result<Counted> {
        let total = match (self.declarations, self.counted_until, self.source, self.stated_at) {
            (Some(declarations), Some(counted_until), Some(source), Some(stated_at)) => {
                Some(DeclarationTotal { declarations, counted_until, source, stated_at })
            }
            _ => None,
        };
        Ok(Counted {
            trader: Edrpou::parse(&self.trader_edrpou)
                .map_err(|_| Error::stored_badly("a trader", "its code"))?,
            name: self.name,
            requests: self.requests,
            refused: self.refused,
            permits: self.permits,
            all: Uses { in_year: self.uses, counted: self.counted },
            own_link: Uses { in_year: self.own_uses, counted: self.own_counted },
            total,
        })
    }
}

/// How many uses of a trader were released in a year up to a day.
pub(super) async fn uses_by(
    connection: &mut Connection,
    trader: &Edrpou,
    year: i32,
    until: NaiveDate,
) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        uses: i64,
    }
    let row: Row = Statement::new(
        "SELECT count(*) AS uses FROM permit_uses
         JOIN permit_requests AS request ON request.id = permit_uses.request_id
         WHERE request.trader_edrpou = ? AND released_on >= make_date(?, 1, 1) AND released_on <= ?",
    )
    .bind::<Text, _>(trader.as_str())
    .bind::<Integer, _>(year)
    .bind::<Date, _>(until)
    .get_result(connection)
    .await?;
    Ok(row.uses)
}

#[derive(QueryableByName)]
struct TotalRow {
    #[diesel(sql_type = BigInt)]
    declarations: i64,
    #[diesel(sql_type = Date)]
    counted_until: NaiveDate,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Timestamptz)]
    stated_at: DateTime<Utc>,
}

/// What was stated last.
pub(super) async fn latest(
    connection: &mut Connection,
    trader: &Edrpou,
    year: i32,
) -> Result<Option<DeclarationTotal>> {
    let row: Option<TotalRow> = Statement::new(
        "SELECT declarations, counted_until, source, stated_at FROM declaration_totals
         WHERE year = ? AND trader_edrpou = ? ORDER BY id DESC LIMIT 1",
    )
    .bind::<Integer, _>(year)
    .bind::<Text, _>(trader.as_str())
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|TotalRow { declarations, counted_until, source, stated_at }| DeclarationTotal {
        declarations,
        counted_until,
        source,
        stated_at,
    }))
}

/// Adds a statement.
pub(super) async fn insert(
    connection: &mut Connection,
    (trader, year): (&Edrpou, i32),
    stated: &DeclarationTotalIn,
    stated_by: SystemId,
    now: DateTime<Utc>,
) -> Result<DeclarationTotal> {
    let DeclarationTotalIn { declarations, counted_until, source } = stated.clone();
    Statement::new(
        "INSERT INTO declaration_totals (id, trader_edrpou, year, declarations, counted_until, source, stated_by, stated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<Text, _>(trader.as_str())
    .bind::<Integer, _>(year)
    .bind::<BigInt, _>(declarations)
    .bind::<Date, _>(counted_until)
    .bind::<Text, _>(&source)
    .bind::<SqlUuid, _>(stated_by.0)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(DeclarationTotal { declarations, counted_until, source, stated_at: now })
}
