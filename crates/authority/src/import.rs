//! Taking over users, apps and tokens from elsewhere.

use std::sync::Arc;

use counterfoil_store::{ImportLine, ImportRefused, Imported, Trial, WriteError};

use crate::attribution::Operator;
use crate::authority::Authority;

impl Authority {
    /// Takes over everything or nothing. `digest` is the SHA-256 digest of the file, in hexadecimal digits.
    #[tracing::instrument(name = "import", level = "debug", skip_all)]
    pub async fn import(
        &self,
        lines: Arc<[ImportLine]>,
        digest: String,
        trial: Trial,
        operator: &Operator,
    ) -> Result<Imported, WriteError<ImportRefused>> {
        self.store()
            .import(lines, digest, trial, self.by_operator(operator))
            .await
    }
}
