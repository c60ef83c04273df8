//! Threads on which passwords are computed. They give way to all others: a computation takes tens
//! of milliseconds of a whole core, and a flood of sign-ins must not keep those waiting who only
//! show a token.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use parking_lot::Mutex;

/// The lowest priority there is: such a thread gets what others leave.
const NICENESS: i32 = 19;

type Work = Box<dyn FnOnce() + Send>;

/// So many threads, started when the first password is to be computed. They end when nobody can ask
/// any more.
#[derive(Debug)]
pub(crate) struct PasswordThreads {
    count: usize,
    queue: Mutex<Option<Sender<Work>>>,
}

impl PasswordThreads {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            count: count.max(1),
            queue: Mutex::default(),
        }
    }

    /// Does this work on one of the threads. Whoever waits for it notices when it could not be
    /// done.
    pub(crate) fn run(&self, work: impl FnOnce() + Send + 'static) {
        let mut queue = self.queue.lock();
        if queue.is_none() {
            *queue = start(self.count);
        }
        // Without a thread the work is dropped, and with it the way back to who waits; the next one
        // tries again.
        if let Some(queue) = &*queue {
            drop(queue.send(Box::new(work)));
        }
    }
}

/// The way to as many of the threads as can be started; none if none can.
fn start(count: usize) -> Option<Sender<Work>> {
    let (queue, work) = mpsc::channel();
    let work = Arc::new(Mutex::new(work));
    let mut started_any = false;
    for number in 0..count {
        let work = Arc::clone(&work);
        let name = format!("passwords-{number}");
        let started = std::thread::Builder::new()
            .name(name)
            .spawn(move || serve(&work));
        match started {
            Ok(_) => started_any = true,
            Err(error) => {
                tracing::error!(cause = %error, "a thread for password hashing did not start");
            }
        }
    }
    started_any.then_some(queue)
}

fn serve(work: &Mutex<Receiver<Work>>) {
    // On Linux this is about the thread, not the process.
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::warn!(cause = %error, "password hashing runs at normal priority");
    }
    loop {
        // AttemptGuard under the lock, done without it.
        let Ok(next) = work.lock().recv() else { return };
        if catch_unwind(AssertUnwindSafe(next)).is_err() {
            tracing::error!("hashing a password panicked");
        }
    }
}
