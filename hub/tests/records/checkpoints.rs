//! Reference data in the database: loaded once, by any number of replicas, and never lost.

use diesel_async::SimpleAsyncConnection;
use kordon_hub::checkpoints;
use kordon_schemas::ProblemCode;

use crate::site::{Site, krakivets, noon};

#[tokio::test]
async fn replicas_that_start_at_once_load_it_once() {
    let site = Site::fresh().await;
    let load = async || checkpoints::load(&mut *site.connection().await, noon(1)).await.unwrap();
    site.connection().await.batch_execute("DELETE FROM reference_editions").await.unwrap();
    tokio::join!(load(), load(), load());
    assert_eq!(site.number("SELECT count(*) FROM checkpoints").await, 43);
    assert_eq!(site.number("SELECT count(*) FROM customs_offices").await, 294);
    assert_eq!(site.number("SELECT count(*) FROM checkpoint_journals").await, 43);
}

#[tokio::test]
async fn a_newer_edition_in_the_database_is_left_as_it_is() {
    let site = Site::fresh().await;
    let newer = "UPDATE reference_editions SET edition = '2099-01-01';
                 UPDATE checkpoints SET name_en = 'Renamed', edition = '2099-01-01' WHERE checkpoint = 'UA209030'";
    let mut connection = site.connection().await;
    connection.batch_execute(newer).await.unwrap();
    checkpoints::load(&mut connection, noon(1)).await.unwrap();
    assert_eq!(checkpoints::checkpoint(&mut connection, &krakivets()).await.unwrap().name.en, "Renamed");
}

#[tokio::test]
async fn a_newer_edition_of_the_program_brings_its_names_and_keeps_the_journals() {
    let site = Site::fresh().await;
    site.book("r-1", crate::site::PLATE, 0).await;
    let older = "UPDATE reference_editions SET edition = '2020-01-01';
                 UPDATE checkpoints SET name_en = 'Old name', edition = '2020-01-01';
                 INSERT INTO checkpoints SELECT 'UA000001', name_uk, name_en, place_uk, place_en, traffic, NULL, NULL,
                     NULL, active_from, edition, NULL FROM checkpoints WHERE checkpoint = 'UA209030'";
    let mut connection = site.connection().await;
    connection.batch_execute(older).await.unwrap();
    checkpoints::load(&mut connection, noon(1)).await.unwrap();
    assert_ne!(checkpoints::checkpoint(&mut connection, &krakivets()).await.unwrap().name.en, "Old name");
    let retired = "SELECT count(*) FROM checkpoints WHERE checkpoint = 'UA000001' AND retired_in IS NOT NULL";
    assert_eq!(site.number(retired).await, 1, "what the new edition no longer names stays, marked");
    assert_eq!(site.number("SELECT max(last_position) FROM checkpoint_journals").await, 1);
}

#[tokio::test]
async fn a_checkpoint_of_no_list_is_not_found() {
    let site = Site::fresh().await;
    let nowhere = kordon_schemas::CheckpointCode::parse("UA999999").unwrap();
    let unknown = checkpoints::checkpoint(&mut *site.connection().await, &nowhere).await.unwrap_err();
    assert_eq!(unknown.code(), ProblemCode::NotFound);
}
