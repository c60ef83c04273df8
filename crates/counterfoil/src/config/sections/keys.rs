//! Where the installation's keys are.

use std::path::PathBuf;

use crate::config::rule::{FilePath, Maybe};
use crate::config::section::section;

section! {
    /// The keys under which secrets that must be read back are sealed. They are not in the
    /// database, so a copy of it alone opens nothing.
    pub struct Keys = "keys", "keys." {
        /// The file that holds the keys, one `ID:BASE64` a line, for the owner only. If it is not
        /// set, it is `keys` in `data_dir`. Where the variable `COUNTERFOIL_KEY` holds a key, the
        /// file need not exist; keys that are added go into it.
        file: Option<PathBuf> = None, Maybe(FilePath { example: "/etc/counterfoil/keys" }), Restart;
    }
}
