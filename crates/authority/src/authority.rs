//! The authority itself: what all use cases share.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::entropy::{Entropy, random_bytes};
use counterfoil_domain::form::FormKey;
use counterfoil_domain::key::DigestKey;
use counterfoil_domain::principal::Principal;
use counterfoil_domain::second_factor::RequiredSince;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::Store;
use parking_lot::RwLock;

use crate::apps::secret_uses::SecretUses;
use crate::clock::{Clock, DatabaseTime};
use crate::keys::keyring::{KeySource, Keyring, StartError};
use crate::passwords::memory::PasswordMemory;
use crate::passwords::{LocalPasswords, PasswordVerifier};
use crate::refused::administration::RefusedAdministration;
use crate::refused::devices::DeviceBounds;
use crate::refused::sign_ins::Refusals;
use crate::refused::wrong_secrets::WrongSecrets;
use crate::sessions::uses::SessionUses;
use crate::settings::Settings;
use crate::sign_in::attempt_mutex::AttemptMutex;
use crate::sign_in::code_prompts::CodePromptLimiter;
use crate::sign_in::failure_counting::FailureCounting;
use crate::token_cache::TokenCache;
use crate::upkeep::counted::TakingInventory;
use crate::upkeep::progress::CleaningUp;

/// The use cases over one store. Cheap to clone.
#[derive(Clone)]
pub struct Authority(Arc<Shared>);

struct Shared {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    settings: Settings,
    keyring: Keyring,
    digest_key: DigestKey,
    form_key: FormKey,
    secret_uses: SecretUses,
    session_uses: SessionUses,
    passwords: LocalPasswords,
    verifier: Arc<dyn PasswordVerifier>,
    memory: PasswordMemory,
    refusals: Refusals,
    wrong_secrets: WrongSecrets,
    refused_administration: RefusedAdministration,
    device_bounds: DeviceBounds,
    attempt_mutex: AttemptMutex,
    code_prompts: CodePromptLimiter,
    failure_counting: FailureCounting,
    cleaning_up: CleaningUp,
    taking_inventory: TakingInventory,
    token_cache: Arc<TokenCache>,
    required_since: RwLock<RequiredSince>,
}

impl Authority {
    /// An authority over `store`. An empty database is given its first key and the first apps of
    /// the settings; one that knows keys demands them.
    pub async fn start(
        store: Store,
        keys: Arc<dyn KeySource>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
    ) -> Result<Self, StartError> {
        // Nodes that share a database go by its clock.
        let database_time = store
            .is_shared()
            .then(|| Arc::new(DatabaseTime::new(Arc::clone(&clock))));
        let clock = match &database_time {
            Some(followed) => Arc::<DatabaseTime>::clone(followed),
            None => clock,
        };
        let token_cache = Arc::new(TokenCache::new(settings.checks).setting(database_time));
        if store.is_shared() {
            token_cache.catch_up(&store, clock.as_ref()).await?;
        }
        let (now, random) = (clock.as_ref(), entropy.as_ref());
        let opened = Keyring::open(&store, keys, settings.first_apps, now, random);
        let (keyring, digest_key) = opened.await?;
        let now = Arc::clone(&clock);
        store.judge_by(settings.token_life, Arc::new(move || now.now()));
        if let Some(bounds) = settings.mail {
            store.send_mail_within(bounds);
        }
        let passwords = LocalPasswords::new(settings.hashing, Arc::clone(&clock), entropy.as_ref());
        let memory = PasswordMemory::new(random_bytes(entropy.as_ref()), settings.password_memory);
        let required_since = RwLock::new(store.second_factor_required().await?);
        let verifier = Arc::new(passwords.clone());
        let refusals = Refusals::default();
        let attempt_mutex = AttemptMutex::default();
        token_cache.listen(&store);
        let shared = Shared {
            store,
            clock,
            entropy,
            settings,
            keyring,
            form_key: FormKey::derive(&digest_key),
            digest_key,
            secret_uses: SecretUses::default(),
            session_uses: SessionUses::default(),
            passwords,
            verifier,
            memory,
            refusals,
            wrong_secrets: WrongSecrets::default(),
            refused_administration: RefusedAdministration::default(),
            device_bounds: DeviceBounds::default(),
            attempt_mutex,
            code_prompts: CodePromptLimiter::default(),
            failure_counting: FailureCounting::default(),
            cleaning_up: CleaningUp::default(),
            taking_inventory: TakingInventory::default(),
            token_cache,
            required_since,
        };
        let authority = Self(Arc::new(shared));
        let by = authority.attribute_to(&Principal::PROGRAM);
        authority.store().tell_kept_administrator_scopes(by).await?;
        Ok(authority)
    }

    /// Now, by the clock that was passed in.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The time by which leases run, see [`Clock::monotonic`].
    pub(crate) fn monotonic(&self) -> Duration {
        self.0.clock.monotonic()
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    pub(crate) fn token_cache(&self) -> &Arc<TokenCache> {
        &self.0.token_cache
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        self.0.entropy.as_ref()
    }

    pub(crate) fn entropy_handle(&self) -> Arc<dyn Entropy> {
        Arc::clone(&self.0.entropy)
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }

    pub(crate) fn digest_key(&self) -> &DigestKey {
        &self.0.digest_key
    }

    pub(crate) fn form_key(&self) -> &FormKey {
        &self.0.form_key
    }

    pub(crate) fn secret_uses(&self) -> &SecretUses {
        &self.0.secret_uses
    }

    pub(crate) fn session_uses(&self) -> &SessionUses {
        &self.0.session_uses
    }

    pub(crate) fn passwords(&self) -> &LocalPasswords {
        &self.0.passwords
    }

    pub(crate) fn verifier(&self) -> &dyn PasswordVerifier {
        self.0.verifier.as_ref()
    }

    pub(crate) fn memory(&self) -> &PasswordMemory {
        &self.0.memory
    }

    pub(crate) fn attempt_mutex(&self) -> &AttemptMutex {
        &self.0.attempt_mutex
    }

    pub(crate) fn failure_counting(&self) -> &FailureCounting {
        &self.0.failure_counting
    }

    pub(crate) fn cleaning_up(&self) -> &CleaningUp {
        &self.0.cleaning_up
    }

    pub(crate) fn taking_inventory(&self) -> &TakingInventory {
        &self.0.taking_inventory
    }

    pub(crate) fn code_prompts(&self) -> &CodePromptLimiter {
        &self.0.code_prompts
    }

    pub(crate) fn required_since(&self) -> &RwLock<RequiredSince> {
        &self.0.required_since
    }

    pub(crate) fn refusals(&self) -> &Refusals {
        &self.0.refusals
    }

    pub(crate) fn wrong_secrets(&self) -> &WrongSecrets {
        &self.0.wrong_secrets
    }

    pub(crate) fn device_bounds(&self) -> &DeviceBounds {
        &self.0.device_bounds
    }

    pub(crate) fn refused_administration(&self) -> &RefusedAdministration {
        &self.0.refused_administration
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority(…)")
    }
}
