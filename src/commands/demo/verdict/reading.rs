//! Reads back what the hub knows when the day is over, as the systems that may see it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kordon_hub::parties::Role;
use kordon_schemas::crossings::CrossingView;
use kordon_schemas::events::{RecordedEvent, RecordedEvents};
use kordon_schemas::notices::{DeliveryState, Notice, NoticeWithDeliveries, Recipient};
use kordon_schemas::queue::{CallList, Queue};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::commands::demo::day::CHECKPOINTS;
use crate::commands::demo::systems::client::Request;
use crate::commands::demo::systems::watch::{FEED_READERS, Watch};
use crate::commands::demo::systems::{Play, path};

/// How long deliveries of notices are waited for.
const DELIVERY_LIMIT: Duration = Duration::from_secs(15);

/// How often it is asked whether they are there.
const DELIVERY_POLL: Duration = Duration::from_millis(100);

/// How many ask for crossings at the same time.
const READERS: usize = 8;

/// What the hub says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// The crossing of each vehicle.
    pub(crate) crossings: BTreeMap<usize, CrossingView>,
    /// Each checkpoint, in the order of the list.
    pub(crate) checkpoints: Vec<FoundAtCheckpoint>,
    /// The notices that each reader of the feed got.
    pub(crate) feeds: BTreeMap<Role, Vec<Notice>>,
    /// How many notices of the day's outage were delivered to each.
    pub(crate) delivered: BTreeMap<&'static str, usize>,
}

/// What the hub says of a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FoundAtCheckpoint {
    pub(crate) queue: Queue,
    pub(crate) call_list: CallList,
    /// Events since the day began.
    pub(crate) events: Vec<RecordedEvent>,
    /// Those of them that the hub lists as unmatched.
    pub(crate) unmatched: Vec<RecordedEvent>,
}

/// Reads everything.
pub(crate) async fn read(play: &Arc<Play>, watch: &Watch) -> anyhow::Result<Found> {
    let mut checkpoints = Vec::new();
    for place in 0..CHECKPOINTS.len() {
        let began = watch.journal_began.get(&place).copied().unwrap_or_default();
        let call_list = Request::get(Role::BorderGuard, path(place, "call-list")).with_purpose();
        checkpoints.push(FoundAtCheckpoint {
            queue: play.door.read(Request::get(Role::Customs, path(place, "queue"))).await?,
            call_list: play.door.read(call_list).await?,
            events: events(play, place, began, false).await?,
            unmatched: events(play, place, began, true).await?,
        });
    }
    let outage = play.memory().outage.as_ref().map(|(id, _)| *id);
    let mut feeds = BTreeMap::new();
    for role in FEED_READERS {
        let notices: Vec<Notice> = watch
            .notices(role)
            .iter()
            .filter(|notice| outage.is_some() && notice.outage_id == outage)
            .cloned()
            .collect();
        feeds.insert(role, notices);
    }
    let delivered = BTreeMap::from([
        ("DG TAXUD", delivered(play, Role::Taxud, Recipient::Taxud, &feeds).await?),
        ("the press office", delivered(play, Role::PressOffice, Recipient::PressOffice, &feeds).await?),
    ]);
    Ok(Found { crossings: crossings(play).await?, checkpoints, feeds, delivered })
}

/// The events of a checkpoint since the day began, page by page; this run's own.
async fn events(
    play: &Play,
    place: usize,
    began: i64,
    unmatched: bool,
) -> anyhow::Result<Vec<RecordedEvent>> {
    let own = format!("{}-", play.script.label);
    let mut after = began;
    let mut events = Vec::new();
    loop {
        let page = path(place, &format!("events?after={after}&limit=500&unmatched={unmatched}"));
        let RecordedEvents { items, next } =
            play.door.read(Request::get(Role::BorderGuard, page).with_purpose()).await?;
        if items.is_empty() {
            return Ok(events);
        }
        after = next;
        events.extend(items.into_iter().filter(|event| event.id.starts_with(&own)));
    }
}

/// The crossing of every vehicle, asked for by several at the same time and by each role that may see it.
async fn crossings(play: &Arc<Play>) -> anyhow::Result<BTreeMap<usize, CrossingView>> {
    let bookings: Vec<(usize, Uuid)> =
        play.memory().bookings.iter().map(|(vehicle, booking)| (*vehicle, *booking)).collect();
    let mut readers = JoinSet::new();
    for share in bookings.chunks(bookings.len().div_ceil(READERS).max(1)) {
        let (play, share) = (Arc::clone(play), share.to_vec());
        readers.spawn(async move {
            let mut found = Vec::with_capacity(share.len());
            for (vehicle, booking) in share {
                let role = match vehicle % 3 {
                    0 => Role::BorderGuard,
                    1 => Role::Customs,
                    _ => Role::QueueOperator,
                };
                let request = Request::get(role, format!("/api/v1/crossings/{booking}")).with_purpose();
                found.push((vehicle, play.door.read(request).await?));
            }
            anyhow::Ok(found)
        });
    }
    let mut crossings = BTreeMap::new();
    while let Some(found) = readers.join_next().await {
        crossings.extend(found??);
    }
    Ok(crossings)
}

/// Waits until the notices have been delivered to a recipient, and tells how many were.
async fn delivered(
    play: &Play,
    role: Role,
    recipient: Recipient,
    feeds: &BTreeMap<Role, Vec<Notice>>,
) -> anyhow::Result<usize> {
    let began = Instant::now();
    let mut count = 0;
    for notice in feeds.get(&role).into_iter().flatten() {
        loop {
            let request = Request::get(role, format!("/api/v1/notices/{}", notice.id));
            let seen: NoticeWithDeliveries = play.door.read(request).await?;
            let state = seen.deliveries.iter().find(|to| to.recipient == recipient).map(|to| to.state);
            match state {
                Some(DeliveryState::Delivered) => {
                    count += 1;
                    break;
                }
                Some(DeliveryState::Pending) if began.elapsed() < DELIVERY_LIMIT => {
                    tokio::time::sleep(DELIVERY_POLL).await;
                }
                Some(DeliveryState::Pending | DeliveryState::Failed) | None => break,
            }
        }
    }
    Ok(count)
}
