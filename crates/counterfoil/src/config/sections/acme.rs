//! Whether the certificate is ordered from an authority, and from which.

use std::path::PathBuf;

use counterfoil_domain::email::EmailAddress;

use super::mail::ADDRESS;
use crate::config::directory_url::DirectoryUrl;
use crate::config::rule::{FilePath, ListOf, Maybe, Switch, Text, TextRefused, text};
use crate::config::section::section;

section! {
    /// A certificate that is ordered from an authority by ACME (RFC 8555), and renewed while
    /// serving, in place of one in files. The authority connects to port 443 of each name, and is
    /// answered there by TLS-ALPN-01. What it gives is kept in the folder `acme` in `data_dir`.
    ///
    /// A key that binds the account to one that the authority knows already is given in a file or
    /// in the variable `COUNTERFOIL_ACME_EXTERNAL_ACCOUNT_KEY`, which beats the file.
    pub struct Acme = "acme", "acme." {
        /// Where the authority says what it can be asked. If it is not set no certificate is
        /// ordered.
        directory_url: Option<DirectoryUrl> = None,
            Maybe(text::<DirectoryUrl>(
                "the URL of a directory that begins with https://, without a user and a query, such as \
                 https://acme-v02.api.letsencrypt.org/directory",
                "https://acme-v02.api.letsencrypt.org/directory",
            )), Restart;
        /// Whether you agree to the terms of this authority. It must be true where `directory_url`
        /// is set.
        terms_agreed: bool = false, Switch, Restart;
        /// The address under which the authority may write to you; none if it need not know one.
        contact: Option<EmailAddress> = None, Maybe(ADDRESS), Restart;
        /// The names that the certificate is for, at most a hundred. If there is none, it is for
        /// the host of `public_url`.
        names: Vec<String> = Vec::new(), ListOf(NAME), Restart;
        /// The file with the certificates, in PEM, of the authorities one of which must have signed
        /// the certificate by which the directory itself is encrypted. If it is not set, those of
        /// this system count.
        tls_ca_file: Option<PathBuf> = None, Maybe(FilePath { example: "/etc/counterfoil/acme-ca.crt" }), Restart;
        /// The name of the key that binds the account to one that the authority knows already
        /// (external account binding); none where it wants none.
        external_account_id: Option<String> = None, Maybe(ACCOUNT_ID), Restart;
        /// The file that holds that key, in base64url as authorities give it, and nothing else, for
        /// its owner only.
        external_account_key_file: Option<PathBuf> = None, Maybe(FilePath { example: "/etc/counterfoil/acme-key" }), Restart;
    }
}

/// The most names of one certificate. Authorities take no more.
pub(in crate::config) const NAMES_MAX: usize = 100;

const NAME: Text<String> = Text {
    expected: "a host name such as tokens.example.org, without a wildcard and no IP address",
    example: "tokens.example.org",
    parse: |text| {
        is_host_name(text)
            .then(|| text.to_ascii_lowercase())
            .ok_or(TextRefused::Form)
    },
    write: Clone::clone,
};

/// Whether an authority can be asked for a certificate for this name.
pub(in crate::config) fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // No name ends in a number: that is an address.
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

const ACCOUNT_ID: Text<String> = Text {
    expected: "a text of 1 to 255 characters of ASCII without blanks",
    example: "kid-1",
    parse: |text| {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if (1..=255).contains(&text.len()) && plain {
            Ok(text.to_owned())
        } else {
            Err(TextRefused::Form)
        }
    },
    write: Clone::clone,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_what_no_certificate_is_ordered_for() {
        for name in [
            "tokens.example.org",
            "localhost",
            "a-1.example",
            "1.example",
        ] {
            assert!(is_host_name(name), "{name}");
        }
        for other in [
            "",
            ".",
            "a..b",
            "a.example.",
            "*.example.org",
            "192.0.2.1",
            "2001:db8::1",
            "-a.example",
            "a_b.example",
            "caf\u{e9}.example",
        ] {
            assert!(!is_host_name(other), "{other}");
        }
    }
}
