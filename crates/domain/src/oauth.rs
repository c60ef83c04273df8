//! The web application flow and the device flow (wire contract, sections 22, 23 and 24): what
//! an app may ask of a user, where the answer goes, and what a code and a refresh token are good
//! for.

mod code;
mod consent;
mod device;
mod pkce;
mod redirect;
mod refresh;

pub use crate::oauth::code::{
    AuthorizationCode, CODE_LIVES, CodeDigest, CodeReplay, IssuedCode, MOST_LIVE_CODES, Proofs,
    Redemption, WrongProof, judge,
};
pub use crate::oauth::consent::{
    AppRequest, ConsentNeed, EarlierConsent, GivenScopes, MOST_REQUESTS, MOST_USERS_COUNTED,
    REQUEST_LIVES, RequestHandle, State, WhatWasAsked, allowed_before, consent_need,
};
pub use crate::oauth::device::{
    DEVICE_CODE_LIVES, DeviceAnswer, DeviceCode, MOST_DEVICES_WAITING, POLL_INTERVAL, PollRefused,
    PollVerdict, PolledDevice, SLOWED_BY, UserCode, UserCodeDigest, WaitingDevice, judge_poll,
};
pub use crate::oauth::pkce::{CodeChallenge, CodeChallengeRefused};
pub use crate::oauth::redirect::{ChosenRedirect, Destination, RedirectMismatch, RedirectUri};
pub use crate::oauth::refresh::{
    ClientStanding, ExpiringLife, KeptRefreshToken, RefreshAttempt, RefreshToken, judge_refresh,
};
