//! Versions of the API (wire contract, section 11).

use http::HeaderValue;

use crate::text::clipped;

/// The versions that are served, the newest first.
pub const SUPPORTED: [&str; 1] = ["2022-11-28"];

/// A version that is not served, as much of it as an error repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedVersion(pub String);

/// The version that answers a request with this `X-GitHub-Api-Version`. No header, or an empty one,
/// means the default.
pub fn select(wanted: Option<&HeaderValue>) -> Result<&'static str, UnsupportedVersion> {
    let default = SUPPORTED[0];
    let Some(wanted) = wanted else {
        return Ok(default);
    };
    let wanted = wanted.as_bytes().trim_ascii();
    if wanted.is_empty() {
        return Ok(default);
    }
    SUPPORTED
        .into_iter()
        .find(|version| version.as_bytes() == wanted)
        .ok_or_else(|| UnsupportedVersion(clipped(&String::from_utf8_lossy(wanted))))
}

/// The sentences that refuse a version.
pub(crate) fn refusal(wanted: &str) -> String {
    let mut supported = format!("\"{}\" (most recent)", SUPPORTED[0]);
    for (place, version) in SUPPORTED.iter().enumerate().skip(1) {
        let joint = if place + 1 == SUPPORTED.len() {
            " and "
        } else {
            ", "
        };
        for part in [joint, "\"", version, "\""] {
            supported.push_str(part);
        }
    }
    let wanted = clipped(wanted);
    format!(
        "The version you specified in the \"X-GitHub-API-Version\" request header, \"{wanted}\", is not a supported \
         version. The following versions are currently supported: {supported}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_version_and_the_default_are_the_same() {
        for wanted in [None, Some(""), Some("2022-11-28"), Some(" 2022-11-28 ")] {
            let wanted = wanted.map(HeaderValue::from_static);
            assert_eq!(select(wanted.as_ref()), Ok("2022-11-28"));
        }
    }

    #[test]
    fn another_version_is_refused_by_name_even_when_it_is_not_text() {
        let refused = select(Some(&HeaderValue::from_bytes(b"v\xff").unwrap()));
        assert_eq!(refused, Err(UnsupportedVersion("v\u{fffd}".to_owned())));
    }
}
