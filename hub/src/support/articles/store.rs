//! The SQL of the questions-and-answers section.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::articles::{Article, ArticleState, ArticleText, ArticleTitle};
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::SystemId;

#[derive(QueryableByName)]
struct ArticleRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    title_uk: String,
    #[diesel(sql_type = Text)]
    title_en: String,
    #[diesel(sql_type = Text)]
    text_uk: String,
    #[diesel(sql_type = Text)]
    text_en: String,
    #[diesel(sql_type = Timestamptz)]
    changed_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    published_at: Option<DateTime<Utc>>,
}

impl ArticleRow {
    fn read(self) -> Result<Article> {
        let Self { id, version, state, title_uk, title_en, text_uk, text_en, changed_at, published_at } =
            self;
        Ok(Article {
            id,
            version,
            state: ArticleState::from_word(&state).ok_or_else(|| Error::stored_badly("an article", state))?,
            title: ArticleTitle { uk: title_uk, en: title_en },
            text: ArticleText { uk: text_uk, en: text_en },
            changed_at,
            published_at,
        })
    }
}

macro_rules! select_articles {
    ($rest:literal) => {
        concat!(
            "SELECT id, version, state, title_uk, title_en, text_uk, text_en, changed_at, published_at FROM articles ",
            $rest
        )
    };
}

pub(super) async fn insert(connection: &mut Connection, article: &Article, by: SystemId) -> Result<()> {
    Statement::new(
        "INSERT INTO articles (id, version, state, title_uk, title_en, text_uk, text_en, written_by, changed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<SqlUuid, _>(article.id)
    .bind::<Integer, _>(article.version)
    .bind::<Text, _>(article.state.as_str())
    .bind::<Text, _>(&article.title.uk)
    .bind::<Text, _>(&article.title.en)
    .bind::<Text, _>(&article.text.uk)
    .bind::<Text, _>(&article.text.en)
    .bind::<SqlUuid, _>(by.0)
    .bind::<Timestamptz, _>(article.changed_at)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn update(connection: &mut Connection, article: &Article, by: SystemId) -> Result<()> {
    Statement::new(
        "UPDATE articles SET version = ?, state = ?, title_uk = ?, title_en = ?, text_uk = ?, text_en = ?,
                             written_by = ?, changed_at = ?, published_at = ?
         WHERE id = ?",
    )
    .bind::<Integer, _>(article.version)
    .bind::<Text, _>(article.state.as_str())
    .bind::<Text, _>(&article.title.uk)
    .bind::<Text, _>(&article.title.en)
    .bind::<Text, _>(&article.text.uk)
    .bind::<Text, _>(&article.text.en)
    .bind::<SqlUuid, _>(by.0)
    .bind::<Timestamptz, _>(article.changed_at)
    .bind::<Nullable<Timestamptz>, _>(article.published_at)
    .bind::<SqlUuid, _>(article.id)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn locked(connection: &mut Connection, id: Uuid) -> Result<Option<Article>> {
    let statement = Statement::new(select_articles!("WHERE id = ? FOR NO KEY UPDATE"));
    read(connection, statement.bind::<SqlUuid, _>(id)).await
}

pub(super) async fn one(connection: &mut Connection, id: Uuid) -> Result<Option<Article>> {
    read(connection, Statement::new(select_articles!("WHERE id = ?")).bind::<SqlUuid, _>(id)).await
}

async fn read(connection: &mut Connection, statement: Statement<'_>) -> Result<Option<Article>> {
    let row: Option<ArticleRow> = statement.get_result(connection).await.optional()?;
    row.map(ArticleRow::read).transpose()
}

pub(super) async fn list(connection: &mut Connection, published_only: bool) -> Result<Vec<Article>> {
    let rows: Vec<ArticleRow> = Statement::new(select_articles!(
        "WHERE state = 'published' OR NOT ? ORDER BY published_at DESC NULLS FIRST, id DESC LIMIT 500"
    ))
    .bind::<Bool, _>(published_only)
    .load(connection)
    .await?;
    rows.into_iter().map(ArticleRow::read).collect()
}
