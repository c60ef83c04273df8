//! Saying on standard error how far a command has come that takes more than a moment: at a terminal
//! as one line with a bar that is written over, elsewhere as a line every ten seconds, which a log
//! can keep.

use std::io::{IsTerminal as _, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use counterfoil_store::{Progress, ProgressReading};

/// Back to the beginning of the line, which is emptied.
const ERASE: &str = "\r\x1b[2K";

/// How a line of progress is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// As one line that is written over.
    Rewritten,
    /// As a line of its own.
    Lines,
}

/// When it is told.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// After this time for the first time: who waits for less needs no comfort.
    first: Duration,
    /// After this time again.
    every: Duration,
}

impl Manner {
    fn pace(self) -> Pace {
        match self {
            Self::Rewritten => Pace {
                first: Duration::from_secs(2),
                every: Duration::from_millis(250),
            },
            Self::Lines => Pace {
                first: Duration::from_secs(10),
                every: Duration::from_secs(10),
            },
        }
    }
}

/// Tells how far a command has come for as long as this lives. What is left on the line of a
/// terminal goes with it.
#[derive(Debug)]
pub(crate) struct Shown {
    end: Option<Sender<()>>,
    teller: Option<JoinHandle<()>>,
}

/// Tells for how long `command` has been at what has no parts that could be counted.
pub(crate) fn show_waiting(command: &'static str, what: &'static str) -> Shown {
    let progress = Progress::default();
    progress.begin(what, None);
    show(command, &progress)
}

/// Tells how far `command` has come, by what it says of it in `progress`.
pub(crate) fn show(command: &'static str, progress: &Progress) -> Shown {
    let (end, ended) = channel();
    let manner = if std::io::stderr().is_terminal() {
        Manner::Rewritten
    } else {
        Manner::Lines
    };
    let progress = progress.clone();
    let teller = std::thread::Builder::new()
        .name("progress".to_owned())
        .spawn(move || {
            let mut out = std::io::stderr();
            tell(&mut out, (manner, manner.pace()), &ended, &|elapsed| {
                let reading = progress.read();
                let line = line(command, &reading, elapsed);
                match (manner, reading.of) {
                    (Manner::Rewritten, Some(of)) => format!("{} {line}", bar(reading.done, of)),
                    (Manner::Rewritten | Manner::Lines, _) => line,
                }
            });
        });
    Shown {
        end: Some(end),
        // Without a thread more, the work is done as well and nothing is told.
        teller: teller.ok(),
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(teller) = self.teller.take() {
            drop(teller.join());
        }
    }
}

/// Tells a line now and then until the other end of the channel is gone.
fn tell(
    out: &mut impl Write,
    (manner, pace): (Manner, Pace),
    ended: &Receiver<()>,
    line: &dyn Fn(Duration) -> String,
) {
    let begun = Instant::now();
    let mut wait = pace.first;
    let mut is_dirty = false;
    while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        let line = line(begun.elapsed());
        // Nobody is told where nobody listens; the work goes on.
        drop(match manner {
            Manner::Rewritten => write!(out, "{ERASE}{line}").and_then(|()| out.flush()),
            Manner::Lines => writeln!(out, "{line}"),
        });
        is_dirty = manner == Manner::Rewritten;
        wait = pace.every;
    }
    if is_dirty {
        drop(write!(out, "{ERASE}").and_then(|()| out.flush()));
    }
}

/// What is told: `import: taking over tokens, 12,000 of 98,000 (12 %), 21 s`.
fn line(command: &str, reading: &ProgressReading, elapsed: Duration) -> String {
    let ProgressReading { what, done, of } = *reading;
    let what = if what.is_empty() { "beginning" } else { what };
    let seconds = elapsed.as_secs();
    match of {
        Some(of) => {
            let percent = done.min(of) * 100 / of.max(1);
            let (done, of) = (grouped(done), grouped(of));
            format!("{command}: {what}, {done} of {of} ({percent} %), {seconds} s")
        }
        None if done > 0 => format!("{command}: {what}, {}, {seconds} s", grouped(done)),
        None => format!("{command}: {what}, {seconds} s"),
    }
}

/// A bar that fills from the left: `[=====>    ]`.
fn bar(done: u64, of: u64) -> String {
    const WIDTH: usize = 20;
    let filled = u128::from(done.min(of)) * WIDTH as u128 / u128::from(of.max(1));
    let filled = usize::try_from(filled).unwrap_or(WIDTH);
    let (head, rest) = if filled < WIDTH {
        (">", WIDTH - filled - 1)
    } else {
        ("", 0)
    };
    format!("[{}{head}{}]", "=".repeat(filled), " ".repeat(rest))
}

/// A number with a comma before each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Pace = Pace {
        first: Duration::ZERO,
        every: Duration::ZERO,
    };

    /// What is told while a work of three steps goes on.
    fn told(manner: Manner) -> String {
        let (end, ended) = channel();
        let left = std::cell::RefCell::new((3, Some(end)));
        let mut out = Vec::new();
        tell(&mut out, (manner, SOON), &ended, &|_| {
            let mut left = left.borrow_mut();
            left.0 -= 1;
            if left.0 == 0 {
                left.1 = None;
            }
            format!("{} left", left.0)
        });
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_log_gets_whole_lines() {
        assert_eq!(told(Manner::Lines), "2 left\n1 left\n0 left\n");
    }

    #[test]
    fn a_terminal_gets_one_line_of_which_nothing_stays() {
        let erase = ERASE;
        let expected = format!("{erase}2 left{erase}1 left{erase}0 left{erase}");
        assert_eq!(told(Manner::Rewritten), expected);
    }

    #[test]
    fn a_command_that_is_done_at_once_tells_nothing() {
        let (end, ended) = channel();
        drop(end);
        let mut out = Vec::new();
        let manner = Manner::Rewritten;
        tell(&mut out, (manner, manner.pace()), &ended, &|_| {
            "told".to_owned()
        });
        assert_eq!(out, [] as [u8; 0]);
    }

    #[test]
    fn a_bar_fills_from_the_left() {
        assert_eq!(bar(0, 98_000), "[>                   ]");
        assert_eq!(bar(49_000, 98_000), "[==========>         ]");
        assert_eq!(bar(97_999, 98_000), "[===================>]");
        assert_eq!(bar(98_000, 98_000), "[====================]");
        assert_eq!(bar(5, 0), "[>                   ]");
    }

    #[test]
    fn a_line_says_what_is_done_how_much_of_how_much_and_for_how_long() {
        let progress = Progress::default();
        let after = |seconds| line("import", &progress.read(), Duration::from_secs(seconds));
        assert_eq!(after(2), "import: beginning, 2 s");
        progress.begin("reading", None);
        assert_eq!(after(3), "import: reading, 3 s");
        progress.begin("taking over tokens", Some(98_000));
        progress.advance(12_000);
        assert_eq!(
            after(21),
            "import: taking over tokens, 12,000 of 98,000 (12 %), 21 s"
        );
        progress.begin("copying rows", None);
        progress.advance(1_234_567);
        assert_eq!(after(40), "import: copying rows, 1,234,567, 40 s");
    }
}
