//! Authorization codes: what an app exchanges for a token, once and within ten minutes.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::entropy::{Entropy, random_hex};
use crate::id::{AccountId, AppId, AuthorizationId, SessionId};
use crate::key::DigestKey;
use crate::oauth::{CodeChallenge, RedirectUri};
use crate::scope::{AdministratorEpoch, ScopeSet};
use crate::timestamp::Timestamp;

/// For how long a code can be redeemed, and a second redemption means something.
pub const CODE_LIVES: Duration = Duration::from_mins(10);

/// Live codes of one user and app; one more ends the eldest.
pub const MOST_LIVE_CODES: u32 = 10;

/// A code as it goes to the app: 20 hexadecimal digits.
#[derive(Clone)]
pub struct AuthorizationCode(Zeroizing<String>);

/// What is kept of a code. It has 80 bits, so it is kept under a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CodeDigest([u8; 32]);

impl AuthorizationCode {
    /// The longest text that is looked for.
    const LONGEST: usize = 64;

    /// A code of 80 random bits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Zeroizing::new(random_hex(entropy, 10)))
    }

    /// A text that somebody claims to be one.
    pub fn claimed(text: &str) -> Self {
        // None is empty, and none is longer.
        let text = if text.len() > Self::LONGEST { "" } else { text };
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The code itself, for the one redirect that delivers it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self, key: &DigestKey) -> CodeDigest {
        CodeDigest(key.digest("authorization code", &[self.0.as_bytes()]))
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationCode(…)")
    }
}

impl CodeDigest {
    /// The bytes, as the store keeps them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CodeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeDigest(…)")
    }
}

/// A code that was issued, as its row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCode {
    /// The id of its row.
    pub id: i64,
    /// The user who let the app in.
    pub account: AccountId,
    /// The app that may redeem it, and no other.
    pub app: AppId,
    /// The session in which the user did.
    pub session: SessionId,
    /// The version that the credentials of the user had.
    pub credential_version: i64,
    /// Where it was sent to.
    pub redirect: RedirectUri,
    /// What the token will have.
    pub scopes: ScopeSet,
    /// In which epoch of the user as an administrator scopes for those were given, if any were.
    pub administrator_epoch: Option<AdministratorEpoch>,
    /// When the user agreed to these scopes on a page.
    pub consented_at: Timestamp,
    /// What its redemption has to prove.
    pub challenge: Option<CodeChallenge>,
    /// From when on it is unknown.
    pub expires_at: Timestamp,
    /// Whether it was ended without a redemption.
    pub has_ended: bool,
    /// The token that it was exchanged for, if it was.
    pub redeemed_for: Option<AuthorizationId>,
}

/// What an app brings with a code.
#[derive(Clone, Default)]
pub struct Proofs {
    /// The URL that the code was sent to, if the app names it once more.
    pub redirect: Option<String>,
    /// The verifier of the challenge.
    pub verifier: Option<Zeroizing<String>>,
}

impl Proofs {
    /// What an app brings, as far as it brings it.
    pub fn new(redirect: Option<String>, verifier: Option<String>) -> Self {
        Self {
            redirect,
            verifier: verifier.map(Zeroizing::new),
        }
    }
}

impl fmt::Debug for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proofs(…)")
    }
}

/// Which proof is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WrongProof {
    /// The redirect URI is another one.
    Redirect,
    /// The verifier is missing or wrong, or there is no challenge for it.
    Verifier,
}

/// What it means that an app brings a code a second time with everything right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodeReplay {
    /// Nothing: clients run their callback twice.
    #[default]
    Tolerated,
    /// Somebody else may have the code: the token that it was exchanged for ends.
    Strict,
}

/// What becomes of an attempt to redeem a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// Everything is right, and a token is made for it.
    Exchange,
    /// It is as if there were no such code: its time is over, or it has ended.
    Unknown,
    /// It is refused and ends.
    End(WrongProof),
    /// It was exchanged before.
    Repeated {
        /// The token that it was exchanged for ends: somebody has the code who should not.
        ends_token: bool,
    },
}

/// Decides about an attempt by the app that the code belongs to, which has proved who it is. The
/// same whichever of two attempts comes first: a right one and a wrong one leave no token, and two
/// right ones leave one, where that is tolerated. Two by a secret that everybody may know leave
/// none, unless the code wanted a verifier: nothing tells a thief from the app.
pub fn judge(
    code: &IssuedCode,
    proofs: &Proofs,
    (by_published, replay): (bool, CodeReplay),
    now: Timestamp,
) -> Redemption {
    if now >= code.expires_at || code.has_ended {
        return Redemption::Unknown;
    }
    let wrong = wrong_proof(code, proofs);
    match (code.redeemed_for, wrong) {
        (None, None) => Redemption::Exchange,
        (None, Some(wrong)) => Redemption::End(wrong),
        (Some(_), wrong) => Redemption::Repeated {
            ends_token: wrong.is_some()
                || replay == CodeReplay::Strict
                || (by_published && code.challenge.is_none()),
        },
    }
}

fn wrong_proof(code: &IssuedCode, proofs: &Proofs) -> Option<WrongProof> {
    let redirect = proofs.redirect.as_deref();
    if redirect.is_some_and(|named| !code.redirect.is_named_by(named)) {
        return Some(WrongProof::Redirect);
    }
    let proves = match (&code.challenge, &proofs.verifier) {
        (Some(challenge), Some(verifier)) => challenge.is_of(verifier),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    (!proves).then_some(WrongProof::Verifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const SENT_TO: &str = "https://a.example/cb";

    fn code(challenge: Option<&str>) -> IssuedCode {
        IssuedCode {
            id: 1,
            account: AccountId(1),
            app: AppId(1),
            session: SessionId(1),
            credential_version: 1,
            redirect: RedirectUri::from_stored(SENT_TO.to_owned()),
            scopes: ScopeSet::default(),
            administrator_epoch: None,
            consented_at: Timestamp::from_seconds(0),
            challenge: challenge.map(|text| CodeChallenge::from_stored(text.to_owned())),
            expires_at: Timestamp::from_seconds(600),
            has_ended: false,
            redeemed_for: None,
        }
    }

    fn proofs(redirect: Option<&str>, verifier: Option<&str>) -> Proofs {
        Proofs::new(redirect.map(str::to_owned), verifier.map(str::to_owned))
    }

    #[test]
    fn every_proof_must_be_right_whether_it_is_the_first_attempt_or_not() {
        use CodeReplay::{Strict, Tolerated};
        use WrongProof::{Redirect, Verifier};
        let now = Timestamp::from_seconds(599);
        for (challenge, redirect, verifier, wrong) in [
            (None, None, None, None),
            (None, Some(SENT_TO), None, None),
            (Some(CHALLENGE), None, Some(VERIFIER), None),
            (Some(CHALLENGE), None, None, Some(Verifier)),
            (Some(CHALLENGE), None, Some(CHALLENGE), Some(Verifier)),
            (None, None, Some(VERIFIER), Some(Verifier)),
            (None, Some("https://a.example/cb/x"), None, Some(Redirect)),
            (Some(CHALLENGE), Some("x"), Some(VERIFIER), Some(Redirect)),
        ] {
            let proofs = proofs(redirect, verifier);
            let first = code(challenge);
            let expected = wrong.map_or(Redemption::Exchange, Redemption::End);
            for client in [(false, Tolerated), (true, Strict)] {
                assert_eq!(judge(&first, &proofs, client, now), expected);
            }
            let again = IssuedCode {
                redeemed_for: Some(AuthorizationId(1)),
                ..first
            };
            let ends_token = wrong.is_some();
            assert_eq!(
                judge(&again, &proofs, (false, Tolerated), now),
                Redemption::Repeated { ends_token }
            );
            assert_eq!(
                judge(&again, &proofs, (false, Strict), now),
                Redemption::Repeated { ends_token: true }
            );
            // Who knows the secret that everybody knows has proved nothing.
            let ends_token = wrong.is_some() || challenge.is_none();
            assert_eq!(
                judge(&again, &proofs, (true, Tolerated), now),
                Redemption::Repeated { ends_token }
            );
        }
    }

    #[test]
    fn a_code_that_is_over_or_ended_means_nothing_however_it_is_tried() {
        let now = Timestamp::from_seconds(600);
        let ended = IssuedCode {
            has_ended: true,
            ..code(None)
        };
        let redeemed = IssuedCode {
            redeemed_for: Some(AuthorizationId(1)),
            ..code(None)
        };
        for (code, now) in [
            (code(None), now),
            (redeemed, now),
            (ended, Timestamp::from_seconds(1)),
        ] {
            for (verifier, replay) in [
                (None, CodeReplay::Tolerated),
                (Some(VERIFIER), CodeReplay::Strict),
            ] {
                let proofs = proofs(None, verifier);
                let judged = judge(&code, &proofs, (false, replay), now);
                assert_eq!(judged, Redemption::Unknown);
            }
        }
    }
}
