//! Many senders at once, each of which knows what it was told.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::error::Elapsed;

use crate::hub::{KRAKIVETS, YAHODYN};
use crate::process::{Client, PATIENCE, PAUSE, event};

/// How many send at the same time.
const SENDERS: usize = 16;

/// Every so many requests a sender sends a list.
const LIST_EVERY: usize = 5;

/// Events of a list.
const LIST: usize = 20;

/// What a sender does when the hub is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// It gives up: the hub was killed.
    Ends,
    /// It is not to happen: only the database may be away.
    IsAFault,
}

/// Senders at work.
pub(super) struct Load {
    shared: Arc<Shared>,
    senders: JoinSet<()>,
}

struct Shared {
    client: Client,
    name: String,
    loss: Loss,
    stop: AtomicBool,
    acknowledged: watch::Sender<usize>,
    unavailable: watch::Sender<usize>,
    told: Mutex<Told>,
}

/// What the senders sent and what they were told.
#[derive(Default, Clone)]
pub(super) struct Told {
    /// Each request: where, and its events.
    pub(super) sent: Vec<(&'static str, Value)>,
    /// The ids of events that the hub acknowledged.
    pub(super) acknowledged: BTreeSet<String>,
    /// Answers that nobody is to get.
    pub(super) odd: Vec<String>,
}

impl Load {
    /// Starts the senders. Their events' ids begin with `name`.
    pub(super) fn start(client: Client, name: &str, loss: Loss) -> Self {
        let shared = Arc::new(Shared {
            client,
            name: name.to_owned(),
            loss,
            stop: AtomicBool::new(false),
            acknowledged: watch::Sender::new(0),
            unavailable: watch::Sender::new(0),
            told: Mutex::default(),
        });
        let mut senders = JoinSet::new();
        for number in 0..SENDERS {
            senders.spawn(Arc::clone(&shared).send(number));
        }
        Self { shared, senders }
    }

    /// Waits until `more` events are acknowledged.
    pub(super) async fn acknowledges(&self, more: usize) {
        counts_on(&self.shared.acknowledged, more).await.expect("the hub acknowledges events");
    }

    /// Waits until somebody has been told that the database is away.
    pub(super) async fn is_refused(&self) {
        counts_on(&self.shared.unavailable, 1).await.expect("the hub says that its database is away");
    }

    /// Lets the senders finish what they have begun.
    pub(super) async fn end(self) -> Told {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.senders.join_all().await;
        self.shared.told.lock().unwrap().clone()
    }
}

/// Waits until a count is so much higher than now.
async fn counts_on(count: &watch::Sender<usize>, more: usize) -> Result<(), Elapsed> {
    let mut counted = count.subscribe();
    let enough = *counted.borrow() + more;
    tokio::time::timeout(PATIENCE, async {
        counted.wait_for(|count| *count >= enough).await.expect("the load counts as long as it lasts");
    })
    .await
}

impl Shared {
    async fn send(self: Arc<Self>, number: usize) {
        let checkpoint = if number.is_multiple_of(2) { KRAKIVETS } else { YAHODYN };
        let address = format!("/api/v1/checkpoints/{checkpoint}/events");
        for round in 0.. {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let id = format!("{}-{number}-{round}", self.name);
            let plate = format!("AA{:04}BB", (number * 7 + round) % 10_000);
            let body = if round % LIST_EVERY == 0 {
                (0..LIST).map(|item| event(&format!("{id}-{item}"), &plate)).collect()
            } else {
                json!([event(&id, &plate)])
            };
            self.told.lock().unwrap().sent.push((checkpoint, body.clone()));
            if !self.until_acknowledged(&address, &body).await {
                return;
            }
        }
    }

    /// Sends until there is an acknowledgement; `false` when there will be none.
    async fn until_acknowledged(&self, address: &str, body: &Value) -> bool {
        loop {
            let Ok(answer) = self.client.try_post(address, body).await else {
                if self.loss == Loss::IsAFault {
                    self.note("no answer".to_owned());
                }
                return false;
            };
            match (answer.status.as_u16(), answer.code()) {
                (200, _) => {
                    self.note_acknowledged(&answer.body);
                    return true;
                }
                (503, "database_unavailable") => {
                    self.unavailable.send_modify(|times| *times += 1);
                    // As a client does that is told to come again.
                    tokio::time::sleep(PAUSE).await;
                }
                (status, _) => {
                    self.note(format!("{status} {}", answer.body));
                    return false;
                }
            }
        }
    }

    fn note_acknowledged(&self, answers: &Value) {
        let items = answers["items"].as_array().unwrap();
        let mut told = self.told.lock().unwrap();
        for item in items {
            match item["outcome"].as_str() {
                Some("unmatched" | "duplicate") => {
                    told.acknowledged.insert(super::text(&item["id"]));
                }
                _ => told.odd.push(item.to_string()),
            }
        }
        self.acknowledged.send_modify(|events| *events += items.len());
    }

    fn note(&self, odd: String) {
        self.told.lock().unwrap().odd.push(odd);
    }
}

impl Told {
    /// The ids of all events that were sent to a checkpoint.
    pub(super) fn sent_to(&self, checkpoint: &str) -> BTreeSet<String> {
        let requests = self.sent.iter().filter(|(to, _)| *to == checkpoint);
        requests
            .flat_map(|(_, body)| body.as_array().unwrap())
            .map(|event| super::text(&event["id"]))
            .collect()
    }

    /// Joins what another load was told.
    pub(super) fn extend(&mut self, other: Self) {
        self.sent.extend(other.sent);
        self.acknowledged.extend(other.acknowledged);
        self.odd.extend(other.odd);
    }
}
