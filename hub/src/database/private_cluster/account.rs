//! The account that the server runs under. PostgreSQL refuses to run as root, so a hub that was started by
//! root starts it under an unprivileged account; any other hub starts it under its own.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::unistd::{Uid, User};

use super::ClusterError;

/// Debian's account of the PostgreSQL packages.
const SERVER_ACCOUNT: &str = "postgres";
/// The account of last resort, present on every Linux system.
const NOBODY: &str = "nobody";

/// Variables of the hub that the server's programs need too. Everything else is kept from them: it may be a
/// secret of the hub, or a `PG…` setting that was meant for another server.
const PASSED_ON: [&str; 2] = ["PATH", "LD_LIBRARY_PATH"];

/// Who the server runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    name: String,
    user: u32,
    group: u32,
    /// Whether the hub is root and gives up its rights to become this account.
    drops_rights: bool,
}

/// A path as a process of the account is told of it. The file stays open until the process has been started.
pub(super) struct Handed {
    pub(super) path: PathBuf,
    _open: Option<File>,
}

impl Account {
    /// The account for the data in `data`: the one that owns it; for new data `wanted`, or the account
    /// `postgres`, or `nobody`. A hub that is not root has only its own.
    pub(super) fn choose(wanted: Option<&str>, data: &Path) -> Result<Self, ClusterError> {
        let owner = fs::metadata(data).ok().map(|metadata| metadata.uid());
        let account = if !Uid::effective().is_root() {
            Self::own()
        } else {
            match (wanted, owner) {
                (Some(name), _) => Self::named(name)?,
                (None, Some(owner)) if owner != 0 => Self::numbered(owner)?,
                (None, Some(_) | None) => {
                    Self::named(SERVER_ACCOUNT).or_else(|_missing| Self::named(NOBODY))?
                }
            }
        };
        match owner {
            Some(owner) if owner != account.user => Err(ClusterError::OtherOwner {
                path: data.to_owned(),
                owner: name_of(owner),
                account: account.name,
            }),
            Some(_) | None => Ok(account),
        }
    }

    fn own() -> Self {
        let user = Uid::effective().as_raw();
        Self { name: name_of(user), user, group: nix::unistd::Gid::effective().as_raw(), drops_rights: false }
    }

    fn named(name: &str) -> Result<Self, ClusterError> {
        let found = User::from_name(name).ok().flatten().filter(|user| !user.uid.is_root());
        found.map(Self::from).ok_or_else(|| ClusterError::AccountMissing { account: name.to_owned() })
    }

    fn numbered(user: u32) -> Result<Self, ClusterError> {
        let found = User::from_uid(Uid::from_raw(user)).ok().flatten();
        found.map(Self::from).ok_or_else(|| ClusterError::AccountMissing { account: user.to_string() })
    }

    /// A command that runs as this account, with nothing of the hub but its search path.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        for name in PASSED_ON {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        // The account may have no right to the folder that the hub was started in.
        command.current_dir("/").stdin(Stdio::null());
        if self.drops_rights {
            // The standard library also gives up the supplementary groups when root sets a user.
            command.uid(self.user).gid(self.group);
        }
        command
    }

    /// Makes `path` the account's own.
    pub(super) fn own_path(&self, path: &Path) -> Result<(), ClusterError> {
        if !self.drops_rights {
            return Ok(());
        }
        chown(path, Some(self.user), Some(self.group))
            .map_err(ClusterError::io("changing the owner of", path))
    }

    /// Whether the account owns `path`, itself and not what it may point to.
    pub(super) fn owns(&self, path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok_and(|metadata| metadata.uid() == self.user)
    }

    /// Lets a process of this account reach `path`. A data folder of root often lies below a folder that
    /// nobody else may pass, such as `/root`; an open file that the process inherits leads there all the
    /// same, and no mode of a folder that isn't ours has to change.
    pub(super) fn hand(&self, path: &Path) -> Result<Handed, ClusterError> {
        if !self.drops_rights {
            return Ok(Handed { path: path.to_owned(), _open: None });
        }
        let open = File::open(path).map_err(ClusterError::io("opening", path))?;
        fcntl(&open, FcntlArg::F_SETFD(FdFlag::empty()))
            .map_err(io::Error::from)
            .map_err(ClusterError::io("opening", path))?;
        Ok(Handed { path: PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd())), _open: Some(open) })
    }
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        Self { name: user.name, user: user.uid.as_raw(), group: user.gid.as_raw(), drops_rights: true }
    }
}

/// The name of an account, or its number if it has no name here.
fn name_of(user: u32) -> String {
    match User::from_uid(Uid::from_raw(user)) {
        Ok(Some(found)) => found.name,
        Ok(None) | Err(_) => user.to_string(),
    }
}
