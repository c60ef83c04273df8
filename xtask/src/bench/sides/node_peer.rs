//! node-oidc-provider, from npm at the version of the committed lock file.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::bench::Bench;
use crate::bench::http::{Asked, basic};
use crate::bench::process::{Cores, Server};
use crate::bench::sides::nginx::free_address;
use crate::say;
use crate::workspace::succeed;

/// Where manifest, lock file and program are committed.
const SOURCE: &str = "xtask/bench-peers";
const FILES: [&str; 3] = ["package.json", "package-lock.json", "oidc-provider.mjs"];

/// The client of the peer, which the program there knows too.
const CLIENT: (&str, &str) = ("bench", "bench-secret-of-the-peer");

/// The peer at work, and a request to introspect a live token.
pub(crate) struct Peer {
    pub(crate) server: Server,
    pub(crate) introspect: Asked,
}

/// Starts it on one core.
pub(crate) fn start(bench: &Bench) -> Result<Peer> {
    let folder = install(bench)?;
    let address = free_address()?;
    let mut command = Cores::One.server("node");
    command
        .arg(folder.join("oidc-provider.mjs"))
        .arg(address.port().to_string())
        .env("NODE_ENV", "production")
        .current_dir(&folder);
    let server = Server::start_at(command, address, bench.file("node-peer.log"))?;
    let issue = form("/token", "grant_type=client_credentials".to_owned());
    let answer = issue.expect(address, 200)?;
    let answer: serde_json::Value = serde_json::from_str(&answer.body)?;
    let token = answer["access_token"]
        .as_str()
        .context("the peer issued no token")?;
    let introspect = form("/token/introspection", format!("token={token}"));
    let answer = introspect.expect(address, 200)?;
    let answer: serde_json::Value = serde_json::from_str(&answer.body)?;
    anyhow::ensure!(
        answer["active"] == true,
        "the peer does not know its own token"
    );
    Ok(Peer { server, introspect })
}

fn form(path: &str, body: String) -> Asked {
    let content = "application/x-www-form-urlencoded".to_owned();
    Asked {
        method: "POST",
        path: path.to_owned(),
        headers: vec![
            ("authorization", basic(CLIENT.0, CLIENT.1)),
            ("content-type", content),
        ],
        body: Some(body),
    }
}

/// Installs it unless it is there.
fn install(bench: &Bench) -> Result<PathBuf> {
    let source = bench.root.join(SOURCE);
    let folder = bench.file("peers");
    fs::create_dir_all(&folder)?;
    let lock = fs::read(source.join("package-lock.json")).context("no lock file of the peers")?;
    // Written last, so that an installation cut short is not taken for a whole one.
    let done = folder.join("installed-lock.json");
    let is_installed = fs::read(&done).is_ok_and(|installed| installed == lock);
    for file in FILES {
        fs::copy(source.join(file), folder.join(file))?;
    }
    if is_installed {
        return Ok(folder);
    }
    say::line("node-oidc-provider: installing");
    let mut command = Command::new("npm");
    command
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(["--loglevel", "error"])
        .current_dir(&folder)
        .stdin(Stdio::null());
    succeed(command, "npm ci")?;
    fs::write(done, lock)?;
    Ok(folder)
}
