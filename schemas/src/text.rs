//! Text for people, always in both languages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text for people in Ukrainian and in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// The Ukrainian text.
    #[schema(min_length = 1, max_length = 2000, example = "ЕТС недоступна")]
    pub uk: String,
    /// The English text.
    #[schema(min_length = 1, max_length = 2000, example = "ETS is unavailable")]
    pub en: String,
}
