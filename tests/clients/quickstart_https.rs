//! `counterfoil quickstart --https` as a newcomer meets it: what the README and the program print
//! is typed as it stands, for gh, git and curl, in a network of the test's own where port 443 is
//! free and the hosts file may be written.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use counterfoil_testkit::process::{NetworkNamespace, Output, Person, Program, finish};
use counterfoil_testkit::{TestFolder, engine, installed};

use super::browsing::{Asked, Browsing};
use super::gh_sign_in::{CODE, Waiting};
use super::hub::path_text;
use super::installation::text;
use crate::command_line::quickstart::{FACTS, Quickstart};
use crate::pages::Page;

const NAME: &str = "counterfoil.test";
const HTTPS: [&str; 2] = ["--https", NAME];

/// How long something typed may take before it counts as a hang.
const LIMIT: Duration = Duration::from_mins(1);

/// The exit status by which curl says that it does not trust a certificate.
const NOT_TRUSTED: i32 = 60;

/// Somebody with a folder, a home and root's rights in their own network.
struct Newcomer {
    program: Program,
    namespace: NetworkNamespace,
    home: TestFolder,
    // Dropped last, when nothing works in it any more.
    folder: TestFolder,
}

impl Newcomer {
    /// Whose machine knows these names for its own.
    fn with_hosts(names: &[&str]) -> Self {
        let (folder, home) = (TestFolder::on_disk(), TestFolder::on_disk());
        let namespace = NetworkNamespace::with_hosts(names);
        // Who types is root in there already.
        let sudo = home.path().join("sudo");
        fs::write(&sudo, "#!/bin/sh\nexec \"$@\"\n").expect("the home is the test's own");
        fs::set_permissions(&sudo, fs::Permissions::from_mode(0o755))
            .expect("the home is the test's own");
        Self {
            program: program_in(folder.path()).inside(&namespace),
            namespace,
            home,
            folder,
        }
    }

    fn new() -> Self {
        Self::with_hosts(&[])
    }

    fn starts(&self, arguments: &[&str]) -> Quickstart {
        let quickstart = Quickstart::of(&self.program, arguments);
        for secret in ["password", "client secret"] {
            if let Some(secret) = quickstart.fact(secret) {
                self.program.hold_secret(secret);
            }
        }
        quickstart
    }

    /// A shell in the folder where the program was started.
    fn shell(&self, script: &str) -> Command {
        let home = self.home.path();
        let mut command = self.namespace.command("/bin/bash", self.folder.path());
        command
            .args(["-e", "-c", script])
            .env_clear()
            .env("HOME", home)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("PATH", format!("{}:/usr/bin:/bin", home.display()));
        command
    }

    /// Types something and waits for its end.
    fn types(&self, script: &str) -> Output {
        let child = self
            .shell(script)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell can be started");
        finish(child, script, LIMIT)
    }
}

fn program_in(folder: &Path) -> Program {
    Program::build_in(folder)
        .with_cheap_passwords()
        .on(engine::sqlite_only("quickstart keeps to a file"))
}

/// The file of the authority, by what is printed.
fn authority_of(quickstart: &Quickstart) -> PathBuf {
    PathBuf::from(quickstart.fact("authority").expect("it is printed"))
}

/// The lines to type: each stands under a remark.
fn lines_of(quickstart: &Quickstart) -> Vec<&str> {
    let pairs = quickstart.printed.windows(2);
    let under_remarks = pairs.filter(|pair| pair[0].starts_with("# "));
    under_remarks.map(|pair| pair[1].as_str()).collect()
}

/// What a page shows of a start, with the values of this one in place of its own.
fn with_values_of(quickstart: &Quickstart, shown: &str) -> Vec<String> {
    let mut text = shown.to_owned();
    for name in FACTS {
        let mut lines = shown.lines();
        let value = lines
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim);
        let value = value.unwrap_or_else(|| panic!("the page shows no {name}"));
        let own = quickstart.fact(name).expect("it is printed");
        text = text.replace(value, own);
    }
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_newcomer_gets_gh_git_and_curl_to_work_by_the_readme() {
    let newcomer = Newcomer::new();
    let console = Page::readme().blocks("console").remove(0);
    let (command, shown) = console.split_once('\n').expect("a command and its output");
    let arguments = command.strip_prefix("$ cargo run --release -- quickstart ");
    let arguments: Vec<_> = arguments.expect("a quickstart").split(' ').collect();
    let quickstart = newcomer.starts(&arguments);
    assert_eq!(with_values_of(&quickstart, shown), quickstart.printed);
    let lines = lines_of(&quickstart);
    let [hosts, gh, git, requests @ ..] = lines.as_slice() else {
        panic!("other lines are printed: {lines:?}");
    };
    let authority = authority_of(&quickstart);

    newcomer.types(hosts).succeeded();
    let answers: Vec<_> = requests
        .iter()
        .map(|curl| {
            let curl = format!("{curl} --silent --show-error --fail-with-body");
            newcomer.types(&curl).succeeded().json()
        })
        .collect();
    let [created, of_app, granted] = answers.as_slice() else {
        panic!("three requests are printed: {requests:?}");
    };
    let token = text(&created["token"]);
    newcomer.program.hold_secret(&token);
    newcomer.program.hold_secret(&text(&of_app["token"]));
    assert_eq!(
        granted[0]["app"]["client_id"].as_str(),
        quickstart.fact("client ID")
    );
    let file = path_text(&authority);
    let user = format!(
        "curl --silent --fail --cacert {file} -H 'Authorization: token {token}' https://{NAME}/api/v3/user"
    );
    assert_eq!(newcomer.types(&user).succeeded().json()["login"], "demo");
    let untold = newcomer.types(&format!("curl --silent https://{NAME}/api/v3/meta"));
    assert_eq!(untold.status.code(), Some(NOT_TRUSTED));

    gh_signs_in(&newcomer, &quickstart, gh);
    git_is_told(&newcomer, git);
}

/// The device flow, and what the README types after it.
fn gh_signs_in(newcomer: &Newcomer, quickstart: &Quickstart, line: &str) {
    let authority = authority_of(quickstart);
    let waiting = Waiting::start(&mut newcomer.shell(line));
    let code = waiting.says(CODE);
    let password = quickstart.fact("password").expect("it is printed");
    let demo = Person::new("demo", password);
    let origin = format!("https://{NAME}");
    let browser = Browsing::new(&newcomer.program, &origin, &newcomer.namespace, &demo);
    let arrival = browser.trusting(&authority).types(&code);
    assert_eq!(arrival.asked, [Asked::Who, Asked::Code, Asked::Whether]);
    waiting.end();

    let said = newcomer.types(&Page::readme().block("sh")).succeeded();
    assert!(said.stdout.lines().any(|line| line == "demo"), "{said:?}");
    let status = format!("{}{}", said.stdout, said.stderr);
    let signed_in = format!("Logged in to {NAME} as demo");
    assert!(status.contains(&signed_in), "{status}");
}

/// git hears of the authority by the printed line, and of the token from gh.
fn git_is_told(newcomer: &Newcomer, line: &str) {
    installed::tool("git");
    let ask = format!("git ls-remote https://{NAME}/demo/nothing");
    let untold = newcomer.types(&ask);
    assert!(!untold.status.success(), "{untold:?}");
    assert!(untold.stderr.contains("certificate"), "{untold:?}");
    newcomer.types(line).succeeded();
    let told = newcomer.types(&ask);
    assert!(told.stderr.contains("not found"), "{told:?}");

    let ask = format!("printf 'protocol=https\\nhost={NAME}\\n\\n' | git credential fill");
    let filled = newcomer.types(&ask).succeeded().stdout;
    assert!(filled.contains("username=demo\n"), "{filled}");
    assert!(filled.contains("password=gho_"), "{filled}");
}

#[test]
fn a_second_start_keeps_the_authority_which_only_its_owner_reads() {
    let newcomer = Newcomer::new();
    let first = newcomer.starts(&HTTPS);
    let authority = authority_of(&first);
    let folder = authority.parent().expect("a file lies in a folder");
    let files = ["authority.crt", "authority.key", "server.crt", "server.key"];
    let contents = || files.map(|file| fs::read(folder.join(file)).expect("it is there"));
    let mode = |path: &Path| {
        let metadata = fs::metadata(path).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(folder), 0o700);
    for file in files {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
    let at_first = contents();
    drop(first);

    let second = newcomer.starts(&HTTPS);
    assert_eq!(contents(), at_first);
    assert_eq!(authority_of(&second), authority);
    assert_eq!(second.fact("password"), None);
    let printed = second.printed.join("\n");
    assert!(printed.contains("people sign in again"), "{printed}");
    assert!(!printed.contains("made just now"), "{printed}");
}

#[test]
fn with_json_the_document_says_what_clients_need() {
    let newcomer = Newcomer::new();
    let (quickstart, document) = Quickstart::with_json(&newcomer.program, &HTTPS);
    newcomer.program.hold_secret(&text(&document["password"]));
    newcomer
        .program
        .hold_secret(&text(&document["client_secret"]));
    assert_eq!(document["url"], format!("https://{NAME}"));
    assert_eq!(document["hosts_line"], format!("127.0.0.1 {NAME}"));
    let authority = text(&document["authority_file"]);
    let begins = fs::read_to_string(authority).expect("it is there");
    assert!(
        begins.starts_with("-----BEGIN CERTIFICATE-----"),
        "{begins}"
    );
    drop(quickstart);
}

#[test]
fn the_certificates_say_what_they_are_good_for_and_until_when() {
    let newcomer = Newcomer::new();
    let authority = authority_of(&newcomer.starts(&HTTPS));
    let server = authority.with_file_name("server.crt");
    let (authority, server) = (path_text(&authority), path_text(&server));
    let constraints = format!("openssl x509 -noout -ext nameConstraints -in {authority}");
    let constraints = newcomer.types(&constraints).succeeded().stdout;
    let lines: Vec<_> = constraints.lines().map(str::trim).collect();
    assert_eq!(
        lines,
        [
            "X509v3 Name Constraints: critical",
            "Permitted:",
            "DNS:counterfoil.test",
            "Excluded:",
            "IP:0.0.0.0/0.0.0.0",
            "IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0",
        ]
    );
    // The status says whether it is still valid after so many days.
    let valid_after = |days: u32| {
        let seconds = days * 24 * 60 * 60;
        let check = format!("openssl x509 -noout -checkend {seconds} -in {server}");
        newcomer.types(&check).status.success()
    };
    assert!(valid_after(390));
    assert!(!valid_after(397));
}

/// The certificate that clients are shown, in PEM; nothing if they are refused.
fn shown(newcomer: &Newcomer) -> String {
    let ask = format!("openssl s_client -connect {NAME}:443 -servername {NAME} < /dev/null");
    let said = newcomer.types(&ask).stdout;
    let begins = said.split_once("-----BEGIN CERTIFICATE-----");
    let body = begins.and_then(|(_, rest)| rest.split_once("-----END CERTIFICATE-----"));
    body.map_or_else(String::new, |(body, _)| body.to_owned())
}

#[test]
fn the_certificate_is_renewed_while_it_serves_and_clients_need_not_be_told() {
    let mut newcomer = Newcomer::with_hosts(&[NAME]);
    newcomer.program = Program::with_movable_clock(newcomer.folder.path())
        .with_cheap_passwords()
        .inside(&newcomer.namespace);
    let quickstart = newcomer.starts(&HTTPS);
    let file = authority_of(&quickstart);
    let authority = fs::read(&file).expect("it is there");
    let first = shown(&newcomer);
    assert!(!first.is_empty());
    // Less than thirty days before its end.
    newcomer.program.advance(Duration::from_hours(370 * 24));
    let begun = Instant::now();
    loop {
        let now = shown(&newcomer);
        if !now.is_empty() && now != first {
            break;
        }
        assert!(begun.elapsed() < LIMIT, "the old certificate is shown");
    }
    assert_eq!(fs::read(&file).expect("it is there"), authority);
}

#[test]
fn a_folder_made_without_https_is_served_with_it_and_without_it_again() {
    let newcomer = Newcomer::new();
    let anywhere = ["--listen", "127.0.0.1:0"];
    let plain = newcomer.starts(&anywhere);
    let password = plain.fact("password").expect("it is printed").to_owned();
    drop(plain);

    let encrypted = newcomer.starts(&HTTPS);
    let origin = format!("https://{NAME}");
    assert_eq!(encrypted.fact("address"), Some(origin.as_str()));
    let printed = encrypted.printed.join("\n");
    assert!(printed.contains("people sign in again"), "{printed}");
    assert!(printed.contains("made just now"), "{printed}");
    let lines = lines_of(&encrypted);
    let hosts = lines.iter().find(|line| line.starts_with("echo "));
    newcomer.types(hosts.expect("it is printed")).succeeded();
    let authority = authority_of(&encrypted);
    let user = format!(
        "curl --silent --fail --cacert {} -u demo:{password} {origin}/api/v3/user",
        path_text(&authority)
    );
    assert_eq!(newcomer.types(&user).succeeded().json()["login"], "demo");
    drop(encrypted);

    let plain = newcomer.starts(&anywhere);
    let address = plain.fact("address").expect("it is printed");
    assert!(address.starts_with("http://"), "{address}");
    let user = format!("curl --silent --fail -u demo:{password} {address}/api/v3/user");
    assert_eq!(newcomer.types(&user).succeeded().json()["login"], "demo");
}

#[test]
fn a_port_that_needs_a_right_is_refused_with_how_to_get_it() {
    let newcomer = Newcomer::new();
    // Nobody's user here has another right than to its own files.
    let words = ["--bounding-set=-all", "--inh-caps=-all", "--"].map(OsString::from);
    let without_rights = [&[installed::tool("setpriv").into_os_string()], &words[..]].concat();
    let program = program_in(newcomer.folder.path())
        .inside(&newcomer.namespace)
        .under(&without_rights);
    let refused = program.command(&[&["quickstart"], &HTTPS[..]].concat(), "");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(refused.stdout, "");
    let said = &refused.stderr;
    assert_eq!(said.lines().count(), 1, "{said}");
    for words in [
        "error: cannot listen on ",
        ":443: this port needs a right, which `sudo sysctl net.ipv4.ip_unprivileged_port_start=443` gives",
        "`sudo setcap cap_net_bind_service=+ep /",
        "--listen takes another port",
    ] {
        assert!(said.contains(words), "{said}");
    }

    let elsewhere = [&HTTPS[..], &["--listen", "127.0.0.1:8443"]].concat();
    let quickstart = Quickstart::of(&program, &elsewhere);
    let origin = format!("https://{NAME}:8443");
    assert_eq!(quickstart.fact("address"), Some(origin.as_str()));
    assert!(
        lines_of(&quickstart)
            .iter()
            .all(|line| !line.contains("gh auth"))
    );
    let printed = quickstart.printed.join("\n");
    assert!(
        printed.contains("gh reaches servers at port 443 alone"),
        "{printed}"
    );
    let password = quickstart.fact("password").expect("it is printed");
    program.hold_secret(password);
    let lines = lines_of(&quickstart);
    newcomer.types(lines[0]).succeeded();
    let user = format!(
        "curl --silent --fail --cacert {} -u demo:{password} {origin}/api/v3/user",
        path_text(&authority_of(&quickstart))
    );
    assert_eq!(newcomer.types(&user).succeeded().json()["login"], "demo");
}

/// Has somebody who took the authority's key make `stolen.crt` and `stolen.key` for this name.
fn sign(newcomer: &Newcomer, authority: &Path, name: &str) {
    let key = authority.with_extension("key");
    let script = format!(
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=stolen \
         -keyout stolen.key -out stolen.csr
         printf 'subjectAltName={name}\\n' > stolen.ext
         openssl x509 -req -in stolen.csr -CA {} -CAkey {} -set_serial 7 -days 2 -extfile stolen.ext -out stolen.crt",
        path_text(authority),
        path_text(&key)
    );
    newcomer.types(&script).succeeded();
}

#[test]
fn curl_refuses_what_a_stolen_authority_signs_for_another_name() {
    let newcomer = Newcomer::with_hosts(&[NAME, "other.test"]);
    let authority = authority_of(&newcomer.starts(&HTTPS));
    let file = |name: &str| newcomer.folder.path().join(name);
    for (name, host, refusal) in [
        ("DNS:counterfoil.test", NAME, None),
        (
            "DNS:other.test",
            "other.test",
            Some("permitted subtree violation"),
        ),
        (
            "IP:127.0.0.1",
            "127.0.0.1",
            Some("excluded subtree violation"),
        ),
    ] {
        sign(&newcomer, &authority, name);
        let elsewhere = TestFolder::on_disk();
        let origin = format!("https://{host}");
        let server = program_in(elsewhere.path()).inside(&newcomer.namespace);
        let _server = server.start_serve(&[
            "--listen",
            "127.0.0.1:443",
            "--public-url",
            &origin,
            "--tls-cert",
            path_text(&file("stolen.crt")),
            "--tls-key",
            path_text(&file("stolen.key")),
        ]);
        let asked = newcomer.types(&format!(
            "curl --silent --show-error --cacert {} {origin}/api/v3/meta",
            path_text(&authority)
        ));
        match refusal {
            None => assert_eq!(asked.status.code(), Some(0), "{asked:?}"),
            Some(refusal) => {
                assert_eq!(asked.status.code(), Some(NOT_TRUSTED), "{asked:?}");
                assert!(asked.stderr.contains(refusal), "{asked:?}");
            }
        }
    }
}
