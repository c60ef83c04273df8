//! A folder of a test's own, gone when the test is done. What programs wrote there is searched for
//! their secrets before that.

use std::any::Any;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;

use crate::secrets;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// What is elsewhere and goes with a folder, such as a database of a server.
type Kept = Arc<dyn Any + Send + Sync>;

static KEPT: LazyLock<Mutex<HashMap<PathBuf, Kept>>> = LazyLock::new(Mutex::default);

/// See the module.
#[derive(Debug)]
pub struct TestFolder(PathBuf);

impl TestFolder {
    /// A folder in memory where the system has one: for tests that are not about durability.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        Self::under(&parent)
    }

    /// A folder on the disk.
    pub fn on_disk() -> Self {
        Self::under(&std::env::temp_dir())
    }

    fn under(parent: &Path) -> Self {
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let folder = parent.join(format!("counterfoil-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a test can make a folder");
        Self(folder)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        // Databases of servers that go with it are searched when they go.
        forget(&self.0);
        let found = secrets::search(&self.0);
        // What cannot be removed is left to the system: a test must not fail for it.
        drop(std::fs::remove_dir_all(&self.0));
        // A test that fails already is read for that.
        assert!(found.is_empty() || std::thread::panicking(), "{found:#?}");
    }
}

/// What is kept with a folder, the same whenever the folder is; made when it is first asked for.
pub(crate) fn kept_with<T: Any + Send + Sync>(folder: &Path, new: impl FnOnce() -> T) -> Arc<T> {
    let known = KEPT.lock().get(folder).map(Arc::clone);
    let kept = known.unwrap_or_else(|| {
        // Made without the lock: other tests need not wait for it.
        let made: Kept = Arc::new(new());
        Arc::clone(KEPT.lock().entry(folder.to_owned()).or_insert(made))
    });
    kept.downcast()
        .expect("one kind of thing is kept with a folder")
}

/// Drops what is kept with a folder that is gone, and with those in it.
fn forget(folder: &Path) {
    let gone: Vec<_> = {
        let mut kept = KEPT.lock();
        kept.extract_if(|of, _| of.starts_with(folder)).collect()
    };
    // Not while the lock is held: dropping a database takes its time.
    drop(gone);
}
