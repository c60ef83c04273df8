//! How many files this process may have open: a connection is one.

use counterfoil_server::listen::files_for;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Files that are open beside the connections: the database, its readers, sockets, standard
/// streams.
const OTHER_FILES: u64 = 128;

/// Raises the bound as far as the system lets us, since many start programs with one that is far
/// too low for a server (`setrlimit(2)`). Says so in the log when connections will not fit all the
/// same.
pub(super) fn make_room_for(connections: u32) {
    let wanted = files_for(connections) + OTHER_FILES;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return;
    };
    let raised = wanted.min(hard);
    let allowed = if raised > soft && setrlimit(Resource::RLIMIT_NOFILE, raised, hard).is_ok() {
        raised
    } else {
        soft
    };
    if allowed < wanted {
        tracing::warn!(
            files.limit = allowed,
            connections.limit = connections,
            "too few file descriptors for all connections; raise the limit (LimitNOFILE, ulimit -n) or lower limits.connections"
        );
    }
}
