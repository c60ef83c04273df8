//! HTTP/2 by hand (RFC 9113), since clients of libraries are too polite.

use tokio::io::{AsyncRead, AsyncReadExt};

/// The kinds of frames that tests look for.
pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const GOAWAY: u8 = 7;

/// The code of a stream that was not begun, since there are too many.
pub(super) const REFUSED_STREAM: u32 = 7;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A frame that came.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) stream: u32,
    /// Whether it ends its stream, where it is one of headers or data.
    pub(super) is_last: bool,
    pub(super) payload: Vec<u8>,
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let stream = stream.to_be_bytes();
    [&length[1..], &[kind, flags], &stream, payload].concat()
}

/// What a client sends first: the preface, and the window that each answer begins with.
pub(super) fn begin(window: u32) -> Vec<u8> {
    let initial_window_size = [&[0, 4], window.to_be_bytes().as_slice()].concat();
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(),
        &frame(4, 0, 0, &initial_window_size),
    ]
    .concat()
}

/// A head with a method, by its number in HPACK's static table, and a path; the authority is `a`.
fn head(method: u8, path: &str) -> Vec<u8> {
    let length = u8::try_from(path.len()).unwrap();
    let literals = [&[0x04, length], path.as_bytes(), &[0x01, 1, b'a']].concat();
    [&[0x80 | method, 0x87], literals.as_slice()].concat()
}

/// `GET`, whole.
pub(super) fn get(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &head(2, path))
}

/// `POST` without its body.
pub(super) fn post(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &head(3, path))
}

/// `GET` with a head that does not end.
pub(super) fn get_without_end(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_STREAM, stream, &head(2, path))
}

/// A piece of a body that is not its last.
pub(super) fn data(stream: u32, bytes: &[u8]) -> Vec<u8> {
    frame(DATA, 0, stream, bytes)
}

/// More room for an answer, or with stream 0 for all of them.
pub(super) fn window_update(stream: u32, bytes: u32) -> Vec<u8> {
    frame(8, 0, stream, &bytes.to_be_bytes())
}

/// The next frame; none at the end.
pub(super) async fn next(stream: &mut (impl AsyncRead + Unpin)) -> Option<Frame> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.ok()?;
    let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = head;
    let length = u32::from_be_bytes([0, l0, l1, l2]);
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut payload).await.ok()?;
    Some(Frame {
        kind,
        is_last: flags & END_STREAM != 0,
        stream: u32::from_be_bytes([s0, s1, s2, s3]),
        payload,
    })
}

/// The next frame of this kind; none if the connection ends before.
pub(super) async fn next_of(kind: u8, stream: &mut (impl AsyncRead + Unpin)) -> Option<Frame> {
    loop {
        let frame = next(stream).await?;
        if frame.kind == kind {
            return Some(frame);
        }
    }
}
