//! In which language the server says what went wrong. The driver hands on no code for most of it, so that a
//! server is only away for the moment is known by PostgreSQL's own English words ([`crate::error`]); in
//! another language such a failure would be taken for a defect.

use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::{Connection, Statement};
use crate::error::Result;

/// The language of the server's messages to this connection (`lc_messages`), when the hub does not read it.
///
/// # Errors
/// When the database is away.
pub async fn foreign_language(connection: &mut Connection) -> Result<Option<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        language: String,
    }
    let row: Row =
        Statement::new("SELECT current_setting('lc_messages') AS language").get_result(connection).await?;
    Ok(Some(row.language).filter(|language| !is_english(language)))
}

/// Whether PostgreSQL writes English under this name of a locale.
fn is_english(language: &str) -> bool {
    let name = language.split(['.', '@']).next().unwrap_or_default();
    matches!(name, "" | "C" | "POSIX" | "en") || name.starts_with("en_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_what_postgresql_writes_without_a_translation() {
        for language in ["", "C", "C.UTF-8", "POSIX", "en_US.UTF-8", "en_GB", "en"] {
            assert!(is_english(language), "{language}");
        }
        for language in ["uk_UA.UTF-8", "uk", "de_DE@euro", "Ukrainian_Ukraine.1251"] {
            assert!(!is_english(language), "{language}");
        }
    }
}
