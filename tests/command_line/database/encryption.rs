//! Encrypted connections to PostgreSQL: what is encrypted is verified, and what cannot be verified
//! is not used.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use counterfoil_testkit::postgres::{Cluster, ClusterOptions, Database};
use counterfoil_testkit::process::finish;
use counterfoil_testkit::{TestFolder, installed};

use super::{Node, set_mode, url_of};

/// How long openssl may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that takes users of the network over encrypted connections only, with a certificate for
/// `localhost`.
struct Encrypted {
    cluster: Cluster,
    files: TestFolder,
}

impl Encrypted {
    fn server() -> &'static Self {
        static SERVER: OnceLock<Encrypted> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let cluster = Cluster::start(ClusterOptions {
            access: &[
                "hostssl all counterfoil 127.0.0.1/32 trust",
                "hostnossl all counterfoil 127.0.0.1/32 reject",
                "",
            ],
            ..ClusterOptions::default()
        });
        let files = TestFolder::in_memory();
        make_authority(files.path(), "authority");
        make_authority(files.path(), "stranger");
        sign(files.path(), "server", "DNS:localhost");
        let data = cluster.data_folder();
        for (name, mode) in [("server.crt", 0o644), ("server.key", 0o600)] {
            let there = data.join(name);
            fs::copy(files.path().join(name), &there).expect("the folder is the test's own");
            set_mode(&there, mode);
            let owner = fs::metadata(&data).expect("the server made it");
            chown(&there, Some(owner.uid()), Some(owner.gid()))
                .expect("root may, and others own it");
        }
        cluster.run("postgres", "CREATE ROLE counterfoil LOGIN");
        cluster.run("postgres", "ALTER SYSTEM SET ssl = on");
        cluster.run("postgres", "SELECT pg_reload_conf()");
        cluster.wait_until("postgres", "SELECT current_setting('ssl')", "on");
        Self { cluster, files }
    }

    fn new_database(&self, name: &str) -> String {
        let create = format!("CREATE DATABASE {name} OWNER counterfoil TEMPLATE template0");
        self.cluster.run("postgres", &create);
        format!(
            "postgres://counterfoil@localhost:{}/{name}",
            self.cluster.port()
        )
    }

    fn file(&self, name: &str) -> String {
        let path = self.files.path().join(name);
        path.to_str().expect("tests have plain names").to_owned()
    }
}

fn make_authority(folder: &Path, name: &str) {
    openssl(
        folder,
        &format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={name} -keyout {name}.key -out {name}.crt"
        ),
    );
}

/// A certificate of the authority for this name.
fn sign(folder: &Path, name: &str, alternative: &str) {
    fs::write(
        folder.join("names"),
        format!("subjectAltName={alternative}\n"),
    )
    .expect("the folder is the test's own");
    openssl(
        folder,
        &format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr"
        ),
    );
    openssl(
        folder,
        &format!(
            "x509 -req -in {name}.csr -CA authority.crt -CAkey authority.key -CAcreateserial -days 2 -extfile names -out {name}.crt"
        ),
    );
}

fn openssl(folder: &Path, arguments: &str) {
    let program: PathBuf = installed::tool("openssl");
    let child = Command::new(program)
        .args(arguments.split(' '))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl can be started");
    finish(child, "openssl", PATIENCE).succeeded();
}

#[test]
fn every_connection_is_encrypted_where_a_file_of_authorities_is_set() {
    let server = Encrypted::server();
    let url = server.new_database("encrypted");
    let node = Node::on(&url).with(
        "COUNTERFOIL_DATABASE__TLS_CA_FILE",
        &server.file("authority.crt"),
    );
    let serve = node.program.start_serve(&[]);
    // By name, since the superuser's own connections are there too.
    let unencrypted = "SELECT count(*)::text FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid)
        WHERE a.datname = 'encrypted' AND a.application_name = 'counterfoil' AND s.ssl = ";
    let count = |ssl: &str| {
        let sql = format!("{unencrypted}{ssl}");
        server
            .cluster
            .look_up("postgres", &sql)
            .unwrap()
            .parse::<u32>()
            .unwrap()
    };
    // One for the feed of changes, one that listens, at least one for requests.
    assert!(count("true") >= 3, "{}", count("true"));
    assert_eq!(count("false"), 0);
    assert!(serve.terminate().success());
    let examined = node.run(&["doctor"]).stdout;
    let verified = "connections to it are encrypted, and its certificate and name are verified by";
    assert!(examined.contains(verified), "{examined}");
    // Without encryption this server lets nobody in.
    let sentence = Node::on(&url).does_not_start();
    assert!(
        sentence.contains("rejects connection") && sentence.contains("no encryption"),
        "{sentence}"
    );
}

#[test]
fn the_authorities_of_the_system_count_where_the_url_asks_for_encryption() {
    let server = Encrypted::server();
    let url = server.new_database("of_the_system");
    for mode in ["require", "verify-ca", "verify-full"] {
        let url = format!("{url}?sslmode={mode}");
        let known = Node::on(&url)
            .with("SSL_CERT_FILE", &server.file("authority.crt"))
            .run(&["init"]);
        // The first one makes the installation, and the others find it: both have reached it.
        assert!(
            known.status.success() || known.stderr.contains("there is an installation in "),
            "{}",
            known.stderr
        );
        let stranger = Node::on(&url).with("SSL_CERT_FILE", &server.file("stranger.crt"));
        assert!(
            stranger
                .does_not_start()
                .contains("no authority that is known here")
        );
    }
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let server = Encrypted::server();
    let url = server.new_database("unknown");
    let node = Node::on(&url).with(
        "COUNTERFOIL_DATABASE__TLS_CA_FILE",
        &server.file("stranger.crt"),
    );
    assert_eq!(
        node.does_not_start(),
        format!(
            "cannot use the database {url}: no authority that is known here has signed the server's certificate; name the file \
             with its authority's certificate in database.tls_ca_file"
        )
    );
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let server = Encrypted::server();
    let url = server
        .new_database("another")
        .replace("localhost", "127.0.0.1");
    let node = Node::on(&url).with(
        "COUNTERFOIL_DATABASE__TLS_CA_FILE",
        &server.file("authority.crt"),
    );
    assert_eq!(
        node.does_not_start(),
        format!(
            "cannot use the database {url}: the server's certificate is for another name; name the server in the database URL as \
             its certificate does"
        )
    );
}

#[test]
fn a_server_without_encryption_is_refused_where_it_is_wanted() {
    let server = Encrypted::server();
    let database = Database::empty();
    let url = url_of(&database, "postgres");
    let sentence = format!(
        "cannot use the database {url}: the server offers no encryption; turn ssl on in its settings, or write sslmode=disable in \
         the database URL where nobody can listen on the way"
    );
    let node = Node::on(&url).with(
        "COUNTERFOIL_DATABASE__TLS_CA_FILE",
        &server.file("authority.crt"),
    );
    assert_eq!(node.does_not_start(), sentence);
    let node = Node::on(&format!("{url}?sslmode=require"))
        .with("SSL_CERT_FILE", &server.file("authority.crt"));
    assert_eq!(node.does_not_start(), sentence);
}

#[test]
fn a_file_of_authorities_that_is_none_is_refused_before_anybody_connects() {
    let node = Node::on("postgres://mona@127.0.0.1:1/x");
    let missing = node.folder.path().join("missing.crt");
    let empty = node.private_file("empty.crt", "no certificate\n");
    let broken = node.private_file(
        "broken.crt",
        "-----BEGIN CERTIFICATE-----\nAAECAwQ=\n-----END CERTIFICATE-----\n",
    );
    for (file, reason) in [
        (
            missing.to_str().unwrap(),
            "cannot read FILE: No such file or directory (os error 2)",
        ),
        (
            &empty,
            "FILE has no certificate of an authority to verify the server by",
        ),
        (
            &broken,
            "cannot read FILE: invalid peer certificate: BadEncoding",
        ),
    ] {
        let node = Node::on("postgres://mona@127.0.0.1:1/x")
            .with("COUNTERFOIL_DATABASE__TLS_CA_FILE", file);
        let reason = reason.replace("FILE", file);
        assert_eq!(
            node.does_not_start(),
            format!("cannot use the database postgres://mona@127.0.0.1:1/x: {reason}")
        );
        assert_eq!(
            node.refused(&["config", "check"]),
            format!("database.tls_ca_file: {reason}")
        );
    }
    let node = Node::on("postgres://mona@127.0.0.1:1/x?sslmode=disable")
        .with("COUNTERFOIL_DATABASE__TLS_CA_FILE", &empty);
    assert_eq!(
        node.does_not_start(),
        "database.tls_ca_file is set and database_url says sslmode=disable; it must be one or the other"
    );
}

#[test]
fn a_folder_of_unix_sockets_is_a_host() {
    let database = Database::empty();
    let url = database.socket_url();
    let server = Encrypted::server();
    // What is set for the network does not count there.
    let node = Node::on(&url).with(
        "COUNTERFOIL_DATABASE__TLS_CA_FILE",
        &server.file("authority.crt"),
    );
    node.add_user();
    let shown = node.program.json(&["db", "migrate"], "");
    assert_eq!(shown["database"], url);
}
