//! Where HTTP comes in: opens sockets, accepts connections and hands requests to a router, within
//! bounds.
//!
//! What arrives here comes from strangers. Every wait and every size has a limit
//! ([`ConnectionLimits`]), and a client that meets one gets the answer that HTTP has for it, or a
//! closed connection where it has none. Nothing here looks into a request beyond that: who the
//! client is behind a proxy, and what a request means, is decided further in.
//!
//! ```no_run
//! # async fn run(router: axum::Router) -> Result<(), counterfoil_server::listen::ListenError> {
//! use counterfoil_server::listen::{ServeSettings, bind, serve};
//!
//! let bound = bind(&["127.0.0.1:0".parse().expect("a valid address")]).await?;
//! let url = bound[0].url(false);
//! serve(bound, router, ServeSettings::default(), std::future::pending()).await;
//! # Ok(())
//! # }
//! ```

mod accept;
mod activity;
mod address;
mod answers;
mod bind;
mod body;
mod candidates;
mod certificate;
mod challenge;
mod connection;
mod connection_state;
mod counts;
mod http_connection;
mod limits;
mod local_authority;
mod orders;
mod peer;
mod places;
mod plain_http;
mod proxy_protocol;
mod seat;
mod self_signed;
mod serve;
mod service;
mod shutdown;
mod stream;
mod tls;
mod troubles;
mod unix_socket;
mod watchdog;
mod watched_stream;
mod workers;

#[cfg(test)]
mod test_folder;
#[cfg(test)]
mod tests;

pub use address::{ListenAddress, ListenAddressInvalid};
pub use bind::{Bound, ListenError, LocalAddress, bind};
pub use body::BodyTimedOut;
pub use certificate::{CertificateFiles, CertificateLife, TlsError, names_beside};
pub use counts::ConnectionCounts;
pub use limits::{ConnectionLimits, LiveLimits};
pub use local_authority::{LocalAuthority, Prepared};
pub use orders::{OrderCounts, OrderOutcome};
pub use peer::Peer;
pub use self_signed::SelfSigned;
pub use serve::{ServeSettings, files_for, serve};
pub use service::Answerer;
pub use tls::{TlsReloader, TlsSource};
pub use unix_socket::UnixSocketError;
pub use workers::Workers;
