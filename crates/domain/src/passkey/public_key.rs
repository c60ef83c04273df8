//! The public keys of passkeys: `COSE_Key` (RFC 9052, section 7; RFC 9053, section 7; RFC 8230), in
//! the one form that Web Authentication, section 6.5.1.1, has for each of three algorithms. What is
//! missing, there twice, or more than that is refused.

use minicbor::Decoder;
use minicbor::data::Type;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use crate::passkey::PasskeyRefused;
use crate::words::words;

words! {
    /// How a passkey signs.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Algorithm {
        /// ECDSA with SHA-256, over the curve P-256.
        Es256 = "ES256",
        /// Ed25519, the one curve of this algorithm.
        EdDsa = "EdDSA",
        /// RSASSA-PKCS1-v1_5 with SHA-256, with 2,048 bits at least.
        Rs256 = "RS256",
    }
}

impl Algorithm {
    /// All of them, in the order in which authenticators are to prefer them.
    pub const ALL: [Self; 3] = [Self::EdDsa, Self::Es256, Self::Rs256];

    /// Its number in the registry of COSE algorithms.
    pub const fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }
}

/// Members of a key, of which the longest form has five.
const MOST_MEMBERS: u64 = 5;
const KTY: i64 = 1;
const ALG: i64 = 3;
/// What the next three mean depends on the type of the key: curve, x and y, or modulus and
/// exponent.
const FIRST: i64 = -1;
const SECOND: i64 = -2;
const THIRD: i64 = -3;
/// The types of keys.
const OKP: i64 = 1;
const EC2: i64 = 2;
const RSA: i64 = 3;
/// The curves of COSE (RFC 9053, section 7.1).
const P256: i64 = 1;
const CURVE_ED25519: i64 = 6;
/// Bytes of a modulus: 2,048 to 4,096 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;
/// 65,537, the one exponent that authenticators use.
const EXPONENT: &[u8] = &[1, 0, 1];

/// A public key that can be verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    stored: Vec<u8>,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    /// The uncompressed form: 4, x, y.
    P256([u8; 65]),
    Ed25519([u8; 32]),
    Rsa(Vec<u8>),
}

/// A member of a key.
#[derive(Clone, Copy)]
enum Member<'a> {
    Number(i64),
    Bytes(&'a [u8]),
}

impl PublicKey {
    /// The key in these bytes, which are all of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, PasskeyRefused> {
        let (key, length) = Self::read(bytes)?;
        if length == bytes.len() {
            Ok(key)
        } else {
            Err(PasskeyRefused::PublicKey)
        }
    }

    /// The key that these bytes begin with, and how many of them it is.
    pub(super) fn read(bytes: &[u8]) -> Result<(Self, usize), PasskeyRefused> {
        let mut decoder = Decoder::new(bytes);
        let members = members(&mut decoder).ok_or(PasskeyRefused::PublicKey)?;
        let length = decoder.position();
        let material = material(&members)?;
        let stored = bytes[..length].to_vec();
        Ok((Self { stored, material }, length))
    }

    /// The bytes, as they are kept.
    pub fn as_bytes(&self) -> &[u8] {
        &self.stored
    }

    /// The algorithm by which it signs.
    pub const fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::P256(_) => Algorithm::Es256,
            Material::Ed25519(_) => Algorithm::EdDsa,
            Material::Rsa(_) => Algorithm::Rs256,
        }
    }

    /// Whether this is its signature of the message. A key that is none (a point beside the curve)
    /// has no right signature.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match &self.material {
            Material::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Material::Ed25519(point) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
            }
            Material::Rsa(modulus) => RsaPublicKeyComponents {
                n: modulus.as_slice(),
                e: EXPONENT,
            }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
        };
        verified.is_ok()
    }
}

/// The members of a map of a definite length, each label once.
fn members<'a>(decoder: &mut Decoder<'a>) -> Option<Vec<(i64, Member<'a>)>> {
    let count = decoder.map().ok()??;
    if count > MOST_MEMBERS {
        return None;
    }
    let mut members = Vec::new();
    for _ in 0..count {
        let label = decoder.i64().ok()?;
        if members.iter().any(|(known, _)| *known == label) {
            return None;
        }
        let member = match decoder.datatype().ok()? {
            Type::Bytes => Member::Bytes(decoder.bytes().ok()?),
            _ => Member::Number(decoder.i64().ok()?),
        };
        members.push((label, member));
    }
    Some(members)
}

fn material(members: &[(i64, Member<'_>)]) -> Result<Material, PasskeyRefused> {
    let find = |label| {
        let found = members.iter().find(|(known, _)| *known == label);
        found.map(|(_, member)| *member)
    };
    let number = |label| match find(label) {
        Some(Member::Number(number)) => Ok(number),
        Some(Member::Bytes(_)) | None => Err(PasskeyRefused::PublicKey),
    };
    let bytes = |label| match find(label) {
        Some(Member::Bytes(bytes)) => Ok(bytes),
        Some(Member::Number(_)) | None => Err(PasskeyRefused::PublicKey),
    };
    let coordinate = |label| {
        let bytes: &[u8] = bytes(label)?;
        <[u8; 32]>::try_from(bytes).map_err(|_| PasskeyRefused::PublicKey)
    };
    let algorithm = number(ALG)?;
    let known = Algorithm::ALL
        .into_iter()
        .find(|known| known.number() == algorithm)
        .ok_or(PasskeyRefused::Algorithm)?;
    let (kty, wanted, count) = match known {
        Algorithm::Es256 => (EC2, Some(P256), 5),
        Algorithm::EdDsa => (OKP, Some(CURVE_ED25519), 4),
        Algorithm::Rs256 => (RSA, None, 4),
    };
    if members.len() != count || number(KTY)? != kty {
        return Err(PasskeyRefused::PublicKey);
    }
    if let Some(curve) = wanted
        && number(FIRST)? != curve
    {
        return Err(PasskeyRefused::PublicKey);
    }
    match known {
        Algorithm::Es256 => {
            let mut point = [4; 65];
            point[1..33].copy_from_slice(&coordinate(SECOND)?);
            point[33..].copy_from_slice(&coordinate(THIRD)?);
            Ok(Material::P256(point))
        }
        Algorithm::EdDsa => Ok(Material::Ed25519(coordinate(SECOND)?)),
        Algorithm::Rs256 => {
            let (modulus, exponent) = (bytes(FIRST)?, bytes(SECOND)?);
            let is_whole = MODULUS.contains(&modulus.len()) && modulus.first() != Some(&0);
            if is_whole && exponent == EXPONENT {
                Ok(Material::Rsa(modulus.to_vec()))
            } else {
                Err(PasskeyRefused::PublicKey)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key in CBOR: labels and members as they are given.
    fn cbor(members: &[(i64, Member<'_>)]) -> Vec<u8> {
        let mut bytes = vec![0xa0 | u8::try_from(members.len()).expect("few")];
        for (label, member) in members {
            number(&mut bytes, *label);
            match member {
                Member::Number(value) => number(&mut bytes, *value),
                Member::Bytes(text) => {
                    let length = u16::try_from(text.len()).expect("short");
                    bytes.push(0x59);
                    bytes.extend(length.to_be_bytes());
                    bytes.extend(*text);
                }
            }
        }
        bytes
    }

    fn number(bytes: &mut Vec<u8>, value: i64) {
        let (major, rest) = if value < 0 {
            (0x39, -1 - value)
        } else {
            (0x19, value)
        };
        bytes.push(major);
        bytes.extend(u16::try_from(rest).expect("small").to_be_bytes());
    }

    const X: Member<'_> = Member::Bytes(&[7; 32]);
    const N: Member<'_> = Member::Bytes(&[7; 256]);

    fn es256() -> Vec<(i64, Member<'static>)> {
        let numbers = [(KTY, EC2), (ALG, -7), (FIRST, P256)];
        let mut members: Vec<_> = numbers.map(|(l, n)| (l, Member::Number(n))).to_vec();
        members.extend([(SECOND, X), (THIRD, X)]);
        members
    }

    fn eddsa() -> Vec<(i64, Member<'static>)> {
        let numbers = [(KTY, OKP), (ALG, -8), (FIRST, CURVE_ED25519)];
        let mut members: Vec<_> = numbers.map(|(l, n)| (l, Member::Number(n))).to_vec();
        members.push((SECOND, X));
        members
    }

    fn rs256() -> Vec<(i64, Member<'static>)> {
        let numbers = [(KTY, RSA), (ALG, -257)];
        let mut members: Vec<_> = numbers.map(|(l, n)| (l, Member::Number(n))).to_vec();
        members.extend([(FIRST, N), (SECOND, Member::Bytes(EXPONENT))]);
        members
    }

    fn with(
        members: &[(i64, Member<'static>)],
        label: i64,
        member: Member<'static>,
    ) -> Vec<(i64, Member<'static>)> {
        let mut changed = members.to_vec();
        for (known, value) in &mut changed {
            if *known == label {
                *value = member;
            }
        }
        changed
    }

    #[test]
    fn a_key_of_each_algorithm_is_read() {
        for (members, algorithm) in [
            (es256(), Algorithm::Es256),
            (eddsa(), Algorithm::EdDsa),
            (rs256(), Algorithm::Rs256),
        ] {
            let bytes = cbor(&members);
            let key = PublicKey::parse(&bytes).expect("a key");
            assert_eq!(key.algorithm(), algorithm);
            assert_eq!(key.as_bytes(), bytes);
            let mut longer = bytes.clone();
            longer.push(0);
            assert_eq!(PublicKey::parse(&longer), Err(PasskeyRefused::PublicKey));
            let (begun, length) = PublicKey::read(&longer).expect("it begins with one");
            assert_eq!((begun.as_bytes(), length), (bytes.as_slice(), bytes.len()));
            for cut in 0..bytes.len() {
                let refused = PublicKey::parse(&bytes[..cut]);
                assert_eq!(refused, Err(PasskeyRefused::PublicKey), "{cut}");
            }
        }
    }

    #[test]
    fn an_algorithm_that_was_not_asked_for_is_told_apart() {
        for number in [-35, -36, -37, -47, -65_535, 0, 7] {
            let other = with(&es256(), ALG, Member::Number(number));
            let refused = PublicKey::parse(&cbor(&other));
            assert_eq!(refused, Err(PasskeyRefused::Algorithm), "{number}");
        }
    }

    #[test]
    fn a_key_of_any_other_form_is_refused() {
        let short = Member::Bytes(&[7; 31]);
        let long = Member::Bytes(&[7; 33]);
        let compressed = Member::Number(1);
        let mut table = vec![
            ("no member", Vec::new()),
            ("RSA as EC2", with(&rs256(), KTY, Member::Number(EC2))),
            ("EC2 as OKP", with(&es256(), KTY, Member::Number(OKP))),
            ("ES256 of P-384", with(&es256(), FIRST, Member::Number(2))),
            ("EdDSA of Ed448", with(&eddsa(), FIRST, Member::Number(7))),
            ("EdDSA of X25519", with(&eddsa(), FIRST, Member::Number(4))),
            ("a short x", with(&es256(), SECOND, short)),
            ("a long y", with(&es256(), THIRD, long)),
            ("a compressed point", with(&es256(), THIRD, compressed)),
            ("a short point", with(&eddsa(), SECOND, short)),
            (
                "1,024 bits",
                with(&rs256(), FIRST, Member::Bytes(&[7; 128])),
            ),
            (
                "8,192 bits",
                with(&rs256(), FIRST, Member::Bytes(&[7; 1_024])),
            ),
            (
                "a zero first",
                with(&rs256(), FIRST, Member::Bytes(&[0; 257])),
            ),
            ("exponent 3", with(&rs256(), SECOND, Member::Bytes(&[3]))),
            (
                "a long exponent",
                with(&rs256(), SECOND, Member::Bytes(&[0, 1, 0, 1])),
            ),
            ("numbers as bytes", with(&es256(), KTY, X)),
        ];
        let mut twice = eddsa();
        twice.push((SECOND, X));
        table.push(("a member twice", twice));
        let mut more = eddsa();
        more.push((2, X));
        table.push(("one member more", more));
        let mut fewer = es256();
        fewer.pop();
        table.push(("no y", fewer));
        for (what, members) in table {
            let refused = PublicKey::parse(&cbor(&members));
            assert_eq!(refused, Err(PasskeyRefused::PublicKey), "{what}");
        }
        // A map without a length, a list, a text, a number, a tag.
        for bytes in [
            &[0xbf, 0xff][..],
            &[0x80],
            &[0x60],
            &[0x00],
            &[0xc0, 0xa0],
            &[],
        ] {
            let refused = PublicKey::parse(bytes);
            assert_eq!(refused, Err(PasskeyRefused::PublicKey), "{bytes:x?}");
        }
        // A map that says it has more members than there are bytes.
        let refused = PublicKey::parse(&[0xbb, 255, 255, 255, 255, 255, 255, 255, 255]);
        assert_eq!(refused, Err(PasskeyRefused::PublicKey));
    }

    #[test]
    fn a_key_that_is_none_has_signed_nothing() {
        for members in [es256(), eddsa(), rs256()] {
            let key = PublicKey::parse(&cbor(&members)).expect("its form is right");
            assert!(!key.has_signed(b"message", &[]));
            assert!(!key.has_signed(b"message", &[7; 64]));
            assert!(!key.has_signed(b"message", &[7; 256]));
        }
    }
}
