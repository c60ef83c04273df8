//! The addresses to listen on, as an operator writes them.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// One address to listen on: `host:port`, `[IPv6]:port`, `unix:PATH` or `systemd`.
///
/// ```
/// use counterfoil_server::listen::ListenAddress;
///
/// let address: ListenAddress = "127.0.0.1:8080".parse()?;
/// assert!(address.is_loopback());
/// assert!("8080".parse::<ListenAddress>().is_err());
/// # Ok::<(), counterfoil_server::listen::ListenAddressInvalid>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ListenAddress {
    /// An IP address and a port; port 0 lets the system choose a free one.
    Ip(SocketAddr),
    /// A host name and a port; every address that the name resolves to is listened on.
    Name {
        /// The host name.
        host: String,
        /// The port; 0 lets the system choose a free one.
        port: u16,
    },
    /// A Unix socket at this path.
    Unix(PathBuf),
    /// The sockets that systemd hands over (`sd_listen_fds(3)`), all of them.
    Systemd,
}

impl ListenAddress {
    /// What an address may be, for error messages and reference pages.
    pub const FORM: &str = "host:port, [IPv6]:port, unix:PATH or systemd";

    /// Whether only this machine can reach the address over IP: a loopback address, `localhost` or
    /// a name under it (RFC 6761 section 6.3).
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Ip(address) => address.ip().to_canonical().is_loopback(),
            Self::Name { host, .. } => {
                let host = host.to_ascii_lowercase();
                host == "localhost" || host.ends_with(".localhost")
            }
            Self::Unix(_) | Self::Systemd => false,
        }
    }

    /// Whether the address stands for every address of this machine (`0.0.0.0` or `::`).
    pub fn is_unspecified(&self) -> bool {
        match self {
            Self::Ip(address) => address.ip().to_canonical().is_unspecified(),
            Self::Name { .. } | Self::Unix(_) | Self::Systemd => false,
        }
    }

    /// Whether other machines may reach the address. A socket that systemd hands over counts as
    /// such, since its address is not known before.
    pub fn is_exposed(&self) -> bool {
        match self {
            Self::Ip(_) | Self::Name { .. } => !self.is_loopback(),
            Self::Unix(_) => false,
            Self::Systemd => true,
        }
    }
}

impl FromStr for ListenAddress {
    type Err = ListenAddressInvalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || ListenAddressInvalid(text.to_owned());
        if text == "systemd" {
            return Ok(Self::Systemd);
        }
        if let Some(path) = text.strip_prefix("unix:") {
            // NUL ends a path for the system (and begins an abstract name, which has no file mode
            // to guard it).
            let usable = !path.is_empty() && !path.contains('\0');
            return usable.then(|| Self::Unix(path.into())).ok_or_else(invalid);
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Ip(address));
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(invalid)?;
        if !is_host_name(host) || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid());
        }
        Ok(Self::Name {
            host: host.to_owned(),
            port: port.parse().map_err(|_| invalid())?,
        })
    }
}

/// Whether the text can be a host name. One that ends in a number is a mistyped IPv4 address
/// instead (the same rule as the URL standard's "ends in a number").
fn is_host_name(text: &str) -> bool {
    let labels = || text.split('.');
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let ends_in_number = labels()
        .next_back()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    text.len() <= 253 && labels().all(fits) && !ends_in_number
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Name { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Systemd => f.write_str("systemd"),
        }
    }
}

/// The text, which it holds, is no address to listen on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address to listen on; it must be {form}", form = ListenAddress::FORM)]
pub struct ListenAddressInvalid(String);

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> ListenAddress {
        text.parse().unwrap()
    }

    #[test]
    fn every_form_reads_back_as_it_was_written() {
        for text in [
            "127.0.0.1:8080",
            "0.0.0.0:0",
            "[::1]:8080",
            "[::]:443",
            "localhost:8080",
            "tokens.example.org:443",
            "unix:/run/counterfoil/http.sock",
            "unix:relative.sock",
            "systemd",
        ] {
            assert_eq!(address(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_in_one_sentence_with_the_value() {
        for text in [
            "",
            "8080",
            ":8080",
            "localhost",
            "localhost:",
            "localhost:+1",
            "localhost:65536",
            "::1:8080",
            "127.0.0:8080",
            "*:8080",
            "http://localhost:8080",
            "unix:",
            "Systemd",
        ] {
            let error = text.parse::<ListenAddress>().unwrap_err().to_string();
            let sentence = format!(
                "{text:?} is no address to listen on; it must be host:port, [IPv6]:port, unix:PATH or systemd"
            );
            assert_eq!(error, sentence);
        }
    }

    #[test]
    fn loopback_is_what_only_this_machine_reaches_over_ip() {
        for text in [
            "127.0.0.1:1",
            "127.9.9.9:1",
            "[::1]:1",
            "[::ffff:127.0.0.1]:1",
            "LOCALHOST:1",
        ] {
            assert!(address(text).is_loopback(), "{text}");
            assert!(!address(text).is_exposed(), "{text}");
        }
        for text in [
            "0.0.0.0:1",
            "[::]:1",
            "192.0.2.1:1",
            "example.org:1",
            "systemd",
        ] {
            assert!(!address(text).is_loopback(), "{text}");
            assert!(address(text).is_exposed(), "{text}");
        }
        assert!(!address("unix:/a").is_loopback());
        assert!(!address("unix:/a").is_exposed());
    }

    #[test]
    fn unspecified_is_every_address_of_the_machine() {
        assert!(address("0.0.0.0:1").is_unspecified());
        assert!(address("[::]:1").is_unspecified());
        assert!(!address("[::1]:1").is_unspecified());
        assert!(!address("unix:/a").is_unspecified());
    }
}
