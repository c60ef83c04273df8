//! TLS with certificates from files. The certificates are made, and most requests sent, by tools
//! that have nothing to do with the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use counterfoil_testkit::installed;
use counterfoil_testkit::process::{Connection, Output, finish};

use super::{CREATION, PATIENCE, Server, Stage, assert_calm};

/// What curl prints after an answer: the version of HTTP and the status.
const VERSION_AND_STATUS: &str = "%{http_version} %{response_code}\n";

/// curl's status for a certificate that it does not trust.
const UNTRUSTED: i32 = 60;

/// A certificate and its key.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

/// A server with a certificate.
struct Encrypted {
    server: Server,
    // In use; its files are overwritten by those of others.
    pair: Pair,
    stage: Stage,
}

impl Pair {
    /// Makes one for 127.0.0.1, with files of this name.
    fn make(folder: &Path, name: &str) -> Self {
        let pair = Self {
            certificate: folder.join(format!("{name}.crt")),
            key: folder.join(format!("{name}.key")),
        };
        let subject = format!("/CN={name}");
        let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
        let mut command = Command::new(installed::tool("openssl"));
        command
            .args(words.split(' '))
            .args(["-addext", "subjectAltName=IP:127.0.0.1", "-subj", &subject])
            .arg("-keyout")
            .arg(&pair.key)
            .arg("-out")
            .arg(&pair.certificate);
        run(&mut command).succeeded();
        pair
    }

    fn copy_over(&self, other: &Self) {
        fs::copy(&self.certificate, &other.certificate).expect("the folder is the test's own");
        fs::copy(&self.key, &other.key).expect("the folder is the test's own");
    }
}

fn run(command: &mut Command) -> Output {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool can be started");
    finish(child, "a tool", PATIENCE)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path that the test made is text")
}

impl Encrypted {
    fn start(settings: &[(&str, &str)]) -> Self {
        let stage = Stage::with(settings);
        let pair = Pair::make(stage.folder.path(), "served");
        let files = [
            "--tls-cert",
            text(&pair.certificate),
            "--tls-key",
            text(&pair.key),
        ];
        let server = stage.start(&files);
        assert!(server.running.base_url.starts_with("https://127.0.0.1:"));
        Self {
            server,
            pair,
            stage,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.stage.folder.path().join(name)
    }

    /// Runs curl, which trusts this certificate only. The answer's body is thrown away.
    fn curl(&self, trusted: &Path, arguments: &[&str], path: &str) -> Output {
        let user = &self.stage.user;
        let mut command = Command::new(installed::tool("curl"));
        command
            .args(["-q", "-sS", "--max-time", "30", "--noproxy", "*"])
            .args(["-o", "/dev/null", "-w", VERSION_AND_STATUS])
            .args(["-u", &format!("{}:{}", user.login, user.password)])
            .arg("--cacert")
            .arg(trusted)
            .args(arguments)
            .arg(format!("{}{path}", self.server.running.base_url));
        run(&mut command)
    }

    /// What curl says of an answer that must come.
    fn answer(&self, arguments: &[&str], path: &str) -> String {
        let output = self.curl(&self.pair.certificate, arguments, path);
        output.succeeded().stdout.trim_end().to_owned()
    }

    /// Sends SIGHUP and waits until the log says what came of it.
    fn reload(&self, outcome: &str) {
        self.server.running.hang_up();
        self.server.wait_for_log(outcome, || {
            // Knocking is enough to pass the time.
            let mut connection = Connection::over_tcp(self.server.socket());
            let connection = connection.as_mut().expect("a socket takes its options");
            connection.close_writing().expect("a side can be closed");
            connection.rest();
        });
    }

    fn is_well(&self) {
        assert_eq!(self.answer(&[], "/healthz"), "2 200");
        self.reload("the certificate was loaded again");
        assert_calm(&self.server.running.stderr());
    }
}

#[test]
fn http_2_and_http_1_1_are_spoken_over_tls() {
    let site = Encrypted::start(&[]);
    let user = "/api/v3/user";
    assert_eq!(site.answer(&["--http2"], user), "2 200");
    assert_eq!(site.answer(&["--http1.1"], user), "1.1 200");
    assert_eq!(site.answer(&["--tls-max", "1.2"], user), "2 200");
    assert_eq!(site.answer(&["--tlsv1.3"], user), "2 200");
    site.is_well();
}

#[test]
fn many_requests_share_one_http_2_connection() {
    let site = Encrypted::start(&[]);
    let many = ["--http2", "--parallel", "--parallel-max", "50"];
    let answers = site.answer(&many, "/api/v3/user?number=[1-200]");
    assert_eq!(answers.lines().count(), 200);
    assert!(answers.lines().all(|line| line == "2 200"), "{answers}");
    site.is_well();
}

#[test]
fn what_is_too_large_is_refused_over_http_2_as_well() {
    let site = Encrypted::start(&[]);
    let header = format!("x-large: {}", "x".repeat(40_000));
    assert_eq!(site.answer(&["-H", &header], "/healthz"), "2 431");
    let mut headers = Vec::new();
    let many: Vec<String> = (0..150).map(|number| format!("x-{number}: y")).collect();
    for header in &many {
        headers.extend(["-H", header]);
    }
    assert_eq!(site.answer(&headers, "/healthz"), "2 431");
    let body = site.path("body");
    fs::write(&body, "x".repeat(2 << 20)).unwrap();
    let body = format!("@{}", text(&body));
    // More than once: what ends a body early must not overtake its answer.
    for _ in 0..10 {
        assert_eq!(site.answer(&["--data-binary", &body], CREATION), "2 413");
    }
    site.is_well();
}

#[test]
fn sighup_takes_a_renewed_certificate_and_not_a_broken_one() {
    let site = Encrypted::start(&[]);
    let first = site.path("first.crt");
    fs::copy(&site.pair.certificate, &first).unwrap();
    let renewed = Pair::make(site.stage.folder.path(), "renewed");
    let status_trusting = |certificate: &Path| {
        let output = site.curl(certificate, &[], "/healthz");
        output.status.code()
    };
    assert_eq!(status_trusting(&renewed.certificate), Some(UNTRUSTED));

    renewed.copy_over(&site.pair);
    assert_eq!(status_trusting(&first), Some(0), "nobody was told yet");
    site.reload("the certificate was loaded again");
    assert_eq!(status_trusting(&renewed.certificate), Some(0));
    assert_eq!(status_trusting(&first), Some(UNTRUSTED));

    fs::write(&site.pair.certificate, "no certificate").unwrap();
    site.reload("the certificate was not loaded again: the old one stays in use");
    assert_eq!(status_trusting(&renewed.certificate), Some(0));
    // A key that belongs to another certificate is no better.
    fs::copy(&first, &site.pair.certificate).unwrap();
    site.reload("does not belong to the certificate");
    assert_eq!(status_trusting(&renewed.certificate), Some(0));
    assert_calm(&site.server.running.stderr());
}

#[test]
fn whoever_never_finishes_a_handshake_is_closed() {
    let site = Encrypted::start(&[("LIMITS__TLS_HANDSHAKE_TIME", "1s")]);
    let beginnings: [&[u8]; 3] = [
        b"",
        b"\x16",
        // A record of a handshake that says it is longer than it is.
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ];
    let since = Instant::now();
    let connections = beginnings.map(|bytes| {
        let mut connection = Connection::over_tcp(site.server.socket()).unwrap();
        connection.send(bytes).unwrap();
        connection
    });
    for mut connection in connections {
        assert_eq!(connection.rest(), b"");
    }
    assert!(since.elapsed() < PATIENCE);
    site.is_well();
}

#[test]
fn what_is_neither_tls_nor_http_gets_no_answer_of_http() {
    let site = Encrypted::start(&[]);
    let plain: [&[u8]; 2] = [
        b"GET /healthz HTTP/1.1\r\nhost: counterfoil.test\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for bytes in plain {
        let mut connection = Connection::over_tcp(site.server.socket()).unwrap();
        connection.send(bytes).unwrap();
        let rest = connection.reply().unwrap();
        rest.assert_status(400);
        assert!(
            rest.text().starts_with("This port speaks HTTPS"),
            "{}",
            rest.text()
        );
        assert_eq!(rest.header("connection"), Some("close"));
        connection.close_writing().unwrap();
        assert_eq!(connection.rest(), b"");
    }
    let not_tls: [&[u8]; 2] = [b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10", &[0xff; 64]];
    for bytes in not_tls {
        let mut connection = Connection::over_tcp(site.server.socket()).unwrap();
        connection.send(bytes).unwrap();
        connection.close_writing().unwrap();
        let rest = connection.rest();
        assert!(!rest.starts_with(b"HTTP"), "{}", rest.escape_ascii());
    }
    site.is_well();
}

#[test]
fn a_flood_of_broken_handshakes_is_one_line_of_the_log() {
    let site = Encrypted::start(&[]);
    for _ in 0..50 {
        let mut connection = Connection::over_tcp(site.server.socket()).unwrap();
        connection.send(&[0xff; 64]).unwrap();
        connection.close_writing().unwrap();
        connection.rest();
    }
    site.is_well();
    let said = site.server.running.stderr();
    assert_eq!(said.matches("a TLS handshake failed").count(), 1, "{said}");
}

#[test]
fn headers_that_never_come_end_an_encrypted_connection() {
    let site = Encrypted::start(&[("LIMITS__HEADER_TIME", "1s")]);
    let address = site.server.running.base_url.trim_start_matches("https://");
    let mut child = Command::new(installed::tool("openssl"))
        .args(["s_client", "-quiet", "-connect", address, "-CAfile"])
        .arg(&site.pair.certificate)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl can be started");
    // Open as long as the client runs, so that only the server can end this.
    let held = child.stdin.take();
    let output = finish(child, "openssl s_client", PATIENCE);
    drop(held);
    assert_eq!(output.stdout, "");
    site.is_well();
}
