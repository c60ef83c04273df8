//! Counterfoil, tested through its front door: one binary, laid out like the routes.

mod races;
mod rest;
