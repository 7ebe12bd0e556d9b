//! A folder that has room for one file of two: the first stays whole, nothing half-written is left, and it
//! goes on when there is room.
//!
//! A disk is full for everybody, so each test runs its second half as a process of its own, with a disk or a
//! limit of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kordon_adapters::folder::Folder;
use kordon_hub::notices::{ChannelFault, Receipt};

/// Tells a process of its own which folder has so little room.
const PLACE: &str = "KORDON_TEST_SMALL_PLACE";

#[test]
fn a_full_disk_leaves_nothing_behind_and_is_said_clearly() {
    let disk = tempfile::tempdir().unwrap();
    let script =
        "mount -t tmpfs -o size=16k none \"$0\" && exec \"$1\" --exact --ignored full_disk::on_a_small_disk";
    // Anybody may mount in a user name space, unless the machine forbids those; then only root may.
    let name_spaces = [&["--user", "--map-root-user", "--mount"][..], &["--mount"][..]];
    let ran = name_spaces
        .into_iter()
        .map(|name_space| {
            let mut unshare = Command::new("unshare");
            run(unshare.args(name_space).args(["sh", "-c", script]).arg(disk.path()), disk.path())
        })
        .inspect(|ran| eprintln!("{ran:?}"))
        .find(|ran| said(ran).contains("test result"));
    // Within some containers nobody may. The test below needs no right and holds the same there.
    let Some(ran) = ran else {
        eprintln!("skipped: nobody may mount a disk here");
        return;
    };
    assert!(said(&ran).contains("1 passed"), "{ran:?}");
}

#[test]
fn a_file_that_cannot_grow_leaves_nothing_behind_and_is_said_clearly() {
    let place = tempfile::tempdir().unwrap();
    // The write stops in the middle of the file, as on a full disk, and nobody needs a right for it. Unless
    // it is ignored, a signal would end the process instead.
    let script =
        "trap '' XFSZ && exec prlimit --fsize=8192 \"$0\" --exact --ignored full_disk::under_a_limit";
    let ran = run(Command::new("sh").args(["-c", script]), place.path());
    assert!(said(&ran).contains("1 passed"), "{ran:?}");
}

#[tokio::test]
#[ignore = "runs on a small disk, from a_full_disk_leaves_nothing_behind_and_is_said_clearly"]
async fn on_a_small_disk() {
    let place = PathBuf::from(std::env::var_os(PLACE).unwrap());
    put(&place, "first.xml", 8).await.unwrap();
    assert_transient(&put(&place, "second.xml", 12).await.unwrap_err(), "No space left");
    assert_eq!(names(&place), ["first.xml"]);
    std::fs::remove_file(place.join("first.xml")).unwrap();
    put(&place, "second.xml", 12).await.unwrap();
    assert_eq!(names(&place), ["second.xml"]);
}

#[tokio::test]
#[ignore = "runs under a limit, from a_file_that_cannot_grow_leaves_nothing_behind_and_is_said_clearly"]
async fn under_a_limit() {
    let place = PathBuf::from(std::env::var_os(PLACE).unwrap());
    put(&place, "first.xml", 4).await.unwrap();
    assert_transient(&put(&place, "second.xml", 12).await.unwrap_err(), "File too large");
    assert_eq!(names(&place), ["first.xml"]);
    put(&place, "second.xml", 4).await.unwrap();
    assert_eq!(names(&place), ["first.xml", "second.xml"]);
}

/// Runs `command` with this program as its last argument.
fn run(command: &mut Command, place: &Path) -> Output {
    let test = std::env::current_exe().unwrap();
    command.arg(test).env(PLACE, place).output().expect("Debian has sh, and unshare in util-linux")
}

fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

async fn put(place: &Path, name: &str, kibibytes: usize) -> Result<Receipt, ChannelFault> {
    Folder::at(place).put(name.to_owned(), "application/xml", vec![b'x'; kibibytes << 10]).await
}

fn assert_transient(fault: &ChannelFault, words: &str) {
    assert!(matches!(fault, ChannelFault::Transient(detail) if detail.contains(words)), "{fault:?}");
}

fn names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
