//! The program as it is shipped, but for its clock, which tests move.
//!
//! The shipped one has no switch for that. Commands and servers in one folder go by the same clock.

use std::process::ExitCode;
use std::sync::Arc;

use counterfoil_testkit::process::MovableClock;

fn main() -> ExitCode {
    counterfoil::commands::main(Arc::new(MovableClock::in_this_folder()))
}
