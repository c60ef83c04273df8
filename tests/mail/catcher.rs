//! A mail server that other people wrote, which behaves as a test says.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use counterfoil_testkit::installed;
use serde_json::{Value, json};

/// How long a mail is waited for: the server has to start on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Take,
    Later,
    Refuse,
    Hang,
    Drop,
    Closed,
}

/// See the module. Ended with its value.
pub(crate) struct Catcher {
    child: Child,
    stdin: ChildStdin,
    mails: Receiver<Value>,
    answers: Receiver<Value>,
    pub(crate) port: u64,
}

/// A mail as it arrived.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) headers: Value,
    pub(crate) text: String,
    pub(crate) encrypted: bool,
    pub(crate) user: Option<String>,
}

impl Catcher {
    pub(crate) fn start(setting: &Value) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("mail/server.py");
        let mut child = Command::new(installed::python())
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the mail server can be started");
        let mut stdin = child.stdin.take().expect("standard input was piped");
        let stdout = child.stdout.take().expect("standard output was piped");
        writeln!(stdin, "{setting}").expect("the mail server reads");
        let (mail, mails) = channel();
        let (answer, answers) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let document: Value = serde_json::from_str(&line).expect("JSON on each line");
                let to = if document["from"].is_string() {
                    &mail
                } else {
                    &answer
                };
                // Nobody listens any more.
                let _ = to.send(document);
            }
        });
        let started: Value = answers.recv_timeout(PATIENCE).expect("it says its port");
        Self {
            child,
            stdin,
            mails,
            answers,
            port: started["port"].as_u64().expect("a port"),
        }
    }

    /// Behaves so from here on.
    pub(crate) fn be(&mut self, manner: Manner) {
        let word = format!("{manner:?}").to_lowercase();
        writeln!(self.stdin, "{}", json!({ "manner": word })).expect("the mail server reads");
        self.answers.recv_timeout(PATIENCE).expect("it answers");
    }

    /// The next mail that arrives.
    #[track_caller]
    pub(crate) fn mail(&self) -> Mail {
        Mail::read(&self.mails.recv_timeout(PATIENCE).expect("a mail arrives"))
    }

    /// Those that arrived by now and were not read.
    pub(crate) fn mails_that_came(&mut self) -> Vec<Mail> {
        // What it answers comes after what it told of before.
        self.be(Manner::Take);
        self.mails
            .try_iter()
            .map(|mail| Mail::read(&mail))
            .collect()
    }
}

impl Mail {
    fn read(mail: &Value) -> Self {
        let text = |name: &str| mail[name].as_str().expect("a text").to_owned();
        let to = mail["to"].as_array().expect("a list").iter();
        Self {
            from: text("from"),
            to: to
                .map(|to| to.as_str().expect("an address").to_owned())
                .collect(),
            subject: text("subject"),
            headers: mail["headers"].clone(),
            text: text("text"),
            encrypted: mail["encrypted"] == true,
            user: mail["user"].as_str().map(str::to_owned),
        }
    }
}

impl Drop for Catcher {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A certificate for loopback and its key.
pub(crate) struct Pair {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Makes a certificate in a folder.
pub(crate) fn certificate(folder: &Path) -> Pair {
    std::fs::create_dir_all(folder).expect("the folder is the test's own");
    let pair = Pair {
        certificate: folder.join("mail.crt"),
        key: folder.join("mail.key"),
    };
    let made = Command::new(installed::tool("openssl"))
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            // Of a server and not of an authority.
            "-extensions",
            "usr_cert",
        ])
        .args([
            "-days",
            "2",
            "-subj",
            "/CN=mail.test",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        .arg("-keyout")
        .arg(&pair.key)
        .arg("-out")
        .arg(&pair.certificate)
        .stderr(Stdio::null())
        .status()
        .expect("openssl can be started");
    assert!(made.success());
    pair
}
