//! A running hub.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::log::Log;
use super::{Client, PATIENCE, Site};

/// A hub that serves. It is asked to end when the value is dropped.
pub(crate) struct HubProcess {
    process: Child,
    url: String,
    log: Log,
}

impl HubProcess {
    /// Starts one by `command` and waits until it listens. Its log goes to the site's.
    pub(crate) fn start(site: &Site, mut command: Command) -> Self {
        let log = File::options().create(true).append(true).open(site.log_file()).unwrap();
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Log::follow(process.stderr.take().unwrap(), log);
        let (tell, told) = mpsc::channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        // Reads on after the address, or the hub would wait for a reader.
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some(url) = line.strip_prefix("listening on ") {
                    let _nobody_waits_any_more = tell.send(url.to_owned());
                }
            }
        });
        match told.recv_timeout(PATIENCE) {
            Ok(url) => Self { process, url, log },
            Err(_) => {
                let _ended_already = process.kill();
                log.ends();
                panic!("the hub did not start: {}", site.log());
            }
        }
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A client with this bearer token.
    pub(crate) fn client(&self, token: &str) -> Client {
        Client::new(&self.url, Some(token))
    }

    /// A client that does not say who it is.
    pub(crate) fn stranger(&self) -> Client {
        Client::new(&self.url, None)
    }

    /// Kills it as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks it to end, as `kill` and a service manager do.
    pub(crate) fn ask_to_end(&self) {
        kill(Pid::from_raw(self.process.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    }

    /// Waits until it has logged so many lines that hold these words.
    pub(crate) async fn logs(&self, words: &str, times: usize) {
        self.log.says(words, times).await;
    }

    /// Waits until it has ended.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        assert!(self.log.ends(), "the hub does not end");
        self.process.wait().unwrap()
    }

    /// Whether it has not ended.
    pub(crate) fn lives(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        if self.lives() {
            self.ask_to_end();
        }
        if !self.log.ends() {
            let _ended_already = self.process.kill();
        }
        let _reaped_already = self.process.wait();
    }
}
