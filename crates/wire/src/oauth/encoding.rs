//! The three encodings in which the token endpoint answers.

use std::cmp::Reverse;
use std::fmt::Write as _;

use form_urlencoded::Serializer;
use http::HeaderValue;
use serde_json::{Map, Value};

use crate::media_type::weight;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As a form, for who does not say.
    Form,
    /// As an object in JSON.
    Json,
    /// As an `OAuth` element in XML.
    Xml,
}

/// The value of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member<'a> {
    Text(&'a str),
    /// In JSON without quotation marks.
    Number(u64),
}

impl<'a> From<&'a str> for Member<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl Member<'_> {
    fn to_text(self) -> String {
        match self {
            Self::Text(text) => text.to_owned(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Nothing of what a client takes is what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is a form, JSON or XML")]
pub struct NotAcceptable;

impl Encoding {
    /// The encoding for a request with these `Accept` headers. None at all, or empty ones, take a
    /// form; so does whoever takes a page or plain text.
    pub fn negotiate<'a>(
        accept: impl IntoIterator<Item = &'a HeaderValue>,
    ) -> Result<Self, NotAcceptable> {
        let accept: Vec<_> = accept
            .into_iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let accept = accept.join(",");
        if accept.split(',').all(|range| range.trim().is_empty()) {
            return Ok(Self::Form);
        }
        // The smallest by this key is the first of those with the highest weight.
        accept
            .split(',')
            .filter_map(|range| Some((weight(range)?, Self::of_range(range)?)))
            .min_by_key(|(weight, _)| Reverse(*weight))
            .map(|(_, chosen)| chosen)
            .ok_or(NotAcceptable)
    }

    fn of_range(range: &str) -> Option<Self> {
        let name = range.split(';').next().unwrap_or_default().trim();
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "*/*" | "application/*" | "application/x-www-form-urlencoded" => Some(Self::Form),
            "application/json" => Some(Self::Json),
            "application/xml" | "text/xml" => Some(Self::Xml),
            name if name.starts_with("text/") => Some(Self::Form),
            _ => None,
        }
    }

    /// What the answer calls itself.
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Form => "application/x-www-form-urlencoded; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
        })
    }

    /// Members in the order of the list: as it is in JSON and XML, sorted by name in a form.
    pub(super) fn write(self, members: &[(&str, Member<'_>)]) -> String {
        match self {
            Self::Form => {
                let mut sorted = members.to_vec();
                sorted.sort_unstable_by_key(|(name, _)| *name);
                let mut pairs = Serializer::new(String::new());
                pairs.extend_pairs(sorted.iter().map(|(name, value)| (name, value.to_text())));
                pairs.finish()
            }
            Self::Json => {
                let members = members.iter().map(|(name, value)| {
                    let value = match *value {
                        Member::Text(text) => Value::from(text),
                        Member::Number(number) => Value::from(number),
                    };
                    ((*name).to_owned(), value)
                });
                Value::Object(members.collect::<Map<_, _>>()).to_string()
            }
            Self::Xml => {
                let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAuth>\n");
                for (name, value) in members {
                    let _ = writeln!(xml, "  <{name}>{}</{name}>", escaped(&value.to_text()));
                }
                xml.push_str("</OAuth>\n");
                xml
            }
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_what_it_takes_most_gladly() {
        for (accept, encoding) in [
            ("", Ok(Encoding::Form)),
            ("*/*", Ok(Encoding::Form)),
            ("application/json", Ok(Encoding::Json)),
            ("application/json, text/plain, */*", Ok(Encoding::Json)),
            ("application/xml", Ok(Encoding::Xml)),
            ("application/json;q=0.5, application/xml", Ok(Encoding::Xml)),
            ("text/html,*/*;q=0.8", Ok(Encoding::Form)),
            ("application/vnd.github.v3+json", Err(NotAcceptable)),
            (
                "application/vnd.github+json, application/json;q=0",
                Err(NotAcceptable),
            ),
            ("image/png", Err(NotAcceptable)),
        ] {
            let accept = HeaderValue::from_static(accept);
            assert_eq!(Encoding::negotiate([&accept]), encoding, "{accept:?}");
        }
        assert_eq!(Encoding::negotiate([]), Ok(Encoding::Form));
    }

    #[test]
    fn members_are_sorted_in_a_form_alone_and_escaped_everywhere() {
        let members = [
            ("b", "x,y".into()),
            ("a", "<&>\"".into()),
            ("c", Member::Number(5)),
        ];
        let form = "a=%3C%26%3E%22&b=x%2Cy&c=5";
        assert_eq!(Encoding::Form.write(&members), form);
        let json = r#"{"b":"x,y","a":"<&>\"","c":5}"#;
        assert_eq!(Encoding::Json.write(&members), json);
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAuth>\n  <b>x,y</b>\n  <a>&lt;&amp;&gt;\"</a>\n  <c>5</c>\n</OAuth>\n";
        assert_eq!(Encoding::Xml.write(&members), xml);
    }
}
