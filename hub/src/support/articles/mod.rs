//! The questions-and-answers section (Order 926, section III, clauses 2 and 15): what many ask, answered
//! once, in both languages.
//!
//! Whom it serves: anybody, who reads what is published; line 1, which writes it and links it in answers.

mod store;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::articles::{Article, ArticleIn, ArticleState, Articles};
use kordon_schemas::{Fault, ProblemCode};
use uuid::Uuid;

use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// The longest text, in characters.
const LONGEST_TEXT: usize = 20_000;

/// What is done with an article.
#[derive(Debug, Clone, Copy)]
pub enum Change<'i> {
    /// It is written anew.
    Write(&'i ArticleIn),
    /// Anybody may read it.
    Publish,
    /// Nobody but the support service may read it any more.
    Withdraw,
}

/// Begins an article, as a draft.
///
/// # Errors
/// [`Error::Invalid`] naming each fault.
pub async fn begin(
    connection: &mut Connection,
    actor: &Actor,
    written: &ArticleIn,
    now: DateTime<Utc>,
) -> Result<Article> {
    let ArticleIn { title, text } = checked(written)?;
    let article = Article {
        id: Uuid::now_v7(),
        version: 1,
        state: ArticleState::Draft,
        title,
        text,
        changed_at: now,
        published_at: None,
    };
    store::insert(connection, &article, actor.system).await?;
    Ok(article)
}

/// Changes an article that stands at `version`.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`]; [`Error::Refused`] with `precondition_failed`, or with
/// `article_state` when it stands so already, or is withdrawn before it was published.
pub async fn change(
    connection: &mut Connection,
    actor: &Actor,
    id: Uuid,
    version: i32,
    change: Change<'_>,
    now: DateTime<Utc>,
) -> Result<Article> {
    connection
        .transaction(async |connection| {
            let article = store::locked(connection, id).await?.ok_or_else(|| unknown(id))?;
            if article.version != version {
                let detail = format!("the article is at version {}", article.version);
                return Err(Error::refused(ProblemCode::PreconditionFailed, detail));
            }
            let changed = after(article, change, now)?;
            store::update(connection, &changed, actor.system).await?;
            Ok(changed)
        })
        .await
}

/// An article after a change.
fn after(article: Article, change: Change<'_>, now: DateTime<Utc>) -> Result<Article> {
    let refused = |detail: &str| Err(Error::refused(ProblemCode::ArticleState, detail));
    let version = article.version.saturating_add(1);
    let article = Article { version, changed_at: now, ..article };
    match (change, article.state) {
        (Change::Write(written), _) => {
            let ArticleIn { title, text } = checked(written)?;
            Ok(Article { title, text, ..article })
        }
        (Change::Publish, ArticleState::Draft | ArticleState::Withdrawn) => Ok(Article {
            state: ArticleState::Published,
            published_at: article.published_at.or(Some(now)),
            ..article
        }),
        (Change::Publish, ArticleState::Published) => refused("the article is published already"),
        (Change::Withdraw, ArticleState::Published) => {
            Ok(Article { state: ArticleState::Withdrawn, ..article })
        }
        (Change::Withdraw, ArticleState::Draft | ArticleState::Withdrawn) => {
            refused("the article is not published")
        }
    }
}

/// An article; for anybody only while it is published.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(connection: &mut Connection, id: Uuid, published_only: bool) -> Result<Article> {
    let article = store::one(connection, id).await?.ok_or_else(|| unknown(id))?;
    if published_only && article.state != ArticleState::Published {
        return Err(unknown(id));
    }
    Ok(article)
}

/// The articles, the newest first; at most 500.
///
/// # Errors
/// When the database is away.
pub async fn list(connection: &mut Connection, published_only: bool) -> Result<Articles> {
    Ok(Articles { items: store::list(connection, published_only).await? })
}

fn checked(written: &ArticleIn) -> Result<ArticleIn> {
    let ArticleIn { title, text } = written;
    let parts = [
        ("/title/uk", &title.uk, LONGEST_TITLE),
        ("/title/en", &title.en, LONGEST_TITLE),
        ("/text/uk", &text.uk, LONGEST_TEXT),
        ("/text/en", &text.en, LONGEST_TEXT),
    ];
    let readable = |text: &str| !text.chars().any(|sign| sign.is_control() && sign != '\n' && sign != '\t');
    let faults: Vec<Fault> = parts
        .into_iter()
        .filter(|(_, text, longest)| {
            text.trim().is_empty() || text.chars().count() > *longest || !readable(text)
        })
        .map(|(path, _, longest)| {
            Fault::new(path, format!("has 1 to {longest} characters, none of them for control"))
        })
        .collect();
    if faults.is_empty() { Ok(written.clone()) } else { Err(Error::Invalid(faults)) }
}

fn unknown(id: Uuid) -> Error {
    Error::NotFound { what: "article", id: id.to_string() }
}
