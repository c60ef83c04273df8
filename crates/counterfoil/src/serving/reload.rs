//! What SIGHUP changes while serving: the limits on connections, the log level, the gateway's rules
//! and the certificate. Everything else that differs is named in the log, because it waits for a
//! restart.

use std::sync::Arc;

use counterfoil_server::ServerState;
use counterfoil_server::listen::{LiveLimits, TlsReloader, TlsSource};

use crate::config::{ConfigError, Settings, needs_restart};
use crate::telemetry::Telemetry;

/// What can be told to read its settings again.
pub(super) trait Reload {
    /// Reads them. What cannot be used changes nothing and is logged.
    fn reload(&self);
}

/// The parts of a running server that new settings reach.
pub(super) struct Reloader<F> {
    /// The settings that the server was built with.
    pub(super) started_with: Settings,
    /// Reads the settings as they are now.
    pub(super) load: F,
    pub(super) limits: LiveLimits,
    pub(super) tls: Option<Arc<TlsReloader>>,
    pub(super) telemetry: Telemetry,
    pub(super) server: ServerState,
}

impl<F: Fn() -> Result<Settings, ConfigError>> Reload for Reloader<F> {
    fn reload(&self) {
        let settings = match (self.load)() {
            Ok(settings) => settings,
            Err(error) => {
                let cause = sentence(&error);
                return tracing::error!(
                    cause,
                    "the settings were not reloaded: the old ones stay in force"
                );
            }
        };
        self.telemetry.set_level(settings.logging.level);
        self.limits.set(settings.limits.connection());
        self.server.replace_gateway_settings(settings.gateway());
        self.bind_gateway_names();
        self.reload_certificate(&settings);
        let waiting = needs_restart(&self.started_with, &settings);
        if waiting.is_empty() {
            tracing::info!("the settings were reloaded");
        } else {
            let settings = waiting.join(", ");
            tracing::warn!(
                settings,
                "the settings were reloaded, but some changes need a restart"
            );
        }
    }
}

impl<F> Reloader<F> {
    /// Has the log say which names in the gateway's rules stand for nobody. A check that needs them
    /// looks for itself.
    pub(super) fn bind_gateway_names(&self) {
        let server = self.server.clone();
        tokio::spawn(async move {
            if let Err(error) = server.bind_gateway_names().await {
                let cause = sentence(&error);
                tracing::error!(
                    cause,
                    "the names in the gateway's rules could not be looked up"
                );
            }
        });
    }

    fn reload_certificate(&self, settings: &Settings) {
        let Some(tls) = &self.tls else { return };
        let loaded = match settings.tls_source() {
            Some(TlsSource::Files(files)) => tls.replace(TlsSource::Files(files)),
            // Encryption does not end before a restart, nor does a certificate of our own change.
            Some(TlsSource::SelfSigned(_)) | None => tls.reload(),
        };
        match loaded {
            Ok(()) => tracing::info!("the certificate was loaded again"),
            Err(error) => {
                let cause = sentence(&error);
                tracing::error!(
                    cause,
                    "the certificate was not loaded again: the old one stays in use"
                );
            }
        }
    }
}

/// An error with its causes behind colons.
fn sentence(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", sentence(cause)),
        None => error.to_string(),
    }
}
