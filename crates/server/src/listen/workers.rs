//! Threads that serve, each with an event loop of its own.
//!
//! A connection stays on the thread that it came to. Nothing is passed between threads for a
//! request, so that none waits for another's wake-up, and what a request uses is in the caches of
//! the core that serves it.

use std::io;
use std::num::NonZeroUsize;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The threads. They end, with everything that runs on them, when this is dropped.
#[derive(Debug)]
pub struct Workers(Vec<Worker>);

#[derive(Debug)]
struct Worker {
    handle: Handle,
    /// Dropped to tell the thread to end; taken only by the drop.
    running: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Workers {
    /// Starts so many threads.
    pub fn start(count: NonZeroUsize) -> io::Result<Self> {
        (0..count.get())
            .map(Worker::start)
            .collect::<io::Result<_>>()
            .map(Self)
    }

    /// Where [`serve`](super::serve) may run connections.
    pub fn places(&self) -> Vec<Handle> {
        self.0.iter().map(|worker| worker.handle.clone()).collect()
    }
}

impl Worker {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (running, ended) = oneshot::channel::<()>();
        let thread = thread::Builder::new()
            .name(format!("worker-{number}"))
            .spawn(move || {
                // Nothing is ever sent: an error is the end of the sender.
                let _ = runtime.block_on(ended);
                // Whoever waits for what still computes has given up by now.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            handle,
            running: Some(running),
            thread: Some(thread),
        })
    }
}

/// How long a thread may take to end once it has nothing to serve, and how often that is looked at.
const LAST_WAIT: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(1);

impl Drop for Worker {
    fn drop(&mut self) {
        self.running = None;
        let Some(serving) = self.thread.take() else {
            return;
        };
        let begun = Instant::now();
        while !serving.is_finished() {
            if begun.elapsed() > LAST_WAIT {
                tracing::error!("a thread that serves does not end and is left behind");
                return;
            }
            thread::sleep(LOOK_AGAIN);
        }
        // A panic of the thread itself was logged by its hook.
        let _ = serving.join();
    }
}
