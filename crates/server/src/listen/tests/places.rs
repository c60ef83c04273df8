//! More clients than there are places, and addresses that want more than their share.

use std::time::Duration;

use tokio::net::{TcpSocket, UnixStream};
use tokio::time::{Instant, timeout};

use super::super::activity::{Activity, Protocol};
use super::super::places::{NoPlace, Place, Places};
use super::super::seat::Asked;
use super::super::test_folder::TestFolder;
use super::frames::{self, DATA, GOAWAY};
use super::tls::{encrypt, encrypted, self_signed};
use super::*;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// `/wait` of a client that keeps its connection.
const WAIT: &str = "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn with_places(connections: u32) -> ServeSettings {
    ServeSettings {
        connections,
        ..ServeSettings::default()
    }
}

/// A connection from 127.0.0.`last`.
async fn connect_from(server: &Server, last: u8) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket
        .bind(SocketAddr::from(([127, 0, 0, last], 0)))
        .unwrap();
    socket.connect(server.address).await.unwrap()
}

/// A connection from there whose request was answered, and which is idle.
async fn idle_from(server: &Server, last: u8) -> TcpStream {
    let mut client = connect_from(server, last).await;
    ask_again(&mut client).await;
    client
}

async fn ask_again(client: &mut TcpStream) {
    client.write_all(GET.as_bytes()).await.unwrap();
    read_until(client, "tls=false").await;
}

/// A connection from there whose request is worked on.
async fn busy_from(server: &Server, last: u8) -> TcpStream {
    let arrived = server.gate.notified();
    let mut client = connect_from(server, last).await;
    client.write_all(WAIT.as_bytes()).await.unwrap();
    arrived.await;
    client
}

async fn is_closed_unanswered(mut client: TcpStream) -> bool {
    // It may be closed before it has asked.
    let _ = client.write_all(LAST_GET.as_bytes()).await;
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, client.read_to_end(&mut answer)).await;
    // Whether by a reset or not depends on what was sent when.
    let _ = read.expect("it is closed");
    answer.is_empty()
}

async fn is_served(mut client: TcpStream) -> bool {
    client.write_all(LAST_GET.as_bytes()).await.unwrap();
    let rest = timeout(PATIENCE, rest_of(client)).await;
    status_of(&rest.expect("an answer")) == "200"
}

#[tokio::test]
async fn an_address_has_its_share_and_no_more() {
    let settings = ServeSettings {
        proxy_protocol: true,
        trusted_proxies: Arc::new(vec!["127.0.0.0/8".parse().unwrap()].into()),
        ..with_places(1_000)
    };
    let counts = settings.counts.clone();
    let server = Server::start(settings).await;
    // Where a /64 is one client, every address of it is.
    let named = async |client: &str| {
        let mut connection = server.connect().await;
        let header = format!("PROXY TCP6 {client} ::1 4711 443\r\n");
        connection.write_all(header.as_bytes()).await.unwrap();
        connection
    };
    let mut held = Vec::new();
    for number in 1..=64 {
        let mut client = named(&format!("2001:db8::{number}")).await;
        ask_again(&mut client).await;
        held.push(client);
    }
    assert!(is_closed_unanswered(named("2001:db8::ffff").await).await);
    assert_eq!(counts.refused(), 1);
    assert!(is_served(named("2001:db8:0:1::1").await).await);
    // The proxy that relays them all has no such share.
    assert!(is_served(named("2001:db8:0:2::1").await).await);
    held.pop();
    // The place is free when the server has seen the end of the connection.
    while counts.open() > 63 {
        tokio::task::yield_now().await;
    }
    assert!(is_served(named("2001:db8::ffff").await).await);
}

#[tokio::test]
async fn no_address_not_even_this_machines_has_more_than_nine_tenths() {
    let server = Server::start(with_places(10)).await;
    let mut busy = Vec::new();
    for _ in 0..9 {
        busy.push(busy_from(&server, 1).await);
    }
    assert!(is_closed_unanswered(connect_from(&server, 1).await).await);
    assert!(is_served(connect_from(&server, 2).await).await);
}

#[tokio::test]
async fn when_all_places_are_taken_the_connection_that_was_idle_longest_makes_room() {
    let settings = with_places(4);
    let counts = settings.counts.clone();
    let server = Server::start(settings).await;
    let busy = busy_from(&server, 1).await;
    let mut first = idle_from(&server, 2).await;
    // Times are told apart by milliseconds.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let mut second = idle_from(&server, 3).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let third = idle_from(&server, 4).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    ask_again(&mut first).await;

    let mut new = idle_from(&server, 5).await;
    assert_eq!(rest_of(&mut second).await, "", "it was idle longest");
    let newer = idle_from(&server, 6).await;
    assert_eq!(rest_of(third).await, "");
    assert_eq!(counts.idle_closed(), 2);
    for client in [&mut first, &mut new] {
        ask_again(client).await;
    }
    server.gate.notify_waiters();
    drop(newer);
    assert!(read_until(&mut { busy }, "waited").await.contains("200 OK"));
}

#[tokio::test]
async fn a_request_that_is_worked_on_is_never_the_one_to_go() {
    let server = Server::start(with_places(1)).await;
    let mut busy = busy_from(&server, 1).await;
    let mut waiting = connect_from(&server, 2).await;
    waiting.write_all(LAST_GET.as_bytes()).await.unwrap();
    // Several looks for room.
    let early = timeout(Duration::from_millis(300), waiting.readable()).await;
    assert!(early.is_err(), "it is not served yet");
    server.gate.notify_waiters();
    read_until(&mut busy, "waited").await;
    // Idle now, and so the one to go.
    assert_eq!(status_of(&rest_of(waiting).await), "200");
    assert_eq!(rest_of(busy).await, "");
}

#[tokio::test]
async fn an_idle_connection_on_http_2_is_told_goodbye_when_it_makes_room() {
    let folder = TestFolder::new();
    let own = self_signed(&folder, "own");
    let (_, settings) = encrypted(TlsSource::SelfSigned(own.clone()));
    let settings = ServeSettings {
        connections: 1,
        ..settings
    };
    let server = Server::start(settings).await;
    let connect = async |last| {
        let connection = connect_from(&server, last).await;
        let mut client = encrypt(connection, &own.files(), b"h2").await.unwrap();
        let bytes = [frames::begin(65_535), frames::get(1, "/peer")].concat();
        client.write_all(&bytes).await.unwrap();
        frames::next_of(DATA, &mut client).await.expect("an answer");
        client
    };
    let mut idle = connect(1).await;
    connect(2).await;
    assert!(frames::next_of(GOAWAY, &mut idle).await.is_some());
    while frames::next(&mut idle).await.is_some() {}
}

fn places(most: usize) -> Arc<Places> {
    places_behind(&[], most)
}

/// Places for clients of whom these are trusted proxies.
fn places_behind(proxies: &[&str], most: usize) -> Arc<Places> {
    let proxies: Vec<_> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
    let trusted = Arc::new(proxies.into());
    Arc::new(Places::new(most, trusted, ConnectionCounts::default()))
}

fn take(places: &Arc<Places>, address: &str) -> Result<Place, NoPlace> {
    places.take(address.parse().unwrap())
}

#[tokio::test]
async fn a_twentieth_is_the_share_where_that_is_more_than_64() {
    for (most, share) in [(10, 9), (1_000, 64), (2_000, 100)] {
        let places = places(most);
        let held: Vec<_> = (0..share).map(|_| take(&places, "192.0.2.1")).collect();
        assert!(held.iter().all(Result::is_ok), "{most}");
        assert_eq!(take(&places, "192.0.2.1").err(), Some(NoPlace::Share));
        assert!(take(&places, "192.0.2.2").is_ok());
        drop(held);
        assert!(take(&places, "192.0.2.1").is_ok());
        assert_eq!(places.taken(), 0);
    }
}

#[tokio::test]
async fn a_trusted_proxy_has_no_share_but_nine_tenths() {
    let places = places_behind(&["192.0.2.0/24"], 1_000);
    let held: Vec<_> = (0..900).map(|_| take(&places, "192.0.2.1")).collect();
    assert!(held.iter().all(Result::is_ok));
    assert_eq!(take(&places, "192.0.2.1").err(), Some(NoPlace::Share));
    // The last tenth is other addresses', and a client that is no proxy has a share of it.
    let others: Vec<_> = (0..64).map(|_| take(&places, "198.51.100.1")).collect();
    assert!(others.iter().all(Result::is_ok));
    assert_eq!(take(&places, "198.51.100.1").err(), Some(NoPlace::Share));
    assert!(take(&places, "192.0.2.2").is_ok());
}

#[tokio::test]
async fn a_unix_socket_has_no_share_but_nine_tenths() {
    let folder = TestFolder::new();
    let path = folder.join("socket");
    let unix = ListenAddress::Unix(path.clone());
    let server = Server::start_with(&[unix], with_places(100)).await;
    let connect = async || UnixStream::connect(&path).await.unwrap();
    let mut held = Vec::new();
    // More than the 64 that an address may have.
    for _ in 0..90 {
        let mut client = connect().await;
        client.write_all(GET.as_bytes()).await.unwrap();
        read_until(&mut client, "tls=false").await;
        held.push(client);
    }
    let mut answer = Vec::new();
    let mut refused = connect().await;
    // It may be closed before it has asked.
    let _ = refused.write_all(LAST_GET.as_bytes()).await;
    let read = timeout(PATIENCE, refused.read_to_end(&mut answer)).await;
    let _ = read.expect("it is closed");
    assert_eq!(answer, b"");
    assert!(is_served(server.connect().await).await);
}

#[tokio::test]
async fn a_connection_that_moves_to_its_client_no_longer_counts_for_the_proxy() {
    let places = places(10);
    let held: Vec<_> = (0..9)
        .map(|_| take(&places, "127.0.0.1").unwrap())
        .collect();
    assert_eq!(take(&places, "127.0.0.1").err(), Some(NoPlace::Share));
    held[0].count_for("192.0.2.1".parse().unwrap()).unwrap();
    assert!(take(&places, "127.0.0.1").is_ok());
    // Also where a proxy says that it relays this machine.
    let one = take(&places, "192.0.2.7").unwrap();
    assert_eq!(
        one.count_for("127.0.0.1".parse().unwrap()),
        Ok(()),
        "there is room for it"
    );
    drop(held);
    drop(one);
    assert_eq!(places.taken(), 0);
}

#[tokio::test]
async fn those_on_their_way_out_are_bounded_too() {
    let places = places(1);
    let mut held = vec![take(&places, "192.0.2.1").unwrap()];
    // Each makes room for the next, and does not go.
    for number in 2..=9 {
        held.push(take(&places, &format!("192.0.2.{number}")).unwrap());
    }
    assert!(
        held[..8]
            .iter()
            .all(|place| place.seat.asked() == Asked::Leave)
    );
    assert_eq!(take(&places, "192.0.2.10").err(), Some(NoPlace::Full));
    held.remove(0);
    assert!(take(&places, "192.0.2.10").is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_connection_full_of_unread_answers_makes_room_after_a_while() {
    let places = places(1);
    let held = take(&places, "192.0.2.1").unwrap();
    let activity = Activity::begin(Protocol::Http2, Arc::default(), Instant::now());
    held.seat.begin(Arc::clone(&activity));
    let _request = activity.begin_request();
    assert_eq!(take(&places, "192.0.2.2").err(), Some(NoPlace::Full));
    activity.answers().begin(100);
    tokio::time::advance(Duration::from_secs(4)).await;
    assert_eq!(take(&places, "192.0.2.2").err(), Some(NoPlace::Full));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(take(&places, "192.0.2.2").is_ok());
    assert_eq!(held.seat.asked(), Asked::Close);
}
