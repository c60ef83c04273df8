//! The header that a proxy may put before everything else on a connection, to say whom it speaks
//! for: the PROXY protocol, versions 1 and 2 (`proxy-protocol.txt` of `HAProxy`).
//!
//! It is read exactly, to its last byte and no further, so that the TLS handshake or the request
//! behind it stays in the socket. The protocol forbids guessing: from a peer that is to send it, a
//! connection without it is an error.

use std::io;
use std::net::IpAddr;

use counterfoil_domain::network::ClientAddress;
use ppp::{v1, v2};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The shortest header there is (`PROXY UNKNOWN` and a line end) is longer than this, and this
/// tells the versions apart.
const FIRST_READ: usize = v2::PROTOCOL_PREFIX.len();
/// The longest header of version 1, with its line end.
const V1_LONGEST: usize = 107;
/// What every header of version 2 begins with: signature, version and command, family, and the
/// length of the rest.
const V2_FIXED: usize = FIRST_READ + 4;
/// The longest header of version 2 that is accepted after its fixed part: addresses and a few
/// extensions.
const V2_LONGEST_PAYLOAD: usize = 4096;

/// What a proxy said of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relayed {
    /// It relays a client with this address.
    For(ClientAddress),
    /// It relays somebody and does not say whom.
    ForUnknown,
    /// It speaks for itself, as in a health check (version 2, `LOCAL`).
    Nobody,
}

/// Reads the header.
pub(super) async fn read<S: AsyncRead + Unpin>(
    stream: &mut S,
) -> Result<Relayed, ProxyHeaderError> {
    let mut header = vec![0; FIRST_READ];
    stream.read_exact(&mut header).await?;
    if header == v2::PROTOCOL_PREFIX {
        read_v2(stream, header).await
    } else if header.starts_with(b"PROXY ") {
        read_v1(stream, header).await
    } else {
        Err(ProxyHeaderError::Missing)
    }
}

async fn read_v1<S: AsyncRead + Unpin>(
    stream: &mut S,
    mut header: Vec<u8>,
) -> Result<Relayed, ProxyHeaderError> {
    while !header.ends_with(b"\r\n") {
        if header.len() == V1_LONGEST {
            return Err(ProxyHeaderError::Malformed);
        }
        // One byte at a time, because the byte after the line end is no longer ours.
        header.push(stream.read_u8().await?);
    }
    let parsed =
        v1::Header::try_from(header.as_slice()).map_err(|_| ProxyHeaderError::Malformed)?;
    Ok(match parsed.addresses {
        v1::Addresses::Tcp4(addresses) => relayed_for(addresses.source_address.into()),
        v1::Addresses::Tcp6(addresses) => relayed_for(addresses.source_address.into()),
        v1::Addresses::Unknown => Relayed::ForUnknown,
    })
}

async fn read_v2<S: AsyncRead + Unpin>(
    stream: &mut S,
    mut header: Vec<u8>,
) -> Result<Relayed, ProxyHeaderError> {
    let mut fixed = [0; V2_FIXED - FIRST_READ];
    stream.read_exact(&mut fixed).await?;
    let [_, _, high, low] = fixed;
    let payload = usize::from(u16::from_be_bytes([high, low]));
    if payload > V2_LONGEST_PAYLOAD {
        return Err(ProxyHeaderError::Malformed);
    }
    header.extend_from_slice(&fixed);
    header.resize(V2_FIXED + payload, 0);
    stream.read_exact(&mut header[V2_FIXED..]).await?;
    let parsed =
        v2::Header::try_from(header.as_slice()).map_err(|_| ProxyHeaderError::Malformed)?;
    Ok(match (parsed.command, parsed.addresses) {
        (v2::Command::Local, _) => Relayed::Nobody,
        (v2::Command::Proxy, v2::Addresses::IPv4(addresses)) => {
            relayed_for(addresses.source_address.into())
        }
        (v2::Command::Proxy, v2::Addresses::IPv6(addresses)) => {
            relayed_for(addresses.source_address.into())
        }
        // A client on the proxy's own Unix socket is not on ours: its address is unknown here.
        (v2::Command::Proxy, v2::Addresses::Unspecified | v2::Addresses::Unix(_)) => {
            Relayed::ForUnknown
        }
    })
}

fn relayed_for(address: IpAddr) -> Relayed {
    Relayed::For(ClientAddress::from(address))
}

/// Why a connection that must begin with the header is closed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProxyHeaderError {
    #[error("the connection does not begin with a PROXY protocol header")]
    Missing,
    #[error("the PROXY protocol header is malformed")]
    Malformed,
    #[error("the connection ended in the PROXY protocol header")]
    Io(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a header that a request follows; answers what it said and what is left in the stream.
    async fn read_before_request(header: &[u8]) -> (Result<Relayed, ProxyHeaderError>, Vec<u8>) {
        let bytes = [header, b"GET / HTTP/1.1"].concat();
        let mut stream = bytes.as_slice();
        let relayed = read(&mut stream).await;
        (relayed, stream.to_vec())
    }

    async fn said(header: &[u8]) -> Relayed {
        let (relayed, rest) = read_before_request(header).await;
        assert_eq!(rest, b"GET / HTTP/1.1");
        relayed.unwrap()
    }

    fn client(text: &str) -> Relayed {
        Relayed::For(text.parse().unwrap())
    }

    fn v2(command: u8, family: u8, payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
        [
            v2::PROTOCOL_PREFIX,
            &[0x20 | command, family],
            &length,
            payload,
        ]
        .concat()
    }

    #[tokio::test]
    async fn version_1_names_the_client_and_nothing_behind_it_is_read() {
        assert_eq!(
            said(b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 443\r\n").await,
            client("192.0.2.1")
        );
        assert_eq!(
            said(b"PROXY TCP6 2001:db8::1 ::1 4711 443\r\n").await,
            client("2001:db8::1")
        );
        assert_eq!(said(b"PROXY UNKNOWN\r\n").await, Relayed::ForUnknown);
    }

    #[tokio::test]
    async fn version_2_names_the_client_and_extensions_are_passed_over() {
        let addresses = [192, 0, 2, 1, 10, 0, 0, 1, 0x12, 0x67, 1, 0xbb];
        assert_eq!(said(&v2(1, 0x11, &addresses)).await, client("192.0.2.1"));
        let with_extension = [addresses.as_slice(), &[0x04, 0, 1, 42]].concat();
        assert_eq!(
            said(&v2(1, 0x11, &with_extension)).await,
            client("192.0.2.1")
        );
    }

    #[tokio::test]
    async fn version_2_tells_a_health_check_from_an_unknown_client() {
        assert_eq!(said(&v2(0, 0x00, &[])).await, Relayed::Nobody);
        assert_eq!(said(&v2(1, 0x00, &[])).await, Relayed::ForUnknown);
        assert_eq!(said(&v2(1, 0x31, &[0; 216])).await, Relayed::ForUnknown);
    }

    #[tokio::test]
    async fn a_connection_without_the_header_is_refused() {
        let (relayed, _) = read_before_request(b"").await;
        assert!(matches!(relayed, Err(ProxyHeaderError::Missing)));
    }

    #[tokio::test]
    async fn a_malformed_header_is_refused_within_its_longest_length() {
        let endless = [b"PROXY TCP4 ".as_slice(), &[b'1'; 200]].concat();
        for header in [
            endless,
            b"PROXY TCP4 300.0.2.1 10.0.0.1 4711 443\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.1\r\n".to_vec(),
            v2(1, 0x11, &[0; 3]),
            v2(1, 0x11, &[0; V2_LONGEST_PAYLOAD + 1]),
        ] {
            let (relayed, _) = read_before_request(&header).await;
            assert!(
                matches!(relayed, Err(ProxyHeaderError::Malformed)),
                "{header:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_connection_that_ends_in_the_header_is_an_error() {
        let mut cut = b"PROXY TCP4 192".as_slice();
        assert!(matches!(read(&mut cut).await, Err(ProxyHeaderError::Io(_))));
    }
}
