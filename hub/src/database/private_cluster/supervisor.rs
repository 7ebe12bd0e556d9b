//! The thread that keeps the server running: when it ends unasked, it is started again.

use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::ClusterError;
use super::server::{Postmaster, Server, end_own};

/// A server that lived this long was well: its end counts as the first.
const LIVED_WELL: Duration = Duration::from_secs(60);
/// How many times in a row a server may end early before it is given up.
const EARLY_ENDS: u32 = 6;
/// The pause before the first new start; it doubles with each early end.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// How the private server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterState {
    /// It accepts connections.
    Running,
    /// It ended unasked and is being started again.
    Restarting,
    /// It ended too often, or can't be started any more. The hub can only end, with this text.
    GivenUp {
        /// What happened last.
        reason: String,
    },
    /// It was stopped by its owner.
    Stopped,
}

/// Runs the server until it is told to stop.
#[derive(Debug)]
pub(super) struct Supervisor {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    server: Server,
    orders: Mutex<Orders>,
    stop_ordered: Condvar,
    state: watch::Sender<ClusterState>,
}

#[derive(Debug, Default)]
struct Orders {
    stop: bool,
    /// The server while it runs; `None` while it is being started.
    running: Option<Postmaster>,
}

impl Supervisor {
    /// Starts the server, and the thread that watches it.
    pub(super) fn start(server: Server) -> Result<Self, ClusterError> {
        let Some(child) = server.launch(&|| false)? else {
            return Err(ClusterError::NotRunning { folder: server.folder.root().to_owned() });
        };
        let root = server.folder.root().to_owned();
        let (state, _) = watch::channel(ClusterState::Running);
        let orders = Mutex::new(Orders { stop: false, running: Postmaster::started_as(&child) });
        let shared = Arc::new(Shared { server, orders, stop_ordered: Condvar::new(), state });
        let watched = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("private-cluster".to_owned())
            .spawn(move || watched.supervise(child))
            .map_err(ClusterError::io("starting a thread for", &root))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    pub(super) fn state(&self) -> watch::Receiver<ClusterState> {
        self.shared.state.subscribe()
    }

    /// Ends the server and the thread. The second time there is nothing left to do.
    pub(super) fn stop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        let running = {
            let mut orders = self.shared.orders();
            orders.stop = true;
            orders.running
        };
        self.shared.stop_ordered.notify_all();
        if let Some(postmaster) = running
            && !postmaster.end(self.shared.server.options.stop_limit)
        {
            tracing::error!(?postmaster, "the PostgreSQL server does not end");
            return;
        }
        if thread.join().is_err() {
            tracing::error!("the thread that watches the PostgreSQL server panicked");
        }
        self.shared.server.folder.release_socket();
    }
}

impl Shared {
    /// Waits for the server to end and starts it again, until a stop is ordered or it ends too often.
    fn supervise(&self, mut child: Child) {
        let mut early_ends = 0;
        let mut started = Instant::now();
        loop {
            let ending = child.wait();
            self.orders().running = None;
            if self.is_stopping() {
                self.state.send_replace(ClusterState::Stopped);
                return;
            }
            early_ends = if started.elapsed() < LIVED_WELL { early_ends + 1 } else { 1 };
            let reason = match ending {
                Ok(status) => format!("the server ended by itself ({status})"),
                Err(error) => format!("the server can't be waited for: {error}"),
            };
            match self.start_again(&mut early_ends, reason) {
                Some(restarted) => child = restarted,
                None => return,
            }
            started = Instant::now();
        }
    }

    /// Starts the server again, after a pause that grows with `early_ends`; `None` when it is stopped or
    /// given up.
    fn start_again(&self, early_ends: &mut u32, mut reason: String) -> Option<Child> {
        loop {
            let Some(pause) = pause_after(*early_ends) else {
                tracing::error!(reason, "the PostgreSQL server is given up");
                self.state.send_replace(ClusterState::GivenUp { reason });
                return None;
            };
            tracing::warn!(reason, early_ends, ?pause, "starting the PostgreSQL server again");
            self.state.send_replace(ClusterState::Restarting);
            self.sleep(pause);
            if self.is_stopping() {
                break;
            }
            match self.server.launch(&|| self.is_stopping()) {
                Ok(Some(mut child)) => {
                    if self.announce(&child) {
                        return Some(child);
                    }
                    end_own(&mut child, self.server.options.stop_limit);
                    break;
                }
                Ok(None) => break,
                Err(error) => {
                    reason = error.to_string();
                    *early_ends += 1;
                }
            }
        }
        self.state.send_replace(ClusterState::Stopped);
        None
    }

    /// Tells the owner which server to end, unless a stop was ordered while it was started.
    fn announce(&self, child: &Child) -> bool {
        let mut orders = self.orders();
        if orders.stop {
            return false;
        }
        orders.running = Postmaster::started_as(child);
        self.state.send_replace(ClusterState::Running);
        true
    }

    /// Sleeps for `pause`, or until a stop is ordered.
    fn sleep(&self, pause: Duration) {
        let woken = self.stop_ordered.wait_timeout_while(self.orders(), pause, |orders| !orders.stop);
        drop(woken.unwrap_or_else(PoisonError::into_inner));
    }

    fn is_stopping(&self) -> bool {
        self.orders().stop
    }

    /// The orders hold no promise that a panic could break half-way.
    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long to wait before the next start after so many early ends in a row; `None` when it is enough.
fn pause_after(early_ends: u32) -> Option<Duration> {
    (early_ends <= EARLY_ENDS).then(|| FIRST_PAUSE * 2_u32.pow(early_ends.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_until_the_server_is_given_up() {
        let pauses: Vec<_> =
            (1..=EARLY_ENDS + 1).map(|ends| pause_after(ends).map(|pause| pause.as_millis())).collect();
        let expected = [Some(100), Some(200), Some(400), Some(800), Some(1600), Some(3200), None];
        assert_eq!(pauses, expected);
    }
}
