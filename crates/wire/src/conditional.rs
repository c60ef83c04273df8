//! Conditional requests: entity tags and dates (wire contract, section 9; RFC 9110, sections 5.6.7,
//! 8.8 and 13).

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use counterfoil_domain::timestamp::Timestamp;
use data_encoding::HEXLOWER;
use http::HeaderValue;
use sha2::{Digest, Sha256};

/// What stands for one body as one caller gets it: the SHA-256 of both, or of all that the body is
/// made from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EntityTag([u8; 64]);

impl EntityTag {
    /// The tag of `body` for the caller that `identity` stands for. The same body has another tag
    /// for another caller, so that a tag tells nobody what somebody else sees.
    pub fn of(identity: &[u8], body: &[u8]) -> Self {
        // The length keeps the two parts apart.
        let digest = Sha256::new()
            .chain_update((identity.len() as u64).to_be_bytes())
            .chain_update(identity)
            .chain_update(body)
            .finalize();
        let mut hex = [0; 64];
        HEXLOWER.encode_mut(&digest, &mut hex);
        Self(hex)
    }

    /// The 64 hexadecimal digits between the quotes.
    fn opaque(&self) -> &str {
        str::from_utf8(&self.0).expect("hexadecimal digits are ASCII")
    }

    /// For a body as it is, and for 304: `"…"`.
    pub fn strong(&self) -> HeaderValue {
        let mut text = Vec::with_capacity(self.0.len() + 2);
        text.push(b'"');
        text.extend_from_slice(&self.0);
        text.push(b'"');
        HeaderValue::try_from(text).expect("hexadecimal digits and quotes may stand in a header")
    }

    /// Whether these `If-None-Match` headers name this tag, weakly compared, or are `*`.
    pub fn is_named_by<'a>(
        &self,
        if_none_match: impl IntoIterator<Item = &'a HeaderValue>,
    ) -> bool {
        if_none_match
            .into_iter()
            .any(|value| self.is_in_list(value.as_bytes()))
    }

    fn is_in_list(&self, mut list: &[u8]) -> bool {
        loop {
            list = list.trim_ascii_start();
            match list {
                [] => return false,
                [b'*', ..] => return true,
                [b',', rest @ ..] => list = rest,
                [b'W', b'/', b'"', rest @ ..] | [b'"', rest @ ..] => {
                    let Some(end) = rest.iter().position(|&byte| byte == b'"') else {
                        return false;
                    };
                    if rest[..end] == self.0 {
                        return true;
                    }
                    list = &rest[end + 1..];
                }
                // Not a tag: the rest up to the next comma is passed over.
                [..] => {
                    let end = list
                        .iter()
                        .position(|&byte| byte == b',')
                        .unwrap_or(list.len());
                    list = &list[end..];
                }
            }
        }
    }
}

impl fmt::Debug for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntityTag({})", self.opaque())
    }
}

/// The last second that a date of HTTP can name: the year has four digits.
const LAST_SECOND: u64 = 253_402_300_799;

/// A point in time as HTTP writes it, in whole seconds: `Sun, 06 Nov 1994 08:49:37 GMT`. One before
/// 1970 or after 9999 is the nearest that can be written.
pub fn http_date(at: Timestamp) -> HeaderValue {
    let seconds = u64::try_from(at.seconds()).unwrap_or(0).min(LAST_SECOND);
    let at = UNIX_EPOCH + Duration::from_secs(seconds);
    HeaderValue::from_str(&httpdate::fmt_http_date(at))
        .expect("a date is letters, digits, commas, colons and spaces")
}

/// The point in time that a header names, if it is a date in one of the three forms that are
/// understood, the obsolete ones included.
pub fn parse_http_date(value: &HeaderValue) -> Option<Timestamp> {
    let at = httpdate::parse_http_date(value.to_str().ok()?.trim()).ok()?;
    let seconds = at.duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds).ok().map(Timestamp::from_seconds)
}

/// Whether a time of change may be told in `Last-Modified`. As long as its second lasts another
/// change may follow, which the same date would hide for ever from whoever got a copy before it
/// (RFC 9110, section 8.8.2).
pub fn is_settled(last_modified: Timestamp, now: Timestamp) -> bool {
    last_modified.seconds() < now.seconds()
}

/// Whether `If-Modified-Since` lets the answer be 304: nothing changed after that date, and the
/// date [is settled](is_settled). A header that is no date is passed over.
pub fn is_unmodified_since(
    if_modified_since: &HeaderValue,
    last_modified: Timestamp,
    now: Timestamp,
) -> bool {
    parse_http_date(if_modified_since).is_some_and(|since| {
        last_modified.seconds() <= since.seconds() && is_settled(last_modified, now)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const THEN: Timestamp = Timestamp::from_seconds(784_111_777);

    #[test]
    fn dates_are_written_in_the_fixed_form_and_read_in_all_three() {
        assert_eq!(http_date(THEN), "Sun, 06 Nov 1994 08:49:37 GMT");
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(
                parse_http_date(&HeaderValue::from_static(text)),
                Some(THEN),
                "{text}"
            );
        }
        for text in [
            "yesterday",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1969 08:49:37 GMT",
        ] {
            let value = HeaderValue::from_static(text);
            assert_eq!(parse_http_date(&value), None, "{text}");
        }
    }

    #[test]
    fn what_no_date_can_name_is_the_nearest_that_can_be_named() {
        let written = |seconds| http_date(Timestamp::from_seconds(seconds));
        assert_eq!(written(-1), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(written(253_402_300_800), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn a_change_within_its_own_second_is_always_answered_in_full() {
        let same = http_date(THEN);
        let second = Duration::from_secs(1);
        assert!(!is_unmodified_since(&same, THEN, THEN));
        assert!(is_unmodified_since(&same, THEN, THEN.plus(second)));
        assert!(!is_unmodified_since(
            &same,
            THEN.plus(second),
            THEN.plus(second * 9)
        ));
    }

    #[test]
    fn lists_stars_and_weak_tags_match() {
        let tag = EntityTag::of(b"1", b"{}");
        let matches = |list: &str| tag.is_named_by([&HeaderValue::from_str(list).unwrap()]);
        let opaque = tag.opaque();
        assert!(matches("*") && matches(" , *"));
        assert!(matches(&format!("\"{opaque}\"")) && matches(&format!("W/\"{opaque}\"")));
        assert!(matches(&format!("\"a,b\", junk, W/\"{opaque}\"")));
        assert!(!matches(opaque) && !matches("\"") && !matches("") && !matches("W/"));
    }

    #[test]
    fn the_same_body_has_another_tag_for_another_caller() {
        assert_ne!(EntityTag::of(b"1", b"2{}"), EntityTag::of(b"12", b"{}"));
    }

    proptest! {
        #[test]
        fn a_tag_is_found_exactly_in_the_lists_that_hold_it(
            others in proptest::collection::vec("[!#-~]{0,70}", 0..5),
            held in any::<bool>(),
            weak in any::<bool>(),
        ) {
            let tag = EntityTag::of(b"caller", b"body");
            let mut list: Vec<_> = others.iter().map(|opaque| format!("\"{opaque}\"")).collect();
            if held {
                let form = format!("{}\"{}\"", if weak { "W/" } else { "" }, tag.opaque());
                list.insert(list.len() / 2, form);
            }
            let header = HeaderValue::from_str(&list.join(",")).unwrap();
            prop_assert_eq!(tag.is_named_by([&header]), held);
        }

        #[test]
        fn no_bytes_break_the_reading_of_tags_and_dates(bytes in any::<Vec<u8>>()) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let _ = EntityTag::of(b"", b"").is_named_by([&value]);
                let _ = parse_http_date(&value);
            }
        }

        #[test]
        fn dates_come_back_as_they_went(seconds in 0_i64..253_402_300_800) {
            let at = Timestamp::from_seconds(seconds);
            prop_assert_eq!(parse_http_date(&http_date(at)), Some(at));
        }
    }
}
