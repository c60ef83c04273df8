//! One request at a time, for what is asked once: to see that an answer is right, and to record it.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use data_encoding::BASE64;
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// Headers that a server makes for the connection, and that differ with it.
const OF_THE_CONNECTION: [&str; 4] = ["connection", "content-length", "date", "keep-alive"];

impl Asked {
    pub(crate) fn get(path: impl Into<String>, authorization: impl Into<String>) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            headers: vec![("authorization", authorization.into())],
            body: None,
        }
    }

    /// A POST of JSON.
    pub(crate) fn post(
        path: impl Into<String>,
        authorization: impl Into<String>,
        body: impl Into<String>,
    ) -> Self {
        Self {
            method: "POST",
            path: path.into(),
            headers: vec![
                ("authorization", authorization.into()),
                ("content-type", "application/json".to_owned()),
            ],
            body: Some(body.into()),
        }
    }

    /// The bytes of the request. A body with places for something else says how long it is with
    /// them filled.
    pub(crate) fn bytes(&self, host: SocketAddr, extra: &str, body_bytes: Option<usize>) -> String {
        let Self { method, path, .. } = self;
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{extra}");
        for (name, value) in &self.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        if let Some(body) = &self.body {
            let length = body_bytes.unwrap_or(body.len());
            let _ = write!(text, "content-length: {length}\r\n");
        }
        text.push_str("\r\n");
        text.push_str(self.body.as_deref().unwrap_or_default());
        text
    }

    /// Asks once, on a connection of its own.
    pub(crate) fn ask(&self, address: SocketAddr) -> Result<Answer> {
        let mut stream = TcpStream::connect(address).context("cannot connect")?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.write_all(
            self.bytes(address, "connection: close\r\n", None)
                .as_bytes(),
        )?;
        let mut text = String::new();
        stream
            .read_to_string(&mut text)
            .context("no whole answer came")?;
        Answer::parse(&text).with_context(|| format!("no answer: {text}"))
    }

    /// Asks once, and fails unless the answer has this status.
    pub(crate) fn expect(&self, address: SocketAddr, status: u16) -> Result<Answer> {
        let answer = self.ask(address)?;
        ensure!(
            answer.status == status,
            "{} {} was answered with {} instead of {status}: {}",
            self.method,
            self.path,
            answer.status,
            answer.body
        );
        Ok(answer)
    }
}

impl Answer {
    fn parse(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?;
        let headers = lines
            .map(|line| {
                let (name, value) = line.split_once(':')?;
                Some((name.to_ascii_lowercase(), value.trim().to_owned()))
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            status: status.parse().ok()?,
            headers,
            body: body.to_owned(),
        })
    }

    /// As the reference server replays it.
    pub(crate) fn recorded(&self, asked: &Asked) -> Value {
        let headers: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()))
            .collect();
        json!({
            "method": asked.method,
            "path": asked.path,
            "status": self.status,
            "headers": headers,
            "body": self.body,
        })
    }
}

/// A login and password, or a client id and secret, as Basic authentication writes them.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!(
        "Basic {}",
        BASE64.encode(format!("{user}:{password}").as_bytes())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_leaves_the_connection_out() {
        let text = "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nDate: now\r\nContent-Length: 2\r\n\r\nhi";
        let answer = Answer::parse(text).unwrap();
        let recorded = answer.recorded(&Asked::get("/x", "token t"));
        assert_eq!(recorded["headers"], json!([["etag", "\"a\""]]));
        assert_eq!(
            (&recorded["status"], &recorded["body"]),
            (&json!(200), &json!("hi"))
        );
    }

    #[test]
    fn a_body_with_places_says_its_length_when_filled() {
        let asked = Asked::post("/x", "Basic y", "{item}");
        let bytes = asked.bytes(SocketAddr::from(([127, 0, 0, 1], 1)), "", Some(40));
        assert!(
            bytes.contains("\r\ncontent-length: 40\r\n\r\n{item}"),
            "{bytes}"
        );
    }
}
