//! A world: the real router over a real database, with time and randomness of the test's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use counterfoil_authority::{
    Authority, Clock, CreateAccount, CreateApp, IssueToken, Issued, Operator, Settings,
};
use counterfoil_domain::account::{NewEmail, Verification};
use counterfoil_domain::app::{AppUrl, DeviceFlow};
use counterfoil_domain::audit::WriterId;
use counterfoil_domain::authorization::Provenance;
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::login::Login;
use counterfoil_domain::network::TrustedProxies;
use counterfoil_domain::password::{HashingCost, Password};
use counterfoil_domain::rate_limit::RateLimits;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::text::{DisplayName, Note};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token::PlainToken;
use counterfoil_server::{
    GatewaySettings, LegacyTokenUrls, Origins, ServerSettings, ServerState, Strangers,
};
use counterfoil_store::{Durability, OpenOptions, SchemaState, Store, StoredEvent};
use counterfoil_wire::base::ApiBase;
use counterfoil_wire::documentation::Documentation;
use http::HeaderValue;

use crate::actors::{AnonymousActor, AppActor, UserActor};
use crate::authenticator::Authenticator;
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
    pub(crate) router: Router,
    ops: Router,
    /// Tokens that were given by [`World::issue_token`].
    issued: AtomicU64,
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

/// A token that an operator makes: whatever is not said is new, personal, without scopes and
/// without end.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenToken<'a> {
    /// The token itself.
    pub text: Option<&'a str>,
    /// The app that it is for.
    pub app: Option<&'a AppActor>,
    /// What it may do.
    pub scopes: &'a [&'a str],
    /// How long it lives.
    pub lifetime: Option<Duration>,
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
            location: if options.patient {
                database.patient_location()
            } else {
                database.location()
            },
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
        let proxies: Vec<_> = options
            .trusted_proxies
            .iter()
            .map(|proxy| proxy.parse().expect("a network"))
            .collect();
        let settings = ServerSettings {
            origins: options.origins,
            documentation: Documentation::default(),
            enterprise_version: HeaderValue::from_static("3.19.0"),
            body_bytes: options.body_bytes,
            legacy_token_urls: options.legacy_token_urls,
            trusted_proxies: Arc::new(TrustedProxies::from(proxies)),
            gateway: options.gateway,
            rate_limits: options.rate_limits,
            writes_per_hour: options.writes_per_hour,
            strangers: options.strangers,
        };
        let state = ServerState::new(authority.clone(), settings, [7; 16]);
        let router = Router::new().fallback_service(counterfoil_server::app(state.clone()));
        let ops = counterfoil_server::ops(state);
        Self {
            authority,
            store,
            clock,
            entropy,
            keys,
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

    /// Somebody without credentials.
    pub fn anonymous(&self) -> AnonymousActor<'_> {
        AnonymousActor { world: self }
    }

    /// Somebody without credentials, on the operators' port.
    pub(crate) fn ops_router(&self) -> Router {
        self.ops.clone()
    }

    /// The person at the command line.
    pub fn operator() -> Operator {
        Operator {
            user: "tester".to_owned(),
        }
    }

    /// Makes a user with the password `LOGIN's password` and a verified address
    /// `LOGIN@example.com`.
    pub async fn user(&self, login: &str) -> UserActor<'_> {
        self.make_user(login, Standing::Ordinary, Verification::Verified)
            .await
    }

    /// Makes a user whose address nobody has verified.
    pub async fn unverified_user(&self, login: &str) -> UserActor<'_> {
        self.make_user(login, Standing::Ordinary, Verification::Unverified)
            .await
    }

    /// Makes a site administrator.
    pub async fn administrator(&self, login: &str) -> UserActor<'_> {
        self.make_user(login, Standing::SiteAdministrator, Verification::Verified)
            .await
    }

    async fn make_user(
        &self,
        login: &str,
        standing: Standing,
        verification: Verification,
    ) -> UserActor<'_> {
        let password = format!("{login}'s password");
        let address = EmailAddress::parse(&format!("{login}@example.com")).expect("an address");
        let request = CreateAccount {
            login: Login::parse(login).expect("a login"),
            name: None,
            email: Some(NewEmail {
                address,
                verification,
            }),
            standing,
            password: Password::choose(&password).expect("a password"),
        };
        let account = self
            .authority
            .create_account(request, &Self::operator())
            .await
            .expect("the login is free");
        UserActor::new(self, account, password)
    }

    /// Turns one-time codes on for a user.
    pub async fn enable_two_factor(&self, user: &UserActor<'_>) -> Authenticator {
        let login = &user.account.login;
        let enabled = self
            .authority
            .enable_two_factor(login, &Self::operator())
            .await
            .expect("the user exists");
        Authenticator::new(&enabled)
    }

    /// Gives a user a personal access token, as an operator does; one with scopes for
    /// administrators that the user may not be given, as the user asks for it.
    pub async fn issue_token(&self, user: &UserActor<'_>, given: GivenToken<'_>) -> Issued {
        let GivenToken {
            text,
            app,
            scopes,
            lifetime,
        } = given;
        // Notes differ.
        let note = format!("issued {}", self.issued.fetch_add(1, Ordering::Relaxed));
        let formats = &self.authority.settings().token_formats;
        let parse = |text| PlainToken::parse(text, formats).expect("a token");
        let scopes = ScopeSet::parse(scopes.iter().copied()).expect("scopes");
        let is_ordinary = user.account.standing == Standing::Ordinary;
        let provenance = if is_ordinary && scopes.for_administrators().next().is_some() {
            Provenance::PasswordApi
        } else {
            Provenance::CommandLine
        };
        let request = IssueToken {
            login: user.account.login.clone(),
            client_id: app.map(|app| app.app.summary.client_id.clone()),
            scopes,
            note: Some(Note::parse(&note).expect("a note")),
            fingerprint: None,
            expires_at: lifetime.map(|lifetime| self.clock.now().plus(lifetime)),
            token: text.map(parse),
            provenance,
        };
        self.authority
            .issue_token(request, &Self::operator())
            .await
            .expect("the user may have another token")
    }

    /// Makes an app that `owner` owns.
    pub async fn app(&self, owner: &UserActor<'_>, name: &str) -> AppActor {
        let request = CreateApp {
            owner: owner.account.login.clone(),
            name: DisplayName::parse(name).expect("a name"),
            url: AppUrl::parse("https://app.example.com").expect("a URL"),
            callback_urls: vec![AppUrl::parse("https://app.example.com/callback").expect("a URL")],
            device_flow: DeviceFlow::Disabled,
            given: None,
        };
        let made = self
            .authority
            .create_app(request, &Self::operator())
            .await
            .expect("the owner may have an app");
        AppActor {
            client_id: made.app.summary.client_id.as_str().to_owned(),
            client_secret: made.secret.expose().to_owned(),
            app: made.app,
        }
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
