//! Answers of authenticators, right and wrong: the specification's own, and some that are made
//! here.

use data_encoding::HEXLOWER;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};

use super::*;
use crate::passkey::UserVerification::{Preferred, Required};
use crate::passkey::public_key::Algorithm;

const VECTORS: &str = include_str!("vectors.txt");

/// The bytes of a test vector of the specification.
fn vector(name: &str, what: &str) -> Vec<u8> {
    let begin = format!("{name} {what} ");
    let mut lines = VECTORS.lines();
    let hex = lines.find_map(|line| line.strip_prefix(&begin));
    let hex = hex.unwrap_or_else(|| panic!("no {what} of {name}"));
    HEXLOWER.decode(hex.as_bytes()).expect("hexadecimal digits")
}

fn party() -> RelyingParty {
    RelyingParty::of("https://example.org", None).expect("passkeys are for it")
}

fn other_party() -> RelyingParty {
    RelyingParty::of("https://example.com", None).expect("passkeys are for it")
}

fn registered(name: &str) -> Result<MadePasskey, PasskeyRefused> {
    let client_data = vector(name, "registration_client_data");
    let attestation = vector(name, "attestation");
    judge_registration(&party(), Preferred, &client_data, &attestation)
}

/// What a vector's authenticator said of its passkey, whoever vouches for it.
fn unvouched(name: &str) -> Result<KnownPasskey, PasskeyRefused> {
    let attestation = vector(name, "attestation");
    let object = AttestationObject::parse(&attestation).expect("it is whole");
    let data = AuthenticatorData::parse(object.authenticator_data)?;
    let is_backup_eligible = data.is_backup_eligible();
    let (credential, public_key) = data.credential.expect("there is one");
    assert_eq!(credential.as_bytes(), vector(name, "credential_id"));
    Ok(KnownPasskey {
        public_key,
        is_backup_eligible,
    })
}

/// Judges the assertion of a vector, with one bit of one part turned where that is asked.
fn asserted(name: &str, turned: Option<&str>) -> Result<GivenPasskey, PasskeyRefused> {
    let part = |what: &str| {
        let mut bytes = vector(name, what);
        if turned == Some(what)
            && let Some(last) = bytes.last_mut()
        {
            *last ^= 1;
        }
        bytes
    };
    let (client_data, data) = (part("client_data"), part("authenticator_data"));
    let signature = part("signature");
    let signed = Signed {
        client_data: &client_data,
        authenticator_data: &data,
        signature: &signature,
    };
    judge_assertion(&party(), Preferred, &unvouched(name)?, signed)
}

#[test]
fn passkeys_of_the_specification_are_registered() {
    for name in [
        "none_es256",
        "self_es256",
        "cross_origin_es256",
        "top_origin_es256",
        "long_id_es256",
    ] {
        let made = registered(name).expect(name);
        assert_eq!(
            made.credential.as_bytes(),
            vector(name, "credential_id"),
            "{name}"
        );
        assert_eq!(made.public_key.algorithm(), Algorithm::Es256, "{name}");
        assert_eq!(made.sign_count, 0, "{name}");
    }
    let backed_up = registered("none_es256").expect("it is right");
    assert!(backed_up.is_backup_eligible && backed_up.is_backed_up);
    let bound = registered("cross_origin_es256").expect("it is right");
    assert!(!bound.is_backup_eligible && !bound.is_backed_up);
}

#[test]
fn an_attestation_that_nobody_asked_for_is_refused() {
    for name in ["packed_es256", "packed_rs256", "packed_eddsa", "u2f_es256"] {
        assert_eq!(
            registered(name).err(),
            Some(PasskeyRefused::Attestation),
            "{name}"
        );
    }
    assert_eq!(
        registered("packed_es384").err(),
        Some(PasskeyRefused::Algorithm)
    );
}

#[test]
fn a_passkey_that_vouches_for_itself_must_be_right() {
    let mut client_data = vector("self_es256", "registration_client_data");
    let attestation = vector("self_es256", "attestation");
    *client_data.last_mut().expect("some") ^= 1;
    let judged = judge_registration(&party(), Preferred, &client_data, &attestation);
    assert_eq!(judged.err(), Some(PasskeyRefused::Attestation));
}

#[test]
fn assertions_of_the_specification_are_right() {
    let given = GivenPasskey {
        sign_count: 0,
        is_backed_up: false,
    };
    for (name, algorithm, is_backed_up) in [
        ("none_es256", Algorithm::Es256, true),
        ("self_es256", Algorithm::Es256, false),
        ("cross_origin_es256", Algorithm::Es256, false),
        ("top_origin_es256", Algorithm::Es256, false),
        ("long_id_es256", Algorithm::Es256, false),
        ("packed_es256", Algorithm::Es256, false),
        ("packed_rs256", Algorithm::Rs256, true),
        ("packed_eddsa", Algorithm::EdDsa, false),
        ("u2f_es256", Algorithm::Es256, false),
    ] {
        let known = unvouched(name).expect(name);
        assert_eq!(known.public_key.algorithm(), algorithm, "{name}");
        let expected = GivenPasskey {
            is_backed_up,
            ..given
        };
        assert_eq!(asserted(name, None), Ok(expected), "{name}");
    }
    assert_eq!(
        asserted("packed_es384", None),
        Err(PasskeyRefused::Algorithm)
    );
}

#[test]
fn an_assertion_of_which_one_bit_is_turned_is_wrong() {
    for name in ["none_es256", "packed_rs256", "packed_eddsa"] {
        for part in ["client_data", "authenticator_data", "signature"] {
            let judged = asserted(name, Some(part));
            assert_eq!(judged, Err(PasskeyRefused::Signature), "{name} {part}");
        }
    }
}

/// How an authenticator that is made here answers.
struct Authenticator {
    ed25519: Ed25519KeyPair,
    flags: u8,
    sign_count: u32,
    rp_id: &'static str,
}

/// The client data of an answer. What they say is judged elsewhere.
const CLIENT_DATA: &[u8] = br#"{"type":"webauthn.get"}"#;

impl Authenticator {
    fn new() -> Self {
        Self {
            ed25519: Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("32 bytes are a seed"),
            flags: 0x05,
            sign_count: 1,
            rp_id: "example.org",
        }
    }

    fn key(&self) -> Vec<u8> {
        // {1: 1, 3: -8, -1: 6, -2: x}
        let mut key = vec![0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20];
        key.extend(self.ed25519.public_key().as_ref());
        key
    }

    fn data(&self) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(self.flags);
        data.extend(self.sign_count.to_be_bytes());
        data
    }

    /// The data of a new passkey.
    fn made(&self) -> Vec<u8> {
        let mut data = self.data();
        data[32] |= 0x40;
        data.extend([0; 16]);
        data.extend([0, 4, 1, 2, 3, 4]);
        data.extend(self.key());
        data
    }

    fn register(&self) -> Result<MadePasskey, PasskeyRefused> {
        register(&object(&[
            ("fmt", text("none")),
            ("attStmt", vec![0xa0]),
            self.part(),
        ]))
    }

    fn part(&self) -> (&'static str, Vec<u8>) {
        ("authData", bytes(&self.made()))
    }

    fn sign_in(&self, known: &KnownPasskey) -> Result<GivenPasskey, PasskeyRefused> {
        let data = self.data();
        let signature = self.ed25519.sign(&signed_bytes(&data, CLIENT_DATA));
        let signed = Signed {
            client_data: CLIENT_DATA,
            authenticator_data: &data,
            signature: signature.as_ref(),
        };
        judge_assertion(&party(), Required, known, signed)
    }

    fn known(&self) -> KnownPasskey {
        KnownPasskey {
            public_key: PublicKey::parse(&self.key()).expect("it is one"),
            is_backup_eligible: self.flags & 0x08 != 0,
        }
    }
}

fn register(attestation: &[u8]) -> Result<MadePasskey, PasskeyRefused> {
    judge_registration(&party(), Required, CLIENT_DATA, attestation)
}

/// A map in CBOR of these members.
fn object(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut object = vec![0xa0 | u8::try_from(members.len()).expect("few")];
    for (name, value) in members {
        object.extend(text(name));
        object.extend(value);
    }
    object
}

fn text(text: &str) -> Vec<u8> {
    let mut cbor = vec![0x60 | u8::try_from(text.len()).expect("short")];
    cbor.extend(text.bytes());
    cbor
}

fn bytes(bytes: &[u8]) -> Vec<u8> {
    let mut cbor = vec![0x59];
    cbor.extend(u16::try_from(bytes.len()).expect("short").to_be_bytes());
    cbor.extend(bytes);
    cbor
}

#[test]
fn what_an_authenticator_makes_is_known_again() {
    let authenticator = Authenticator::new();
    let made = authenticator.register().expect("it is right");
    assert_eq!(made.credential.as_bytes(), [1, 2, 3, 4]);
    assert_eq!(made.public_key.as_bytes(), authenticator.key());
    assert_eq!((made.sign_count, made.is_backed_up), (1, false));
    let given = authenticator.sign_in(&authenticator.known());
    assert_eq!(given.expect("it is right").sign_count, 1);
}

#[test]
fn a_curve_s_signature_is_verified_with_its_own_key() {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let pair = || {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("the same key")
    };
    let (own, other) = (pair(), pair());
    // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    let point = own.public_key().as_ref();
    let mut cbor = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
    cbor.extend(&point[1..33]);
    cbor.extend([0x22, 0x58, 0x20]);
    cbor.extend(&point[33..]);
    let key = PublicKey::parse(&cbor).expect("it is one");
    let sign = |pair: &EcdsaKeyPair| pair.sign(&random, b"message").expect("a signature");
    assert!(key.has_signed(b"message", sign(&own).as_ref()));
    assert!(!key.has_signed(b"massage", sign(&own).as_ref()));
    assert!(!key.has_signed(b"message", sign(&other).as_ref()));
}

#[test]
fn an_answer_that_is_unfit_is_refused_however_well_it_is_signed() {
    let right = Authenticator::new;
    for (what, authenticator, refused) in [
        (
            "another site",
            Authenticator {
                rp_id: "example.com",
                ..right()
            },
            PasskeyRefused::RelyingParty,
        ),
        (
            "nobody present",
            Authenticator {
                flags: 0x04,
                ..right()
            },
            PasskeyRefused::NotPresent,
        ),
        (
            "nobody verified",
            Authenticator {
                flags: 0x01,
                ..right()
            },
            PasskeyRefused::NotVerified,
        ),
        (
            "backed up without being eligible",
            Authenticator {
                flags: 0x15,
                ..right()
            },
            PasskeyRefused::Backup,
        ),
    ] {
        let known = authenticator.known();
        assert_eq!(authenticator.sign_in(&known), Err(refused), "{what}");
        assert_eq!(authenticator.register().err(), Some(refused), "{what}");
    }
    let mut changed = right().known();
    changed.is_backup_eligible = true;
    assert_eq!(right().sign_in(&changed), Err(PasskeyRefused::Backup));
}

#[test]
fn the_same_answer_to_another_site_is_refused() {
    let authenticator = Authenticator::new();
    let data = authenticator.data();
    let signature = authenticator
        .ed25519
        .sign(&signed_bytes(&data, CLIENT_DATA));
    let signed = Signed {
        client_data: CLIENT_DATA,
        authenticator_data: &data,
        signature: signature.as_ref(),
    };
    let judged = judge_assertion(&other_party(), Required, &authenticator.known(), signed);
    assert_eq!(judged, Err(PasskeyRefused::RelyingParty));
}

#[test]
fn an_attestation_object_has_one_form() {
    let authenticator = Authenticator::new();
    let none = || ("fmt", text("none"));
    let empty = || ("attStmt", vec![0xa0]);
    let data = || authenticator.part();
    register(&object(&[data(), empty(), none()])).expect("the order does not matter");
    let right = object(&[none(), empty(), data()]);
    let mut longer = right.clone();
    longer.push(0);
    for (what, attestation) in [
        ("nothing", Vec::new()),
        ("no map", vec![0x80]),
        ("a map without a length", vec![0xbf, 0xff]),
        ("no statement", object(&[none(), data()])),
        ("a member twice", object(&[none(), none(), data()])),
        (
            "one member more",
            object(&[none(), empty(), data(), ("more", vec![0xa0])]),
        ),
        (
            "another member",
            object(&[none(), ("epAtt", vec![0xf4]), data()]),
        ),
        ("a byte more", longer),
        (
            "a statement of none",
            object(&[none(), ("attStmt", vec![0xa1, 0x60, 0x60]), data()]),
        ),
        (
            "another format",
            object(&[("fmt", text("fido-u2f")), empty(), data()]),
        ),
        (
            "packed without a signature",
            object(&[("fmt", text("packed")), empty(), data()]),
        ),
        (
            "data as a text",
            object(&[none(), empty(), ("authData", text("authData"))]),
        ),
        (
            "a format as bytes",
            object(&[("fmt", bytes(b"none")), empty(), data()]),
        ),
    ] {
        let judged = register(&attestation).err();
        assert_eq!(judged, Some(PasskeyRefused::Attestation), "{what}");
    }
    for cut in 0..right.len() {
        assert!(register(&right[..cut]).is_err(), "{cut}");
    }
    let without_passkey = object(&[none(), empty(), ("authData", bytes(&authenticator.data()))]);
    let judged = register(&without_passkey).err();
    assert_eq!(judged, Some(PasskeyRefused::AuthenticatorData));
}

#[test]
fn what_is_too_long_is_not_read() {
    let long = vec![0; LONGEST_ATTESTATION + 1];
    assert_eq!(register(&long).err(), Some(PasskeyRefused::TooLong));
    let client_data = vec![b' '; LONGEST_CLIENT_DATA + 1];
    assert_eq!(
        refuse_long_client_data(&client_data),
        Err(PasskeyRefused::TooLong)
    );
    let known = Authenticator::new().known();
    let judge = |authenticator_data: &[u8], signature: &[u8]| {
        let signed = Signed {
            client_data: CLIENT_DATA,
            authenticator_data,
            signature,
        };
        judge_assertion(&party(), Required, &known, signed)
    };
    let long = vec![0; LONGEST_AUTHENTICATOR_DATA + 1];
    assert_eq!(judge(&long, &[]), Err(PasskeyRefused::TooLong));
    let long = vec![0; LONGEST_SIGNATURE + 1];
    assert_eq!(judge(&[], &long), Err(PasskeyRefused::TooLong));
}
