//! What a reload changes while serving: the limits on connections, the log level, the gateway's
//! rules and the certificate. Everything else that differs is named in the log and to whoever asked
//! for it, because it waits for a restart.

use std::cell::RefCell;
use std::sync::Arc;

use counterfoil_server::ServerState;
use counterfoil_server::listen::{LiveLimits, TlsReloader, TlsSource};
use tokio::sync::Notify;

use crate::config::{ConfigError, Settings, applied_live, needs_restart};
use crate::control::Reloaded;
use crate::service_manager;
use crate::serving::told_settings::told_settings;
use crate::telemetry::Telemetry;

/// What can be told to read its settings again.
pub(super) trait Reload {
    /// Reads them. What cannot be used changes nothing, and is logged and reported.
    fn reload(&self) -> Reloaded;
}

/// The parts of a running server that new settings reach.
pub(super) struct Reloader<F> {
    /// The settings that the server was built with.
    pub(super) started_with: Settings,
    /// The settings that were read last.
    pub(super) read_last: RefCell<Settings>,
    /// Reads the settings as they are now.
    pub(super) load: F,
    /// Where clients are served, for who asks how the service is.
    pub(super) url: String,
    pub(super) limits: LiveLimits,
    pub(super) tls: Option<Arc<TlsReloader>>,
    /// Rung so that an order that failed is tried again.
    pub(super) order_bell: Option<Arc<Notify>>,
    pub(super) telemetry: Telemetry,
    pub(super) server: ServerState,
}

impl<F: Fn() -> Result<Settings, ConfigError>> Reload for Reloader<F> {
    fn reload(&self) -> Reloaded {
        service_manager::reloading();
        let reloaded = match (self.load)() {
            Ok(settings) => self.take_over(settings),
            Err(error) => {
                let cause = sentence(&error);
                tracing::error!(
                    cause,
                    "the settings were not reloaded: the old ones stay in force"
                );
                Reloaded {
                    refused: vec![cause],
                    ..Reloaded::default()
                }
            }
        };
        service_manager::reloaded(&self.url, reloaded.refused.is_empty());
        reloaded
    }
}

impl<F> Reloader<F> {
    fn take_over(&self, settings: Settings) -> Reloaded {
        self.telemetry.set_level(settings.logging.level);
        self.limits.set(settings.limits.connection());
        self.server.replace_gateway_settings(settings.gateway());
        self.bind_gateway_names();
        let certificate = self.reload_certificate(&settings);
        if let Some(bell) = &self.order_bell {
            bell.notify_one();
        }
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
        let applied = applied_live(&self.read_last.borrow(), &settings);
        self.read_last.replace(settings);
        self.tell_of_settings();
        Reloaded {
            applied: owned(&applied),
            certificate_loaded: certificate == Some(Ok(())),
            needs_restart: owned(&waiting),
            refused: certificate.and_then(Result::err).into_iter().collect(),
        }
    }

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

    /// Has the page of administrators tell what this server goes by.
    pub(super) fn tell_of_settings(&self) {
        let told = told_settings(&self.started_with, &self.read_last.borrow());
        self.server.tell_of_settings(told);
    }

    /// Nothing where nothing is encrypted.
    fn reload_certificate(&self, settings: &Settings) -> Option<Result<(), String>> {
        let tls = self.tls.as_ref()?;
        let loaded = match settings.tls_source() {
            // Where certificates are ordered they are until a restart.
            Some(TlsSource::Files(files)) if tls.orders().is_none() => {
                tls.replace(TlsSource::Files(files))
            }
            // Encryption does not end before a restart, nor does a certificate of our own change.
            Some(_) | None => tls.reload(),
        };
        if loaded.is_ok() && !tls.has_certificate() {
            // It is still to come.
            return None;
        }
        Some(match loaded {
            Ok(()) => {
                tracing::info!("the certificate was loaded again");
                Ok(())
            }
            Err(error) => {
                let cause = sentence(&error);
                tracing::error!(
                    cause,
                    "the certificate was not loaded again: the old one stays in use"
                );
                Err(cause)
            }
        })
    }
}

fn owned(keys: &[&'static str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// An error with its causes behind colons.
fn sentence(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", sentence(cause)),
        None => error.to_string(),
    }
}
