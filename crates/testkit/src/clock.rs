//! A clock that stands still until a test moves it.

use std::cell::{Cell, OnceCell};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use counterfoil_authority::Clock;
use counterfoil_domain::timestamp::Timestamp;
use parking_lot::{Condvar, Mutex};

/// See the module. It starts on 2026-01-02T03:04:05Z.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    /// Microseconds; moves forward only.
    monotonic: AtomicU64,
    paused: Mutex<Vec<Duration>>,
    holds_pauses: AtomicBool,
    pausing: Arc<AtomicUsize>,
    /// Microseconds that a thread for passwords takes from one reading to the next.
    computation: AtomicU64,
    /// Whether threads for passwords wait before they compute.
    holds_computations: Mutex<bool>,
    let_go: Condvar,
    /// How many of those threads are held.
    computing: AtomicUsize,
}

thread_local! {
    /// Whether this thread is one for passwords, once it was asked for the time. Checks whose
    /// instructions are counted ask for it, and looking up the name of the thread each time would
    /// be counted as theirs.
    static IS_FOR_PASSWORDS: OnceCell<bool> = const { OnceCell::new() };
    /// Whether this thread has begun to compute a password.
    static COMPUTES: Cell<bool> = const { Cell::new(false) };
}

impl Default for ManualClock {
    fn default() -> Self {
        Self {
            now: AtomicI64::new(Timestamp::from_seconds(1_767_323_045).microseconds()),
            monotonic: AtomicU64::new(0),
            paused: Mutex::default(),
            holds_pauses: AtomicBool::new(false),
            pausing: Arc::default(),
            computation: AtomicU64::new(0),
            holds_computations: Mutex::new(false),
            let_go: Condvar::new(),
            computing: AtomicUsize::new(0),
        }
    }
}

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by =
            i64::try_from(by.as_micros()).expect("tests move the clock by less than a lifetime");
        self.now.fetch_add(by, Ordering::SeqCst);
        self.monotonic
            .fetch_add(by.unsigned_abs(), Ordering::SeqCst);
    }

    /// Sets how long each computation of a password takes from now on. It takes no time until a
    /// test says so.
    pub fn let_computations_take(&self, time: Duration) {
        let time =
            u64::try_from(time.as_micros()).expect("a computation takes less than a lifetime");
        self.computation.store(time, Ordering::SeqCst);
    }

    /// A thread for passwords reads the clock when it begins to compute and when it has.
    fn compute(&self) {
        let is_named_so = || {
            let thread = std::thread::current();
            let name = thread.name();
            name.is_some_and(|name| name.starts_with("passwords-"))
        };
        let is_for_passwords = IS_FOR_PASSWORDS.with(|is| *is.get_or_init(is_named_so));
        if !is_for_passwords {
            return;
        }
        self.computing.fetch_add(1, Ordering::SeqCst);
        let mut holds = self.holds_computations.lock();
        self.let_go.wait_while(&mut holds, |holds| *holds);
        drop(holds);
        self.computing.fetch_sub(1, Ordering::SeqCst);
        if COMPUTES.replace(!COMPUTES.get()) {
            let took = self.computation.load(Ordering::SeqCst);
            self.monotonic.fetch_add(took, Ordering::SeqCst);
        }
    }

    /// Lets no computation of a password begin or end until they are let go.
    pub fn hold_computations(&self) {
        *self.holds_computations.lock() = true;
    }

    /// How many computations are held at present.
    pub fn computations_held(&self) -> usize {
        self.computing.load(Ordering::SeqCst)
    }

    /// Lets those go on that wait, and all that come.
    pub fn let_computations_go(&self) {
        *self.holds_computations.lock() = false;
        self.let_go.notify_all();
    }

    /// Lets no pause end any more.
    pub fn hold_pauses(&self) {
        self.holds_pauses.store(true, Ordering::SeqCst);
    }

    /// How many pause at present.
    pub fn pausing(&self) -> usize {
        self.pausing.load(Ordering::SeqCst)
    }

    /// How long somebody paused, each time since this was last asked. Pauses end at once unless
    /// they are held.
    pub fn take_pauses(&self) -> Vec<Duration> {
        std::mem::take(&mut *self.paused.lock())
    }

    /// Moves the clock backward, as a correction of the system's clock does.
    pub fn set_back(&self, by: Duration) {
        let by =
            i64::try_from(by.as_micros()).expect("tests move the clock by less than a lifetime");
        self.now.fetch_sub(by, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microseconds(self.now.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        self.compute();
        self.thread_time()
    }

    /// No thread waits for another one.
    fn thread_time(&self) -> Duration {
        Duration::from_micros(self.monotonic.load(Ordering::SeqCst))
    }

    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.paused.lock().push(time);
        if !self.holds_pauses.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(()));
        }
        let pause = Pause::begin(&self.pausing);
        Box::pin(async move {
            std::future::pending::<()>().await;
            drop(pause);
        })
    }

    fn deadline(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::pending())
    }
}

/// A pause that is held, and counted for as long as somebody waits for its end.
struct Pause(Arc<AtomicUsize>);

impl Pause {
    fn begin(pausing: &Arc<AtomicUsize>) -> Self {
        pausing.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(pausing))
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
