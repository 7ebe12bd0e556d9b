//! The pull feed: every notice, in the order of the commits, none ever passed over.

use std::collections::HashSet;

use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use futures_util::future::join_all;
use kordon_hub::{Error, notices, outages};

use crate::site::{Site, failure, now, soon};

#[tokio::test]
async fn a_reader_that_goes_on_from_where_it_was_misses_nothing() {
    let site = Site::open().await;
    for minutes in 1..=7 {
        site.declare(&failure(minutes)).await.unwrap();
    }
    let mut connection = site.connection().await;
    let (mut after, mut read) = (0, Vec::new());
    loop {
        let feed = notices::feed(&mut connection, after, 3).await.unwrap();
        if feed.items.is_empty() {
            assert_eq!(feed.next, after);
            break;
        }
        after = feed.next;
        read.extend(feed.items.iter().map(|notice| notice.position));
    }
    assert_eq!(read, [1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test]
async fn a_notice_that_is_not_committed_yet_holds_the_later_ones_back() {
    let site = Site::open().await;
    let mut slow = site.own_connection().await;
    let second = slow
        .transaction(async |slow| {
            outages::declare(slow, &site.first_line, &failure(1), None, now()).await?;
            let database = site.database.clone();
            let actor = site.first_line.clone();
            let second = tokio::spawn(async move {
                let mut connection = database.own_connection().await?;
                outages::declare(&mut connection, &actor, &failure(2), None, now()).await
            });
            site.somebody_waits_for_a_lock().await;
            assert!(site.feed().await.is_empty(), "the second did not overtake the first");
            assert!(!second.is_finished());
            Ok::<_, Error>(second)
        })
        .await
        .unwrap();
    second.await.unwrap().unwrap();
    let told: Vec<_> = site
        .feed()
        .await
        .iter()
        .map(|notice| (notice.position, notice.outage.as_ref().unwrap().starts_at))
        .collect();
    assert_eq!(told, [(1, failure(1).starts_at), (2, failure(2).starts_at)]);
}

#[tokio::test]
async fn a_notice_that_was_given_up_leaves_no_gap() {
    let site = Site::open().await;
    let mut connection = site.own_connection().await;
    let given_up: kordon_hub::Result<()> = connection
        .transaction(async |connection| {
            outages::declare(connection, &site.first_line, &failure(1), None, now()).await?;
            Err(Error::Overloaded)
        })
        .await;
    assert!(given_up.is_err());
    site.declare(&failure(2)).await.unwrap();
    assert_eq!(site.feed().await.iter().map(|notice| notice.position).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn a_reader_among_many_writers_sees_positions_without_a_gap() {
    let site = Site::open().await;
    let writers = join_all((1..=24).map(|minutes| {
        let site = &site;
        async move { site.declare(&failure(minutes)).await.unwrap() }
    }));
    let reader = async {
        let mut connection = site.own_connection().await;
        let (mut after, mut seen) = (0, HashSet::new());
        while seen.len() < 24 {
            let feed = notices::feed(&mut connection, after, 100).await.unwrap();
            for notice in &feed.items {
                after += 1;
                assert_eq!(notice.position, after);
                assert!(seen.insert(notice.id));
            }
        }
    };
    tokio::join!(writers, reader);
}

#[tokio::test]
async fn a_request_that_is_abandoned_while_it_waits_for_the_feed_holds_nobody_up() {
    let site = Site::open().await;
    let mut holder = site.own_connection().await;
    holder.batch_execute("BEGIN; UPDATE notice_journal SET last_position = last_position").await.unwrap();
    let (database, actor) = (site.database.clone(), site.first_line.clone());
    let abandoned = tokio::spawn(async move {
        let mut connection = database.connection().await?;
        outages::declare(&mut connection, &actor, &failure(1), None, now()).await
    });
    site.somebody_waits_for_a_lock().await;
    abandoned.abort();
    assert!(abandoned.await.unwrap_err().is_cancelled());
    holder.batch_execute("ROLLBACK").await.unwrap();
    // On a connection of its own, so that the pool has no cause to look after the abandoned one.
    let mut connection = site.own_connection().await;
    soon(outages::declare(&mut connection, &site.first_line, &failure(2), None, now())).await.unwrap();
    assert_eq!(site.feed().await.len(), 1);
}
