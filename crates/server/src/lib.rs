//! Counterfoil over HTTP: listeners, middleware, the table of routes, and the handlers behind it.
//!
//! A request goes one way: listener, middleware, handler (extract, call one use case, convert).
//! Nothing here decides, and nothing here knows the database.

mod answer;
mod answer_body;
mod app;
mod auth;
mod credential;
mod facts;
mod fragments;
mod front;
mod gateway;
mod graphql;
mod handler;
mod json_body;
mod limiter;
pub mod listen;
mod metrics;
pub mod middleware;
mod nothing_here;
mod oauth;
mod once_a_minute;
mod ops;
mod origins;
mod pages;
pub mod private_files;
mod problem;
mod readiness;
mod refused;
mod rest;
mod route;
pub mod routes;
mod routing;
mod state;
mod surface;
mod templates;

pub use crate::answer_body::AnswerBody;
pub use crate::app::{app, ops};
pub use crate::front::{Front, FrontFuture};
pub use crate::gateway::{GATEWAY_VERIFY, GatewaySettings};
pub use crate::metrics::{Listener, METRICS, Metric, MetricKind, Presence};
pub use crate::middleware::access_log::LoggedClients;
pub use crate::middleware::request_trace::TRACED_REQUESTS;
pub use crate::ops::demand_ready;
pub use crate::origins::{Origins, Scheme};
pub use crate::state::{
    ContinueTrace, LegacyTokenUrls, PageSettings, ServerSettings, ServerState, Strangers,
};
pub use counterfoil_html::admin::settings::{SettingInForce, SettingValue};
