//! Counterfoil over HTTP: listeners, middleware, the table of routes, and the handlers behind it.
//!
//! A request goes one way: listener, middleware, handler (extract, call one use case, convert).
//! Nothing here decides, and nothing here knows the database.

mod answer;
mod app;
mod extract;
mod front;
mod gateway;
mod graphql;
mod handler;
mod kept;
pub mod listen;
mod metrics;
pub mod middleware;
mod ops;
mod origins;
mod problem;
mod rest;
pub mod routes;
mod routing;
mod state;

pub use crate::app::{app, ops};
pub use crate::front::{AnswerBody, Front, FrontFuture};
pub use crate::gateway::{GATEWAY_VERIFY, GatewaySettings};
pub use crate::metrics::METRICS;
pub use crate::origins::{Origins, Scheme};
pub use crate::state::{LegacyTokenUrls, ServerSettings, ServerState, Strangers};
