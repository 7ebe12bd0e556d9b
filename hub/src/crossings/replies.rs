//! How the answers of a batch go back to those who wait for them.
//!
//! To wake a task on another thread is a system call, and a batch has a hundred callers on a few threads. So
//! each thread of the door has a home: all answers for it travel together, with one call, and are handed out
//! there.

use tokio::sync::{mpsc, oneshot};

use super::record::Recorded;
use crate::error::Result;

/// An answer and who waits for it. One who went away has missed it, and may ask again under the same ids.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) to: oneshot::Sender<Result<Vec<Recorded>>>,
    pub(super) answer: Result<Vec<Recorded>>,
}

impl Reply {
    fn hand_out(self) {
        let Self { to, answer } = self;
        drop(to.send(answer));
    }
}

/// Where the answers for one thread arrive.
#[derive(Debug, Clone)]
pub(super) struct Home(mpsc::UnboundedSender<Vec<Reply>>);

impl Home {
    /// A home on this thread, as long as anybody may send to it. Call it where tasks may be spawned that stay
    /// on their thread.
    pub(super) fn here() -> Self {
        let (send, mut arriving) = mpsc::unbounded_channel::<Vec<Reply>>();
        tokio::task::spawn_local(async move {
            while let Some(replies) = arriving.recv().await {
                replies.into_iter().for_each(Reply::hand_out);
            }
        });
        Self(send)
    }
}

/// The answers of a batch, by where they go.
#[derive(Debug, Default)]
pub(super) struct Replies {
    homes: Vec<(Home, Vec<Reply>)>,
}

impl Replies {
    /// Adds an answer. Without a home it goes out at once.
    pub(super) fn add(&mut self, home: Option<&Home>, reply: Reply) {
        let Some(home) = home else { return reply.hand_out() };
        match self.homes.iter_mut().find(|(known, _)| known.0.same_channel(&home.0)) {
            Some((_, replies)) => replies.push(reply),
            None => self.homes.push((home.clone(), vec![reply])),
        }
    }

    /// Sends all of them home. Those of a home that is gone go out from here.
    pub(super) fn send(self) {
        for (home, replies) in self.homes {
            if let Err(mpsc::error::SendError(replies)) = home.0.send(replies) {
                replies.into_iter().for_each(Reply::hand_out);
            }
        }
    }
}
