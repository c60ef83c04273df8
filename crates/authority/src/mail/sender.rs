//! Sending what is in the outbox: by one process, the one that has the lease.

use std::time::Duration;

use counterfoil_domain::entropy::random_bytes;
use counterfoil_domain::link::LinkCode;
use counterfoil_domain::mail::next_try;
use counterfoil_domain::principal::Principal;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{DueMail, Lease, LeaseName, MadeMail, MailResult, MailToMake, StoreError};

use crate::authority::Authority;
use crate::mail::{Letter, LetterLink, MailError, Mailer};

/// For how long a process has the right to send. Whoever sends says again after each letter that it
/// is there, and a letter takes less.
const LEASE: Duration = Duration::from_secs(30);
/// How often is looked for mail that is due.
const LOOK: Duration = Duration::from_secs(1);
/// Mails that are looked at in one go.
const AT_ONCE: u32 = 32;
/// How long nothing is sent after a server could not be used: doubled with each time, from the
/// first to the longest.
const FIRST_REST: Duration = Duration::from_secs(5);
const LONGEST_REST: Duration = Duration::from_mins(1);

/// What the sender knows of its mail server.
#[derive(Debug, Default)]
pub struct MailServerState {
    /// How often in a row it could not be used.
    failures: u32,
    /// Until when nothing is sent.
    rests_until: Option<Timestamp>,
    /// The right to send, as it was last taken.
    lease: Option<Lease>,
}

impl MailServerState {
    fn rests(&self, now: Timestamp) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }

    fn note(&mut self, usable: bool, now: Timestamp) {
        if usable {
            self.failures = 0;
            self.rests_until = None;
            return;
        }
        let rest = FIRST_REST * 2_u32.pow(self.failures.min(8));
        self.failures = self.failures.saturating_add(1);
        self.rests_until = Some(now.plus(rest.min(LONGEST_REST)));
    }
}

impl Authority {
    /// Sends mail until `stopped` is done. Every process that serves and has a mail server runs one
    /// of these; one of them sends at a time. A failure is logged and tried again.
    pub async fn send_mail(&self, mailer: &dyn Mailer, stopped: impl Future<Output = ()>) {
        tokio::pin!(stopped);
        let mut server = MailServerState::default();
        loop {
            tokio::select! {
                () = &mut stopped => break,
                () = self.clock().pause(LOOK) => {}
            }
            // A letter that is under way is finished: it takes as long as its time-out at most.
            if let Err(error) = self.send_due(mailer, &mut server).await {
                tracing::error!(cause = %error.causes(), "mail was not sent");
            }
        }
        // Another node need not wait until it ends by itself.
        if let Some(lease) = server.lease
            && let Err(error) = self.store().give_up_lease(lease, self.now()).await
        {
            tracing::warn!(cause = %error.causes(), "the right to send mail ends by itself only");
        }
    }

    /// Sends what is due, if this process may. To be called again and again.
    pub async fn send_due(
        &self,
        mailer: &dyn Mailer,
        server: &mut MailServerState,
    ) -> Result<(), StoreError> {
        let now = self.now();
        if server.rests(now) {
            return Ok(());
        }
        let due = self.store().due_mails(now, AT_ONCE).await?;
        for mail in due {
            let Some(lease) = self
                .store()
                .take_lease(LeaseName::Mail, LEASE, self.now())
                .await?
            else {
                return Ok(());
            };
            server.lease = Some(lease);
            self.send_one(mailer, mail, lease, server).await?;
            if server.rests(self.now()) {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn send_one(
        &self,
        mailer: &dyn Mailer,
        due: DueMail,
        lease: Lease,
        server: &mut MailServerState,
    ) -> Result<(), StoreError> {
        let by = || self.attribute_to(&Principal::PROGRAM);
        let code = LinkCode::generate(self.entropy());
        let typed = due
            .typed
            .as_deref()
            .and_then(|sealed| self.open_typed(sealed));
        let ask = MailToMake {
            id: due.id,
            lease,
            typed: typed.map(|typed| typed.as_str().to_owned()),
            link: code.digest(),
            lives: self.settings().links,
        };
        let Some(made) = self.store().make_mail(ask, by()).await? else {
            return Ok(());
        };
        let sent = mailer.send(letter(made, code, self.now())).await;
        server.note(!matches!(sent, Err(MailError::Server(_))), self.now());
        let result = match sent {
            Ok(()) => MailResult::Sent,
            Err(MailError::Refused(said)) => {
                tracing::warn!(
                    mail.id = due.id.0,
                    cause = said,
                    "the mail server refuses a mail for good"
                );
                MailResult::GivenUp
            }
            Err(error @ (MailError::Later(_) | MailError::Server(_))) => {
                tracing::warn!(mail.id = due.id.0, cause = %error, "a mail was not sent");
                let [jitter] = random_bytes(self.entropy());
                next_try(due.made_at, due.tries + 1, self.now(), jitter)
                    .map_or(MailResult::GivenUp, MailResult::TryAgain)
            }
        };
        self.store().finish_mail(due.id, result, lease, by()).await
    }
}

fn letter(made: MadeMail, code: LinkCode, now: Timestamp) -> Letter {
    let link = made.expires_at.map(|until| LetterLink {
        code,
        life: until.since(now),
    });
    Letter {
        delivery: made.delivery,
        words: made.words,
        to: made.to,
        login: made.login,
        maker: made.maker,
        preferences: made.preferences,
        made_at: made.made_at,
        link,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_cannot_be_used_rests_for_longer_each_time_up_to_a_minute() {
        let now = Timestamp::from_seconds(1_000);
        let mut server = MailServerState::default();
        assert!(!server.rests(now));
        let mut rests = Vec::new();
        for _ in 0..6 {
            server.note(false, now);
            let until = server.rests_until.expect("it rests");
            rests.push(until.since(now).as_secs());
            assert!(server.rests(now) && !server.rests(until));
        }
        assert_eq!(rests, [5, 10, 20, 40, 60, 60]);
        server.note(true, now);
        assert!(!server.rests(now));
        server.note(false, now);
        assert_eq!(
            server.rests_until.map(|until| until.since(now).as_secs()),
            Some(5)
        );
    }
}
