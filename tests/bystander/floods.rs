//! What strangers do. Each flood goes on until it is dropped, and never faster than it is answered.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use counterfoil_testkit::process::basic;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::client::{Asked, Client, Target, patiently};
use super::frames;
use super::site::{self, BUSY, PROXY, SUSPENDED};

/// Those who flood, and how often each of them did what it does.
pub(super) struct Flood {
    // Dropping it ends them.
    _attackers: JoinSet<()>,
    done: Arc<AtomicU64>,
}

impl Flood {
    /// So many who each go on with `attack`, told which of them it is and to count what was done.
    fn of<A, F>(attackers: usize, attack: A) -> Self
    where
        A: Fn(usize, Arc<AtomicU64>) -> F,
        F: Future<Output = ()> + Send + 'static,
    {
        let done = Arc::new(AtomicU64::new(0));
        let mut all = JoinSet::new();
        for number in 0..attackers {
            all.spawn(attack(number, Arc::clone(&done)));
        }
        Self {
            _attackers: all,
            done,
        }
    }

    /// How often it did what it does.
    pub(super) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }
}

/// An address of this machine that is neither a proxy nor a bystander's.
fn stranger(number: usize) -> IpAddr {
    let last = u8::try_from(number % 200).expect("below 200") + 11;
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))
}

/// Asks again and again, what `next` says, over a connection that is made anew whenever it ends.
async fn ask_on(target: Target, done: Arc<AtomicU64>, mut next: impl FnMut(u64) -> Asked) {
    let mut client: Option<Client> = None;
    for turn in 0.. {
        if client.is_none() {
            client = target.connect(PROXY).await.ok();
        }
        if let Some(connected) = client.as_mut() {
            if connected.ask(&next(turn)).await.is_err() {
                client = None;
            }
            done.fetch_add(1, Ordering::Relaxed);
        }
        sleep(A_MOMENT).await;
    }
}

/// How long whoever was answered waits until the next try. Strangers have machines of their own:
/// what their programs take of this one is no harm that they do, and ten tries a second of each
/// keep full whatever can be filled.
const A_MOMENT: Duration = Duration::from_millis(100);

fn attempt(login: &str, password: &str, from: String) -> Asked {
    Asked {
        authorization: Some(basic(login, password)),
        forwarded_for: Some(from),
        ..Asked::get("/api/v3/user")
    }
}

/// Answers that their clients never take, over HTTP/2: as many connections as four addresses may
/// have that are not of this machine, a hundred streams on each.
pub(super) fn stalled_answers(target: &Target) -> Flood {
    const CONNECTIONS: usize = 256;
    const STREAMS: u32 = 100;
    /// What is held is the flood here, not what is asked: whoever is ended does not come back at
    /// once.
    const UNTIL_AGAIN: Duration = Duration::from_secs(5);
    /// Nor do all of them come at one moment, and so end at one moment and come back at one: the
    /// 25,600 requests of such a moment are another flood, half of which is this machine's own work
    /// to make them.
    const APART: Duration = Duration::from_millis(15);
    let target = target.clone();
    Flood::of(CONNECTIONS, move |number, done| {
        let target = target.clone();
        async move {
            sleep(APART * u32::try_from(number).expect("few")).await;
            loop {
                let hold = async {
                    let mut stream = target.connect_http_2(stranger(number % 4)).await?;
                    patiently(frames::begin(&mut *stream)).await?;
                    for place in 0..STREAMS {
                        let request = frames::request(2 * place + 1, "/api/v3/", &[]);
                        patiently(stream.write_all(&request)).await?;
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                    stream.flush().await?;
                    // Until the server ends it.
                    while stream.read(&mut [0; 1024]).await? > 0 {}
                    Ok::<(), std::io::Error>(())
                };
                drop(hold.await);
                sleep(UNTIL_AGAIN).await;
            }
        }
    })
}

/// Logins that nobody has, from the many networks that one customer of a provider has.
pub(super) fn unknown_logins(target: &Target) -> Flood {
    let target = target.clone();
    Flood::of(90, move |number, done| {
        ask_on(target.clone(), done, move |turn| {
            // A network until it would be locked, and then the next.
            let network = (number + 90 * usize::try_from(turn / 40).expect("few")) % 256;
            let login = format!("nobody{number}x{turn}");
            attempt(
                &login,
                "a guess at nothing",
                format!("2001:db8:aa:bb{network:02x}::1"),
            )
        })
    })
}

/// Somebody who was suspended and knows the password.
pub(super) fn a_suspended_users_right_password(target: &Target) -> Flood {
    let target = target.clone();
    Flood::of(80, move |number, done| {
        ask_on(target.clone(), done, move |_| {
            site::sign_in(SUSPENDED, &format!("203.0.113.{}", number + 1))
        })
    })
}

/// Connections from one address, more than there may be, each with a request that was answered.
pub(super) fn connections(target: &Target) -> Flood {
    let target = target.clone();
    Flood::of(440, move |_, done| {
        let target = target.clone();
        async move {
            loop {
                if let Ok(mut client) = target.connect(stranger(0)).await
                    && client.ask(&Asked::get("/healthz")).await.is_ok()
                {
                    done.fetch_add(1, Ordering::Relaxed);
                    client.closed().await;
                }
                sleep(A_MOMENT).await;
            }
        }
    })
}

/// An address that is locked, and goes on with logins that it invents.
pub(super) fn invented_logins(target: &Target) -> Flood {
    let target = target.clone();
    Flood::of(30, move |number, done| {
        ask_on(target.clone(), done, move |turn| {
            let login = format!("invented{number}x{turn}");
            attempt(&login, "a guess at nothing", "203.0.113.250".to_owned())
        })
    })
}

/// Where attempts come from that are taken back.
pub(super) const RESETTING: &str = "203.0.113.251";

/// Attempts that are taken back as soon as they are under way, over HTTP/2.
pub(super) fn attempts_that_are_reset(target: &Target) -> Flood {
    const AT_A_TIME: u32 = 18;
    let target = target.clone();
    Flood::of(1, move |_, done| {
        let target = target.clone();
        async move {
            for round in 0_u64.. {
                let attack = async {
                    let mut stream = target.connect_http_2(PROXY).await?;
                    patiently(frames::begin(&mut *stream)).await?;
                    // Few rounds on a connection: none of its answers is read.
                    for turn in 0..20 {
                        let first = 2 * AT_A_TIME * turn + 1;
                        let numbers = (first..first + 2 * AT_A_TIME).step_by(2);
                        for number in numbers.clone() {
                            let login = format!("guessed{}", number % (2 * AT_A_TIME));
                            let password = format!("guess {round} {number}");
                            let authorization = basic(&login, &password);
                            let headers = [
                                ("authorization", authorization.as_str()),
                                ("x-forwarded-for", RESETTING),
                            ];
                            let request = frames::request(number, "/api/v3/user", &headers);
                            patiently(stream.write_all(&request)).await?;
                        }
                        stream.flush().await?;
                        sleep(Duration::from_millis(4)).await;
                        for number in numbers {
                            patiently(stream.write_all(&frames::reset(number))).await?;
                            done.fetch_add(1, Ordering::Relaxed);
                        }
                        stream.flush().await?;
                        sleep(Duration::from_millis(50)).await;
                    }
                    Ok::<(), std::io::Error>(())
                };
                drop(attack.await);
                sleep(A_MOMENT).await;
            }
        }
    })
}

/// A user who makes tokens and deletes them.
pub(super) fn a_user_who_makes_and_deletes_tokens(target: &Target) -> Flood {
    let target = target.clone();
    Flood::of(4, move |number, done| {
        let target = target.clone();
        async move {
            let asked = |method, path: String, body| Asked {
                method,
                path,
                body,
                ..site::sign_in(BUSY, "203.0.113.252")
            };
            let mut client: Option<Client> = None;
            for turn in 0_u64.. {
                let work = async {
                    let client = match client.as_mut() {
                        Some(client) => client,
                        None => client.insert(target.connect(PROXY).await?),
                    };
                    let body = format!(r#"{{"note":"{number} {turn}","scopes":["repo"]}}"#);
                    let create = asked("POST", "/api/v3/authorizations".to_owned(), Some(body));
                    let made = client.ask(&create).await?;
                    done.fetch_add(1, Ordering::Relaxed);
                    let made: Value = serde_json::from_str(&made.body).unwrap_or_default();
                    if let Some(id) = made["id"].as_i64() {
                        let path = format!("/api/v3/authorizations/{id}");
                        client.ask(&asked("DELETE", path, None)).await?;
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok::<(), std::io::Error>(())
                };
                if work.await.is_err() {
                    client = None;
                    sleep(A_MOMENT).await;
                }
            }
        }
    })
}

/// Wrong passwords for one login from ever new addresses.
pub(super) fn one_login_from_everywhere(target: &Target) -> Flood {
    let target = target.clone();
    Flood::of(24, move |number, done| {
        ask_on(target.clone(), done, move |turn| {
            let address = number + 24 * usize::try_from(turn / 10).expect("few");
            let from = format!("192.{}.{}.9", address / 250 % 250, address % 250);
            attempt(&site::login(0), "a guess at the login", from)
        })
    })
}
