//! Taking over users, apps and tokens from elsewhere.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::password::HashClass;
use counterfoil_store::{ChangeError, ImportLine, ImportRefused, Imported, Progress, Trial};

use crate::authority::Authority;
use crate::passwords::queue::Busy;
use crate::principal::Operator;

impl Authority {
    /// The processor time that it takes here to verify a password by a hash of this class.
    pub async fn measure_verification(&self, class: HashClass) -> Result<Duration, Busy> {
        self.passwords().measure(class, self.entropy()).await
    }

    /// Takes over everything or nothing, and says in `progress` how far it is. `digest` is the
    /// SHA-256 digest of the file, in hexadecimal digits.
    #[tracing::instrument(name = "import", level = "debug", skip_all)]
    pub async fn import(
        &self,
        lines: Arc<[ImportLine]>,
        digest: String,
        trial: Trial,
        operator: &Operator,
        progress: Progress,
    ) -> Result<Imported, ChangeError<ImportRefused>> {
        self.store()
            .import(
                lines,
                digest,
                trial,
                self.attribute_to(operator.principal()),
                progress,
            )
            .await
    }
}
