//! What all commands have in common: help, statuses, one JSON document.

use counterfoil_testkit::installed;
use serde_json::{Value, json};

use super::{Desk, PASSWORD};

/// Every command and every group of commands, as the reference page lists them.
fn commands() -> Vec<Vec<String>> {
    let page = counterfoil::commands::reference();
    let headings = page
        .lines()
        .filter_map(|line| line.strip_prefix("## `counterfoil "));
    let names = headings.map(|heading| heading.trim_end_matches('`'));
    names
        .map(|name| name.split(' ').map(str::to_owned).collect())
        .collect()
}

#[test]
fn every_command_explains_itself() {
    let desk = Desk::empty();
    let commands = commands();
    assert!(commands.len() > 40, "{commands:?}");
    for command in commands {
        let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
        words.push("--help");
        let help = desk.program.command(&words, "").succeeded();
        assert!(
            help.stdout
                .contains(&format!("Usage: counterfoil {}", command.join(" "))),
            "{words:?}"
        );
        assert_eq!(help.stderr, "");
        for line in help.stdout.lines() {
            assert!(line.chars().count() <= 110, "{words:?}: {line}");
        }
    }
}

#[test]
fn what_is_typed_wrong_ends_with_status_2() {
    let desk = Desk::empty();
    for wrong in [
        &["usr"][..],
        &["user", "ad"],
        &["user", "create"],
        &["user", "create", "-mona"],
        &["user", "create", "mona--lisa"],
        &["user", "create", "mona", "--colour"],
        &["user", "create", "mona", "--email", "nobody"],
        &["app", "show", "not-an-id"],
        &["grant", "revoke", "x"],
        &["db", "backup"],
        &["completions", "tcl"],
        &["serve", "extra"],
        &["quickstart", "--listen", "0.0.0.0:8080"],
        &["quickstart", "--listen", "8080"],
    ] {
        desk.mistyped(wrong, PASSWORD);
    }
    let nothing = desk.program.command(&[], "");
    assert_eq!(nothing.status.code(), Some(2));
    assert!(nothing.stderr.contains("Usage: counterfoil"));
}

#[test]
fn a_tip_names_a_command_that_is_likely_to_be_meant_and_no_other() {
    let desk = Desk::empty();
    let tip = |arguments: &[&str]| {
        let said = desk.run(arguments, "").stderr;
        let tip = said
            .lines()
            .find_map(|line| line.trim().strip_prefix("tip: "));
        tip.map(str::to_owned)
    };
    let similar = |name: &str| Some(format!("a similar subcommand exists: '{name}'"));
    assert_eq!(tip(&["usr"]), similar("user"));
    assert_eq!(tip(&["grnats"]), similar("grant"));
    assert_eq!(tip(&["user", "lsit"]), similar("list"));
    assert_eq!(tip(&["app", "grant"]), None);
    assert_eq!(tip(&["login"]), None);
}

#[test]
fn the_words_that_other_programs_have_for_a_command_are_understood() {
    let desk = Desk::with_user();
    desk.done(&["org", "add", "acme"], "");
    for (words, holds) in [
        (&["user", "ls"][..], "mona"),
        (&["users", "get", "mona"], "mona"),
        (&["orgs", "ls"], "acme"),
        (&["org", "members", "ls", "acme"], ""),
        (&["token", "ls", "mona"], ""),
        (&["scopes", "ls"], "repo:status"),
        (&["status"], "settings"),
    ] {
        let printed = desk.printed(words, "");
        assert!(printed.contains(holds), "{words:?}: {printed}");
    }
    desk.done(&["org", "rm", "acme", "--yes"], "");
    // They stand in no help: one name for one thing.
    let help = desk.run(&["org", "--help"], "").stdout;
    assert!(help.contains("create") && !help.contains("add"), "{help}");
}

#[test]
fn scopes_are_listed_below_the_one_that_includes_them() {
    let desk = Desk::empty();
    let listed = desk.printed(&["scope", "list"], "");
    let mut lines = listed.lines();
    assert_eq!(
        lines.next(),
        Some("SCOPE                        FOR ADMINISTRATORS")
    );
    assert!(listed.contains("\n  write:org "), "{listed}");
    assert!(listed.contains("\n    read:org "), "{listed}");
    let document = desk.json(&["scope", "list"], "");
    let read_org = document.as_array().unwrap().iter();
    let read_org = read_org.clone().find(|scope| scope["name"] == "read:org");
    let expected =
        json!({"name": "read:org", "included_in": "write:org", "for_administrators": false});
    assert_eq!(read_org, Some(&expected));
}

#[test]
fn with_json_every_command_prints_exactly_one_document() {
    let (desk, id, _) = Desk::with_app();
    let show_app = ["app", "show", &id];
    let documents: Vec<(&[&str], &str, &str)> = vec![
        (
            &["user", "create", "lisa", "--password-stdin"],
            PASSWORD,
            "lisa",
        ),
        (&["user", "list"], "", "mona"),
        (
            &["user", "passwd", "lisa", "--password-stdin"],
            PASSWORD,
            "tokens_revoked",
        ),
        (&["user", "unlock", "lisa"], "", "locks_lifted"),
        (&["user", "delete", "lisa", "--yes"], "", "apps_deleted"),
        (&["user", "release", "lisa"], "", "released"),
        (&["user", "rename", "mona", "Mona"], "", "Mona"),
        (&["user", "rename", "mona", "mona"], "", "mona"),
        (&["app", "list"], "", "client_id"),
        (&show_app, "", "callback_urls"),
        (
            &["token", "create", "mona", "--note", "n", "--scopes", "repo"],
            "",
            "token",
        ),
        (&["token", "list", "mona"], "", "token_last_eight"),
        (&["token", "revoke", "1"], "", "tokens_revoked"),
        (&["grant", "list", "mona"], "", "[]"),
        (&["key", "list"], "", "sealed_values"),
        (&["key", "add"], "", "id"),
        (&["key", "rotate", "--yes"], "", "resealed_values"),
        (&["db", "migrate"], "", "schema"),
        (&["audit", "list"], "", "writer_number"),
        (&["config", "check"], "", "warnings"),
        (&["config", "example"], "", "toml"),
        (&["config", "show"], "", "settings"),
        (&["doctor"], "", "healthy"),
        (&["completions", "bash"], "", "script"),
        (&["man"], "", "page"),
    ];
    for (command, stdin, holds) in documents {
        assert_prints_one_document(&desk, command, stdin, holds);
    }
    let desk = Desk::with_files("a server is backed up by its own tools").and_user();
    assert_prints_one_document(&desk, &["db", "backup", "copy.db"], "", "bytes");
}

fn assert_prints_one_document(desk: &Desk, command: &[&str], stdin: &str, holds: &str) {
    let output = desk
        .program
        .command(&[command, &["--json"]].concat(), stdin)
        .succeeded();
    let document: Value = output.json();
    assert!(
        document.to_string().contains(holds),
        "{command:?}: {document}"
    );
    // The option may stand anywhere.
    let version = desk
        .program
        .command(&[&["--json"], command].concat(), stdin);
    assert!(
        version.status.code() != Some(2),
        "{command:?}: {}",
        version.stderr
    );
}

#[test]
fn an_error_prints_no_document() {
    let desk = Desk::with_user();
    let output = desk.run(&["user", "show", "nobody", "--json"], "");
    assert_eq!(
        (output.status.code(), output.stdout.as_str()),
        (Some(1), "")
    );
}

#[test]
fn an_empty_list_is_nothing_for_people_and_an_empty_array_for_programs() {
    let desk = Desk::with_user();
    for list in [
        &["org", "list"][..],
        &["token", "list", "--all"],
        &["grant", "list", "mona"],
    ] {
        assert_eq!(desk.printed(list, ""), "");
        assert_eq!(desk.json(list, ""), json!([]));
    }
}

#[test]
fn there_are_completions_for_every_shell_and_a_manual_page_for_every_command() {
    let desk = Desk::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = desk.printed(&["completions", shell], "");
        assert!(script.contains("_COUNTERFOIL_COMPLETE"), "{shell}");
    }
    assert!(desk.printed(&["man"], "").contains(".TH counterfoil 1"));
    let settings = desk.printed(&["man", "--settings"], "");
    for key in counterfoil::config::keys() {
        let variable = key.variable().replace('-', "\\-");
        assert!(settings.contains(&variable), "{variable}");
    }
    let pages = desk.folder.path().join("pages");
    std::fs::create_dir(&pages).unwrap();
    desk.done(&["man", "--dir", "pages"], "");
    for command in commands() {
        let page = pages.join(format!("counterfoil-{}.1", command.join("-")));
        assert!(page.is_file(), "{}", page.display());
    }
    for section in [
        "SYNOPSIS",
        "ENVIRONMENT",
        "FILES",
        "EXIT STATUS",
        "EXAMPLES",
        "SEE ALSO",
    ] {
        let page = std::fs::read_to_string(pages.join("counterfoil-user-create.1")).unwrap();
        let headed = page.contains(&format!(".SH {section}\n"))
            || page.contains(&format!(".SH \"{section}\"\n"));
        assert!(headed, "{section}: {page}");
    }
    assert_no_warnings(&pages);
    let proper = desk.folder.path().join("share/man1");
    std::fs::create_dir_all(&proper).unwrap();
    desk.done(&["man", "--dir", "share/man1"], "");
    assert!(
        proper
            .with_file_name("man5")
            .join("counterfoil.toml.5")
            .is_file()
    );
    let sentence = desk.refused(&["man", "--dir", "no/such"], "");
    assert!(
        sentence.starts_with("cannot write manual pages into no/such: "),
        "{sentence}"
    );
}

/// What formats manual pages has nothing to say against them.
fn assert_no_warnings(pages: &std::path::Path) {
    let files = std::fs::read_dir(pages).expect("the folder is the test's own");
    let files = files.map(|file| file.expect("it can be read").path());
    let mut groff = std::process::Command::new(installed::tool("groff"));
    groff
        .args(["-Kutf8", "-man", "-Tutf8", "-ww", "-z"])
        .args(files);
    let output = groff.output().expect("groff can be started");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[test]
fn help_names_the_variables_the_files_and_what_the_exit_status_says() {
    let desk = Desk::empty();
    let help = desk.run(&["--help"], "").stdout;
    for holds in [
        "COUNTERFOIL_CONFIG",
        "COUNTERFOIL_DATABASE_PASSWORD",
        "COUNTERFOIL_LIMITS__BODY_BYTES",
        "/etc/counterfoil/counterfoil.toml",
        "Exit status:",
    ] {
        assert!(help.contains(holds), "{holds}: {help}");
    }
    let help = desk.run(&["serve", "--help"], "").stdout;
    assert!(help.contains("COUNTERFOIL_DATA_DIR") && help.contains("COUNTERFOIL_LISTEN"));
}

#[test]
fn the_version_is_told() {
    let desk = Desk::empty();
    let version = desk.program.command(&["--version"], "").succeeded();
    assert_eq!(
        version.stdout,
        format!("counterfoil {}\n", env!("CARGO_PKG_VERSION"))
    );
}
