//! Mail as a real server gets it, over SMTP, and what becomes of it when the server fails.

pub(crate) mod catcher;

use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{Output, Program, Running};

use catcher::{Catcher, Mail, Manner};

/// A program that sends mail through this server.
fn program(folder: &TestFolder, catcher: &Catcher) -> Program {
    Program::with_movable_clock(folder.path())
        .with_cheap_passwords()
        .with_environment("COUNTERFOIL_MAIL__SERVER", "127.0.0.1")
        .with_environment("COUNTERFOIL_MAIL__PORT", &catcher.port.to_string())
        .with_environment("COUNTERFOIL_MAIL__ENCRYPTION", "none")
        .with_environment("COUNTERFOIL_MAIL__SENDER", "tokens@example.org")
        .with_environment("COUNTERFOIL_MAIL__TIMEOUT", "2s")
}

fn invite(program: &Program, login: &str) {
    let email = format!("{login}@example.net");
    let invited = program.json(&["user", "invite", login, "--email", &email], "");
    assert_eq!(invited["mailed"], true, "{invited}");
    assert_eq!(invited["link"], serde_json::Value::Null);
}

/// The code of the link in a mail, which stands on a line of its own.
fn code_in(mail: &Mail, server: &Running) -> String {
    let port = server.base_url.rsplit(':').next().expect("it has a port");
    let before = format!("http://localhost:{port}/link/");
    let links: Vec<_> = mail
        .text
        .lines()
        .filter_map(|line| line.strip_prefix(&before))
        .collect();
    let [code] = links[..] else {
        panic!("one link: {}", mail.text)
    };
    assert_eq!(code.len(), 22);
    code.to_owned()
}

/// What is waiting, by the words of the command.
fn waiting(program: &Program) -> u64 {
    let shown = program.json(&["outbox", "show"], "");
    shown["waiting"].as_u64().expect("a number")
}

#[test]
fn an_invitation_is_mailed_and_its_secret_is_nowhere_else() {
    let folder = TestFolder::in_memory();
    let catcher = Catcher::start(&serde_json::json!({}));
    let program = program(&folder, &catcher);
    program.init();
    let server = program.start_serve(&[]);
    invite(&program, "mona");
    let mail = catcher.mail();
    assert_eq!(mail.from, "tokens@example.org");
    assert_eq!(mail.to, ["mona@example.net"]);
    assert_eq!(mail.subject, "You are invited to Counterfoil");
    assert!(mail.text.contains("Your login is mona."), "{}", mail.text);
    assert_eq!(mail.headers["from"], "Counterfoil <tokens@example.org>");
    assert_eq!(mail.headers["auto-submitted"], "auto-generated");
    assert!(
        mail.headers["message-id"]
            .as_str()
            .unwrap()
            .ends_with("@example.org>")
    );
    let code = code_in(&mail, &server);
    let (_, log) = server.terminate_and_hear();
    assert!(
        !log.contains(&code) && !log.contains("mona@example.net"),
        "{log}"
    );
    for file in std::fs::read_dir(program.folder().join("counterfoil-data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&code), "the secret of a link is kept");
    }
    let told: Vec<_> = program.audit_trail();
    let actions: Vec<_> = told
        .iter()
        .filter_map(|event| event["action"].as_str())
        .collect();
    assert!(
        actions.ends_with(&["user.created", "link.requested", "link.made"]),
        "{actions:?}"
    );
    assert_eq!(waiting(&program), 0);
}

#[test]
fn a_mail_is_tried_again_while_the_server_fails_and_given_up_when_it_refuses() {
    let folder = TestFolder::in_memory();
    let mut catcher = Catcher::start(&serde_json::json!({}));
    let program = program(&folder, &catcher);
    program.init();
    let server = program.start_serve(&[]);
    let mut codes = Vec::new();
    for (number, manner) in [Manner::Later, Manner::Hang, Manner::Closed, Manner::Drop]
        .into_iter()
        .enumerate()
    {
        catcher.be(manner);
        let login = format!("user{number}");
        invite(&program, &login);
        let said = match manner {
            Manner::Later => Some("does not take it now: status 451"),
            Manner::Hang => Some("cannot be used: the mail server did not answer within 2s"),
            Manner::Closed => Some("cannot be used: no connection, or it broke off"),
            Manner::Drop | Manner::Take | Manner::Refuse => None,
        };
        let dropped = said.is_none().then(|| catcher.mail());
        if let Some(sentence) = said {
            wait_for(&server, sentence);
        }
        assert_eq!(waiting(&program), 1, "{manner:?}");
        catcher.be(Manner::Take);
        program.advance(Duration::from_secs(100));
        let mail = catcher.mail();
        assert_eq!(mail.to, [format!("{login}@example.net")]);
        // Another try has another secret, and can be told to be the same mail.
        let code = code_in(&mail, &server);
        if let Some(dropped) = dropped {
            assert_ne!(code_in(&dropped, &server), code);
            assert_eq!(dropped.headers["message-id"], mail.headers["message-id"]);
        }
        codes.push(code);
    }
    catcher.be(Manner::Refuse);
    invite(&program, "gone");
    wait_for(&server, "the mail server refuses a mail for good");
    let (_, log) = server.terminate_and_hear();
    // What the server said had the address in it.
    assert!(
        log.contains("status 550") && !log.contains("gone@example.net"),
        "{log}"
    );
    assert_eq!(waiting(&program), 0);
    let trail = program.audit_trail();
    let given_up = trail
        .iter()
        .filter(|event| event["action"] == "mail.given_up");
    assert_eq!(given_up.count(), 1);
}

/// What a command says that must fail.
fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{}", output.stdout);
    output.stderr.clone()
}

/// Waits until the log has a sentence, by asking for it until it is there.
pub(crate) fn wait_for(server: &Running, sentence: &str) {
    let begun = std::time::Instant::now();
    while !server.stderr().contains(sentence) {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "the log never says: {sentence}"
        );
        std::thread::yield_now();
    }
}

#[test]
fn mail_goes_over_an_encrypted_connection_whose_certificate_is_verified() {
    let folder = TestFolder::in_memory();
    let pair = catcher::certificate(folder.path());
    let catcher = Catcher::start(&serde_json::json!({
        "certificate": pair.certificate, "key": pair.key, "user": "counterfoil", "password": "the mail password",
    }));
    let password = folder.path().join("mail-password");
    std::fs::write(&password, "the mail password\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&password, mode).unwrap();
    let path_of = |path: &std::path::Path| path.to_str().expect("a plain path").to_owned();
    let with = |authority: &str| {
        program(&folder, &catcher)
            .with_environment("COUNTERFOIL_MAIL__ENCRYPTION", "starttls")
            .with_environment("COUNTERFOIL_MAIL__TLS_CA_FILE", authority)
            .with_environment("COUNTERFOIL_MAIL__USER", "counterfoil")
            .with_environment("COUNTERFOIL_MAIL__PASSWORD_FILE", &path_of(&password))
    };
    let sent = with(&path_of(&pair.certificate)).json(&["mail", "test", "mona@example.net"], "");
    assert_eq!(sent["sent"], true);
    let mail = catcher.mail();
    assert_eq!(mail.subject, "Test mail from Counterfoil");
    assert!(mail.encrypted);
    assert_eq!(mail.user.as_deref(), Some("counterfoil"));
    // Another authority's.
    let other = catcher::certificate(&folder.path().join("other"));
    let test = ["mail", "test", "mona@example.net"];
    let said = refused(&with(&path_of(&other.certificate)).command(&test, ""));
    assert!(said.contains("did not take the mail"), "{said}");
    // Another password is told by what the server says.
    let wrong =
        with(&path_of(&pair.certificate)).with_environment("COUNTERFOIL_MAIL_PASSWORD", "no");
    let said = refused(&wrong.command(&test, ""));
    assert!(said.contains("535"), "{said}");
}

#[test]
fn without_a_mail_server_a_link_is_printed_once() {
    let folder = TestFolder::in_memory();
    let program = Program::build_in(folder.path()).with_cheap_passwords();
    program.init();
    let invited = program.json(&["user", "invite", "mona"], "");
    assert_eq!(invited["mailed"], false);
    let link = invited["link"].as_str().expect("a link");
    assert!(link.starts_with("http://localhost:8080/link/"), "{link}");
    let again = program.command(&["user", "invite", "mona"], "").succeeded();
    assert_eq!(again.stdout.lines().count(), 1, "{}", again.stdout);
    assert!(
        again.stderr.contains("this is shown once"),
        "{}",
        again.stderr
    );
    let hubot = program.add_user("hubot");
    let said = refused(&program.command(&["user", "invite", &hubot.login], ""));
    let advice =
        "hubot has a password already; `counterfoil user reset hubot` makes a link for another one";
    assert!(said.contains(advice), "{said}");
    let reset = program.json(&["user", "reset", "hubot"], "");
    assert!(
        reset["link"]
            .as_str()
            .is_some_and(|link| link.contains("/link/"))
    );
    let enrolment = program.json(&["user", "otp", "link", "hubot"], "");
    assert!(
        enrolment["link"]
            .as_str()
            .is_some_and(|link| link.contains("/link/")),
        "{enrolment}"
    );
    program
        .command(&["user", "otp", "enable", "hubot"], "")
        .succeeded();
    let said = refused(&program.command(&["user", "otp", "link", "hubot"], ""));
    assert!(said.contains("hubot has one-time codes already"), "{said}");
    let said = refused(&program.command(&["mail", "test", "mona@example.net"], ""));
    assert!(said.contains("mail.server is not set"), "{said}");
}

#[test]
fn the_first_start_writes_the_set_up_link_into_the_data_folder_and_a_later_one_another() {
    let folder = TestFolder::in_memory();
    let program = Program::build_in(folder.path()).with_cheap_passwords();
    let file = program.folder().join("counterfoil-data/set-up-link");
    let read = || std::fs::read_to_string(&file).expect("it is there");
    let server = program.start_serve(&[]);
    wait_for(
        &server,
        "there is no administrator yet; the file holds the link that makes one, once",
    );
    let first = read();
    let mode = std::fs::metadata(&file).unwrap();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777,
        0o600
    );
    let port = server.base_url.rsplit(':').next().unwrap();
    assert!(
        first.starts_with(&format!("http://localhost:{port}/link/")),
        "{first}"
    );
    let (_, log) = server.terminate_and_hear();
    assert!(!log.contains(first.trim()), "{log}");
    let server = program.start_serve(&[]);
    wait_for(&server, "there is no administrator yet");
    assert_ne!(read(), first);
    drop(server);
    let printed = program.json(&["user", "setup-link"], "");
    assert!(
        printed["link"]
            .as_str()
            .is_some_and(|link| link.contains("/link/"))
    );
    // Once there is an administrator there is no link.
    program
        .command(
            &["user", "create", "mona", "--admin", "--password-stdin"],
            "a long good password",
        )
        .succeeded();
    let server = program.start_serve(&[]);
    wait_for(&server, "the server is ready");
    assert!(server.terminate().success());
    assert!(!file.exists());
    let said = refused(&program.command(&["user", "setup-link"], ""));
    assert!(
        said.contains("there is, or was, a site administrator already"),
        "{said}"
    );
}

#[test]
fn a_printed_link_has_the_port_of_the_server_that_runs_else_that_of_the_settings() {
    let folder = TestFolder::in_memory();
    let program = Program::build_in(folder.path()).with_cheap_passwords();
    program.init();
    let begins = |program: &Program, origin: &str| {
        let printed = program.json(&["user", "setup-link"], "");
        let link = printed["link"].as_str().expect("a link");
        assert!(link.starts_with(&format!("{origin}/link/")), "{link}");
    };
    let server = program.start_serve(&[]);
    let port = server.base_url.rsplit(':').next().expect("it has a port");
    begins(&program, &format!("http://localhost:{port}"));
    drop(server);
    let listening =
        Program::build_in(folder.path()).with_environment("COUNTERFOIL_LISTEN", "127.0.0.1:4711");
    begins(&listening, "http://localhost:4711");
    begins(&program, "http://localhost:8080");
}
