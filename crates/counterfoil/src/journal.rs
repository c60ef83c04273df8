//! Lines for the journal of systemd, which takes how severe a line is from its beginning
//! (sd-daemon(3)): so `journalctl --priority=warning` shows what the log warns of.

use std::io::{self, Write};
use std::os::fd::AsFd;

use nix::sys::stat::fstat;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Standard error, as lines of the log go there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogStream {
    is_journal: bool,
}

/// A line's way to standard error.
#[derive(Debug)]
pub(crate) struct LogLine {
    prefix: &'static str,
}

impl LogStream {
    /// As systemd says of the stream that leads to the journal: by its device and inode, so that a
    /// variable that was inherited by a program whose standard error leads elsewhere says nothing.
    #[expect(
        clippy::disallowed_methods,
        reason = "the variable is systemd's, and no setting of the program"
    )]
    pub(crate) fn of_process() -> Self {
        let named = std::env::var("JOURNAL_STREAM");
        Self {
            is_journal: named.is_ok_and(|named| is_named(&named, &io::stderr())),
        }
    }
}

fn is_named(named: &str, stream: &impl AsFd) -> bool {
    let Ok(found) = fstat(stream.as_fd()) else {
        return false;
    };
    named == format!("{}:{}", found.st_dev, found.st_ino)
}

/// The priority of syslog.
fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "<3>",
        Level::WARN => "<4>",
        Level::INFO => "<6>",
        _ => "<7>",
    }
}

impl<'w> MakeWriter<'w> for LogStream {
    type Writer = LogLine;

    fn make_writer(&'w self) -> LogLine {
        LogLine { prefix: "" }
    }

    fn make_writer_for(&'w self, of: &Metadata<'_>) -> LogLine {
        let prefix = if self.is_journal {
            priority(*of.level())
        } else {
            ""
        };
        LogLine { prefix }
    }
}

impl Write for LogLine {
    /// A whole line comes at once, and leaves at once.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut stream = io::stderr().lock();
        if self.prefix.is_empty() {
            return stream.write(line);
        }
        stream.write_all(&[self.prefix.as_bytes(), line].concat())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_the_journals_if_it_is_the_one_that_is_named() {
        let (_, writes) = io::pipe().expect("a pipe");
        let found = fstat(writes.as_fd()).expect("it is open");
        let named = |dev, ino| is_named(&format!("{dev}:{ino}"), &writes);
        assert!(named(found.st_dev, found.st_ino));
        assert!(!named(found.st_dev, found.st_ino + 1));
        assert!(!is_named("", &writes) && !is_named("1", &writes));
    }

    #[test]
    fn what_is_worse_has_a_smaller_number() {
        let levels = [
            Level::ERROR,
            Level::WARN,
            Level::INFO,
            Level::DEBUG,
            Level::TRACE,
        ];
        assert_eq!(levels.map(priority), ["<3>", "<4>", "<6>", "<7>", "<7>"]);
    }
}
