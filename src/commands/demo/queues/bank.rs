//! The National Bank, played: one rate for every day, so that no demonstration asks the real one.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Hryvnias for a euro, on every day.
pub(crate) const RATE: &str = "48.1234";

/// The longest question that is read, in bytes.
const LONGEST: usize = 4_096;

/// A bank that answers for as long as it is kept.
pub(crate) struct Bank {
    /// Where it is asked.
    pub(crate) url: String,
    answering: JoinHandle<()>,
}

impl Bank {
    /// Opens at a free port of this machine.
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let listener = Arc::new(TcpListener::bind("127.0.0.1:0").await?);
        let url = format!("http://{}/exchange", listener.local_addr()?);
        let answering = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    // Whoever hangs up is not answered.
                    let _ = answer(stream).await;
                });
            }
        });
        Ok(Self { url, answering })
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut question = Vec::new();
    while !question.windows(4).any(|end| end == b"\r\n\r\n") && question.len() < LONGEST {
        if stream.read_buf(&mut question).await? == 0 {
            return Ok(());
        }
    }
    let body = rate_of(&String::from_utf8_lossy(&question));
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

/// The answer to a question about a day, `date=20261121`; without a day, no rate.
fn rate_of(question: &str) -> String {
    let day = question
        .split_once("date=")
        .map(|(_, rest)| rest)
        .and_then(|rest| Some((rest.get(..4)?, rest.get(4..6)?, rest.get(6..8)?)));
    match day {
        Some((year, month, day)) => {
            format!(
                r#"[{{"r030":978,"txt":"Євро","rate":{RATE},"cc":"EUR","exchangedate":"{day}.{month}.{year}"}}]"#
            )
        }
        None => "[]".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_of_the_day_that_was_asked_for() {
        let told = rate_of("GET /exchange?valcode=EUR&date=20261121&json HTTP/1.1");
        assert!(told.contains(r#""exchangedate":"21.11.2026""#), "{told}");
        assert_eq!(rate_of("GET /exchange HTTP/1.1"), "[]");
    }
}
