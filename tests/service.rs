//! Counterfoil as a service of a machine: what it tells the service manager, what a release
//! consists of, and both together under a real systemd that boots a Debian system of the test's
//! own.

mod image;
mod machine;
mod notify;
mod packages;
mod release;
mod systemd;
