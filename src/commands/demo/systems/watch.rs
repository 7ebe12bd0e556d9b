//! Those who only read, all day long: the border guard polls the queues, DG TAXUD's side and the press office
//! pull the feed of notices. The hub has to tell each of them what is new, once.

use std::collections::BTreeMap;

use kordon_hub::parties::Role;
use kordon_schemas::notices::{Notice, NoticeFeed};
use kordon_schemas::queue::Queue;

use super::client::{Door, Request};
use super::{Play, path};
use crate::commands::demo::day::CHECKPOINTS;

/// What the readers know so far.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The entity tag of each checkpoint's queue.
    tags: BTreeMap<usize, String>,
    /// Where each checkpoint's journal stood before the day.
    pub(crate) journal_began: BTreeMap<usize, i64>,
    /// What each reader of the feed has got since the day began, and where it goes on.
    feeds: BTreeMap<Role, Feed>,
}

#[derive(Debug, Default)]
struct Feed {
    next: i64,
    notices: Vec<Notice>,
}

/// Who reads the feed of notices.
pub(crate) const FEED_READERS: [Role; 2] = [Role::Taxud, Role::PressOffice];

impl Watch {
    /// Begins to watch: what is there already is not of this day.
    pub(crate) async fn begin(door: &Door) -> anyhow::Result<Self> {
        let mut watch =
            Self { tags: BTreeMap::new(), journal_began: BTreeMap::new(), feeds: BTreeMap::new() };
        for place in 0..CHECKPOINTS.len() {
            let queue: Queue = door.read(Request::get(Role::BorderGuard, path(place, "queue"))).await?;
            watch.journal_began.insert(place, queue.position);
        }
        for role in FEED_READERS {
            let mut feed = Feed::default();
            while read_on(door, role, &mut feed).await? > 0 {}
            feed.notices.clear();
            watch.feeds.insert(role, feed);
        }
        Ok(watch)
    }

    /// Looks once. `changed` tells of which checkpoints something was recorded since the last time.
    pub(crate) async fn look(&mut self, play: &Play, changed: impl Fn(usize) -> bool) -> anyhow::Result<()> {
        for (place, checkpoint) in CHECKPOINTS.iter().enumerate() {
            let request = Request::get(Role::BorderGuard, path(place, "queue"));
            let request = match self.tags.get(&place) {
                Some(tag) => request.with("If-None-Match", tag.clone()),
                None => request,
            };
            let reply = play.send(request).await?;
            let expected = if changed(place) || !self.tags.contains_key(&place) { 200 } else { 304 };
            // What others record changes the queue too.
            if reply.status != expected && (play.alone || expected == 200) {
                let code = checkpoint.code;
                play.disagree(format!("the queue of {code} was answered {}, not {expected}", reply.status));
            }
            if let Some(tag) = reply.tag {
                self.tags.insert(place, tag);
            }
        }
        for (role, feed) in &mut self.feeds {
            read_on(&play.door, *role, feed).await?;
        }
        Ok(())
    }

    /// The notices that a reader got.
    pub(crate) fn notices(&self, role: Role) -> &[Notice] {
        self.feeds.get(&role).map(|feed| feed.notices.as_slice()).unwrap_or_default()
    }
}

/// Reads on in the feed, and tells how many notices came.
async fn read_on(door: &Door, role: Role, feed: &mut Feed) -> anyhow::Result<usize> {
    let request = Request::get(role, format!("/api/v1/notices?after={}&limit=500", feed.next));
    let NoticeFeed { items, next } = door.read(request).await?;
    let came = items.len();
    feed.next = next;
    feed.notices.extend(items);
    Ok(came)
}
