//! A world: the real router over a real database, with time and randomness of the test's own.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use counterfoil_authority::{Authority, Clock, Operator, Settings};
use counterfoil_domain::audit::WriterId;
use counterfoil_domain::network::TrustedProxies;
use counterfoil_domain::password::HashingCost;
use counterfoil_domain::rate_limit::RateLimits;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_server::listen::LiveLimits;
use counterfoil_server::{
    GatewaySettings, LegacyTokenUrls, Listener, LoggedClients, Origins, PageSettings,
    ServerSettings, ServerState, Strangers,
};
use counterfoil_store::{Durability, OpenOptions, SchemaState, Store, StoredEvent};
use counterfoil_wire::base::ApiBase;
use counterfoil_wire::documentation::Documentation;
use http::HeaderValue;

use crate::clock::ManualClock;
use crate::engine::{self, Engine, TestDatabase};
use crate::entropy::RepeatableEntropy;
use crate::folder::TestFolder;
use crate::keys::MemoryKeys;

/// The database's file in a world's folder, where it is one.
const DATABASE_FILE: &str = "counterfoil.db";

/// See the module.
pub struct World {
    /// The use cases, for what operators do.
    pub authority: Authority,
    /// The store, for what tests look at.
    pub store: Store,
    /// The clock.
    pub clock: Arc<ManualClock>,
    /// The randomness.
    pub entropy: Arc<RepeatableEntropy>,
    /// The keys.
    pub keys: Arc<MemoryKeys>,
    /// What handlers share.
    pub server: ServerState,
    pub(crate) router: Router,
    ops: Router,
    /// Tokens that were given by `World::issue_token`.
    pub(crate) issued: AtomicU64,
    database: Arc<TestDatabase>,
    // Last, so that the folder outlives what is open in it.
    folder: TestFolder,
}

/// What a test wants otherwise.
pub struct WorldOptions {
    /// Settings of the use cases.
    pub settings: Settings,
    /// The most bytes of a body.
    pub body_bytes: usize,
    /// Whether older token URLs are served.
    pub legacy_token_urls: LegacyTokenUrls,
    /// How many requests somebody may make; none means any number.
    pub rate_limits: Option<RateLimits>,
    /// How much somebody may change in an hour; 0 means any number of things, since some tests
    /// change more than a user may.
    pub writes_per_hour: u32,
    /// Who is answered without credentials.
    pub strangers: Strangers,
    /// Proxies whose word is taken.
    pub trusted_proxies: Vec<String>,
    /// The folder of what is kept; the same folder means the same database.
    pub folder: TestFolder,
    /// What URLs start with.
    pub origins: Origins,
    /// What gateways may ask.
    pub gateway: GatewaySettings,
    /// What the database is.
    pub engine: Engine,
    /// Whether a request waits for the database as long as a [patient
    /// program](crate::process::Program::with_patience).
    pub patient: bool,
}

impl Default for WorldOptions {
    fn default() -> Self {
        let mut settings = Settings::default();
        // Tests that are not about passwords verify them at the least cost.
        settings.hashing.cost = HashingCost::CHEAPEST;
        Self {
            settings,
            body_bytes: 1 << 20,
            legacy_token_urls: LegacyTokenUrls::default(),
            rate_limits: None,
            writes_per_hour: 0,
            strangers: Strangers::default(),
            trusted_proxies: Vec::new(),
            folder: TestFolder::in_memory(),
            origins: Origins::public(
                ApiBase::parse("http://counterfoil.test").expect("it is an origin"),
            ),
            gateway: GatewaySettings::default(),
            engine: engine::chosen(),
            patient: false,
        }
    }
}

fn trusted(proxies: &[String]) -> TrustedProxies {
    let proxies = proxies.iter();
    let proxies = proxies.map(|proxy| proxy.parse().expect("a network"));
    proxies.collect::<Vec<_>>().into()
}

/// The bounds of the listener that a world does without.
fn no_listener() -> Listener {
    Listener {
        connections: 10_000,
        limits: LiveLimits::default(),
        tls: None,
    }
}

impl World {
    /// A world as operators get it without any settings.
    pub async fn new() -> Self {
        Self::with(WorldOptions::default()).await
    }

    /// A world with some things set otherwise.
    pub async fn with(options: WorldOptions) -> Self {
        let clock = Arc::new(ManualClock::default());
        let entropy = Arc::new(RepeatableEntropy::new(1));
        let keys = Arc::new(MemoryKeys::default());
        let database = engine::database_of(options.engine, options.folder.path(), DATABASE_FILE);
        let store = Store::open(&OpenOptions {
            location: database.location_for(options.patient),
            writer: WriterId("test-writer".to_owned()),
            schema: SchemaState::Migrate,
            durability: Durability::Full,
        })
        .expect("a new database opens");
        let authority = Authority::start(
            store.clone(),
            keys.clone(),
            clock.clone(),
            entropy.clone(),
            options.settings,
        )
        .await
        .expect("a new database gets a key");
        let required = authority.begin_requiring_second_factor().await;
        required.expect("what is required can be written down");
        let settings = ServerSettings {
            origins: options.origins,
            documentation: Documentation::default(),
            enterprise_version: HeaderValue::from_static("3.19.0"),
            body_bytes: options.body_bytes,
            legacy_token_urls: options.legacy_token_urls,
            trusted_proxies: Arc::new(trusted(&options.trusted_proxies)),
            gateway: options.gateway,
            rate_limits: options.rate_limits,
            writes_per_hour: options.writes_per_hour,
            strangers: options.strangers,
            commit: "unknown",
            pages: PageSettings::default(),
            logged_clients: LoggedClients::default(),
            continue_trace: None,
        };
        let state = ServerState::new(authority.clone(), settings, [7; 16]);
        state.tell_of_listener(no_listener());
        let router = Router::new().fallback_service(counterfoil_server::app(state.clone()));
        let ops = counterfoil_server::ops(state.clone());
        Self {
            authority,
            store,
            clock,
            entropy,
            keys,
            server: state,
            router,
            ops,
            issued: AtomicU64::new(0),
            database,
            folder: options.folder,
        }
    }

    /// The folder of what is kept.
    pub fn folder(&self) -> &TestFolder {
        &self.folder
    }

    /// The database, past the store.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Moves the clock to the next second and a bit beyond, so that what comes next has another
    /// time on the wire.
    pub fn next_second(&self) {
        let into = self
            .clock
            .now()
            .microseconds()
            .rem_euclid(1_000_000)
            .unsigned_abs();
        self.advance(Duration::from_micros(1_000_000 - into + 1));
    }

    /// Somebody without credentials, on the operators' port.
    pub(crate) fn ops_router(&self) -> Router {
        self.ops.clone()
    }

    /// The person at the command line.
    pub fn operator() -> Operator {
        Operator::named("tester".to_owned())
    }

    /// The audit trail, oldest first.
    pub async fn events(&self) -> Vec<StoredEvent> {
        let beginning = Timestamp::from_seconds(0);
        let events = self.authority.list_events(beginning, 1_000_000).await;
        events.expect("the trail can be read")
    }

    /// The actions in the audit trail, oldest first.
    pub async fn audit_actions(&self) -> Vec<String> {
        let events = self.events().await;
        events.into_iter().map(|event| event.action).collect()
    }
}
