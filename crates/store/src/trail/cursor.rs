//! A place in the trail as text, for whoever comes back for more. What is in it is nobody's
//! business but this file's, and will be another thing one day: the first byte says which.

use counterfoil_domain::timestamp::Timestamp;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use crate::trail::heads::Told;

/// The form of the bytes.
const VERSION: u8 = 1;

/// Bytes of the checksum, which finds what was cut or mistyped.
const CHECKSUM: usize = 4;

/// In which direction a reading goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the newest event to older ones.
    NewestFirst,
    /// From the oldest event on.
    OldestFirst,
}

/// What a cursor stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CursorParts {
    /// The generation of the database.
    pub(super) generation: Vec<u8>,
    pub(super) told: Told,
    pub(super) place: CursorPlace,
}

/// Where to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CursorPlace {
    /// In what was told of, after the event of this time and id.
    Within(Order, (Timestamp, i64)),
    /// After all that was told of.
    After,
}

/// A place in the audit trail, as text that means nothing to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailCursor(pub(super) CursorParts);

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is what an earlier list gave, unchanged, and this is none")]
pub struct BadCursor;

impl TrailCursor {
    /// The cursor as text: letters, digits, `-` and `_`.
    pub fn to_text(&self) -> String {
        let CursorParts {
            generation,
            told,
            place,
        } = &self.0;
        let mut bytes = vec![VERSION];
        put_bytes(&mut bytes, generation);
        put_signed(&mut bytes, told.quiet_before);
        put_signed(&mut bytes, told.quiet_sum);
        put(&mut bytes, told.named.len() as u64);
        for (writer, head) in &told.named {
            put_bytes(&mut bytes, writer.as_bytes());
            put_signed(&mut bytes, *head);
        }
        match place {
            CursorPlace::After => bytes.push(0),
            CursorPlace::Within(order, (at, id)) => {
                bytes.push(match order {
                    Order::NewestFirst => 1,
                    Order::OldestFirst => 2,
                });
                put_signed(&mut bytes, at.microseconds());
                put_signed(&mut bytes, *id);
            }
        }
        let checksum = checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// The cursor of a text.
    ///
    /// # Errors
    ///
    /// It is none that [`TrailCursor::to_text`] gave.
    pub fn parse(text: &str) -> Result<Self, BadCursor> {
        let bytes = BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| BadCursor)?;
        let (bytes, sum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(BadCursor)?;
        if *sum != checksum(bytes) {
            return Err(BadCursor);
        }
        let mut rest = Rest(bytes);
        let parts = rest.parts().ok_or(BadCursor)?;
        if rest.0.is_empty() {
            Ok(Self(parts))
        } else {
            Err(BadCursor)
        }
    }

    /// In which order it goes on.
    pub fn order(&self) -> Order {
        match self.0.place {
            CursorPlace::Within(order, _) => order,
            CursorPlace::After => Order::OldestFirst,
        }
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let digest = Sha256::digest(bytes);
    std::array::from_fn(|place| digest[place])
}

/// A number in as few groups of seven bits as it needs, the lowest first.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// A number with the sign in its lowest bit.
fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put(bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

fn put_bytes(bytes: &mut Vec<u8>, text: &[u8]) {
    put(bytes, text.len() as u64);
    bytes.extend_from_slice(text);
}

/// Bytes that were not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn parts(&mut self) -> Option<CursorParts> {
        if self.byte()? != VERSION {
            return None;
        }
        let generation = self.bytes()?.to_vec();
        let mut told = Told {
            quiet_before: self.signed()?,
            quiet_sum: self.signed()?,
            ..Told::default()
        };
        for _ in 0..self.number()? {
            let writer = std::str::from_utf8(self.bytes()?).ok()?.to_owned();
            told.named.insert(writer, self.signed()?);
        }
        let place = match self.byte()? {
            0 => CursorPlace::After,
            1 => CursorPlace::Within(Order::NewestFirst, self.position()?),
            2 => CursorPlace::Within(Order::OldestFirst, self.position()?),
            _ => return None,
        };
        Some(CursorParts {
            generation,
            told,
            place,
        })
    }

    fn position(&mut self) -> Option<(Timestamp, i64)> {
        let at = Timestamp::from_microseconds(self.signed()?);
        Some((at, self.signed()?))
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(place: CursorPlace) -> TrailCursor {
        let named = [("0011223344556677", 7), ("w", i64::MAX)];
        TrailCursor(CursorParts {
            generation: vec![7; 16],
            told: Told {
                named: named.map(|(id, head)| (id.to_owned(), head)).into(),
                quiet_before: i64::MIN,
                quiet_sum: 300,
            },
            place,
        })
    }

    fn cursors() -> [TrailCursor; 3] {
        let at = Timestamp::from_microseconds(1_800_000_000_000_001);
        [
            cursor(CursorPlace::After),
            cursor(CursorPlace::Within(Order::NewestFirst, (at, 9))),
            cursor(CursorPlace::Within(Order::OldestFirst, (at, -1))),
        ]
    }

    #[test]
    fn a_cursor_comes_back_from_its_text() {
        for cursor in cursors() {
            assert_eq!(TrailCursor::parse(&cursor.to_text()), Ok(cursor));
        }
    }

    #[test]
    fn what_was_cut_or_changed_is_none() {
        for cursor in cursors() {
            let text = cursor.to_text();
            for length in 0..text.len() {
                assert_eq!(
                    TrailCursor::parse(&text[..length]),
                    Err(BadCursor),
                    "{length}"
                );
                let mut other = text.clone().into_bytes();
                other[length] = if other[length] == b'A' { b'B' } else { b'A' };
                let other = String::from_utf8(other).expect("letters");
                assert_eq!(TrailCursor::parse(&other), Err(BadCursor), "{length}");
            }
            for other in [format!("{text}A"), format!("{text}="), format!(" {text}")] {
                assert_eq!(TrailCursor::parse(&other), Err(BadCursor));
            }
        }
    }
}
