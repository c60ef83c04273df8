//! A folder of a test's own, gone when the test is done.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::engine;

static NEXT: AtomicU32 = AtomicU32::new(0);

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
        engine::forget(&self.0);
        // What cannot be removed is left to the system: a test must not fail for it.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
