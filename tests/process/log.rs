//! What a hub logs: kept in a file of its site, and told line by line to whoever waits for one.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use tokio::sync::watch;

use super::PATIENCE;

/// The log of one hub, from its start to its end.
pub(super) struct Log {
    lines: watch::Receiver<Vec<String>>,
    end: mpsc::Receiver<()>,
}

impl Log {
    /// Follows what a process says until it says no more, and keeps it in `file`.
    pub(super) fn follow(said: impl Read + Send + 'static, mut file: File) -> Self {
        let (tell, lines) = watch::channel(Vec::new());
        let (open, end) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                writeln!(file, "{line}").unwrap();
                tell.send_modify(|lines| lines.push(line));
            }
            drop(open);
        });
        Self { lines, end }
    }

    /// Waits until `times` lines hold these words.
    pub(super) async fn says(&self, words: &str, times: usize) {
        let mut lines = self.lines.clone();
        let said = lines.wait_for(|lines| lines.iter().filter(|line| line.contains(words)).count() >= times);
        let said = tokio::time::timeout(PATIENCE, said).await;
        assert!(said.is_ok_and(|said| said.is_ok()), "the hub does not log {words} {times} times");
    }

    /// Whether the process says no more and all that it said is kept. Waits for that: a process that ends
    /// closes its log.
    pub(super) fn ends(&self) -> bool {
        self.end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected)
    }
}
