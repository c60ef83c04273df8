//! Counterfoil, a token authority: see `counterfoil --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    counterfoil::commands::main()
}
