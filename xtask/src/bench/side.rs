//! The servers that are measured, each a process of its own that ends with the run.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// The user that asks, and its password, and both as Basic authentication writes them.
const LOGIN: &str = "bench";
const PASSWORD: &str = "correct horse";
const AUTHORIZATION: &str = "Authorization: Basic YmVuY2g6Y29ycmVjdCBob3JzZQ==";

/// A running server and what it is asked.
pub(crate) struct Side {
    child: Child,
    url: String,
    headers: Vec<&'static str>,
    folder: Option<PathBuf>,
}

impl Side {
    /// Counterfoil as it is shipped, with one user and one token.
    pub(crate) fn counterfoil(workspace: &Workspace) -> Result<Self> {
        let program = workspace.target_folder()?.join("release/counterfoil");
        let folder = workspace.target_folder()?.join("bench-data");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).context("cannot remove the data of an earlier run")?;
        }
        let command = || {
            let mut command = Command::new(&program);
            command.arg("--data-dir").arg(&folder);
            command
        };
        let mut add = command();
        add.args(["user", "add", LOGIN, "--password-stdin"]);
        with_input(add, PASSWORD)?;
        let mut create = command();
        create.args([
            "token",
            "create",
            LOGIN,
            "--note",
            "bench",
            "--scopes",
            "repo,gist",
            "--json",
        ]);
        let made: serde_json::Value = serde_json::from_str(&with_input(create, "")?)
            .context("token create printed no JSON")?;
        let id = made["id"].as_i64().context("token create printed no id")?;
        let mut serve = command();
        serve.args(["serve", "--listen", "127.0.0.1:0"]);
        let (child, origin) = start(serve)?;
        Ok(Self {
            child,
            url: format!("{origin}/api/v3/authorizations/{id}"),
            headers: vec![AUTHORIZATION],
            folder: Some(folder),
        })
    }

    /// The bare server, with a body of this size.
    pub(crate) fn reference(workspace: &Workspace, body_bytes: usize) -> Result<Self> {
        let mut command = Command::new(workspace.target_folder()?.join("release/reference-server"));
        command.arg(body_bytes.to_string());
        let (child, origin) = start(command)?;
        Ok(Self {
            child,
            url: format!("{origin}/"),
            headers: vec![AUTHORIZATION],
            folder: None,
        })
    }

    /// What is asked for.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The headers that it is asked with.
    pub(crate) fn headers(&self) -> &[&'static str] {
        &self.headers
    }

    /// Asks once, and says how long the body of the answer is.
    pub(crate) fn body_bytes(&self) -> Result<usize> {
        let (address, path) = self
            .url
            .trim_start_matches("http://")
            .split_once('/')
            .context("a URL has a path")?;
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{AUTHORIZATION}\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if !answer.starts_with("HTTP/1.1 200") {
            bail!("the server answers something else than 200:\n{answer}");
        }
        let (_, body) = answer
            .split_once("\r\n\r\n")
            .context("an answer has a body")?;
        Ok(body.len())
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // The run is over whatever these say.
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(folder) = &self.folder {
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

/// Starts a server and waits until it says where it listens. What it says afterwards is read and dropped.
fn start(mut command: Command) -> Result<(Child, String)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("a server did not start")?;
    let mut lines = BufReader::new(child.stderr.take().context("standard error is piped")?);
    let mut first = String::new();
    lines.read_line(&mut first)?;
    let Some(origin) = first
        .trim()
        .strip_prefix("listening on ")
        .map(str::to_owned)
    else {
        drop(child.kill());
        drop(child.wait());
        bail!("a server said: {first}");
    };
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    Ok((child, origin))
}

/// Runs a command with this standard input, and takes what it printed.
fn with_input(mut command: Command, input: &str) -> Result<String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("a command did not start")?;
    child
        .stdin
        .take()
        .context("standard input is piped")?
        .write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("a command failed ({})", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}
