//! A database of its own for each test, with a clock that the test moves and values that repeat.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use counterfoil_domain::account::{Account, NewAccount, NewEmail, Verification};
use counterfoil_domain::app::{
    App, AppSwitches, AppUrl, ClientId, DeviceFlow, ExpiringTokens, KeptSecret, NewApp,
};
use counterfoil_domain::audit::form::AuditKey;
use counterfoil_domain::audit::{Action, WriterId};
use counterfoil_domain::authorization::{
    Authorization, ForApp, NewAuthorization, Provenance, Purpose, TokenLimits,
};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::Page;
use counterfoil_domain::password::PasswordHash;
use counterfoil_domain::principal::{AccountProof, Lapsed};
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::text::{DisplayName, Fingerprint, Note};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{
    ChangeError, DatabaseLocation, Durability, ImportLine, ImportRecord, ImportRefused,
    ImportedToken, OpenError, OpenOptions, Progress, SchemaState, Store, StoredEvent, Trial,
};

use crate::server::{ServerDatabase, Way};

/// When each test begins.
const BEGINNING: i64 = 1_700_000_000;

/// A page that holds all a test makes.
pub(crate) const EVERYTHING: (u32, u32) = (1, 100);

/// A folder in memory, gone with its test.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("counterfoil-store-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Which engine a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres(Way),
}

/// A store with what tests need around it. The store comes first, so that it closes before its
/// database goes.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) folder: Folder,
    server: Option<ServerDatabase>,
    seconds: AtomicI64,
    drawn: AtomicU64,
}

/// The key under which tests have events vouched for.
pub(crate) fn audit_key() -> AuditKey {
    AuditKey::from_parts([1; 4], [2; 16], &[3; 32]).expect("it has 32 bytes")
}

/// The store, which may record events.
pub(crate) fn vouching(store: Store) -> Store {
    store.vouch_by(audit_key());
    store
}

impl World {
    /// On SQLite, for what only files have.
    pub(crate) fn new() -> Self {
        Self::on(Kind::Sqlite)
    }

    pub(crate) fn on(kind: Kind) -> Self {
        let folder = Folder::new();
        let (store, server) = match kind {
            Kind::Sqlite => (open(&folder, "first", SchemaState::Migrate), None),
            Kind::Postgres(way) => {
                let server = ServerDatabase::new(way);
                (server.open("first"), Some(server))
            }
        };
        Self {
            store: vouching(store.expect("a new database opens")),
            folder,
            server,
            seconds: AtomicI64::new(BEGINNING),
            drawn: AtomicU64::new(1),
        }
    }

    /// The same database as another process sees it.
    pub(crate) fn another_process(&self) -> Store {
        vouching(self.mute_process())
    }

    /// The same database as a process sees it that has no key to vouch by.
    pub(crate) fn mute_process(&self) -> Store {
        let opened = match &self.server {
            None => open(&self.folder, "second", SchemaState::Require),
            Some(server) => server.open("second"),
        };
        opened.expect("the database is there")
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.seconds.load(Ordering::Relaxed))
    }

    pub(crate) fn pass(&self, time: Duration) {
        let seconds = i64::try_from(time.as_secs()).expect("tests pass less time");
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    fn draw(&self) -> u64 {
        self.drawn.fetch_add(1, Ordering::Relaxed)
    }

    /// What is kept of a secret that no other draw of this world gave.
    pub(crate) fn secret(&self) -> KeptSecret {
        let text = format!("secret-{:08}", self.draw());
        KeptSecret {
            digest: SecretDigest::of(&text),
            last_eight: text[text.len() - 8..].to_owned(),
        }
    }

    pub(crate) fn client_id(&self) -> ClientId {
        ClientId::parse(&format!("{:020x}", self.draw())).expect("20 digits")
    }

    pub(crate) async fn user(&self, login: &str) -> Account {
        let made = self
            .store
            .create_account(new_account(login), self.operator())
            .await;
        made.expect("the user can be made")
    }

    pub(crate) async fn app(&self, owner: &Account, name: &str) -> App {
        let new = self.new_app(owner, name);
        let made = self.store.create_app(new, 100, self.operator()).await;
        made.expect("the app can be made")
    }

    pub(crate) fn new_app(&self, owner: &Account, name: &str) -> NewApp {
        NewApp {
            owner: owner.id,
            name: DisplayName::parse(name).expect("a short name"),
            url: url("https://app.example.com"),
            callback_urls: vec![url("https://app.example.com/callback")],
            device_flow: DeviceFlow::Disabled,
            expiring_tokens: ExpiringTokens::Disabled,
            switches: AppSwitches::default(),
            client_id: self.client_id(),
            secret: self.secret(),
        }
    }

    /// Moves a token here that is known already, as this line of a file, and gives why that is
    /// refused.
    pub(crate) async fn import_again(
        &self,
        owner: &Account,
        known: &Authorization,
        line: u64,
    ) -> ImportRefused {
        let again = ImportedToken {
            login: owner.login.clone(),
            app: None,
            token: known.token.clone(),
            scopes: known.scopes.clone(),
            note: Note::parse("of a file").ok(),
            fingerprint: None,
            created_at: None,
            last_used_at: None,
            expires_at: None,
        };
        let lines = [ImportLine {
            number: line,
            record: ImportRecord::Token(Box::new(again)),
        }];
        let (digest, progress) = (String::new(), Progress::default());
        let imported =
            self.store
                .import(lines.into(), digest, Trial::No, self.operator(), progress);
        refusal(imported.await)
    }

    /// A personal token that is still to be made.
    pub(crate) fn personal(&self, owner: &Account, note: &str, scopes: &str) -> NewAuthorization {
        NewAuthorization {
            owner: owner.id,
            purpose: Purpose::Personal {
                note: Note::parse(note).expect("a short note"),
            },
            scopes: set(scopes),
            note_url: None,
            provenance: Provenance::PasswordApi,
            expires_at: None,
            token: self.secret(),
        }
    }

    /// A token of an app that is still to be made.
    pub(crate) fn for_app(
        &self,
        owner: &Account,
        app: &App,
        fingerprint: Option<&str>,
        scopes: &str,
    ) -> NewAuthorization {
        self.surely_for_app(owner, app, fingerprint, scopes).into()
    }

    /// The same, for what makes tokens of apps alone.
    pub(crate) fn surely_for_app(
        &self,
        owner: &Account,
        app: &App,
        fingerprint: Option<&str>,
        scopes: &str,
    ) -> NewAuthorization<ForApp> {
        NewAuthorization {
            owner: owner.id,
            purpose: ForApp {
                app: app.summary.id,
                note: None,
                fingerprint: fingerprint.map(|text| Fingerprint::parse(text).expect("short")),
            },
            scopes: set(scopes),
            note_url: None,
            provenance: Provenance::PasswordApi,
            expires_at: None,
            token: self.secret(),
        }
    }

    /// Makes what must be possible.
    pub(crate) async fn make(&self, new: NewAuthorization) -> Authorization {
        let by = self.operator();
        let made = self
            .store
            .create_authorization(new, TokenLimits::default(), by)
            .await;
        made.expect("the token can be made")
    }

    /// The user's list, all of it.
    pub(crate) async fn list(&self, owner: &Account) -> Vec<Authorization> {
        let page = Page::new(EVERYTHING.0, EVERYTHING.1);
        let listed = self
            .store
            .list_authorizations(owner.id, None, page, self.now())
            .await;
        listed.expect("the list can be read").items
    }

    /// The whole audit trail.
    pub(crate) async fn events(&self) -> Vec<StoredEvent> {
        self.events_since(Timestamp::from_seconds(0)).await
    }

    /// The audit trail from a time on.
    pub(crate) async fn events_since(&self, since: Timestamp) -> Vec<StoredEvent> {
        let events = self.store.list_events(since, 10_000).await;
        events.expect("the trail can be read")
    }

    /// What the trail holds since it had `earlier` events.
    pub(crate) async fn actions_since(&self, earlier: usize) -> Vec<String> {
        let events = self.events().await;
        events
            .into_iter()
            .skip(earlier)
            .map(|event| event.action)
            .collect()
    }

    /// How many tokens ended without one event of their own, or with several.
    pub(crate) fn tokens_whose_end_is_not_told_once(&self) -> Vec<String> {
        self.look_up(
            "SELECT count(*) FROM token_digests d WHERE d.ended_at IS NOT NULL AND 1 <> (SELECT count(*)
                FROM audit_events e WHERE e.action = 'token.ended' AND e.token_head = d.digest_head)",
        )
    }

    /// The one number or text that a question to the tables themselves gives, as text: for what no
    /// call tells.
    pub(crate) fn look_up(&self, question: &str) -> Vec<String> {
        match &self.server {
            None => look_up_in(&self.folder, question),
            Some(server) => server.look_up(question),
        }
    }

    /// Runs statements on the tables themselves, past the store.
    pub(crate) fn run(&self, sql: &str) {
        match &self.server {
            None => {
                let file = self.folder.file("counterfoil.db");
                let connection = rusqlite::Connection::open(file).expect("it opens");
                connection.execute_batch(sql).expect("good statements");
            }
            Some(server) => server.run(sql),
        }
    }

    /// The same database as another process sees it that brings its schema up to date first.
    pub(crate) fn migrated(&self) -> Store {
        let opened = match &self.server {
            None => open(&self.folder, "next", SchemaState::Migrate),
            Some(server) => crate::server::open(server.options(), "next", SchemaState::Migrate),
        };
        vouching(opened.expect("it can be migrated"))
    }

    /// Whether the database is on a server, where several transactions write at once.
    pub(crate) fn is_on_a_server(&self) -> bool {
        self.server.is_some()
    }

    /// Whether the database is reached through a pooler.
    pub(crate) fn is_behind_a_pooler(&self) -> bool {
        self.server.as_ref().is_some_and(ServerDatabase::is_pooled)
    }

    /// The server that the database is on.
    pub(crate) fn server(&self) -> &ServerDatabase {
        let server = self.server.as_ref();
        server.expect("the test runs on PostgreSQL")
    }

    /// How often the engine had to undo one transaction so that another could go on.
    pub(crate) fn deadlocks(&self) -> String {
        let question = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        let told = self.server.as_ref().map(|server| server.look_up(question));
        told.and_then(|rows| rows.into_iter().next())
            .unwrap_or_else(|| "0".to_owned())
    }

    /// As if so many rows had been in this table before: the next one has a greater id.
    pub(crate) fn skip_ids(&self, table: &str, last: i64) {
        if self.server.is_some() {
            self.look_up(&format!("SELECT setval('{table}_id_seq', {last})"));
            return;
        }
        let file = self.folder.file("counterfoil.db");
        let connection = rusqlite::Connection::open(file).expect("it opens");
        let skip = "UPDATE sqlite_sequence SET seq = ?1 WHERE name = ?2";
        let skipped = connection.execute(skip, (last, table));
        assert_eq!(skipped.expect("it can be written"), 1);
    }

    /// Whether what this process wrote under its own id has the writer `of`: PostgreSQL's
    /// connections add a number each.
    pub(crate) fn is_of_process(writer: &str, process: &str) -> bool {
        let rest = writer.strip_prefix(process);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

fn look_up_in(folder: &Folder, question: &str) -> Vec<String> {
    let connection = rusqlite::Connection::open(folder.file("counterfoil.db")).expect("it opens");
    let mut statement = connection.prepare(question).expect("a good question");
    let rows = statement
        .query_map([], |row| {
            row.get_ref(0).map(|value| match value {
                rusqlite::types::ValueRef::Null => "null".to_owned(),
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                other => other.as_str().unwrap_or("bytes").to_owned(),
            })
        })
        .expect("it can be asked");
    rows.collect::<Result<_, _>>()
        .expect("every row can be read")
}

pub(crate) fn open(folder: &Folder, writer: &str, schema: SchemaState) -> Result<Store, OpenError> {
    Store::open(&OpenOptions {
        location: DatabaseLocation::Sqlite(folder.file("counterfoil.db")),
        writer: WriterId(writer.to_owned()),
        schema,
        durability: Durability::Full,
    })
}

/// A user as they were when the account was read.
pub(crate) fn account_proof(account: &Account) -> AccountProof {
    AccountProof {
        account: account.id,
        credential_version: account.credential_version,
    }
}

pub(crate) fn login(text: &str) -> Login {
    Login::parse(text).expect("a login")
}

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

pub(crate) fn verified(text: &str) -> NewEmail {
    NewEmail {
        address: email(text),
        verification: Verification::Verified,
    }
}

pub(crate) fn url(text: &str) -> AppUrl {
    AppUrl::parse(text).expect("a URL")
}

pub(crate) fn set(scopes: &str) -> ScopeSet {
    ScopeSet::parse(scopes.split_whitespace()).expect("known scopes")
}

pub(crate) fn password(text: &str) -> PasswordHash {
    // The store keeps what it is given; hashing is not its business.
    PasswordHash::from_stored(format!("$argon2id${text}"))
}

pub(crate) fn new_account(name: &str) -> NewAccount {
    NewAccount {
        login: login(name),
        name: None,
        email: None,
        standing: Standing::Ordinary,
        password: Some(password(name)),
        suspended_at: None,
    }
}

/// The reason for which a call was refused.
pub(crate) fn refusal<T, R, E>(outcome: Result<T, E>) -> R
where
    T: std::fmt::Debug,
    E: Into<ChangeError<R>> + std::fmt::Debug,
{
    match outcome.expect_err("the call must be refused").into() {
        ChangeError::Refused(reason) => reason,
        ChangeError::Lapsed(lapsed) => panic!("the proof lapsed: {lapsed:?}"),
        ChangeError::Store(error) => panic!("the store failed: {error}"),
    }
}

/// Which condition of its proof kept a call from being done.
pub(crate) fn lapse<T: std::fmt::Debug, R: std::fmt::Debug>(
    outcome: Result<T, ChangeError<R>>,
) -> Lapsed {
    match outcome.expect_err("the call must be refused") {
        ChangeError::Lapsed(lapsed) => lapsed,
        ChangeError::Refused(reason) => panic!("a rule said no: {reason:?}"),
        ChangeError::Store(error) => panic!("the store failed: {error}"),
    }
}

/// Whether the trail's word is this action's.
pub(crate) fn words(actions: &[Action]) -> Vec<String> {
    actions
        .iter()
        .map(|action| action.as_str().to_owned())
        .collect()
}
