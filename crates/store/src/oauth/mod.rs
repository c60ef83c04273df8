//! The web application flow and the device flow: what a page shows before a user answers, the
//! answer, and the token for a code, for a device that was let in, or for a refresh token.

mod answer;
mod asking;
mod clean;
mod device;
mod finish;
mod redeem;
mod refresh;
mod requests;

pub use self::answer::{AnswerRefused, ReuseRefused};
pub use self::asking::{AskingApp, ReusedConsent, WhatStands};
pub use self::clean::RemovedFlows;
pub use self::device::{DeviceAsked, DeviceRedemption};
pub use self::finish::FlowResult;
pub use self::redeem::{CodeRedemption, Redeemed};
pub use self::refresh::{Refreshed, TokenRefresh};
pub use self::requests::FoundRequest;
pub(crate) use self::requests::{
    forget_all as forget_all_requests, forget_all_of_app as forget_requests_of_app,
};

/// Every statement about the flow, but those about codes.
#[cfg(test)]
pub(crate) const STATEMENTS: [&[crate::statement::Statement]; 5] = [
    answer::STATEMENTS,
    asking::STATEMENTS,
    redeem::STATEMENTS,
    refresh::STATEMENTS,
    requests::STATEMENTS,
];
