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
            let said = desk.settings_refused(command);
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
fn a_mistyped_variable_stops_every_command() {
    let mut desk = Desk::with_user();
    desk.program = desk
        .program
        .with_environment("COUNTERFOIL_LISTNE", "localhost:1");
    let sentence = "there is no variable COUNTERFOIL_LISTNE; did you mean COUNTERFOIL_LISTEN?";
    for command in [&["config", "check"][..], &["user", "list"], &["serve"]] {
        assert_eq!(desk.settings_refused(command), sentence, "{command:?}");
    }
    assert!(desk.run(&["doctor"], "").stdout.contains(sentence));
}

#[test]
fn an_earlier_name_of_a_key_is_read_and_warned_of() {
    let desk = Desk::in_earnest();
    desk.folder_file("counterfoil.toml", "[limits]\nidle_seconds = 90\n");
    let warning = "counterfoil.toml: limits.idle_seconds is an earlier name, which the next release does not read; \
                   set limits.idle_time = \"90s\" in its place";
    assert_eq!(
        desk.json(&["config", "check"], ""),
        json!({"file": "counterfoil.toml", "warnings": [warning]})
    );
    let said = desk
        .program
        .start_serve(&["--listen", "localhost:0"])
        .terminate_and_hear()
        .1;
    assert!(
        said.contains("limits.idle_seconds is an earlier name"),
        "{said}"
    );
    desk.folder_file(
        "counterfoil.toml",
        "[limits]\nidle_seconds = 90\nidle_time = \"90s\"\n",
    );
    assert_eq!(
        desk.refused(&["config", "check"], ""),
        "counterfoil.toml: limits.idle_time and limits.idle_seconds are two names of one setting; leave out \
         limits.idle_seconds, the earlier one"
    );
}

/// What `config show` is asked for, with settings from everywhere.
const SHOW: [&str; 4] = ["config", "show", "--data-dir", "elsewhere"];

fn with_settings_from_everywhere() -> Desk {
    let mut desk = Desk::in_earnest();
    desk.folder_file(
        "counterfoil.toml",
        "listen = [\"localhost:1\"]\n[limits]\nidle_seconds = 90\nheaders = 50\n",
    );
    let url = "postgresql://mona:s3cret@localhost/counterfoil";
    desk.program = desk
        .program
        .with_environment("COUNTERFOIL_LIMITS__HEADERS", "60")
        .with_environment("COUNTERFOIL_DATABASE_PASSWORD", "s3cret")
        .with_environment("COUNTERFOIL_DATABASE_URL", url);
    desk
}

#[test]
fn config_show_tells_every_setting_with_where_it_comes_from_and_no_secret() {
    let shown = with_settings_from_everywhere().json(&SHOW, "");
    assert!(!shown.to_string().contains("s3cret"), "{shown}");
    assert_eq!(shown["file"], "counterfoil.toml");
    let settings = shown["settings"].as_array().unwrap();
    assert_eq!(settings.len(), counterfoil::config::keys().len());
    for (key, value, kind, name) in [
        ("data_dir", json!("elsewhere"), "flag", json!("--data-dir")),
        (
            "listen",
            json!(["localhost:1"]),
            "file",
            json!("counterfoil.toml"),
        ),
        (
            "limits.headers",
            json!(60),
            "variable",
            json!("COUNTERFOIL_LIMITS__HEADERS"),
        ),
        (
            "limits.idle_time",
            json!("90s"),
            "file",
            json!("counterfoil.toml"),
        ),
        ("limits.body_time", json!("30s"), "default", json!(null)),
        ("tls.cert", json!(null), "default", json!(null)),
    ] {
        let setting = settings.iter().find(|setting| setting["key"] == key);
        let setting = setting.unwrap_or_else(|| panic!("{key} is not shown"));
        assert_eq!(setting["value"], value, "{key}");
        let source = json!({"kind": kind, "name": name});
        assert_eq!(setting["source"], source, "{key}");
    }
    let password = "COUNTERFOIL_DATABASE_PASSWORD";
    assert_eq!(
        shown["secrets"],
        json!([
            {"name": "installation key", "set": false, "source": null},
            {"name": "database password", "set": true, "source": password},
            {"name": "mail password", "set": false, "source": null},
            {"name": "ACME account key", "set": false, "source": null},
        ])
    );
}

#[test]
fn config_show_is_a_table_for_people() {
    let text = with_settings_from_everywhere().printed(&SHOW, "");
    assert!(!text.contains("s3cret"), "{text}");
    for line in [
        "SETTING FROM VALUE",
        "limits.headers COUNTERFOIL_LIMITS__HEADERS 60",
        "limits.idle_time counterfoil.toml: limits.idle_seconds \"90s\"",
        "tls.cert default (not set)",
        "installation key - (not set)",
        "database password COUNTERFOIL_DATABASE_PASSWORD (set)",
        "mail password - (not set)",
    ] {
        let words = |line: &str| {
            line.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert!(
            text.lines().any(|shown| words(shown) == words(line)),
            "{line}: {text}"
        );
    }
}

#[test]
fn config_check_opens_the_files_that_the_settings_name() {
    let desk = Desk::in_earnest();
    let check = |file: &str| {
        desk.folder_file("counterfoil.toml", file);
        desk.refused(&["config", "check"], "")
    };
    let missing = "No such file or directory (os error 2)";
    assert_eq!(
        check("[tls]\ncert = \"/nofile\"\nkey = \"/nokey\"\n"),
        format!("tls.cert: cannot read /nofile: {missing}")
    );
    let database = "database_url = \"postgres://mona@localhost/x\"\n[database]\n";
    assert_eq!(
        check(&format!("{database}password_file = \"/nofile\"\n")),
        format!("/nofile cannot be read: {missing}")
    );
    let said = check(&format!("{database}tls_ca_file = \"/nofile\"\n"));
    assert!(said.starts_with("database.tls_ca_file: "), "{said}");
    desk.folder_file("keys", "no key\n");
    let keys = desk.folder.path().join("keys");
    let said = check("[keys]\nfile = \"keys\"\n");
    assert!(said.contains("run `chmod 600 keys`"), "{said}");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
    let said = check("[keys]\nfile = \"keys\"\n");
    assert!(
        said.starts_with("keys.file cannot be used: line 1 of keys is no key"),
        "{said}"
    );
    // One that the first start will make.
    desk.folder_file("counterfoil.toml", "[keys]\nfile = \"later\"\n");
    desk.done(&["config", "check"], "");
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
        "--listen is \"everywhere\"; it must be host:port, [IPv6]:port, unix:PATH or systemd"
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
            desk.settings_refused(command),
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
