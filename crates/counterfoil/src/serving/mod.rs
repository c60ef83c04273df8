//! A server from its sockets to its last request: what `serve` and `quickstart` share.
//!
//! The sockets are bound before anything is printed, that of commands too, and `listening on URL`
//! is printed before anything is logged, so that whoever starts the program can wait for one line
//! and then talk to it.

mod advice;
mod background;
mod open_files;
mod pages;
mod reload;
mod renewal;
mod set_up;
mod signals;
mod told_settings;

use std::cell::RefCell;
use std::future::Future;
use std::io::{self, Write};
use std::sync::Arc;

use anyhow::Context;
use counterfoil_domain::entropy::random_bytes;
use counterfoil_server::listen::{
    Bound, LiveLimits, LocalAddress, LocalAuthority, ServeSettings, TlsReloader, Workers, bind,
    serve,
};
use counterfoil_server::{
    LegacyTokenUrls, Listener, Origins, PageSettings, ServerSettings, ServerState, Strangers, app,
    ops,
};
use counterfoil_wire::documentation::Documentation;
use http::HeaderValue;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use self::advice::advise;
use self::background::{Background, Helpers, until_stopped};
pub(crate) use self::pages::{PagesRefused, page_settings};
use self::reload::Reloader;
use self::renewal::Renewal;
use self::signals::Signals;
use crate::acme::Acme;
use crate::clock::SystemEntropy;
use crate::commands::{settings_warnings, stranded_by_passkeys};
use crate::config::{ConfigError, Settings};
use crate::control::{ControlSocket, Heard, ReloadRequest};
use crate::data_folder::shown;
use crate::installation::Installation;
use crate::mail::{Links, Smtp};
use crate::service_manager;
use crate::telemetry::{self, Telemetry};
use crate::traces::{Traces, continue_trace};

/// The commit that the program was built from, where the build knows it.
const COMMIT: &str = match option_env!("COMMIT") {
    Some(commit) if !commit.is_empty() => commit,
    Some(_) | None => "unknown",
};

/// A server whose sockets are open.
pub(crate) struct Server {
    installation: Installation,
    bound: Vec<Bound>,
    ops_bound: Vec<Bound>,
    tls: Option<Arc<TlsReloader>>,
    limits: LiveLimits,
    origins: Origins,
    signals: Signals,
    /// None without a data folder.
    control: Option<io::Result<ControlSocket>>,
    /// The way to the mail server, until the server runs; none where no mail is sent.
    smtp: Option<Smtp>,
    /// Whoever orders certificates, until the server runs; none where nobody does.
    acme: Option<Acme>,
    /// Whoever renews a certificate of our own authority, until the server runs; none where there
    /// is none.
    renewal: Option<Renewal>,
    /// Whether a start without an administrator offers to make one.
    offers_set_up: bool,
    /// What pages are made with.
    pages: PageSettings,
}

/// Runs a server. On this thread is what there is once: signals, the operators' port and what is
/// done beside requests. The workers answer requests.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(work)
}

impl Server {
    /// Loads the certificate and opens every address of the settings.
    pub(crate) async fn bind(installation: Installation) -> anyhow::Result<Self> {
        let authority = &installation.authority;
        authority.begin_requiring_second_factor().await?;
        let settings = &installation.settings;
        let tls = match settings.tls_source() {
            Some(source) => Some(Arc::new(TlsReloader::new(source)?)),
            None => None,
        };
        let acme = Acme::of(settings, tls.as_ref())?;
        let pages = page_settings(settings)?;
        let signals = Signals::listen().context("cannot wait for signals")?;
        let workers = settings.general.workers();
        let bound = bind(&settings.general.listen).await.map_err(advise)?;
        let bound: Vec<_> = bound.into_iter().map(|one| one.spread(workers)).collect();
        let ops_bound = bind(&settings.general.ops_listen).await.map_err(advise)?;
        let origins = settings.origins(loopback_port(&bound));
        let smtp = Smtp::of(settings, Links::under(origins.first().origin(), settings))?;
        let limits = LiveLimits::new(settings.limits.connection());
        let control = installation.folder.as_ref().map(ControlSocket::bind);
        Ok(Self {
            installation,
            bound,
            ops_bound,
            tls,
            limits,
            origins,
            signals,
            control,
            offers_set_up: false,
            smtp,
            acme,
            renewal: None,
            pages,
        })
    }

    /// The same, which offers to make the first administrator where there never was one.
    #[must_use]
    pub(crate) fn offering_set_up(self) -> Self {
        Self {
            offers_set_up: true,
            ..self
        }
    }

    /// The same, which renews the certificate that this authority vouches for.
    #[must_use]
    pub(crate) fn renewing(self, authority: LocalAuthority) -> Self {
        let tls = self.tls.clone();
        Self {
            renewal: tls.map(|tls| Renewal { authority, tls }),
            ..self
        }
    }

    /// The installation that is served.
    pub(crate) fn installation(&self) -> &Installation {
        &self.installation
    }

    /// Where the server listens: the first address, as a URL.
    pub(crate) fn url(&self) -> String {
        self.urls()
            .next()
            .unwrap_or_else(|| self.origins.first().origin().to_owned())
    }

    /// Each once: a name may stand for several addresses.
    fn urls(&self) -> impl Iterator<Item = String> + '_ {
        let mut urls: Vec<_> = self
            .bound
            .iter()
            .map(|bound| bound.url(self.tls.is_some()))
            .collect();
        urls.dedup();
        urls.into_iter()
    }

    /// Says on standard error where the server listens. Connections are accepted from here on.
    pub(crate) fn announce(&self) -> anyhow::Result<()> {
        let format = self.installation.settings.logging.format;
        let line = |message: String| telemetry::line(format, "INFO", &message);
        let main = self.urls().map(|url| line(format!("listening on {url}")));
        let mut operators: Vec<_> = self
            .ops_bound
            .iter()
            .map(|bound| bound.url(false))
            .collect();
        operators.dedup();
        let operators = operators
            .into_iter()
            .map(|url| line(format!("health checks and metrics on {url}")));
        let lines: String = main.chain(operators).collect();
        // In one piece, so that no other line comes between.
        let said = io::stderr().lock().write_all(lines.as_bytes());
        said.context("cannot write to standard error")
    }

    /// Starts logging, and tracing where the settings say so.
    pub(crate) fn start_logging(&self) -> anyhow::Result<Telemetry> {
        let settings = &self.installation.settings;
        let traces = Traces::start(&settings.traces, Handle::current())?;
        Ok(Telemetry::start(&settings.logging, traces)?)
    }

    /// Serves until a signal says to stop, finishes what is in flight, and closes the database.
    pub(crate) async fn run(
        mut self,
        telemetry: Telemetry,
        load: impl Fn() -> Result<Settings, ConfigError> + Send + 'static,
    ) -> anyhow::Result<()> {
        let state = self.state()?;
        let settings = &self.installation.settings;
        // They outlive the database: what was begun for somebody who has gone away still runs to
        // its end.
        let workers = Workers::start(settings.general.workers())
            .context("cannot start the threads that serve")?;
        open_files::make_room_for(settings.limits.connections);
        let reloader = Reloader {
            started_with: settings.clone(),
            read_last: RefCell::new(settings.clone()),
            load,
            url: self.url(),
            limits: self.limits.clone(),
            tls: self.tls.clone(),
            order_bell: self.acme.as_ref().map(Acme::bell),
            telemetry,
            server: state.clone(),
        };
        reloader.bind_gateway_names();
        reloader.tell_of_settings();
        let (main, operators) = (self.main_settings(&workers, &state), self.serve_settings());
        let (stop, stopped) = watch::channel(());
        let authority = self.installation.authority.clone();
        let background = Background::start(&authority, &stopped, workers.places(), self.helpers());
        let reload_requests = self.hear_commands(&state, &stopped);
        self.say_ready().await;
        let ends = (until_stopped(stopped.clone()), until_stopped(stopped));
        let serving = async {
            tokio::join!(
                serve(self.bound, app(state.clone()), main, ends.0),
                serve(self.ops_bound, ops(state), operators, ends.1),
            )
        };
        let mut signals = self.signals;
        tokio::pin!(serving);
        tokio::select! {
            _ = &mut serving => {}
            () = signals.serve_until_told_to_stop(&reloader, reload_requests) => {
                service_manager::stopping();
                drop(stop);
                tokio::select! {
                    _ = &mut serving => {}
                    () = signals.told_again() => tracing::warn!("stopping at once, as the second signal says"),
                }
            }
        }
        background.end(&authority).await;
        self.installation.close().await;
        drop(workers);
        reloader.telemetry.end().await;
        tracing::info!("stopped");
        Ok(())
    }

    /// Who is at work beside requests from here on.
    fn helpers(&mut self) -> Helpers {
        Helpers {
            smtp: self.smtp.take(),
            acme: self.acme.take(),
            renewal: self.renewal.take(),
        }
    }

    /// How clients are served: on these threads.
    fn main_settings(&self, workers: &Workers, state: &ServerState) -> ServeSettings {
        ServeSettings {
            tls: self.tls.clone(),
            proxy_protocol: self.installation.settings.general.proxy_protocol,
            places: workers.places(),
            counts: state.connection_counts().clone(),
            ..self.serve_settings()
        }
    }

    /// Has the log say that the installation is new, and what to back up. Somebody may have meant
    /// another folder, so it is a warning.
    pub(crate) fn warn_of_new_installation(&self) {
        if self.installation.was_made() {
            let made = self.installation.whereabouts();
            tracing::warn!(
                data_dir = made
                    .folder
                    .as_ref()
                    .map(|folder| folder.display().to_string()),
                database = made.database,
                key_file = made
                    .key_file
                    .as_ref()
                    .map(|file| file.display().to_string()),
                advice = made.advice(),
                "there was no installation here; a new one was made"
            );
        }
    }

    async fn say_ready(&self) {
        let settings = &self.installation.settings;
        for warning in settings_warnings(settings) {
            tracing::warn!(warning, "a setting is allowed and rarely meant");
        }
        match stranded_by_passkeys(settings, &self.installation.store).await {
            Ok(None) => {}
            Ok(Some(warning)) => tracing::warn!(warning, "some users cannot sign in"),
            Err(error) => {
                tracing::warn!(cause = %error.causes(), "it is not known whether passkeys fit the public URL");
            }
        }
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            public_url = self.origins.first().origin(),
            settings_file = settings.file.as_ref().map_or_else(
                || "none".to_owned(),
                |file| shown(file).display().to_string()
            ),
            "the server is ready"
        );
        service_manager::ready(&self.url());
        if self.offers_set_up {
            let links = Links::under(self.origins.first().origin(), &self.installation.settings);
            set_up::offer(&self.installation, &links).await;
        }
    }

    /// Listens for commands. Without the socket those that changed something wait a second instead,
    /// so it stops nothing.
    fn hear_commands(
        &mut self,
        server: &ServerState,
        stopped: &watch::Receiver<()>,
    ) -> mpsc::Receiver<ReloadRequest> {
        // One reload at a time; who asks meanwhile waits for their own.
        let (requests, received) = mpsc::channel(1);
        match self.control.take() {
            Some(Ok(socket)) => {
                let heard = Heard {
                    authority: self.installation.authority.clone(),
                    server: server.clone(),
                    origin: self.origins.first().origin().to_owned(),
                    reload: requests,
                };
                tokio::spawn(socket.run(heard, stopped.clone()));
            }
            Some(Err(error)) => {
                tracing::warn!(cause = %error, "the control socket cannot be opened; each command that changes something takes a second");
            }
            None => {}
        }
        received
    }

    fn state(&self) -> anyhow::Result<ServerState> {
        let general = &self.installation.settings.general;
        let settings = ServerSettings {
            origins: self.origins.clone(),
            documentation: Documentation::new(&general.documentation_url),
            enterprise_version: HeaderValue::from_str(&general.enterprise_version)?,
            body_bytes: usize::try_from(self.installation.settings.limits.body_bytes)?,
            legacy_token_urls: if general.legacy_token_urls {
                LegacyTokenUrls::Served
            } else {
                LegacyTokenUrls::Absent
            },
            trusted_proxies: Arc::new(self.installation.settings.trusted_proxies()),
            gateway: self.installation.settings.gateway(),
            rate_limits: self.installation.settings.rate_limits.limits(),
            writes_per_hour: self.installation.settings.limits.writes_per_hour,
            strangers: if general.private_mode {
                Strangers::Refused
            } else {
                Strangers::Served
            },
            commit: COMMIT,
            pages: self.pages.clone(),
            logged_clients: self.installation.settings.logging.clients,
            continue_trace: Some(continue_trace),
        };
        let authority = self.installation.authority.clone();
        let state = ServerState::new(authority, settings, random_bytes(&SystemEntropy));
        state.tell_of_listener(Listener {
            connections: self.installation.settings.limits.connections,
            limits: self.limits.clone(),
            tls: self.tls.clone(),
        });
        Ok(state)
    }

    fn serve_settings(&self) -> ServeSettings {
        ServeSettings {
            connections: self.installation.settings.limits.connections,
            limits: self.limits.clone(),
            trusted_proxies: Arc::new(self.installation.settings.trusted_proxies()),
            ..ServeSettings::default()
        }
    }
}

/// The port that the public URL gets where none was set: that of the first loopback address.
fn loopback_port(bound: &[Bound]) -> u16 {
    let is_loopback = |bound: &&Bound| match bound.local() {
        LocalAddress::Ip(address) => address.ip().to_canonical().is_loopback(),
        LocalAddress::Unix(_) => false,
    };
    bound
        .iter()
        .find(is_loopback)
        .and_then(Bound::port)
        .unwrap_or_default()
}
