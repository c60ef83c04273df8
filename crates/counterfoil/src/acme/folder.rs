//! What is kept of orders and of the account, in a folder of the data folder that only its owner
//! opens: the certificate with its key, the account with its key, and what became of orders.

use std::fs;
use std::io;
use std::path::PathBuf;

use anyhow::Context;
use counterfoil_server::private_files::PrivateFolder;
use instant_acme::AccountCredentials;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::schedule::Orders;
use crate::data_folder::check_file;

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

    /// Opens it, made if it is not there.
    pub(super) fn open_or_make(&self) -> anyhow::Result<PrivateFolder> {
        let opened = PrivateFolder::open_or_make(&self.0);
        opened.with_context(|| format!("cannot make {}", self.0.display()))
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

    /// Keeps a certificate that was not looked at yet, and says where.
    pub(super) fn keep_given(&self, certificate: &str) -> anyhow::Result<PathBuf> {
        self.replace(GIVEN, certificate.as_bytes())?;
        Ok(self.0.join(GIVEN))
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
        self.replace(name, &serde_json::to_vec_pretty(content)?)
    }

    fn replace(&self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        let replaced = self.open_or_make()?.replace(name.as_ref(), content);
        replaced.with_context(|| format!("cannot write {}", self.0.join(name).display()))
    }
}
