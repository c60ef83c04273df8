//! JSON for people: the API answers curl with line breaks and two spaces for each level, and
//! libraries without any white space (wire contract, section 1).

use http::HeaderValue;

/// Whether a request with this `User-Agent` is answered in the pretty form: it starts with `curl/`.
pub fn wants_pretty(user_agent: Option<&HeaderValue>) -> bool {
    user_agent.is_some_and(|agent| agent.as_bytes().starts_with(b"curl/"))
}

/// The pretty form of a compact JSON document: two spaces for each level, `": "` after a name, a
/// line feed at the end. Nothing else changes: order, numbers and escapes stay as they are.
///
/// ```
/// use counterfoil_wire::pretty::pretty;
/// assert_eq!(pretty(br#"{"a":[1,{}],"b":[]}"#), b"{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}\n");
/// ```
pub fn pretty(compact: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(compact.len() * 3 / 2 + 1);
    let mut depth = 0_usize;
    let mut place = 0;
    while let Some(&byte) = compact.get(place) {
        place += 1;
        match byte {
            b'"' => {
                let end = place + string_length(&compact[place..]);
                out.extend_from_slice(&compact[place - 1..end]);
                place = end;
            }
            b'{' | b'[' if matches!(compact.get(place), Some(b'}' | b']')) => {
                out.extend_from_slice(&compact[place - 1..=place]);
                place += 1;
            }
            b'{' | b'[' => {
                depth += 1;
                out.push(byte);
                break_line(&mut out, depth);
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                break_line(&mut out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            _ => out.push(byte),
        }
    }
    out.push(b'\n');
    out
}

/// The length of a string whose opening quote came before `rest`, closing quote included.
fn string_length(rest: &[u8]) -> usize {
    let mut escaped = false;
    let closing = rest.iter().position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    closing.map_or(rest.len(), |place| place + 1)
}

fn break_line(out: &mut Vec<u8>, depth: usize) {
    out.push(b'\n');
    out.extend(std::iter::repeat_n(b' ', depth * 2));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_inside_strings_stays() {
        let compact = br#"{"a\"{":"x\\","b":"[,:]"}"#;
        assert_eq!(
            pretty(compact),
            b"{\n  \"a\\\"{\": \"x\\\\\",\n  \"b\": \"[,:]\"\n}\n"
        );
    }

    #[test]
    fn an_empty_list_stays_on_its_line() {
        assert_eq!(pretty(b"[]"), b"[]\n");
    }

    #[test]
    fn only_curl_gets_it() {
        let wants = |agent| wants_pretty(Some(&HeaderValue::from_static(agent)));
        assert!(wants("curl/8.5.0"));
        assert!(!wants("Mozilla/5.0 curl/8") && !wants("curl") && !wants_pretty(None));
    }
}
