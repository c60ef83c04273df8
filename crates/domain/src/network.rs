//! Where a request came from: the client's address, the text under which its failures are counted,
//! and the networks that an installation trusts to speak for others.
//!
//! Nothing here reads a header or a socket. The listener says who the peer is, the edge decides
//! whether that peer speaks for somebody else, and both hold the answer in these types.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// The prefix length by which IPv6 clients are counted: one customer usually holds a whole /64, and
/// a client may pick a new address in it for every request (RFC 8981).
const IPV6_COUNTED_PREFIX: u8 = 64;

/// The address of a client, in the one form that is compared, stored and counted.
///
/// An IPv4 address that a dual-stack socket shows as IPv6 (`::ffff:192.0.2.1`, RFC 4291 section
/// 2.5.5.2) is the IPv4 address: make values by [`From`] or [`FromStr`], which fold it.
///
/// ```
/// use counterfoil_domain::network::ClientAddress;
///
/// let address: ClientAddress = "::ffff:192.0.2.1".parse()?;
/// assert_eq!(address.to_string(), "192.0.2.1");
/// let address: ClientAddress = "2001:db8:1:2:3:4:5:6".parse()?;
/// assert_eq!(address.key(), "2001:db8:1:2::/64");
/// # Ok::<(), counterfoil_domain::network::AddressInvalid>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClientAddress {
    /// A client that came over IP.
    Ip(IpAddr),
    /// A client on this machine that came over a Unix socket and has no address of its own.
    Unix,
}

impl ClientAddress {
    /// The text under which failures of this client are counted: an IPv4 address as it is, an IPv6
    /// address by its /64, a client on a Unix socket as `unix`.
    pub fn key(&self) -> String {
        match self {
            Self::Ip(IpAddr::V4(address)) => address.to_string(),
            Self::Ip(IpAddr::V6(address)) => {
                Network::around(IpAddr::V6(*address), IPV6_COUNTED_PREFIX).to_string()
            }
            Self::Unix => self.to_string(),
        }
    }

    /// The address that stands for all that are counted as one: an IPv6 address without what lies
    /// behind its /64.
    #[must_use]
    pub fn counted_as(self) -> Self {
        match self {
            Self::Ip(IpAddr::V6(address)) => {
                let free = 128 - u32::from(IPV6_COUNTED_PREFIX);
                Self::Ip(IpAddr::V6(Ipv6Addr::from_bits(
                    (address.to_bits() >> free) << free,
                )))
            }
            Self::Ip(IpAddr::V4(_)) | Self::Unix => self,
        }
    }
}

/// The prefix lengths of the networks that share what there is of something: what a site usually
/// holds, a part of it, and what is counted as one client.
const IPV6_SHARING_PREFIXES: [u8; 3] = [48, 56, IPV6_COUNTED_PREFIX];
const IPV4_SHARING_PREFIXES: [u8; 3] = [16, 24, 32];

impl ClientAddress {
    /// The networks that this client lies in, widest first, by which what is scarce is shared out;
    /// the last one is what is counted as one client. A client on a Unix socket lies in none.
    ///
    /// ```
    /// use counterfoil_domain::network::ClientAddress;
    ///
    /// let address: ClientAddress = "2001:db8:1:2ff::7".parse()?;
    /// let networks = address.networks().map(|network| network.unwrap().to_string());
    /// assert_eq!(networks, ["2001:db8:1::/48", "2001:db8:1:200::/56", "2001:db8:1:2ff::/64"]);
    /// # Ok::<(), counterfoil_domain::network::AddressInvalid>(())
    /// ```
    pub fn networks(&self) -> [Option<Network>; 3] {
        match self {
            Self::Ip(address) => {
                let prefixes = match address {
                    IpAddr::V4(_) => IPV4_SHARING_PREFIXES,
                    IpAddr::V6(_) => IPV6_SHARING_PREFIXES,
                };
                prefixes.map(|prefix| Some(Network::around(*address, prefix)))
            }
            Self::Unix => [None; 3],
        }
    }
}

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        Self::Ip(address.to_canonical())
    }
}

impl From<SocketAddr> for ClientAddress {
    fn from(address: SocketAddr) -> Self {
        Self::from(address.ip())
    }
}

impl FromStr for ClientAddress {
    type Err = AddressInvalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "unix" {
            return Ok(Self::Unix);
        }
        text.parse::<IpAddr>()
            .map(Self::from)
            .map_err(|_| AddressInvalid)
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Unix => f.write_str("unix"),
        }
    }
}

/// The text is neither an IP address nor `unix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address must be an IPv4 address, an IPv6 address or unix")]
pub struct AddressInvalid;

/// A range of IP addresses, written `ADDRESS/PREFIX` (CIDR, RFC 4632). A bare address is the range
/// that holds only it.
///
/// ```
/// use counterfoil_domain::network::Network;
///
/// let network: Network = "10.0.0.0/8".parse()?;
/// assert!(network.contains("10.1.2.3".parse().unwrap()));
/// assert!(!network.contains("11.0.0.1".parse().unwrap()));
/// assert!("10.0.0.1/8".parse::<Network>().is_err());
/// # Ok::<(), counterfoil_domain::network::NetworkInvalid>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    /// The first address, all bits beyond the prefix zero, and never an IPv4-mapped IPv6 address.
    first: IpAddr,
    /// How many leading bits all addresses share: at most 32 for IPv4, 128 for IPv6.
    prefix: u8,
}

impl Network {
    /// Whether the address lies in this network. An IPv4-mapped IPv6 address is judged as the IPv4
    /// address it stands for.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && Self::around(address, self.prefix) == *self
    }

    /// The network of this prefix length that the address lies in. The caller keeps `prefix` within
    /// the family's length.
    fn around(address: IpAddr, prefix: u8) -> Self {
        let first = match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                IpAddr::from((address.to_bits() & mask).to_be_bytes())
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        };
        Self { first, prefix }
    }
}

impl FromStr for Network {
    type Err = NetworkInvalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkInvalid::Form)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            // Digits only: `u8::from_str` alone would accept a plus sign.
            Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => {
                prefix.parse().map_err(|_| NetworkInvalid::Form)?
            }
            Some(_) => return Err(NetworkInvalid::Form),
        };
        if prefix > longest {
            return Err(NetworkInvalid::Form);
        }
        let network = Self::around(address, prefix);
        if network.first != address {
            return Err(NetworkInvalid::BitsBeyondPrefix(network));
        }
        Ok(network.folded())
    }
}

impl Network {
    /// The IPv4 network that an IPv4-mapped IPv6 network of at least 96 bits stands for, since
    /// addresses are folded too.
    fn folded(self) -> Self {
        match (self.first.to_canonical(), self.prefix.checked_sub(96)) {
            (IpAddr::V4(first), Some(prefix)) if self.first.is_ipv6() => Self {
                first: IpAddr::V4(first),
                prefix,
            },
            _ => self,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

/// Why a text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkInvalid {
    /// Not an address, or not followed by a prefix length that fits it.
    #[error("a network must be an IP address, or an IP address, a slash and a prefix length")]
    Form,
    /// The address has bits set that the prefix does not cover, so one of the two is a slip; the
    /// network is what the prefix would give.
    #[error("the address has bits set beyond its prefix; {0} is the network it lies in")]
    BitsBeyondPrefix(Network),
}

/// One entry of the list of proxies whose word about the client's address is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrustedProxy {
    /// Every peer in this network.
    Network(Network),
    /// Every peer on a Unix socket; written `unix`.
    Unix,
}

impl TrustedProxy {
    /// Whether it holds more addresses than any private network has (10.0.0.0/8 of RFC 1918,
    /// `fc00::/7` of RFC 4193), so that strangers are among them.
    ///
    /// ```
    /// use counterfoil_domain::network::TrustedProxy;
    ///
    /// let wide = |text: &str| text.parse::<TrustedProxy>().unwrap().is_wider_than_private_networks();
    /// assert!(wide("0.0.0.0/0") && wide("128.0.0.0/1") && wide("::/0"));
    /// assert!(!wide("10.0.0.0/8") && !wide("fc00::/7") && !wide("unix"));
    /// ```
    pub fn is_wider_than_private_networks(&self) -> bool {
        match self {
            Self::Network(Network { first, prefix }) => {
                *prefix < if first.is_ipv4() { 8 } else { 7 }
            }
            Self::Unix => false,
        }
    }
}

impl FromStr for TrustedProxy {
    type Err = NetworkInvalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "unix" {
            return Ok(Self::Unix);
        }
        text.parse().map(Self::Network)
    }
}

impl fmt::Display for TrustedProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => network.fmt(f),
            Self::Unix => f.write_str("unix"),
        }
    }
}

/// The proxies whose word about the client's address is taken; nobody's by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<TrustedProxy>);

impl TrustedProxies {
    /// Whether a peer with this address may say for whom it speaks.
    pub fn trusts(&self, address: ClientAddress) -> bool {
        self.0.iter().any(|proxy| match (proxy, address) {
            (TrustedProxy::Network(network), ClientAddress::Ip(address)) => {
                network.contains(address)
            }
            (TrustedProxy::Unix, ClientAddress::Unix) => true,
            (TrustedProxy::Network(_), ClientAddress::Unix)
            | (TrustedProxy::Unix, ClientAddress::Ip(_)) => false,
        })
    }
}

impl From<Vec<TrustedProxy>> for TrustedProxies {
    fn from(proxies: Vec<TrustedProxy>) -> Self {
        Self(proxies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> ClientAddress {
        text.parse().unwrap()
    }

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_ipv4_mapped_address_is_the_ipv4_address() {
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_eq!(
            ClientAddress::from(SocketAddr::from((ip("::ffff:192.0.2.1"), 80))),
            address("192.0.2.1")
        );
    }

    #[test]
    fn an_ipv6_client_is_counted_by_its_64() {
        assert_eq!(address("2001:db8::1").key(), "2001:db8::/64");
        assert_eq!(
            address("2001:db8::1").key(),
            address("2001:db8::ffff:2").key()
        );
        assert_ne!(
            address("2001:db8::1").key(),
            address("2001:db8:0:1::1").key()
        );
    }

    #[test]
    fn other_clients_are_counted_by_their_whole_address() {
        assert_eq!(address("192.0.2.1").key(), "192.0.2.1");
        assert_eq!(address("::ffff:192.0.2.1").key(), "192.0.2.1");
        assert_eq!(address("unix").key(), "unix");
    }

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        for text in ["192.0.2.1", "2001:db8::1", "unix"] {
            assert_eq!(address(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "Unix",
            "192.0.2",
            "192.0.2.1:80",
            "[::1]",
            "fe80::1%eth0",
        ] {
            assert_eq!(text.parse::<ClientAddress>(), Err(AddressInvalid), "{text}");
        }
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        assert!(network("10.0.0.0/8").contains(ip("10.255.255.255")));
        assert!(!network("10.0.0.0/8").contains(ip("11.0.0.0")));
        assert!(network("0.0.0.0/0").contains(ip("255.255.255.255")));
        assert!(network("::/0").contains(ip("2001:db8::1")));
        assert!(network("2001:db8::/32").contains(ip("2001:db8:ffff::1")));
        assert!(!network("2001:db8::/32").contains(ip("2001:db9::")));
        assert!(network("192.0.2.1").contains(ip("192.0.2.1")));
        assert!(!network("192.0.2.1").contains(ip("192.0.2.2")));
    }

    #[test]
    fn families_do_not_mix_but_mapped_addresses_are_ipv4() {
        assert!(!network("::/0").contains(ip("192.0.2.1")));
        assert!(!network("0.0.0.0/0").contains(ip("2001:db8::1")));
        assert!(network("10.0.0.0/8").contains(ip("::ffff:10.0.0.1")));
        assert_eq!(network("::ffff:10.0.0.0/104"), network("10.0.0.0/8"));
        assert_eq!(network("::ffff:10.0.0.1"), network("10.0.0.1/32"));
    }

    #[test]
    fn a_network_with_bits_beyond_its_prefix_is_refused_with_the_network_meant() {
        assert_eq!(
            "10.0.0.1/8".parse::<Network>(),
            Err(NetworkInvalid::BitsBeyondPrefix(network("10.0.0.0/8")))
        );
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/+8",
            "10/8",
            "a/8",
        ] {
            assert_eq!(text.parse::<Network>(), Err(NetworkInvalid::Form), "{text}");
        }
    }

    #[test]
    fn a_unix_peer_is_trusted_only_when_the_list_says_unix() {
        let networks = TrustedProxies::from(vec!["0.0.0.0/0".parse().unwrap()]);
        assert!(networks.trusts(address("192.0.2.1")));
        assert!(!networks.trusts(ClientAddress::Unix));

        let unix = TrustedProxies::from(vec!["unix".parse().unwrap()]);
        assert!(unix.trusts(ClientAddress::Unix));
        assert!(!unix.trusts(address("192.0.2.1")));
        assert!(!TrustedProxies::default().trusts(ClientAddress::Unix));
    }
}
