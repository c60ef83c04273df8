//! What became of sign-ins and of gateways' checks. Each outcome has its place from the start, so
//! that counting one is an addition.

use super::shard::Counters;

/// Declares outcomes with their words, in the order of their places.
macro_rules! outcomes {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[$about])* $variant,)+
        }

        impl $name {
            pub(crate) const ALL: &'static [&'static str] = &[$($word),+];
        }
    };
}

outcomes! {
    /// What became of a sign-in with a password or a passkey.
    SignInOutcome {
        Accepted = "accepted",
        WrongPassword = "wrong_password",
        WrongPasskey = "wrong_passkey",
        CodeRequired = "code_required",
        Suspended = "suspended",
        SecondFactorOverdue = "second_factor_overdue",
        Locked = "locked",
        Unavailable = "unavailable",
    }
}

outcomes! {
    /// What a gateway was told.
    GatewayOutcome {
        Allowed = "allowed",
        /// The client sent no token.
        NoToken = "no_token",
        /// What it sent has not the form of one.
        IllFormed = "ill_formed",
        /// It sent several.
        Ambiguous = "ambiguous",
        UnknownToken = "unknown_token",
        MissingScope = "missing_scope",
        OtherApp = "other_app",
        OtherPerson = "other_person",
        Suspended = "suspended",
        /// The gateway asks for nothing that can be understood.
        BadRequest = "bad_request",
        UnknownRule = "unknown_rule",
        Unavailable = "unavailable",
    }
}

/// Counts of both.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    sign_ins: Counters<{ SignInOutcome::ALL.len() }>,
    gateway: Counters<{ GatewayOutcome::ALL.len() }>,
}

impl Outcomes {
    pub(super) fn count_sign_in(&self, outcome: SignInOutcome) {
        self.sign_ins.add(outcome as usize, 1);
    }

    pub(super) fn count_gateway(&self, outcome: GatewayOutcome) {
        self.gateway.add(outcome as usize, 1);
    }

    /// Each outcome of sign-ins, those that never came among them.
    pub(super) fn sign_ins(&self) -> impl Iterator<Item = (Labels, u64)> {
        labelled(SignInOutcome::ALL, self.sign_ins.sums())
    }

    /// Each outcome of gateways' checks, likewise.
    pub(super) fn gateway(&self) -> impl Iterator<Item = (Labels, u64)> {
        labelled(GatewayOutcome::ALL, self.gateway.sums())
    }
}

/// A label with its value.
pub(super) type Labels = [(&'static str, &'static str); 1];

fn labelled<const N: usize>(
    words: &'static [&'static str],
    counts: [u64; N],
) -> impl Iterator<Item = (Labels, u64)> {
    words
        .iter()
        .zip(counts)
        .map(|(word, count)| ([("outcome", *word)], count))
}
