//! How the answer to a challenge is judged: Web Authentication, sections 7.1 and 7.2.
//!
//! That the challenge is open, and whose passkey it is, says the store: what is here comes after
//! that.

use minicbor::Decoder;
use sha2::{Digest, Sha256};

use crate::passkey::authenticator_data::AuthenticatorData;
use crate::passkey::public_key::PublicKey;
use crate::passkey::relying_party::RelyingParty;
use crate::passkey::{
    CredentialId, LONGEST_ATTESTATION, LONGEST_AUTHENTICATOR_DATA, LONGEST_CLIENT_DATA,
    LONGEST_SIGNATURE, PasskeyRefused, UserVerification,
};

/// A passkey that an authenticator made.
#[derive(Clone, Debug)]
pub struct MadePasskey {
    /// The name that it gave it.
    pub credential: CredentialId,
    /// The key by which it is known again.
    pub public_key: PublicKey,
    /// How many signatures it made.
    pub sign_count: u32,
    /// Whether it may be copied to other devices.
    pub is_backup_eligible: bool,
    /// Whether it is backed up now.
    pub is_backed_up: bool,
}

/// What is known of a passkey that is to sign.
#[derive(Clone, Debug)]
pub struct KnownPasskey {
    /// The key by which it is known again.
    pub public_key: PublicKey,
    /// Whether it may be copied to other devices, which never changes.
    pub is_backup_eligible: bool,
}

/// What a passkey told beside a right signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenPasskey {
    /// How many signatures it made. What that says, [`super::Counter`] judges where the count
    /// before is held.
    pub sign_count: u32,
    /// Whether it is copied to other devices.
    pub is_backed_up: bool,
}

/// An answer to a request for a signature, in bytes.
#[derive(Clone, Copy)]
pub struct Signed<'a> {
    /// The JSON of the client data.
    pub client_data: &'a [u8],
    /// What the authenticator says, as bytes (authenticator data, section 6.1).
    pub authenticator_data: &'a [u8],
    /// The signature of both.
    pub signature: &'a [u8],
}

/// Refuses client data that no browser writes, before they are read.
pub fn refuse_long_client_data(client_data: &[u8]) -> Result<(), PasskeyRefused> {
    if client_data.len() > LONGEST_CLIENT_DATA {
        return Err(PasskeyRefused::TooLong);
    }
    Ok(())
}

/// The passkey that was made, in answer to client data that were judged before.
pub fn judge_registration(
    party: &RelyingParty,
    user_verification: UserVerification,
    client_data: &[u8],
    attestation: &[u8],
) -> Result<MadePasskey, PasskeyRefused> {
    if attestation.len() > LONGEST_ATTESTATION {
        return Err(PasskeyRefused::TooLong);
    }
    let object = AttestationObject::parse(attestation).ok_or(PasskeyRefused::Attestation)?;
    let data = AuthenticatorData::parse(object.authenticator_data)?;
    data.refuse_unfit(party, user_verification)?;
    let (is_backup_eligible, is_backed_up) = (data.is_backup_eligible(), data.is_backed_up());
    let made = data.credential;
    let (credential, public_key) = made.ok_or(PasskeyRefused::AuthenticatorData)?;
    let signed = signed_bytes(object.authenticator_data, client_data);
    if !object.may_be_accepted(&public_key, &signed) {
        return Err(PasskeyRefused::Attestation);
    }
    Ok(MadePasskey {
        credential,
        public_key,
        sign_count: data.sign_count,
        is_backup_eligible,
        is_backed_up,
    })
}

/// What a known passkey tells by an answer to client data that were judged before.
pub fn judge_assertion(
    party: &RelyingParty,
    user_verification: UserVerification,
    known: &KnownPasskey,
    signed: Signed<'_>,
) -> Result<GivenPasskey, PasskeyRefused> {
    let is_too_long = signed.authenticator_data.len() > LONGEST_AUTHENTICATOR_DATA
        || signed.signature.len() > LONGEST_SIGNATURE;
    if is_too_long {
        return Err(PasskeyRefused::TooLong);
    }
    let data = AuthenticatorData::parse(signed.authenticator_data)?;
    data.refuse_unfit(party, user_verification)?;
    if data.is_backup_eligible() != known.is_backup_eligible {
        return Err(PasskeyRefused::Backup);
    }
    let message = signed_bytes(signed.authenticator_data, signed.client_data);
    if !known.public_key.has_signed(&message, signed.signature) {
        return Err(PasskeyRefused::Signature);
    }
    Ok(GivenPasskey {
        sign_count: data.sign_count,
        is_backed_up: data.is_backed_up(),
    })
}

/// What authenticators sign: their data, and the digest of the client data.
fn signed_bytes(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    let mut bytes = authenticator_data.to_vec();
    bytes.extend(Sha256::digest(client_data));
    bytes
}

/// What an authenticator says of a passkey that it made, and how it vouches for that.
struct AttestationObject<'a> {
    format: &'a str,
    statement: &'a [u8],
    authenticator_data: &'a [u8],
}

impl<'a> AttestationObject<'a> {
    /// A map of the three members that there are, each once, and nothing after it.
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut decoder = Decoder::new(bytes);
        if decoder.map().ok()?? != 3 {
            return None;
        }
        let (mut format, mut statement, mut data) = (None, None, None);
        for _ in 0..3 {
            match decoder.str().ok()? {
                "fmt" if format.is_none() => format = Some(decoder.str().ok()?),
                "attStmt" if statement.is_none() => {
                    let start = decoder.position();
                    decoder.skip().ok()?;
                    statement = bytes.get(start..decoder.position());
                }
                "authData" if data.is_none() => data = Some(decoder.bytes().ok()?),
                _ => return None,
            }
        }
        (decoder.position() == bytes.len()).then_some(())?;
        Some(Self {
            format: format?,
            statement: statement?,
            authenticator_data: data?,
        })
    }

    /// Whether it comes without a statement, or with one that the new key itself signed: browsers
    /// leave that one in place though none is asked for (section 5.1.3). It says nothing of who
    /// made the authenticator, but it must be right.
    fn may_be_accepted(&self, key: &PublicKey, signed: &[u8]) -> bool {
        match self.format {
            "none" => self.statement == [0xa0],
            "packed" => self.is_self_signed(key, signed).unwrap_or(false),
            _ => false,
        }
    }

    fn is_self_signed(&self, key: &PublicKey, signed: &[u8]) -> Option<bool> {
        let mut decoder = Decoder::new(self.statement);
        if decoder.map().ok()?? != 2 {
            return None;
        }
        let (mut algorithm, mut signature) = (None, None);
        for _ in 0..2 {
            match decoder.str().ok()? {
                "alg" => algorithm = Some(decoder.i64().ok()?),
                "sig" => signature = Some(decoder.bytes().ok()?),
                _ => return None,
            }
        }
        let is_same = algorithm? == key.algorithm().number();
        Some(is_same && key.has_signed(signed, signature?))
    }
}

#[cfg(test)]
mod tests;
