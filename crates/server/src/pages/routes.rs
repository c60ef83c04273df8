//! The routes of the pages.

use super::security::{self, password, recovery_codes, two_factor};
use super::tokens::{delete, edit, list, make};
use super::{
    addresses, assets, confirm, enrolment, forgotten, home, links, profile, sessions, sign_in,
};
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
    POST "/login/enrolment" => -, Session, LinkRequested, Unlimited, enrolment::ask;
    GET "/login/forgotten" => -, Visitor, -, Unlimited, forgotten::show;
    POST "/login/forgotten" => -, Visitor, -, Unlimited, forgotten::send;
    GET "/link" => -, Visitor, -, Unlimited, links::show;
    POST "/link" => -, Visitor, LinkUsed, Unlimited, links::send;
    GET "/link/done" => -, Visitor, -, Unlimited, links::done;
    GET "/link/{code}" => -, Visitor, -, Unlimited, links::open;
    GET "/logout" => -, Session, -, Unlimited, sign_in::ask_to_sign_out;
    POST "/logout" => -, Session, SessionEnded, Unlimited, sign_in::sign_out;
    GET "/settings/profile/addresses" => -, Session, -, Unlimited, addresses::list;
    POST "/settings/profile/addresses" => -, FreshSession, LinkRequested, Unlimited, addresses::add;
    POST "/settings/profile/addresses/choose" => -, FreshSession, EmailChosen, Unlimited, addresses::choose;
    POST "/settings/profile/addresses/remove" => -, FreshSession, EmailRemoved, Unlimited, addresses::remove;
    GET "/settings/sessions" => -, Session, -, Unlimited, sessions::list;
    POST "/settings/sessions/end" => -, FreshSession, SessionEnded, Unlimited, sessions::end;
    POST "/settings/sessions/end-others" => -, FreshSession, SessionEnded, Unlimited, sessions::end_others;
    GET "/settings/profile" => -, Session, -, Unlimited, profile::show;
    POST "/settings/profile" => -, Session, UserChanged, Unlimited, profile::save;
    GET "/settings/security" => -, Session, -, Unlimited, security::show;
    GET "/settings/security/password" => -, FreshSession, -, Unlimited, password::show;
    POST "/settings/security/password" => -, FreshSession, UserPasswordChanged, Unlimited, password::change;
    GET "/settings/security/recovery-codes" => -, Session, -, Unlimited, recovery_codes::show;
    POST "/settings/security/recovery-codes" => -, FreshSession, RecoveryCodesReplaced, Unlimited, recovery_codes::replace;
    POST "/settings/security/recovery-codes/file" => -, Session, -, Unlimited, recovery_codes::file;
    POST "/settings/security/recovery-codes/saved" => -, Session, -, Unlimited, recovery_codes::saved;
    GET "/settings/security/two-factor" => -, Session, -, Unlimited, two_factor::show;
    POST "/settings/security/two-factor" => -, FreshSession, OtpEnrolmentBegun, Unlimited, two_factor::begin;
    POST "/settings/security/two-factor/confirm" => -, FreshSession, OtpEnabled, Unlimited, two_factor::confirm;
    GET "/settings/security/two-factor/off" => -, Session, -, Unlimited, two_factor::ask_to_turn_off;
    POST "/settings/security/two-factor/off" => -, FreshSession, OtpDisabled, Unlimited, two_factor::turn_off;
    GET "/settings/tokens" => -, Session, -, Unlimited, list::list;
    GET "/settings/tokens/delete-all" => -, Session, -, Unlimited, delete::show_all;
    POST "/settings/tokens/delete-all" => -, FreshSession, AuthorizationRevoked, Unlimited, delete::delete_all;
    GET "/settings/tokens/new" => -, Session, -, Unlimited, make::show_new;
    POST "/settings/tokens/new" => -, FreshSession, AuthorizationCreated, Unlimited, make::make;
    GET "/settings/tokens/{token_id}" => -, Session, -, Unlimited, edit::show;
    POST "/settings/tokens/{token_id}" => -, Session, AuthorizationChanged, Unlimited, edit::edit;
    GET "/settings/tokens/{token_id}/delete" => -, Session, -, Unlimited, delete::show;
    POST "/settings/tokens/{token_id}/delete" => -, Session, AuthorizationRevoked, Unlimited, delete::delete;
    GET "/settings/tokens/{token_id}/regenerate" => -, Session, -, Unlimited, make::show_regenerate;
    POST "/settings/tokens/{token_id}/regenerate" => -, FreshSession, AuthorizationReset, Unlimited, make::regenerate;
};
