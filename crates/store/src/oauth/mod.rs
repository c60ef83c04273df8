//! The web application flow and the device flow: what a page shows before a user answers, the
//! answer, and the token for a code or for a device that was let in.

mod answer;
mod asking;
mod clean;
mod device;
mod redeem;
mod requests;

pub use self::answer::{AnswerRefused, NewCode};
pub use self::asking::{AskingApp, WhatStands};
pub use self::clean::RemovedFlows;
pub use self::device::{DeviceAsked, DeviceRedemption, PollAnswer};
pub use self::redeem::{CodeRedemption, Redeemed};
pub use self::requests::FoundRequest;
pub(crate) use self::requests::forget_all as forget_all_requests;

/// Every statement about the flow, but those about codes.
#[cfg(test)]
pub(crate) const STATEMENTS: [&[crate::statement::Statement]; 4] = [
    answer::STATEMENTS,
    asking::STATEMENTS,
    redeem::STATEMENTS,
    requests::STATEMENTS,
];
