//! Reading events back, of this form and of the one before.

use std::collections::BTreeMap;

use crate::audit::details::Value;
use crate::audit::form::FORMAT_VERSION;
use crate::timestamp::Timestamp;

/// The form before: all details are texts, and one digest stands for all personal fields.
const FORM_1: i64 = 1;

/// What the canonical bytes of an event say beyond the columns beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The id of the request, as the client saw it.
    pub request: Option<String>,
    /// The organization that it is about.
    pub organization: Option<i64>,
    /// The team that it is about.
    pub team: Option<i64>,
    /// The digest of the token that it is about, in hexadecimal digits.
    pub token: Option<String>,
    /// Details by their words, in the order of the bytes. Those that are personal are not here.
    pub details: Vec<(String, Value)>,
    /// Commitments to personal fields, by their names, in hexadecimal digits.
    pub commitments: BTreeMap<String, String>,
}

/// Reads the bytes of an event in this form; none when the form is one that this program does not
/// know, or the bytes are not what that form has.
pub fn read(form: i64, bytes: &[u8]) -> Option<Reading> {
    if form != FORM_1 && form != FORMAT_VERSION {
        return None;
    }
    let mut reading = Reading::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (name, value, after) = next_line(rest)?;
        reading.take(name, value)?;
        rest = after;
    }
    Some(reading)
}

/// The name and the value of the first line, and what follows it. The length decides where the
/// value ends, since a value may hold line ends of its own.
fn next_line(bytes: &[u8]) -> Option<(&str, &str, &[u8])> {
    let mut parts = bytes.splitn(3, |byte| *byte == b' ');
    let name = std::str::from_utf8(parts.next()?).ok()?;
    let length: usize = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let (value, after) = parts.next()?.split_at_checked(length)?;
    Some((
        name,
        std::str::from_utf8(value).ok()?,
        after.strip_prefix(b"\n")?,
    ))
}

impl Reading {
    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "request" => self.request = Some(value.to_owned()),
            "organization" => self.organization = Some(value.parse().ok()?),
            "team" => self.team = Some(value.parse().ok()?),
            "token" => self.token = Some(value.to_owned()),
            _ => match name.split_once('.') {
                Some(("personal", field)) => {
                    self.commitments.insert(field.to_owned(), value.to_owned());
                }
                Some((of_type, word)) => {
                    let value = typed(of_type, value)?;
                    self.details.push((word.to_owned(), value));
                }
                // What stands in columns too.
                None => {}
            },
        }
        Some(())
    }
}

/// A detail by the type that its line names.
fn typed(of_type: &str, value: &str) -> Option<Value> {
    Some(match of_type {
        "number" => Value::Number(value.parse().ok()?),
        "list" if value.is_empty() => Value::List(Vec::new()),
        "list" => Value::List(value.split('\n').map(str::to_owned).collect()),
        "flag" => Value::Flag(value.parse().ok()?),
        "time" => Value::Time(Timestamp::from_microseconds(value.parse().ok()?)),
        // Form 1 knows `detail` alone.
        "text" | "detail" => Value::Text(value.to_owned()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::form::write;
    use crate::audit::{Action, Detail, Event, Place, Subject, WriterId};
    use crate::digest::SecretDigest;
    use crate::id::{AccountId, TeamId};
    use crate::principal::{Attribution, Origin, Principal, Proof, RequestId};
    use crate::scope::ScopeSet;

    fn by(proof: Proof, origin: Option<Origin>) -> Attribution {
        Attribution {
            principal: Principal { proof, origin },
            at: Timestamp::from_microseconds(1_700_000_000_000_001),
            personal_salt: [7; 16],
        }
    }

    fn written(event: &Event, by: &Attribution) -> crate::audit::form::Written {
        let writer = WriterId("w".to_owned());
        let place = Place {
            writer: &writer,
            number: 3,
        };
        write(event, by, &place)
    }

    #[test]
    fn what_was_written_is_read() {
        let subject = Subject {
            organization: Some(AccountId(5)),
            team: Some(TeamId(6)),
            token: Some(SecretDigest::of("token")),
            ..Subject::default()
        };
        let scopes = ScopeSet::parse(["repo", "gist"]).expect("scopes");
        let until = Timestamp::from_seconds(9);
        let event = Event::new(Action::AuthorizationCreated, subject)
            .with(Detail::Scopes(scopes))
            .with(Detail::Slug(
                "two\nlines and number.forged 3 yes".to_owned(),
            ))
            .with(Detail::TokenIds(Vec::new()))
            .with(Detail::Until(until))
            .with(Detail::Login("mona".to_owned()))
            .with(Detail::Count(3));
        let address = "192.0.2.1".parse().expect("an address");
        let origin = Origin::new(address, Some("curl/8")).of_request(RequestId([0xab; 16]));
        let written = written(&event, &by(Proof::Nothing, Some(origin)));
        let reading = read(FORMAT_VERSION, &written.bytes).expect("it is of this form");
        let names = ["repo", "gist"].map(str::to_owned).to_vec();
        let slug = "two\nlines and number.forged 3 yes".to_owned();
        let details = [
            ("scopes", Value::List(names)),
            ("slug", Value::Text(slug)),
            ("token_ids", Value::List(Vec::new())),
            ("until", Value::Time(until)),
            ("count", Value::Number(3)),
        ];
        let expected = Reading {
            request: Some("abababab-abab-abab-abab-abababababab".to_owned()),
            organization: Some(5),
            team: Some(6),
            token: Some(SecretDigest::of("token").to_hex()),
            details: details
                .map(|(word, value)| (word.to_owned(), value))
                .to_vec(),
            commitments: written
                .personal
                .iter()
                .map(|field| {
                    let commitment = data_encoding::HEXLOWER.encode(&field.commitment());
                    (field.name.clone(), commitment)
                })
                .collect(),
        };
        assert_eq!(reading, expected);
        let names: Vec<_> = reading.commitments.keys().collect();
        assert_eq!(names, ["address", "agent", "login"]);
    }

    #[test]
    fn no_personal_field_stands_in_the_bytes() {
        let event = Event::new(Action::UserRenamed, Subject::default())
            .with(Detail::LoginBefore("mona".to_owned()));
        let written = written(&event, &by(Proof::Operator("root".to_owned()), None));
        let text = String::from_utf8_lossy(&written.bytes).into_owned();
        assert!(!text.contains("mona") && !text.contains("root"), "{text}");
        assert!(text.contains("actor 7 os_user\n"), "{text}");
        let fields = written.personal.iter();
        let named: Vec<_> = fields.map(|field| (&*field.name, &*field.value)).collect();
        assert_eq!(named, [("os_user", "root"), ("login_before", "mona")]);
        let salts: Vec<_> = written.personal.iter().map(|field| field.salt).collect();
        assert_ne!(salts[0], salts[1]);
    }

    #[test]
    fn an_event_of_the_form_before_is_read() {
        let bytes = b"format 1 1\nwriter 1 w\nnumber 1 1\nat 1 0\naction 12 user.changed\nactor 7 program\n\
            account 1 7\ndetail.note 33 two\nlines and detail.forged 3 yes\ndetail.empty 0 \npersonal 2 ab\n";
        let reading = read(1, bytes).expect("it is of form 1");
        let text = |text: &str| Value::Text(text.to_owned());
        let details = [
            (
                "note".to_owned(),
                text("two\nlines and detail.forged 3 yes"),
            ),
            ("empty".to_owned(), text("")),
        ];
        assert_eq!(reading.details, details);
    }

    #[test]
    fn another_form_and_bytes_that_were_cut_are_not_read() {
        let written = written(
            &Event::new(Action::UserChanged, Subject::default()),
            &by(Proof::Program, None),
        );
        assert_eq!(read(FORMAT_VERSION + 1, &written.bytes), None);
        let cut = &written.bytes[..written.bytes.len() - 1];
        assert_eq!(read(FORMAT_VERSION, cut), None);
    }
}
