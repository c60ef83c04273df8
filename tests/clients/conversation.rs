//! A program that asks questions and reads answers, where each answer may only be written once its
//! question stands there: some programs throw away what was typed too early.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use counterfoil_testkit::process::{Output, finish};

/// How long a question may take to come, and the program to end, before it counts as a hang.
const LIMIT: Duration = Duration::from_mins(2);

pub(super) struct Conversation {
    child: Child,
    stdin: ChildStdin,
    pieces: Receiver<Vec<u8>>,
    /// What it printed since the last question.
    unread: String,
}

impl Conversation {
    pub(super) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let stdin = child.stdin.take().expect("standard input was piped");
        let mut stdout = child.stdout.take().expect("standard output was piped");
        let (sender, pieces) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stdout.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            stdin,
            pieces,
            unread: String::new(),
        }
    }

    /// Waits for a question that ends so, and answers it.
    pub(super) fn answer(&mut self, question: &str, answer: &str) {
        while !self.unread.ends_with(question) {
            let piece = self.pieces.recv_timeout(LIMIT);
            let piece = piece.unwrap_or_else(|error| {
                panic!("no question {question:?} ({error}) after: {}", self.unread)
            });
            self.unread.push_str(&String::from_utf8_lossy(&piece));
        }
        self.unread.clear();
        writeln!(self.stdin, "{answer}").expect("the program reads the answer that it asked for");
    }

    /// Closes its standard input and waits for its end. Standard output is what came after the last
    /// question.
    pub(super) fn end(self) -> Output {
        drop(self.stdin);
        let mut output = finish(self.child, "the program that asks", LIMIT);
        output.stdout = self.unread;
        // The reader ends with the program's standard output, and the channel with the reader.
        for piece in self.pieces {
            output.stdout.push_str(&String::from_utf8_lossy(&piece));
        }
        output
    }
}
