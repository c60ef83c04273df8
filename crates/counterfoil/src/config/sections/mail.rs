//! Whether mail is sent, and through which server.

use std::path::PathBuf;
use std::time::Duration;

use counterfoil_domain::email::EmailAddress;

use crate::config::rule::{FilePath, Maybe, OneOf, Text, TextRefused, length, whole};
use crate::config::section::section;

/// How the connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailEncryption {
    /// From the first byte.
    Tls,
    /// After the greeting; without it nothing is sent.
    StartTls,
    /// Not at all.
    None,
}

impl MailEncryption {
    /// The port that servers listen on for it.
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

section! {
    /// Whether mail is sent, and through which server (SMTP). Without one, links are shown to
    /// whoever has them made, and nobody can ask for one who forgot their password.
    ///
    /// The password is given in a file or in the variable `COUNTERFOIL_MAIL_PASSWORD`, which beats
    /// the file.
    pub struct Mail = "mail", "mail." {
        /// The mail server's host. If it is not set no mail is sent.
        server: Option<String> = None, Maybe(HOST), Restart;
        /// The port; if it is not set, 587 for `starttls`, 465 for `tls`, 25 for `none`.
        port: Option<u32> = None, Maybe(whole("the port", 1, 65_535)), Restart;
        /// How the connection is encrypted: `starttls`, after the greeting; `tls`, from the first
        /// byte; `none`, not at all, which is for a server on this machine. The server's
        /// certificate and name are verified.
        encryption: MailEncryption = MailEncryption::StartTls, OneOf(&[
            ("starttls", MailEncryption::StartTls),
            ("tls", MailEncryption::Tls),
            ("none", MailEncryption::None),
        ]), Restart;
        /// The file with the certificates, in PEM, of the authorities one of which must have signed
        /// the mail server's certificate. If it is not set, those of this system count.
        tls_ca_file: Option<PathBuf> = None, Maybe(FilePath { example: "/etc/counterfoil/mail-ca.crt" }), Restart;
        /// The user by whom this program signs in to the mail server; none if it does not.
        user: Option<String> = None, Maybe(USER), Restart;
        /// The file that holds the user's password and nothing else, for its owner only.
        password_file: Option<PathBuf> = None, Maybe(FilePath { example: "/etc/counterfoil/mail-password" }), Restart;
        /// The address that mail comes from. It must be set where `server` is.
        sender: Option<EmailAddress> = None, Maybe(ADDRESS), Restart;
        /// How long one mail may take to be sent, from the connection to the server's last word.
        timeout: Duration = Duration::from_secs(15), length(1, 25, "15s"), Restart;
        /// How many mails one address gets within an hour.
        per_recipient: u32 = 20, whole("mails", 1, 1_000), Restart;
        /// How many links for a forgotten password are mailed within an hour for one account.
        resets_per_account: u32 = 3, whole("mails", 1, 1_000), Restart;
        /// How many are asked for within an hour by one network address (IPv6: by one /64).
        resets_per_address: u32 = 10, whole("mails", 1, 1_000), Restart;
        /// How many mails may wait to be sent. Beyond it notices give way to links, and then no
        /// more are taken.
        waiting: u32 = 100_000, whole("mails", 100, 10_000_000), Restart;
    }
}

const HOST: Text<String> = Text {
    expected: "a host name or an IP address, such as smtp.example.org",
    example: "smtp.example.org",
    parse: |text| {
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'/' && byte != b'@');
        let is_address = text.parse::<std::net::IpAddr>().is_ok();
        if !text.is_empty() && text.len() <= 253 && plain && (is_address || !text.contains(':')) {
            Ok(text.to_owned())
        } else {
            Err(TextRefused::Form)
        }
    },
    write: Clone::clone,
};

const USER: Text<String> = Text {
    expected: "a text of 1 to 255 bytes without control characters",
    example: "counterfoil",
    parse: |text| {
        if (1..=255).contains(&text.len()) && !text.chars().any(char::is_control) {
            Ok(text.to_owned())
        } else {
            Err(TextRefused::Form)
        }
    },
    write: Clone::clone,
};

pub(super) const ADDRESS: Text<EmailAddress> = Text {
    expected: "an e-mail address",
    example: "counterfoil@example.org",
    parse: |text| EmailAddress::parse(text).map_err(|_| TextRefused::Form),
    write: |address| address.as_str().to_owned(),
};
