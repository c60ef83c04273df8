//! What events say beside what they are about: each field once, with its type.

use crate::scope::ScopeSet;
use crate::timestamp::Timestamp;

/// What a field holds, as the trail's readers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A count, or an id of something that has no place in the subject.
    Number(u64),
    /// A word or a text.
    Text(String),
    /// Several words, in their order.
    List(Vec<String>),
    /// A point in time.
    Time(Timestamp),
    /// Whether something is so.
    Flag(bool),
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&'static str> for Value {
    fn from(word: &'static str) -> Self {
        Self::Text(word.to_owned())
    }
}

impl From<Vec<String>> for Value {
    fn from(words: Vec<String>) -> Self {
        Self::List(words)
    }
}

impl From<ScopeSet> for Value {
    fn from(scopes: ScopeSet) -> Self {
        let names = scopes.iter().map(|scope| scope.name().to_owned());
        Self::List(names.collect())
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

/// Whether a field may have to be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It says nothing of a person, and stays for ever.
    Lasting,
    /// It names a person or holds what one wrote.
    Personal,
}

macro_rules! details {
    ($($(#[doc = $doc:literal])+ $name:ident($holds:ty) = $word:literal $kind:ident),+ $(,)?) => {
        /// Something that an event says beside what it is about. Never a secret.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Detail {
            $($(#[doc = $doc])+ $name($holds)),+
        }

        impl Detail {
            /// Every field by its word, whether it is personal, and what it says, for the reference
            /// page.
            pub const ALL: &'static [(&'static str, Kind, &'static str)] =
                &[$(($word, Kind::$kind, concat!($($doc),+).trim_ascii())),+];

            /// The word of the field.
            pub const fn word(&self) -> &'static str {
                match self { $(Self::$name(_) => $word),+ }
            }

            /// Whether it is personal.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$name(_) => Kind::$kind),+ }
            }

            /// What it holds, as readers see it.
            pub fn into_value(self) -> Value {
                match self { $(Self::$name(value) => value.into()),+ }
            }
        }
    };
}

details! {
    /// Apps that came or ended with it.
    Apps(u64) = "apps" Lasting,
    /// Authorizations whose records were removed.
    Authorizations(u64) = "authorizations" Lasting,
    /// Which fields of the subject changed.
    Changed(Vec<String>) = "changed" Lasting,
    /// The client id that an app was given.
    ClientId(String) = "client_id" Lasting,
    /// How many times it happened, or to how many.
    Count(u64) = "count" Lasting,
    /// Of whom a second factor is required from here on.
    RequiredOf(String) = "required_of" Lasting,
    /// Whether tokens that an app gets from here on expire.
    ExpiringTokens(bool) = "expiring_tokens" Lasting,
    /// Whether a redirect URI of an app has to be a callback URL as a whole from here on.
    ExactMatch(bool) = "exact_match" Lasting,
    /// Whether an app needs a code challenge from here on.
    RequirePkce(bool) = "require_pkce" Lasting,
    /// Whether answers to an app name this server from here on.
    SendIss(bool) = "send_iss" Lasting,
    /// Whether an app is told errors as RFC 6749 has them from here on.
    StandardErrors(bool) = "standard_errors" Lasting,
    /// Whether an app is told of all tokens of the installation from here on.
    ResourceServer(bool) = "resource_server" Lasting,
    /// The SHA-256 of the file that was applied, in hexadecimal digits.
    FileDigest(String) = "file_digest" Lasting,
    /// Digests of tokens that were removed.
    Digests(u64) = "digests" Lasting,
    /// Events that were removed from the trail.
    Events(u64) = "events" Lasting,
    /// Failed sign-ins over all addresses.
    Failures(u64) = "failures" Lasting,
    /// Grants that ended with it.
    Grants(u64) = "grants" Lasting,
    /// The id of the installation's key.
    Key(String) = "key" Lasting,
    /// What was wrong: a password, a code, a passkey.
    Cause(String) = "kind" Lasting,
    /// Locks that were lifted.
    Locks(u64) = "locks" Lasting,
    /// What a link is for, or what a passkey was given for.
    Purpose(String) = "purpose" Lasting,
    /// What a mail is about.
    Mail(String) = "mail" Lasting,
    /// The login that was given.
    Login(String) = "login" Personal,
    /// The login that was there before.
    LoginBefore(String) = "login_before" Personal,
    /// The site administrator who made a token for somebody else.
    Maker(u64) = "maker" Lasting,
    /// The id of the account that an app belonged to before.
    OwnerBefore(u64) = "owner_before" Lasting,
    /// Members that left with it.
    Members(u64) = "members" Lasting,
    /// A passkey, by the id of its record.
    Passkey(u64) = "passkey" Lasting,
    /// By which way a token was made.
    Provenance(String) = "provenance" Lasting,
    /// The id of a client secret.
    SecretId(u64) = "secret_id" Lasting,
    /// What proved which tokens of a backup still live; `none` where nothing did. Of a session, by
    /// what its user signed in.
    Proof(String) = "proof" Lasting,
    /// What was carried over from the later database, as `name=count`.
    CarriedOver(Vec<String>) = "carried_over" Lasting,
    /// Why it ended, as records have it.
    Reason(String) = "reason" Lasting,
    /// Recovery codes that were given.
    RecoveryCodes(u64) = "recovery_codes" Lasting,
    /// Recovery codes that are left.
    Remaining(u64) = "remaining" Lasting,
    /// The role in an organization or team.
    Role(String) = "role" Lasting,
    /// Rows that were copied.
    Rows(u64) = "rows" Lasting,
    /// The scopes that a token has from here on.
    Scopes(ScopeSet) = "scopes" Lasting,
    /// The scopes that it had before.
    ScopesBefore(ScopeSet) = "scopes_before" Lasting,
    /// A session in a browser.
    Session(u64) = "session" Lasting,
    /// Whether a user is a site administrator from here on.
    SiteAdministrator(bool) = "site_administrator" Lasting,
    /// The name of a team as URLs have it.
    Slug(String) = "slug" Lasting,
    /// Teams that ended or were left with it.
    Teams(u64) = "teams" Lasting,
    /// Tokens that ended with it, or came with it.
    Tokens(u64) = "tokens" Lasting,
    /// Tokens, by the ids of their records.
    TokenIds(Vec<String>) = "token_ids" Lasting,
    /// Until when a lock holds, a link works, or an app can refresh.
    Until(Timestamp) = "until" Lasting,
    /// Users that came with it.
    Users(u64) = "users" Lasting,
    /// Sealed values that were moved.
    Values(u64) = "values" Lasting,
    /// One-time codes that were wrong.
    WrongCodes(u64) = "wrong_codes" Lasting,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_word_stands_for_one_field() {
        let words: BTreeSet<_> = Detail::ALL.iter().map(|(word, ..)| word).collect();
        assert_eq!(words.len(), Detail::ALL.len());
    }

    #[test]
    fn a_field_is_known_by_its_word_and_its_type() {
        let login = Detail::Login("mona".to_owned());
        assert_eq!((login.word(), login.kind()), ("login", Kind::Personal));
        assert_eq!(login.into_value(), Value::Text("mona".to_owned()));
        let scopes = Detail::Scopes(ScopeSet::parse(["repo", "gist"]).expect("scopes"));
        let names = ["repo", "gist"].map(str::to_owned).to_vec();
        assert_eq!(scopes.into_value(), Value::List(names));
    }
}
