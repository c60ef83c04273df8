//! Fields of an event that name a person: kept beside its bytes, which only commit to them, so that
//! they can be erased without touching the trail.
//!
//! Each field has 16 bytes of salt and a commitment of its own: whoever is told one of them, and
//! its salt, can check that one and guess no other.

use sha2::{Digest, Sha256};

/// Bytes of a salt.
const SALT: usize = 16;

/// One personal field of an event, as it stands beside the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalField {
    /// Which it is: `address`, `agent`, `os_user`, or the word of a detail.
    pub name: String,
    /// Random, and erased with the value.
    pub salt: [u8; SALT],
    /// What it says, in UTF-8.
    pub value: String,
}

/// Logs get neither value nor salt.
impl std::fmt::Debug for PersonalField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonalField({}, …)", self.name)
    }
}

/// Personal fields that were not packed by [`pack`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the personal fields of an event cannot be read")]
pub struct BadPersonal;

impl PersonalField {
    /// What the event's bytes hold in its place: SHA-256 over the salt, the name, a zero byte and
    /// the value (FIPS 180-4).
    pub fn commitment(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.salt);
        digest.update(self.name.as_bytes());
        digest.update([0]);
        digest.update(self.value.as_bytes());
        digest.finalize().into()
    }
}

/// The fields in one column: for each the length of its name in one byte, the name, the salt, the
/// length of the value in four bytes, the highest first, and the value.
pub fn pack(fields: &[PersonalField]) -> Vec<u8> {
    let mut packed = Vec::new();
    for field in fields {
        let (name, value) = (field.name.as_bytes(), field.value.as_bytes());
        let short = u8::try_from(name.len()).expect("names of fields are words of ours");
        let long = u32::try_from(value.len()).expect("what a request holds is far shorter");
        packed.push(short);
        packed.extend_from_slice(name);
        packed.extend_from_slice(&field.salt);
        packed.extend_from_slice(&long.to_be_bytes());
        packed.extend_from_slice(value);
    }
    packed
}

/// The fields that [`pack`] packed.
///
/// # Errors
///
/// The bytes are others, or not all of them.
pub fn unpack(packed: &[u8]) -> Result<Vec<PersonalField>, BadPersonal> {
    let mut fields = Vec::new();
    let mut rest = packed;
    while !rest.is_empty() {
        let (short, after) = rest.split_first_chunk::<1>().ok_or(BadPersonal)?;
        let name = split(after, usize::from(short[0]))?;
        let (salt, after) = name.1.split_first_chunk::<SALT>().ok_or(BadPersonal)?;
        let (long, after) = after.split_first_chunk::<4>().ok_or(BadPersonal)?;
        let long = usize::try_from(u32::from_be_bytes(*long)).map_err(|_| BadPersonal)?;
        let value = split(after, long)?;
        fields.push(PersonalField {
            name: name.0,
            salt: *salt,
            value: value.0,
        });
        rest = value.1;
    }
    Ok(fields)
}

/// A text of so many bytes, and what follows it.
fn split(bytes: &[u8], length: usize) -> Result<(String, &[u8]), BadPersonal> {
    let (text, after) = bytes.split_at_checked(length).ok_or(BadPersonal)?;
    let text = std::str::from_utf8(text).map_err(|_| BadPersonal)?;
    Ok((text.to_owned(), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Vec<PersonalField> {
        let field = |name: &str, salt: u8, value: &str| PersonalField {
            name: name.to_owned(),
            salt: [salt; SALT],
            value: value.to_owned(),
        };
        vec![
            field("address", 1, "192.0.2.1"),
            field("agent", 2, ""),
            field("login", 3, "müller\n"),
        ]
    }

    #[test]
    fn what_was_packed_is_unpacked() {
        assert_eq!(unpack(&pack(&fields())), Ok(fields()));
        assert_eq!(unpack(&[]), Ok(Vec::new()));
    }

    #[test]
    fn whatever_is_cut_is_refused() {
        let packed = pack(&fields());
        let whole: Vec<usize> = (0..=fields().len())
            .map(|count| pack(&fields()[..count]).len())
            .collect();
        for length in 0..packed.len() {
            let is_whole = whole.contains(&length);
            assert_eq!(unpack(&packed[..length]).is_ok(), is_whole, "{length}");
        }
    }

    #[test]
    fn a_commitment_depends_on_salt_name_and_value() {
        let [field, ..] = &fields()[..] else {
            unreachable!("there are three")
        };
        let mut others = vec![field.clone(); 3];
        others[0].salt[15] ^= 1;
        others[1].name.push('x');
        others[2].value.push('x');
        for other in others {
            assert_ne!(other.commitment(), field.commitment());
        }
        assert_eq!(field.clone().commitment(), field.commitment());
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", fields()[0]), "PersonalField(address, …)");
    }
}
