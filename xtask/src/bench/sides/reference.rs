//! The bare server: the same framework, sending what Counterfoil sent.

use std::fs;

use anyhow::Result;
use serde_json::json;

use crate::bench::Bench;
use crate::bench::http::{Answer, Asked};
use crate::bench::process::{Cores, Server};

/// Starts it with one recorded answer.
pub(crate) fn start(bench: &Bench, asked: &Asked, answer: &Answer, cores: Cores) -> Result<Server> {
    let file = bench.file("reference-answers.json");
    fs::write(&file, json!([answer.recorded(asked)]).to_string())?;
    let mut command = cores.server(bench.program("reference-server"));
    command.arg(file).arg(cores.of_server().to_string());
    Server::start(command, bench.file("reference-server.log"))
}
