//! Reference data that others fetch: checkpoints and customs offices.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::codes::{CheckpointCode, OfficeReference};
use crate::text::Bilingual;

/// The checkpoint across the border.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NeighbourCheckpoint {
    /// The country, by its ISO 3166-1 alpha-2 code.
    #[schema(pattern = "^[A-Z]{2}$", example = "PL")]
    pub country: String,
    /// The name in the spelling of its own country.
    #[schema(example = "Korczowa")]
    pub name: String,
    /// Its customs office, where it takes part in common transit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeReference>,
}

/// A road checkpoint on the state border.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Checkpoint {
    /// Its code.
    pub checkpoint: CheckpointCode,
    /// Its name for people.
    pub name: Bilingual,
    /// The settlement.
    pub place: Bilingual,
    /// The kinds of traffic: road, rail, port, waterway, air.
    pub traffic: Vec<String>,
    /// The checkpoint across the border; none for a port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbour: Option<NeighbourCheckpoint>,
    /// The first day of its use in common transit.
    pub active_from: NaiveDate,
    /// The edition of the reference data that no longer named it. None: it is in the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_in: Option<NaiveDate>,
}

/// Every road checkpoint, by code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Checkpoints {
    /// The edition of the reference data.
    pub edition: NaiveDate,
    /// The checkpoints.
    pub items: Vec<Checkpoint>,
}

/// A customs office of Ukraine that takes part in common transit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomsOffice {
    /// Its reference number.
    pub reference: OfficeReference,
    /// The higher authority; none for the State Customs Service itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OfficeReference>,
    /// Its short official name.
    pub name: Bilingual,
    /// The settlement.
    pub place: Bilingual,
    /// The region of Ukraine, by its ISO 3166-2 code.
    #[schema(example = "UA-46")]
    pub region: String,
    /// What it may do in common transit: authority, departure, destination, transit, enquiry, guarantee, recovery, incident.
    pub roles: Vec<String>,
    /// The kinds of traffic: road, rail, port, waterway, air.
    pub traffic: Vec<String>,
    /// The first day of its use in common transit.
    pub active_from: NaiveDate,
    /// The edition of the reference data that no longer named it. None: it is in the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_in: Option<NaiveDate>,
}

/// Every customs office, by reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomsOffices {
    /// The edition of the reference data.
    pub edition: NaiveDate,
    /// The offices.
    pub items: Vec<CustomsOffice>,
}
