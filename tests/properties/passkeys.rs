//! Answers of browsers that strangers make up: nothing stops the program, and what a key did not
//! sign is refused. The right ones are test vectors of Web Authentication level 3, section 16.

use counterfoil_domain::passkey::UserVerification::Preferred;
use counterfoil_domain::passkey::authenticator_data::AuthenticatorData;
use counterfoil_domain::passkey::ceremony::{
    KnownPasskey, Signed, judge_assertion, judge_registration,
};
use counterfoil_domain::passkey::public_key::PublicKey;
use counterfoil_domain::passkey::relying_party::RelyingParty;
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use proptest::sample::Index;

use super::config;

const VECTORS: &str = include_str!("../../crates/domain/src/passkey/ceremony/vectors.txt");

fn vector(name: &str, what: &str) -> Vec<u8> {
    let begin = format!("{name} {what} ");
    let hex = VECTORS.lines().find_map(|line| line.strip_prefix(&begin));
    let hex = hex.expect("there is such a vector");
    HEXLOWER.decode(hex.as_bytes()).expect("hexadecimal digits")
}

fn party() -> RelyingParty {
    RelyingParty::of("https://example.org", None).expect("passkeys are for it")
}

/// Whether an authenticator may have made this.
fn is_registered(attestation: &[u8]) -> bool {
    let client_data = vector("self_es256", "registration_client_data");
    judge_registration(&party(), Preferred, &client_data, attestation).is_ok()
}

/// The passkey of the vector that vouches for itself.
fn known() -> KnownPasskey {
    let client_data = vector("self_es256", "registration_client_data");
    let attestation = vector("self_es256", "attestation");
    let made = judge_registration(&party(), Preferred, &client_data, &attestation);
    let made = made.expect("the vector is right");
    KnownPasskey {
        public_key: made.public_key,
        is_backup_eligible: made.is_backup_eligible,
    }
}

/// Whether the passkey gave this.
fn is_given(client_data: &[u8], authenticator_data: &[u8], signature: &[u8]) -> bool {
    let signed = Signed {
        client_data,
        authenticator_data,
        signature,
    };
    judge_assertion(&party(), Preferred, &known(), signed).is_ok()
}

/// The bytes with one of them changed, or without those from there on.
fn changed(bytes: &[u8], place: Index, to: Option<u8>) -> Vec<u8> {
    let place = place.index(bytes.len());
    let mut changed = bytes.to_vec();
    match to {
        Some(to) => changed[place] = to,
        None => changed.truncate(place),
    }
    changed
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_bytes_come_are_read_to_an_end_and_register_nothing(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        flags in any::<u8>(),
    ) {
        prop_assert!(!is_registered(&bytes));
        let _ = PublicKey::parse(&bytes);
        let _ = AuthenticatorData::parse(&bytes);
        // Behind a head that is right, so that what comes after it is read too.
        let mut data = vector("self_es256", "authenticator_data");
        data[32] = flags;
        data.extend(&bytes);
        let _ = AuthenticatorData::parse(&data);
        let mut made = vec![0; 16];
        made.extend([0, 1, 7]);
        data.splice(37..37, made);
        data[32] |= 0x40;
        let _ = AuthenticatorData::parse(&data);
    }

    #[test]
    fn an_attestation_that_its_key_did_not_sign_is_refused(place in any::<Index>(), to in any::<Option<u8>>()) {
        let right = vector("self_es256", "attestation");
        let changed = changed(&right, place, to);
        prop_assert_eq!(is_registered(&changed), changed == right);
    }

    #[test]
    fn an_answer_that_its_key_did_not_sign_is_refused(
        part in 0..3_usize,
        place in any::<Index>(),
        to in any::<Option<u8>>(),
    ) {
        let right = ["client_data", "authenticator_data", "signature"].map(|what| vector("self_es256", what));
        let mut sent = right.clone();
        sent[part] = changed(&right[part], place, to);
        let [client_data, data, signature] = &sent;
        prop_assert_eq!(is_given(client_data, data, signature), sent == right);
    }
}
