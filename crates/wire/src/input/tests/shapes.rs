//! What bodies are described as is what they are read as. That every member which is read is
//! described, the reader itself demands in tests.

use serde_json::json;

use super::super::shape::{Kind, Member, Null, Others};
use super::*;

/// Something that reads a body, its shape, and a body to which one member is added at a time.
struct Reading {
    shape: &'static Shape,
    parse: fn(Body) -> Option<Problem>,
    /// Beside what is required.
    beside: &'static [&'static str],
}

const PATH: GetOrCreatePath<'_> = GetOrCreatePath::Client {
    client_id: CLIENT_ID,
};
const PATH_WITH_FINGERPRINT: GetOrCreatePath<'_> = GetOrCreatePath::ClientAndFingerprint {
    client_id: CLIENT_ID,
    fingerprint: "f",
};

const READINGS: [Reading; 10] = [
    Reading {
        shape: &CreateAuthorization::SHAPE,
        parse: |body| CreateAuthorization::parse(Some(body)).err(),
        beside: &["client_id"],
    },
    Reading {
        shape: &GetOrCreate::SHAPE,
        parse: |body| GetOrCreate::parse(Some(body), PATH).err(),
        beside: &[],
    },
    Reading {
        shape: &GetOrCreate::SHAPE_BESIDE_FINGERPRINT,
        parse: |body| GetOrCreate::parse(Some(body), PATH_WITH_FINGERPRINT).err(),
        beside: &[],
    },
    Reading {
        shape: &UpdateAuthorization::SHAPE,
        parse: |body| UpdateAuthorization::parse(Some(body)).err(),
        beside: &[],
    },
    Reading {
        shape: &TokenOfApp::SHAPE,
        parse: |body| TokenOfApp::parse(Some(body)).err(),
        beside: &[],
    },
    Reading {
        shape: &ScopedToken::SHAPE,
        parse: |body| ScopedToken::parse(Some(body)).err(),
        beside: &["target"],
    },
    Reading {
        shape: &Impersonation::SHAPE,
        parse: |body| Impersonation::parse(Some(body)).err(),
        beside: &[],
    },
    Reading {
        shape: &CreateUser::SHAPE,
        parse: |body| CreateUser::parse(Some(body)).err(),
        beside: &[],
    },
    Reading {
        shape: &RenameUser::SHAPE,
        parse: |body| RenameUser::parse(Some(body)).err(),
        beside: &[],
    },
    Reading {
        shape: &SuspensionReason::SHAPE,
        parse: |body| SuspensionReason::parse(Some(body)).err(),
        beside: &[],
    },
];

fn right(member: &Member) -> Value {
    match (member.name, member.kind) {
        // No app has another.
        ("client_id", _) => json!(CLIENT_ID),
        ("email", _) => json!("mona@example.org"),
        (_, Kind::Text) => json!("text"),
        (_, Kind::Texts) => json!(["repo"]),
        (_, Kind::Integer) => json!(1),
        (_, Kind::Integers) => json!([1]),
        (_, Kind::Flag) => json!(true),
        (_, Kind::Object) => json!({}),
    }
}

fn wrong(kind: Kind) -> Vec<Value> {
    match kind {
        Kind::Text => vec![json!(1), json!([]), json!({}), json!(true)],
        Kind::Texts => vec![json!("repo"), json!([1]), json!({})],
        Kind::Integer => vec![json!("1"), json!(1.5), json!([1])],
        Kind::Integers => vec![json!(1), json!(["1"])],
        Kind::Flag => vec![json!("true"), json!(0)],
        Kind::Object => vec![json!([]), json!("text")],
    }
}

impl Reading {
    /// A body with what must be there and one more member.
    fn with(&self, name: &str, value: Value) -> Body {
        let must = |member: &&Member| {
            member.presence == Presence::Required || self.beside.contains(&member.name)
        };
        let members = self.shape.members.iter().filter(must);
        let mut body: Body = members
            .map(|member| (member.name.to_owned(), right(member)))
            .collect();
        body.insert(name.to_owned(), value);
        body
    }

    fn refuses(&self, name: &str, value: Value) -> bool {
        (self.parse)(self.with(name, value)).is_some()
    }
}

#[test]
fn every_described_member_is_taken_as_it_is_described_and_in_no_other_form() {
    for reading in &READINGS {
        for member in reading.shape.members {
            let name = member.name;
            assert!(!reading.refuses(name, right(member)), "{name}");
            for value in wrong(member.kind) {
                let refused = (reading.parse)(reading.with(name, value.clone()));
                let Some(Problem::InvalidRequest(complaint)) = refused else {
                    panic!("{name} {value}: {refused:?}");
                };
                assert!(
                    complaint.contains(&format!("properties/{name}")),
                    "{complaint}"
                );
            }
            // What is needed is missed where it is null.
            let is_needed = reading.beside.contains(&name);
            let null_is_refused = member.null == Null::Refused || is_needed;
            assert_eq!(
                reading.refuses(name, Value::Null),
                null_is_refused,
                "{name}"
            );
            let mut without = reading.with(name, Value::Null);
            without.remove(name);
            let is_missed = (reading.parse)(without).is_some();
            let must = member.presence == Presence::Required || is_needed;
            assert_eq!(is_missed, must, "{name}");
        }
        let others_are_refused = reading.shape.others == Others::Refused;
        assert_eq!(reading.refuses("other", json!(1)), others_are_refused);
    }
}
