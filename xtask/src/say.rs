//! The only place of xtask that prints.

/// A line for whoever ran the command.
#[expect(clippy::print_stdout, reason = "printing is what this function is for")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// The heading of a step, so that a long log can be searched.
pub(crate) fn step(name: &str) {
    line(&format!("\n== {name}"));
}

/// What went wrong, on standard error.
#[expect(clippy::print_stderr, reason = "printing is what this function is for")]
pub(crate) fn problem(text: &str) {
    eprintln!("xtask: {text}");
}
