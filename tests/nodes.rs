//! Several nodes on one PostgreSQL: what one of them ends, all refuse; who cannot hear of it
//! refuses to answer; and a node that stops is missed by nobody.

mod balancer;
mod clocks;
mod commands;
mod cut;
mod feed;
mod lags;
mod metrics;
mod pooled;
mod races;
mod refreshes;
mod sessions;
pub(crate) mod stage;
mod stopping;
mod upgrade;
mod walkthrough;
