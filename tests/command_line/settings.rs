//! Settings, as every command meets them, and `counterfoil config`.

use serde_json::json;

use super::{Desk, PASSWORD};

#[test]
fn a_bad_setting_stops_every_command_with_the_name_of_its_key() {
    let desk = Desk::with_user();
    for (file, sentence) in [
        (
            "lissten = []\n",
            "counterfoil.toml: there is no key lissten; did you mean listen?",
        ),
        (
            "[limits]\nbody_bytes = \"many\"\n",
            "counterfoil.toml: limits.body_bytes is \"many\"; it must be a whole number of bytes between 1024 and 16777216",
        ),
        ("listen = [\n", "counterfoil.toml: line 1 is not TOML"),
    ] {
        desk.folder_file("counterfoil.toml", file);
        for command in [
            &["config", "check"][..],
            &["user", "list"],
            &["serve"],
            &["quickstart"],
        ] {
            let said = desk.refused(command, "");
            assert!(said.starts_with(sentence), "{command:?}: {said}");
        }
    }
}

#[test]
fn a_settings_file_that_was_named_must_be_there() {
    let desk = Desk::with_user();
    assert_eq!(
        desk.refused(&["config", "check", "--config", "other.toml"], ""),
        "other.toml cannot be read: No such file or directory (os error 2)"
    );
}

#[test]
fn config_check_says_which_file_it_read() {
    let desk = Desk::in_earnest();
    assert_eq!(
        desk.done(&["config", "check"], ""),
        "the settings are in order; there is no settings file\n"
    );
    desk.folder_file("counterfoil.toml", "[logging]\nlevel = \"warn\"\n");
    assert_eq!(
        desk.json(&["config", "check"], ""),
        json!({"file": "counterfoil.toml", "warnings": []})
    );
}

#[test]
fn the_example_is_a_settings_file_that_changes_nothing() {
    let desk = Desk::empty();
    let example = desk.printed(&["config", "example"], "");
    assert!(example.contains("body_bytes"));
    desk.folder_file("counterfoil.toml", &example);
    desk.done(&["config", "check"], "");
}

#[test]
fn a_flag_that_may_not_be_is_a_usage_error() {
    let desk = Desk::empty();
    assert_eq!(
        desk.mistyped(&["serve", "--listen", "everywhere"], ""),
        "--listen has an entry that is \"everywhere\"; it must be a list, each entry host:port, [IPv6]:port, unix:PATH or systemd"
    );
    desk.mistyped(&["serve", "--public-url", "tokens.example.org"], "");
    desk.mistyped(&["serve", "--tls-cert", "a"], "");
    desk.mistyped(
        &[
            "serve",
            "--tls-self-signed",
            "--tls-cert",
            "a",
            "--tls-key",
            "b",
        ],
        "",
    );
}

#[test]
fn flags_beat_the_environment_and_that_beats_the_file() {
    let mut desk = Desk::with_files("each folder has a database");
    desk.folder_file("counterfoil.toml", "data_dir = \"by-file\"\n");
    desk.done(&["user", "add", "file"], PASSWORD);
    desk.program = desk
        .program
        .with_environment("COUNTERFOIL_DATA_DIR", "by-variable");
    desk.done(&["user", "add", "variable"], PASSWORD);
    desk.done(&["user", "add", "flag", "--data-dir", "by-flag"], PASSWORD);
    for (folder, login) in [
        ("by-file", "file"),
        ("by-variable", "variable"),
        ("by-flag", "flag"),
    ] {
        let listed = desk.json(&["user", "list", "--data-dir", folder], "");
        assert_eq!(listed[0]["login"], login);
        assert_eq!(listed.as_array().unwrap().len(), 1);
    }
}
