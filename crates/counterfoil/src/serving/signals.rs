//! What the operating system tells the server: to stop, or to read its settings again.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::reload::Reload;

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

    /// Reloads at every SIGHUP; returns at SIGTERM or SIGINT.
    pub(super) async fn serve_until_told_to_stop(&mut self, reload: &impl Reload) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return tracing::info!("stopping, as SIGTERM says"),
                _ = self.interrupt.recv() => return tracing::info!("stopping, as SIGINT says"),
                _ = self.hang_up.recv() => reload.reload(),
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
