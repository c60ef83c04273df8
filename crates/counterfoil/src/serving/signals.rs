//! What the server is told while it serves: by the operating system to stop or to read its settings
//! again, and the latter by `counterfoil reload` too.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::reload::Reload;
use crate::control::ReloadRequest;

/// The signals that are waited for. From the moment it exists, none of them ends the process by
/// itself.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// Begins to wait.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Reloads at every SIGHUP and at every request; returns at SIGTERM or SIGINT.
    pub(super) async fn serve_until_told_to_stop(
        &mut self,
        reload: &impl Reload,
        mut requests: mpsc::Receiver<ReloadRequest>,
    ) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return tracing::info!("stopping, as SIGTERM says"),
                _ = self.interrupt.recv() => return tracing::info!("stopping, as SIGINT says"),
                _ = self.hang_up.recv() => drop(reload.reload()),
                // Whoever asked and went away needs no report.
                Some(request) = requests.recv() => drop(request.send(reload.reload())),
            }
        }
    }

    /// Returns at the next SIGTERM or SIGINT.
    pub(super) async fn told_again(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
