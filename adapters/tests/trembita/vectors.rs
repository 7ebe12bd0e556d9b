//! The folder of test vectors, which is no part of the repository. `KORDON_VECTORS` names it: unset, the
//! tests that need it say that they skip; set to what is not there, they fail.

use std::collections::BTreeSet;
use std::path::PathBuf;

/// A folder below the vectors.
pub(crate) fn folder(path: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("KORDON_VECTORS") else {
        eprintln!("skipped: KORDON_VECTORS is not set");
        return None;
    };
    let folder = PathBuf::from(root).join("vectors").join(path);
    assert!(folder.is_dir(), "KORDON_VECTORS is set and {} is no folder", folder.display());
    Some(folder)
}

/// The names of all files of a folder.
pub(crate) fn names(folder: &std::path::Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder).expect("the folder opens");
    files.map(|file| file.expect("a file").file_name().into_string().expect("a name in UTF-8")).collect()
}

/// A file of a folder.
pub(crate) fn read(folder: &std::path::Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
