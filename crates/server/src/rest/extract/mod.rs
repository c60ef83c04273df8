//! What handlers of the REST API take: each extractor parses and refuses, so that a handler holds
//! only what is valid and allowed.

mod administrator;
mod app_caller;
mod caller;
mod current_rate;
mod list;
mod path;

pub(crate) use administrator::Administrator;
pub(crate) use app_caller::{AppCaller, AppCallerInPath};
pub(crate) use caller::{Caller, OptionalCaller, PasswordCaller};
pub(crate) use current_rate::CurrentRate;
pub(crate) use list::List;
pub(crate) use path::{
    PathAccountId, PathId, PathLogin, PathMember, PathOrganization, PathTeam, PathTeamMember,
    PathText, PathTexts,
};

pub(crate) use crate::json_body::{JsonObject, NullableObject};
