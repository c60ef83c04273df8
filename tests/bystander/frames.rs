//! As much of HTTP/2 (RFC 9113) as a client needs that means ill: frames, and headers in the one
//! form of HPACK (RFC 7541) that needs no table.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::client::Stream;

/// What every client says first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;

/// Flags of a frame with headers that is whole and ends its stream.
const END_STREAM_AND_HEADERS: u8 = 0x1 | 0x4;
/// The setting that says how much of a stream's answer may be sent before it is asked for more.
const INITIAL_WINDOW_SIZE: u16 = 4;
/// The code of a stream that its client does not want any more.
const CANCEL: u32 = 8;

/// Begins a connection on which no answer's body may be sent.
pub(crate) async fn begin(stream: &mut dyn Stream) -> io::Result<()> {
    let mut setting = INITIAL_WINDOW_SIZE.to_be_bytes().to_vec();
    setting.extend(0_u32.to_be_bytes());
    stream.write_all(PREFACE).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, &setting)).await?;
    stream.flush().await
}

/// A request without a body.
pub(crate) fn request(number: u32, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    let pseudo = [
        (":method", "GET"),
        (":scheme", "https"),
        (":authority", "localhost"),
        (":path", path),
    ];
    for (name, value) in pseudo.iter().chain(headers) {
        // A literal that is not to be put into any table, with a name that is spelled out.
        block.push(0);
        push_text(&mut block, name);
        push_text(&mut block, value);
    }
    frame(HEADERS, END_STREAM_AND_HEADERS, number, &block)
}

/// Says that the answer to a request is not wanted any more.
pub(super) fn reset(number: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, number, &CANCEL.to_be_bytes())
}

/// Reads until so many answers have begun.
pub(crate) async fn read_heads(stream: &mut dyn Stream, count: u32) -> io::Result<()> {
    let mut begun = 0;
    while begun < count {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [l0, l1, l2, kind, ..] = head;
        let length = u32::from_be_bytes([0, l0, l1, l2]);
        let mut payload = vec![0; usize::try_from(length).expect("frames are small")];
        stream.read_exact(&mut payload).await?;
        begun += u32::from(kind == HEADERS);
    }
    Ok(())
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("frames are small");
    let mut bytes = length.to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A text with its length before it: seven bits, and more bytes from 127 on.
fn push_text(block: &mut Vec<u8>, text: &str) {
    if let Ok(length @ 0..127) = u8::try_from(text.len()) {
        block.push(length);
    } else {
        block.push(127);
        let mut rest = text.len() - 127;
        while rest >= 128 {
            block.push(u8::try_from(rest % 128).expect("a remainder") | 0x80);
            rest /= 128;
        }
        block.push(u8::try_from(rest).expect("less than 128"));
    }
    block.extend(text.as_bytes());
}
