//! What a browser says it answered: the `CollectedClientData` of Web Authentication, section 5.8.1.

use crate::passkey::relying_party::RelyingParty;
use crate::passkey::{Challenge, PasskeyRefused};

/// What a browser was asked to have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedFor {
    /// A new credential, in a registration.
    Creation,
    /// A signature with one that there is.
    Assertion,
}

impl AskedFor {
    /// The `type` of the client data.
    const fn word(self) -> &'static str {
        match self {
            Self::Creation => "webauthn.create",
            Self::Assertion => "webauthn.get",
        }
    }
}

/// The members of client data that are looked at, as they were read. The rest is hashed with them
/// and signed, and means nothing here.
#[derive(Clone, Copy, Debug)]
pub struct ClientData<'a> {
    /// The member `type`: what was asked for.
    pub kind: &'a str,
    /// The member `challenge`, in base64url without padding.
    pub challenge: &'a str,
    /// The member `origin`: scheme, host and port of the page.
    pub origin: &'a str,
    /// `crossOrigin`. Browsers that do not write it allow none.
    pub is_cross_origin: bool,
    /// Whether there is a `topOrigin`: it is there only in a page inside another page.
    pub has_top_origin: bool,
}

impl ClientData<'_> {
    /// The challenge that was answered, if this is the answer to what was asked, given to a page of
    /// the relying party. Whether the challenge is open is the store's to say.
    pub fn answered(
        &self,
        asked: AskedFor,
        party: &RelyingParty,
    ) -> Result<Challenge, PasskeyRefused> {
        if self.kind != asked.word() {
            return Err(PasskeyRefused::Ceremony);
        }
        if self.origin != party.origin() {
            return Err(PasskeyRefused::Origin);
        }
        if self.is_cross_origin || self.has_top_origin {
            return Err(PasskeyRefused::CrossOrigin);
        }
        Challenge::parse(self.challenge).ok_or(PasskeyRefused::Challenge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn party() -> RelyingParty {
        RelyingParty::of("https://example.org", None).expect("passkeys are for it")
    }

    fn right() -> ClientData<'static> {
        ClientData {
            kind: "webauthn.get",
            challenge: CHALLENGE,
            origin: "https://example.org",
            is_cross_origin: false,
            has_top_origin: false,
        }
    }

    #[test]
    fn the_answer_to_what_was_asked_names_its_challenge() {
        let answered = right().answered(AskedFor::Assertion, &party());
        assert_eq!(answered.expect("it is right").as_str(), CHALLENGE);
    }

    #[test]
    fn everything_else_is_refused() {
        let judge = |data: ClientData<'_>| data.answered(AskedFor::Assertion, &party()).err();
        for kind in ["webauthn.create", "WEBAUTHN.GET", "payment.get", ""] {
            let data = ClientData { kind, ..right() };
            assert_eq!(judge(data), Some(PasskeyRefused::Ceremony), "{kind}");
        }
        for origin in [
            "https://example.org:443",
            "https://example.org/",
            "https://EXAMPLE.org",
            "http://example.org",
            "https://sub.example.org",
            "https://example.org.evil.example",
            "https://example.com",
            "null",
            "",
        ] {
            let data = ClientData { origin, ..right() };
            assert_eq!(judge(data), Some(PasskeyRefused::Origin), "{origin}");
        }
        let cross = ClientData {
            is_cross_origin: true,
            ..right()
        };
        assert_eq!(judge(cross), Some(PasskeyRefused::CrossOrigin));
        let inside = ClientData {
            has_top_origin: true,
            ..right()
        };
        assert_eq!(judge(inside), Some(PasskeyRefused::CrossOrigin));
        for challenge in ["", "AAAA", &format!("{CHALLENGE}="), &"*".repeat(43)] {
            let data = ClientData {
                challenge,
                ..right()
            };
            assert_eq!(judge(data), Some(PasskeyRefused::Challenge), "{challenge}");
        }
        let creation = right().answered(AskedFor::Creation, &party());
        assert_eq!(creation.err(), Some(PasskeyRefused::Ceremony));
    }
}
