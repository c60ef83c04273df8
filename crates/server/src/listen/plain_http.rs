//! Plain HTTP where TLS is spoken: a client that forgot the `s` of `https`. It is told so in the
//! words that it understands, instead of having its connection closed without any.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

const ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 75\r\n\
    Connection: close\r\n\
    \r\n\
    This port speaks HTTPS, and the request came without encryption: use https\n";
/// What is read of the request after the answer: with unread bytes the system would cut the
/// connection, and the answer might be lost.
const MOST_READ: usize = 64 * 1024;

/// Whether a connection that begins with this byte speaks HTTP. TLS begins with 22.
pub(super) fn begins_with(first: u8) -> bool {
    first.is_ascii_uppercase()
}

/// Answers, and lets the client read it.
pub(super) async fn refuse(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    stream.write_all(ANSWER).await?;
    stream.shutdown().await?;
    let mut buffer = [0; 1024];
    let mut read = 0;
    while read < MOST_READ {
        match stream.read(&mut buffer).await? {
            0 => break,
            more => read += more,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_as_long_as_it_says() {
        let text = std::str::from_utf8(ANSWER).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())));
    }

    #[test]
    fn requests_are_told_from_handshakes_by_their_first_byte() {
        assert!(begins_with(b'G') && begins_with(b'P'));
        assert!(!begins_with(0x16) && !begins_with(0x80) && !begins_with(b'g'));
    }
}
