//! The installed programs of the PostgreSQL server.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;

/// The oldest major version that the hub is written for.
const OLDEST_MAJOR: u32 = 15;

/// Where Debian's packages put the programs: `<major>/bin` below it.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";

/// `initdb` and `postgres` of one installed version, 15 or newer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerBinaries {
    folder: PathBuf,
    major: u32,
}

impl ServerBinaries {
    /// Finds the programs: in the folder `explicit` and nowhere else if it is given; otherwise the highest
    /// version of Debian's packages; otherwise on the `PATH`.
    ///
    /// # Errors
    /// [`ClusterError::BinariesMissing`] and [`ClusterError::BinariesTooOld`].
    pub fn find(explicit: Option<&Path>) -> Result<Self, ClusterError> {
        let search_path = std::env::var_os("PATH").unwrap_or_default();
        Self::find_among(explicit, Path::new(DEBIAN_FOLDER), &search_path)
    }

    fn find_among(explicit: Option<&Path>, debian: &Path, search_path: &OsStr) -> Result<Self, ClusterError> {
        if let Some(folder) = explicit {
            return Self::in_folder(folder)?
                .ok_or_else(|| ClusterError::BinariesMissing { looked_in: folder.display().to_string() });
        }
        if let Some(major) = debian_majors(debian).filter(|major| *major >= OLDEST_MAJOR).max() {
            return Ok(Self { folder: debian_binaries(debian, major), major });
        }
        for folder in std::env::split_paths(search_path) {
            if let Some(found) = Self::in_folder(&folder)? {
                return Ok(found);
            }
        }
        Err(ClusterError::BinariesMissing { looked_in: format!("{}/*/bin and the PATH", debian.display()) })
    }

    /// The programs in `folder`, or `None` if it doesn't have both.
    fn in_folder(folder: &Path) -> Result<Option<Self>, ClusterError> {
        if !has_programs(folder) {
            return Ok(None);
        }
        let folder = folder.canonicalize().map_err(ClusterError::io("opening", folder))?;
        let postgres = folder.join("postgres");
        let answer = Command::new(&postgres)
            .arg("--version")
            .output()
            .map_err(ClusterError::io("starting", &postgres))?;
        match major_in(&String::from_utf8_lossy(&answer.stdout)) {
            Some(major) if major >= OLDEST_MAJOR => Ok(Some(Self { folder, major })),
            Some(major) => {
                Err(ClusterError::BinariesTooOld { binaries: folder, major, oldest: OLDEST_MAJOR })
            }
            None => Ok(None),
        }
    }

    /// The programs for data that was written by `major`: these, or the ones of Debian's package beside them.
    /// Data is never opened by another major version, so a newer package must not take an old database over.
    pub(super) fn for_data_of(self, major: u32) -> Option<Self> {
        if self.major == major {
            return Some(self);
        }
        let folder = debian_binaries(Path::new(DEBIAN_FOLDER), major);
        has_programs(&folder).then_some(Self { folder, major })
    }

    /// The major version.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The folder with the programs of this version, also those that are no part of the server (`pgbench`,
    /// `psql`).
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }
}

fn debian_binaries(debian: &Path, major: u32) -> PathBuf {
    debian.join(major.to_string()).join("bin")
}

/// The major versions whose server is installed as a package.
fn debian_majors(debian: &Path) -> impl Iterator<Item = u32> {
    fs::read_dir(debian)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|major| has_programs(&debian_binaries(debian, *major)))
}

fn has_programs(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("postgres").is_file()
}

/// The major version in the answer to `postgres --version`, such as `postgres (PostgreSQL) 15.18 (Debian
/// 15.18-0)`.
fn major_in(answer: &str) -> Option<u32> {
    let version = answer.split_once("(PostgreSQL) ")?.1;
    let digits = version.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Installs programs that answer as `version` would.
    fn install(folder: &Path, version: &str) {
        fs::create_dir_all(folder).unwrap();
        for program in ["initdb", "postgres"] {
            let path = folder.join(program);
            fs::write(&path, format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn the_highest_package_of_a_supported_version_is_taken() {
        let debian = tempfile::tempdir().unwrap();
        for major in ["9", "15", "17"] {
            install(&debian.path().join(major).join("bin"), major);
        }
        fs::create_dir_all(debian.path().join("18/bin")).unwrap();
        let found = ServerBinaries::find_among(None, debian.path(), OsStr::new("")).unwrap();
        assert_eq!((found.major(), found.folder()), (17, debian.path().join("17/bin").as_path()));
    }

    #[test]
    fn without_a_package_the_path_is_searched() {
        let elsewhere = tempfile::tempdir().unwrap();
        install(elsewhere.path(), "16.4");
        let found = ServerBinaries::find_among(None, Path::new("/nonexistent"), elsewhere.path().as_os_str());
        assert_eq!(found.unwrap().major(), 16);
    }

    #[test]
    fn an_explicit_folder_is_the_only_one_searched() {
        let empty = tempfile::tempdir().unwrap();
        let refused = ServerBinaries::find(Some(empty.path())).unwrap_err();
        let searched = empty.path().display().to_string();
        assert!(matches!(refused, ClusterError::BinariesMissing { looked_in } if looked_in == searched));
    }

    #[test]
    fn a_machine_without_a_server_is_told_which_package_to_install() {
        let refused =
            ServerBinaries::find_among(None, Path::new("/nonexistent"), OsStr::new("")).unwrap_err();
        insta::assert_snapshot!(refused, @"no PostgreSQL server is installed here (looked in /nonexistent/*/bin and the PATH): install one with `apt-get install postgresql-15`, or set DATABASE_URL to a database that you run");
    }

    #[test]
    fn an_old_server_is_refused() {
        let old = tempfile::tempdir().unwrap();
        install(old.path(), "14.11");
        let refused = ServerBinaries::find(Some(old.path())).unwrap_err();
        assert!(matches!(refused, ClusterError::BinariesTooOld { major: 14, .. }));
    }

    #[test]
    fn versions_are_read_from_what_the_server_says() {
        assert_eq!(major_in("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_in("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_in("something else"), None);
    }
}
