//! What the process that opens a store brings to it once it knows: the rule and the clock by which
//! tokens are judged, and the key under which its audit events are vouched for.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use counterfoil_domain::audit::form::AuditKey;
use counterfoil_domain::mail::MailBounds;
use parking_lot::RwLock;

use crate::error::StoreError;
use crate::liveness::Liveness;

/// See the module. Cheap to clone: every connection has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    pub(crate) liveness: Liveness,
    pub(crate) shared: Arc<Shared>,
}

/// What all connections of a store have together.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    audit_key: RwLock<Option<Arc<AuditKey>>>,
    mail: RwLock<Option<MailBounds>>,
    /// How many statements they have run.
    pub(crate) statements: AtomicU64,
}

impl Context {
    /// See [`crate::Store::vouch_by`].
    pub(crate) fn vouch_by(&self, key: AuditKey) {
        *self.shared.audit_key.write() = Some(Arc::new(key));
    }

    /// See [`crate::Store::send_mail_within`].
    pub(crate) fn send_mail_within(&self, bounds: MailBounds) {
        *self.shared.mail.write() = Some(bounds);
    }

    /// Whether mail is sent, so that users are told of what happens by it.
    pub(crate) fn sends_mail(&self) -> bool {
        self.shared.mail.read().is_some()
    }

    /// How much mail there may be.
    pub(crate) fn mail_bounds(&self) -> MailBounds {
        self.shared.mail.read().unwrap_or_default()
    }

    /// The key under which events are vouched for.
    pub(crate) fn audit_key(&self) -> Result<Arc<AuditKey>, StoreError> {
        let key = self.shared.audit_key.read();
        key.clone().ok_or(StoreError::NoAuditKey)
    }
}
