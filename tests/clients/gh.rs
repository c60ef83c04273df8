//! Debian's `gh` 2.23. It speaks HTTPS at port 443 of a host name only, so it and the server share
//! a network namespace of their own; it trusts the certificate through `SSL_CERT_FILE`, and keeps
//! its token in a folder of its own.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::installed;
use counterfoil_testkit::process::{NetworkNamespace, Output, Program, Running, finish};
use serde_json::Value;

use super::hub::{HOST, make_certificate, path_text};
use super::installation::{Installation, LOGIN, text};

/// How long one command may take before it counts as a hang.
const COMMAND_LIMIT: Duration = Duration::from_mins(1);

/// A server on port 443, and a home for gh.
pub(super) struct Stage {
    pub(super) server: Running,
    pub(super) installation: Installation,
    pub(super) certificate: PathBuf,
    pub(super) namespace: NetworkNamespace,
    home: TestFolder,
}

impl Stage {
    pub(super) fn set() -> Self {
        let installation = Installation::new();
        let namespace = NetworkNamespace::with_hosts(&[HOST]);
        let (certificate, key) = make_certificate(installation.folder.path());
        let program = Program::build_in(installation.folder.path()).inside(&namespace);
        let server = program.start_serve(&[
            "--listen",
            "127.0.0.1:443",
            "--public-url",
            &format!("https://{HOST}"),
            "--tls-cert",
            path_text(&certificate),
            "--tls-key",
            path_text(&key),
        ]);
        Self {
            server,
            installation,
            certificate,
            namespace,
            home: TestFolder::on_disk(),
        }
    }

    /// A gh that knows the host and trusts its certificate.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let home = self.home.path();
        let mut command = self.namespace.command(installed::tool("gh"), home);
        command
            .args(arguments)
            .env("HOME", home)
            .env("GH_CONFIG_DIR", home)
            .env("GH_HOST", HOST)
            .env("GH_PROMPT_DISABLED", "1")
            .env("GH_NO_UPDATE_NOTIFIER", "1")
            .env("SSL_CERT_FILE", &self.certificate);
        // Each of these would stand in for what gh was told.
        for name in [
            "GH_TOKEN",
            "GITHUB_TOKEN",
            "GH_ENTERPRISE_TOKEN",
            "GITHUB_ENTERPRISE_TOKEN",
            "GH_DEBUG",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// Runs gh with this on its standard input.
    pub(super) fn gh(&self, arguments: &[&str], stdin: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("gh can be started");
        let mut input = child.stdin.take().expect("standard input was piped");
        input
            .write_all(stdin.as_bytes())
            .expect("gh reads its standard input");
        drop(input);
        finish(child, "gh", COMMAND_LIMIT)
    }

    /// A shell where gh is found, and our program, in the folder of the installation.
    pub(super) fn shell(&self, script: &str) -> Command {
        let program = installed::program();
        let programs = program.parent().expect("a program lies in a folder");
        let folder = self.installation.folder.path();
        let mut command = self.namespace.command("/bin/bash", folder);
        command
            .args(["-e", "-c", script])
            .env_clear()
            .env("HOME", self.home.path())
            .env("HOST", HOST)
            .env("SSL_CERT_FILE", &self.certificate)
            .env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
        command
    }

    fn token(&self, scopes: &str) -> String {
        let create = [
            "token", "create", LOGIN, "--note", scopes, "--scopes", scopes,
        ];
        text(&self.installation.program.json(&create, "")["token"])
    }

    fn log_in(&self, token: &str) -> Output {
        self.gh(
            &["auth", "login", "--hostname", HOST, "--with-token"],
            token,
        )
    }
}

#[test]
fn gh_logs_in_with_a_token_and_asks_who_that_is() {
    let stage = Stage::set();
    let token = stage.token("repo,read:org,gist");
    stage.log_in(&token).succeeded();

    let status = stage.gh(&["auth", "status", "--hostname", HOST], "");
    let said = format!("{}{}", status.stdout, status.stderr);
    assert!(status.status.success(), "{said}");
    assert!(
        said.contains(&format!("Logged in to {HOST} as {LOGIN}")),
        "{said}"
    );
    assert!(
        said.contains("Token scopes: gist, read:org, repo"),
        "{said}"
    );

    let user = stage.gh(&["api", "user"], "").succeeded();
    assert_eq!(user.json()["login"], LOGIN);
    let viewer = ["api", "graphql", "-f", "query={viewer{login isSiteAdmin}}"];
    let viewer = stage.gh(&viewer, "").succeeded().json();
    assert_eq!(viewer["data"]["viewer"]["login"], LOGIN);
    assert!(
        !stage.server.stderr().contains(&token),
        "no log has the token"
    );
}

#[test]
fn gh_follows_the_links_of_a_list() {
    let stage = Stage::set();
    let program = &stage.installation.program;
    for number in 1..=5 {
        let organization = format!("org{number}");
        for command in [
            &["org", "create", &organization][..],
            &["org", "member", "add", &organization, LOGIN],
        ] {
            program.command(command, "").succeeded();
        }
    }
    stage.log_in(&stage.token("repo,read:org,gist")).succeeded();
    let listed = [
        "api",
        "--paginate",
        "user/orgs?per_page=2",
        "--jq",
        ".[].login",
    ];
    let listed = stage.gh(&listed, "").succeeded();
    let logins: Vec<_> = listed.stdout.lines().collect();
    assert_eq!(logins, ["org1", "org2", "org3", "org4", "org5"]);
    let merged = stage.gh(&["api", "user/orgs"], "").succeeded().json();
    assert_eq!(merged.as_array().map(Vec::len), Some(5));
}

#[test]
fn gh_is_told_what_a_token_lacks_and_that_it_is_gone() {
    let stage = Stage::set();
    let narrow = stage.log_in(&stage.token("gist"));
    assert!(!narrow.status.success());
    assert!(
        narrow.stderr.contains("missing required scope"),
        "{}",
        narrow.stderr
    );

    let token = stage.token("repo,read:org,gist");
    stage.log_in(&token).succeeded();
    let program = &stage.installation.program;
    program
        .command(&["token", "revoke", "--token-stdin"], &token)
        .succeeded();
    let refused = stage.gh(&["api", "user"], "");
    assert!(!refused.status.success());
    let body: Value = serde_json::from_str(&refused.stdout).expect("gh prints the body");
    assert_eq!(body["message"], "Bad credentials");
    let status = stage.gh(&["auth", "status", "--hostname", HOST], "");
    assert!(!status.status.success());
}
