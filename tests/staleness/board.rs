//! Where changers say what is to be checked, and checkers find it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::time::Instant;

use super::history::Moment;
use super::probe::Probe;

/// See the module.
pub(super) struct Board {
    begun: Instant,
    /// What each changer is at work on.
    slots: Vec<Slot>,
    /// What ends by itself some time soon.
    lingering: RwLock<Vec<Arc<Probe>>>,
    /// What ended long ago.
    ended: RwLock<Vec<Arc<Probe>>>,
    checks: AtomicU64,
    checks_wanted: u64,
    is_over: AtomicBool,
}

/// What one changer is at work on.
#[derive(Default)]
struct Slot {
    probes: RwLock<Vec<Arc<Probe>>>,
    /// Whose turn it is.
    next: AtomicUsize,
    /// How many checks of it were answered.
    answered: Mutex<u64>,
    one_more: Condvar,
}

impl Board {
    pub(super) fn new(changers: usize, checks_wanted: u64) -> Self {
        Self {
            begun: Instant::now(),
            slots: (0..changers).map(|_| Slot::default()).collect(),
            lingering: RwLock::default(),
            ended: RwLock::default(),
            checks: AtomicU64::new(0),
            checks_wanted,
            is_over: AtomicBool::new(false),
        }
    }

    pub(super) fn now(&self) -> Moment {
        u64::try_from(self.begun.elapsed().as_nanos()).expect("a run is shorter than centuries")
    }

    /// Whether there were checks enough, or somebody gave up.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Nobody waits any more.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        for slot in &self.slots {
            let _answered = slot.answered.lock().unwrap_or_else(PoisonError::into_inner);
            slot.one_more.notify_all();
        }
    }

    /// From now on this is what a changer's checkers ask.
    pub(super) fn show(&self, changer: usize, probes: &[Arc<Probe>]) {
        *write(&self.slots[changer].probes) = probes.to_vec();
    }

    /// Returns when so many more checks of what a changer shows were answered, or the run is over.
    pub(super) fn wait_for_checks(&self, changer: usize, more: u64) {
        let slot = &self.slots[changer];
        let answered = slot.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = *answered + more;
        let waiting = |answered: &mut u64| *answered < enough && !self.is_over();
        drop(slot.one_more.wait_while(answered, waiting));
    }

    /// What ends by itself is asked now and then from now on.
    pub(super) fn linger(&self, probes: &[Arc<Probe>]) {
        write(&self.lingering).extend_from_slice(probes);
    }

    /// What lingered has ended.
    pub(super) fn stop_lingering(&self, probes: &[Arc<Probe>]) {
        write(&self.lingering).retain(|held| !probes.iter().any(|probe| Arc::ptr_eq(held, probe)));
        self.bury(probes);
    }

    /// What has ended for good is asked now and then, to the end of the run.
    pub(super) fn bury(&self, probes: &[Arc<Probe>]) {
        write(&self.ended).extend_from_slice(probes);
    }

    /// What a changer shows, in turns; nothing before it shows anything.
    pub(super) fn shown(&self, changer: usize) -> Option<Arc<Probe>> {
        let slot = &self.slots[changer];
        let probes = slot.probes.read().expect("no thread panics with it");
        let turn = slot.next.fetch_add(1, Ordering::Relaxed);
        (!probes.is_empty()).then(|| Arc::clone(&probes[turn % probes.len()]))
    }

    /// One of those that linger.
    pub(super) fn lingering(&self, lot: usize) -> Option<Arc<Probe>> {
        pick(&self.lingering, lot)
    }

    /// One of those that ended.
    pub(super) fn ended(&self, lot: usize) -> Option<Arc<Probe>> {
        pick(&self.ended, lot)
    }

    /// Counts an answered check, of what this changer shows if it is one.
    pub(super) fn count(&self, changer: Option<usize>) {
        if let Some(changer) = changer {
            let slot = &self.slots[changer];
            *slot.answered.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            slot.one_more.notify_all();
        }
        if self.checks.fetch_add(1, Ordering::Relaxed) + 1 >= self.checks_wanted {
            self.end();
        }
    }
}

fn pick(from: &RwLock<Vec<Arc<Probe>>>, lot: usize) -> Option<Arc<Probe>> {
    let probes = from.read().expect("no thread panics with it");
    (!probes.is_empty()).then(|| Arc::clone(&probes[lot % probes.len()]))
}

fn write(probes: &RwLock<Vec<Arc<Probe>>>) -> std::sync::RwLockWriteGuard<'_, Vec<Arc<Probe>>> {
    probes.write().expect("no thread panics with it")
}

/// Ends the run when the thread that holds it panics, so that nobody waits for it.
pub(super) struct EndOnPanic<'b>(pub(super) &'b Board);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}
