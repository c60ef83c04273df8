use counterfoil_domain::authorization::ScopeChange;
use proptest::prelude::*;

use super::*;
use crate::problem::{Field, FieldError};

mod shapes;

const CLIENT_ID: &str = "0123456789abcdef0123";
const SECRET: &str = "0123456789abcdef0123456789abcdef01234567";

fn object(json: &str) -> Option<Body> {
    body_object(json.as_bytes()).unwrap()
}

fn create(json: &str) -> Result<CreateAuthorization, Problem> {
    CreateAuthorization::parse(object(json))
}

fn put(json: &str) -> Result<GetOrCreate, Problem> {
    GetOrCreate::parse(
        object(json),
        GetOrCreatePath::Client {
            client_id: CLIENT_ID,
        },
    )
}

fn update(json: &str) -> Result<UpdateAuthorization, Problem> {
    UpdateAuthorization::parse(object(json))
}

fn invalid(complaint: &str) -> Problem {
    Problem::InvalidRequest(complaint.to_owned())
}

#[test]
fn what_is_not_json_is_told_from_what_is_not_an_object() {
    let deep = "[".repeat(100_000);
    for bytes in [
        b"a=b".as_slice(),
        b"{\"a\":",
        b"{\"a\":\"\xff\"}",
        b"\xef\xbb\xbf{}",
        deep.as_bytes(),
    ] {
        assert_eq!(body_object(bytes), Err(Problem::ParsingJson));
    }
    for bytes in [b"[]".as_slice(), b"null", b"1", b"\"a\""] {
        assert_eq!(body_object(bytes), Err(Problem::NotAnObject));
    }
    assert_eq!(body_object(br#"{"a":1,"a":2}"#).unwrap().unwrap()["a"], 2);
}

#[test]
fn empty_means_absent_except_for_the_note_url() {
    let wanted = create(
        r#"{"note":"n","note_url":"","client_id":"","client_secret":"","scopes":["gist"],"fingerprint":""}"#,
    );
    let wanted = wanted.unwrap();
    assert_eq!(wanted.note_url.unwrap().as_str(), "");
    assert!(matches!(wanted.purpose, TokenPurpose::Personal { note } if note.as_str() == "n"));
}

#[test]
fn a_personal_token_without_a_note_is_refused() {
    for body in [
        "",
        "{}",
        r#"{"note":""}"#,
        r#"{"note":null}"#,
        r#"{"scope":["repo"]}"#,
    ] {
        let expected = Problem::field(FieldError::missing(Field::Description));
        assert_eq!(create(body).unwrap_err(), expected, "{body}");
    }
}

#[test]
fn an_id_that_cannot_be_is_like_a_wrong_one_and_no_secret_is_judged_by_its_form() {
    let long = "a".repeat(10_000);
    let body = |id: &str, secret: &str| {
        serde_json::json!({ "client_id": id, "client_secret": secret }).to_string()
    };
    for id in ["", &long, "é"] {
        let refused = create(&body(id, SECRET)).unwrap_err();
        assert_eq!(refused, Problem::InvalidClient);
    }
    // Whoever knows the app's secret says that it is wrong, and counts it.
    for secret in [SECRET, "", &long, "\0"] {
        let made = create(&body(CLIENT_ID, secret)).unwrap();
        assert!(matches!(made.purpose, TokenPurpose::App { note: None, .. }));
    }
}

#[test]
fn wrong_types_are_named_with_their_place_and_value() {
    for (body, complaint) in [
        (
            r#"{"scopes":"repo"}"#,
            r#"For 'properties/scopes', "repo" is not an array."#,
        ),
        (
            r#"{"scopes":[1]}"#,
            "For 'properties/scopes/items', 1 is not a string.",
        ),
        (
            r#"{"note":{"a":[true,null]}}"#,
            r#"For 'properties/note', {"a"=>[true, nil]} is not a string."#,
        ),
        (
            r#"{"client_secret":["hush"]}"#,
            "For 'properties/client_secret', [FILTERED] is not a string.",
        ),
    ] {
        assert_eq!(create(body).unwrap_err(), invalid(complaint));
    }
}

#[test]
fn what_an_error_repeats_is_bounded() {
    let huge = serde_json::json!({ "note": vec!["a".repeat(1_000_000); 3] }).to_string();
    let Err(Problem::InvalidRequest(complaint)) = create(&huge) else {
        panic!()
    };
    assert!(complaint.len() < 200);
    let names: Vec<_> = (0..10_000)
        .map(|n| format!("{n}{}", "x".repeat(200)))
        .collect();
    let body = serde_json::json!({ "note": "n", "scopes": names }).to_string();
    let problem = create(&body).unwrap_err();
    assert!(serde_json::to_string(&problem.body("")).unwrap().len() < 2_000);
}

#[test]
fn unknown_scopes_are_named_in_order() {
    let expected = FieldError::custom(Field::Scopes, "scopes are invalid: a, user,repo".to_owned());
    let problem = create(r#"{"note":"n","scopes":["a","gist","user,repo","a"]}"#).unwrap_err();
    assert_eq!(problem, Problem::field(expected));
}

#[test]
fn texts_that_may_not_be_kept_are_refused_by_field() {
    let long = serde_json::json!({ "note": "é".repeat(256) }).to_string();
    let too_long = "description is too long (maximum is 255 characters)".to_owned();
    let expected = Problem::field(FieldError::custom(Field::Description, too_long));
    assert_eq!(create(&long).unwrap_err(), expected);
    let expected = Problem::field(FieldError::invalid(Field::NoteUrl));
    assert_eq!(
        create(r#"{"note":"n","note_url":"a\u0000"}"#).unwrap_err(),
        expected
    );
}

#[test]
fn put_wants_a_secret_and_permits_few_keys() {
    for (body, complaint) in [
        ("", "For 'links/0/schema', nil is not an object."),
        ("{}", "\"client_secret\" wasn't supplied."),
        (
            r#"{"client_secret":null}"#,
            "For 'properties/client_secret', nil is not a string.",
        ),
        (
            r#"{"client_secret":"s","client_id":"i"}"#,
            "\"client_id\" is not a permitted key.",
        ),
        (
            r#"{"client_secret":"s","a":1,"b\n":2}"#,
            r#""a", "b\n" are not permitted keys."#,
        ),
        (
            r#"{"client_secret":"s","note":null}"#,
            "For 'properties/note', nil is not a string.",
        ),
    ] {
        assert_eq!(put(body).unwrap_err(), invalid(complaint));
    }
    let body = format!(r#"{{"client_secret":"{SECRET}","scopes":null,"fingerprint":"f/%"}}"#);
    assert_eq!(put(&body).unwrap().fingerprint.unwrap().as_str(), "f/%");
    let path = GetOrCreatePath::ClientAndFingerprint {
        client_id: CLIENT_ID,
        fingerprint: "g",
    };
    let refused = GetOrCreate::parse(object(&body), path).unwrap_err();
    assert_eq!(refused, invalid("\"fingerprint\" is not a permitted key."));
    assert!(put(r#"{"client_secret":"s"}"#).is_ok());
}

#[test]
fn a_change_tells_absent_from_null() {
    let change = update("").unwrap().change;
    assert!(change.note.is_none() && change.note_url.is_none() && change.fingerprint.is_none());
    assert_eq!(change.scopes, ScopeChange::Keep);
    let change = update(r#"{"note":"","note_url":"","fingerprint":null,"scopes":null}"#)
        .unwrap()
        .change;
    assert_eq!((change.note, change.fingerprint), (Some(None), Some(None)));
    assert_eq!(change.note_url.unwrap().unwrap().as_str(), "");
    assert_eq!(change.scopes, ScopeChange::Keep);
}

#[test]
fn adding_and_removing_go_together_but_not_beside_scopes() {
    let change = update(r#"{"add_scopes":["repo"],"remove_scopes":["gist","gist"]}"#)
        .unwrap()
        .change;
    assert!(matches!(change.scopes, ScopeChange::Amend { remove, .. } if remove.len() == 1));
    let refused = update(r#"{"scopes":[],"remove_scopes":[]}"#).unwrap_err();
    assert_eq!(
        refused,
        invalid("\"remove_scopes\" is not a permitted key beside \"scopes\".")
    );
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::from("repo")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn body() -> impl Strategy<Value = Body> {
    let names = [
        "scopes",
        "add_scopes",
        "remove_scopes",
        "note",
        "note_url",
        "fingerprint",
        "client_id",
        "client_secret",
        "access_token",
        "target",
        "target_id",
        "repositories",
        "repository_ids",
        "permissions",
        "login",
        "email",
        "suspended",
        "reason",
        "other",
    ];
    proptest::collection::vec((proptest::sample::select(names.to_vec()), value()), 0..6).prop_map(
        |members| {
            members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()
        },
    )
}

proptest! {
    #[test]
    fn no_bytes_break_the_parsing(bytes in any::<Vec<u8>>()) {
        let _ = body_object(&bytes);
    }

    #[test]
    fn every_object_is_read_or_refused_in_a_bounded_answer(body in body()) {
        let path = GetOrCreatePath::Client { client_id: CLIENT_ID };
        let refusals = [
            CreateAuthorization::parse(Some(body.clone())).err(),
            GetOrCreate::parse(Some(body.clone()), path).err(),
            UpdateAuthorization::parse(Some(body.clone())).err(),
            TokenOfApp::parse(Some(body.clone())).err(),
            ScopedToken::parse(Some(body.clone())).err(),
            Impersonation::parse(Some(body.clone())).err(),
            CreateUser::parse(Some(body.clone())).err(),
            RenameUser::parse(Some(body.clone())).err(),
            SuspensionReason::parse(Some(body)).err(),
        ];
        for problem in refusals.into_iter().flatten() {
            prop_assert_eq!(problem.status(), 422);
            prop_assert!(serde_json::to_string(&problem.body("")).unwrap().len() < 10_000);
        }
    }
}
