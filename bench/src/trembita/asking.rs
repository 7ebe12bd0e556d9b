//! Sending the messages: many connections at once with wrk, and one connection that waits for each answer.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::messages::Way;
use super::site::Site;
use crate::times::Times;
use crate::wrk::{REPORT, Wrk};

/// Connections, each with one message under way.
const CONNECTIONS: u32 = 64;

/// Messages of each way that are sent one by one.
const ALONE: usize = 1_000;

/// wrk, ready to ask.
pub(super) struct Asker {
    script: PathBuf,
    address: String,
}

impl Asker {
    /// Writes the script into `folder`.
    pub(super) fn prepare(folder: &Path, address: &str) -> anyhow::Result<Self> {
        let script = folder.join("messages.lua");
        std::fs::write(&script, [REPORT, include_str!("../../messages.lua")].join("\n"))?;
        Ok(Self { script, address: address.to_owned() })
    }

    /// Messages a second, over some seconds. It is an error if one is refused.
    pub(super) async fn rate(&self, messages: &Path, way: Way, seconds: u32) -> anyhow::Result<f64> {
        let (often, holds) = match way {
            Way::Json => ("again", "\"decision\""),
            Way::Soap => ("again", "CheckAdmission_v1Response"),
            Way::Signed => ("once", "SignatureValue"),
        };
        let wrk = Wrk { script: &self.script, address: &self.address, connections: CONNECTIONS, seconds };
        let seen = wrk.run(&[messages.as_ref(), often.as_ref(), holds.as_ref()]).await?;
        seen.all_succeeded().with_context(|| format!("asked as {way:?}"))?;
        Ok(seen.rate())
    }

    /// How long a question takes by JSON and by SOAP, one after the other on one connection.
    pub(super) async fn alone(&self, site: &Site) -> anyhow::Result<(Times, Times)> {
        let json = texts(&site.messages(Way::Json, ALONE)?)?;
        let soap = texts(&site.messages(Way::Soap, ALONE)?)?;
        let mut stream = BufReader::new(TcpStream::connect(&self.address).await?);
        stream.get_ref().set_nodelay(true)?;
        let (mut by_json, mut by_soap) = (Vec::with_capacity(ALONE), Vec::with_capacity(ALONE));
        // In turn, so that what else the machine does falls on both.
        for (json, soap) in json.iter().zip(&soap) {
            by_json.push(ask(&mut stream, json).await?);
            by_soap.push(ask(&mut stream, soap).await?);
        }
        Ok((Times::of(by_json), Times::of(by_soap)))
    }
}

/// The messages of a file.
fn texts(file: &Path) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(file)?;
    let mut rest = text.as_str();
    let mut messages = Vec::new();
    while let Some((length, after)) = rest.split_once('\n') {
        let (message, after) = after.split_at_checked(length.parse()?).context("a message is cut off")?;
        messages.push(message.to_owned());
        rest = after.strip_prefix('\n').unwrap_or_default();
    }
    Ok(messages)
}

/// Sends a message and reads the answer whole.
async fn ask(stream: &mut BufReader<TcpStream>, message: &str) -> anyhow::Result<std::time::Duration> {
    let begun = Instant::now();
    stream.write_all(message.as_bytes()).await?;
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    ensure!(line.contains(" 200 "), "the answer is {line}");
    let mut length = 0_usize;
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(begun.elapsed())
}
