//! Counterfoil as it is shipped, with a user, an app and tokens, and what is asked of it.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::bench::Bench;
use crate::bench::http::{Asked, basic};
use crate::bench::process::{Cores, Server};

/// The user, and the password that every user of a benchmark has.
pub(crate) const LOGIN: &str = "bench";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// An installation in a folder of its own.
pub(crate) struct Installation {
    program: PathBuf,
    folder: PathBuf,
    settings: Vec<(&'static str, String)>,
}

impl Installation {
    /// An empty one, in place of any that an earlier run left.
    pub(crate) fn empty(bench: &Bench, name: &str) -> Result<Self> {
        let folder = bench.file(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).context("cannot remove what an earlier run left")?;
        }
        Ok(Self::at(bench, &folder))
    }

    /// The one in this folder.
    pub(crate) fn at(bench: &Bench, folder: &Path) -> Self {
        Self {
            program: bench.program("counterfoil"),
            folder: folder.to_path_buf(),
            // What is measured changes more than a user may in an hour.
            settings: vec![("COUNTERFOIL_LIMITS__WRITES_PER_HOUR", "0".to_owned())],
        }
    }

    /// The same for another program.
    pub(crate) fn by(mut self, program: PathBuf) -> Self {
        self.program = program;
        self
    }

    /// The program that it is for.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The same with a setting that is not the default, by the name of its variable.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("counterfoil.db")
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn add_user(&self) -> Result<()> {
        let email = format!("{LOGIN}@example.com");
        // A program from before there was this command makes an installation with the first user.
        drop(self.run(&["init"], ""));
        self.run(
            &["user", "add", LOGIN, "--email", &email, "--password-stdin"],
            PASSWORD,
        )?;
        Ok(())
    }

    /// Runs a command that prints one JSON document.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Result<Value> {
        let mut command = Command::new(&self.program);
        self.complete(&mut command);
        let mut child = command
            .args(arguments)
            .arg("--json")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("counterfoil could not be started")?;
        child
            .stdin
            .take()
            .context("standard input is piped")?
            .write_all(input.as_bytes())?;
        let output = child.wait_with_output()?;
        ensure!(
            output.status.success(),
            "counterfoil {} failed ({})",
            arguments.join(" "),
            output.status
        );
        serde_json::from_slice(&output.stdout).context("counterfoil printed no JSON")
    }

    /// Serves it on a port that the system chooses.
    pub(crate) fn serve(&self, bench: &Bench, cores: Cores) -> Result<Server> {
        let mut command = self.serve_command(cores, "127.0.0.1:0");
        command.args(["--ops-listen", "127.0.0.1:0"]);
        Server::start(command, self.log(bench))
    }

    /// The command that serves it.
    pub(crate) fn serve_command(&self, cores: Cores, listen: &str) -> Command {
        let mut command = cores.server(&self.program);
        self.complete(&mut command);
        command.args(["serve", "--listen", listen]);
        command
    }

    /// Where its log goes.
    pub(crate) fn log(&self, bench: &Bench) -> PathBuf {
        let name = self.folder.file_name().unwrap_or_default();
        bench.file(&format!("{}.log", name.to_string_lossy()))
    }

    fn complete(&self, command: &mut Command) {
        command.arg("--data-dir").arg(&self.folder);
        for (name, value) in &self.settings {
            command.env(name, value);
        }
    }
}

/// An installation with a user, an app and a token of each kind.
pub(crate) struct Scene {
    pub(crate) installation: Installation,
    client: (String, String),
    personal: (i64, String),
    app_token: String,
}

impl Scene {
    pub(crate) fn make(bench: &Bench) -> Result<Self> {
        Self::of(bench, bench.program("counterfoil"), "scene")
    }

    /// Makes one by this program, in a folder of this name.
    pub(crate) fn of(bench: &Bench, program: PathBuf, name: &str) -> Result<Self> {
        let installation = Installation::empty(bench, name)?.by(program);
        installation.add_user()?;
        let url = "https://app.example.com";
        let app = ["app", "add", "Bench", "--owner", LOGIN, "--url", url];
        let app = installation.run(&[&app[..], &["--callback-url", url]].concat(), "")?;
        let client = (text(&app, "client_id")?, text(&app, "client_secret")?);
        let create = ["token", "create", LOGIN, "--scopes", "repo,gist"];
        let personal = installation.run(&[&create[..], &["--note", "bench"]].concat(), "")?;
        let id = personal["id"].as_i64().context("a token has no id")?;
        let given = installation.run(&[&create[..], &["--app", &client.0]].concat(), "")?;
        Ok(Self {
            client,
            personal: (id, text(&personal, "token")?),
            app_token: text(&given, "token")?,
            installation,
        })
    }

    /// The check by an app.
    pub(crate) fn app_check(&self) -> Asked {
        let (id, secret) = &self.client;
        Asked::post(
            format!("/api/v3/applications/{id}/token"),
            basic(id, secret),
            format!(r#"{{"access_token":"{}"}}"#, self.app_token),
        )
    }

    /// The check by a gateway.
    pub(crate) fn gateway(&self) -> Asked {
        gateway(&self.personal.1)
    }

    /// The user reads one authorization with the password.
    pub(crate) fn basic(&self) -> Asked {
        Asked::get(
            format!("/api/v3/authorizations/{}", self.personal.0),
            basic(LOGIN, PASSWORD),
        )
    }
}

/// The check of a token by a gateway.
pub(crate) fn gateway(token: &str) -> Asked {
    Asked::get("/gateway/verify", format!("Bearer {token}"))
}

/// A metric of a server, from its operators' port.
pub(crate) fn metric(operators: SocketAddr, name: &str) -> Result<f64> {
    let answer = Asked::get("/metrics", "none").expect(operators, 200)?;
    let line = answer
        .body
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        .with_context(|| format!("there is no metric {name}"))?;
    Ok(line.trim().parse()?)
}

/// A member of a document that is a text.
pub(crate) fn text(document: &Value, name: &str) -> Result<String> {
    let text = document[name].as_str();
    Ok(text
        .with_context(|| format!("no {name} in {document}"))?
        .to_owned())
}
