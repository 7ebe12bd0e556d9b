//! The SQL of reference data.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, Date, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use kordon_schemas::reference::{Checkpoint, CustomsOffice, NeighbourCheckpoint};
use kordon_schemas::{Bilingual, CheckpointCode, OfficeReference};

use super::reference::{CheckpointRecord, CustomsOfficeRecord, Edition, Neighbour, OfficeRole, TrafficKind};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};

/// Whether the database takes this edition: it has none, or an older one. Others wait here until the
/// transaction ends.
pub(super) async fn begin_edition(
    connection: &mut Connection,
    name: &str,
    edition: Edition,
    now: DateTime<Utc>,
) -> Result<bool> {
    let taken = Statement::new(
        "INSERT INTO reference_editions AS known (name, edition, loaded_at) VALUES (?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET edition = excluded.edition, loaded_at = excluded.loaded_at
         WHERE known.edition < excluded.edition",
    )
    .bind::<Text, _>(name)
    .bind::<Date, _>(edition.0)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(taken > 0)
}

fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

pub(super) async fn load_checkpoints(
    connection: &mut Connection,
    edition: Edition,
    records: &[CheckpointRecord],
) -> Result<()> {
    let column = |get: fn(&CheckpointRecord) -> &str| records.iter().map(get).collect::<Vec<_>>();
    let optional = |get: fn(&Neighbour) -> Option<&str>| {
        records.iter().map(|record| record.neighbour.as_ref().and_then(get)).collect::<Vec<_>>()
    };
    let traffic: Vec<String> = records
        .iter()
        .map(|record| words(record.traffic.iter().map(|kind| TrafficKind::as_str(*kind))))
        .collect();
    let active_from: Vec<NaiveDate> = records.iter().map(|record| record.active_from).collect();
    Statement::new(
        "INSERT INTO checkpoints (checkpoint, name_uk, name_en, place_uk, place_en, traffic, neighbour_country,
                                  neighbour_name, neighbour_office, active_from, edition)
         SELECT checkpoint, name_uk, name_en, place_uk, place_en, string_to_array(traffic, ' '), country, name, office,
                active_from, ?::date
         FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
              AS new (checkpoint, name_uk, name_en, place_uk, place_en, traffic, country, name, office, active_from)
         ON CONFLICT (checkpoint) DO UPDATE SET
            name_uk = excluded.name_uk, name_en = excluded.name_en, place_uk = excluded.place_uk,
            place_en = excluded.place_en, traffic = excluded.traffic, neighbour_country = excluded.neighbour_country,
            neighbour_name = excluded.neighbour_name, neighbour_office = excluded.neighbour_office,
            active_from = excluded.active_from, edition = excluded.edition, retired_in = NULL",
    )
    .bind::<Date, _>(edition.0)
    .bind::<Array<Text>, _>(column(|record| record.code.as_str()))
    .bind::<Array<Text>, _>(column(|record| &record.name.uk))
    .bind::<Array<Text>, _>(column(|record| &record.name.en))
    .bind::<Array<Text>, _>(column(|record| &record.place.uk))
    .bind::<Array<Text>, _>(column(|record| &record.place.en))
    .bind::<Array<Text>, _>(traffic)
    .bind::<Array<Nullable<Text>>, _>(optional(|neighbour| Some(&neighbour.country)))
    .bind::<Array<Nullable<Text>>, _>(optional(|neighbour| Some(&neighbour.name)))
    .bind::<Array<Nullable<Text>>, _>(optional(|neighbour| {
        neighbour.office.as_ref().map(OfficeReference::as_str)
    }))
    .bind::<Array<Date>, _>(active_from)
    .execute(connection)
    .await?;
    Statement::new("UPDATE checkpoints SET retired_in = ? WHERE edition < ? AND retired_in IS NULL")
        .bind::<Date, _>(edition.0)
        .bind::<Date, _>(edition.0)
        .execute(connection)
        .await?;
    Statement::new(
        "INSERT INTO checkpoint_journals (checkpoint) SELECT checkpoint FROM checkpoints ON CONFLICT DO NOTHING",
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn load_offices(
    connection: &mut Connection,
    edition: Edition,
    records: &[CustomsOfficeRecord],
) -> Result<()> {
    let column = |get: fn(&CustomsOfficeRecord) -> &str| records.iter().map(get).collect::<Vec<_>>();
    let parents: Vec<Option<&str>> =
        records.iter().map(|record| record.parent.as_ref().map(OfficeReference::as_str)).collect();
    let roles: Vec<String> = records
        .iter()
        .map(|record| words(record.roles.iter().map(|role| OfficeRole::as_str(*role))))
        .collect();
    let traffic: Vec<String> = records
        .iter()
        .map(|record| words(record.traffic.iter().map(|kind| TrafficKind::as_str(*kind))))
        .collect();
    let active_from: Vec<NaiveDate> = records.iter().map(|record| record.active_from).collect();
    Statement::new(
        "INSERT INTO customs_offices (reference, parent, name_uk, name_en, place_uk, place_en, region, roles, traffic,
                                      active_from, edition)
         SELECT reference, parent, name_uk, name_en, place_uk, place_en, region, string_to_array(roles, ' '),
                string_to_array(traffic, ' '), active_from, ?::date
         FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
              AS new (reference, parent, name_uk, name_en, place_uk, place_en, region, roles, traffic, active_from)
         ON CONFLICT (reference) DO UPDATE SET
            parent = excluded.parent, name_uk = excluded.name_uk, name_en = excluded.name_en,
            place_uk = excluded.place_uk, place_en = excluded.place_en, region = excluded.region,
            roles = excluded.roles, traffic = excluded.traffic, active_from = excluded.active_from,
            edition = excluded.edition, retired_in = NULL",
    )
    .bind::<Date, _>(edition.0)
    .bind::<Array<Text>, _>(column(|record| record.reference.as_str()))
    .bind::<Array<Nullable<Text>>, _>(parents)
    .bind::<Array<Text>, _>(column(|record| &record.name.uk))
    .bind::<Array<Text>, _>(column(|record| &record.name.en))
    .bind::<Array<Text>, _>(column(|record| &record.place.uk))
    .bind::<Array<Text>, _>(column(|record| &record.place.en))
    .bind::<Array<Text>, _>(column(|record| &record.region))
    .bind::<Array<Text>, _>(roles)
    .bind::<Array<Text>, _>(traffic)
    .bind::<Array<Date>, _>(active_from)
    .execute(connection)
    .await?;
    Statement::new("UPDATE customs_offices SET retired_in = ? WHERE edition < ? AND retired_in IS NULL")
        .bind::<Date, _>(edition.0)
        .bind::<Date, _>(edition.0)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn edition(connection: &mut Connection, name: &str) -> Result<NaiveDate> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Date)]
        edition: NaiveDate,
    }
    let row: Option<Row> = Statement::new("SELECT edition FROM reference_editions WHERE name = ?")
        .bind::<Text, _>(name)
        .get_result(connection)
        .await
        .optional()?;
    row.map(|row| row.edition).ok_or_else(|| Error::NotFound { what: "edition of", id: name.to_owned() })
}

fn stored_badly(error: impl std::fmt::Display) -> Error {
    Error::stored_badly("reference data", error)
}

#[derive(QueryableByName)]
struct CheckpointRow {
    #[diesel(sql_type = Text)]
    checkpoint: String,
    #[diesel(sql_type = Text)]
    name_uk: String,
    #[diesel(sql_type = Text)]
    name_en: String,
    #[diesel(sql_type = Text)]
    place_uk: String,
    #[diesel(sql_type = Text)]
    place_en: String,
    #[diesel(sql_type = Array<Text>)]
    traffic: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    neighbour_country: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    neighbour_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    neighbour_office: Option<String>,
    #[diesel(sql_type = Date)]
    active_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    retired_in: Option<NaiveDate>,
}

pub(super) async fn checkpoints(connection: &mut Connection) -> Result<Vec<Checkpoint>> {
    let rows: Vec<CheckpointRow> = Statement::new(
        "SELECT checkpoint, name_uk, name_en, place_uk, place_en, traffic, neighbour_country, neighbour_name,
                neighbour_office, active_from, retired_in
         FROM checkpoints ORDER BY checkpoint",
    )
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let office = row
                .neighbour_office
                .map(|office| OfficeReference::parse(&office))
                .transpose()
                .map_err(stored_badly)?;
            Ok(Checkpoint {
                checkpoint: CheckpointCode::parse(&row.checkpoint).map_err(stored_badly)?,
                name: Bilingual { uk: row.name_uk, en: row.name_en },
                place: Bilingual { uk: row.place_uk, en: row.place_en },
                traffic: row.traffic,
                neighbour: row
                    .neighbour_country
                    .zip(row.neighbour_name)
                    .map(|(country, name)| NeighbourCheckpoint { country, name, office }),
                active_from: row.active_from,
                retired_in: row.retired_in,
            })
        })
        .collect()
}

#[derive(QueryableByName)]
struct OfficeRow {
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = Nullable<Text>)]
    parent: Option<String>,
    #[diesel(sql_type = Text)]
    name_uk: String,
    #[diesel(sql_type = Text)]
    name_en: String,
    #[diesel(sql_type = Text)]
    place_uk: String,
    #[diesel(sql_type = Text)]
    place_en: String,
    #[diesel(sql_type = Text)]
    region: String,
    #[diesel(sql_type = Array<Text>)]
    roles: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    traffic: Vec<String>,
    #[diesel(sql_type = Date)]
    active_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    retired_in: Option<NaiveDate>,
}

pub(super) async fn offices(connection: &mut Connection) -> Result<Vec<CustomsOffice>> {
    let rows: Vec<OfficeRow> = Statement::new(
        "SELECT reference, parent, name_uk, name_en, place_uk, place_en, region, roles, traffic, active_from, retired_in
         FROM customs_offices ORDER BY reference",
    )
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(CustomsOffice {
                reference: OfficeReference::parse(&row.reference).map_err(stored_badly)?,
                parent: row
                    .parent
                    .map(|parent| OfficeReference::parse(&parent))
                    .transpose()
                    .map_err(stored_badly)?,
                name: Bilingual { uk: row.name_uk, en: row.name_en },
                place: Bilingual { uk: row.place_uk, en: row.place_en },
                region: row.region,
                roles: row.roles,
                traffic: row.traffic,
                active_from: row.active_from,
                retired_in: row.retired_in,
            })
        })
        .collect()
}
