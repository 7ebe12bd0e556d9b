//! The text of a notice to the press office, and its review by a person before it goes (Order 926, clauses 16
//! and 17 of section III). JSON only.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::notices::DeliveryState;

/// The longest title of a text to the press office, in characters.
pub const LONGEST_TITLE: usize = 200;

/// The longest body of a text to the press office, in characters.
pub const LONGEST_BODY: usize = 10_000;

/// A text in one language, ready to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PressText {
    /// Its title, in one line.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// What stands under it: paragraphs, an empty line between them.
    #[schema(min_length = 1, max_length = 10000)]
    pub body: String,
}

/// The text of a notice in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PressTexts {
    /// In Ukrainian.
    pub uk: PressText,
    /// In English.
    pub en: PressText,
}

/// The text of a notice as it goes, or went, to the press office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PressReview {
    /// The notice.
    pub notice_id: Uuid,
    /// In Ukrainian.
    pub uk: PressText,
    /// In English.
    pub en: PressText,
    /// When a person put these words; `null`: they are those of the template.
    pub edited_at: Option<DateTime<Utc>>,
    /// Until when a person may change them or let them go; at that moment they go as they stand. `null`: they wait for nobody.
    pub review_until: Option<DateTime<Utc>>,
    /// Where the delivery to the press office stands.
    pub delivery: DeliveryState,
}
