//! `counterfoil quickstart`: what is printed works when it is pasted.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};

use counterfoil_testkit::process::Program;
use serde_json::Value;

use super::{Desk, text};
use crate::pages::Page;

/// What quickstart says of the installation, each with its value.
pub(crate) const FACTS: [&str; 7] = [
    "data folder",
    "address",
    "sign in",
    "login",
    "password",
    "client ID",
    "client secret",
];

/// A quickstart that serves. Dropping it ends it.
pub(crate) struct Quickstart {
    child: Child,
    pub(crate) printed: Vec<String>,
}

impl Quickstart {
    fn start(desk: &Desk) -> Self {
        Self::of(&desk.program, &["--listen", "127.0.0.1:0"])
    }

    /// Starts it with these arguments, and reads what it prints up to the last line.
    pub(crate) fn of(program: &Program, arguments: &[&str]) -> Self {
        let mut child = program.spawn(&[&["quickstart"], arguments].concat());
        let stdout = child.stdout.take().expect("standard output was piped");
        let mut printed = Vec::new();
        for line in BufReader::new(stdout).lines() {
            let line = line.expect("it prints text");
            let last = line.starts_with("Ctrl-C");
            printed.push(line);
            if last {
                return Self { child, printed };
            }
        }
        let ended = child.wait_with_output().expect("a child can be waited for");
        panic!("it ended: {}", String::from_utf8_lossy(&ended.stderr));
    }

    /// Starts it with these arguments, and reads the document that it prints.
    pub(crate) fn with_json(program: &Program, arguments: &[&str]) -> (Self, Value) {
        let mut child = program.spawn(&[&["quickstart", "--json"], arguments].concat());
        let stdout = child.stdout.take().expect("standard output was piped");
        let documents = serde_json::Deserializer::from_reader(BufReader::new(stdout));
        let document = documents.into_iter().next();
        let quickstart = Self {
            child,
            printed: Vec::new(),
        };
        let document = document.expect("it prints a document");
        (quickstart, document.expect("it prints JSON"))
    }

    /// What it says of the installation under this name.
    pub(crate) fn fact(&self, name: &str) -> Option<&str> {
        self.printed
            .iter()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    }

    /// The lines to paste that begin with this word.
    fn commands(&self, word: &str) -> Vec<&str> {
        let lines = self.printed.iter().map(String::as_str);
        lines
            .filter(|line| {
                line.split(' ')
                    .next()
                    .is_some_and(|first| first.ends_with(word))
            })
            .collect()
    }
}

impl Drop for Quickstart {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Pastes a line into a shell, and reads the JSON that comes back.
fn paste(line: &str) -> Value {
    let output = Command::new("sh")
        .args([
            "-c",
            &format!("{line} --silent --show-error --fail-with-body"),
        ])
        .output()
        .expect("sh can be started");
    assert!(output.status.success(), "{line}: {output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON comes back")
}

#[test]
fn the_printed_lines_work_when_pasted() {
    let desk = Desk::with_files("it keeps to a file");
    let quickstart = Quickstart::start(&desk);
    for name in FACTS {
        assert!(
            quickstart.fact(name).is_some(),
            "{name}: {:?}",
            quickstart.printed
        );
    }
    let lines = quickstart.commands("curl");
    let [create, get_or_create, list] = lines.as_slice() else {
        panic!("three lines should be there: {lines:?}")
    };
    let created = paste(create);
    assert!(text(&created["token"]).starts_with("ghp_"));
    assert_eq!(created["scopes"][0], "repo");
    let first = paste(get_or_create);
    assert!(text(&first["token"]).starts_with("gho_"));
    let again = paste(get_or_create);
    assert_eq!(
        (&again["id"], text(&again["token"])),
        (&first["id"], String::new())
    );
    let granted = paste(list);
    assert_eq!(
        text(&granted[0]["app"]["client_id"]),
        quickstart.fact("client ID").unwrap()
    );
}

#[test]
fn a_second_start_keeps_the_data_and_prints_no_secret() {
    let desk = Desk::with_files("it keeps to a file");
    let first = Quickstart::start(&desk);
    let id = first.fact("client ID").unwrap().to_owned();
    let secrets = ["password", "client secret"].map(|name| first.fact(name).unwrap().to_owned());
    paste(first.commands("curl")[0]);
    drop(first);
    let second = Quickstart::start(&desk);
    assert_eq!(second.fact("client ID"), Some(id.as_str()));
    let all = second.printed.join("\n");
    assert!(secrets.iter().all(|secret| !all.contains(secret)), "{all}");
    assert_eq!(second.fact("password"), None);
    assert!(all.contains("counterfoil user passwd demo"), "{all}");
    assert!(
        all.contains(&format!("counterfoil app rotate-secret {id}")),
        "{all}"
    );
    // What it says to type works while it serves.
    desk.done(&["user", "passwd", "demo"], "a new password");
    let address = second.fact("address").unwrap();
    let mine = paste(&format!(
        "curl -u 'demo:a new password' {address}/api/v3/authorizations"
    ));
    assert_eq!(mine.as_array().unwrap().len(), 1);
}

#[test]
fn with_json_the_quickstart_prints_one_document_and_serves() {
    let desk = Desk::with_files("it keeps to a file");
    let anywhere = ["--listen", "127.0.0.1:0"];
    let (quickstart, document) = Quickstart::with_json(&desk.program, &anywhere);
    assert_eq!(document["login"], "demo");
    assert_eq!(document["commands"].as_array().unwrap().len(), 3);
    let user = format!(
        "curl -u demo:{} {}/api/v3/user",
        text(&document["password"]),
        text(&document["url"])
    );
    assert_eq!(paste(&user)["login"], "demo");
    drop(quickstart);
}

#[test]
fn the_quickstart_serves_this_machine_only() {
    let desk = Desk::with_files("it keeps to a file");
    let sentence = desk.mistyped(&["quickstart", "--listen", "0.0.0.0:8080"], "");
    assert!(
        sentence.contains(
            "quickstart is for this machine only, and 0.0.0.0:8080 is no loopback address"
        ),
        "{sentence}"
    );
    assert!(!desk.folder.path().join("counterfoil-data").exists());
}

#[test]
fn a_name_that_https_cannot_be_served_under_is_refused_with_what_to_do() {
    let desk = Desk::with_files("it keeps to a file");
    for (name, sentence) in [
        (
            "127.0.0.1",
            "and this is an address; choose a name such as counterfoil.test",
        ),
        (
            "[::1]",
            "and this is an address; choose a name such as counterfoil.test",
        ),
        ("two words", "give the name alone, such as counterfoil.test"),
        (
            "https://counterfoil.test",
            "give the name alone, such as counterfoil.test",
        ),
        ("github.com", "choose another one, such as counterfoil.test"),
        (
            "com",
            "choose a name of two parts or more, such as counterfoil.test",
        ),
    ] {
        let said = desk.mistyped(&["quickstart", "--https", name], "");
        assert!(said.contains(sentence), "{name}: {said}");
    }
    assert!(!desk.folder.path().join("counterfoil-data").exists());
}

#[test]
fn https_is_not_served_at_a_port_that_nobody_knows_before() {
    let desk = Desk::with_files("it keeps to a file");
    let anywhere = ["--listen", "127.0.0.1:0"];
    let arguments = [
        &["quickstart", "--https", "counterfoil.test"][..],
        &anywhere,
    ]
    .concat();
    let said = desk.mistyped(&arguments, "");
    assert!(said.contains("the port is a part of every link"), "{said}");
    assert!(!desk.folder.path().join("counterfoil-data").exists());
}

#[test]
fn https_with_an_authority_does_not_take_the_place_of_another_certificate() {
    let desk = Desk::with_files("it keeps to a file");
    desk.folder_file("counterfoil.toml", "[tls]\nself_signed = true\n");
    let said = desk.refused(&["quickstart", "--https", "counterfoil.test"], "");
    assert!(said.contains("the settings have one already"), "{said}");
    assert!(!desk.folder.path().join("counterfoil-data").exists());
}

#[test]
fn https_with_an_authority_does_not_take_the_place_of_a_certificate_that_is_ordered() {
    let desk = Desk::with_files("it keeps to a file");
    desk.folder_file(
        "counterfoil.toml",
        "[acme]\ndirectory_url = \"https://acme.example.org/directory\"\nterms_agreed = true\n",
    );
    let said = desk.refused(&["quickstart", "--https", "counterfoil.test"], "");
    assert!(
        said.contains("the settings order one (acme.directory_url); take [acme] out of them"),
        "{said}"
    );
    assert!(!desk.folder.path().join("counterfoil-data").exists());
}

/// What stands after the command in a page's console.
type Shown = Vec<String>;

/// The commands of a console, each with what is shown after it.
fn typed(console: &str) -> Vec<(String, Shown)> {
    let mut typed: Vec<(String, Shown)> = Vec::new();
    for line in console.lines() {
        match (line.strip_prefix("$ "), typed.last_mut()) {
            (Some(command), _) => typed.push((command.to_owned(), Shown::new())),
            (None, Some((_, shown))) => shown.push(line.to_owned()),
            (None, None) => panic!("a console begins with a command: {line}"),
        }
    }
    typed
}

/// A line without what is another one each time.
fn masked(line: &str) -> String {
    for start in ["  \"id\": ", "  \"token\": \"ghp_"] {
        if line.starts_with(start) {
            return format!("{start}…");
        }
    }
    line.to_owned()
}

#[test]
fn the_readmes_commands_show_what_it_says_when_typed_in_order() {
    let desk = Desk::with_files("it keeps to a file");
    let quickstart = Quickstart::start(&desk);
    let blocks = Page::readme().blocks("console");
    // The first is about a start with HTTPS, the second about the package.
    let [_, _, commands] = blocks.as_slice() else {
        panic!("the README has three consoles: {blocks:?}")
    };
    // A reader has pasted these by then.
    for line in quickstart.commands("curl") {
        paste(line);
    }
    let address = quickstart.fact("address").unwrap();
    let password = quickstart.fact("password").unwrap();
    let commands = typed(commands);
    let mut script = String::new();
    for (command, _) in &commands {
        let command = match command.split_once('=') {
            Some(("A", _)) => format!("A={address}/api/v3"),
            Some(("PASSWORD", _)) => format!("PASSWORD={password}"),
            _ => command.clone(),
        };
        script.push_str(&command);
        script.push_str("\necho ---\n");
    }
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<_> = said.split_terminator("---\n").collect();
    assert_eq!(answers.len(), commands.len(), "{said}");
    for ((command, shown), answer) in commands.iter().zip(answers) {
        let shown: Vec<_> = shown.iter().map(|line| masked(line)).collect();
        let answer: Vec<_> = answer.lines().map(masked).collect();
        assert_eq!(answer, shown, "{command}");
    }
}
