//! Other people's gateways, with the very configurations that `docs/run/gateways.md` prints:
//! nothing in them is changed, since everything runs in a network of its own, where the page's
//! ports are free.

mod caddy;
mod forms;
mod haproxy;
mod nginx;
mod stage;
mod walkthrough;
