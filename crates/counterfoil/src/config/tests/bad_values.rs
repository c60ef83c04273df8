//! What is said of a value that may not be: how pages look, and what must not be repeated.

use super::{complaint, file};

#[test]
fn a_bad_value_of_what_people_and_apps_see_is_one_sentence_too() {
    for (text, sentence) in [
        (
            "[pages]\nbrand = \"\"",
            "pages.brand is \"\"; it must be a text of 1 to 40 characters without control characters.",
        ),
        (
            "[pages]\nbrand = \" Acme\"",
            "pages.brand is \" Acme\"; it must be a text of 1 to 40 characters without control characters.",
        ),
        (
            "[pages]\ncolour = \"red\"",
            "pages.colour is \"red\"; it must be # and six hexadecimal digits, such as #0c5a63.",
        ),
        (
            "[pages]\ncolour = \"#ffcc00\"",
            "pages.colour: text in this colour has a contrast of 1.3 on the pages and needs 4.5; choose a darker one.",
        ),
        (
            "[oauth]\ncode_replay = \"lenient\"",
            "oauth.code_replay is \"lenient\"; it must be \"tolerated\" or \"strict\".",
        ),
        (
            "[device]\nadministrator_scopes = \"yes\"",
            "device.administrator_scopes is \"yes\"; it must be true or false.",
        ),
        (
            "[accounts]\nlanguage = \"fr\"",
            "accounts.language is \"fr\"; it must be \"en\" or \"ko\".",
        ),
        (
            "[oauth]\niss = \"all\"",
            "oauth.iss is \"all\"; it must be \"per_app\" or \"every_app\".",
        ),
        (
            "[accounts]\ntime_zone = \"Mars/Olympus\"",
            "accounts.time_zone is \"Mars/Olympus\"; it must be the name of a time zone, such as UTC, Asia/Seoul or \
             Europe/Berlin.",
        ),
    ] {
        assert_eq!(complaint(text), sentence);
    }
}

#[test]
fn passkeys_are_bound_to_a_host_that_fits_the_pages() {
    for (text, sentence) in [
        (
            "[pages]\npasskey_rp_id = \"https://example.org\"",
            "pages.passkey_rp_id is \"https://example.org\"; it must be the name of a host in lower case, without scheme, port or \
             path, and no IP address.",
        ),
        (
            "[pages]\npasskey_rp_id = \"127.0.0.1\"",
            "pages.passkey_rp_id is \"127.0.0.1\"; it must be the name of a host in lower case, without scheme, port or path, and \
             no IP address.",
        ),
        (
            "[pages]\npasskey_rp_id = \"example.org\"",
            "pages.passkey_rp_id is \"example.org\" and the pages are at http://localhost: passkeys are bound to another host; it \
             must be their host, or one that it stands below.",
        ),
        (
            "public_url = \"https://192.0.2.7\"\n[pages]\npasskey_rp_id = \"example.org\"",
            "pages.passkey_rp_id is \"example.org\" and the pages are at https://192.0.2.7: passkeys need the name of a host; this \
             server goes by an IP address; it must be their host, or one that it stands below.",
        ),
    ] {
        assert_eq!(complaint(text), sentence);
    }
}

#[test]
fn a_password_in_an_address_is_not_repeated() {
    for text in [
        "database_url = \"mysql://user:secret@db/x\"",
        "database_url = \"postgres://user:secret@db/\"",
        "database_url = \"postgres://user:secret@db/x?sslmode=secret\"",
        "database_url = \"postgres://user:a@secret@db/x\"",
        "database_url = \"postgres://user:secret@db:port/x\"",
        "database_url = \"postgres://db/x?password=secret@db\"",
        "public_url = \"https://user:secret@a.example\"",
    ] {
        assert!(!complaint(text).contains("secret"), "{}", complaint(text));
    }
    let settings = file("database_url = \"postgres://user:hunter2@db/x?sslmode=disable\"").load();
    let settings = settings.unwrap();
    assert_eq!(settings.database().to_string(), "postgres://user@db:5432/x");
    assert!(!format!("{settings:?}").contains("hunter2"));
}
