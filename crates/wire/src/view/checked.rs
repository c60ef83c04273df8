//! The body that an app sees of a token it checks, put together from pieces that many tokens share
//! (wire contract, section 16).
//!
//! A check is asked for on every request of a gateway, and most of its body is the same for all
//! tokens of a user, of an app or of a scope set. Those pieces are made once; what is left for each
//! check is to put them in their places.

use std::io::Write as _;

use counterfoil_domain::account::Account;
use counterfoil_domain::app::AppSummary;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::timestamp::Timestamp;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest as _, Sha256};

use super::{AppView, ScopeNames, SimpleUser};
use crate::base::ApiBase;
use crate::conditional::EntityTag;

/// A part of a body that was made before, and what stands for it in the tag of a body that holds
/// it.
#[derive(Debug)]
pub struct Fragment {
    json: Box<RawValue>,
    mark: [u8; MARK],
}

/// Bytes of what stands for a fragment: as many as keep two pieces apart that somebody may have
/// made to look alike.
const MARK: usize = 24;

impl Fragment {
    /// The owner of a token.
    pub fn user(account: &Account, base: &ApiBase) -> Self {
        Self::of(&SimpleUser::new(account, base))
    }

    /// The app of a token.
    pub fn app(app: &AppSummary) -> Self {
        Self::of(&AppView::from(app))
    }

    /// The scopes of a token.
    pub fn scopes(scopes: &ScopeSet) -> Self {
        Self::of(&ScopeNames(scopes))
    }

    fn of(view: &impl Serialize) -> Self {
        let json = to_raw_value(view).expect("views have text keys and plain values");
        let digest = Sha256::digest(json.get().as_bytes());
        let mut mark = [0; MARK];
        mark.copy_from_slice(&digest[..MARK]);
        Self { json, mark }
    }
}

/// What is told of a token that was checked. It holds the token, so it has no `Debug`.
#[derive(Clone, Copy)]
pub struct CheckedView<'a> {
    /// The token, as the app gave it.
    pub token: &'a str,
    /// The id of its record.
    pub id: AuthorizationId,
    /// What is kept of it.
    pub digest: &'a SecretDigest,
    /// Its last eight characters.
    pub last_eight: &'a str,
    /// What its owner calls it.
    pub note: Option<&'a str>,
    /// A URL that goes with the note.
    pub note_url: Option<&'a str>,
    /// What tells several tokens of one user and app apart.
    pub fingerprint: Option<&'a str>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its record last changed.
    pub updated_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// The piece for the `app`: `name`, `url`, `client_id`.
    pub app: &'a Fragment,
    /// The piece for the `scopes`, a list of names.
    pub scopes: &'a Fragment,
    /// The piece for the `user`, in the simple form.
    pub owner: &'a Fragment,
}

/// Bytes of most bodies, so that they are written without growing.
const USUAL_BYTES: usize = 2048;

impl CheckedView<'_> {
    /// The body, compact: what [`super::AuthorizationView`] would make, put together by hand. Most
    /// of it cannot need escaping, and looking at each character for that is what making the rest
    /// would cost most.
    pub fn body(&self, base: &ApiBase) -> Vec<u8> {
        let mut body = Vec::with_capacity(USUAL_BYTES);
        raw(&mut body, "{\"id\":");
        number(&mut body, self.id.0);
        raw(&mut body, ",\"url\":\"");
        raw(&mut body, &base.authorization(self.id));
        raw(&mut body, "\",\"app\":");
        raw(&mut body, self.app.json.get());
        text(&mut body, ",\"token\":", Some(self.token));
        raw(&mut body, ",\"hashed_token\":\"");
        raw(&mut body, &self.digest.to_hex());
        text(&mut body, "\",\"token_last_eight\":", Some(self.last_eight));
        text(&mut body, ",\"note\":", self.note);
        text(&mut body, ",\"note_url\":", self.note_url);
        time(&mut body, ",\"created_at\":", Some(self.created_at));
        time(&mut body, ",\"updated_at\":", Some(self.updated_at));
        raw(&mut body, ",\"scopes\":");
        raw(&mut body, self.scopes.json.get());
        text(&mut body, ",\"fingerprint\":", self.fingerprint);
        time(&mut body, ",\"expires_at\":", self.expires_at);
        raw(&mut body, ",\"user\":");
        raw(&mut body, self.owner.json.get());
        body.push(b'}');
        body
    }

    /// What stands for the body as this reader gets it: it changes with everything that the body
    /// shows, at a tenth of what the digest of the body would cost.
    pub fn tag(&self, reader: AccountId) -> EntityTag {
        let mut shown = Vec::with_capacity(512);
        shown.extend_from_slice(self.digest.as_bytes());
        for number in [
            self.id.0,
            self.created_at.microseconds(),
            self.updated_at.microseconds(),
            self.expires_at.map_or(i64::MIN, Timestamp::microseconds),
        ] {
            shown.extend_from_slice(&number.to_be_bytes());
        }
        for piece in [self.app, self.scopes, self.owner] {
            shown.extend_from_slice(&piece.mark);
        }
        for text in [self.note, self.note_url, self.fingerprint] {
            // One more than the length, so that no text and an empty one differ.
            let length = text.map_or(0, |text| text.len() + 1);
            shown.extend_from_slice(&length.to_be_bytes());
            shown.extend_from_slice(text.unwrap_or_default().as_bytes());
        }
        EntityTag::of(&reader.0.to_be_bytes(), &shown)
    }
}

/// What needs no escaping, or has had it.
fn raw(body: &mut Vec<u8>, text: &str) {
    body.extend_from_slice(text.as_bytes());
}

/// Something after its name, or null.
fn written(body: &mut Vec<u8>, name: &str, value: &impl Serialize) {
    raw(body, name);
    serde_json::to_writer(body, value).expect("texts and numbers are written to memory");
}

fn number(body: &mut Vec<u8>, number: i64) {
    written(body, "", &number);
}

fn text(body: &mut Vec<u8>, name: &str, text: Option<&str>) {
    written(body, name, &text);
}

/// A point in time after its name, or null. Digits and punctuation need no escaping.
fn time(body: &mut Vec<u8>, name: &str, at: Option<Timestamp>) {
    raw(body, name);
    match at {
        None => raw(body, "null"),
        Some(at) => write!(body, "\"{at}\"").expect("memory takes what is written to it"),
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::account::TwoFactor;
    use counterfoil_domain::app::{AppUrl, ClientId, KeptSecret};
    use counterfoil_domain::authorization::{Authorization, Kind};
    use counterfoil_domain::id::AppId;
    use counterfoil_domain::login::Login;
    use counterfoil_domain::scope::{AdministratorEpoch, Standing};
    use counterfoil_domain::text::{DisplayName, Fingerprint, Note, NoteUrl};

    use super::*;
    use crate::view::AuthorizationView;

    const AT: Timestamp = Timestamp::from_seconds(1_519_480_748);

    fn record() -> Authorization {
        Authorization {
            id: AuthorizationId(7),
            owner: AccountId(1),
            kind: Kind::App(AppSummary {
                id: AppId(3),
                name: DisplayName::parse("an \"app\"").unwrap(),
                url: AppUrl::parse("https://app.example.com").unwrap(),
                client_id: ClientId::parse("0123456789abcdef0123").unwrap(),
                updated_at: AT,
            }),
            scopes: ScopeSet::parse(["repo", "gist"]).unwrap(),
            administrator_epoch: None,
            note: Some(Note::from_stored("a note".to_owned())),
            note_url: Some(NoteUrl::from_stored(String::new())),
            fingerprint: Some(Fingerprint::from_stored("print".to_owned())),
            token: KeptSecret {
                digest: SecretDigest::of("abcdefgh12345678"),
                last_eight: "12345678".to_owned(),
            },
            created_at: AT,
            updated_at: AT,
            expires_at: Some(AT),
            last_used_at: None,
        }
    }

    fn owner() -> Account {
        Account {
            id: AccountId(1),
            login: Login::parse("mona").unwrap(),
            name: None,
            email: None,
            standing: Standing::SiteAdministrator,
            administrator_epoch: AdministratorEpoch(0),
            administrator_since: None,
            two_factor: TwoFactor::Off,
            suspended_at: None,
            created_at: AT,
            updated_at: AT,
            profile_updated_at: AT,
            suspension_changed_at: None,
            credential_version: 1,
        }
    }

    fn with_view<T>(record: &Authorization, look: impl FnOnce(CheckedView<'_>) -> T) -> T {
        let base = ApiBase::parse("http://localhost:8080").unwrap();
        let view = CheckedView {
            token: "abcdefgh12345678",
            id: record.id,
            digest: &record.token.digest,
            last_eight: &record.token.last_eight,
            note: record.note.as_ref().map(Note::as_str),
            note_url: record.note_url.as_ref().map(NoteUrl::as_str),
            fingerprint: record.fingerprint.as_ref().map(Fingerprint::as_str),
            created_at: record.created_at,
            updated_at: record.updated_at,
            expires_at: record.expires_at,
            app: &Fragment::app(record.kind.app().unwrap()),
            scopes: &Fragment::scopes(&record.scopes),
            owner: &Fragment::user(&owner(), &base),
        };
        look(view)
    }

    #[test]
    fn the_body_from_pieces_is_the_body_made_whole() {
        let base = ApiBase::parse("http://localhost:8080").unwrap();
        for record in [
            record(),
            Authorization {
                note: None,
                note_url: None,
                fingerprint: None,
                expires_at: None,
                scopes: ScopeSet::default(),
                ..record()
            },
        ] {
            let (record, owner) = (&record, owner());
            let whole = AuthorizationView::of_app(record, "abcdefgh12345678", &owner, &base);
            let whole = serde_json::to_vec(&whole).unwrap();
            assert_eq!(with_view(record, |view| view.body(&base)), whole);
        }
    }

    #[test]
    fn the_tag_changes_with_everything_that_is_shown() {
        let tag = |record: &Authorization| with_view(record, |view| view.tag(AccountId(1)));
        let first = tag(&record());
        assert!(first == tag(&record()));
        let others = [
            Authorization {
                note: None,
                ..record()
            },
            Authorization {
                note_url: None,
                ..record()
            },
            Authorization {
                fingerprint: None,
                ..record()
            },
            Authorization {
                expires_at: None,
                ..record()
            },
            Authorization {
                scopes: ScopeSet::default(),
                ..record()
            },
            Authorization {
                updated_at: Timestamp::from_seconds(1_519_480_749),
                ..record()
            },
        ];
        for (place, other) in others.iter().enumerate() {
            assert!(first != tag(other), "{place}");
        }
        assert!(first != with_view(&record(), |view| view.tag(AccountId(2))));
    }
}
