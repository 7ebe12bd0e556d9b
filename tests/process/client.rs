//! A peer of a running hub.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

/// Speaks to one hub as one system.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Client {
    pub(crate) fn new(url: &str, token: Option<&str>) -> Self {
        Self::over(reqwest::Client::new(), url, token)
    }

    /// Over a connection that is made in a way of its own.
    pub(crate) fn over(http: reqwest::Client, url: &str, token: Option<&str>) -> Self {
        Self { http, url: url.to_owned(), token: token.map(str::to_owned) }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.try_get(path).await.unwrap()
    }

    /// Reads from a hub that may refuse the connection.
    pub(crate) async fn try_get(&self, path: &str) -> reqwest::Result<Answer> {
        let reading = self.request(Method::GET, path).header("Kordon-Purpose", "a test of the hub");
        Answer::read(reading.send().await?).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).await.unwrap()
    }

    /// Posts to a hub that may end meanwhile.
    pub(crate) async fn try_post(&self, path: &str, body: &Value) -> reqwest::Result<Answer> {
        Answer::read(self.request(Method::POST, path).json(body).send().await?).await
    }
}

impl Answer {
    async fn read(response: Response) -> reqwest::Result<Self> {
        let status = response.status();
        let bytes = response.bytes().await?;
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| json!({"text": String::from_utf8_lossy(&bytes)}));
        Ok(Self { status, body })
    }

    /// The code of the problem that it was answered with.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}
