//! Nodes whose own clocks are years apart, and jump, agree with the database on what has expired.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use counterfoil_authority::{Authority, Clock, CreateAccount, IssueToken, Settings, TokenError};
use counterfoil_domain::audit::WriterId;
use counterfoil_domain::authorization::Provenance;
use counterfoil_domain::login::Login;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::password::{HashingCost, Password};
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::text::Note;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token::PlainToken;
use counterfoil_store::{
    DatabaseClock, DatabaseLocation, Durability, OpenOptions, SchemaState, Store,
};
use counterfoil_testkit::postgres::Database;
use counterfoil_testkit::{MemoryKeys, RepeatableEntropy, World};

/// How long a token of the test lives.
const LIFETIME: Duration = Duration::from_secs(2);
/// How much earlier than the database a node may take a token for expired: no longer than a reading
/// of the feed may take.
const EARLY: Duration = Duration::from_secs(1);
const YEARS: Duration = Duration::from_hours(24 * 365 * 20);

/// A clock whose time of day is anything, while time passes as everywhere.
struct Astray {
    started: Instant,
    off: AtomicI64,
}

impl Clock for Astray {
    fn now(&self) -> Timestamp {
        let passed = Timestamp::from_seconds(1_000_000_000).plus(self.monotonic());
        Timestamp::from_microseconds(passed.microseconds() + self.off.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Astray {
    fn jump(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).expect("some decades");
        self.off.fetch_add(by, Ordering::Relaxed);
    }
}

/// A node in this process.
struct Node {
    authority: Authority,
    clock: Arc<Astray>,
}

impl Node {
    async fn start(database: &Database, keys: &Arc<MemoryKeys>, seed: u64) -> Self {
        let mut options = database.options();
        options.clock = DatabaseClock::Followed;
        let store = Store::open(&OpenOptions {
            location: DatabaseLocation::Postgres(Box::new(options)),
            writer: WriterId(format!("writer-{seed}")),
            schema: SchemaState::Migrate,
            durability: Durability::Full,
        });
        let clock = Arc::new(Astray {
            started: Instant::now(),
            off: AtomicI64::new(0),
        });
        let mut settings = Settings::default();
        settings.hashing.cost = HashingCost::CHEAPEST;
        let authority = Authority::start(
            store.expect("the database opens"),
            keys.clone(),
            clock.clone(),
            Arc::new(RepeatableEntropy::new(seed)),
            settings,
        );
        let authority = authority.await.expect("the keys are there");
        let following = authority.clone();
        tokio::spawn(async move { following.keep_up().await });
        Self { authority, clock }
    }

    async fn accepts(&self, token: &PlainToken) -> bool {
        let checked = self
            .authority
            .authenticate_token(token, ClientAddress::Unix)
            .await;
        match checked {
            Ok(_) => true,
            Err(TokenError::Unknown) => false,
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_expire_by_the_databases_clock_whatever_the_nodes_clocks_show() {
    let database = Database::new();
    let keys = Arc::new(MemoryKeys::default());
    let behind = Node::start(&database, &keys, 1).await;
    let ahead = Node::start(&database, &keys, 2).await;
    ahead.clock.jump(YEARS * 3);
    let now = time_of(&database);
    let (token, expires_at) = issue(&behind, now).await;
    let mut jumped = false;
    let mut refused_by = [false; 2];
    while refused_by != [true; 2] {
        for (node, refused) in [&behind, &ahead].into_iter().zip(&mut refused_by) {
            let before = time_of(&database);
            let accepted = node.accepts(&token).await;
            let after = time_of(&database);
            assert!(
                !accepted || before < expires_at,
                "an expired token was accepted"
            );
            assert!(
                accepted || after.plus(EARLY) > expires_at,
                "refused before its time"
            );
            assert!(
                !(*refused && accepted),
                "a refused token was accepted again"
            );
            *refused = !accepted;
            if !jumped && before.plus(LIFETIME / 2) > expires_at {
                behind.clock.jump(YEARS * 3);
                jumped = true;
            }
        }
    }
    assert!(jumped);
    // And what is written has the database's time.
    let events = behind.authority.list_events(now, 1000).await;
    let events = events.expect("the trail can be read");
    assert!(!events.is_empty());
    assert!(
        events
            .iter()
            .all(|event| event.at <= time_of(&database).plus(EARLY))
    );
}

/// A user's token that lives for [`LIFETIME`] from now, and until when.
async fn issue(node: &Node, now: Timestamp) -> (PlainToken, Timestamp) {
    let login = Login::parse("mona").expect("a login");
    let account = CreateAccount {
        login: login.clone(),
        name: None,
        email: None,
        standing: Standing::Ordinary,
        password: Password::choose("mona's password").expect("a password"),
    };
    let operator = World::operator();
    let made = node.authority.create_account(account, &operator).await;
    made.expect("the login is free");
    let expires_at = now.plus(LIFETIME);
    let request = IssueToken {
        login,
        client_id: None,
        scopes: ScopeSet::parse(["repo"]).expect("scopes"),
        note: Some(Note::parse("short").expect("a note")),
        fingerprint: None,
        expires_at: Some(expires_at),
        token: None,
        provenance: Provenance::CommandLine,
    };
    let issued = node.authority.issue_token(request, &operator).await;
    let issued = issued.expect("the user may have a token");
    (issued.token, expires_at)
}

fn time_of(database: &Database) -> Timestamp {
    let now = database
        .look_up("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text");
    let now = now.and_then(|now| now.parse().ok());
    Timestamp::from_microseconds(now.expect("a time"))
}
