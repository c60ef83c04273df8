//! Answers, with what tests ask of them.

use counterfoil_domain::app::ClientId;
use counterfoil_domain::timestamp::Timestamp;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// When it was given, by the world's clock.
    pub at: Timestamp,
}

impl Answer {
    /// Demands a status, and shows the answer when it has another.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The id in the body.
    #[track_caller]
    pub fn id(&self) -> i64 {
        self.json()["id"].as_i64().expect("an id")
    }

    /// The token in the body.
    #[track_caller]
    pub fn token(&self) -> String {
        self.json()["token"].as_str().expect("a token").to_owned()
    }

    /// The logins in a list of accounts, in its order.
    #[track_caller]
    pub fn logins(&self) -> Vec<String> {
        let list = self.assert_status(200).json();
        let items = list.as_array().expect("a list").iter();
        items
            .map(|item| item["login"].as_str().expect("a login").to_owned())
            .collect()
    }

    /// The `message` of an error.
    #[track_caller]
    pub fn message(&self) -> String {
        self.json()["message"]
            .as_str()
            .expect("a message")
            .to_owned()
    }

    /// A header, empty when it is not there; several are joined by ` | `.
    pub fn header(&self, name: &str) -> String {
        let values = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        values.collect::<Vec<_>>().join(" | ")
    }

    /// Whether a header is there.
    pub fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// Status, headers sorted by name, and body, for a snapshot. The request id is replaced after
    /// its shape was checked, and so is a token.
    #[track_caller]
    pub fn snapshot(&self) -> String {
        let mut lines: Vec<String> = self
            .headers
            .iter()
            .map(|(name, value)| {
                format!(
                    "{name}: {}",
                    redacted(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))
                )
            })
            .collect();
        lines.sort();
        let body = match serde_json::from_slice::<Value>(&self.body) {
            Ok(mut json) => {
                redact_secrets(&mut json);
                serde_json::to_string_pretty(&json).expect("JSON can be written")
            }
            Err(_) => self.text(),
        };
        format!("{}\n{}\n\n{body}", self.status, lines.join("\n"))
    }
}

fn redacted(name: &str, value: &str) -> String {
    match name {
        "x-github-request-id" => {
            let shape = value.len() == 36
                && value.bytes().all(|byte| {
                    byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
                });
            assert!(shape, "a request id is a lower-case UUID: {value}");
            "[request id]".to_owned()
        }
        "etag" => {
            let digits = value.trim_start_matches("W/").trim_matches('"');
            assert_eq!(digits.len(), 64, "a tag has 64 digits: {value}");
            value.replace(digits, "[64 digits]")
        }
        _ => value.to_owned(),
    }
}

/// Secrets do not go into snapshots, not even those of a test, nor what changes with them. Each is
/// replaced by its shape.
fn redact_secrets(json: &mut Value) {
    let members = match json {
        Value::Array(items) => return items.iter_mut().for_each(redact_secrets),
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return,
    };
    for (name, value) in members {
        let Some(text) = value.as_str() else {
            redact_secrets(value);
            continue;
        };
        let (kept, length) = match name.as_str() {
            "token" if !text.is_empty() => (4, 40),
            "hashed_token" => (0, 64),
            "token_last_eight" => (0, 8),
            "client_id" if text != ClientId::PERSONAL => (0, 20),
            _ => continue,
        };
        assert!(
            text.len() == length
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
            "{name} has {length} letters and digits: {text}"
        );
        let shape = format!("[{}{} characters]", &text[..kept], length - kept);
        *value = Value::String(shape);
    }
}
