//! Counterfoil, tested through its front door: one binary, laid out like the routes.

mod budget;
mod bystander;
mod cancellation;
mod clients;
mod command_line;
mod connections;
mod crash;
mod described;
mod faults;
mod gateway;
mod health;
mod monitoring;
mod moving;
mod network;
mod nodes;
mod pages;
mod properties;
mod races;
mod reference;
mod refused_passwords;
mod rest;
mod routes;
mod service;
mod staleness;
mod storms;
mod syncs;
