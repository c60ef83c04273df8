//! A device that keeps passkeys, and the browser that asks it: what both make of a page that asks
//! for one (Web Authentication level 3, sections 5 and 6).

use data_encoding::BASE64URL_NOPAD;
use parking_lot::Mutex;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};

use crate::answer::Answer;

/// Somebody touched the device.
const PRESENT: u8 = 0x01;
/// It recognised who did.
const VERIFIED: u8 = 0x04;
/// A new key is told with it.
const ATTESTED: u8 = 0x40;

/// See the module.
#[derive(Default)]
pub struct PasskeyDevice {
    held: Mutex<Vec<Held>>,
}

struct Held {
    id: Vec<u8>,
    user: Vec<u8>,
    pair: EcdsaKeyPair,
    signatures: u32,
}

/// In what an answer differs from an honest one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tampering<'a> {
    /// The origin that the browser names, in the place of the page's own.
    pub origin: Option<&'a str>,
    /// The host that the device signs for, in the place of the page's own.
    pub rp_id: Option<&'a str>,
    /// What the browser says that it was asked for.
    pub kind: Option<&'a str>,
    /// The challenge, in the place of the page's own.
    pub challenge: Option<&'a str>,
    /// Whether the device did not recognise its user.
    pub is_unverified: bool,
    /// Whether the signature is one of something else.
    pub is_of_something_else: bool,
    /// The count of signatures that the device tells.
    pub count: Option<u32>,
    /// Whether the device names a credential that it does not keep.
    pub is_unknown: bool,
}

/// The fields of a form with their values.
type Fields = Vec<(&'static str, String)>;

impl PasskeyDevice {
    /// Makes a passkey for a page that asks for a new one: what the form of the page is filled in
    /// with.
    #[track_caller]
    pub fn make(&self, page: &Answer) -> Fields {
        self.make_with(page, Tampering::default())
    }

    /// [`PasskeyDevice::make`], in which something is wrong.
    #[track_caller]
    pub fn make_with(&self, page: &Answer, wrong: Tampering<'_>) -> Fields {
        let random = SystemRandom::new();
        let mut id = vec![0; 16];
        random.fill(&mut id).expect("there is randomness");
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random);
        let pkcs8 = pkcs8.expect("a key pair can be made");
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random);
        let pair = pair.expect("what was made can be read");
        let mut data = authenticator_data(page, wrong, ATTESTED, 0);
        data.extend([0; 16]);
        let length = u16::try_from(id.len()).expect("an id is short");
        data.extend(length.to_be_bytes());
        data.extend(&id);
        data.extend(cose_key(pair.public_key().as_ref()));
        let user = asked(page, "user").expect("the page names the user");
        self.held.lock().push(Held {
            id: id.clone(),
            user: BASE64URL_NOPAD.decode(user.as_bytes()).expect("base 64"),
            pair,
            signatures: 0,
        });
        vec![
            ("credential", BASE64URL_NOPAD.encode(&id)),
            ("client_data", client_data(page, wrong, "webauthn.create")),
            ("attestation", BASE64URL_NOPAD.encode(&attestation(&data))),
            ("transports", "internal".to_owned()),
        ]
    }

    /// Gives the passkey that was made last, to a page that asks for one: what the form of the page
    /// is filled in with.
    #[track_caller]
    pub fn give(&self, page: &Answer) -> Fields {
        self.give_with(page, Tampering::default())
    }

    /// [`PasskeyDevice::give`], in which something is wrong.
    #[track_caller]
    pub fn give_with(&self, page: &Answer, wrong: Tampering<'_>) -> Fields {
        let mut held = self.held.lock();
        let held = held.last_mut().expect("the device keeps a passkey");
        held.signatures += 1;
        let count = wrong.count.unwrap_or(held.signatures);
        let data = authenticator_data(page, wrong, 0, count);
        let client_data = client_data(page, wrong, "webauthn.get");
        let json = BASE64URL_NOPAD.decode(client_data.as_bytes());
        let mut signed = data.clone();
        signed.extend(Sha256::digest(json.expect("it was encoded")));
        if wrong.is_of_something_else {
            signed.push(0);
        }
        let signature = held.pair.sign(&SystemRandom::new(), &signed);
        let signature = signature.expect("a key signs");
        let id = if wrong.is_unknown {
            vec![7; 16]
        } else {
            held.id.clone()
        };
        vec![
            ("credential", BASE64URL_NOPAD.encode(&id)),
            ("client_data", client_data),
            ("authenticator_data", BASE64URL_NOPAD.encode(&data)),
            ("signature", BASE64URL_NOPAD.encode(signature.as_ref())),
            ("user_handle", BASE64URL_NOPAD.encode(&held.user)),
        ]
    }
}

/// What a page has its script ask for.
fn asked(page: &Answer, name: &str) -> Option<String> {
    let html = page.text();
    let (_, rest) = html.split_once(&format!(" data-{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.to_owned())
}

#[track_caller]
fn rp_id(page: &Answer) -> String {
    asked(page, "rp").unwrap_or_else(|| panic!("the page asks for no passkey: {}", page.text()))
}

#[track_caller]
fn client_data(page: &Answer, wrong: Tampering<'_>, kind: &str) -> String {
    let origin = format!("https://{}", rp_id(page));
    let challenge = asked(page, "challenge").expect("the page has a challenge");
    let json = serde_json::json!({
        "type": wrong.kind.unwrap_or(kind),
        "challenge": wrong.challenge.unwrap_or(&challenge),
        "origin": wrong.origin.unwrap_or(&origin),
        "crossOrigin": false,
    });
    BASE64URL_NOPAD.encode(json.to_string().as_bytes())
}

#[track_caller]
fn authenticator_data(page: &Answer, wrong: Tampering<'_>, more: u8, count: u32) -> Vec<u8> {
    let own = rp_id(page);
    let mut data = Sha256::digest(wrong.rp_id.unwrap_or(&own)).to_vec();
    let verified = if wrong.is_unverified { 0 } else { VERIFIED };
    data.push(PRESENT | verified | more);
    data.extend(count.to_be_bytes());
    data
}

/// A public key of P-256 as CBOR (RFC 9053, section 7.1).
fn cose_key(point: &[u8]) -> Vec<u8> {
    let (x, y) = point[1..].split_at(32);
    let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01];
    for (label, coordinate) in [(0x21, x), (0x22, y)] {
        key.extend([label, 0x58, 0x20]);
        key.extend(coordinate);
    }
    key
}

/// An attestation object without a statement, as CBOR.
fn attestation(data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len()).expect("authenticator data are short");
    let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
    object.push(length);
    object.extend(data);
    object
}
