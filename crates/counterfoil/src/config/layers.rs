//! What each layer is told of the settings.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use counterfoil_authority::{self as authority, HashingSettings};
use counterfoil_domain::app::AppLimits;
use counterfoil_domain::authorization::TokenLimits;
use counterfoil_domain::built_in::BuiltInApp;
use counterfoil_domain::link::LinkLives;
use counterfoil_domain::mail::MailBounds;
use counterfoil_domain::network::TrustedProxies;
use counterfoil_domain::password::HashingCost;
use counterfoil_domain::second_factor::SecondFactorPolicy;
use counterfoil_domain::session::SessionLife;
use counterfoil_domain::sign_in::LockoutPolicy;
use counterfoil_domain::token::TokenFormats;
use counterfoil_domain::token_life::TokenLife;
use counterfoil_server::listen::{
    CertificateFiles, ConnectionLimits, ListenAddress, SelfSigned, TlsSource,
};
use counterfoil_server::{GatewaySettings, Origins, Scheme};
use counterfoil_store::{Encryption, PostgresOptions, StatementMode};
use counterfoil_wire::gateway::presented::{QueryPlace, TokenPlaces};

use crate::data_folder::{DATABASE_FILE, KEY_FILE};

use super::sections::is_host_name;
use super::{Database, Limits, Passwords, Settings, SignIn, Tokens, TokensWithout, TwoFactor};

/// The file of an ordered certificate, its key and those behind it.
const ORDERED_FILE: &str = "certificate.pem";

/// Beyond this many threads, Argon2id is bound by memory bandwidth rather than cores, and checks
/// need cores too.
const MOST_THREADS_BY_DEFAULT: usize = 4;

impl Settings {
    /// The database, with what the settings say about talking to it.
    pub fn database(&self) -> Database {
        match &self.general.database_url {
            Some(database) => self.as_set(database.clone()),
            None => Database::Sqlite(self.general.data_dir.join(DATABASE_FILE)),
        }
    }

    /// This database, which may be another than the installation's, with what the settings say
    /// about talking to it.
    pub fn as_set(&self, database: Database) -> Database {
        match database {
            Database::Sqlite(_) => database,
            Database::Postgres(options) => Database::Postgres(Box::new(self.postgres(*options))),
        }
    }

    fn postgres(&self, mut options: PostgresOptions) -> PostgresOptions {
        let set = &self.database;
        options.connections = to_usize(set.connections);
        options.connect_timeout = set.connect_timeout;
        options.statement_timeout = set.statement_timeout;
        options.lock_timeout = set.lock_timeout;
        if set.unnamed_statements {
            options.statements = StatementMode::Unnamed;
        }
        if let Some(file) = &set.tls_ca_file
            && !options.is_on_sockets()
        {
            options.encryption = Encryption::Authorities(file.clone());
        }
        if let Some(listen) = &set.listen_url {
            options.listen_at(listen);
        }
        if let Some(password) = &self.database_password {
            options.set_password(password.expose());
        }
        options
    }

    /// The file of the installation's keys, read beside [`Settings::environment_key`].
    pub fn key_file(&self) -> PathBuf {
        let in_data_dir = || self.general.data_dir.join(KEY_FILE);
        self.keys.file.clone().unwrap_or_else(in_data_dir)
    }

    /// Whether anything that must be kept lies in the data folder: a database, keys or a
    /// certificate of our own.
    pub fn needs_data_folder(&self) -> bool {
        let elsewhere = self.database().server().is_some() && self.keys.file.is_some();
        !elsewhere || self.tls.self_signed || self.acme.directory_url.is_some()
    }

    /// The origins that URLs in answers begin with, given the port that the first loopback address
    /// got: the public URL, or the names of loopback.
    pub fn origins(&self, loopback_port: u16) -> Origins {
        let scheme = if self.is_encrypted() {
            Scheme::Https
        } else {
            Scheme::Http
        };
        match &self.general.public_url {
            Some(base) => Origins::public(base.clone()),
            None => Origins::loopback(scheme, loopback_port),
        }
    }

    /// Whether connections over IP are encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.tls.cert.is_some() || self.tls.self_signed || self.acme.directory_url.is_some()
    }

    /// Where the certificate comes from; none if connections are not encrypted.
    pub fn tls_source(&self) -> Option<TlsSource> {
        match (&self.tls.cert, &self.tls.key) {
            (Some(certificate), Some(key)) => Some(TlsSource::Files(CertificateFiles {
                certificate: certificate.clone(),
                key: key.clone(),
            })),
            _ if self.acme.directory_url.is_some() => {
                Some(TlsSource::Ordered(self.acme_folder().join(ORDERED_FILE)))
            }
            _ if self.tls.self_signed => Some(TlsSource::SelfSigned(SelfSigned {
                folder: self.general.data_dir.join("tls"),
                names: self.own_names(),
            })),
            _ => None,
        }
    }

    /// Where everything is kept that has to do with ordered certificates.
    pub fn acme_folder(&self) -> PathBuf {
        self.general.data_dir.join("acme")
    }

    /// The names that a certificate is ordered for: those that are set, else the public URL's host
    /// if it is a name.
    pub fn ordered_names(&self) -> Vec<String> {
        if !self.acme.names.is_empty() {
            return self.acme.names.clone();
        }
        let host = self.public_host().filter(|host| is_host_name(host));
        host.map(str::to_ascii_lowercase).into_iter().collect()
    }

    /// The name under which authenticators list one-time codes: whoever has accounts at two
    /// installations must see which code is whose.
    fn code_issuer(&self) -> String {
        match self.public_host() {
            // An IPv6 address would not be plain there.
            Some(host) if !host.contains(':') => host.to_owned(),
            Some(_) | None => "Counterfoil".to_owned(),
        }
    }

    /// The host that clients know this installation by, if the settings say so.
    pub fn public_host(&self) -> Option<&str> {
        let base = self.general.public_url.as_ref()?;
        Some(host_of(base.origin()))
    }

    /// The proxies whose word about a client's address is taken.
    pub fn trusted_proxies(&self) -> TrustedProxies {
        TrustedProxies::from(self.general.trusted_proxies.clone())
    }

    /// What gateways may ask.
    pub fn gateway(&self) -> GatewaySettings {
        let gateway = &self.gateway;
        let query = gateway
            .query_key
            .clone()
            .zip(gateway.original_uri_header.clone());
        GatewaySettings {
            realm: gateway.realm.clone(),
            offer_basic: gateway.offer_basic,
            places: TokenPlaces {
                cookie: gateway.cookie.clone(),
                query: query.map(|(key, address)| QueryPlace { key, address }),
            },
            rules: gateway.rules.clone(),
        }
    }

    /// What the use cases are told. `cores` is how many this machine has.
    pub fn authority(&self, cores: NonZeroUsize) -> authority::Settings {
        authority::Settings {
            lockout: self.sign_in.lockout(),
            second_factor: self.two_factor.policy(),
            password_memory: self.sign_in.password_memory,
            hashing: self.passwords.hashing(cores),
            token_formats: self.tokens.formats(),
            token_limits: TokenLimits {
                live_per_scope_set: self.tokens.live_per_scope_set,
                per_hour: self.tokens.per_hour,
                live_per_user: self.tokens.live_per_user,
                on_pages_per_hour: self.tokens.on_pages_per_hour,
            },
            token_life: TokenLife {
                default: self.tokens.default_lifetime,
                maximum: self.tokens.maximum_lifetime,
                idle: self.tokens.idle_lifetime,
            },
            checks: authority::CheckSettings {
                remembered_tokens: to_usize(self.checks.remembered_tokens),
                look_ups: authority::LookUpBounds {
                    at_once: to_usize(self.checks.look_ups),
                    unknown_per_second: self.checks.unknown_per_second,
                },
            },
            session_life: SessionLife {
                idle: self.sessions.idle,
                absolute: self.sessions.absolute,
                most_per_user: self.sessions.live_per_user,
            },
            retention: authority::Retention {
                ended: self.retention.ended,
                audit: Some(self.retention.audit).filter(|audit| !audit.is_zero()),
            },
            app_limits: AppLimits {
                per_user: self.apps.per_user,
                on_pages_per_hour: self.apps.on_pages_per_hour,
            },
            send_iss: self.oauth.iss,
            first_apps: BuiltInApp::ALL,
            code_replay: self.oauth.code_replay,
            device_administrator_scopes: self.device.administrator_scopes,
            links: LinkLives {
                set_up: self.links.set_up,
                invitation: self.links.invitation,
                reset: self.links.reset,
                address: self.links.address,
                address_undo: self.links.address_undo,
                enrolment: self.links.enrolment,
            },
            mail: self.mail.server.is_some().then_some(MailBounds {
                per_recipient: self.mail.per_recipient,
                resets_per_account: self.mail.resets_per_account,
                resets_per_address: self.mail.resets_per_address,
                waiting: self.mail.waiting,
            }),
            impersonation_lifetime: self.tokens.impersonation_lifetime,
            passkey_rp_id: self.pages.passkey_rp_id.clone(),
            code_issuer: self.code_issuer(),
        }
    }

    /// The names that clients may know this installation by: loopback, the public URL's host and
    /// what is listened on.
    fn own_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut add = |name: &str| {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        };
        if let Some(base) = &self.general.public_url {
            add(host_of(base.origin()));
        }
        for address in &self.general.listen {
            match address {
                ListenAddress::Ip(ip) if !address.is_unspecified() => add(&ip.ip().to_string()),
                ListenAddress::Name { host, .. } => add(host),
                ListenAddress::Ip(_) | ListenAddress::Unix(_) | ListenAddress::Systemd => {}
            }
        }
        ["localhost", "127.0.0.1", "::1"].into_iter().for_each(add);
        names
    }
}

/// The host of an origin, without the brackets of an IPv6 address.
fn host_of(origin: &str) -> &str {
    let authority = origin
        .split_once("://")
        .map_or(origin, |(_, authority)| authority);
    match authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((ipv6, _)) => ipv6,
        None => authority
            .split_once(':')
            .map_or(authority, |(host, _)| host),
    }
}

impl Tokens {
    /// The forms of tokens that are known.
    pub fn formats(&self) -> TokenFormats {
        TokenFormats {
            personal: self.personal_prefix.clone(),
            app: self.app_prefix.clone(),
            accepted: self.accepted.clone(),
        }
    }
}

impl Limits {
    /// What one connection may cost.
    pub fn connection(&self) -> ConnectionLimits {
        ConnectionLimits {
            header_bytes: self.header_bytes,
            headers: self.headers,
            header_time: self.header_time,
            body_time: self.body_time,
            idle_time: self.idle_time,
            connection_time: self.connection_time,
            unread_answer_bytes: u64::from(self.unread_answer_bytes),
            handshake_time: self.tls_handshake_time,
            shutdown_time: self.shutdown_time,
        }
    }
}

impl SignIn {
    fn lockout(&self) -> LockoutPolicy {
        LockoutPolicy {
            per_login_and_address: self.failures_per_login_and_address,
            per_address: self.failures_per_address,
            per_login: self.failures_per_login,
            slow_wait: self.slow_wait,
            per_login_slowed: self.failures_per_login_slowed,
            window: self.window,
            login_window: self.login_window,
            lock: self.lock,
            longest_lock: self.longest_lock,
            known_address: self.known_address,
            wrong_codes: self.wrong_codes,
            code_questions: self.code_questions_per_minute,
        }
    }
}

impl TwoFactor {
    fn policy(&self) -> SecondFactorPolicy {
        SecondFactorPolicy {
            required_of: self.required,
            grace: self.grace,
            ends_tokens: self.tokens == TokensWithout::End,
        }
    }
}

impl Passwords {
    fn hashing(&self, cores: NonZeroUsize) -> HashingSettings {
        let threads = match self.threads {
            0 => cores.get().min(MOST_THREADS_BY_DEFAULT),
            threads => to_usize(threads),
        };
        HashingSettings {
            cost: HashingCost {
                memory_kib: self.memory_kib,
                iterations: self.iterations,
                parallelism: self.parallelism,
            },
            threads,
            queue: to_usize(self.queue),
        }
    }
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).expect("32 bits fit into an address")
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::app::SendIss;
    use counterfoil_domain::oauth::CodeReplay;
    use counterfoil_domain::passkey::relying_party::RpId;
    use counterfoil_wire::base::ApiBase;

    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_layers() {
        let settings = Settings::default();
        let two = NonZeroUsize::new(2).unwrap();
        // Only the program makes apps with an installation.
        let ours = authority::Settings {
            first_apps: &[],
            ..settings.authority(two)
        };
        assert_eq!(settings.authority(two).first_apps, BuiltInApp::ALL);
        assert_eq!(ours, authority::Settings::default());
        assert_eq!(settings.limits.connection(), ConnectionLimits::default());
    }

    #[test]
    fn every_app_is_told_who_answers_where_the_settings_say_so() {
        let mut settings = Settings::default();
        settings.oauth.iss = SendIss::EveryApp;
        let told = settings.authority(NonZeroUsize::MIN).send_iss;
        assert_eq!(told, SendIss::EveryApp);
    }

    #[test]
    fn threads_follow_the_cores_up_to_four() {
        let threads = |cores| {
            let cores = NonZeroUsize::new(cores).unwrap();
            Settings::default().authority(cores).hashing.threads
        };
        assert_eq!((threads(1), threads(4), threads(64)), (1, 4, 4));
    }

    #[test]
    fn files_are_in_the_data_folder_unless_set() {
        let mut settings = Settings::default();
        settings.general.data_dir = "/data".into();
        assert_eq!(
            settings.database().to_string(),
            "sqlite:/data/counterfoil.db"
        );
        assert_eq!(settings.key_file(), PathBuf::from("/data/keys"));
        settings.keys.file = Some("/elsewhere".into());
        assert_eq!(settings.key_file(), PathBuf::from("/elsewhere"));
    }

    #[test]
    fn the_public_url_is_localhost_with_the_real_port_unless_set() {
        let mut settings = Settings::default();
        let first = |settings: &Settings| settings.origins(4711).first().origin().to_owned();
        assert_eq!(first(&settings), "http://localhost:4711");
        settings.tls.self_signed = true;
        assert_eq!(first(&settings), "https://localhost:4711");
        settings.general.public_url = Some(ApiBase::parse("https://a.example").unwrap());
        assert_eq!(first(&settings), "https://a.example");
    }

    #[test]
    fn a_code_that_comes_twice_means_what_the_settings_say() {
        let mut settings = Settings::default();
        let replay = |settings: &Settings| settings.authority(NonZeroUsize::MIN).code_replay;
        assert_eq!(replay(&settings), CodeReplay::Tolerated);
        settings.oauth.code_replay = CodeReplay::Strict;
        assert_eq!(replay(&settings), CodeReplay::Strict);
    }

    #[test]
    fn devices_get_scopes_for_administrators_only_where_the_settings_say_so() {
        let mut settings = Settings::default();
        let given = |settings: &Settings| {
            settings
                .authority(NonZeroUsize::MIN)
                .device_administrator_scopes
        };
        assert!(!given(&settings));
        settings.device.administrator_scopes = true;
        assert!(given(&settings));
    }

    #[test]
    fn codes_are_listed_under_the_host_that_users_know() {
        let mut settings = Settings::default();
        assert_eq!(settings.code_issuer(), "Counterfoil");
        for (url, issuer) in [
            ("https://tokens.example.org:8443", "tokens.example.org"),
            ("https://192.0.2.1", "192.0.2.1"),
            ("https://[2001:db8::1]", "Counterfoil"),
        ] {
            settings.general.public_url = Some(ApiBase::parse(url).unwrap());
            assert_eq!(settings.code_issuer(), issuer);
        }
    }

    #[test]
    fn passkeys_are_bound_to_what_the_settings_say() {
        let mut settings = Settings::default();
        let cores = NonZeroUsize::MIN;
        assert_eq!(settings.authority(cores).passkey_rp_id, None);
        let bound_to = RpId::parse("example.org").unwrap();
        settings.pages.passkey_rp_id = Some(bound_to.clone());
        assert_eq!(settings.authority(cores).passkey_rp_id, Some(bound_to));
    }

    #[test]
    fn a_certificate_of_our_own_covers_every_name_of_the_installation() {
        let mut settings = Settings::default();
        settings.tls.self_signed = true;
        settings.general.public_url = Some(ApiBase::parse("https://[2001:db8::1]:8443").unwrap());
        settings.general.listen = [
            "0.0.0.0:1",
            "192.0.2.1:1",
            "a.example:1",
            "127.0.0.1:1",
            "unix:/a",
        ]
        .map(|address| address.parse().unwrap())
        .to_vec();
        let Some(TlsSource::SelfSigned(own)) = settings.tls_source() else {
            panic!("it is our own")
        };
        let names = [
            "2001:db8::1",
            "192.0.2.1",
            "a.example",
            "127.0.0.1",
            "localhost",
            "::1",
        ];
        assert_eq!(own.names, names);
    }
}
