//! Passwords that were verified a short while ago, so that the same request again costs no second
//! Argon2id.
//!
//! An entry is a keyed digest of login, password and address under a key that lives as long as the
//! process; nothing in memory can be turned back into a password. It never decides alone: the
//! account is looked at on each request, as the checks remember it, and an entry made under another
//! credential version does not count. So a change of password, second factor, standing or
//! suspension takes effect when it is acknowledged.

use std::collections::HashMap;
use std::time::Duration;

use counterfoil_domain::id::AccountId;
use counterfoil_domain::key::DigestKey;
use counterfoil_domain::password::Password;
use counterfoil_domain::sign_in::{SignInSubject, fold_typed};
use counterfoil_domain::timestamp::Timestamp;
use parking_lot::Mutex;

/// Entries at most. Beyond it the memory starts again from nothing, which costs verifications,
/// never correctness.
const MOST_ENTRIES: usize = 20_000;

pub(crate) struct PasswordMemory {
    key: DigestKey,
    lifetime: Duration,
    entries: Mutex<HashMap<MemoryKey, Entry>>,
}

/// What an attempt is found by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MemoryKey([u8; 32]);

struct Entry {
    remembered: Remembered,
    address_key: String,
    until: Timestamp,
}

/// Whose password it was, and under which version of the account's credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) account: AccountId,
    pub(crate) credential_version: i64,
    pub(crate) subject: SignInSubject,
    /// How often everything was forgotten before the password was read: versions of another
    /// database count for nothing.
    pub(crate) losses: u64,
}

impl PasswordMemory {
    pub(crate) fn new(key: [u8; 32], lifetime: Duration) -> Self {
        let key = DigestKey::from_bytes(&key).expect("32 bytes make a key");
        Self {
            key,
            lifetime,
            entries: Mutex::default(),
        }
    }

    /// The key of an attempt: what was typed as a login in its compared form, password and address.
    pub(crate) fn key(&self, login: &str, password: &Password, address_key: &str) -> MemoryKey {
        let login = fold_typed(login);
        MemoryKey(self.key.digest(
            "password memory",
            &[
                login.as_bytes(),
                password.expose_bytes(),
                address_key.as_bytes(),
            ],
        ))
    }

    pub(crate) fn find(&self, key: &MemoryKey, now: Timestamp) -> Option<Remembered> {
        let entries = self.entries.lock();
        entries
            .get(key)
            .filter(|entry| now < entry.until)
            .map(|entry| entry.remembered)
    }

    pub(crate) fn remember(
        &self,
        key: MemoryKey,
        remembered: Remembered,
        address_key: &str,
        now: Timestamp,
    ) {
        if self.lifetime.is_zero() {
            return;
        }
        let mut entries = self.entries.lock();
        if entries.len() >= MOST_ENTRIES {
            entries.retain(|_, entry| now < entry.until);
        }
        if entries.len() >= MOST_ENTRIES {
            entries.clear();
        }
        entries.insert(
            key,
            Entry {
                remembered,
                address_key: address_key.to_owned(),
                until: now.plus(self.lifetime),
            },
        );
    }

    /// Forgets one entry that no longer counts.
    pub(crate) fn forget(&self, key: &MemoryKey) {
        self.entries.lock().remove(key);
    }

    /// Forgets what a lock covers: a typed text at an address, or the whole address.
    pub(crate) fn forget_locked(&self, subject: Option<SignInSubject>, address_key: &str) {
        let covered = |entry: &Entry| {
            entry.address_key == address_key
                && subject.is_none_or(|subject| entry.remembered.subject == subject)
        };
        self.entries.lock().retain(|_, entry| !covered(entry));
    }
}
