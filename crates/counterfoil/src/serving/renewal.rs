//! Renews the certificate under an authority of our own while it serves. Where a quickstart runs
//! for a year nobody has to start it again.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use counterfoil_authority::Authority;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_server::listen::{LocalAuthority, Prepared, TlsReloader};
use tokio::time::sleep;

/// How often is looked at the clock: it may have stood still, as where a laptop slept.
const LOOK: Duration = Duration::from_secs(1);
/// How often is looked at the files.
const LOOK_AT_FILES: Duration = Duration::from_hours(1);

/// Whoever renews.
pub(super) struct Renewal {
    /// Vouches for the certificate.
    pub(super) authority: LocalAuthority,
    /// Serves it, from the files of the authority.
    pub(super) tls: Arc<TlsReloader>,
}

impl Renewal {
    /// Renews whenever it is time, until `stopped` is done.
    pub(super) async fn run(self, clock: Authority, stopped: impl Future<Output = ()>) {
        tokio::pin!(stopped);
        let mut next = clock.now().plus(LOOK_AT_FILES);
        let mut is_served = true;
        loop {
            tokio::select! {
                () = &mut stopped => return,
                () = sleep(LOOK) => {}
            }
            let now = clock.now();
            if now < next {
                continue;
            }
            next = now.plus(LOOK_AT_FILES);
            if let Err(error) = self.renew(now, &mut is_served) {
                tracing::error!(cause = %format!("{error:#}"), "the certificate was not renewed: the old one stays in use");
            }
        }
    }

    /// Renews what is near its end and serves it. What was written and is not served yet is
    /// remembered, so that the next look serves it.
    fn renew(&self, now: Timestamp, is_served: &mut bool) -> anyhow::Result<()> {
        let prepared = self.authority.make_or_keep(now);
        // What failed may have written something.
        *is_served &= matches!(prepared, Ok(Prepared::Kept));
        if prepared? == Prepared::NewAuthority {
            let file = self.authority.authority_files().certificate;
            tracing::warn!(
                authority = %file.display(),
                "there is a new authority, since the old one nears its end: clients have to be told to trust it"
            );
        }
        if *is_served {
            return Ok(());
        }
        self.tls
            .reload()
            .context("the new certificate cannot be loaded")?;
        *is_served = true;
        tracing::info!("the certificate was renewed");
        Ok(())
    }
}
