//! The uses of a permit on the wire: what the departure office reports of it and corrects (Order 926, section
//! IV, clause 8).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A use of a permit (H4.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitUse {
    /// Under which number the office registered the paper declaration: a series of its own, never of an MRN's form.
    #[schema(min_length = 1, max_length = 35, example = "UA209030/2026/000017")]
    pub registration_number: String,
    /// When the goods were released, by the calendar of Kyiv.
    #[schema(example = "2026-11-23")]
    pub released_on: NaiveDate,
}

/// A use of a permit as it was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportedUse {
    /// Under which number the office registered the paper declaration.
    #[schema(min_length = 1, max_length = 35, example = "UA209030/2026/000017")]
    pub registration_number: String,
    /// When the goods were released, by the calendar of Kyiv.
    #[schema(example = "2026-11-23")]
    pub released_on: NaiveDate,
    /// When it was reported.
    pub reported_at: DateTime<Utc>,
    /// Whether the goods were released on a day after that on which the permit ended or was taken back. The
    /// declaration may have been accepted before.
    pub after_end: bool,
    /// Whether it was reported after the office had said that it reported all.
    pub after_report: bool,
}

/// That a use was reported with another number or day than it had, or never was. Either `to` or `never_was`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseCorrectionIn {
    /// The number that was reported.
    #[schema(min_length = 1, max_length = 35, example = "UA209030/2026/000071")]
    pub registration_number: String,
    /// The use as it was; the number may be the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub to: Option<PermitUse>,
    /// `true`: there was no such use under this permit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub never_was: bool,
    /// Why what was reported is wrong.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// A use that was reported wrongly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UseCorrection {
    /// What was reported.
    pub before: PermitUse,
    /// What took its place; `null`: nothing, the use never was.
    pub after: Option<PermitUse>,
    /// Why.
    pub reason: String,
    /// When it was corrected.
    pub corrected_at: DateTime<Utc>,
}

/// What the departure office reports of a permit (H4.8): uses, or why there was none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitReportIn {
    /// The uses. One that was released after the permit's end, or comes after a complete report, is taken and
    /// marked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 500)]
    pub uses: Vec<PermitUse>,
    /// Uses that were reported with a wrong number or day, or that never were. They are corrected before the
    /// others are added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 500)]
    pub corrections: Vec<UseCorrectionIn>,
    /// Why the permit was not used; then it is complete, and there are no uses, or none that was not taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub not_used_because: Option<String>,
    /// Whether this is all. It ends the permit and closes the ticket.
    pub complete: bool,
}
