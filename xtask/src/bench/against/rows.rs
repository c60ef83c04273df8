//! What an older build is compared in.

use anyhow::Result;

use super::SIDES;
use crate::bench::database::{Passwords, copy, filled_by};
use crate::bench::http::Asked;
use crate::bench::process::{Cores, Server};
use crate::bench::rows::{Maker, started};
use crate::bench::scene::{Installation, Scene};
use crate::bench::slices::rotate;
use crate::bench::tools::{wrk, wrk_script};
use crate::bench::{Bench, Length};

/// A row: by the name of the row that measures the same against another server.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// What a figure is.
    pub(super) unit: &'static str,
    pub(super) better: Better,
    pub(super) cores: &'static [Cores],
    pub(super) measure: fn(&Bench, &[Scene; 3], Cores) -> Result<Vec<Figures>>,
}

/// What a slice showed, by side.
pub(super) type Figures = [f64; 3];

/// Which of two figures is the better one.
#[derive(Clone, Copy)]
pub(super) enum Better {
    More,
    Less,
}

pub(super) const COMPARED: &[Row] = &[
    Row {
        name: "gateway",
        unit: "requests/s",
        better: Better::More,
        cores: &[Cores::One, Cores::Two],
        measure: |bench, scenes, cores| requests(bench, scenes, Scene::gateway, cores),
    },
    Row {
        name: "app-check",
        unit: "requests/s",
        better: Better::More,
        cores: &[Cores::One, Cores::Two],
        measure: |bench, scenes, cores| requests(bench, scenes, Scene::app_check, cores),
    },
    Row {
        name: "basic",
        unit: "requests/s",
        better: Better::More,
        cores: &[Cores::One, Cores::Two],
        measure: |bench, scenes, cores| requests(bench, scenes, Scene::basic, cores),
    },
    Row {
        name: "issue-syncs",
        unit: "requests made durable per sync",
        better: Better::More,
        cores: &[Cores::One],
        measure: issues,
    },
    Row {
        name: "start-empty",
        unit: "ms from the start to the first answer",
        better: Better::Less,
        cores: &[Cores::Two],
        measure: starts,
    },
    Row {
        name: "resident-idle",
        unit: "MB",
        better: Better::Less,
        cores: &[Cores::Two],
        measure: resident,
    },
];

/// Slices of a side until its server is started anew.
const SLICES_OF_A_START: u32 = 5;

/// Tokens and users of the database in which tokens are made.
const TOKENS: u64 = 10_000;
const USERS: u64 = 1_000;

fn requests(
    bench: &Bench,
    scenes: &[Scene; 3],
    asked: fn(&Scene) -> Asked,
    cores: Cores,
) -> Result<Vec<Figures>> {
    let asked = scenes.each_ref().map(asked);
    let mut scripts = Vec::new();
    for (name, asked) in ["new", "copy", "old"].into_iter().zip(&asked) {
        scripts.push(wrk_script(bench, name, asked)?);
    }
    let Length { slices, seconds } = match cores {
        Cores::One => bench.length(),
        Cores::Two => bench.length().half(),
    };
    let mut all = Vec::new();
    let mut left = slices;
    while left > 0 {
        let now = left.min(SLICES_OF_A_START);
        left -= now;
        let mut servers: Vec<Server> = Vec::new();
        for (scene, asked) in scenes.iter().zip(&asked) {
            let server = scene.installation.serve(bench, cores)?;
            asked.expect(server.address(), 200)?;
            servers.push(server);
        }
        let slice = |side: usize, seconds: u32| -> Result<f64> {
            let address = servers[side].address();
            let slice = wrk(&scripts[side], &asked[side], address, (cores, seconds))?;
            Ok(slice.per_second)
        };
        // What is cold at first is not what is measured.
        for side in 0..SIDES.len() {
            slice(side, 1)?;
        }
        let length = Length {
            slices: now,
            seconds,
        };
        all.extend(rotate(length, |side| slice(side, seconds))?);
    }
    Ok(all)
}

/// Tokens are made in a database that the oldest of the programs made and the others take over.
fn issues(bench: &Bench, scenes: &[Scene; 3], cores: Cores) -> Result<Vec<Figures>> {
    let program = |side: usize| scenes[side].installation.program().to_owned();
    let making = Installation::empty(bench, "against-filled")?.by(program(super::OLD));
    filled_by(bench, &Passwords::Cheap.of(making), TOKENS, USERS)?;
    let mut makers = Vec::new();
    for side in 0..SIDES.len() {
        let folder = copy(
            &bench.file("against-filled"),
            bench,
            &format!("issue-{side}"),
        )?;
        let own = Installation::at(bench, &folder).by(program(side));
        let own = Passwords::Cheap.of(own);
        makers.push(Maker::on(bench, &own, (USERS, USERS), cores)?);
    }
    let length = bench.length();
    let mut number = 0;
    rotate(length, |side| {
        number += 1;
        makers[side].per_sync(bench, length.seconds, number)
    })
}

fn starts(bench: &Bench, scenes: &[Scene; 3], cores: Cores) -> Result<Vec<Figures>> {
    // The first start by a program reads it from the disk.
    for scene in scenes {
        started(bench, &scene.installation, cores)?;
    }
    rotate(bench.length(), |side| {
        started(bench, &scenes[side].installation, cores)
    })
}

fn resident(bench: &Bench, scenes: &[Scene; 3], cores: Cores) -> Result<Vec<Figures>> {
    rotate(bench.length().half(), |side| {
        let server = scenes[side].installation.serve(bench, cores)?;
        Asked::get("/healthz", "none").expect(server.address(), 200)?;
        Ok(server.memory_bytes("VmRSS")? / 1e6)
    })
}
