//! How often a client was asked for a code lately. Being asked counts as no failure, but a client
//! that answers nothing and asks again as fast as it can must be stopped with something other than
//! the same question.

use std::collections::HashMap;
use std::time::Duration;

use counterfoil_domain::sign_in::SignInSubject;
use counterfoil_domain::timestamp::Timestamp;
use parking_lot::Mutex;

/// The time over which questions are counted.
const WINDOW: Duration = Duration::from_mins(1);
/// Pairs of login and address counted at a time. Beyond it counting starts anew, which asks once
/// more than it had to.
const MOST_PAIRS: usize = 10_000;

type Pair = (SignInSubject, String);

/// Counted in this process only: it protects the process, not the password.
#[derive(Default)]
pub(crate) struct CodePromptLimiter(Mutex<HashMap<Pair, Asked>>);

/// It was asked often enough for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyPrompts;

struct Asked {
    since: Timestamp,
    times: u32,
}

impl CodePromptLimiter {
    /// Counts one question, unless there were `most` within the window.
    pub(crate) fn ask(
        &self,
        subject: SignInSubject,
        address_key: &str,
        most: u32,
        now: Timestamp,
    ) -> Result<(), TooManyPrompts> {
        let mut pairs = self.0.lock();
        if pairs.len() >= MOST_PAIRS {
            pairs.retain(|_, asked| now.since(asked.since) < WINDOW);
        }
        if pairs.len() >= MOST_PAIRS {
            pairs.clear();
        }
        let pair = (subject, address_key.to_owned());
        let asked = pairs.entry(pair).or_insert(Asked {
            since: now,
            times: 0,
        });
        if now.since(asked.since) >= WINDOW {
            *asked = Asked {
                since: now,
                times: 0,
            };
        }
        if asked.times >= most {
            return Err(TooManyPrompts);
        }
        asked.times += 1;
        Ok(())
    }
}
