//! Worlds, actors with verbs, databases and a clock that tests move.
//!
//! A [`World`] is the real router over a real database of its own, in process, with time and
//! randomness that repeat. Every answer an actor gets is held against the official description of
//! the API, and against our own.

mod accounts;
mod actors;
mod answer;
mod authenticator;
mod clock;
mod described;
mod description;
mod deviations;
pub mod engine;
mod entropy;
mod folder;
mod forms;
pub mod installed;
mod keys;
mod organizations;
mod own_description;
mod passkey_device;
pub mod postgres;
pub mod process;
mod request;
mod rest_routes;
mod secrets;
mod stop_at_end;
mod unprivileged;
mod visitor;
mod world;

pub use crate::accounts::GivenToken;
pub use crate::actors::{AnonymousActor, AppActor, TokenActor, UserActor};
pub use crate::answer::Answer;
pub use crate::authenticator::{Authenticator, code_at};
pub use crate::clock::ManualClock;
pub use crate::described::{DescribedOperation, ParameterPlace, described};
pub use crate::description::Found;
pub use crate::deviations::{DEVIATIONS, Deviation};
pub use crate::engine::{Engine, TestDatabase};
pub use crate::entropy::RepeatableEntropy;
pub use crate::folder::TestFolder;
pub use crate::forms::PageForm;
pub use crate::keys::MemoryKeys;
pub use crate::own_description::OWN_DESCRIPTION;
pub use crate::passkey_device::{PasskeyDevice, Tampering};
pub use crate::request::RequestBuilder;
pub use crate::rest_routes::{REST_ROUTES, RestRoute};
pub use crate::stop_at_end::StopAtEnd;
pub use crate::visitor::Visitor;
pub use crate::world::{World, WorldOptions};
