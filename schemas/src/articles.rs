//! The questions-and-answers section of the support service (Order 926, section III, clauses 2 and 15). JSON
//! only.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::support::words;

words!(
    /// Whether an article may be read by anybody.
    ArticleState {
        /// Being written.
        Draft = "draft",
        /// Anybody may read it.
        Published = "published",
        /// It was published, and is not any more.
        Withdrawn = "withdrawn",
    }
);

/// The title of an article, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleTitle {
    /// In Ukrainian.
    #[schema(min_length = 1, max_length = 200)]
    pub uk: String,
    /// In English.
    #[schema(min_length = 1, max_length = 200)]
    pub en: String,
}

/// The text of an article, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleText {
    /// In Ukrainian.
    #[schema(min_length = 1, max_length = 20000)]
    pub uk: String,
    /// In English.
    #[schema(min_length = 1, max_length = 20000)]
    pub en: String,
}

/// An article, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleIn {
    /// The question.
    pub title: ArticleTitle,
    /// The answer.
    pub text: ArticleText,
}

/// An article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Article {
    /// Its id.
    pub id: Uuid,
    /// Counts its changes: its `ETag`.
    #[schema(minimum = 1)]
    pub version: i32,
    /// Whether anybody may read it.
    pub state: ArticleState,
    /// The question.
    pub title: ArticleTitle,
    /// The answer.
    pub text: ArticleText,
    /// When it was changed last.
    pub changed_at: DateTime<Utc>,
    /// When it was published first; `null`: never.
    pub published_at: Option<DateTime<Utc>>,
}

/// Articles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Articles {
    /// The newest first; at most 500.
    pub items: Vec<Article>,
}
