//! The schema's history: every step can be taken and taken back, replicas that start together take it once,
//! and the schema keeps the promises that the stores rest on.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use std::collections::BTreeSet;
use std::process::Command;

use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::{AsyncMigrationHarness, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use kordon_hub::database::private_cluster::ServerBinaries;
use kordon_hub::database::{DatabaseSettings, connect, migrate, revert_all};
use kordon_testing::TestDatabase;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

#[tokio::test(flavor = "multi_thread")]
async fn the_way_down_and_up_again_leads_to_the_same_schema() {
    let database = TestDatabase::empty().await;
    let settings = DatabaseSettings::new(database.url());
    let ran = migrate(&settings).await.unwrap();
    let schema = dump(&database);
    assert!(schema.contains("CREATE TABLE public.checkpoint_events"), "{schema}");

    let reverted = revert_all(&settings).await.unwrap();
    assert_eq!(
        reverted,
        ran.iter().rev().cloned().collect::<Vec<_>>(),
        "the way down is the way up backwards"
    );
    let left = dump(&database);
    let left: Vec<_> = left.lines().filter(|line| line.starts_with("CREATE")).collect();
    assert_eq!(
        left,
        ["CREATE TABLE public.__diesel_schema_migrations ("],
        "nothing stays but the history itself"
    );

    assert_eq!(migrate(&settings).await.unwrap(), ran);
    assert_eq!(dump(&database), schema);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_takes_back_exactly_what_it_made() {
    let database = TestDatabase::empty().await;
    let connection = connect(&DatabaseSettings::new(database.url())).await.unwrap();
    tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(connection);
        let mut schemas = Vec::new();
        while harness.has_pending_migration(MIGRATIONS).unwrap() {
            schemas.push(dump(&database));
            harness.run_next_migration(MIGRATIONS).unwrap();
        }
        while let Some(before) = schemas.pop() {
            let step = harness.revert_last_migration(MIGRATIONS).unwrap().to_string();
            assert_eq!(dump(&database), before, "{step}");
        }
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_together_run_each_migration_once() {
    let database = TestDatabase::empty().await;
    let settings = DatabaseSettings::new(database.url());
    let replicas: Vec<_> = (0..4)
        .map(|_| {
            let settings = settings.clone();
            tokio::spawn(async move { migrate(&settings).await.unwrap() })
        })
        .collect();
    let mut ran = Vec::new();
    for replica in replicas {
        ran.extend(replica.await.unwrap());
    }
    let once: BTreeSet<_> = ran.iter().cloned().collect();
    assert_eq!(ran.len(), once.len(), "{ran:?}");
    assert_eq!(words(&database, "SELECT version::text AS word FROM __diesel_schema_migrations").await, once);
    assert_eq!(
        migrate(&settings).await.unwrap(),
        Vec::<String>::new(),
        "a later start finds nothing left to do"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_index_says_which_query_needs_it() {
    let database = migrated().await;
    // The index of a constraint is explained by the constraint.
    let silent = "
        SELECT index.relname::text AS word
        FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
        WHERE index.relnamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
          AND obj_description(indexrelid, 'pg_class') IS NULL";
    assert_eq!(words(&database, silent).await, BTreeSet::new(), "COMMENT ON INDEX is missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_what_lies_at_a_checkpoint_begins_with_the_checkpoint() {
    let database = migrated().await;
    let elsewhere = "
        SELECT tables.relname::text AS word
        FROM pg_class AS tables
        JOIN pg_attribute AS of ON of.attrelid = tables.oid AND of.attname = 'checkpoint' AND NOT of.attisdropped
        LEFT JOIN pg_constraint AS key ON key.conrelid = tables.oid AND key.contype = 'p'
        WHERE tables.relkind IN ('r', 'p') AND tables.relnamespace = 'public'::regnamespace
          AND key.conkey[1] IS DISTINCT FROM of.attnum";
    // What goes across checkpoints: who has said what under which id, where a vehicle is booked and until
    // when it may not book, who has read what.
    let across = ["access_log", "active_bookings", "event_keys", "plate_bans"];
    assert_eq!(words(&database, elsewhere).await, across.map(String::from).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_has_a_key() {
    let database = migrated().await;
    let without = "
        SELECT relname::text AS word FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = pg_class.oid AND contype = 'p')";
    assert_eq!(words(&database, without).await, BTreeSet::new());
}

async fn migrated() -> TestDatabase {
    let database = TestDatabase::empty().await;
    migrate(&DatabaseSettings::new(database.url())).await.unwrap();
    database
}

/// The schema as `pg_dump` writes it, without the lines that differ from one dump to the next.
fn dump(database: &TestDatabase) -> String {
    let program = ServerBinaries::find(None).unwrap().folder().join("pg_dump");
    let dumped = Command::new(&program)
        .args(["--schema-only", "--no-owner", "--dbname", &database.url()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&dumped.stderr);
    assert!(dumped.status.success(), "{said}");
    let text = String::from_utf8(dumped.stdout).unwrap();
    // `\restrict` and `\unrestrict` carry a random key.
    let kept =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with("--") && !line.starts_with('\\'));
    kept.collect::<Vec<_>>().join("\n")
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

async fn words(database: &TestDatabase, query: &str) -> BTreeSet<String> {
    let mut connection = connect(&DatabaseSettings::new(database.url())).await.unwrap();
    let rows: Vec<Word> = diesel::sql_query(query).load(&mut connection).await.unwrap();
    rows.into_iter().map(|row| row.word).collect()
}
