//! What can be wrong with the settings, each in one sentence.

use std::io;
use std::path::PathBuf;

use counterfoil_domain::oauth::RefreshToken;
use counterfoil_domain::passkey::relying_party::NoPasskeysHere;
use counterfoil_server::listen::ListenAddress;

use crate::data_folder::DataFolderError;

/// Why there are no settings to start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The settings file cannot be read.
    #[error("{} cannot be read.", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others could have written the settings file.
    #[error("{}{why}.", file.display())]
    NotTrusted {
        /// The file.
        file: PathBuf,
        /// Who.
        why: Distrust,
    },
    /// The settings file is not TOML.
    #[error("{file}: line {line} is not TOML: {problem}.")]
    NotToml {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// A key that does not exist.
    #[error("{file}: there is no key {key}; {hint}")]
    UnknownKey {
        /// The file.
        file: String,
        /// The key as it stands there, with its section.
        key: String,
        /// The known key, or section, that is spelled like it, or what there is instead.
        hint: String,
    },
    /// A variable that begins like ours and is none.
    #[error("there is no variable {name}; {hint}")]
    UnknownVariable {
        /// Its name.
        name: String,
        /// The known one that is spelled like it, or where all are named.
        hint: String,
    },
    /// A key and its earlier name.
    #[error(
        "{present} and {earlier} are two names of one setting; leave out {earlier}, the earlier one."
    )]
    GivenTwice {
        /// Where the value of the key came from: file and key, or variable.
        present: String,
        /// Its earlier name, as a key or a variable.
        earlier: String,
    },
    /// A section's name with a value instead of keys.
    #[error("{file}: {section} is a value; it must be a section, [{section}].")]
    NotASection {
        /// The file.
        file: String,
        /// The section.
        section: String,
    },
    /// A value that the key may not have.
    #[error("{place} is {value}; it must be {expected}.")]
    Value {
        /// Where the value came from: file and key, variable or flag.
        place: String,
        /// The value as far as it may be repeated.
        value: String,
        /// What it may be.
        expected: String,
    },
    /// An entry of a list that may not be in it.
    #[error("{place} has an entry that is {value}; it must be {expected}.")]
    Entry {
        /// Where the list came from: file and key, variable or flag.
        place: String,
        /// The entry as far as it may be repeated.
        value: String,
        /// What the list may be.
        expected: String,
    },
    /// A part of a value that may not be.
    #[error("{place}: {problem}.")]
    Within {
        /// Where the value came from: file and key or variable.
        place: String,
        /// The part, what it is and what it must be.
        problem: String,
    },
    /// The environment's key is not one.
    #[error(
        "COUNTERFOIL_KEY does not hold a key; it must be ID:BASE64, as a line of the key file is."
    )]
    KeyMalformed,
    /// The file of a password is open to others.
    #[error("{key} cannot be used")]
    PasswordFileRefused {
        /// The key that names it.
        key: &'static str,
        /// What is wrong with it.
        source: DataFolderError,
    },
    /// The file of a password does not hold one.
    #[error(
        "{} does not hold a password; it must hold one line, the password for {of}.", file.display()
    )]
    NotAPassword {
        /// For what the password is.
        of: &'static str,
        /// The file.
        file: PathBuf,
    },
    /// A key that makes no sense beside another.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

/// Why a settings file is not believed: the rest of a sentence that begins with its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Its mode.
    #[error(
        " can be changed by other users (mode {mode:04o}), and it decides who sees passwords; run `chmod go-w` on it"
    )]
    Writable {
        /// The mode.
        mode: u32,
    },
    /// Its owner, or that of the link to it.
    #[error(
        " belongs to {0}, who is neither root nor the user that runs this; name it with --config if you mean it"
    )]
    Owner(String),
    /// The folder that it was found in.
    #[error(": others than root and the user that runs this can put files into {}; name it with --config if you mean it", .0.display())]
    Folder(PathBuf),
}

/// Keys whose values do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// A certificate to verify by, and no encryption.
    #[error(
        "database.tls_ca_file is set and database_url says sslmode=disable; it must be one or the other."
    )]
    AuthorityWithoutEncryption,
    /// Notifications would come unencrypted, or cannot come encrypted.
    #[error(
        "database_url and database.listen_url must both be encrypted or both not; give both the same sslmode."
    )]
    ListensOtherwise,
    /// Passwords and digests would cross the network in the clear.
    #[error(
        "{key} reaches {host} unencrypted, where what is stored can be read and changed on the way; it must say sslmode=require, or \
         database.tls_ca_file must be set, unless it says sslmode=disable because the network is trusted."
    )]
    PlainDatabase {
        /// The key or option that has the URL.
        key: &'static str,
        /// The host on another machine.
        host: String,
    },
    /// Nothing to listen on.
    #[error(
        "listen is empty; it must have at least one address, each {}.",
        ListenAddress::FORM
    )]
    NothingToListenOn,
    /// systemd hands over one list of sockets, which `listen` takes.
    #[error(
        "ops_listen has the entry \"systemd\"; only listen may, since systemd does not say which socket is for what."
    )]
    SystemdForOps,
    /// Clients come by another name than the program could guess.
    #[error(
        "public_url is not set; it must be the origin that clients use, such as https://tokens.example.org, since listen has {listen}."
    )]
    PublicUrlMissing {
        /// What is listened on, described.
        listen: String,
    },
    /// Passkeys would be bound to a host that the pages are not of.
    #[error(
        "pages.passkey_rp_id is \"{bound_to}\" and the pages are at {pages}: {refused}; it must be their host, or one that it stands below."
    )]
    PasskeysElsewhere {
        /// The host that is set.
        bound_to: String,
        /// The origin of the pages.
        pages: String,
        /// Why they do not go together.
        refused: NoPasskeysHere,
    },
    /// Mail comes from somebody.
    #[error(
        "mail.sender is missing; it must be the address that mail comes from, since mail.server is set."
    )]
    SenderMissing,
    /// Half of what signs in to the mail server.
    #[error("{given} is set and {missing} is not; the mail server needs both, or neither.")]
    HalfAMailUser {
        /// What is set.
        given: &'static str,
        /// What is not.
        missing: &'static str,
    },
    /// A password would cross the network in the clear.
    #[error(
        "mail.encryption is \"none\", where the password of mail.user would cross the network unencrypted; it must be \"starttls\" \
         or \"tls\", unless mail.server is this machine."
    )]
    PlainMailPassword,
    /// Passwords would cross the network in the clear.
    #[error(
        "listen has \"{listen}\", where passwords would arrive unencrypted; it must be a loopback address, unless [tls] \
         has a certificate, [acme] orders one, trusted_proxies names the proxy that encrypts, or insecure_http is true."
    )]
    PlainHttp {
        /// The address that other machines may reach.
        listen: ListenAddress,
    },
    /// The PROXY protocol from nobody.
    #[error("proxy_protocol is true; trusted_proxies must then name the proxies that speak it.")]
    ProxyProtocolFromNobody,
    /// One half of a certificate.
    #[error("{given} is set and {missing} is not; a certificate and its key must be set together.")]
    HalfACertificate {
        /// The key that is set.
        given: &'static str,
        /// The key that must be too.
        missing: &'static str,
    },
    /// Two certificates.
    #[error("tls.self_signed is true and tls.cert is set; it must be one or the other.")]
    TwoCertificates,
    /// Something about orders, and nobody to order from.
    #[error("{given} is set and acme.directory_url is not; set both, or leave {given} out.")]
    NobodyToOrderFrom {
        /// The key that is set.
        given: &'static str,
    },
    /// An authority whose terms nobody agreed to.
    #[error(
        "acme.terms_agreed is false; it must be true, by which you agree to the terms of the authority at {url}."
    )]
    TermsNotAgreed {
        /// The directory's URL.
        url: String,
    },
    /// An ordered certificate and another one.
    #[error("acme.directory_url is set and {other}; it must be one or the other.")]
    OrderedBesides {
        /// What else is set.
        other: &'static str,
    },
    /// Each of several nodes would order for itself.
    #[error(
        "acme.directory_url is set and database_url is a PostgreSQL database, whose nodes would each order a certificate; leave \
         acme.directory_url out, and give every node the certificate in tls.cert and tls.key, or put a proxy before them."
    )]
    OrderedByManyNodes,
    /// No name for the certificate.
    #[error(
        "acme.names is empty; it must have the names that the certificate is for, since public_url has no host name."
    )]
    NoNameToOrderFor,
    /// More names than a certificate has.
    #[error("acme.names has {names} names; it must have at most 100.")]
    TooManyNames {
        /// How many there are.
        names: usize,
    },
    /// Half of what binds an account.
    #[error("{given} is set and {missing} is not; the authority needs both, or neither.")]
    HalfAnAccount {
        /// What is set.
        given: &'static str,
        /// What is not.
        missing: &'static str,
    },
    /// The key of an account that cannot be read.
    #[error(
        "the key that acme.external_account_key_file or COUNTERFOIL_ACME_EXTERNAL_ACCOUNT_KEY holds is not base64url; it must be \
         as the authority gave it."
    )]
    NotAnAccountKey,
    /// Unknown addresses are refused before they are slowed down.
    #[error(
        "sign_in.failures_per_login_slowed is {refused}; it must be at least sign_in.failures_per_login, which is {slowed}."
    )]
    RefusedBeforeSlowed {
        /// `sign_in.failures_per_login`
        slowed: u32,
        /// `sign_in.failures_per_login_slowed`
        refused: u32,
    },
    /// Locks that would shrink.
    #[error(
        "sign_in.longest_lock is {longest:?}; it must be at least sign_in.lock, which is {shortest:?}."
    )]
    LongestLockTooShort {
        /// `sign_in.longest_lock`
        longest: String,
        /// `sign_in.lock`
        shortest: String,
    },
    /// Less memory than Argon2id needs.
    #[error(
        "passwords.memory_kib is {memory}; it must be at least 8 times passwords.parallelism, which is {lanes}."
    )]
    TooLittleMemory {
        /// `passwords.memory_kib`
        memory: u32,
        /// `passwords.parallelism`
        lanes: u32,
    },
    /// A default beyond the maximum.
    #[error(
        "tokens.default_lifetime is {default:?}; it must be at most tokens.maximum_lifetime, which is {maximum:?}."
    )]
    DefaultLifetimeTooLong {
        /// `tokens.default_lifetime`
        default: String,
        /// `tokens.maximum_lifetime`
        maximum: String,
    },
    /// Half of what it takes to find a token in a query.
    #[error(
        "{given} is set and {missing} is not; the key of the query and the header that has the query must be set together."
    )]
    HalfAQueryKey {
        /// The key that is set.
        given: &'static str,
        /// The key that must be too.
        missing: &'static str,
    },
    /// Tokens of two kinds that look alike.
    #[error(
        "tokens.app_prefix is {prefix:?}; it must differ from tokens.personal_prefix, so that a token shows its kind."
    )]
    SamePrefix {
        /// The prefix of both.
        prefix: String,
    },
    /// Tokens that look like refresh tokens.
    #[error(
        "{key} is {:?}, which refresh tokens begin with; it must differ from that, so that a token shows its kind.",
        RefreshToken::PREFIX
    )]
    RefreshPrefix {
        /// The key.
        key: &'static str,
    },
}
