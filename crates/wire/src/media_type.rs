//! The `Accept` header and the media type that answers it (wire contract, sections 2 and 11).
//!
//! Every body is JSON, so this only decides whether a client can take JSON, and which name the
//! answer gives it. Clients send many names for the same thing; what can be read as one of them is
//! welcome.

use std::cmp::Reverse;

use http::HeaderValue;

use crate::problem::Problem;

/// Most characters of a parameter that is echoed, such as `full` or the name of a preview.
const LONGEST_PARAMETER: usize = 64;

/// What an answer calls itself in `X-GitHub-Media-Type`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaType {
    parameter: Option<String>,
}

impl MediaType {
    /// The media type for a request with these `Accept` headers. None at all, or empty ones, accept
    /// everything.
    pub fn negotiate<'a>(
        accept: impl IntoIterator<Item = &'a HeaderValue>,
    ) -> Result<Self, Problem> {
        let accept: Vec<_> = accept
            .into_iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let accept = accept.join(", ");
        if accept
            .chars()
            .all(|character| character == ',' || character.is_whitespace())
        {
            return Ok(Self::default());
        }
        // The smallest by this key is the first of those with the highest weight.
        accept
            .split(',')
            .filter_map(|range| Some((weight(range)?, Self::of_range(range)?)))
            .min_by_key(|(weight, _)| Reverse(*weight))
            .map(|(_, chosen)| chosen)
            .ok_or(Problem::UnsupportedAccept(accept))
    }

    /// The value of `X-GitHub-Media-Type`.
    pub fn header_value(&self) -> HeaderValue {
        match &self.parameter {
            None => HeaderValue::from_static("github.v3; format=json"),
            Some(parameter) => {
                HeaderValue::from_str(&format!("github.v3; param={parameter}; format=json"))
                    .expect("a parameter is letters, digits and hyphens")
            }
        }
    }

    fn of_range(range: &str) -> Option<Self> {
        let name = range
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if matches!(name.as_str(), "*/*" | "application/*" | "application/json") {
            return Some(Self::default());
        }
        let name = name.strip_prefix("application/vnd.github")?;
        let name = name.strip_suffix("+json").unwrap_or(name);
        // "beta" is an older name of version 3; "VERSION" is copied from the documentation, where
        // it stands for one.
        let parameter = [".v3", ".beta", ".version"]
            .into_iter()
            .find_map(|version| name.strip_prefix(version))
            .filter(|rest| rest.is_empty() || rest.starts_with('.'))
            .unwrap_or(name);
        match parameter.strip_prefix('.') {
            None => parameter.is_empty().then(Self::default),
            Some(parameter) => is_parameter(parameter).then(|| Self {
                parameter: Some(parameter.to_owned()),
            }),
        }
    }
}

fn is_parameter(text: &str) -> bool {
    let letters = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let version = text
        .strip_prefix('v')
        .is_some_and(|rest| rest.parse::<u32>().is_ok());
    (1..=LONGEST_PARAMETER).contains(&text.len()) && letters && !version
}

/// The weight of a range in thousandths (RFC 9110, section 12.4.2); `None` when it is zero, which
/// refuses the range. A weight that cannot be read counts as none given.
pub(crate) fn weight(range: &str) -> Option<u16> {
    let given = range.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    let thousandths = given.and_then(thousandths).unwrap_or(1000);
    (thousandths > 0).then_some(thousandths)
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: u16 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let fraction: u16 = if digits {
        format!("{fraction:0<3}").parse().ok()?
    } else {
        return None;
    };
    Some((whole * 1000 + fraction).min(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Option<HeaderValue> {
        let accept = HeaderValue::from_str(accept).unwrap();
        MediaType::negotiate([&accept])
            .ok()
            .map(|chosen| chosen.header_value())
    }

    #[test]
    fn every_name_of_json_is_accepted() {
        for accept in [
            "",
            "*/*",
            "application/json",
            "application/json;charset=utf-8",
            "application/vnd.github+json",
            "application/vnd.github.v3+json",
            "application/vnd.github.beta+json",
            "application/vnd.github.VERSION+json",
            "APPLICATION/JSON; q=0.1",
            "text/html, application/xhtml+xml, */*;q=0.8",
        ] {
            assert_eq!(
                chosen(accept).unwrap(),
                "github.v3; format=json",
                "{accept}"
            );
        }
        assert_eq!(MediaType::negotiate([]), Ok(MediaType::default()));
    }

    #[test]
    fn parameters_and_previews_are_echoed() {
        for (accept, parameter) in [
            ("application/vnd.github.v3.full+json", "full"),
            (
                "application/vnd.github.doctor-strange-preview+json",
                "doctor-strange-preview",
            ),
            (
                "application/json;q=0.5, application/vnd.github.v3.raw",
                "raw",
            ),
            ("application/vnd.github.VERSION.raw", "raw"),
            ("application/vnd.github.VERSION.full+json", "full"),
        ] {
            let expected = format!("github.v3; param={parameter}; format=json");
            assert_eq!(chosen(accept).unwrap(), expected, "{accept}");
        }
    }

    #[test]
    fn what_names_no_json_is_refused() {
        for accept in [
            "text/html",
            "application/xml, text/*",
            "application/json;q=0",
            "application/vnd.github.v4+json",
            "application/vnd.githubbish+json",
            "application/vnd.github.v3x+xml",
            "application/vnd.github.VERSION.v4.raw",
            ";;;",
        ] {
            assert_eq!(chosen(accept), None, "{accept}");
        }
    }
}
