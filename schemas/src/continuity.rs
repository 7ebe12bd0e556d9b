//! How often traders use the continuity procedure, held against all of their transit declarations. JSON; the
//! list also as a table.
//!
//! Customs watches the use of the procedure to avoid its misuse; peers review the authorisation of a trader
//! who lodges more than 2 % of the declarations of a year on paper because of failures of its own systems.
//! Nothing here is personal data: the traders are legal entities. Sole traders are left out, since the number
//! by which they would be counted, listed and addressed is personal data.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::codes::Edrpou;
use crate::table::{ToCsv, csv};

/// How many transit declarations a trader lodged in a year, as somebody who knows it states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclarationTotalIn {
    /// All of them, electronic and on paper.
    #[schema(minimum = 1, maximum = 100_000_000)]
    pub declarations: i64,
    /// The last day that was counted, by the calendar of Kyiv: within the year, and not ahead. Later uses are not held against this total.
    #[serde(deserialize_with = "crate::day::read")]
    pub counted_until: NaiveDate,
    /// Where the number comes from.
    #[schema(min_length = 1, max_length = 200, example = "ЕТС, звіт за 2026 рік")]
    pub source: String,
}

/// What was stated last of a trader and a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeclarationTotal {
    /// All declarations, electronic and on paper.
    #[schema(minimum = 1)]
    pub declarations: i64,
    /// The last day that was counted.
    pub counted_until: NaiveDate,
    /// Where the number comes from.
    pub source: String,
    /// When it was stated.
    pub stated_at: DateTime<Utc>,
}

/// Uses of the procedure, and their share of all declarations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContinuityShare {
    /// Declarations that were released on paper in the year.
    #[schema(minimum = 0)]
    pub uses: i64,
    /// The share of those that were released by the last counted day, in percent with two digits; `null`: no total was stated.
    #[schema(pattern = "^[0-9]+\\.[0-9]{2}$", example = "2.40")]
    pub share_percent: Option<String>,
    /// Whether that is beyond the limit, by the exact numbers; `null`: no total was stated.
    pub beyond_limit: Option<bool>,
}

/// What a trader made of the continuity procedure in a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContinuityUse {
    /// The trader's code.
    pub trader_edrpou: Edrpou,
    /// Its name, as its latest request has it; `null`: it never asked.
    pub trader_name: Option<String>,
    /// Requests for the procedure that were received in the year.
    #[schema(minimum = 0)]
    pub requests: i64,
    /// Those of them that were refused.
    #[schema(minimum = 0)]
    pub refused: i64,
    /// Those of them that became a permit.
    #[schema(minimum = 0)]
    pub permits: i64,
    /// All uses.
    pub all: ContinuityShare,
    /// Those under permits for a failure of the trader's own link: the share that peers hold against the limit.
    pub own_link: ContinuityShare,
    /// All declarations of the year; `null`: nobody has stated them.
    pub total: Option<DeclarationTotal>,
}

/// The traders that asked for the procedure, used it, or of whom a total was stated, in a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContinuityUsePage {
    /// The year, by the calendar of Kyiv.
    pub year: i32,
    /// The limit, in percent.
    #[schema(example = "2.00")]
    pub limit_percent: String,
    /// By code.
    pub items: Vec<ContinuityUse>,
    /// Give it as `after` to get the next page; `null` on the last one.
    pub next: Option<Edrpou>,
}

impl ToCsv for ContinuityUsePage {
    /// Without names: they are of others' choosing.
    fn to_csv(&self) -> Vec<u8> {
        let flag = |value: Option<bool>| -> Cow<'_, str> {
            value.map_or("".into(), |value| if value { "true".into() } else { "false".into() })
        };
        let rows = self.items.iter().map(|item| -> [Cow<'_, str>; 13] {
            let total = item.total.as_ref();
            [
                self.year.to_string().into(),
                item.trader_edrpou.as_str().into(),
                item.requests.to_string().into(),
                item.refused.to_string().into(),
                item.permits.to_string().into(),
                item.all.uses.to_string().into(),
                item.all.share_percent.as_deref().unwrap_or_default().into(),
                flag(item.all.beyond_limit),
                item.own_link.uses.to_string().into(),
                item.own_link.share_percent.as_deref().unwrap_or_default().into(),
                flag(item.own_link.beyond_limit),
                total.map_or("".into(), |total| total.declarations.to_string().into()),
                total.map_or("".into(), |total| total.counted_until.to_string().into()),
            ]
        });
        csv(
            [
                "year",
                "trader_edrpou",
                "requests",
                "refused",
                "permits",
                "uses",
                "share_percent",
                "beyond_limit",
                "own_link_uses",
                "own_link_share_percent",
                "own_link_beyond_limit",
                "declarations",
                "counted_until",
            ],
            rows,
        )
    }
}
