//! Numbers that are JSON and that no double holds.

use serde::de::IgnoredAny;

/// What stands for a number that is too large: the largest double.
const LARGEST: &[u8] = b"1.7976931348623157e308";

/// The bytes with every number beyond the largest double cut to it, or `None` where there is none.
/// Whether they are JSON otherwise is not looked at. Linear in the size of the body, and the copy
/// is no longer than 22 times the numbers cut.
pub(super) fn cut(json: &[u8]) -> Option<Vec<u8>> {
    let mut copy = Vec::new();
    let (mut copied, mut place) = (0, 0);
    while let Some(byte) = json.get(place) {
        let length = match byte {
            b'"' => text(&json[place..]),
            b'-' | b'0'..=b'9' => number(&json[place..]),
            _ => 1,
        };
        let token = &json[place..place + length];
        if is_too_large(token) {
            copy.extend_from_slice(&json[copied..place]);
            if *byte == b'-' {
                copy.push(b'-');
            }
            copy.extend_from_slice(LARGEST);
            copied = place + length;
        }
        place += length;
    }
    (copied > 0).then(|| {
        copy.extend_from_slice(&json[copied..]);
        copy
    })
}

/// The length of the text that begins here, its quotation marks included.
fn text(json: &[u8]) -> usize {
    let mut escaped = false;
    let end = json.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(json.len(), |end| end + 2)
}

/// The length of what begins here like a number.
fn number(json: &[u8]) -> usize {
    let end = json
        .iter()
        .position(|byte| !matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
    end.unwrap_or(json.len())
}

/// Whether a token is a number as JSON writes it, and beyond what a double holds.
fn is_too_large(token: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(token) else {
        return false;
    };
    text.parse::<f64>().is_ok_and(f64::is_infinite)
        && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut_text(json: &str) -> Option<String> {
        cut(json.as_bytes()).map(|cut| String::from_utf8(cut).unwrap())
    }

    #[test]
    fn only_numbers_beyond_a_double_are_cut() {
        let long = "9".repeat(400);
        for (json, expected) in [
            (
                r#"{"a":1e999,"b":[-1E+400]}"#.to_owned(),
                r#"{"a":1.7976931348623157e308,"b":[-1.7976931348623157e308]}"#,
            ),
            (long, "1.7976931348623157e308"),
        ] {
            assert_eq!(cut_text(&json).as_deref(), Some(expected));
        }
        for json in [
            r#"{"a":1e308,"b":-0.5,"c":"1e999 \" 1e999"}"#,
            "01e999",
            "1e999.5",
            "infinity",
            "\"1e999",
            "",
        ] {
            assert_eq!(cut_text(json), None, "{json}");
        }
    }

    mod properties {
        use super::*;

        proptest! {
            #[test]
            fn no_bytes_break_it(bytes in any::<Vec<u8>>()) {
                let _ = cut(&bytes);
            }
        }
    }
}
