//! The REST API, a module for each endpoint and for each rule that holds for all of them.

/// Compares an answer with the file in `tests/snapshots` that has the test's name.
macro_rules! assert_answer {
    ($answer:expr) => {{
        let shown = $answer.snapshot();
        insta::with_settings!({ snapshot_path => "../snapshots", omit_expression => true }, {
            insta::assert_snapshot!(shown);
        });
    }};
}

mod admin_tokens;
mod admin_users;
mod administrators_scopes;
mod app_grants;
mod app_tokens;
mod app_tokens_refused;
mod apps_of_suspended_owners;
mod apps_without_users;
mod authorizations_create;
mod authorizations_create_rules;
mod authorizations_delete;
mod authorizations_get_or_create;
mod authorizations_limits;
mod authorizations_list;
mod authorizations_scopes;
mod authorizations_update;
mod bad_input;
mod bad_texts;
mod conditional;
mod credentials;
mod credentials_ended;
mod errors;
mod errors_of_bodies;
mod forms;
mod forwarded;
mod grants;
mod graphql;
mod headers;
mod impersonation;
mod legacy_token_urls;
mod lockout;
mod lockout_bounds;
mod lockout_codes;
mod locks;
mod member_filters;
mod negotiation;
mod not_found;
mod official_description;
mod organization_owners;
mod organizations;
mod organizations_by_id;
mod origins;
mod pagination;
mod passkeys;
mod password_memory;
mod password_queue;
mod private_mode;
mod rate_limits;
mod refusal_time;
mod refused_requests;
mod root;
mod second_factor_required;
mod standing;
mod teams;
mod token_credentials;
mod token_life;
mod two_factor;
mod user;
mod users;
mod write_limit;
