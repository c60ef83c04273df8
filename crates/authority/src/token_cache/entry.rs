//! What is remembered of a token, and what many tokens share: the account, the app and the scope
//! set.
//!
//! A million tokens are remembered, so an entry is small: what can be shared is, and the texts that
//! few tokens have stand in one piece. What is shared carries a flag; when it goes down, everything
//! that leans on it is no longer believed.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use counterfoil_domain::account::Account;
use counterfoil_domain::app::{AppSummary, KeptSecret};
use counterfoil_domain::authorization::{Authorization, Kind};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::organization::Memberships;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token_life::{TokenLife, TokenTimes};
use parking_lot::Mutex;

/// Slots beside an entry where whoever answers keeps what it made of it, ready to send, for as long
/// as the entry lives: one for each type, so that surfaces need not know of each other.
#[derive(Default)]
pub(crate) struct Slots(OnceLock<Box<Slot>>);

/// A slot that is filled, and those after it.
struct Slot<T: ?Sized = dyn Any + Send + Sync> {
    next: Slots,
    value: T,
}

impl Slots {
    /// What is kept of this type, made now if nothing is. A type is found the faster the earlier it
    /// came; few types are kept with one kind of entry.
    pub(crate) fn get_or_make<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> &T {
        let mut make = Some(make);
        let mut slots = self;
        loop {
            let slot = slots.0.get_or_init(|| {
                let make = make
                    .take()
                    .expect("what is made is of the type that is asked for");
                Box::new(Slot {
                    next: Self::default(),
                    value: make(),
                })
            });
            match slot.value.downcast_ref() {
                Some(value) => return value,
                None => slots = &slot.next,
            }
        }
    }
}

impl std::fmt::Debug for Slots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slots(…)")
    }
}

/// Whether something remembered is still believed.
#[derive(Debug)]
struct Validity(AtomicBool);

impl Validity {
    const fn new() -> Self {
        Self(AtomicBool::new(true))
    }

    fn holds(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn end(&self) {
        self.0.store(false, Ordering::Release);
    }
}

/// An account as all its tokens share it.
#[derive(Debug)]
pub(crate) struct AccountEntry {
    pub(crate) account: Arc<Account>,
    pub(crate) slots: Slots,
    pub(crate) memberships: Mutex<Option<KnownMemberships>>,
    validity: Validity,
}

/// The memberships of an account, and the count of changes of organizations before they were read.
#[derive(Clone, Debug)]
pub(crate) struct KnownMemberships {
    pub(crate) as_of: u64,
    pub(crate) memberships: Arc<Memberships>,
}

impl AccountEntry {
    pub(crate) fn new(account: Account) -> Self {
        Self {
            account: Arc::new(account),
            slots: Slots::default(),
            memberships: Mutex::default(),
            validity: Validity::new(),
        }
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.validity.holds()
    }

    /// From here on nobody believes it.
    pub(crate) fn forget(&self) {
        self.validity.end();
    }
}

/// An app as all its tokens share it.
#[derive(Debug)]
pub(crate) struct AppEntry {
    pub(crate) summary: AppSummary,
    pub(crate) slots: Slots,
    validity: Validity,
}

impl AppEntry {
    pub(crate) fn new(summary: AppSummary) -> Self {
        Self {
            summary,
            slots: Slots::default(),
            validity: Validity::new(),
        }
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.validity.holds()
    }

    pub(crate) fn forget(&self) {
        self.validity.end();
    }
}

/// A scope set as all tokens share it that have it.
#[derive(Debug)]
pub(crate) struct ScopesEntry {
    pub(crate) scopes: ScopeSet,
    /// What of it counts for a token that does not act as a site administrator.
    ordinary: ScopeSet,
    pub(crate) slots: Slots,
}

impl ScopesEntry {
    pub(crate) fn new(scopes: ScopeSet) -> Self {
        let ordinary = scopes.effective(Standing::Ordinary);
        Self {
            scopes,
            ordinary,
            slots: Slots::default(),
        }
    }

    /// What of it counts for a token that acts so.
    pub(crate) fn effective(&self, token: Standing) -> &ScopeSet {
        match token {
            Standing::SiteAdministrator => &self.scopes,
            Standing::Ordinary => &self.ordinary,
        }
    }
}

/// What kind of token, with the app shared.
#[derive(Clone, Debug)]
pub(crate) enum EntryKind {
    Personal,
    App(Arc<AppEntry>),
    Impersonation { maker: AccountId },
}

/// What is remembered of a token. No secret: the digest stands for it.
#[derive(Debug)]
pub(crate) struct TokenEntry {
    pub(crate) account: Arc<AccountEntry>,
    pub(crate) kind: EntryKind,
    pub(crate) scopes: Arc<ScopesEntry>,
    pub(crate) digest: SecretDigest,
    pub(crate) id: AuthorizationId,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// `i64::MAX` is never: an option would take twice the room.
    expires_at: Timestamp,
    /// In microseconds; the making where it was never used.
    last_used: AtomicI64,
    /// The address of last use in short, so that another one is noticed.
    last_address: AtomicU32,
    /// Whether a use waits to be written down.
    pub(crate) use_waits: AtomicBool,
    /// Whether it was asked for since the table last looked for something to let go of.
    pub(crate) touched: AtomicBool,
    /// As what it acts, which depends on nothing that this entry does not lean on.
    pub(crate) standing: Standing,
    last_eight: [u8; 8],
    texts: Texts,
}

/// In microseconds.
const SECOND: i64 = 1_000_000;
const NEVER: Timestamp = Timestamp::from_microseconds(i64::MAX);

impl TokenEntry {
    pub(crate) fn new(
        record: &Authorization,
        account: Arc<AccountEntry>,
        kind: EntryKind,
        scopes: Arc<ScopesEntry>,
    ) -> Self {
        let last_used = record.last_used_at.unwrap_or(record.created_at);
        let mut last_eight = [0; 8];
        let shown = record.token.last_eight.as_bytes();
        let length = shown.len().min(last_eight.len());
        last_eight[..length].copy_from_slice(&shown[..length]);
        let owner = &account.account;
        let standing = owner
            .standing
            .of_token(owner.administrator_epoch, record.administrator_epoch);
        Self {
            standing,
            account,
            kind,
            scopes,
            digest: record.token.digest,
            id: record.id,
            created_at: record.created_at,
            updated_at: record.updated_at,
            expires_at: record.expires_at.unwrap_or(NEVER),
            last_used: AtomicI64::new(last_used.microseconds()),
            last_address: AtomicU32::new(0),
            use_waits: AtomicBool::new(false),
            touched: AtomicBool::new(true),
            last_eight,
            texts: Texts::of(record),
        }
    }

    /// Whether what it leans on is still as it was.
    pub(crate) fn is_valid(&self) -> bool {
        let app = match &self.kind {
            EntryKind::App(app) => app.is_valid(),
            EntryKind::Personal | EntryKind::Impersonation { .. } => true,
        };
        app && self.account.is_valid()
    }

    pub(crate) fn app(&self) -> Option<&Arc<AppEntry>> {
        match &self.kind {
            EntryKind::App(app) => Some(app),
            EntryKind::Personal | EntryKind::Impersonation { .. } => None,
        }
    }

    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        (self.expires_at != NEVER).then_some(self.expires_at)
    }

    /// Whether its time is over, however often it was used.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }

    pub(crate) fn last_used(&self) -> Timestamp {
        Timestamp::from_microseconds(self.last_used.load(Ordering::Relaxed))
    }

    /// Whether the token is accepted at `now`.
    pub(crate) fn is_live(&self, life: &TokenLife, now: Timestamp) -> bool {
        if life.idle.is_none() {
            return now < self.expires_at;
        }
        life.is_live(
            TokenTimes {
                created_at: self.created_at,
                last_used_at: Some(self.last_used()),
                expires_at: self.expires_at(),
            },
            now,
        )
    }

    /// Notes a use, and says whether the address is another one than before.
    pub(crate) fn note_use(&self, now: Timestamp, address: u32) -> bool {
        let moment = now.microseconds();
        // To the second is enough, and spares all but one of them the write that other cores would
        // have to hear of.
        if self
            .last_used
            .load(Ordering::Relaxed)
            .saturating_add(SECOND)
            <= moment
        {
            self.last_used.store(moment, Ordering::Relaxed);
        }
        let before = self.last_address.load(Ordering::Relaxed);
        if before == address {
            return false;
        }
        self.last_address.store(address, Ordering::Relaxed);
        true
    }

    /// The last eight characters of the token.
    pub(crate) fn last_eight(&self) -> &str {
        // They were ASCII when they were stored; anything else shows as nothing.
        std::str::from_utf8(&self.last_eight)
            .unwrap_or_default()
            .trim_end_matches('\0')
    }

    pub(crate) fn note(&self) -> Option<&str> {
        self.texts.read(NOTE)
    }

    pub(crate) fn note_url(&self) -> Option<&str> {
        self.texts.read(NOTE_URL)
    }

    pub(crate) fn fingerprint(&self) -> Option<&str> {
        self.texts.read(FINGERPRINT)
    }

    /// The whole record.
    pub(crate) fn record(&self) -> Authorization {
        let owned = |text: &str| text.to_owned();
        Authorization {
            id: self.id,
            owner: self.account.account.id,
            kind: match &self.kind {
                EntryKind::Personal => Kind::Personal,
                EntryKind::App(app) => Kind::App(app.summary.clone()),
                EntryKind::Impersonation { maker } => Kind::Impersonation { maker: *maker },
            },
            scopes: self.scopes.scopes.clone(),
            // One that is not the owner's, and so counts for nothing, is not kept.
            administrator_epoch: self
                .standing
                .stamp(self.account.account.administrator_epoch),
            note: self.note().map(owned).map(Note::from_stored),
            note_url: self.note_url().map(owned).map(NoteUrl::from_stored),
            fingerprint: self.fingerprint().map(owned).map(Fingerprint::from_stored),
            token: KeptSecret {
                digest: self.digest,
                last_eight: self.last_eight().to_owned(),
            },
            created_at: self.created_at,
            updated_at: self.updated_at,
            expires_at: self.expires_at(),
            last_used_at: Some(self.last_used()),
        }
    }
}

const NOTE: usize = 0;
const NOTE_URL: usize = 1;
const FINGERPRINT: usize = 2;

/// Note, note URL and fingerprint in one piece, which takes no room when there is none of them. A
/// text that is there begins with a byte that no text may hold.
#[derive(Debug)]
struct Texts(Option<Box<str>>);

/// Stands before each text; NUL is refused in all of them.
const THERE: char = '\0';
/// Stands where there is none; a control character, refused as well.
const NOT_THERE: char = '\u{1}';

impl Texts {
    fn of(record: &Authorization) -> Self {
        let texts = [
            record.note.as_ref().map(Note::as_str),
            record.note_url.as_ref().map(NoteUrl::as_str),
            record.fingerprint.as_ref().map(Fingerprint::as_str),
        ];
        if texts.iter().all(Option::is_none) {
            return Self(None);
        }
        let length = texts.iter().flatten().map(|text| text.len()).sum::<usize>();
        let mut piece = String::with_capacity(length + texts.len());
        for text in texts {
            piece.push(if text.is_some() { THERE } else { NOT_THERE });
            piece.push_str(text.unwrap_or_default());
        }
        Self(Some(piece.into_boxed_str()))
    }

    fn read(&self, which: usize) -> Option<&str> {
        let piece = self.0.as_deref()?;
        let mut starts = piece.match_indices([THERE, NOT_THERE]);
        let (start, mark) = starts.nth(which)?;
        let end = starts.next().map_or(piece.len(), |(end, _)| end);
        mark.starts_with(THERE).then(|| &piece[start + 1..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_out_as_they_went_in() {
        let read = |piece: &str| {
            let texts = Texts(Some(piece.into()));
            [NOTE, NOTE_URL, FINGERPRINT].map(|which| texts.read(which).map(ToOwned::to_owned))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read("\0a\0b\0c"), [some("a"), some("b"), some("c")]);
        assert_eq!(read("\0a\u{1}\0"), [some("a"), None, some("")]);
        assert_eq!(read("\u{1}\u{1}\0ç"), [None, None, some("ç")]);
        assert_eq!(Texts(None).read(NOTE), None);
    }

    #[test]
    fn each_type_has_a_slot_of_its_own_and_is_made_once() {
        let slots = Slots::default();
        assert_eq!(slots.get_or_make(|| 7_u64), &7);
        assert_eq!(slots.get_or_make(|| "seven".to_owned()), "seven");
        assert_eq!(slots.get_or_make::<u64>(|| unreachable!("it is there")), &7);
        assert_eq!(slots.get_or_make(|| "eight".to_owned()), "seven");
        assert_eq!(slots.get_or_make(|| [7_u8]), &[7]);
    }

    #[test]
    fn an_entry_of_a_token_stays_small() {
        // Two counters of references come on top, and the allocator rounds up.
        assert!(
            size_of::<TokenEntry>() <= 160,
            "{}",
            size_of::<TokenEntry>()
        );
    }
}
