//! `counterfoil user`

use std::io::{Read, Write};
use std::net::TcpStream;

use counterfoil_testkit::process::{ApiClient, Connection, Person, basic, request};
use serde_json::{Value, json};

use super::{Desk, PASSWORD, code_now, text};

/// Fields whose value no test fixes.
fn without_times(mut value: Value) -> Value {
    let fields = value.as_object_mut().expect("an object");
    fields.retain(|name, value| !(name.ends_with("_at") && value.is_string()));
    value
}

fn mona(password: &str) -> Person {
    Person::new("mona", password)
}

/// The status of a request with this password.
fn sign_in(base_url: &str, person: &Person) -> u16 {
    person
        .connect(base_url)
        .expect("a connection")
        .must("GET", "/user", None)
        .status
}

#[test]
fn a_user_is_made_shown_and_listed() {
    let desk = Desk::with_installation();
    let add = [
        "user",
        "create",
        "mona",
        "--email",
        "mona@example.org",
        "--name",
        "Mona Lisa",
        "--admin",
    ];
    assert_eq!(desk.done(&add, PASSWORD), "created user mona\n");
    let shown = without_times(desk.json(&["user", "show", "MONA"], ""));
    let user = json!({
        "id": 2, "login": "mona", "name": "Mona Lisa", "email": "mona@example.org", "admin": true,
        "two_factor": false, "suspended_at": null,
    });
    let mut expected = user.clone();
    expected["locks"] = json!([]);
    expected["passkeys"] = json!(0);
    expected["wrong_codes"] = json!(0);
    expected["codes_refused"] = json!(false);
    assert_eq!(shown, expected);
    let listed = desk.json(&["user", "list"], "");
    assert_eq!(without_times(listed[0].clone()), user);
    let table = desk.printed(&["user", "list"], "");
    assert!(
        table.starts_with("LOGIN  E-MAIL            NAME       ADMIN"),
        "{table}"
    );
    assert!(
        desk.printed(&["user", "show", "mona"], "")
            .contains("name             Mona Lisa\n")
    );
}

#[test]
fn an_unverified_address_is_not_shown() {
    let desk = Desk::with_installation();
    desk.done(
        &[
            "user",
            "create",
            "mona",
            "--email",
            "mona@example.org",
            "--unverified",
        ],
        PASSWORD,
    );
    assert_eq!(
        desk.json(&["user", "show", "mona"], "")["email"],
        Value::Null
    );
    desk.mistyped(&["user", "create", "lisa", "--unverified"], PASSWORD);
}

#[test]
fn an_edit_changes_what_it_names_and_nothing_else() {
    let desk = Desk::with_user();
    let edited = desk.json(
        &["user", "edit", "mona", "--name", "Mona Lisa", "--admin"],
        "",
    );
    assert_eq!(edited["name"], "Mona Lisa");
    assert_eq!(edited["admin"], true);
    assert_eq!(edited["email"], "mona@example.org");
    let edited = desk.json(
        &[
            "user",
            "edit",
            "mona",
            "--no-admin",
            "--email",
            "lisa@example.org",
        ],
        "",
    );
    assert_eq!(edited["admin"], false);
    assert_eq!(edited["email"], "lisa@example.org");
    assert_eq!(edited["name"], "Mona Lisa");
    let sentence = desk.mistyped(&["user", "edit", "mona"], "");
    assert!(
        sentence.starts_with("the following required arguments were not provided"),
        "{sentence}"
    );
    desk.mistyped(&["user", "edit", "mona", "--admin", "--no-admin"], "");
}

#[test]
fn an_address_belongs_to_one_user() {
    let desk = Desk::with_user();
    assert_eq!(
        desk.refused(
            &["user", "create", "lisa", "--email", "MONA@example.org"],
            PASSWORD
        ),
        "another user has this e-mail address; give another one"
    );
    desk.done(&["user", "create", "lisa"], PASSWORD);
    desk.refused(&["user", "edit", "lisa", "--email", "mona@example.org"], "");
}

#[test]
fn who_is_not_there_is_named() {
    let desk = Desk::with_user();
    desk.refused(&["user", "rename", "nobody", "somebody"], "");
    for command in ["show", "passwd", "suspend", "unsuspend", "unlock", "delete"] {
        assert_eq!(
            desk.refused(&["user", command, "nobody"], PASSWORD),
            "there is no user nobody; `counterfoil user list` shows all users",
            "{command}"
        );
    }
    desk.refused(&["user", "edit", "nobody", "--admin"], "");
    desk.refused(&["user", "otp", "enable", "nobody"], "");
    desk.refused(&["user", "otp", "disable", "nobody"], "");
}

#[test]
fn a_password_that_may_not_be_changes_nothing() {
    let desk = Desk::with_user();
    for (password, sentence) in [
        (
            "short",
            "a password has at least 8 characters; several words make a good one",
        ),
        (
            // Eight bytes.
            "\u{1F419}\u{1F431}",
            "a password has at least 8 characters; several words make a good one",
        ),
        (&"x".repeat(1025), "a password has at most 1024 bytes"),
        (
            "Password1!",
            "this password is one of the commonest, or one with digits or signs around it, and is guessed first; several words \
             that have nothing to do with each other make a good one",
        ),
        ("", "standard input is empty; give the password in one line"),
        (
            "correct horse\nbattery\n",
            "standard input has more than one line; give the password in one line",
        ),
        (
            "correct\0horse",
            "a password must not contain a NUL character",
        ),
    ] {
        assert_eq!(
            desk.refused(&["user", "passwd", "mona"], password),
            sentence
        );
        assert_eq!(
            desk.refused(&["user", "create", "lisa"], password),
            sentence
        );
    }
    assert_eq!(
        desk.json(&["user", "list"], "").as_array().unwrap().len(),
        1
    );
}

/// The name of a Basic pair says whether it is an app's or a user's.
#[test]
fn no_command_gives_a_login_that_reads_like_a_client_id() {
    let sentence = "a login of 20 letters and digits could be an app's client ID; one more or fewer, or a hyphen in it, will do";
    let desk = Desk::with_installation();
    let serve = ["serve", "--seed", "seed.toml", "--listen", "127.0.0.1:0"];
    for login in ["0123456789abcdef0123", "Ov23liABCDEFGHIJKLMN"] {
        for list in ["user", "org"] {
            let said = desk.mistyped(&[list, "create", login], PASSWORD);
            assert!(said.ends_with(sentence), "{list}: {said}");
        }
        for (list, rest) in [
            ("users", format!("password = \"{PASSWORD}\"")),
            ("organizations", "admins = []".to_owned()),
        ] {
            let seed = format!("[[{list}]]\nlogin = \"{login}\"\n{rest}\n");
            desk.folder_file("seed.toml", &seed);
            let said = desk.refused(&serve, "");
            assert_eq!(said, format!("seed.toml: {list}[0].login: {sentence}"));
        }
        let line = json!({"type": "user", "login": login}).to_string();
        desk.folder_file("all.jsonl", &line);
        let output = desk.run(&["import", "all.jsonl"], "");
        assert_eq!(output.status.code(), Some(1));
        let said: Vec<_> = output.stderr.lines().collect();
        let [first, second] = said[..] else {
            panic!("{}", output.stderr)
        };
        assert_eq!(first, "error: nothing of all.jsonl was taken over:");
        assert_eq!(second, format!("  line 1: {sentence}"));
    }
    assert_eq!(desk.json(&["user", "list"], ""), json!([]));
    assert_eq!(desk.json(&["org", "list"], ""), json!([]));
    // One more or fewer, or a hyphen in it.
    for login in [
        "0123456789abcdef01234",
        "0123456789abcdef012",
        "0123456789-abcdef012",
    ] {
        desk.done(&["user", "create", login], PASSWORD);
    }
}

/// The sentence for a password that is made of its owner's own words.
const OWN: &str = "this password is made of the user's own login, name or e-mail address and is guessed first; without them it must \
     still have 8 characters and be none of the commonest";

#[test]
fn a_password_made_of_what_is_known_of_its_owner_is_refused() {
    let desk = Desk::with_installation();
    let add = [
        "user",
        "create",
        "octo-cat",
        "--name",
        "Mona Lisa",
        "--email",
        "m.lisa@example.org",
    ];
    for own in [
        "Octo-Cat",
        "octo-cat2026",
        "mona lisa",
        "lisa-mona-1",
        "m.lisa@example.org",
    ] {
        assert_eq!(desk.refused(&add, own), OWN, "{own}");
    }
    desk.done(&add, "mona keeps seven goats");
    // An address that nobody has verified is known all the same.
    let edit = [
        "user",
        "edit",
        "octo-cat",
        "--email",
        "seven.goats@example.org",
        "--unverified",
    ];
    desk.done(&edit, "");
    let passwd = ["user", "passwd", "octo-cat"];
    for own in ["octo-cat octo-cat", "seven.goats1234", "Lisapassword"] {
        assert_eq!(desk.refused(&passwd, own), OWN, "{own}");
    }
    desk.done(&passwd, "mona keeps eight goats");
}

#[test]
fn a_user_whose_codes_are_exhausted_is_shown_and_unlocked() {
    let desk = Desk::with_user();
    let enabled = desk.json(&["user", "otp", "enable", "mona"], "");
    desk.folder_file("counterfoil.toml", "[sign_in]\nwrong_codes = 2\n");
    let server = desk.program.start_serve(&[]);
    let ask = |code: &str| {
        let mut connection = Connection::open(&server.base_url).unwrap();
        let password = basic("mona", PASSWORD);
        let headers = [("authorization", password.as_str()), ("x-github-otp", code)];
        let asked = connection.ask("GET", "/api/v3/user", &headers, None);
        asked.unwrap().status
    };
    let shown = |desk: &Desk| {
        let shown = desk.json(&["user", "show", "mona"], "");
        (shown["wrong_codes"].clone(), shown["codes_refused"].clone())
    };
    let right = || code_now(&text(&enabled["secret"]));
    assert_eq!(ask(&right()), 200);
    assert_eq!(ask("nonsense"), 401);
    assert_eq!(shown(&desk), (json!(1), json!(false)));
    assert_eq!(ask("nonsense"), 401);
    assert_eq!(shown(&desk), (json!(2), json!(true)));
    assert_eq!(ask(&right()), 401);
    let printed = desk.printed(&["user", "show", "mona"], "");
    let line = "2 since the last right one; none is accepted until a recovery code or `counterfoil user unlock mona`";
    assert!(printed.contains(line), "{printed}");
    desk.done(&["user", "unlock", "mona"], "");
    assert_eq!(shown(&desk), (json!(0), json!(false)));
    assert_eq!(ask(&right()), 200);
}

#[test]
fn a_password_is_never_asked_for_where_nobody_can_answer() {
    let desk = Desk::with_user();
    let sentence = "a password is needed; give it on standard input with --password-stdin, or run this at a terminal";
    assert_eq!(
        desk.mistyped(&["user", "passwd", "mona", "--without-password"], ""),
        sentence
    );
    desk.mistyped(&["user", "passwd", "mona", "--password", PASSWORD], "");
}

#[test]
fn the_login_of_the_quickstart_is_kept_for_it() {
    let desk = Desk::empty();
    let sentence = desk.mistyped(&["user", "create", "Demo"], PASSWORD);
    assert!(
        sentence.contains("demo is the user of `counterfoil quickstart`"),
        "{sentence}"
    );
}

#[test]
fn one_time_codes_are_turned_on_with_a_secret_that_is_shown_once() {
    let desk = Desk::with_user();
    let enabled = desk.json(&["user", "otp", "enable", "mona"], "");
    let names: Vec<&String> = enabled.as_object().unwrap().keys().collect();
    assert_eq!(names, ["secret", "otpauth_url", "recovery_codes"]);
    let secret = text(&enabled["secret"]);
    assert!(text(&enabled["otpauth_url"]).contains(&format!("secret={secret}")));
    assert_eq!(enabled["recovery_codes"].as_array().unwrap().len(), 16);
    assert_eq!(desk.json(&["user", "show", "mona"], "")["two_factor"], true);
    let disabled = json!({"login": "mona", "two_factor": false, "changed": true});
    assert_eq!(desk.json(&["user", "otp", "disable", "mona"], ""), disabled);
    assert_eq!(
        desk.done(&["user", "otp", "disable", "mona"], ""),
        "mona has no one-time codes\n"
    );
}

#[test]
fn what_a_command_changes_holds_on_a_running_server_when_it_has_ended() {
    let desk = Desk::with_user();
    let server = desk.program.start_serve(&[]);
    let url = server.base_url.as_str();
    // The right password is remembered from here on, which must not outlive any of the changes.
    assert_eq!(sign_in(url, &mona(PASSWORD)), 200);
    desk.done(&["user", "suspend", "mona"], "");
    assert_eq!(sign_in(url, &mona(PASSWORD)), 403);
    desk.done(&["user", "unsuspend", "mona"], "");
    assert_eq!(sign_in(url, &mona(PASSWORD)), 200);
    desk.done(&["user", "passwd", "mona"], "another good password");
    assert_eq!(sign_in(url, &mona(PASSWORD)), 401);
    let now = mona("another good password");
    assert_eq!(sign_in(url, &now), 200);
    desk.json(&["user", "otp", "enable", "mona"], "");
    assert_eq!(sign_in(url, &now), 401);
    desk.done(&["user", "otp", "disable", "mona"], "");
    assert_eq!(sign_in(url, &now), 200);
    desk.done(&["user", "delete", "mona", "--yes"], "");
    assert_eq!(sign_in(url, &now), 401);
}

/// The server asks for a body only once it has verified the password before it.
#[test]
fn a_request_whose_password_changes_before_its_body_comes_makes_no_token() {
    let desk = Desk::with_user();
    let server = desk.program.start_serve(&[]);
    let body = json!({"note": "too late", "scopes": ["repo"]});
    let length = body.to_string().len().to_string();
    let password = basic("mona", PASSWORD);
    let head = [
        ("authorization", password.as_str()),
        ("expect", "100-continue"),
        ("content-length", length.as_str()),
    ];
    let mut stream = TcpStream::connect(server.base_url.trim_start_matches("http://")).unwrap();
    let head = request("POST", "/api/v3/authorizations", &head, None);
    stream.write_all(&head).unwrap();
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).unwrap();
    assert_eq!(asked, *b"HTTP/1.1 100 Continue\r\n\r\n");
    desk.done(
        &["user", "passwd", "mona", "--revoke-tokens"],
        "another good password",
    );
    stream.write_all(body.to_string().as_bytes()).unwrap();
    let mut connection = Connection::over_tcp(stream).unwrap();
    connection.reply().unwrap().assert_status(401);
    assert_eq!(desk.json(&["token", "list", "mona"], ""), json!([]));
}

#[test]
fn a_new_password_ends_tokens_only_when_asked_to() {
    let desk = Desk::with_user();
    let token = desk.json(
        &["token", "create", "mona", "--note", "n", "--scopes", "user"],
        "",
    );
    let server = desk.program.start_serve(&[]);
    let mut holder = ApiClient::with_token(&server.base_url, &text(&token["token"])).unwrap();
    let said = desk.done(&["user", "passwd", "mona"], "another good password");
    assert_eq!(said, "set a new password for mona; tokens live on\n");
    holder.must("GET", "/user", None).assert_status(200);
    let changed = desk.json(
        &["user", "passwd", "mona", "--revoke-tokens"],
        "a third good password",
    );
    assert_eq!(changed, json!({"login": "mona", "tokens_revoked": 1}));
    holder.must("GET", "/user", None).assert_status(401);
}

#[test]
fn locks_are_shown_and_lifted() {
    let desk = Desk::with_user();
    let server = desk.program.start_serve(&[]);
    for _ in 0..10 {
        sign_in(&server.base_url, &mona("wrong"));
    }
    assert_eq!(sign_in(&server.base_url, &mona(PASSWORD)), 403);
    let shown = desk.json(&["user", "show", "mona"], "");
    assert_eq!(shown["locks"][0]["address"], "127.0.0.1");
    assert!(
        desk.printed(&["user", "show", "mona"], "")
            .contains("locked           from 127.0.0.1 until ")
    );
    let unlocked = desk.json(&["user", "unlock", "mona"], "");
    assert_eq!(unlocked, json!({"login": "mona", "locks_lifted": 1}));
    assert_eq!(sign_in(&server.base_url, &mona(PASSWORD)), 200);
}

#[test]
fn suspending_twice_says_so() {
    let desk = Desk::with_user();
    let changed = |command| desk.json(&["user", command, "mona"], "")["changed"].clone();
    assert_eq!(changed("unsuspend"), false);
    assert_eq!(changed("suspend"), true);
    assert_eq!(changed("suspend"), false);
    assert_eq!(
        desk.done(&["user", "suspend", "mona"], ""),
        "mona was suspended before\n"
    );
}
