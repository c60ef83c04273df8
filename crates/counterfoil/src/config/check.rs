//! What settings must be to each other.

use counterfoil_domain::length_of_time;
use counterfoil_domain::oauth::RefreshToken;
use counterfoil_domain::passkey::relying_party::RelyingParty;
use counterfoil_domain::password::HashingCost;
use counterfoil_server::listen::ListenAddress;
use counterfoil_store::{Encryption, PostgresOptions};

use super::error::Conflict;
use super::password::account_key;
use super::sections::NAMES_MAX;
use super::{Database, Gateway, General, MailEncryption, Passwords, Settings, SignIn, Tls, Tokens};

/// Refuses settings that contradict each other; each alone is known to be possible.
pub(super) fn all(settings: &Settings) -> Result<(), Conflict> {
    let Settings {
        general,
        tls,
        sign_in,
        passwords,
        tokens,
        gateway,
        ..
    } = settings;
    database(settings)?;
    listening(general)?;
    certificate(tls)?;
    public_url(general)?;
    acme(settings)?;
    passkeys(settings)?;
    encryption(general, settings.is_encrypted())?;
    locks(sign_in)?;
    hashing(passwords)?;
    lifetimes(tokens)?;
    prefixes(tokens)?;
    mail(settings)?;
    query_key(gateway)
}

fn mail(settings: &Settings) -> Result<(), Conflict> {
    let mail = &settings.mail;
    let Some(server) = &mail.server else {
        return Ok(());
    };
    if mail.sender.is_none() {
        return Err(Conflict::SenderMissing);
    }
    match (&mail.user, &settings.mail_password) {
        (Some(_), None) => Err(Conflict::HalfAMailUser {
            given: "mail.user",
            missing: "mail.password_file",
        }),
        (None, Some(_)) => Err(Conflict::HalfAMailUser {
            given: "mail.password_file",
            missing: "mail.user",
        }),
        (Some(_), Some(_)) if mail.encryption == MailEncryption::None && !is_here(server) => {
            Err(Conflict::PlainMailPassword)
        }
        (Some(_), Some(_)) | (None, None) => Ok(()),
    }
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    address.map_or_else(
        |_| host.eq_ignore_ascii_case("localhost"),
        |address| address.is_loopback(),
    )
}

fn database(settings: &Settings) -> Result<(), Conflict> {
    let section = &settings.database;
    let Some(Database::Postgres(server)) = &settings.general.database_url else {
        return Ok(());
    };
    if section.tls_ca_file.is_some() && server.declines_encryption() {
        return Err(Conflict::AuthorityWithoutEncryption);
    }
    encrypted(settings, server, "database_url")?;
    match &section.listen_url {
        Some(listen) if plain_host(settings, listen).is_some() => {
            encrypted(settings, listen, "database.listen_url")
        }
        Some(listen)
            if listen.declines_encryption() != server.declines_encryption()
                || (listen.encryption != server.encryption && section.tls_ca_file.is_none()) =>
        {
            Err(Conflict::ListensOtherwise)
        }
        Some(_) | None => Ok(()),
    }
}

/// Refuses a database on another machine that is reached in the clear, unless its URL says so in so
/// many words.
pub(super) fn encrypted(
    settings: &Settings,
    server: &PostgresOptions,
    key: &'static str,
) -> Result<(), Conflict> {
    match plain_host(settings, server) {
        Some(host) => Err(Conflict::PlainDatabase { key, host }),
        None => Ok(()),
    }
}

fn plain_host(settings: &Settings, server: &PostgresOptions) -> Option<String> {
    let encrypted = server.encryption != Encryption::Off || settings.database.tls_ca_file.is_some();
    (!encrypted && !server.declines_encryption())
        .then(|| server.hosts_elsewhere().next())
        .flatten()
}

fn listening(general: &General) -> Result<(), Conflict> {
    if general.listen.is_empty() {
        return Err(Conflict::NothingToListenOn);
    }
    if general.ops_listen.contains(&ListenAddress::Systemd) {
        return Err(Conflict::SystemdForOps);
    }
    if general.proxy_protocol && general.trusted_proxies.is_empty() {
        return Err(Conflict::ProxyProtocolFromNobody);
    }
    Ok(())
}

fn certificate(tls: &Tls) -> Result<(), Conflict> {
    match (&tls.cert, &tls.key) {
        (Some(_), None) => Err(Conflict::HalfACertificate {
            given: "tls.cert",
            missing: "tls.key",
        }),
        (None, Some(_)) => Err(Conflict::HalfACertificate {
            given: "tls.key",
            missing: "tls.cert",
        }),
        (Some(_), Some(_)) if tls.self_signed => Err(Conflict::TwoCertificates),
        (Some(_), Some(_)) | (None, None) => Ok(()),
    }
}

fn acme(settings: &Settings) -> Result<(), Conflict> {
    let (acme, tls) = (&settings.acme, &settings.tls);
    let has_key = settings.acme_account_key.is_some();
    let Some(url) = &acme.directory_url else {
        let given = [
            ("acme.terms_agreed", acme.terms_agreed),
            ("acme.contact", acme.contact.is_some()),
            ("acme.names", !acme.names.is_empty()),
            ("acme.tls_ca_file", acme.tls_ca_file.is_some()),
            (
                "acme.external_account_id",
                acme.external_account_id.is_some(),
            ),
            ("acme.external_account_key_file", has_key),
        ];
        let first = given.into_iter().find(|(_, is_given)| *is_given);
        return first.map_or(Ok(()), |(given, _)| {
            Err(Conflict::NobodyToOrderFrom { given })
        });
    };
    if !acme.terms_agreed {
        let url = url.to_string();
        return Err(Conflict::TermsNotAgreed { url });
    }
    if tls.cert.is_some() || tls.self_signed {
        let other = if tls.self_signed {
            "tls.self_signed is true"
        } else {
            "tls.cert is set"
        };
        return Err(Conflict::OrderedBesides { other });
    }
    if settings.database().server().is_some() {
        return Err(Conflict::OrderedByManyNodes);
    }
    match settings.ordered_names().len() {
        0 => return Err(Conflict::NoNameToOrderFor),
        names if names > NAMES_MAX => return Err(Conflict::TooManyNames { names }),
        _ => {}
    }
    match (&acme.external_account_id, &settings.acme_account_key) {
        (Some(_), None) => Err(Conflict::HalfAnAccount {
            given: "acme.external_account_id",
            missing: "acme.external_account_key_file",
        }),
        (None, Some(_)) => Err(Conflict::HalfAnAccount {
            given: "acme.external_account_key_file",
            missing: "acme.external_account_id",
        }),
        (Some(_), Some(key)) if account_key(key).is_none() => Err(Conflict::NotAnAccountKey),
        (Some(_), Some(_)) | (None, None) => Ok(()),
    }
}

/// The program can guess its own name only while nobody but this machine can reach it.
fn public_url(general: &General) -> Result<(), Conflict> {
    if general.public_url.is_some() {
        return Ok(());
    }
    let listen = match general.listen.iter().find(|address| address.is_exposed()) {
        Some(exposed) => format!("\"{exposed}\", which other machines may reach"),
        None if general.listen.iter().any(ListenAddress::is_loopback) => return Ok(()),
        None => "only Unix sockets, which have no port".to_owned(),
    };
    Err(Conflict::PublicUrlMissing { listen })
}

/// What passkeys are to be bound to must fit the pages, or no browser offers one. Without a public
/// URL pages go by the names of this machine, of which passkeys can be bound to one.
fn passkeys(settings: &Settings) -> Result<(), Conflict> {
    let Some(bound_to) = &settings.pages.passkey_rp_id else {
        return Ok(());
    };
    let pages = match &settings.general.public_url {
        Some(base) => base.origin(),
        None => "http://localhost",
    };
    match RelyingParty::of(pages, Some(bound_to)) {
        Ok(_) => Ok(()),
        Err(refused) => Err(Conflict::PasskeysElsewhere {
            bound_to: bound_to.as_str().to_owned(),
            pages: pages.to_owned(),
            refused,
        }),
    }
}

fn encryption(general: &General, encrypted: bool) -> Result<(), Conflict> {
    let accepted = general.insecure_http || !general.trusted_proxies.is_empty();
    match general.listen.iter().find(|address| address.is_exposed()) {
        Some(exposed) if !encrypted && !accepted => Err(Conflict::PlainHttp {
            listen: exposed.clone(),
        }),
        Some(_) | None => Ok(()),
    }
}

fn locks(sign_in: &SignIn) -> Result<(), Conflict> {
    if sign_in.longest_lock < sign_in.lock {
        return Err(Conflict::LongestLockTooShort {
            longest: length_of_time::write(sign_in.longest_lock),
            shortest: length_of_time::write(sign_in.lock),
        });
    }
    let (slowed, refused) = (
        sign_in.failures_per_login,
        sign_in.failures_per_login_slowed,
    );
    if refused < slowed {
        return Err(Conflict::RefusedBeforeSlowed { slowed, refused });
    }
    Ok(())
}

fn hashing(passwords: &Passwords) -> Result<(), Conflict> {
    let Passwords {
        memory_kib,
        iterations,
        parallelism,
        ..
    } = *passwords;
    let cost = HashingCost {
        memory_kib,
        iterations,
        parallelism,
    };
    if cost.is_possible() {
        return Ok(());
    }
    Err(Conflict::TooLittleMemory {
        memory: memory_kib,
        lanes: parallelism,
    })
}

fn lifetimes(tokens: &Tokens) -> Result<(), Conflict> {
    match (tokens.default_lifetime, tokens.maximum_lifetime) {
        (Some(default), Some(maximum)) if default > maximum => {
            Err(Conflict::DefaultLifetimeTooLong {
                default: length_of_time::write(default),
                maximum: length_of_time::write(maximum),
            })
        }
        _ => Ok(()),
    }
}

fn prefixes(tokens: &Tokens) -> Result<(), Conflict> {
    if tokens.app_prefix == tokens.personal_prefix {
        let prefix = tokens.app_prefix.as_str().to_owned();
        return Err(Conflict::SamePrefix { prefix });
    }
    for (key, prefix) in [
        ("tokens.app_prefix", &tokens.app_prefix),
        ("tokens.personal_prefix", &tokens.personal_prefix),
    ] {
        if prefix.as_str() == RefreshToken::PREFIX {
            return Err(Conflict::RefreshPrefix { key });
        }
    }
    Ok(())
}

fn query_key(gateway: &Gateway) -> Result<(), Conflict> {
    let (given, missing) = match (&gateway.query_key, &gateway.original_uri_header) {
        (Some(_), None) => ("gateway.query_key", "gateway.original_uri_header"),
        (None, Some(_)) => ("gateway.original_uri_header", "gateway.query_key"),
        (Some(_), Some(_)) | (None, None) => return Ok(()),
    };
    Err(Conflict::HalfAQueryKey { given, missing })
}
