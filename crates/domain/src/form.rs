//! Forms of pages: what proves that one of our own pages gave a form to whoever sends it, and what
//! makes a form count once.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;

use crate::digest::SecretDigest;
use crate::entropy::{Entropy, random_bytes};
use crate::key::DigestKey;
use crate::timestamp::Timestamp;

/// For how long a form that counts once may be sent after its page was made.
pub const ONCE_LIVES: Duration = Duration::from_hours(24);

/// Random beside a form, so that it is sent once: when the page was made, and 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnceValue {
    made_at: Timestamp,
    random: [u8; 16],
}

impl OnceValue {
    /// One for a page that is made now.
    pub fn generate(entropy: &dyn Entropy, now: Timestamp) -> Self {
        Self {
            made_at: Timestamp::from_seconds(now.seconds()),
            random: random_bytes(entropy),
        }
    }

    /// The value in a form's field, if its page was made a short enough while ago.
    pub fn parse(text: &str, now: Timestamp) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (seconds, random) = bytes.split_first_chunk::<8>()?;
        let seconds = i64::from_be_bytes(*seconds);
        // What overflows is no time of ours.
        (0..1 << 40).contains(&seconds).then_some(())?;
        let made_at = Timestamp::from_seconds(seconds);
        let random = random.try_into().ok()?;
        (now.since(made_at) < ONCE_LIVES).then_some(Self { made_at, random })
    }

    /// The text of the form's field.
    pub fn to_text(&self) -> String {
        let mut bytes = self.made_at.seconds().to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.random);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// What is kept of it once it is spent.
    pub fn random(&self) -> &[u8; 16] {
        &self.random
    }
}

/// The key under which tokens of forms are made: a form proves by its token that one of our own
/// pages gave it to whoever sends it.
#[derive(Clone, Debug)]
pub struct FormKey(DigestKey);

impl FormKey {
    /// The key for forms that comes from an installation's key.
    pub fn derive(key: &DigestKey) -> Self {
        Self(key.derive("counterfoil page forms"))
    }

    /// The token of the form that is sent to this path, for who has this cookie. It looks different
    /// each time, so that compressing pages would tell nothing of it.
    pub fn token(&self, form: &FormPlace<'_>, entropy: &dyn Entropy) -> String {
        let mask: [u8; 32] = random_bytes(entropy);
        let masked = xor(&self.mac(form), &mask);
        BASE64URL_NOPAD.encode(&[mask, masked].concat())
    }

    /// Whether a token is one of this form.
    pub fn verifies(&self, form: &FormPlace<'_>, token: &str) -> bool {
        let Ok(bytes) = BASE64URL_NOPAD.decode(token.as_bytes()) else {
            return false;
        };
        let Some((mask, masked)) = bytes.split_first_chunk::<32>() else {
            return false;
        };
        let Ok(masked) = <&[u8; 32]>::try_from(masked) else {
            return false;
        };
        let once = form.once_text();
        self.0
            .verifies(form.cookie.word(), &form.parts(&once), &xor(mask, masked))
    }

    fn mac(&self, form: &FormPlace<'_>) -> [u8; 32] {
        let once = form.once_text();
        self.0.digest(form.cookie.word(), &form.parts(&once))
    }
}

/// A form as its token binds it.
#[derive(Clone, Copy, Debug)]
pub struct FormPlace<'a> {
    /// Who was given the page.
    pub cookie: FormCookie,
    /// The path that the form is sent to.
    pub action: &'a str,
    /// What makes it count once, if something does.
    pub once: Option<OnceValue>,
}

impl FormPlace<'_> {
    fn once_text(&self) -> String {
        self.once.map(|once| once.to_text()).unwrap_or_default()
    }

    fn parts<'p>(&'p self, once: &'p str) -> [&'p [u8]; 3] {
        let cookie = self.cookie.digest().as_bytes().as_slice();
        [cookie, self.action.as_bytes(), once.as_bytes()]
    }
}

/// The cookie that a form's token is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormCookie {
    /// That of a session, by the digest of its secret.
    Session(SecretDigest),
    /// That of a browser that nobody is signed in with, by the digest of its secret.
    Visitor(SecretDigest),
}

impl FormCookie {
    fn word(self) -> &'static str {
        match self {
            Self::Session(_) => "session",
            Self::Visitor(_) => "visitor",
        }
    }

    fn digest(&self) -> &SecretDigest {
        match self {
            Self::Session(digest) | Self::Visitor(digest) => digest,
        }
    }
}

fn xor(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|place| one[place] ^ other[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    fn entropy() -> Counting {
        Counting(0.into())
    }

    fn key() -> FormKey {
        FormKey::derive(&DigestKey::generate(&entropy()))
    }

    #[test]
    fn a_form_s_token_is_of_one_cookie_one_path_and_one_value() {
        let (key, entropy) = (key(), entropy());
        let digest = SecretDigest::of("one");
        let form = FormPlace {
            cookie: FormCookie::Session(digest),
            action: "/logout",
            once: None,
        };
        let token = key.token(&form, &entropy);
        assert!(key.verifies(&form, &token));
        assert_ne!(key.token(&form, &entropy), token);
        let once = OnceValue::generate(&entropy, Timestamp::from_seconds(1));
        let others = [
            FormPlace {
                cookie: FormCookie::Visitor(digest),
                ..form
            },
            FormPlace {
                cookie: FormCookie::Session(SecretDigest::of("other")),
                ..form
            },
            FormPlace {
                action: "/login",
                ..form
            },
            FormPlace {
                once: Some(once),
                ..form
            },
        ];
        for other in others {
            assert!(!key.verifies(&other, &token), "{other:?}");
        }
        for cut in ["", &token[1..], &token[..token.len() - 4], "%"] {
            assert!(!key.verifies(&form, cut), "{cut}");
        }
    }

    #[test]
    fn a_value_that_counts_once_is_read_for_a_day() {
        let now = Timestamp::from_seconds(1_700_000_000);
        let once = OnceValue::generate(&entropy(), now);
        let text = once.to_text();
        assert_eq!(OnceValue::parse(&text, now), Some(once));
        let later = now.plus(ONCE_LIVES);
        assert_eq!(OnceValue::parse(&text, later), None);
        for broken in ["", "AAAA", "________________________________", &text[1..]] {
            assert_eq!(OnceValue::parse(broken, now), None, "{broken}");
        }
    }
}
