//! The first five minutes, as the page tells them: every command as printed, one after another, in
//! one shell.

use std::process::Stdio;
use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::installed;
use counterfoil_testkit::process::{NetworkNamespace, finish};

use crate::pages::Page;

/// The page promises five minutes to a person; a machine that is busy with other tests gets them
/// too.
const LIMIT: Duration = Duration::from_mins(5);

#[test]
fn a_newcomer_protects_a_site_by_following_the_page() {
    let namespace = NetworkNamespace::with_hosts(&[]);
    let folder = TestFolder::on_disk();
    let blocks = Page::read("gateways.md").blocks("sh");
    let (install, follow) = blocks.split_first().expect("the page has commands");
    // What it installs is what the set-up of the tests has installed.
    assert_eq!(install, "sudo apt-get install --yes nginx curl\n");
    // Servers that a failure leaves behind end with the shell.
    let script = format!(
        "set -e\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{}",
        follow.concat()
    );
    let program = installed::program();
    let programs = program.parent().expect("a program lies in a folder");
    let mut command = namespace.command("/bin/bash", folder.path());
    let child = command
        .args(["-c", &script])
        .env_clear()
        .env("HOME", folder.path())
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash can be started");
    let output = finish(child, "the walk-through", LIMIT).succeeded();
    let statuses: Vec<_> = output
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("HTTP/1.1 "))
        .map(|rest| rest.split(' ').next().unwrap_or_default())
        .collect();
    assert_eq!(statuses, ["401", "200", "403", "401"], "{}", output.stdout);
    assert!(
        output
            .stdout
            .contains("www-authenticate: Bearer realm=\"Counterfoil\"\r\n")
    );
    assert!(output.stdout.contains("<h1>Behind the gateway</h1>"));
}
