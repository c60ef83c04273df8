//! Where logs go: to standard error, as lines for people or as JSON for programs.
//!
//! The level applies to this program's own events. What its libraries log is kept at warnings and
//! above, because a library does not know which of the bytes it handles are secret, and at its
//! lower levels it may log any of them. What the libraries of the listener warn of is what
//! strangers send, as often as those like: the listener says it itself, once a minute.

use std::io::{self, IsTerminal};

use counterfoil_authority::Clock as _;
use counterfoil_server::TRACED_REQUESTS;
use serde_json::json;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::reload;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry, fmt};

use crate::clock::SystemClock;
use crate::config::{LogFormat, LogLevel, Logging};
use crate::journal::LogStream;
use crate::traces::Traces;

/// What the names of all our crates begin with.
const OWN_TARGETS: &str = "counterfoil";

/// The libraries that speak to strangers. Of these, errors only.
const TARGETS_OF_STRANGERS: [&str; 5] = ["h2", "hyper", "hyper_util", "rustls", "tokio_rustls"];

/// A line of the program's own, whatever the level is: that the server listens, and why it did not
/// start. In JSON it has the keys that every line of the log has.
pub fn line(format: LogFormat, level: &str, message: &str) -> String {
    match format {
        LogFormat::Text => format!("{message}\n"),
        LogFormat::Json => {
            let now = SystemClock::default().now().microseconds();
            // Out of range only on a clock that is wrong by thousands of years.
            let now = jiff::Timestamp::from_microsecond(now).unwrap_or_default();
            let line = json!({
                "timestamp": format!("{now:.6}"),
                "level": level,
                "message": message,
                "target": OWN_TARGETS,
            });
            format!("{line}\n")
        }
    }
}

/// Has panics said as lines of the log. Left to itself the program says them in lines for people.
fn say_panics_as_lines() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let said = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, cause = said, "a thread panicked");
    }));
}

/// The handle by which the level changes while the program runs.
#[derive(Clone, Debug)]
pub struct Telemetry {
    filter: reload::Handle<Targets, Registry>,
    traces: Option<Traces>,
}

impl Telemetry {
    /// Starts logging, and tracing where there is somebody to trace for; for the whole process, and
    /// can be done once.
    pub fn start(logging: &Logging, traces: Option<Traces>) -> Result<Self, TryInitError> {
        let (filter, handle) = reload::Layer::new(targets(logging.level));
        match &traces {
            // Spans that no line needs are not even made.
            None => tracing_subscriber::registry()
                .with(filter)
                .with(lines(logging.format))
                .try_init()?,
            // What is logged says nothing of what is traced, and the other way round.
            Some(traces) => tracing_subscriber::registry()
                .with(lines(logging.format).with_filter(filter))
                .with(traces.layer())
                .try_init()?,
        }
        if logging.format == LogFormat::Json {
            say_panics_as_lines();
        }
        Ok(Self {
            filter: handle,
            traces,
        })
    }

    /// Sends the traces that wait.
    pub async fn end(&self) {
        if let Some(traces) = &self.traces {
            traces.clone().end().await;
        }
    }

    /// Logs from this level on. The format stays as it was at the start.
    pub fn set_level(&self, level: LogLevel) {
        // It fails only when the subscriber is gone, and then there is nothing to log to.
        let _ = self.filter.reload(targets(level));
    }
}

/// What writes lines of the log.
fn lines<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    let lines = fmt::layer().with_writer(LogStream::of_process());
    match format {
        // Left to itself the layer uses colours unless the variable NO_COLOR is set.
        LogFormat::Text if io::stderr().is_terminal() => lines.boxed(),
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
    }
}

fn targets(level: LogLevel) -> Targets {
    let own = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new()
        .with_default(own.min(LevelFilter::WARN))
        .with_target(OWN_TARGETS, own)
        .with_target(TRACED_REQUESTS, LevelFilter::OFF)
        .with_targets(TARGETS_OF_STRANGERS.map(|target| (target, LevelFilter::ERROR)))
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn the_level_is_for_our_own_events_and_libraries_stay_at_warnings() {
        let targets = targets(LogLevel::Debug);
        assert!(targets.would_enable("counterfoil_server::listen", &Level::DEBUG));
        assert!(targets.would_enable("counterfoil", &Level::DEBUG));
        assert!(!targets.would_enable("counterfoil_server", &Level::TRACE));
        assert!(!targets.would_enable("tokio_postgres::connection", &Level::INFO));
        assert!(targets.would_enable("tokio_postgres::connection", &Level::WARN));
    }

    #[test]
    fn what_strangers_make_a_library_warn_of_is_not_logged() {
        let targets = targets(LogLevel::Trace);
        for library in ["h2::proto", "hyper::proto", "rustls::server"] {
            assert!(!targets.would_enable(library, &Level::WARN), "{library}");
            assert!(targets.would_enable(library, &Level::ERROR), "{library}");
        }
    }

    #[test]
    fn a_level_above_warnings_holds_for_libraries_too() {
        let targets = targets(LogLevel::Error);
        assert!(!targets.would_enable("tokio_postgres", &Level::WARN));
        assert!(targets.would_enable("tokio_postgres", &Level::ERROR));
    }
}
