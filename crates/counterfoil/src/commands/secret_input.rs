//! Secrets come from standard input or are asked for at a terminal. They are never arguments: those
//! are shown to every user of the machine and kept in the shell's history.

use std::io::{self, IsTerminal, Read, Write};

use anyhow::Context;
use counterfoil_domain::password::Password;
use zeroize::Zeroizing;

use crate::commands::UsageError;

/// More than any secret has, in bytes.
const LONGEST_INPUT: u64 = 64 * 1024;

/// A new password: from standard input when that was asked for, else typed twice.
pub(crate) fn new_password(from_stdin: bool) -> anyhow::Result<Password> {
    let text = if from_stdin && !io::stdin().is_terminal() {
        read_stdin("password")?
    } else if io::stdin().is_terminal() {
        ask_twice()?
    } else {
        return Err(UsageError::of(
            "a password is needed; give it on standard input with --password-stdin, or run this at a terminal",
        ));
    };
    Ok(Password::choose(&text)?)
}

/// A secret from standard input: one line. `what` names it in sentences.
pub(crate) fn read_stdin(what: &str) -> anyhow::Result<Zeroizing<String>> {
    if io::stdin().is_terminal() {
        return ask(&format!("{}{}: ", what[..1].to_uppercase(), &what[1..]));
    }
    let mut text = Zeroizing::new(String::new());
    io::stdin()
        .take(LONGEST_INPUT)
        .read_to_string(&mut text)
        .with_context(|| format!("cannot read the {what} from standard input"))?;
    one_line(&text)
        .map(|line| Zeroizing::new(line.to_owned()))
        .map_err(|reason| anyhow::anyhow!("standard input {reason}; give the {what} in one line"))
}

fn one_line(text: &str) -> Result<&str, &'static str> {
    let line = text
        .strip_suffix("\r\n")
        .or_else(|| text.strip_suffix('\n'))
        .unwrap_or(text);
    if line.is_empty() {
        Err("is empty")
    } else if line.contains('\n') {
        Err("has more than one line")
    } else {
        Ok(line)
    }
}

fn ask_twice() -> anyhow::Result<Zeroizing<String>> {
    let first = ask("Password: ")?;
    let second = ask("The same password again: ")?;
    anyhow::ensure!(
        *first == *second,
        "the two passwords differ; nothing was changed"
    );
    Ok(first)
}

fn ask(prompt: &str) -> anyhow::Result<Zeroizing<String>> {
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .context("cannot read from the terminal")
}

/// Asks a person at a terminal to type `name` before something ends for good. Where nobody can be
/// asked, only `--yes` is consent: a script that was pasted half, or a command without a terminal
/// over ssh, must not delete by accident. `act` says what is about to happen, as in `delete it`.
pub(crate) fn confirm(act: &str, name: &str, assumed: Assumed) -> anyhow::Result<()> {
    if assumed == Assumed::Yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(UsageError::of(format!(
            "nothing was done: standard input is no terminal, so nobody can be asked whether to {act}; give --yes if you mean it"
        )));
    }
    let mut prompt = io::stderr().lock();
    write!(
        prompt,
        "This cannot be undone. Type {name} to {act}, or anything else to stop: "
    )?;
    prompt.flush()?;
    let mut typed = String::new();
    io::stdin()
        .read_line(&mut typed)
        .context("cannot read from the terminal")?;
    anyhow::ensure!(typed.trim() == name, "nothing was done");
    Ok(())
}

/// Whether consent was given beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assumed {
    /// By `--yes`.
    Yes,
    /// No: somebody must answer.
    Nothing,
}

impl Assumed {
    /// As the option `--yes` says.
    pub(crate) fn when(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_taken_off_and_nothing_else() {
        assert_eq!(one_line("secret word \n"), Ok("secret word "));
        assert_eq!(one_line("secret\r\n"), Ok("secret"));
        assert_eq!(one_line("secret"), Ok("secret"));
        assert_eq!(one_line("a\nb\n"), Err("has more than one line"));
        assert_eq!(one_line("\n"), Err("is empty"));
    }
}
