//! What stands at the top of the file: where the data is, where to listen and what the installation
//! is called.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use counterfoil_domain::network::TrustedProxy;
use counterfoil_server::listen::ListenAddress;
use counterfoil_wire::base::ApiBase;
use counterfoil_wire::documentation::Documentation;
use counterfoil_wire::header::DEFAULT_ENTERPRISE_VERSION;

use crate::config::database::{DATABASE, Database};
use crate::config::rule::{FilePath, ListOf, Maybe, Switch, Text, TextRefused, text, whole};
use crate::config::section::section;

const ADDRESSES: ListOf<ListenAddress> = ListOf(text(ListenAddress::FORM, "127.0.0.1:9090"));
const PROXIES: ListOf<TrustedProxy> = ListOf(text(
    "an IP address, a network such as 10.0.0.0/8, or unix",
    "10.0.0.0/8",
));

section! {
    /// These keys stand at the top of the file, before any section.
    pub struct General = "", "" {
        /// The folder for everything that must be kept: the database, the keys, a certificate of
        /// our own. It is made, for the owner only, if it does not exist.
        data_dir: PathBuf = "./counterfoil-data".into(), FilePath { example: "/var/lib/counterfoil" }, Restart;
        /// The database: `sqlite:PATH`, or `postgres://USER@HOST:PORT/DATABASE`. If it is not set,
        /// it is the SQLite file `counterfoil.db` in `data_dir`. A folder of Unix sockets is a host
        /// too, with `%2F` for each slash.
        database_url: Option<Database> = None, Maybe(DATABASE), Restart;
        /// The addresses to serve on. Port 0 lets the system choose a free one. `localhost` is
        /// loopback in both families.
        listen: Vec<ListenAddress> = vec![localhost(8080)], ADDRESSES, Restart;
        /// The addresses that serve `/healthz`, `/readyz` and `/metrics` alone, never encrypted;
        /// none unless it is set.
        ops_listen: Vec<ListenAddress> = Vec::new(), ADDRESSES, Restart;
        /// How many threads answer requests, each with connections of its own. If it is not set,
        /// there are as many as the system lets this process run at once.
        workers: Option<u32> = None, Maybe(whole("threads", 1, 1_024)), Restart;
        /// The origin under which clients reach this installation. Every URL in an answer begins
        /// with it. It must be set if other machines may reach an address in `listen`. Else the
        /// URLs begin with `localhost`, `127.0.0.1` or `[::1]`, as the client asked, and the port
        /// of the first address.
        public_url: Option<ApiBase> = None, Maybe(PUBLIC_URL), Restart;
        /// The proxies whose word about a client's address is taken, in `X-Forwarded-For` or the
        /// PROXY protocol: networks, or `unix` for whoever comes over a Unix socket. They are also
        /// trusted to encrypt what other machines send.
        trusted_proxies: Vec<TrustedProxy> = Vec::new(), PROXIES, Restart;
        /// Whether trusted proxies begin every connection with the PROXY protocol, version 1 or 2.
        /// Others may not.
        proxy_protocol: bool = false, Switch, Restart;
        /// Whether to serve other machines without encryption and without a trusted proxy that
        /// encrypts. Passwords and tokens can then be read on the way.
        insecure_http: bool = false, Switch, Restart;
        /// Whether the REST API answers nobody without credentials: private mode, as GitHub
        /// Enterprise Server calls it. Without it everybody who reaches this server may ask which
        /// users there are, and which of them are administrators or suspended.
        private_mode: bool = false, Switch, Restart;
        /// Whether to serve the URLs by which older clients check, reset and revoke a token of an
        /// app, and which have the token in their path:
        /// `/applications/{client_id}/tokens/{access_token}` and
        /// `/applications/{client_id}/grants/{access_token}`. This program logs no paths; proxies
        /// before it may.
        legacy_token_urls: bool = false, Switch, Restart;
        /// The release of GitHub Enterprise Server that answers claim to be, in
        /// `X-GitHub-Enterprise-Version`.
        enterprise_version: String = DEFAULT_ENTERPRISE_VERSION.to_owned(), ENTERPRISE_VERSION, Restart;
        /// What the `documentation_url` in errors begins with.
        documentation_url: String = Documentation::DEFAULT_ROOT.to_owned(), DOCUMENTATION_URL, Restart;
    }
}

impl General {
    /// How many threads answer requests.
    pub fn workers(&self) -> NonZeroUsize {
        let set = self
            .workers
            .and_then(|workers| usize::try_from(workers).ok());
        set.and_then(NonZeroUsize::new)
            .or_else(|| thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN)
    }
}

fn localhost(port: u16) -> ListenAddress {
    ListenAddress::Name {
        host: "localhost".to_owned(),
        port,
    }
}

const PUBLIC_URL: Text<ApiBase> = Text {
    expected: "http:// or https:// with a host and perhaps a port, without a path",
    example: "https://tokens.example.org",
    parse: |text| ApiBase::parse(text).map_err(|_| TextRefused::Form),
    write: |base| base.origin().to_owned(),
};

const ENTERPRISE_VERSION: Text<String> = Text {
    expected: "three numbers with dots between them, such as 3.19.0",
    example: DEFAULT_ENTERPRISE_VERSION,
    parse: |text| {
        let number = |part: &str| {
            (1..=9).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let fits = text.split('.').count() == 3 && text.split('.').all(number);
        fits.then(|| text.to_owned()).ok_or(TextRefused::Form)
    },
    write: String::clone,
};

const DOCUMENTATION_URL: Text<String> = Text {
    expected: "an http:// or https:// URL without query or fragment",
    example: Documentation::DEFAULT_ROOT,
    parse: |text| {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let host = rest.map_or("", |rest| {
            rest.split_once('/').map_or(rest, |(host, _)| host)
        });
        // It is copied into JSON and into links as it is.
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic())
            && !text.contains(['?', '#', '"', '\\', '<', '>']);
        let fits = plain && !host.is_empty() && !host.contains('@');
        fits.then(|| text.to_owned()).ok_or(TextRefused::Form)
    },
    write: String::clone,
};
