//! What to do about an address that cannot be had.

use counterfoil_server::listen::{ListenAddress, ListenError};

/// Says what to do about an address that cannot be had.
pub(super) fn advise(error: ListenError) -> anyhow::Error {
    let advice = if error.is_in_use() {
        "another program listens there; stop it, or choose another address with --listen".to_owned()
    } else if error.is_permission_denied()
        && let ListenError::Bind { address, .. } = &error
    {
        right_to_bind(address)
    } else {
        return error.into();
    };
    anyhow::anyhow!("{error}: {advice}")
}

/// How to get the right to a port below 1024.
fn right_to_bind(address: &ListenAddress) -> String {
    let port = match address {
        ListenAddress::Ip(address) => address.port(),
        ListenAddress::Name { port, .. } => *port,
        ListenAddress::Unix(_) | ListenAddress::Systemd => 0,
    };
    let program = std::env::current_exe().unwrap_or_else(|_| "counterfoil".into());
    format!(
        "this port needs a right, which `sudo sysctl net.ipv4.ip_unprivileged_port_start={port}` gives everybody on this \
         machine until it starts again, and `sudo setcap cap_net_bind_service=+ep {}` this program; systemd can also open \
         the socket for `counterfoil serve`, and --listen takes another port",
        program.display()
    )
}
