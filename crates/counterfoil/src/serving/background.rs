//! What a server does beside requests.

use counterfoil_authority::Authority;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::acme::Acme;
use crate::mail::Smtp;
use crate::service_manager;
use crate::serving::renewal::Renewal;

/// What is done beside requests: each a task of its own, so that nothing that one of them waits for
/// holds up the other.
pub(super) struct Background {
    looking_after: JoinHandle<()>,
    following: JoinHandle<()>,
    watchdog: JoinHandle<()>,
    /// None where no mail is sent.
    sending: Option<JoinHandle<()>>,
    /// None where no certificate is ordered.
    ordering: Option<JoinHandle<()>>,
    /// None where no certificate is under an authority of our own.
    renewing: Option<JoinHandle<()>>,
}

/// Who does what not every server does.
pub(super) struct Helpers {
    /// The way to the mail server.
    pub(super) smtp: Option<Smtp>,
    /// Whoever orders certificates.
    pub(super) acme: Option<Acme>,
    /// Whoever renews those of our own authority.
    pub(super) renewal: Option<Renewal>,
}

impl Background {
    pub(super) fn start(
        authority: &Authority,
        stopped: &watch::Receiver<()>,
        workers: Vec<Handle>,
        helpers: Helpers,
    ) -> Self {
        let Helpers {
            smtp,
            acme,
            renewal,
        } = helpers;
        let until = until_stopped(stopped.clone());
        let sending = smtp.map(|smtp| {
            let (sender, until) = (authority.clone(), until_stopped(stopped.clone()));
            tokio::spawn(async move { sender.send_mail(&smtp, until).await })
        });
        let ordering = acme.map(|acme| {
            let until = until_stopped(stopped.clone());
            tokio::spawn(acme.run(authority.clone(), until))
        });
        let renewing = renewal.map(|renewal| {
            let until = until_stopped(stopped.clone());
            tokio::spawn(renewal.run(authority.clone(), until))
        });
        let (looking_after, following) = (authority.clone(), authority.clone());
        Self {
            looking_after: tokio::spawn(async move { looking_after.look_after(until).await }),
            following: tokio::spawn(async move { following.keep_up().await }),
            watchdog: tokio::spawn(service_manager::feed_watchdog(workers)),
            sending,
            ordering,
            renewing,
        }
    }

    /// Once the server was told to stop.
    pub(super) async fn end(self, authority: &Authority) {
        // It ends by itself, and it never panics.
        let _ = self.looking_after.await;
        if let Some(sending) = self.sending {
            // A letter that is under way is finished.
            let _ = sending.await;
        }
        if let Some(ordering) = self.ordering {
            // An order that is under way is left behind.
            let _ = ordering.await;
        }
        if let Some(renewing) = self.renewing {
            // It ends by itself.
            let _ = renewing.await;
        }
        authority.finish().await;
        self.following.abort();
        self.watchdog.abort();
    }
}

/// Returns when the server was told to stop.
pub(super) async fn until_stopped(mut stopped: watch::Receiver<()>) {
    // Nothing is ever sent: the wait ends when the sender is dropped.
    while stopped.changed().await.is_ok() {}
}
