//! What an authenticator says and signs: Web Authentication, section 6.1.

use minicbor::Decoder;
use minicbor::data::Type;
use sha2::{Digest, Sha256};

use crate::passkey::public_key::PublicKey;
use crate::passkey::relying_party::RelyingParty;
use crate::passkey::{CredentialId, PasskeyRefused, UserVerification};

/// The digest of the relying party's id, a byte of flags and the count of signatures.
const SHORTEST: usize = 37;
/// The model of the authenticator and the length of the credential id.
const BEFORE_CREDENTIAL_ID: usize = 18;

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;

/// What an authenticator says.
#[derive(Clone, Debug)]
pub struct AuthenticatorData {
    rp_id_hash: [u8; 32],
    flags: u8,
    /// How many signatures it made; 0 where it keeps no count.
    pub sign_count: u32,
    /// The passkey that it made.
    pub credential: Option<(CredentialId, PublicKey)>,
}

impl AuthenticatorData {
    /// Reads all of these bytes. What extensions say is passed over: none is asked for.
    pub fn parse(bytes: &[u8]) -> Result<Self, PasskeyRefused> {
        let cut_short = PasskeyRefused::AuthenticatorData;
        let (head, mut rest) = bytes.split_at_checked(SHORTEST).ok_or(cut_short)?;
        let rp_id_hash = *head.first_chunk::<32>().ok_or(cut_short)?;
        let sign_count = *head.last_chunk::<4>().ok_or(cut_short)?;
        let flags = head[32];
        let credential = if flags & HAS_CREDENTIAL == 0 {
            None
        } else {
            let (credential, after) = credential(rest)?;
            rest = after;
            Some(credential)
        };
        if flags & HAS_EXTENSIONS != 0 {
            let mut decoder = Decoder::new(rest);
            let is_map = matches!(decoder.datatype(), Ok(Type::Map));
            if !is_map || decoder.skip().is_err() {
                return Err(cut_short);
            }
            rest = &rest[decoder.position()..];
        }
        if !rest.is_empty() {
            return Err(cut_short);
        }
        Ok(Self {
            rp_id_hash,
            flags,
            sign_count: u32::from_be_bytes(sign_count),
            credential,
        })
    }

    /// Refuses what is for another site, what nobody touched, what nobody was tested for who had to
    /// be, and flags that contradict each other.
    pub fn refuse_unfit(
        &self,
        party: &RelyingParty,
        user_verification: UserVerification,
    ) -> Result<(), PasskeyRefused> {
        let expected: [u8; 32] = Sha256::digest(party.id().as_bytes()).into();
        if self.rp_id_hash != expected {
            return Err(PasskeyRefused::RelyingParty);
        }
        if !self.has(USER_PRESENT) {
            return Err(PasskeyRefused::NotPresent);
        }
        if user_verification == UserVerification::Required && !self.has(USER_VERIFIED) {
            return Err(PasskeyRefused::NotVerified);
        }
        if self.is_backed_up() && !self.is_backup_eligible() {
            return Err(PasskeyRefused::Backup);
        }
        Ok(())
    }

    /// Whether the passkey may be copied to other devices.
    pub const fn is_backup_eligible(&self) -> bool {
        self.has(BACKUP_ELIGIBLE)
    }

    /// Whether it is backed up now (BS in the specification).
    pub const fn is_backed_up(&self) -> bool {
        self.has(BACKED_UP)
    }

    const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// The credential that these bytes begin with, and what comes after it.
fn credential(bytes: &[u8]) -> Result<((CredentialId, PublicKey), &[u8]), PasskeyRefused> {
    let cut_short = PasskeyRefused::AuthenticatorData;
    let (head, rest) = bytes
        .split_at_checked(BEFORE_CREDENTIAL_ID)
        .ok_or(cut_short)?;
    let length = u16::from_be_bytes(*head.last_chunk::<2>().ok_or(cut_short)?);
    let (id, rest) = rest.split_at_checked(length.into()).ok_or(cut_short)?;
    let id = CredentialId::from_bytes(id).ok_or(cut_short)?;
    let (key, length) = PublicKey::read(rest)?;
    Ok(((id, key), &rest[length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party() -> RelyingParty {
        RelyingParty::of("https://example.org", None).expect("passkeys are for it")
    }

    fn data(rp_id: &str, flags: u8, more: &[u8]) -> Vec<u8> {
        let mut bytes = Sha256::digest(rp_id.as_bytes()).to_vec();
        bytes.push(flags);
        bytes.extend(7_u32.to_be_bytes());
        bytes.extend(more);
        bytes
    }

    fn judge(rp_id: &str, flags: u8, wanted: UserVerification) -> Result<(), PasskeyRefused> {
        let data = AuthenticatorData::parse(&data(rp_id, flags, &[])).expect("it is whole");
        assert_eq!(data.sign_count, 7);
        data.refuse_unfit(&party(), wanted)
    }

    #[test]
    fn who_was_present_and_tested_is_asked_as_the_ceremony_wants() {
        use UserVerification::{Preferred, Required};
        for (flags, wanted, judged) in [
            (0x05, Required, Ok(())),
            (0x1d, Required, Ok(())),
            (0x01, Preferred, Ok(())),
            (0x05, Preferred, Ok(())),
            (0x01, Required, Err(PasskeyRefused::NotVerified)),
            (0x04, Required, Err(PasskeyRefused::NotPresent)),
            (0x00, Preferred, Err(PasskeyRefused::NotPresent)),
            (0x15, Required, Err(PasskeyRefused::Backup)),
        ] {
            assert_eq!(judge("example.org", flags, wanted), judged, "{flags:x}");
        }
    }

    #[test]
    fn another_relying_party_is_refused() {
        for rp_id in [
            "example.com",
            "a.example.org",
            "EXAMPLE.ORG",
            "https://example.org",
            "",
        ] {
            let judged = judge(rp_id, 0x05, UserVerification::Required);
            assert_eq!(judged, Err(PasskeyRefused::RelyingParty), "{rp_id}");
        }
    }

    #[test]
    fn extensions_are_passed_over_and_nothing_else_is() {
        let parse = |flags, more: &[u8]| {
            AuthenticatorData::parse(&data("example.org", flags, more)).map(|data| data.flags)
        };
        let refused = Err(PasskeyRefused::AuthenticatorData);
        // {"credProtect": 2}
        let extensions = b"\xa1\x6bcredProtect\x02";
        assert_eq!(parse(0x85, extensions), Ok(0x85));
        assert_eq!(parse(0x85, &[0xa0]), Ok(0x85));
        assert_eq!(parse(0x85, &[]), refused, "none where some are said to be");
        assert_eq!(
            parse(0x05, extensions),
            refused,
            "some where none are said to be"
        );
        assert_eq!(parse(0x85, &[0x80]), refused, "a list");
        assert_eq!(
            parse(0x85, &[0xbf, 0xff]),
            refused,
            "a map without a length"
        );
        assert_eq!(parse(0x85, &[0xa0, 0xa0]), refused, "two maps");
        assert_eq!(parse(0x85, &extensions[..8]), refused, "half a map");
        let endless = [0xbb, 255, 255, 255, 255, 255, 255, 255, 255];
        assert_eq!(parse(0x85, &endless), refused, "more than there is");
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let whole = data("example.org", 0x05, &[]);
        for length in 0..whole.len() {
            let cut = AuthenticatorData::parse(&whole[..length]);
            assert_eq!(
                cut.err(),
                Some(PasskeyRefused::AuthenticatorData),
                "{length}"
            );
        }
        // A credential id of no bytes, of too many, and of more than there are.
        for length in [0_u16, 1_024, 1_023, 1] {
            let mut more = vec![0; 16];
            more.extend(length.to_be_bytes());
            let cut = AuthenticatorData::parse(&data("example.org", 0x45, &more));
            assert_eq!(
                cut.err(),
                Some(PasskeyRefused::AuthenticatorData),
                "{length}"
            );
        }
    }
}
