//! What is stored: of no secret that the program gave or took is there a copy that could be used.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use counterfoil_testkit::process::{ApiClient, Person};
use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER, HEXUPPER};
use serde_json::json;

use super::{Desk, PASSWORD, code_now, text};

/// The ways in which somebody could have written bytes down.
fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    vec![
        secret.to_vec(),
        BASE64.encode(secret).into_bytes(),
        HEXLOWER.encode(secret).into_bytes(),
        HEXUPPER.encode(secret).into_bytes(),
    ]
}

fn holds(bytes: &[u8], sought: &[u8]) -> bool {
    bytes.windows(sought.len()).any(|window| window == sought)
}

#[test]
fn no_secret_stands_in_the_database() {
    let desk = Desk::with_files("the bytes of the database are searched");
    let desk = desk.and_user();
    let app = desk.json(&["app", "create", "Board", "--owner", "mona"], "");
    let client = [&app["client_id"], &app["client_secret"]].map(text);
    let otp = desk.json(&["user", "otp", "enable", "mona"], "");
    let seed = text(&otp["secret"]);
    let codes = otp["recovery_codes"].as_array().expect("a list").clone();
    let create = ["token", "create", "mona", "--note", "n", "--scopes", "repo"];
    let token = text(&desk.json(&create, "")["token"]);
    let for_app = [
        "token", "create", "mona", "--app", &client[0], "--scopes", "repo",
    ];
    let app_token = text(&desk.json(&for_app, "")["token"]);

    // Used once, so that whatever is noted of their use is there too.
    let server = desk.program.start_serve(&[]);
    for token in [&token, &app_token] {
        let mut client = ApiClient::with_token(&server.base_url, token).expect("it accepts");
        client.must("GET", "/user", None).assert_status(200);
    }
    let mona = Person::new("mona", PASSWORD);
    let mut client_of_mona = mona.connect(&server.base_url).expect("it accepts");
    let body = json!({"note": "wrong code"});
    let answer = client_of_mona.must("POST", "/authorizations", Some(&body));
    answer.assert_status(401);
    assert_eq!(code_now(&seed).len(), 6);
    assert!(server.terminate().success());

    let mut secrets = vec![
        PASSWORD.as_bytes().to_vec(),
        token.into_bytes(),
        app_token.into_bytes(),
        client[1].clone().into_bytes(),
        BASE32_NOPAD.decode(seed.as_bytes()).expect("base 32"),
        seed.into_bytes(),
    ];
    for code in &codes {
        let code = text(code);
        secrets.push(code.replace('-', "").into_bytes());
        secrets.push(code.into_bytes());
    }
    let folder = desk.folder.path().join("counterfoil-data");
    let mut searched = Vec::new();
    for file in fs::read_dir(folder).expect("the folder is there") {
        let file = file.expect("an entry").path();
        // The key opens what is sealed, which is why it is kept apart from the database.
        if !file.is_file() || file.ends_with("keys") {
            continue;
        }
        let bytes = fs::read(&file).expect("a file");
        for secret in &secrets {
            for spelling in spellings(secret) {
                assert!(!holds(&bytes, &spelling), "{}", file.display());
            }
        }
        searched.extend(bytes);
    }
    // What may be there is: the search looks at the right bytes.
    for known in ["mona@example.org", client[0].as_str(), "$argon2id$"] {
        assert!(holds(&searched, known.as_bytes()), "{known}");
    }
}

#[test]
fn a_secret_that_was_written_down_is_found_when_the_folder_goes() {
    let desk = Desk::with_files("the bytes of the database are searched").and_user();
    let planted = format!("UPDATE accounts SET name = 'it is {PASSWORD}'");
    desk.program.database().run(&planted);
    let gone = catch_unwind(AssertUnwindSafe(|| drop(desk)));
    let said = gone.expect_err("the search fails the test");
    let said = said.downcast_ref::<String>().expect("a message");
    assert!(said.contains("a secret stands as it is in "), "{said}");
    assert!(!said.contains(PASSWORD), "{said}");
}
