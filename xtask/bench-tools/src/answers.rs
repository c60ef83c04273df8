//! As much of HTTP/1.1 as telling one answer from the next needs (RFC 9112, sections 4 and 6).

/// An answer that has arrived as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its bytes, head and body.
    pub length: usize,
    /// Whether the server closes the connection after it.
    pub closes: bool,
}

/// What the bytes that have arrived are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A whole answer stands at the beginning.
    Whole(Answer),
    /// More is to come.
    Partial,
    /// No answer that can be told from the next.
    Broken,
}

/// Looks for an answer at the beginning of `bytes`.
pub fn first(bytes: &[u8]) -> Progress {
    let Some(head) = find(bytes, b"\r\n\r\n") else {
        return Progress::Partial;
    };
    let Some(status) = status_of(bytes) else {
        return Progress::Broken;
    };
    let mut length = None;
    let mut closes = false;
    for line in bytes[..head].split(|byte| *byte == b'\n').skip(1) {
        if let Some(value) = value_of(line, b"content-length") {
            length = std::str::from_utf8(value)
                .ok()
                .and_then(|text| text.parse::<usize>().ok());
        } else if let Some(value) = value_of(line, b"connection") {
            closes = value.eq_ignore_ascii_case(b"close");
        }
    }
    let body = match (length, status) {
        (_, 204 | 304) => 0,
        (Some(length), _) => length,
        (None, _) => return Progress::Broken,
    };
    let length = head + 4 + body;
    if bytes.len() < length {
        return Progress::Partial;
    }
    Progress::Whole(Answer {
        status,
        length,
        closes,
    })
}

fn status_of(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The value of a header line, if the line has this name.
fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    // The length and the colon rule nearly every line out without a comparison.
    if line.get(name.len()) != Some(&b':') || !line[..name.len()].eq_ignore_ascii_case(name) {
        return None;
    }
    Some(line[name.len() + 1..].trim_ascii())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1";
        let whole = Answer {
            status: 200,
            length: 40,
            closes: false,
        };
        assert_eq!(first(bytes), Progress::Whole(whole));
        assert_eq!(first(&bytes[..39]), Progress::Partial);
    }

    #[test]
    fn an_answer_without_content_has_no_length() {
        let bytes = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
        let whole = Answer {
            status: 204,
            length: bytes.len(),
            closes: true,
        };
        assert_eq!(first(bytes), Progress::Whole(whole));
    }

    #[test]
    fn an_answer_without_an_end_is_broken() {
        assert_eq!(first(b"HTTP/1.1 200 OK\r\n\r\n"), Progress::Broken);
    }
}
