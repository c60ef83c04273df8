//! Answers that clients do not take on HTTP/2, and what else such clients can hold.

use std::time::Duration;

use tokio::io::split;
use tokio::net::TcpSocket;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::client::TlsStream;

use super::super::activity::Protocol;
use super::super::answers::BESIDE_THE_BODY;
use super::super::test_folder::TestFolder;
use super::frames::{DATA, GOAWAY, HEADERS, REFUSED_STREAM, RST_STREAM};
use super::tls::{encrypt, encrypted, self_signed};
use super::waiting::piped;
use super::*;

/// As many streams as a client may have.
const STREAMS: u32 = 100;

/// The answer of `/peer` to these tests: `127.0.0.1 tls=true`.
const PEER_BYTES: u64 = 18;

/// Sends this over a new connection; tells after how many seconds the goodbye came, and the end.
async fn goodbye_and_end(bytes: &[u8]) -> (Option<u64>, u64) {
    let mut client = piped(Protocol::Http2);
    let before = Instant::now();
    let seconds = || (Instant::now() - before).as_secs();
    client.write_all(bytes).await.unwrap();
    let goodbye = frames::next_of(GOAWAY, &mut client).await;
    let goodbye = goodbye.map(|_| seconds());
    while frames::next(&mut client).await.is_some() {}
    (goodbye, seconds())
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_never_taken_ends_the_connection() {
    for path in ["/peer", "/large"] {
        let shut = [frames::begin(0), frames::get(1, path)].concat();
        assert_eq!(goodbye_and_end(&shut).await, (Some(75), 85), "{path}");
    }
    // A window of one byte has the library keep the rest.
    let ajar = [frames::begin(1), frames::get(1, "/large")].concat();
    assert_eq!(goodbye_and_end(&ajar).await, (Some(75), 85));
}

#[tokio::test(start_paused = true)]
async fn a_byte_now_and_then_gains_an_answer_no_time() {
    let (mut reading, mut writing) = split(piped(Protocol::Http2));
    let before = Instant::now();
    let begin = [frames::begin(0), frames::get(1, "/large")].concat();
    writing.write_all(&begin).await.unwrap();
    let drip = tokio::spawn(async move {
        while writing
            .write_all(&frames::window_update(1, 1))
            .await
            .is_ok()
        {
            sleep(Duration::from_secs(5)).await;
        }
    });
    while frames::next(&mut reading).await.is_some() {}
    assert_eq!((Instant::now() - before).as_secs(), 85);
    drip.abort();
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_taken_slowly_arrives_however_long_it_takes() {
    let (mut reading, mut writing) = split(piped(Protocol::Http2));
    let before = Instant::now();
    let begin = [
        frames::begin(0),
        frames::window_update(0, 1_000_000),
        frames::get(1, "/large"),
    ];
    writing.write_all(&begin.concat()).await.unwrap();
    let take = tokio::spawn(async move {
        while writing
            .write_all(&frames::window_update(1, 4_000))
            .await
            .is_ok()
        {
            sleep(Duration::from_secs(4)).await;
        }
    });
    let mut taken = 0;
    while taken < LARGE {
        let frame = frames::next_of(DATA, &mut reading).await;
        taken += frame.expect("the answer is not cut off").payload.len();
    }
    let took = (Instant::now() - before).as_secs();
    assert!((90..=105).contains(&took), "{took}");
    take.abort();
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_end_ends_the_connection() {
    let first = [frames::begin(65_535), frames::get_without_end(1, "/peer")].concat();
    assert_eq!(goodbye_and_end(&first).await.1, 10);
    let later = [
        frames::begin(65_535),
        frames::get(1, "/peer"),
        frames::get_without_end(3, "/peer"),
    ];
    assert_eq!(goodbye_and_end(&later.concat()).await, (Some(75), 85));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_is_answered_in_time() {
    let (mut reading, mut writing) = split(piped(Protocol::Http2));
    let before = Instant::now();
    let begin = [frames::begin(65_535), frames::post(1, "/body")].concat();
    writing.write_all(&begin).await.unwrap();
    let drip = tokio::spawn(async move {
        while writing.write_all(&frames::data(1, b"x")).await.is_ok() {
            sleep(Duration::from_secs(3)).await;
        }
    });
    let answer = frames::next_of(HEADERS, &mut reading).await.unwrap();
    assert_eq!(answer.stream, 1);
    assert_eq!((Instant::now() - before).as_secs(), 30);
    drip.abort();
}

#[tokio::test(start_paused = true)]
async fn an_old_connection_on_http_2_is_told_goodbye_while_it_asks() {
    let (mut reading, mut writing) = split(piped(Protocol::Http2));
    let before = Instant::now();
    writing.write_all(&frames::begin(65_535)).await.unwrap();
    let ask = tokio::spawn(async move {
        for stream in (1..).step_by(2) {
            if writing
                .write_all(&frames::get(stream, "/peer"))
                .await
                .is_err()
            {
                return;
            }
            sleep(Duration::from_mins(1)).await;
        }
    });
    frames::next_of(GOAWAY, &mut reading).await.unwrap();
    assert_eq!((Instant::now() - before).as_secs(), 3_600);
    ask.abort();
}

/// A server with TLS, and clients of it from any address of this machine.
struct Site {
    server: Server,
    counts: ConnectionCounts,
    files: CertificateFiles,
    _folder: TestFolder,
}

impl Site {
    async fn start(connections: u32, limits: ConnectionLimits) -> Self {
        let folder = TestFolder::new();
        let own = self_signed(&folder, "own");
        let (_, settings) = encrypted(TlsSource::SelfSigned(own.clone()));
        let settings = ServeSettings {
            connections,
            limits: LiveLimits::new(limits),
            ..settings
        };
        let counts = settings.counts.clone();
        Self {
            server: Server::start(settings).await,
            counts,
            files: own.files(),
            _folder: folder,
        }
    }

    /// A client that speaks HTTP/2 from 127.0.0.`last`.
    async fn client(&self, last: u8) -> TlsStream<TcpStream> {
        let socket = TcpSocket::new_v4().unwrap();
        socket
            .bind(SocketAddr::from(([127, 0, 0, last], 0)))
            .unwrap();
        let connection = socket.connect(self.server.address).await.unwrap();
        encrypt(connection, &self.files, b"h2").await.unwrap()
    }

    /// One that asks so many times for this and takes none of the answers; back when all are ready.
    async fn stalled(&self, last: u8, streams: u32, path: &str) -> TlsStream<TcpStream> {
        let mut client = self.client(last).await;
        let mut bytes = frames::begin(0);
        for stream in 0..streams {
            bytes.extend(frames::get(2 * stream + 1, path));
        }
        client.write_all(&bytes).await.unwrap();
        for _ in 0..streams {
            frames::next_of(HEADERS, &mut client).await.unwrap();
        }
        client
    }

    /// Demands that a client from there is answered.
    async fn serves(&self, last: u8) {
        let mut client = self.client(last).await;
        let bytes = [frames::begin(65_535), frames::get(1, "/peer")].concat();
        client.write_all(&bytes).await.unwrap();
        let answer = frames::next_of(DATA, &mut client).await;
        assert!(answer.expect("an answer").payload.ends_with(b"tls=true"));
    }
}

#[tokio::test]
async fn a_client_has_no_more_than_a_hundred_streams() {
    let site = Site::start(10, ConnectionLimits::default()).await;
    let mut client = site.stalled(1, STREAMS, "/peer").await;
    let ask = frames::get(2 * STREAMS + 1, "/peer");
    client.write_all(&ask).await.unwrap();
    let refused = frames::next_of(RST_STREAM, &mut client).await.unwrap();
    assert_eq!(refused.stream, 2 * STREAMS + 1);
    assert_eq!(refused.payload, REFUSED_STREAM.to_be_bytes());
    // A client that takes an answer may open another stream.
    let more = frames::window_update(1, 1_000_000);
    client.write_all(&more).await.unwrap();
    let taken = async {
        loop {
            let data = frames::next_of(DATA, &mut client).await.unwrap();
            assert_eq!(data.stream, 1);
            if data.is_last {
                return;
            }
        }
    };
    taken.await;
    let ask = frames::get(2 * STREAMS + 3, "/peer");
    client.write_all(&ask).await.unwrap();
    let answer = frames::next_of(HEADERS, &mut client).await.unwrap();
    assert_eq!(answer.stream, 2 * STREAMS + 3);
}

/// Finding 1 of the first attack: 50 connections with shut windows kept everybody out for as long
/// as they liked.
#[tokio::test]
async fn connections_and_streams_full_of_unread_answers_keep_nobody_out() {
    let limits = ConnectionLimits {
        idle_time: Duration::from_secs(2),
        header_time: Duration::from_secs(1),
        ..ConnectionLimits::default()
    };
    let site = Site::start(50, limits).await;
    let mut held = Vec::new();
    for _ in 0..45 {
        held.push(site.stalled(1, STREAMS, "/peer").await);
    }
    let stalled = 45 * u64::from(STREAMS);
    // Exact: what the bound on memory counts is what is there.
    if site.counts.unread_closed() == 0 && site.counts.open() == 45 {
        assert_eq!(
            site.counts.unread_bytes(),
            stalled * (PEER_BYTES + BESIDE_THE_BODY)
        );
    }
    site.serves(2).await;
    for _ in 0..5 {
        held.push(site.stalled(3, STREAMS, "/peer").await);
    }
    // All places are taken, until the deadline.
    site.serves(2).await;
    let all_end = async {
        for mut client in held {
            while frames::next(&mut client).await.is_some() {}
        }
        while site.counts.unread_bytes() > 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    let ended = timeout(Duration::from_mins(1), all_end).await;
    ended.expect("answers that nobody takes are held for two seconds and not for ever");
    assert!(site.counts.unread_closed() > 0);
}

#[tokio::test]
async fn beyond_the_memory_for_unread_answers_the_oldest_are_closed() {
    let bound = 4 * 1024 * 1024;
    let limits = ConnectionLimits {
        unread_answer_bytes: bound,
        ..ConnectionLimits::default()
    };
    let site = Site::start(100, limits).await;
    let mut oldest = site.stalled(1, 10, "/large").await;
    let mut others = Vec::new();
    for _ in 0..7 {
        others.push(site.stalled(1, 10, "/large").await);
        let one = 10 * (LARGE as u64 + BESIDE_THE_BODY);
        assert!(site.counts.unread_bytes() <= bound + one);
    }
    // It is told before it is closed.
    assert!(frames::next_of(GOAWAY, &mut oldest).await.is_some());
    while frames::next(&mut oldest).await.is_some() {}
    // The last to come is there still.
    let last = others.last_mut().unwrap();
    let more = [
        frames::window_update(0, 1_000_000),
        frames::window_update(1, 1_000_000),
    ];
    last.write_all(&more.concat()).await.unwrap();
    assert!(frames::next_of(DATA, last).await.is_some());
    assert!(site.counts.unread_closed() >= 4);
}
