//! Counterfoil, a token authority: see `counterfoil --help`.

use std::process::ExitCode;

/// The system's allocator took a tenth of the samples of a profile of small answers. This one is also what SQLite gets.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    counterfoil::commands::main()
}
