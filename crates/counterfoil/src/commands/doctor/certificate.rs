//! Whether the certificate can be used, until when it is valid, and for whom. The TLS library keeps
//! the two dates to itself, so they are read here: a walk through the outermost fields of the
//! certificate's DER (RFC 5280, section 4.1), which refuses whatever it does not expect.

use std::fs;
use std::path::Path;

use counterfoil_authority::Clock;
use counterfoil_domain::health::CertificateHealth;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_server::listen::{ListenAddress, TlsReloader, TlsSource, names_beside};
use data_encoding::BASE64;

use crate::acme::AcmeFolder;
use crate::clock::SystemClock;
use crate::commands::sentence;
use crate::config::Settings;

/// What was found about the certificate, a sentence each.
pub(crate) enum Certificate {
    /// It can be used.
    Good(String),
    /// It can be used, and that is rarely meant or will soon end.
    Doubtful(String),
    /// It cannot be used.
    Bad(String),
    /// It is over, and a server that runs orders another one.
    Over(String),
}

/// Looks at the certificate, its key, its dates and its names; none where nothing is encrypted.
pub(crate) fn look_at_certificate(settings: &Settings) -> Option<Certificate> {
    let source = settings.tls_source()?;
    if let TlsSource::Ordered(file) = &source {
        return Some(look_at_ordered(settings, file));
    }
    let Some(file) = &settings.tls.cert else {
        return Some(Certificate::Doubtful(
            "a certificate of our own is made at the start; clients must be told to trust it"
                .to_owned(),
        ));
    };
    if let Err(error) = TlsReloader::new(source) {
        return Some(Certificate::Bad(sentence(&error.into())));
    }
    let dates = look_at_dates(file);
    Some(match (dates, settings.public_host()) {
        (Certificate::Good(sentence), Some(host)) => match wrong_name(file, host) {
            Some(complaint) => Certificate::Doubtful(complaint),
            None => Certificate::Good(sentence),
        },
        (found, _) => found,
    })
}

/// One that is ordered need not be there, and is renewed without anybody's doing.
fn look_at_ordered(settings: &Settings, file: &Path) -> Certificate {
    let shown = file.display();
    let failure = last_failure(settings);
    let loaded = match TlsReloader::new(TlsSource::Ordered(file.to_owned())) {
        Ok(loaded) => loaded,
        Err(error) => return Certificate::Bad(sentence(&error.into())),
    };
    let Some(life) = loaded.life() else {
        return Certificate::Doubtful(format!(
            "there is no certificate in {shown} yet; `counterfoil serve` orders it{failure}"
        ));
    };
    let now = SystemClock::default().now().seconds();
    let until = Timestamp::from_seconds(life.not_after);
    let names = settings.ordered_names();
    let is_for = |name: &str| matches!(names_beside(file, name), Ok(None));
    if life.not_after <= now {
        Certificate::Over(format!(
            "{shown} was valid until {until}; `counterfoil serve` orders another one{failure}"
        ))
    } else if let Some(name) = names.iter().find(|name| !is_for(name)) {
        Certificate::Doubtful(format!(
            "{shown} is not for {name}; `counterfoil serve` orders another one{failure}"
        ))
    } else if life.not_after - now < (life.not_after - life.not_before) / 6 {
        Certificate::Doubtful(format!(
            "{shown} is valid until {until} only and should have been renewed by now{failure}"
        ))
    } else {
        Certificate::Good(format!(
            "{shown} was ordered and is valid until {until}; it is renewed after two thirds of its life"
        ))
    }
}

/// The rest of a sentence about why there is no better certificate, if an order failed.
fn last_failure(settings: &Settings) -> String {
    match AcmeFolder::at(settings.acme_folder()).orders() {
        Err(error) => format!("; {}", sentence(&error)),
        Ok(orders) => orders.last_failure.map_or_else(String::new, |failure| {
            let at = Timestamp::from_seconds(failure.at);
            format!("; the last order failed at {at}: {}", failure.cause)
        }),
    }
}

/// An authority asks at port 443, which may be another one here if something forwards it.
pub(super) fn port_of_challenges(settings: &Settings) -> Option<String> {
    settings.acme.directory_url.as_ref()?;
    let can_be_asked = settings.general.listen.iter().any(|address| match address {
        ListenAddress::Ip(ip) => ip.port() == 443,
        ListenAddress::Name { port, .. } => *port == 443,
        ListenAddress::Systemd => true,
        ListenAddress::Unix(_) => false,
    });
    (!can_be_asked).then(|| {
        "acme.directory_url is set and listen has no port 443, where the authority asks; something must forward that port here, \
         as it is"
            .to_owned()
    })
}

fn look_at_dates(file: &Path) -> Certificate {
    let file_name = file.display();
    let now = SystemClock::default().now();
    match validity(file) {
        None => Certificate::Doubtful(format!("the dates in {file_name} cannot be read")),
        Some(dates) => match CertificateHealth::of(dates.not_after, now) {
            CertificateHealth::Ended { at } => {
                Certificate::Bad(format!("{file_name} was valid until {at}; renew it"))
            }
            _ if dates.not_before > now => Certificate::Bad(format!(
                "{file_name} is valid from {} on; wait, or set the clock",
                dates.not_before
            )),
            CertificateHealth::EndsSoon { until } => Certificate::Doubtful(format!(
                "{file_name} is valid until {until} only; renew it soon"
            )),
            CertificateHealth::Good { .. }
            | CertificateHealth::Absent
            | CertificateHealth::Unreadable => Certificate::Good(format!(
                "{file_name} and its key are valid until {}",
                dates.not_after
            )),
        },
    }
}

/// What is wrong where clients that go by the public URL will not accept the certificate.
fn wrong_name(file: &Path, host: &str) -> Option<String> {
    let names = names_beside(file, host).ok()??;
    let file = file.display();
    let names = match names.as_slice() {
        [] => "no name that can be compared".to_owned(),
        names => names.join(", "),
    };
    Some(format!(
        "{file} is for {names} and not for {host}, the host of public_url: clients will refuse it"
    ))
}

/// From when to when a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
}

/// The dates of the first certificate in a PEM file.
pub(super) fn validity(file: &Path) -> Option<Validity> {
    let text = fs::read_to_string(file).ok()?;
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    dates_in(&BASE64.decode(body.as_bytes()).ok()?)
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xA0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

fn dates_in(certificate: &[u8]) -> Option<Validity> {
    let (_, content, _) = element(certificate, &[SEQUENCE])?;
    let (_, signed, _) = element(content, &[SEQUENCE])?;
    // The version has a default and may be missing.
    let rest = match element(signed, &[VERSION]) {
        Some((_, _, rest)) => rest,
        None => signed,
    };
    let (_, _, rest) = element(rest, &[INTEGER])?;
    let (_, _algorithm, rest) = element(rest, &[SEQUENCE])?;
    let (_, _issuer, rest) = element(rest, &[SEQUENCE])?;
    let (_, dates, _) = element(rest, &[SEQUENCE])?;
    let (tag, not_before, rest) = element(dates, &[UTC_TIME, GENERALIZED_TIME])?;
    let not_before = time(tag, not_before)?;
    let (tag, not_after, _) = element(rest, &[UTC_TIME, GENERALIZED_TIME])?;
    let not_after = time(tag, not_after)?;
    Some(Validity {
        not_before,
        not_after,
    })
}

/// The first element, which must have one of these tags: its tag, its content and what follows it.
fn element<'a>(bytes: &'a [u8], tags: &[u8]) -> Option<(u8, &'a [u8], &'a [u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk()?;
    if !tags.contains(&tag) {
        return None;
    }
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
        let length = digits.iter().try_fold(0_usize, |length, digit| {
            Some(length.checked_mul(256)? + usize::from(*digit))
        })?;
        (length, rest)
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

/// `YYMMDDHHMMSSZ`, where years from 50 on are of the last century, or `YYYYMMDDHHMMSSZ`.
fn time(tag: u8, digits: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(digits).ok()?.strip_suffix('Z')?;
    let text = match (tag, text.get(..2)?.parse::<u8>().ok()?) {
        (UTC_TIME, 50..) => format!("19{text}"),
        (UTC_TIME, _) => format!("20{text}"),
        (_, _) => text.to_owned(),
    };
    let instant = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", text).ok()?;
    let instant = instant.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some(Timestamp::from_seconds(instant.as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_time_are_read() {
        let seconds = |tag, text: &str| time(tag, text.as_bytes()).map(Timestamp::seconds);
        assert_eq!(seconds(UTC_TIME, "010909014640Z"), Some(1_000_000_000));
        assert_eq!(
            seconds(GENERALIZED_TIME, "20010909014640Z"),
            Some(1_000_000_000)
        );
        assert_eq!(seconds(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(seconds(UTC_TIME, "0109090146Z"), None);
        assert_eq!(seconds(UTC_TIME, ""), None);
    }

    #[test]
    fn lengths_beyond_the_end_are_refused() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x02, 0x01],
            &[0x30, 0x84, 0xFF],
            &[0x30, 0xFF, 0x01],
        ] {
            assert_eq!(element(bytes, &[SEQUENCE]), None);
        }
        assert_eq!(
            element(&[0x30, 0x81, 0x01, 0x07, 0x09], &[SEQUENCE]),
            Some((0x30, &[7][..], &[9][..]))
        );
    }
}
