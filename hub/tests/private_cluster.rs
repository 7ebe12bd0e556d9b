//! The private PostgreSQL against real servers: what survives, who may hold the folder, who cleans up after
//! whom.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use std::fs;
use std::future::poll_fn;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use kordon_hub::database::private_cluster::{
    ClusterError, ClusterOptions, ClusterState, Durability, PrivateCluster, ServerBinaries,
};
use kordon_testing::TestCluster;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::FromSqlOwned;
use tokio_postgres::{AsyncMessage, Client, NoTls};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tells a copy of this program which folder to hold.
const FOLDER_TO_HOLD: &str = "KORDON_TEST_FOLDER_TO_HOLD";

#[test]
fn what_was_written_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = start(folder.path());
    write_facts(cluster.url(), 3);
    cluster.stop();
    assert_eq!(facts(start(folder.path()).url()), 3);
}

#[test]
fn the_server_keeps_to_itself() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = start(folder.path());
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("postgres.password"), 0o600);
    assert_eq!(mode("postgres"), 0o700);
    assert_eq!(mode("socket"), 0o700);
    assert_eq!(setting(cluster.url(), "listen_addresses"), "");
    assert_eq!(setting(cluster.url(), "data_checksums"), "on");
    assert_eq!(setting(cluster.url(), "server_encoding"), "UTF8");
    assert_eq!(setting(cluster.url(), "lc_messages"), "C.UTF-8");

    let process = TestCluster::server_process(folder.path()).unwrap();
    assert_ne!(fs::metadata(format!("/proc/{process}")).unwrap().uid(), 0, "the server does not run as root");
    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let group = status.rsplit(") ").next().unwrap().split(' ').nth(2).unwrap();
    assert_eq!(group, process.to_string(), "Ctrl-C does not reach the server");
}

#[test]
fn a_password_is_asked_for_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = start(folder.path());
    let password = fs::read_to_string(folder.path().join("postgres.password")).unwrap();
    let password = password.trim();
    assert_eq!(password.len(), 64);
    assert!(cluster.url().contains(password));
    assert!(!format!("{cluster:?}").contains(password));
    let refused = Session::open(&cluster.url().replace(password, "guess")).err().unwrap();
    assert_eq!(refused.code(), Some(&SqlState::INVALID_PASSWORD));
}

#[test]
fn programs_of_postgresql_understand_the_url_too() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = start(folder.path());
    let psql = ServerBinaries::find(None).unwrap().folder().join("psql");
    let answer =
        Command::new(psql).arg(cluster.url()).args(["-Atc", "SELECT current_database()"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), "kordon", "{answer:?}");
}

#[test]
fn a_folder_serves_one_hub_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let _first = start(folder.path());
    let second = try_start(folder.path(), Durability::Fast).unwrap_err();
    let (place, process) = (folder.path().canonicalize().unwrap(), std::process::id());
    let expected = format!(
        "another hub holds the folder {} (process {process}): stop it, or give this hub a data folder of its own",
        place.display()
    );
    assert_eq!(second.to_string(), expected);
}

#[test]
fn a_tool_finds_the_server_of_a_running_hub() {
    let folder = tempfile::tempdir().unwrap();
    let nothing_yet = PrivateCluster::attach(&folder.path().join("nowhere")).unwrap_err();
    assert!(matches!(nothing_yet, ClusterError::NotRunning { .. }));
    let cluster = start(folder.path());
    assert_eq!(PrivateCluster::attach(folder.path()).unwrap(), cluster.url());
    cluster.stop();
    let stopped = PrivateCluster::attach(folder.path()).unwrap_err();
    assert!(matches!(stopped, ClusterError::NotRunning { .. }));
}

#[test]
fn a_killed_server_is_started_again_with_all_that_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = try_start(folder.path(), Durability::Durable).unwrap();
    write_facts(cluster.url(), 5);
    kill_and_await_restart(&cluster);
    assert_eq!(facts(cluster.url()), 5);
}

#[test]
fn a_query_that_outlives_its_server_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = start(folder.path());
    let (tell, told) = mpsc::channel();
    let busy = Session::telling(cluster.url(), tell).unwrap();
    // Says that it works, and then, for two seconds, works and looks at nothing else.
    let work = "DO $$ BEGIN RAISE NOTICE 'at work';
                WHILE clock_timestamp() < now() + interval '2 s' LOOP END LOOP; END $$";
    let working = thread::spawn(move || busy.run(work));
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), "at work");
    kill_and_await_restart(&cluster);
    let _answered_or_not = working.join().unwrap();
    let log = fs::read_to_string(folder.path().join("postgres.log")).unwrap();
    assert!(log.contains("is still in use"), "the first new start met the old query");
}

#[test]
fn a_server_that_can_not_be_started_again_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = start(folder.path());
    let mut states = cluster.states();
    fs::remove_file(folder.path().join("postgres/global/pg_control")).unwrap();
    TestCluster::kill_server(folder.path()).unwrap();
    let given_up = states.wait_for(|state| matches!(state, ClusterState::GivenUp { .. }));
    within_a_minute(async { drop(given_up.await.unwrap()) });
    let ClusterState::GivenUp { reason } = cluster.state() else { panic!("{:?}", cluster.state()) };
    assert!(reason.contains("could not find the database system"), "{reason}");
}

#[test]
fn the_next_hub_replaces_the_server_of_a_killed_one() {
    let folder = tempfile::tempdir().unwrap();
    kill_a_hub_on(folder.path(), |_| {});
    let orphan = TestCluster::server_process(folder.path()).unwrap();
    assert!(Path::new(&format!("/proc/{orphan}")).exists(), "the server outlives its hub");
    let cluster = try_start(folder.path(), Durability::Durable).unwrap();
    assert_ne!(TestCluster::server_process(folder.path()).unwrap(), orphan);
    assert_eq!(facts(cluster.url()), 7);
}

#[test]
fn a_hub_and_its_server_killed_together_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    kill_a_hub_on(folder.path(), |folder| TestCluster::kill_server(folder).unwrap());
    assert_eq!(facts(try_start(folder.path(), Durability::Durable).unwrap().url()), 7);
}

#[test]
fn a_process_id_that_somebody_else_has_now_is_left_alone() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    start(folder.path()).stop();
    let _other = start(other.path());
    let somebody = TestCluster::server_process(other.path()).unwrap();
    let note = fs::read(other.path().join("postgres/postmaster.pid")).unwrap();
    fs::write(folder.path().join("postgres/postmaster.pid"), note).unwrap();
    let cluster = start(folder.path());
    assert_eq!(TestCluster::server_process(other.path()).unwrap(), somebody);
    assert_eq!(cluster.state(), ClusterState::Running);
}

#[test]
fn a_first_start_that_was_killed_half_way_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let half_made = folder.path().join("postgres.new-0123456789abcdef");
    fs::create_dir_all(half_made.join("base")).unwrap();
    fs::write(folder.path().join("postgres.password"), "of the killed one").unwrap();
    let cluster = start(folder.path());
    assert!(Session::open(cluster.url()).is_ok());
    assert!(!half_made.exists());
    let password = fs::metadata(folder.path().join("postgres.password")).unwrap();
    assert_eq!(password.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_path_too_long_for_a_socket_gets_a_short_one_beside_it() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("дані ".repeat(20)).join("kordon");
    let cluster = start(&folder);
    write_facts(cluster.url(), 1);
    assert_eq!(PrivateCluster::attach(&folder).unwrap(), cluster.url());
    let short = fs::read_link(folder.join("socket")).unwrap();
    assert_eq!(fs::metadata(&short).unwrap().permissions().mode() & 0o777, 0o700);
    cluster.stop();
    assert!(!short.exists());
    assert_eq!(facts(start(&folder).url()), 1);
}

#[test]
fn a_folder_that_only_its_owner_may_enter_serves_too() {
    let parent = tempfile::tempdir().unwrap();
    fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let cluster = start(&parent.path().join("deeper/data"));
    assert!(Session::open(cluster.url()).is_ok());
}

#[test]
fn data_of_another_version_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    start(folder.path()).stop();
    fs::write(folder.path().join("postgres/PG_VERSION"), "9\n").unwrap();
    let refused = try_start(folder.path(), Durability::Fast).unwrap_err();
    assert!(matches!(refused, ClusterError::OtherMajor { data: 9, .. }), "{refused}");
}

#[test]
fn a_machine_without_a_server_is_told_what_to_install() {
    let empty = tempfile::tempdir().unwrap();
    let refused = ServerBinaries::find(Some(empty.path())).unwrap_err().to_string();
    assert!(
        refused.contains("apt-get install postgresql-15") && refused.contains("DATABASE_URL"),
        "{refused}"
    );
}

#[test]
fn a_start_that_fails_shows_what_the_server_said() {
    let folder = tempfile::tempdir().unwrap();
    start(folder.path()).stop();
    let settings = folder.path().join("postgres/postgresql.conf");
    fs::OpenOptions::new().append(true).open(settings).unwrap().write_all(b"nonsense = 1\n").unwrap();
    let refused = try_start(folder.path(), Durability::Fast).unwrap_err();
    assert!(matches!(&refused, ClusterError::StartFailed { .. }));
    assert!(refused.to_string().contains("unrecognized configuration parameter \"nonsense\""), "{refused}");
}

#[test]
#[ignore = "run by other tests as a process of its own, to be killed"]
fn a_hub_that_holds_a_folder_until_it_is_killed() {
    let folder = PathBuf::from(std::env::var_os(FOLDER_TO_HOLD).unwrap());
    let cluster = try_start(&folder, Durability::Durable).unwrap();
    write_facts(cluster.url(), 7);
    println!("\nstarted");
    let _until_killed = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Runs a hub on `folder`, lets it commit seven facts, kills it as `kill -9` does, and does `more` before it
/// is reaped.
fn kill_a_hub_on(folder: &Path, more: impl FnOnce(&Path)) {
    let mut hub = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_hub_that_holds_a_folder_until_it_is_killed", "--ignored", "--nocapture"])
        .env(FOLDER_TO_HOLD, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(hub.stdout.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap() == "started"), "the hub to be killed did not start");
    hub.kill().unwrap();
    more(folder);
    hub.wait().unwrap();
}

fn start(folder: &Path) -> PrivateCluster {
    try_start(folder, Durability::Fast).unwrap()
}

fn try_start(folder: &Path, durability: Durability) -> Result<PrivateCluster, ClusterError> {
    let options = ClusterOptions { durability, max_connections: 10, ..ClusterOptions::default() };
    PrivateCluster::start(folder, ServerBinaries::find(None)?, options)
}

fn kill_and_await_restart(cluster: &PrivateCluster) {
    let mut states = cluster.states();
    TestCluster::kill_server(cluster.folder()).unwrap();
    within_a_minute(async {
        states.wait_for(|state| *state == ClusterState::Restarting).await.unwrap();
        states.wait_for(|state| *state == ClusterState::Running).await.unwrap();
    });
}

fn within_a_minute(event: impl Future<Output = ()>) {
    runtime().block_on(async { tokio::time::timeout(PATIENCE, event).await.unwrap() });
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A connection that blocks.
struct Session {
    runtime: Runtime,
    client: Client,
}

impl Session {
    fn open(url: &str) -> Result<Self, tokio_postgres::Error> {
        let (unheard, _) = mpsc::channel();
        Self::telling(url, unheard)
    }

    /// The same; what the server says in the middle of a statement is passed on.
    fn telling(url: &str, tell: mpsc::Sender<String>) -> Result<Self, tokio_postgres::Error> {
        let runtime = runtime();
        let (client, mut connection) = runtime.block_on(tokio_postgres::connect(url, NoTls))?;
        runtime.spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                if let AsyncMessage::Notice(notice) = message {
                    let _nobody_listens = tell.send(notice.message().to_owned());
                }
            }
        });
        Ok(Self { runtime, client })
    }

    fn run(&self, statement: &str) -> Result<(), tokio_postgres::Error> {
        self.runtime.block_on(self.client.batch_execute(statement))
    }

    fn ask<Answer: FromSqlOwned>(&self, query: &str) -> Answer {
        self.runtime.block_on(self.client.query_one(query, &[])).unwrap().get(0)
    }
}

fn write_facts(url: &str, count: u32) {
    let session = Session::open(url).unwrap();
    session.run("CREATE TABLE IF NOT EXISTS facts (fact integer)").unwrap();
    for fact in 0..count {
        session.run(&format!("INSERT INTO facts VALUES ({fact})")).unwrap();
    }
}

fn facts(url: &str) -> i64 {
    Session::open(url).unwrap().ask("SELECT count(*) FROM facts")
}

fn setting(url: &str, name: &str) -> String {
    Session::open(url).unwrap().ask(&format!("SELECT current_setting('{name}')"))
}
