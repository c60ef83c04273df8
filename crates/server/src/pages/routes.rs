//! The routes of the pages.

use super::{assets, confirm, home, sessions, sign_in};
use crate::route::{Route, routes};

pub(super) static ROUTES: &[Route] = routes! {
    GET "/" => -, Visitor, -, Unlimited, home::home;
    GET "/assets/{name}" => -, Visitor, -, Unlimited, assets::asset;
    GET "/login" => -, Visitor, -, Unlimited, sign_in::show;
    POST "/login" => -, Visitor, SessionStarted, Unlimited, sign_in::sign_in;
    GET "/login/code" => -, Visitor, -, Unlimited, sign_in::show_code;
    POST "/login/code" => -, Visitor, SessionStarted, Unlimited, sign_in::give_code;
    GET "/login/recovery" => -, Visitor, -, Unlimited, sign_in::show_recovery;
    POST "/login/recovery" => -, Visitor, SessionStarted, Unlimited, sign_in::give_recovery_code;
    GET "/login/confirm" => -, Session, -, Unlimited, confirm::show;
    POST "/login/confirm" => -, Session, SessionConfirmed, Unlimited, confirm::confirm;
    GET "/logout" => -, Session, -, Unlimited, sign_in::ask_to_sign_out;
    POST "/logout" => -, Session, SessionEnded, Unlimited, sign_in::sign_out;
    GET "/settings/sessions" => -, Session, -, Unlimited, sessions::list;
    POST "/settings/sessions/end" => -, FreshSession, SessionEnded, Unlimited, sessions::end;
    POST "/settings/sessions/end-others" => -, FreshSession, SessionEnded, Unlimited, sessions::end_others;
};
