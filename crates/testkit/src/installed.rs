//! Where the things are that `cargo xtask setup` installs and `cargo xtask test` builds. What is
//! missing ends the test with the one command to run; nothing is skipped quietly.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The folder that cargo builds this profile in: two above the running test, which lies in `deps`.
pub fn profile_folder() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    test.ancestors()
        .nth(2)
        .expect("cargo puts tests into the deps folder of a profile")
        .to_path_buf()
}

/// The program as built for tests, `target/debug/counterfoil`.
pub fn program() -> PathBuf {
    let program = profile_folder().join("counterfoil");
    assert!(
        program.is_file(),
        "{} is not built: run `cargo xtask test`, or `cargo build --workspace --bins`",
        program.display()
    );
    program
}

/// What checks, measures and packs, `target/debug/xtask`: the program that runs the tests.
pub fn xtask() -> PathBuf {
    let program = profile_folder().join("xtask");
    assert!(
        program.is_file(),
        "{} is not built: run `cargo xtask test`, or `cargo build --workspace --bins`",
        program.display()
    );
    program
}

/// A bare Debian system in a folder, `target/debian-tree`.
pub fn debian_tree() -> PathBuf {
    let profile = profile_folder();
    let target = profile
        .parent()
        .expect("a profile lies in the target folder");
    assert!(
        // Written last by the set-up: without it the tree was cut short.
        target.join("debian-tree.done").is_file(),
        "there is no Debian tree in {}: run `cargo xtask setup`",
        target.display()
    );
    target.join("debian-tree")
}

/// The folder that cargo builds what is shipped in, `target/release`.
pub fn release_folder() -> PathBuf {
    let profile = profile_folder();
    let target = profile
        .parent()
        .expect("a profile lies in the target folder");
    target.join("release")
}

/// The folder that holds the clients from npm, `target/clients`.
fn client_folder() -> PathBuf {
    let profile = profile_folder();
    let target = profile
        .parent()
        .expect("a profile lies in the target folder");
    let folder = target.join("clients");
    assert!(
        // Written last by the set-up: without it an installation was cut short.
        folder.join("installed-lock.json").is_file(),
        "the clients from npm are not in {}: run `cargo xtask setup`",
        folder.display()
    );
    folder
}

/// The folder that node finds the clients' modules in, for `NODE_PATH`.
pub fn node_modules() -> PathBuf {
    client_folder().join("node_modules")
}

/// The folder that node finds what drives the browser in, for `NODE_PATH`.
pub fn browser_modules() -> PathBuf {
    let profile = profile_folder();
    let target = profile
        .parent()
        .expect("a profile lies in the target folder");
    let folder = target.join("browser");
    assert!(
        // Written last by the set-up: without it an installation was cut short.
        folder.join("installed-lock.json").is_file(),
        "what drives the browser is not in {}: run `cargo xtask setup`",
        folder.display()
    );
    folder.join("node_modules")
}

/// The Nu checker, which holds pages against the standard of HTML.
pub fn nu_checker() -> PathBuf {
    browser_modules().join("vnu-jar/build/dist/vnu.jar")
}

/// A program that was built in Go, in `target/clients-go`.
fn built_in_go(name: &str) -> PathBuf {
    let profile = profile_folder();
    let target = profile
        .parent()
        .expect("a profile lies in the target folder");
    let program = target.join("clients-go").join(name);
    assert!(
        program.is_file(),
        "{} is not built: run `cargo xtask setup`",
        program.display()
    );
    program
}

/// The client in Go, a program of ours.
pub fn go_client() -> PathBuf {
    built_in_go("go_github")
}

/// oauth2-proxy.
pub fn oauth2_proxy() -> PathBuf {
    built_in_go("oauth2-proxy")
}

/// Pebble, an authority for certificates.
pub fn pebble() -> PathBuf {
    built_in_go("pebble")
}

/// The folder of the clients in Java and of the program that calls them, `target/clients-java`.
fn java_folder() -> PathBuf {
    let profile = profile_folder();
    let target = profile
        .parent()
        .expect("a profile lies in the target folder");
    let folder = target.join("clients-java");
    assert!(
        // Written last by the set-up: without it an installation was cut short.
        folder.join("installed-sources").is_file(),
        "the clients in Java are not in {}: run `cargo xtask setup`",
        folder.display()
    );
    folder
}

/// Where java finds the clients and the program that calls them, for its option `-cp`.
pub fn java_class_path() -> String {
    let folder = java_folder();
    let (classes, jars) = (folder.join("classes"), folder.join("jars"));
    format!("{}:{}/*", classes.display(), jars.display())
}

/// The interpreter that finds the clients in Python, `target/clients-python/bin/python`.
pub fn python() -> PathBuf {
    let profile = profile_folder();
    let target = profile
        .parent()
        .expect("a profile lies in the target folder");
    let environment = target.join("clients-python");
    assert!(
        // Written last by the set-up: without it an installation was cut short.
        environment.join("installed-requirements.txt").is_file(),
        "the clients from PyPI are not in {}: run `cargo xtask setup`",
        environment.display()
    );
    environment.join("bin/python")
}

/// Prometheus's tool that checks metrics and rules, `target/promtool/usr/bin/promtool`.
pub fn promtool() -> PathBuf {
    let profile = profile_folder();
    let target = profile
        .parent()
        .expect("a profile lies in the target folder");
    let program = target.join("promtool/usr/bin/promtool");
    assert!(
        program.is_file(),
        "{} is not there: run `cargo xtask setup`",
        program.display()
    );
    program
}

/// A program of the environment in which schemathesis is, `target/schemathesis/bin`.
fn beside_schemathesis(name: &str) -> PathBuf {
    let profile = profile_folder();
    let target = profile
        .parent()
        .expect("a profile lies in the target folder");
    let environment = target.join("schemathesis");
    assert!(
        // Written last by the set-up: without it an installation was cut short.
        environment.join("installed-requirements.txt").is_file(),
        "schemathesis is not in {}: run `cargo xtask setup`",
        environment.display()
    );
    environment.join("bin").join(name)
}

/// The fuzzer that reads descriptions of APIs.
pub fn schemathesis() -> PathBuf {
    beside_schemathesis("schemathesis")
}

/// The interpreter that finds what schemathesis needs, and a validator of such descriptions.
pub fn schemathesis_python() -> PathBuf {
    beside_schemathesis("python")
}

/// GitHub's own description of the REST API of Enterprise Server 3.19, a JSON file.
pub fn official_description() -> PathBuf {
    let file = node_modules().join("@octokit/openapi/generated/ghes-3.19.json");
    assert!(
        file.is_file(),
        "{} is not there: run `cargo xtask setup`",
        file.display()
    );
    file
}

/// A program of the operating system, such as `curl` or `strace`, looked for in the folders of
/// administrators too.
pub fn tool(name: &str) -> PathBuf {
    let script = format!("PATH=\"$PATH:/usr/local/sbin:/usr/sbin:/sbin\" command -v {name}");
    let found = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .output()
        .expect("sh can be started");
    let path = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    assert!(
        found.status.success() && path.starts_with('/'),
        "{name} is not installed: run `cargo xtask setup`"
    );
    PathBuf::from(path)
}
