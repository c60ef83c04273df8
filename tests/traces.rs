//! Traces by OTLP over HTTP, as a collector gets them: a small server of the test's own, which
//! decodes what comes.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{Connection, Person, Program, Running};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::json;

/// What a span may say beside its name.
const ATTRIBUTES: [&str; 3] = [
    "http.request.method",
    "http.route",
    "http.response.status_code",
];

/// A collector that keeps what it gets.
struct Receiver {
    address: SocketAddr,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let bodies = Arc::<Mutex<Vec<_>>>::default();
        let kept = Arc::clone(&bodies);
        // It ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                kept.lock().expect("nobody panics").extend(receive(stream));
            }
        });
        Self { address, bodies }
    }

    /// Everything that was sent, as it came and as spans.
    fn received(&self) -> (Vec<Vec<u8>>, Vec<Span>) {
        let bodies = self.bodies.lock().expect("nobody panics").clone();
        let spans = bodies.iter().flat_map(|body| {
            let request = ExportTraceServiceRequest::decode(body.as_slice());
            let request = request.expect("what was sent is OTLP");
            request.resource_spans.into_iter().flat_map(|of_resource| {
                let resource = of_resource.resource.expect("a resource");
                let named = resource
                    .attributes
                    .iter()
                    .any(|attribute| attribute.key == "service.name");
                assert!(named, "{resource:?}");
                of_resource.scope_spans
            })
        });
        let spans = spans.flat_map(|of_scope| of_scope.spans).collect();
        (bodies, spans)
    }
}

/// Answers one request, and gives its body.
fn receive(stream: TcpStream) -> Option<Vec<u8>> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    assert_eq!(first.trim_end(), "POST /v1/traces HTTP/1.1");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(given) = line.strip_prefix("content-length: ") {
            length = given.parse().ok()?;
        }
        if let Some(given) = line.strip_prefix("content-type: ") {
            assert_eq!(given, "application/x-protobuf");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    reader.get_mut().write_all(answer).ok()?;
    Some(body)
}

struct Stage {
    program: Program,
    mona: Person,
    // Dropped last.
    _folder: TestFolder,
}

impl Stage {
    fn with(settings: &str) -> Self {
        let folder = TestFolder::in_memory();
        let program = Program::build_in(folder.path()).with_cheap_passwords();
        let mona = program.add_user("mona");
        let file = folder.path().join("counterfoil.toml");
        fs::write(file, settings).expect("a file of ours");
        Self {
            program,
            mona,
            _folder: folder,
        }
    }
}

fn ask(server: &Running, target: &str, headers: &[(&str, &str)]) -> u16 {
    let mut connection = Connection::open(&server.base_url).expect("the server accepts");
    let reply = connection.ask("GET", target, headers, None);
    reply.expect("the server answers").status
}

fn settings(address: SocketAddr, more: &str) -> String {
    format!("{more}\n[traces]\nendpoint = \"http://{address}\"\nsampled_per_thousand = 1000\n")
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn a_request_and_its_use_case_are_spans_of_one_trace_and_name_nobody() {
    let receiver = Receiver::start();
    let stage = Stage::with(&settings(receiver.address, ""));
    let server = stage.program.start_serve(&[]);
    let token = use_it(&stage, &server);
    assert!(server.terminate().success());
    let (bodies, spans) = receiver.received();
    let request = named(&spans, "POST /api/v3/authorizations");
    let children: BTreeSet<_> = spans
        .iter()
        .filter(|span| span.trace_id == request.trace_id)
        .filter(|span| span.parent_span_id == request.span_id)
        .map(|span| span.name.as_str())
        .collect();
    assert!(children.contains("authorization.create"), "{children:?}");
    assert!(children.contains("sign_in.basic"), "{children:?}");
    named(&spans, "GET unmatched");
    named(&spans, "GET /gateway/verify");
    // What a stranger says of its trace is not believed.
    let of_stranger = named(&spans, "GET /api/v3/users/{username}");
    assert!(of_stranger.parent_span_id.is_empty(), "{of_stranger:?}");
    assert_ne!(hexadecimal(&of_stranger.trace_id), &PARENT[3..35]);
    says_no_more_than_it_may(&spans);
    let password = stage.mona.password.as_str();
    for body in &bodies {
        let text = String::from_utf8_lossy(body);
        for secret in [
            &token[4..],
            password,
            NOTE,
            "a-secret-path",
            "nonesuch",
            "mona",
        ] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

const NOTE: &str = "a-note-of-hers";

/// Requests with secrets in every place that one may have. Gives the token that was made.
fn use_it(stage: &Stage, server: &Running) -> String {
    let client = stage.mona.connect(&server.base_url);
    let mut client = client.expect("the server accepts");
    let body = json!({ "note": NOTE, "scopes": ["repo"] });
    let made = client.must("POST", "/authorizations", Some(&body));
    let token = made.assert_status(201).token();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("traceparent", PARENT)];
    let lacking = ask(server, "/gateway/verify?scopes=nonesuch", &headers);
    assert_eq!(lacking, 403);
    let shown = format!("/api/v3/users/mona?secret={token}");
    assert_eq!(ask(server, &shown, &headers), 200);
    assert_eq!(ask(server, "/a-secret-path", &[]), 404);
    token
}

fn named<'s>(spans: &'s [Span], name: &str) -> &'s Span {
    let found = spans.iter().find(|span| span.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {spans:?}"))
}

fn says_no_more_than_it_may(spans: &[Span]) {
    for span in spans {
        assert!(span.events.is_empty(), "{span:?}");
        // Spans of use cases have ids, and these of requests.
        if span.kind == 2 {
            let keys = span.attributes.iter().map(|held| held.key.as_str());
            let keys: Vec<_> = keys.collect();
            assert!(keys.iter().all(|key| ATTRIBUTES.contains(key)), "{keys:?}");
            assert_eq!(keys.len(), ATTRIBUTES.len(), "{keys:?}");
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[test]
fn a_trusted_proxy_says_which_trace_a_request_belongs_to() {
    let receiver = Receiver::start();
    let trusting = "trusted_proxies = [\"127.0.0.1\"]";
    let settings = settings(receiver.address, trusting);
    // Nothing is sampled but what the proxy samples.
    let stage = Stage::with(&settings.replace("1000", "0"));
    let server = stage.program.start_serve(&[]);
    assert_eq!(ask(&server, "/healthz", &[("traceparent", PARENT)]), 200);
    assert_eq!(ask(&server, "/readyz", &[]), 200);
    assert_eq!(
        ask(&server, "/healthz", &[("traceparent", "00-nonsense")]),
        200
    );
    assert!(server.terminate().success());
    let (_, spans) = receiver.received();
    let span = spans.iter().find(|span| span.name == "GET /healthz");
    let span = span.expect("what the proxy samples is sent");
    assert_eq!(hexadecimal(&span.trace_id), &PARENT[3..35]);
    assert_eq!(hexadecimal(&span.parent_span_id), &PARENT[36..52]);
    assert_eq!(
        spans.iter().filter(|span| span.kind == 2).count(),
        1,
        "{spans:?}"
    );
}

#[test]
fn a_collector_that_is_away_costs_a_line_in_the_log_and_no_request() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("an address")
    };
    let stage = Stage::with(&settings(address, ""));
    let server = stage.program.start_serve(&[]);
    // More than wait to be sent, in several batches.
    let mut connection = Connection::open(&server.base_url).expect("the server accepts");
    for _ in 0..3_000 {
        let reply = connection.ask("GET", "/healthz", &[], None);
        assert_eq!(reply.expect("the server answers").status, 200);
    }
    let (status, log) = server.terminate_and_hear();
    assert!(status.success());
    assert_eq!(log.matches("traces were not delivered").count(), 1, "{log}");
    assert!(log.contains("Connection refused"), "{log}");
}
