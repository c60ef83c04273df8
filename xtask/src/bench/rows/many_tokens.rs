//! Ten million tokens beside ten thousand: remembered ones, and ones that must be read.

use std::fs::File;
use std::io;

use anyhow::Result;

use crate::bench::Bench;
use crate::bench::database::{Filled, Passwords, filled};
use crate::bench::process::{Cores, Server};
use crate::bench::results::Reading;
use crate::bench::scene::{Installation, gateway};
use crate::bench::sides::reference;
use crate::bench::slices::{Side, alternate, median, medians, ratios};
use crate::bench::tools::{Load, Pace};

/// Tokens of the large database, and of the small one.
const MANY: u64 = 10_000_000;
const FEW: u64 = 10_000;

/// The same for a first look.
const MANY_QUICK: u64 = 1_000_000;

/// Memory for every token of the large database, with some room to spare, and for none.
const ROOM_FOR_ALL: u32 = 11_000_000;
const ROOM_FOR_NONE: u32 = 0;

/// The setting that bounds the memory.
const MEMORY: &str = "COUNTERFOIL_CHECKS__REMEMBERED_TOKENS";

pub(crate) fn hits(bench: &Bench) -> Result<Vec<Reading>> {
    compare(bench, ROOM_FOR_ALL)
}

pub(crate) fn misses(bench: &Bench) -> Result<Vec<Reading>> {
    compare(bench, ROOM_FOR_NONE)
}

fn compare(bench: &Bench, room: u32) -> Result<Vec<Reading>> {
    let many_filled = filled(bench, bench.at_most(MANY, MANY_QUICK), Passwords::Cheap)?;
    let few_filled = filled(bench, FEW, Passwords::Cheap)?;
    let serve = |filled: &Filled| {
        Installation::at(bench, &filled.folder)
            .with(MEMORY, room.to_string())
            .serve(bench, Cores::One)
    };
    let (ours, theirs) = (serve(&many_filled)?, serve(&few_filled)?);
    let (many, few) = (load_of(&many_filled), load_of(&few_filled));
    if room == ROOM_FOR_NONE {
        // Both databases are in the memory of the system, and the caches of SQLite are warm: what
        // is compared is a read, not a disk.
        for folder in [&many_filled.folder, &few_filled.folder] {
            let mut file = File::open(Installation::at(bench, folder).database())?;
            io::copy(&mut file, &mut io::sink())?;
        }
        many.run(bench, ours.address(), (Cores::One, Pace::Answered, 5))?;
        few.run(bench, theirs.address(), (Cores::One, Pace::Answered, 1))?;
    } else {
        // Every token once, so that each is remembered.
        many.run(bench, ours.address(), (Cores::One, Pace::Once, 900))?;
        few.run(bench, theirs.address(), (Cores::One, Pace::Once, 60))?;
    }
    let length = bench.length();
    let pairs = alternate(length, |side| {
        let (load, server) = match side {
            Side::Ours => (&many, &ours),
            Side::Theirs => (&few, &theirs),
        };
        let how = (Cores::One, Pace::Answered, length.seconds);
        let slice = || load.run(bench, server.address(), how);
        match side {
            Side::Ours => bench.profiling.watch(server, slice),
            Side::Theirs => slice(),
        }
    })?;
    let (our_rate, their_rate) = medians(&pairs, |slice| slice.per_second);
    let (our_share, their_share) = medians(&pairs, |slice| slice.generator_share);
    let detail = format!(
        "{our_rate:.0} requests/s with many, {their_rate:.0} with few; generator busy {:.0} % and {:.0} % of its time, and {:.0} % \
         when the same list is asked of bare axum; {:.0} MB resident with many",
        our_share * 100.0,
        their_share * 100.0,
        share_against_bare(bench, &many, &ours)? * 100.0,
        ours.memory_bytes("VmRSS")? / 1e6,
    );
    let ratios = ratios(&pairs, |slice| slice.per_second);
    Ok(vec![Reading::of(Cores::One.name(), ratios, detail)])
}

fn load_of(filled: &Filled) -> Load {
    let mut load = Load::of(gateway("{item}"));
    load.lines = Some(filled.tokens.clone());
    load
}

/// How busy the generator is when it asks the same of a server that does nothing.
fn share_against_bare(bench: &Bench, load: &Load, ours: &Server) -> Result<f64> {
    let recorded = load.asked.ask(ours.address())?;
    // The list's place is no token, so what is recorded is a refusal: as good as any for what the
    // generator costs.
    let bare = reference::start(bench, &load.asked, &recorded, Cores::One)?;
    let mut load = load.clone();
    load.status = recorded.status;
    let shares = (0..3).map(|_| {
        let slice = load.run(bench, bare.address(), (Cores::One, Pace::Answered, 1))?;
        Ok(slice.generator_share)
    });
    Ok(median(shares.collect::<Result<_>>()?))
}
