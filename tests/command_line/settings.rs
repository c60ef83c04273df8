//! Settings, as every command meets them, and `counterfoil config`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::MountNamespace;
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
    desk.json(&["init"], "");
    desk.done(&["user", "create", "file"], PASSWORD);
    desk.program = desk
        .program
        .with_environment("COUNTERFOIL_DATA_DIR", "by-variable");
    desk.json(&["init"], "");
    desk.done(&["user", "create", "variable"], PASSWORD);
    desk.json(&["init", "--data-dir", "by-flag"], "");
    desk.done(
        &["user", "create", "flag", "--data-dir", "by-flag"],
        PASSWORD,
    );
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

#[test]
fn the_machines_settings_count_where_no_file_is_named_and_none_lies_here() {
    let desk = Desk::empty();
    let etc = TestFolder::in_memory();
    fs::create_dir(etc.path().join("counterfoil")).unwrap();
    let machine = "/etc/counterfoil/counterfoil.toml";
    let level = |level: &str| format!("[logging]\nlevel = \"{level}\"\n");
    fs::write(
        etc.path().join("counterfoil/counterfoil.toml"),
        level("warn"),
    )
    .unwrap();
    let mounts = MountNamespace::with_etc(etc.path());
    let Desk { program, folder } = desk;
    let mut desk = Desk {
        program: program.inside_mounts(&mounts),
        folder,
    };
    let read = |desk: &Desk, options: &[&str]| {
        let check = [&["config", "check"], options].concat();
        desk.json(&check, "")["file"].clone()
    };
    assert_eq!(read(&desk, &[]), machine);
    desk.json(&["init"], "");
    // Who stands in another folder than they think sees it; who named the file knows.
    let note = format!("note: the settings are those of {machine}\n");
    assert_eq!(desk.run(&["user", "list"], "").succeeded().stderr, note);
    let named = ["user", "list", "--config", machine];
    assert_eq!(desk.run(&named, "").succeeded().stderr, "");
    desk.folder_file("counterfoil.toml", &level("error"));
    assert_eq!(read(&desk, &[]), "counterfoil.toml");
    desk.folder_file("named.toml", "");
    assert_eq!(read(&desk, &["--config", "named.toml"]), "named.toml");
    desk.program = desk
        .program
        .with_environment("COUNTERFOIL_CONFIG", "named.toml");
    assert_eq!(read(&desk, &[]), "named.toml");
}

#[test]
fn the_server_logs_which_settings_file_it_read() {
    let desk = Desk::with_installation();
    let log = || desk.program.start_serve(&[]).terminate_and_hear().1;
    let first = log();
    assert!(first.contains("settings_file=\"none\""), "{first}");
    desk.folder_file("counterfoil.toml", "");
    let file = desk.folder.path().join("counterfoil.toml");
    let second = log();
    assert!(
        second.contains(&format!("settings_file=\"{}\"", file.display())),
        "{second}"
    );
}

#[test]
fn a_settings_file_that_others_can_write_is_refused() {
    let desk = Desk::with_user();
    desk.folder_file("counterfoil.toml", "");
    let file = desk.folder.path().join("counterfoil.toml");
    let set_mode = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(&file, 0o646);
    for command in [
        &["user", "list"][..],
        &["user", "list", "--config", "counterfoil.toml"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        assert_eq!(
            desk.refused(command, ""),
            "counterfoil.toml can be changed by other users (mode 0646), and it decides who sees passwords; run `chmod go-w` on it"
        );
    }
    set_mode(&file, 0o644);
    desk.run(&["user", "list"], "").succeeded();

    let folder = desk.folder.path();
    let own = fs::metadata(folder).unwrap().mode() & 0o7777;
    set_mode(folder, 0o777);
    let sentence = desk.refused(&["user", "list"], "");
    assert!(
        sentence.starts_with(
            "counterfoil.toml: others than root and the user that runs this can put files into ."
        ),
        "{sentence}"
    );
    // A file that was named was meant, and in a sticky folder nobody replaces what is somebody
    // else's.
    desk.run(&["user", "list", "--config", "counterfoil.toml"], "")
        .succeeded();
    set_mode(folder, 0o1777);
    desk.run(&["user", "list"], "").succeeded();
    set_mode(folder, own);

    // Only root can make a file somebody else's.
    if fs::metadata(&file).unwrap().uid() == 0 {
        chown(&file, Some(65_534), None).unwrap();
        let sentence = desk.refused(&["user", "list"], "");
        assert!(
            sentence.starts_with("counterfoil.toml belongs to ")
                && sentence.ends_with("name it with --config if you mean it"),
            "{sentence}"
        );
        desk.run(&["user", "list", "--config", "counterfoil.toml"], "")
            .succeeded();
    }
}
