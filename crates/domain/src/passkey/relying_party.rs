//! For which site passkeys are made and asked for.

use url::{Host, Url};

/// Most characters in the name of a host.
const LONGEST_HOST: usize = 253;

/// The host that passkeys are bound to: that of the pages, or one that it stands below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpId(String);

/// Why a text is no host that passkeys could be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be the name of a host in lower case, without scheme, port or path, and no IP address"
)]
pub struct RpIdRefused;

impl RpId {
    /// The host in this text.
    pub fn parse(text: &str) -> Result<Self, RpIdRefused> {
        let is_plain = !text.is_empty()
            && text.len() <= LONGEST_HOST
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
            && text.split('.').all(|label| !label.is_empty());
        // What looks like a number at its end is an address to browsers.
        match Host::parse(text) {
            Ok(Host::Domain(host)) if is_plain && host == text => Ok(Self(host)),
            _ => Err(RpIdRefused),
        }
    }

    /// The host name, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether pages of this host may use passkeys that are bound to it. Browsers refuse, too, what
    /// many registrants share (`co.uk`): that is their list to know.
    fn fits(&self, host: &str) -> bool {
        let below = || host.strip_suffix(&self.0)?.strip_suffix('.');
        host == self.0 || (self.0.contains('.') && below().is_some_and(|rest| !rest.is_empty()))
    }
}

/// Why no passkeys are made and asked for under an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NoPasskeysHere {
    /// Browsers bind no passkey to an IP address.
    #[error("passkeys need the name of a host; this server goes by an IP address")]
    Address,
    /// Browsers know no passkeys on pages that come unencrypted from elsewhere.
    #[error("passkeys need https")]
    Plain,
    /// The pages are of another host than passkeys are bound to.
    #[error("passkeys are bound to another host")]
    OtherHost,
}

/// For which site passkeys are made and asked for: its id, and the one origin whose pages may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    id: RpId,
    origin: String,
}

impl RelyingParty {
    /// The one of pages of this origin, where passkeys are to be bound to another host than its
    /// own. On `localhost` browsers do without encryption.
    pub fn of(origin: &str, bound_to: Option<&RpId>) -> Result<Self, NoPasskeysHere> {
        let url = Url::parse(origin).map_err(|_| NoPasskeysHere::OtherHost)?;
        let host = match url.host() {
            Some(Host::Domain(host)) => host,
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(NoPasskeysHere::Address),
            None => return Err(NoPasskeysHere::OtherHost),
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && host == "localhost") {
            return Err(NoPasskeysHere::Plain);
        }
        let own = RpId::parse(host).map_err(|_| NoPasskeysHere::OtherHost)?;
        let id = bound_to.cloned().unwrap_or(own);
        if !id.fits(host) {
            return Err(NoPasskeysHere::OtherHost);
        }
        Ok(Self {
            id,
            origin: url.origin().ascii_serialization(),
        })
    }

    /// Its id, which authenticators sign a digest of.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// The origin of its pages, as browsers write it.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rp(text: &str) -> RpId {
        RpId::parse(text).expect(text)
    }

    #[test]
    fn an_id_is_the_name_of_a_host() {
        for text in ["example.org", "localhost", "xn--bcher-kva.example", "a-1.b"] {
            assert_eq!(rp(text).as_str(), text);
        }
        for text in [
            "",
            "Example.org",
            "bücher.example",
            "https://example.org",
            "example.org:443",
            "example.org/",
            "example..org",
            ".example.org",
            "example.org.",
            "127.0.0.1",
            "127.1",
            "1",
            "[::1]",
            "::1",
            "a_b.example",
            &"a.".repeat(127),
        ] {
            assert_eq!(RpId::parse(text), Err(RpIdRefused), "{text}");
        }
    }

    #[test]
    fn passkeys_are_bound_to_the_host_of_the_pages_or_to_one_above_it() {
        for (origin, bound_to, id, written) in [
            (
                "https://example.org",
                None,
                "example.org",
                "https://example.org",
            ),
            (
                "https://example.org:443/",
                None,
                "example.org",
                "https://example.org",
            ),
            (
                "https://a.example.org:8443",
                None,
                "a.example.org",
                "https://a.example.org:8443",
            ),
            (
                "https://a.example.org",
                Some("example.org"),
                "example.org",
                "https://a.example.org",
            ),
            (
                "http://localhost:8080",
                None,
                "localhost",
                "http://localhost:8080",
            ),
            ("https://localhost", None, "localhost", "https://localhost"),
        ] {
            let bound_to = bound_to.map(rp);
            let party = RelyingParty::of(origin, bound_to.as_ref()).expect(origin);
            assert_eq!((party.id(), party.origin()), (id, written));
        }
    }

    #[test]
    fn elsewhere_there_are_none() {
        for (origin, bound_to, why) in [
            ("http://127.0.0.1:8080", None, NoPasskeysHere::Address),
            ("https://[::1]:8080", None, NoPasskeysHere::Address),
            (
                "https://192.0.2.7",
                Some("example.org"),
                NoPasskeysHere::Address,
            ),
            ("http://example.org", None, NoPasskeysHere::Plain),
            ("http://localhost.example", None, NoPasskeysHere::Plain),
            (
                "https://example.org",
                Some("example.com"),
                NoPasskeysHere::OtherHost,
            ),
            (
                "https://example.org",
                Some("a.example.org"),
                NoPasskeysHere::OtherHost,
            ),
            (
                "https://badexample.org",
                Some("example.org"),
                NoPasskeysHere::OtherHost,
            ),
            (
                "https://example.org",
                Some("org"),
                NoPasskeysHere::OtherHost,
            ),
            (
                "http://localhost:8080",
                Some("example.org"),
                NoPasskeysHere::OtherHost,
            ),
            ("example.org", None, NoPasskeysHere::OtherHost),
        ] {
            let bound_to = bound_to.map(rp);
            let refused = RelyingParty::of(origin, bound_to.as_ref()).err();
            assert_eq!(refused, Some(why), "{origin}");
        }
    }
}
