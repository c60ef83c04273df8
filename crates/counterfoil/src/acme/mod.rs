//! Certificates by ACME (RFC 8555): orders one where there is none, and another one in time, while
//! the server serves. What fails leaves the certificate that is in use where it is.
//!
//! Only a server on a file of its own orders (decision 58): the settings refuse the rest.

mod client;
mod folder;
mod order;
mod schedule;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use counterfoil_authority::Authority;
use counterfoil_domain::entropy::random_bytes;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_server::listen::{OrderOutcome, TlsReloader, TlsSource, names_beside};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use self::client::Client;
pub(crate) use self::folder::AcmeFolder;
use self::order::{ExternalAccount, OrderFailed, Wanted};
use self::schedule::{Orders, Throttle, renewal, unfit};
use crate::clock::SystemEntropy;
use crate::config::{Settings, account_key};
use crate::outgoing;

/// How often is looked whether it is time.
const LOOK: Duration = Duration::from_secs(1);
/// How long a whole order may take.
const ORDER_TIME: Duration = Duration::from_mins(5);
/// What of an authority's words is told further.
const TOLD: usize = 300;

/// Orders certificates.
pub(crate) struct Acme {
    wanted: Wanted,
    client: Client,
    folder: AcmeFolder,
    /// The certificate in use.
    file: PathBuf,
    tls: Arc<TlsReloader>,
    orders: Orders,
    /// When the certificate is to be renewed; none where it is to be ordered at once.
    renew_at: Option<Timestamp>,
    hurried: Arc<Notify>,
}

impl Acme {
    /// Whoever orders for this server; none if the settings say that nobody does.
    pub(crate) fn of(
        settings: &Settings,
        tls: Option<&Arc<TlsReloader>>,
    ) -> anyhow::Result<Option<Self>> {
        let (Some(directory), Some(TlsSource::Ordered(file)), Some(tls)) =
            (&settings.acme.directory_url, settings.tls_source(), tls)
        else {
            return Ok(None);
        };
        let folder = AcmeFolder::at(settings.acme_folder());
        folder.open_or_make()?;
        let id = settings.acme.external_account_id.clone();
        let key = settings.acme_account_key.as_ref().and_then(account_key);
        let contact = settings.acme.contact.as_ref();
        let wanted = Wanted {
            directory: directory.to_string(),
            names: settings.ordered_names(),
            contact: contact.map(|contact| format!("mailto:{}", contact.as_str())),
            external: id.zip(key).map(|(id, key)| ExternalAccount { id, key }),
        };
        let authorities = settings.acme.tls_ca_file.as_deref();
        let connector =
            outgoing::connector(authorities, "acme.directory_url").context("acme.tls_ca_file")?;
        let mut acme = Self {
            wanted,
            client: Client::new(connector),
            orders: folder.orders()?,
            folder,
            file,
            tls: Arc::clone(tls),
            renew_at: None,
            hurried: Arc::default(),
        };
        acme.orders.turn_to(&acme.wanted.directory);
        acme.renew_at = acme.find_renewal();
        Ok(Some(acme))
    }

    /// Rung by whoever mended something, so that nothing rests longer than the authority wants.
    pub(crate) fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.hurried)
    }

    /// Orders whenever it is time, until `stopped` is done.
    pub(crate) async fn run(mut self, authority: Authority, stopped: impl Future<Output = ()>) {
        tokio::pin!(stopped);
        let hurried = self.bell();
        if !self.tls.has_certificate() {
            tracing::warn!(
                names = self.wanted.names.join(", "),
                directory = self.wanted.directory,
                "there is no certificate yet: clients are refused until the one is here that is ordered now"
            );
        }
        loop {
            tokio::select! {
                () = &mut stopped => return,
                () = hurried.notified() => {
                    self.orders.hurry();
                    self.renew_at = self.find_renewal();
                }
                () = sleep(LOOK) => {}
            }
            let now = authority.now();
            if self.renew_at.is_some_and(|at| now < at) || !self.orders.may_go_out(now) {
                continue;
            }
            tokio::select! {
                () = &mut stopped => return,
                () = self.order(&authority) => {}
            }
        }
    }

    /// Places one order, and sees to what comes of it.
    async fn order(&mut self, authority: &Authority) {
        self.orders.go_out(authority.now());
        let outcome = match self.folder.keep_orders(&self.orders) {
            // One that is not remembered would not count after a restart.
            Err(error) => Err(OrderFailed::Files(error)),
            Ok(()) => self.fetch(authority.now()).await,
        };
        self.tls.forget_challenges();
        let told_to_wait = self.client.take_told_to_wait();
        match outcome {
            Ok(()) => self.take_over(authority.now()),
            Err(error) => {
                let throttle = match told_to_wait {
                    Some(wait) => Throttle::For(wait),
                    None if error.is_rate_limited() => Throttle::TooMuch,
                    None => Throttle::No,
                };
                self.note_failure(&error, throttle, authority.now());
            }
        }
        if let Err(error) = self.folder.keep_orders(&self.orders) {
            tracing::error!(cause = %format!("{error:#}"), "what became of an order is not written down");
        }
    }

    /// Orders, looks at what is given, and puts it where the certificate in use is.
    async fn fetch(&self, now: Timestamp) -> Result<(), OrderFailed> {
        let order = self.wanted.order(&self.client, &self.folder, &self.tls);
        let Ok(ordered) = timeout(ORDER_TIME, Box::pin(order)).await else {
            let error = anyhow::anyhow!("the authority was not done in time");
            return Err(OrderFailed::Files(error));
        };
        let given = self.folder.keep_given(&ordered?)?;
        if let Err(error) = self.look_at(&given, now) {
            // It holds a key that is of no use.
            drop(fs::remove_file(&given));
            return Err(OrderFailed::Files(error));
        }
        let moved = fs::rename(&given, &self.file);
        moved.with_context(|| format!("cannot write {}", self.file.display()))?;
        self.tls.reload()?;
        Ok(())
    }

    /// Refuses a certificate that clients would refuse: it must not take the place of one that
    /// serves.
    fn look_at(&self, given: &Path, now: Timestamp) -> anyhow::Result<()> {
        let loaded = TlsReloader::new(TlsSource::Ordered(given.to_owned()))
            .context("what the authority gave cannot be used")?;
        let life = loaded
            .life()
            .context("what the authority gave does not say from when to when it is valid")?;
        if let Some(why) = unfit(life, self.tls.life(), now) {
            anyhow::bail!("what the authority gave {why}");
        }
        match self.first_missing(given) {
            Some(name) => anyhow::bail!("what the authority gave is not for {name}"),
            None => Ok(()),
        }
    }

    /// A name that the certificate in this file is not for.
    fn first_missing(&self, file: &Path) -> Option<&String> {
        let is_for = |name: &str| matches!(names_beside(file, name), Ok(None));
        self.wanted.names.iter().find(|name| !is_for(name))
    }

    fn take_over(&mut self, now: Timestamp) {
        self.orders.succeed(now, self.wanted.directory.clone());
        self.renew_at = self.find_renewal();
        self.count(OrderOutcome::Issued);
        let ends = self.tls.expires_at().map(Timestamp::from_seconds);
        tracing::info!(
            names = self.wanted.names.join(", "),
            valid_until = ends.map(|ends| ends.to_string()),
            renewed_from = self.renew_at.map(|at| at.to_string()),
            "the certificate that was ordered is in use"
        );
    }

    fn note_failure(&mut self, error: &OrderFailed, throttle: Throttle, now: Timestamp) {
        let [random] = random_bytes(&SystemEntropy);
        let cause = in_one_line(&error.to_string());
        self.orders.fail(now, throttle, cause.clone(), random);
        self.count(if throttle == Throttle::No {
            OrderOutcome::Failed
        } else {
            OrderOutcome::Throttled
        });
        let ends = self.tls.expires_at().map(Timestamp::from_seconds);
        tracing::error!(
            directory = self.wanted.directory,
            cause,
            next_order = %self.orders.next(),
            certificate_until = ends.map(|ends| ends.to_string()),
            "a certificate was ordered in vain: what is in use stays in use"
        );
    }

    fn count(&self, outcome: OrderOutcome) {
        if let Some(orders) = self.tls.orders() {
            orders.count(outcome);
        }
    }

    /// When what is in use is to be renewed; none if it is not what is wanted.
    fn find_renewal(&self) -> Option<Timestamp> {
        let life = self.tls.life()?;
        let is_from_here = self.orders.directory.as_ref() == Some(&self.wanted.directory);
        if !is_from_here || self.first_missing(&self.file).is_some() {
            return None;
        }
        let [random] = random_bytes(&SystemEntropy);
        Some(renewal(life, random))
    }
}

/// What others said, as it can stand in a line of the log and on a terminal.
fn in_one_line(said: &str) -> String {
    let plain = said
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut told: String = plain.take(TOLD).collect();
    if said.chars().count() > TOLD {
        told.push('…');
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_authority_says_is_told_in_one_line_of_bounded_length() {
        assert_eq!(in_one_line("no\u{1b}[31m\nmore"), "no [31m more");
        let long = in_one_line(&"é".repeat(1000));
        assert_eq!(long.chars().count(), TOLD + 1);
    }
}
