//! The page about all that protects an account.

use askama::Template;
use counterfoil_domain::second_factor::SecondFactor;
use counterfoil_domain::security::{Impersonation, SecurityOverview};
use counterfoil_domain::timestamp::Timestamp;

use super::events::EventRow;
use super::passkeys::{PasskeyRow, Row};
use crate::components::{Badge, Banner};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// From how many recovery codes on there are few.
const FEW_CODES: u64 = 3;

/// What protects an account, and what happened to it.
#[derive(Clone, Debug)]
pub struct Security<'a> {
    /// What is shown.
    pub overview: SecurityOverview,
    /// The passkeys, the newest first.
    pub passkeys: &'a [PasskeyRow<'a>],
    /// How many recovery codes are left, if there is a second factor.
    pub recovery_codes: Option<u64>,
}

#[derive(Template)]
#[template(path = "security/security.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Security,
    due: Option<Banner>,
    state: Badge,
    codes: Option<Codes>,
    recovery: Option<Recovery>,
    passkey_words: words::Passkeys,
    passkeys: Vec<Row<'a>>,
    acting: Vec<Acting<'a>>,
    events: Vec<EventRow>,
    refusals: Vec<EventRow>,
}

/// One-time codes that are on.
struct Codes {
    since: Text,
    last_used: Option<Text>,
}

struct Recovery {
    left: Text,
    are_few: bool,
}

struct Acting<'a> {
    maker: &'a str,
    since: Text,
    until: Option<Text>,
    used: Text,
}

impl View for Security<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Security(frame.language);
        let overview = &self.overview;
        let due = match overview.second_factor {
            SecondFactor::DueAt(at) => Some(due_banner(frame, at)),
            SecondFactor::There | SecondFactor::Optional | SecondFactor::OverdueSince(_) => None,
        };
        let codes = overview.codes.map(|codes| Codes {
            since: words.on_since(frame.date(codes.since)),
            last_used: codes.last_used_at.map(|at| words.last_used(frame.when(at))),
        });
        let recovery = self.recovery_codes.map(|count| Recovery {
            left: words.codes_in_hand(count),
            are_few: count <= FEW_CODES,
        });
        let state = if codes.is_some() || !self.passkeys.is_empty() {
            Badge::ok(words.on())
        } else {
            Badge::warn(words.off())
        };
        let rows = |events: &[counterfoil_domain::security::AccountEvent]| {
            let rows = events.iter().map(|event| EventRow::of(event, frame));
            rows.collect()
        };
        filled(&Page {
            layout: Layout::settings(frame, Entry::Security, words.title()),
            words,
            due,
            state,
            codes,
            recovery,
            passkey_words: words::Passkeys(frame.language),
            passkeys: self
                .passkeys
                .iter()
                .map(|row| Row::of(row, frame))
                .collect(),
            acting: overview
                .impersonations
                .iter()
                .map(|one| acting(one, frame))
                .collect(),
            events: rows(&overview.events),
            refusals: rows(&overview.refusals),
        })
    }
}

/// By when a second factor has to be there.
pub(super) fn due_banner(frame: &Frame<'_>, at: Timestamp) -> Banner {
    let words = words::Security(frame.language);
    Banner::warn(words.due_title(frame.date_and_time(at))).with(words.due_more())
}

fn acting<'a>(one: &'a Impersonation, frame: &Frame<'_>) -> Acting<'a> {
    let words = words::Security(frame.language);
    Acting {
        maker: one.maker.as_str(),
        since: words.acting_since(frame.date_and_time(one.since)),
        until: one
            .until
            .map(|at| words.acting_until(frame.date_and_time(at))),
        used: match one.last_used_at {
            Some(at) => words.acting_used(frame.when(at)),
            None => words.acting_unused(),
        },
    }
}
