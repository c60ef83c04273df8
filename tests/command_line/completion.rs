//! What the shell offers: the real program answers, and bash asks it by the script that it printed.

use std::process::Command;

use super::{Desk, PASSWORD};

/// What is offered for the last of these words.
fn offered(desk: &Desk, words: &[&str]) -> Vec<String> {
    let mut program = Command::new(desk.program.binary());
    program.current_dir(desk.folder.path()).env_clear();
    program.envs(desk.program.environment());
    let last = words.len().to_string();
    program.env("_COUNTERFOIL_COMPLETE", "bash");
    program.env("_CLAP_COMPLETE_INDEX", last);
    program.env("_CLAP_COMPLETE_COMP_TYPE", "9");
    program.env("_CLAP_COMPLETE_SPACE", "true");
    program.env("_CLAP_IFS", "\n");
    program.arg("--").arg("counterfoil").args(words);
    let output = program.output().expect("the program can be started");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
    let said = String::from_utf8(output.stdout).expect("names are text");
    said.lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[test]
fn scopes_names_of_the_installation_and_folders_are_completed() {
    let (desk, client_id, _) = Desk::with_app();
    desk.done(&["user", "create", "monalisa"], PASSWORD);
    desk.done(&["user", "create", "hubot"], PASSWORD);
    desk.done(&["org", "create", "acme"], "");
    let key = desk.json(&["key", "list"], "")[0]["id"].clone();
    std::fs::create_dir(desk.folder.path().join("folder")).unwrap();
    desk.folder_file("file", "");
    for (words, expected) in [
        (&["user", "rena"][..], vec!["rename"]),
        (&["user", "show", "mon"], vec!["mona", "monalisa"]),
        (&["user", "show", "MONA"], vec!["mona", "monalisa"]),
        (&["org", "show", ""], vec!["acme"]),
        (&["app", "show", &client_id[..8]], vec![client_id.as_str()]),
        (&["app", "show", "178"], vec!["178c6fc778ccc68e1d6a"]),
        (&["key", "retire", ""], vec![key.as_str().unwrap()]),
        (
            &["token", "create", "mona", "--scopes", "gist,read:pa"],
            vec!["gist,read:packages"],
        ),
        (&["config", "show", "--data-dir", "fo"], vec!["folder/"]),
        (&["config", "show", "--data-dir", "fi"], vec![]),
    ] {
        let found = offered(&desk, words);
        let found: Vec<_> = found
            .iter()
            .filter(|word| !word.starts_with("--"))
            .collect();
        assert_eq!(found, expected, "{words:?}");
    }
    // Where there is no installation nothing is offered, said or made.
    let elsewhere = ["user", "show", "--data-dir", "nowhere", "mon"];
    assert_eq!(offered(&desk, &elsewhere), [""; 0]);
    assert!(!desk.folder.path().join("nowhere").exists());
}

#[test]
fn bash_asks_by_the_script_that_was_printed() {
    let desk = Desk::with_user();
    let script = desk.printed(&["completions", "bash"], "");
    desk.folder_file("completions", &script);
    let ask = "source ./completions; COMP_WORDS=(counterfoil user show mo); COMP_CWORD=3; COMP_TYPE=9; \
               $(complete -p counterfoil | sed 's/.*-F \\([^ ]*\\).*/\\1/') counterfoil mo show; echo \"${COMPREPLY[*]}\"";
    let mut bash = Command::new("bash");
    bash.args(["-c", ask]).current_dir(desk.folder.path());
    bash.envs(desk.program.environment());
    let folder = desk
        .program
        .binary()
        .parent()
        .unwrap()
        .display()
        .to_string();
    bash.env("PATH", format!("{folder}:/usr/bin:/bin"));
    let output = bash.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        said.trim(),
        "mona",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
