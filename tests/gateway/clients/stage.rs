//! What stands around a gateway: Counterfoil with a rule, an application that tells what reached
//! it, and somebody who asks.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::installed;
use counterfoil_testkit::process::{NetworkNamespace, Program, Running, finish};
use serde_json::Value;

/// How long one call may take, the waiting for a server that starts included.
const CALL_LIMIT: Duration = Duration::from_mins(2);

/// Where a client comes from that is not the gateway itself.
const ELSEWHERE: &str = "127.0.0.9";

/// How often a gateway is asked until it hears somebody who just started.
const ATTEMPTS: usize = 1_000;

/// Where the page's gateways listen.
const GATEWAY: &str = "http://127.0.0.1:8090";

/// The settings that the page asks for.
const SETTINGS: &str =
    "trusted_proxies = [\"127.0.0.1\"]\n\n[gateway.rules.site]\nusers = [\"mona\"]\n";

/// Answers every request on the page's port of the application with what reached it.
const APPLICATION: &str = "require('http').createServer((request, answer) => {
    let length = 0;
    request.on('data', (piece) => { length += piece.length; });
    request.on('end', () => {
        const { method, url, rawHeaders } = request;
        answer.end(JSON.stringify({ method, url, headers: rawHeaders, length }));
    });
}).listen(3000, '127.0.0.1');";

/// Stands in for a Counterfoil that has something else to say.
const SUBSTITUTE: &str = "const [status, wait] = process.argv.slice(1);
require('http').createServer((request, answer) => {
    answer.writeHead(Number(status), { 'Retry-After': wait });
    answer.end();
}).listen(8080, '127.0.0.1');";

pub(super) struct Stage {
    pub(super) namespace: NetworkNamespace,
    program: Program,
    server: Option<Running>,
    /// Mona's token, whom the rule admits.
    pub(super) token: String,
    /// The token of somebody else.
    pub(super) other: String,
    _application: Process,
    pub(super) folder: TestFolder,
}

/// A program that serves until it is dropped.
pub(super) struct Process(Child);

/// What the gateway answered.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) status: u16,
    head: String,
    body: String,
}

impl Stage {
    pub(super) fn set() -> Self {
        let namespace = NetworkNamespace::with_hosts(&[]);
        let folder = TestFolder::in_memory();
        fs::write(folder.path().join("counterfoil.toml"), SETTINGS).expect("a file of ours");
        let program = Program::build_in(folder.path())
            .with_cheap_passwords()
            .inside(&namespace);
        let [token, other] = ["mona", "lisa"].map(|login| {
            program.add_user(login);
            let create = [
                "token",
                "create",
                login,
                "--note",
                "x",
                "--scopes",
                "repo,gist",
            ];
            program
                .command(&create, "")
                .succeeded()
                .stdout
                .trim()
                .to_owned()
        });
        let server = program.start_serve(&["--listen", "127.0.0.1:8080"]);
        let application = Process::start(
            namespace
                .command(installed::tool("node"), folder.path())
                .args(["--eval", APPLICATION]),
        );
        Self {
            namespace,
            program,
            server: Some(server),
            token,
            other,
            _application: application,
            folder,
        }
    }

    /// Puts a file where the gateway works.
    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("a file of ours");
    }

    /// Starts a gateway in the folder of its files.
    pub(super) fn start(&self, program: &str, arguments: &[&str]) -> Process {
        let mut command = self
            .namespace
            .command(installed::tool(program), self.folder.path());
        // Caddy writes below its user's home.
        command.args(arguments).env("HOME", self.folder.path());
        Process::start(&mut command)
    }

    /// Asks the gateway, which may just be starting.
    #[track_caller]
    pub(super) fn ask(&self, path: &str, headers: &[&str], more: &[&str]) -> Heard {
        let mut command = self
            .namespace
            .command(installed::tool("curl"), self.folder.path());
        command.args(["--silent", "--show-error", "--include"]);
        command.args([
            "--retry",
            "60",
            "--retry-max-time",
            "60",
            "--retry-connrefused",
        ]);
        for header in headers {
            command.args(["--header", header]);
        }
        // curl takes some answers for reasons to ask again; here each is meant.
        command.args(more).arg(format!("{GATEWAY}{path}"));
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("curl can be started");
        Heard::read(&finish(child, "curl", CALL_LIMIT).succeeded().stdout)
    }

    /// Asks with this token.
    #[track_caller]
    pub(super) fn ask_with(&self, token: &str, path: &str, headers: &[&str]) -> Heard {
        let authorization = format!("Authorization: Bearer {token}");
        self.ask(path, &[&[authorization.as_str()], headers].concat(), &[])
    }

    /// Revokes mona's token at the command line.
    pub(super) fn revoke(&self) {
        let revoke = ["token", "revoke", "--token-stdin"];
        self.program.command(&revoke, &self.token).succeeded();
    }

    pub(super) fn stop_counterfoil(&mut self) {
        let server = self.server.take().expect("it is stopped once");
        assert!(server.terminate().success());
    }

    /// Where the other token was last used from, as it stands in the database.
    fn last_address_of_other(&self) -> String {
        let question = "SELECT z.last_used_address FROM authorizations z JOIN accounts a ON a.id = z.account_id
            WHERE a.login = 'lisa'";
        let address = self.program.database().look_up(question);
        address.expect("the other token was used")
    }

    /// Has something else answer in the place of Counterfoil, with this status and `Retry-After`.
    pub(super) fn substitute(&self, status: &str, wait: &str) -> Process {
        let mut command = self
            .namespace
            .command(installed::tool("node"), self.folder.path());
        Process::start(command.args(["--eval", SUBSTITUTE, status, wait]))
    }
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("the program can be started"))
    }
}

/// Asked to stop rather than killed, since some have children of their own.
impl Drop for Process {
    fn drop(&mut self) {
        let id = self.0.id().to_string();
        let _ = Command::new("sh")
            .args(["-c", "kill -s TERM \"$0\"", &id])
            .status();
        let _ = self.0.wait();
    }
}

impl Heard {
    #[track_caller]
    fn read(said: &str) -> Self {
        // An interim answer, and what came before the server listened, may stand in front.
        let start = said.rfind("HTTP/1.1 ").expect("an answer");
        let (head, body) = said[start..].split_once("\r\n\r\n").expect("a head");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Self {
            status: status.expect("a status"),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// A header of the answer; empty when it is not there.
    pub(super) fn header(&self, name: &str) -> String {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut values = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        values
            .next()
            .map_or_else(String::new, |(_, value)| value.to_owned())
    }

    /// What reached the application.
    #[track_caller]
    pub(super) fn reached(&self) -> Reached {
        assert_eq!(self.status, 200, "{self:?}");
        Reached(serde_json::from_str(&self.body).expect("the application's answer"))
    }

    #[track_caller]
    pub(super) fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// A request as the application got it.
pub(super) struct Reached(Value);

impl Reached {
    pub(super) fn member(&self, name: &str) -> &Value {
        &self.0[name]
    }

    /// All headers, with their names in lower case.
    pub(super) fn headers(&self) -> Vec<(String, String)> {
        let list = self.0["headers"].as_array().expect("a list");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        list.chunks(2)
            .map(|pair| (text(&pair[0]).to_lowercase(), text(&pair[1])))
            .collect()
    }

    /// The values of a header that has one; empty when it is not there.
    #[track_caller]
    pub(super) fn header(&self, name: &str) -> String {
        let headers = self.headers();
        let values: Vec<_> = headers.iter().filter(|(field, _)| field == name).collect();
        assert!(values.len() <= 1, "{headers:?}");
        values
            .first()
            .map_or_else(String::new, |(_, value)| value.clone())
    }
}

/// What every gateway does.
pub(super) fn proves_itself(mut stage: Stage, _gateway: &Process) {
    refuses_and_admits(&stage);
    removes_what_a_client_claims(&stage);
    passes_requests_on_whole(&stage);
    tells_where_a_client_is(&stage);
    stage.revoke();
    let revoked = stage.ask_with(&stage.token, "/", &[]);
    assert!(
        revoked
            .assert_status(401)
            .header("www-authenticate")
            .contains("invalid_token")
    );
    stage.stop_counterfoil();
    assert_eq!(stage.last_address_of_other(), ELSEWHERE);
    says_when_it_cannot_tell(&stage);
}

fn refuses_and_admits(stage: &Stage) {
    let nobody = stage.ask("/", &[], &[]);
    let challenge = "Bearer realm=\"Counterfoil\"";
    assert_eq!(
        nobody.assert_status(401).header("www-authenticate"),
        challenge
    );
    let unknown = stage.ask_with("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", "/", &[]);
    let challenge = "Bearer realm=\"Counterfoil\", error=\"invalid_token\"";
    assert_eq!(
        unknown.assert_status(401).header("www-authenticate"),
        challenge
    );
    stage.ask_with(&stage.other, "/", &[]).assert_status(403);
    let reached = stage
        .ask_with(&stage.token, "/a/b?c=d&scopes=e", &[])
        .reached();
    assert_eq!(reached.member("url"), "/a/b?c=d&scopes=e");
    assert_eq!(reached.header("x-auth-login"), "mona");
    assert_eq!(reached.header("x-auth-scopes"), "gist, repo");
    for name in ["x-auth-user-id", "x-auth-authorization-id"] {
        assert!(reached.header(name).parse::<u64>().is_ok(), "{name}");
    }
    for name in ["x-auth-client-id", "x-auth-expires", "authorization"] {
        assert_eq!(reached.header(name), "", "{name}");
    }
    let pair = format!("mona:{}", stage.token);
    stage.ask("/", &[], &["--user", &pair]).assert_status(200);
    stage
        .ask("/", &[], &["--user", "mona:mona's password"])
        .assert_status(401);
    // nginx refuses the second header by itself.
    let header = format!("Authorization: Bearer {}", stage.token);
    let twice = stage.ask("/", &[&header, &header], &[]);
    assert!([400, 401].contains(&twice.status), "{twice:?}");
}

fn removes_what_a_client_claims(stage: &Stage) {
    let claims = [
        "X-Auth-Login: forged",
        "x-auth-login: forged",
        "X-AUTH-SCOPES: forged",
        "X-Auth-User-Id: forged",
        "X-Auth-Client-Id: forged",
        "X-Auth-Authorization-Id: forged",
        "X-Auth-Expires: forged",
        "X_Auth_Login: forged",
        "X_Auth_Client_Id: forged",
        "X-Auth_Login: forged",
        "X_Auth-Login: forged",
        "X-Auth-User_Id: forged",
    ];
    stage.ask("/", &claims, &[]).assert_status(401);
    stage
        .ask_with(&stage.other, "/", &claims)
        .assert_status(403);
    let reached = stage.ask_with(&stage.token, "/", &claims).reached();
    assert_eq!(reached.header("x-auth-login"), "mona");
    for (name, value) in reached.headers() {
        assert_ne!(value, "forged", "{name}");
    }
}

/// The last use of the other token, which is written down when Counterfoil stops, comes from
/// another address of loopback.
fn tells_where_a_client_is(stage: &Stage) {
    let authorization = format!("Authorization: Bearer {}", stage.other);
    let lie = "X-Forwarded-For: 198.51.100.9";
    let more = ["--interface", ELSEWHERE];
    stage
        .ask("/", &[&authorization, lie], &more)
        .assert_status(403);
}

fn passes_requests_on_whole(stage: &Stage) {
    let body = "x".repeat(100_000);
    stage.write("body", &body);
    let header = format!("Authorization: token {}", stage.token);
    for method in ["POST", "PUT", "DELETE"] {
        let more = ["--request", method, "--data-binary", "@body"];
        let reached = stage.ask("/upload", &[&header], &more).reached();
        assert_eq!(reached.member("method"), method);
        assert_eq!(reached.member("length"), 100_000);
        stage.ask("/upload", &[], &more).assert_status(401);
    }
}

fn says_when_it_cannot_tell(stage: &Stage) {
    let without_retrying = ["--retry", "0"];
    let header = format!("Authorization: token {}", stage.token);
    let ask = || {
        let heard = stage.ask("/", &[&header], &without_retrying);
        assert!([429, 503].contains(&heard.status), "{heard:?}");
        heard
    };
    let gone = ask();
    assert_eq!(gone.assert_status(503).header("retry-after"), "1");
    for (status, wait, expected) in [("429", "17", 429), ("503", "3", 503)] {
        let substitute = stage.substitute(status, wait);
        // It may take a moment until somebody listens there, and until then nobody passes.
        let heard = (0..ATTEMPTS)
            .map(|_| ask())
            .find(|heard| heard.header("retry-after") == wait);
        let heard = heard.expect("the substitute is heard");
        heard.assert_status(expected);
        drop(substitute);
    }
}
