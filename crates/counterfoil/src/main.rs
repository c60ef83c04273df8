//! Counterfoil, a token authority: see `counterfoil --help`.

use std::process::ExitCode;
use std::sync::Arc;

use counterfoil::clock::SystemClock;
use nix::sys::resource::{Resource, setrlimit};

/// The system's allocator took a tenth of the samples of a profile of small answers. This one is
/// also what SQLite gets.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Huge pages make the memory of a small server many times what it uses. A system that has none
    // is as well off.
    let _ = nix::sys::prctl::set_thp_disable(true);
    // What a crash leaves behind must not hold keys and passwords in the clear. The hard limit goes
    // too, so that nothing in the process raises it again; a limit can always be lowered.
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    counterfoil::commands::main(Arc::new(SystemClock::default()))
}
