//! What is kept of orders and of the account, in a folder of the data folder that only its owner
//! opens: the certificate with its key, the account with its key, and what became of orders.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use instant_acme::AccountCredentials;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::schedule::Orders;
use crate::data_folder::{check_file, replace_file};

const FOLDER_MODE: u32 = 0o700;
const ACCOUNT: &str = "account.json";
const ORDERS: &str = "orders.json";
/// A certificate that was not looked at yet.
const GIVEN: &str = "certificate.given.pem";

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct AcmeFolder(PathBuf);

/// An account at an authority, as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptAccount {
    pub(super) directory: String,
    pub(super) contact: Option<String>,
    pub(super) credentials: AccountCredentials,
}

impl AcmeFolder {
    /// The folder at this path, whether it exists or not.
    pub(crate) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Makes it if it is not there.
    pub(super) fn make(&self) -> anyhow::Result<()> {
        let made = fs::DirBuilder::new().mode(FOLDER_MODE).create(&self.0);
        match made {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made.with_context(|| format!("cannot make {}", self.0.display())),
        }
    }

    /// What became of orders.
    pub(crate) fn orders(&self) -> anyhow::Result<Orders> {
        Ok(self.read(ORDERS)?.unwrap_or_default())
    }

    pub(super) fn keep_orders(&self, orders: &Orders) -> anyhow::Result<()> {
        self.write(ORDERS, orders)
    }

    /// The account at this directory, if there is one.
    pub(super) fn account(&self, directory: &str) -> anyhow::Result<Option<KeptAccount>> {
        let kept: Option<KeptAccount> = self.read(ACCOUNT)?;
        Ok(kept.filter(|kept| kept.directory == directory))
    }

    pub(super) fn keep_account(&self, account: &KeptAccount) -> anyhow::Result<()> {
        self.write(ACCOUNT, account)
    }

    /// Where to put a certificate before it is looked at.
    pub(super) fn given(&self) -> PathBuf {
        self.0.join(GIVEN)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> anyhow::Result<Option<T>> {
        let file = self.0.join(name);
        check_file(&file)?;
        let text = match fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            outcome => outcome.with_context(|| format!("cannot read {}", file.display()))?,
        };
        // The parser's errors may quote what they choke on, which may be a key.
        match serde_json::from_slice(&text) {
            Ok(read) => Ok(Some(read)),
            Err(_) => anyhow::bail!(
                "{} does not hold what this program wrote there; remove it",
                file.display()
            ),
        }
    }

    fn write(&self, name: &str, content: &impl Serialize) -> anyhow::Result<()> {
        let file = self.0.join(name);
        let text = serde_json::to_vec_pretty(content)?;
        self.make()?;
        write_private(&file, &text)
    }
}

/// Writes a file that only its owner reads, whole or not at all.
pub(super) fn write_private(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    replace_file(file, content).with_context(|| format!("cannot write {}", file.display()))
}
