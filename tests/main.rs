//! Counterfoil, tested through its front door: one binary, laid out like the routes.

mod clients;
mod command_line;
mod health;
mod properties;
mod races;
mod reference;
mod rest;
mod routes;
