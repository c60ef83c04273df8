//! The pages that apps and devices lead people to: may it have access, and why it may not ask.

mod consent;
mod device;
mod problem;
#[cfg(test)]
mod samples;

pub use consent::{Consent, ConsentApp};
pub use device::{DeviceCodeProblem, DeviceConfirm, DeviceDone, DeviceEntry, WhyWithheld};
pub use problem::{FlowProblem, FlowProblemPage, OtherAccount};
#[cfg(test)]
pub(crate) use samples::samples;

use counterfoil_domain::oauth::Destination;

use crate::stranger::Stranger;
use crate::text::Text;
use crate::words;

/// The words of a link that leads to where the app is.
fn back(words: words::Oauth, destination: Destination<'_>) -> Text {
    match destination {
        Destination::Host { name, .. } => words.back_to(Stranger(name)),
        Destination::ThisComputer => words.back_here(),
    }
}
