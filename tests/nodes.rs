//! Several nodes on one PostgreSQL: what one of them ends, all refuse; who cannot hear of it refuses to answer; and a node
//! that stops is missed by nobody.

mod clocks;
mod commands;
mod cut;
mod feed;
mod metrics;
mod stage;
