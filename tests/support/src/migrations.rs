//! What a test database is made of: the hub's migrations.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kordon_hub::database::{DatabaseSettings, migrate};
use openssl::sha::Sha256;

use crate::cluster::workspace;

/// Brings the empty database at `url` to the newest schema.
pub(crate) async fn migrate_template(url: &str) -> anyhow::Result<()> {
    migrate(&DatabaseSettings::new(url)).await?;
    Ok(())
}

/// A name for the schema: the digest of every file of the migrations. A changed migration makes a new
/// template.
pub(crate) fn digest() -> anyhow::Result<String> {
    let folder = workspace().join("migrations");
    let mut files = Vec::new();
    if folder.is_dir() {
        collect(&folder, &mut files)?;
    }
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let content = fs::read(&file)?;
        let name = file.strip_prefix(&folder)?.to_string_lossy().into_owned();
        digest.update(format!("{name}\0{}\0", content.len()).as_bytes());
        digest.update(&content);
    }
    Ok(hex::encode(digest.finish()).chars().take(16).collect())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
