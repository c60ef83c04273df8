//! Decides whose request this is: the address that failures are counted by and that the audit trail
//! records.
//!
//! It is the connection's peer, unless that is a trusted proxy. Then it is the rightmost entry of
//! `X-Forwarded-For` that is not a trusted proxy itself: each proxy appends the peer that it saw,
//! so everything left of the first stranger is the stranger's own claim. An entry that is no
//! address ends the walk, and the nearest trusted hop's address stands, since what lies further
//! left was passed on by nobody known. `X-Forwarded-Host`, `X-Forwarded-Proto` and `Forwarded` are
//! never read: every URL that we generate is built from a setting.

use std::net::{IpAddr, SocketAddr};

use counterfoil_domain::network::{ClientAddress, TrustedProxies};
use http::HeaderMap;

use crate::listen::Peer;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client behind a connection, see the module.
pub fn client_address(peer: Peer, headers: &HeaderMap, trusted: &TrustedProxies) -> ClientAddress {
    if !peer.headers_are_its_own || !trusted.trusts(peer.address) {
        return peer.address;
    }
    let mut nearest_trusted = peer.address;
    // Proxies may append to the last field or add a field of their own; both read as one list (RFC
    // 9110 section 5.3).
    for field in headers.get_all(FORWARDED_FOR).iter().rev() {
        let Ok(field) = field.to_str() else {
            return nearest_trusted;
        };
        for entry in field.rsplit(',') {
            let Some(address) = parse_entry(entry.trim()) else {
                return nearest_trusted;
            };
            if !trusted.trusts(address) {
                return address;
            }
            nearest_trusted = address;
        }
    }
    nearest_trusted
}

/// An entry as proxies write it: an address, an IPv6 address in brackets, or either with a port.
fn parse_entry(entry: &str) -> Option<ClientAddress> {
    let bracketed = || {
        entry
            .strip_prefix('[')?
            .strip_suffix(']')?
            .parse::<IpAddr>()
            .ok()
    };
    let address = entry
        .parse::<IpAddr>()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(bracketed)?;
    Some(ClientAddress::from(address))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn address(text: &str) -> ClientAddress {
        text.parse().unwrap()
    }

    fn trusted(proxies: &[&str]) -> TrustedProxies {
        let proxies: Vec<_> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
        TrustedProxies::from(proxies)
    }

    fn forwarded(fields: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(
                FORWARDED_FOR,
                HeaderValue::from_bytes(field.as_bytes()).unwrap(),
            );
        }
        headers
    }

    fn decide(peer: &str, fields: &[&str], proxies: &[&str]) -> String {
        let peer = Peer::plain(address(peer));
        client_address(peer, &forwarded(fields), &trusted(proxies)).to_string()
    }

    #[test]
    fn a_peer_that_is_not_trusted_is_the_client_whatever_it_says() {
        assert_eq!(decide("192.0.2.1", &["198.51.100.1"], &[]), "192.0.2.1");
        assert_eq!(
            decide("192.0.2.1", &["198.51.100.1"], &["10.0.0.0/8"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn a_trusted_peer_without_the_header_is_the_client() {
        assert_eq!(decide("10.0.0.1", &[], &["10.0.0.0/8"]), "10.0.0.1");
    }

    #[test]
    fn the_rightmost_entry_that_is_not_trusted_is_the_client() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(
            decide("10.0.0.1", &["198.51.100.1"], &proxies),
            "198.51.100.1"
        );
        assert_eq!(
            decide("10.0.0.1", &["203.0.113.9, 198.51.100.1"], &proxies),
            "198.51.100.1"
        );
        assert_eq!(
            decide(
                "10.0.0.1",
                &["203.0.113.9, 198.51.100.1 ,10.0.0.7"],
                &proxies
            ),
            "198.51.100.1"
        );
    }

    #[test]
    fn several_fields_read_as_one_list() {
        let proxies = ["10.0.0.0/8"];
        let fields = ["203.0.113.9", "198.51.100.1, 10.0.0.8", "10.0.0.7"];
        assert_eq!(decide("10.0.0.1", &fields, &proxies), "198.51.100.1");
    }

    #[test]
    fn when_every_hop_is_trusted_the_furthest_is_the_client() {
        assert_eq!(
            decide("10.0.0.1", &["10.0.0.3, 10.0.0.2"], &["10.0.0.0/8"]),
            "10.0.0.3"
        );
    }

    #[test]
    fn junk_ends_the_walk_at_the_nearest_trusted_hop() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(decide("10.0.0.1", &["unknown"], &proxies), "10.0.0.1");
        assert_eq!(
            decide("10.0.0.1", &["198.51.100.1, _hidden, 10.0.0.2"], &proxies),
            "10.0.0.2"
        );
        assert_eq!(decide("10.0.0.1", &["198.51.100.1,"], &proxies), "10.0.0.1");
        assert_eq!(decide("10.0.0.1", &[""], &proxies), "10.0.0.1");
        assert_eq!(
            decide("10.0.0.1", &["198.51.100.1", "caf\u{e9}"], &proxies),
            "10.0.0.1"
        );
        assert_eq!(
            decide("10.0.0.1", &["unix"], &["10.0.0.0/8", "unix"]),
            "10.0.0.1"
        );
    }

    #[test]
    fn ports_and_brackets_are_read_past() {
        let proxies = ["10.0.0.0/8"];
        for (entry, client) in [
            ("198.51.100.1:4711", "198.51.100.1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
        ] {
            assert_eq!(decide("10.0.0.1", &[entry], &proxies), client, "{entry}");
        }
    }

    #[test]
    fn a_unix_peer_is_a_proxy_only_when_the_setting_says_so() {
        assert_eq!(decide("unix", &["198.51.100.1"], &["0.0.0.0/0"]), "unix");
        assert_eq!(decide("unix", &["198.51.100.1"], &["unix"]), "198.51.100.1");
    }

    #[test]
    fn a_proxy_that_relays_an_unknown_client_is_not_believed_in_its_headers() {
        let peer = Peer {
            headers_are_its_own: false,
            ..Peer::plain(address("10.0.0.1"))
        };
        let headers = forwarded(&["198.51.100.1"]);
        assert_eq!(
            client_address(peer, &headers, &trusted(&["10.0.0.0/8"])),
            address("10.0.0.1")
        );
    }

    #[test]
    fn other_forwarding_headers_are_never_read() {
        let mut headers = HeaderMap::new();
        headers.insert("forwarded", HeaderValue::from_static("for=198.51.100.1"));
        headers.insert("x-real-ip", HeaderValue::from_static("198.51.100.1"));
        let peer = Peer::plain(address("10.0.0.1"));
        assert_eq!(
            client_address(peer, &headers, &trusted(&["10.0.0.0/8"])),
            address("10.0.0.1")
        );
    }
}
