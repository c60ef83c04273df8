//! How an event is written: form 2.
//!
//! Its canonical bytes are lines of `name length value`, where the length is that of the value in
//! bytes, so that no two events read the same whatever their values hold. They name the event's
//! writer (one per process, or connection of PostgreSQL) and its gap-free number in the writer's
//! series, so that an event that is missing leaves a hole. In place of a personal field they hold a
//! commitment ([`PersonalField::commitment`]). A MAC over all of them stands beside each event from
//! the moment that it is written, so that whoever can write to the database, and has no key, can
//! neither change nor make one.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::audit::details::{Detail, Kind, Value};
use crate::audit::personal::PersonalField;
use crate::audit::{Event, Place, WriterId};
use crate::entropy::{Entropy, random_bytes};
use crate::principal::{Actor, Attribution};

/// The version of the form.
pub const FORMAT_VERSION: i64 = 2;

/// The key under which the MACs of one log are made.
#[derive(Clone)]
pub struct AuditKey {
    id: [u8; 4],
    log: [u8; 16],
    secret: Zeroizing<[u8; 32]>,
}

/// Logs get the key's id alone.
impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = data_encoding::HEXLOWER.encode(&self.id);
        write!(f, "AuditKey({id})")
    }
}

impl AuditKey {
    /// A new key for the log with this id.
    pub fn generate(log: [u8; 16], entropy: &dyn Entropy) -> Self {
        Self {
            id: random_bytes(entropy),
            log,
            secret: Zeroizing::new(random_bytes(entropy)),
        }
    }

    /// The key with this id and these 32 bytes; none if there are more or fewer.
    pub fn from_parts(id: [u8; 4], log: [u8; 16], secret: &[u8]) -> Option<Self> {
        let secret: [u8; 32] = secret.try_into().ok()?;
        Some(Self {
            id,
            log,
            secret: Zeroizing::new(secret),
        })
    }

    /// What names it beside each MAC. No secret.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Its 32 bytes, to be sealed. A secret.
    pub fn expose(&self) -> &[u8] {
        self.secret.as_slice()
    }

    /// 36 bytes: the key's id, and HMAC-SHA-256 (RFC 2104) over the log's id and an event's bytes.
    pub fn mac(&self, bytes: &[u8]) -> [u8; 36] {
        let code = self.hmac(bytes).finalize().into_bytes();
        let mut mac = [0; 36];
        mac[..4].copy_from_slice(&self.id);
        mac[4..].copy_from_slice(&code);
        mac
    }

    /// Whether the MAC was made under this key over these bytes. Takes the same time whatever the
    /// answer.
    pub fn vouches_for(&self, bytes: &[u8], mac: &[u8]) -> bool {
        mac.split_first_chunk::<4>()
            .filter(|(id, _)| **id == self.id)
            .is_some_and(|(_, code)| self.hmac(bytes).verify_slice(code).is_ok())
    }

    fn hmac(&self, bytes: &[u8]) -> Hmac<Sha256> {
        let mut hmac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.secret.as_slice())
            .expect("HMAC takes a key of any length");
        hmac.update(&self.log);
        hmac.update(bytes);
        hmac
    }
}

/// An event as it is stored.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its canonical bytes, as the module says.
    pub bytes: Vec<u8>,
    /// What the bytes only commit to.
    pub personal: Vec<PersonalField>,
}

/// Writes an event that `by` caused, in its writer's place.
pub fn write(event: &Event, by: &Attribution, place: &Place<'_>) -> Written {
    let mut lines = Lines(Vec::with_capacity(256));
    lines.add("format", &FORMAT_VERSION.to_string());
    lines.add("writer", &place.writer.0);
    lines.add("number", &place.number.to_string());
    lines.add("at", &by.at.microseconds().to_string());
    lines.add("action", event.action.as_str());
    lines.add("actor", &by.actor().lasting_text());
    let origin = event.origin(by);
    if let Some(id) = origin.and_then(|origin| origin.request) {
        lines.add("request", &id.to_string());
    }
    add_subject(&mut lines, event);
    let mut personal = Personal::new(by.personal_salt, place);
    if let Some(origin) = origin {
        personal.add("address", origin.address.to_string());
        if let Some(agent) = origin.agent() {
            personal.add("agent", agent.to_owned());
        }
    }
    if let Actor::OperatingSystemUser(name) = by.actor() {
        personal.add("os_user", name);
    }
    for detail in &event.details {
        add_detail(&mut lines, &mut personal, detail);
    }
    for field in &personal.fields {
        let commitment = data_encoding::HEXLOWER.encode(&field.commitment());
        lines.add(&format!("personal.{}", field.name), &commitment);
    }
    Written {
        bytes: lines.0,
        personal: personal.fields,
    }
}

fn add_subject(lines: &mut Lines, event: &Event) {
    let subject = &event.subject;
    let ids = [
        ("account", subject.account.map(|id| id.0)),
        ("app", subject.app.map(|id| id.0)),
        ("authorization", subject.authorization.map(|id| id.0)),
        ("grant", subject.grant.map(|id| id.0)),
        ("organization", subject.organization.map(|id| id.0)),
        ("team", subject.team.map(|id| id.0)),
    ];
    for (name, id) in ids {
        if let Some(id) = id {
            lines.add(name, &id.to_string());
        }
    }
    if let Some(token) = subject.token {
        lines.add("token", &token.to_hex());
    }
}

/// A line whose name says the type, so that a reader who does not know the field can show it; a
/// personal one is kept beside the bytes.
fn add_detail(lines: &mut Lines, personal: &mut Personal, detail: &Detail) {
    let (word, kind) = (detail.word(), detail.kind());
    let (of_type, text) = match detail.clone().into_value() {
        Value::Number(number) => ("number", number.to_string()),
        Value::Text(text) => ("text", text),
        Value::List(words) => ("list", words.join("\n")),
        Value::Time(time) => ("time", time.microseconds().to_string()),
        Value::Flag(flag) => ("flag", flag.to_string()),
    };
    match kind {
        Kind::Lasting => lines.add(&format!("{of_type}.{word}"), &text),
        Kind::Personal => personal.add(word, text),
    }
}

/// Canonical bytes that grow by a line.
struct Lines(Vec<u8>);

impl Lines {
    fn add(&mut self, name: &str, value: &str) {
        let line = format!("{name} {} {value}\n", value.len());
        self.0.extend_from_slice(line.as_bytes());
    }
}

/// The personal fields of one event.
struct Personal {
    /// What the salts are drawn from. It is kept nowhere, so no salt leads to another.
    seed: Sha256,
    fields: Vec<PersonalField>,
}

impl Personal {
    fn new(random: [u8; 16], place: &Place<'_>) -> Self {
        let WriterId(writer) = place.writer;
        let mut seed = Sha256::new();
        seed.update(random);
        seed.update(place.number.to_be_bytes());
        seed.update(writer.as_bytes());
        Self {
            seed,
            fields: Vec::new(),
        }
    }

    fn add(&mut self, name: &str, value: String) {
        let mut drawn = self.seed.clone();
        drawn.update([0]);
        drawn.update(name.as_bytes());
        let drawn = drawn.finalize();
        let mut salt = [0; 16];
        salt.copy_from_slice(&drawn[..16]);
        self.fields.push(PersonalField {
            name: name.to_owned(),
            salt,
            value,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: u8, log: u8, secret: u8) -> AuditKey {
        AuditKey::from_parts([id; 4], [log; 16], &[secret; 32]).expect("32 bytes")
    }

    #[test]
    fn a_mac_vouches_for_its_bytes_in_its_log_under_its_key_alone() {
        let mac = key(1, 2, 3).mac(b"bytes");
        assert!(key(1, 2, 3).vouches_for(b"bytes", &mac));
        for other in [key(9, 2, 3), key(1, 9, 3), key(1, 2, 9)] {
            assert!(!other.vouches_for(b"bytes", &mac), "{other:?}");
        }
        assert!(!key(1, 2, 3).vouches_for(b"other bytes", &mac));
        assert!(!key(1, 2, 3).vouches_for(b"bytes", &mac[..35]));
        assert!(!key(1, 2, 3).vouches_for(b"bytes", &[]));
    }

    #[test]
    fn debug_shows_the_id_alone() {
        assert_eq!(format!("{:?}", key(1, 2, 3)), "AuditKey(01010101)");
        assert!(AuditKey::from_parts([0; 4], [0; 16], &[0; 31]).is_none());
    }
}
