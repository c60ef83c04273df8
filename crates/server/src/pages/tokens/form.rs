//! What the forms of tokens send, and what is wrong with it.

use counterfoil_authority::ForAdministrators;
use counterfoil_domain::authorization::{CreationRefused, NameTaken};
use counterfoil_domain::expiry_offer::{ExpiryOffer, ExpiryRefused};
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::text::{Note, TextRefused};
use counterfoil_domain::token::TokenFormats;
use counterfoil_domain::token_life::WantedLife;
use counterfoil_html::tokens::{ExpiryProblem, Limit, NameProblem, TokenForm, TokenProblems};

use crate::pages::fields::Fields;
use crate::pages::pasted::holds_token;

/// What was sent, to be shown again.
pub(super) fn sent(fields: &Fields) -> TokenForm {
    TokenForm {
        name: fields.text("name").to_owned(),
        expiry: fields.text("expires").to_owned(),
        last_day: fields.text("last-day").to_owned(),
        scopes: fields.all("scope").filter_map(Scope::find).collect(),
    }
}

/// What a link fills in: a name and scopes, and of those never what is for administrators. A name
/// that holds a token is not repeated.
pub(super) fn prefilled(query: &Fields, formats: &TokenFormats) -> TokenForm {
    let name = Note::parse(query.text("description").trim());
    let name = name
        .ok()
        .filter(|name| !holds_token(name.as_str(), formats));
    let named = query.text("scopes").split([',', ' ']);
    let scopes = named.filter_map(|name| Scope::find(name.trim()));
    TokenForm {
        name: name.map_or(String::new(), |name| name.as_str().to_owned()),
        scopes: scopes
            .filter(|scope| !scope.is_for_administrators())
            .collect(),
        ..TokenForm::default()
    }
}

/// The name, if it is one.
pub(super) fn name(form: &TokenForm, problems: &mut TokenProblems) -> Option<Note> {
    let text = form.name.trim();
    let problem = if text.is_empty() {
        NameProblem::Missing
    } else {
        match Note::parse(text) {
            Ok(name) => return Some(name),
            Err(TextRefused::TooLong) => NameProblem::TooLong,
            Err(TextRefused::Control) => NameProblem::Control,
        }
    };
    problems.name = Some(problem);
    None
}

/// The lifetime, if it is one that is offered.
pub(super) fn life(
    form: &TokenForm,
    offer: &ExpiryOffer,
    problems: &mut TokenProblems,
) -> Option<WantedLife> {
    let read = offer.read(&form.expiry, &form.last_day);
    let problem = match read {
        Ok(life) => return Some(life),
        Err(ExpiryRefused::NoChoice) => ExpiryProblem::NoChoice,
        Err(ExpiryRefused::NoSuchDay) => ExpiryProblem::NoSuchDay,
    };
    problems.expiry = Some(problem);
    None
}

/// The scopes, without those that others include.
pub(super) fn scopes(form: &TokenForm) -> ScopeSet {
    ScopeSet::from_scopes(form.scopes.iter().copied())
}

/// Another token has the name.
pub(super) fn name_taken(_: NameTaken) -> TokenProblems {
    TokenProblems {
        name: Some(NameProblem::Taken),
        ..TokenProblems::default()
    }
}

pub(super) fn for_administrators(refused: ForAdministrators) -> TokenProblems {
    TokenProblems {
        for_administrators: refused.0,
        ..TokenProblems::default()
    }
}

/// What the settings allow became less while the form was filled in.
pub(super) fn lives_too_long() -> TokenProblems {
    TokenProblems {
        expiry: Some(ExpiryProblem::NoChoice),
        ..TokenProblems::default()
    }
}

pub(super) fn limited(limit: Limit) -> TokenProblems {
    TokenProblems {
        limit: Some(limit),
        ..TokenProblems::default()
    }
}

/// Why no token was made; nothing where it is no longer the form's matter.
pub(super) fn not_made(refused: CreationRefused) -> Option<TokenProblems> {
    match refused {
        CreationRefused::NameTaken(taken) => Some(name_taken(taken)),
        CreationRefused::TooManyTokens { limit } => Some(limited(Limit::LiveTokens(limit))),
        CreationRefused::TooManyOnPages(made) => Some(limited(Limit::MadeInAnHour(made.limit))),
        CreationRefused::EmailUnverified => Some(limited(Limit::UnverifiedAddress)),
        // The bound on tokens of apps holds for none of these, and neither is one given.
        CreationRefused::OwnerGone
        | CreationRefused::AppGone
        | CreationRefused::TokenKnown
        | CreationRefused::TooManyThisHour { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_fills_in_name_and_scopes_but_none_for_administrators() {
        let link = b"description=deploy-bot+on+ci-3&scopes=repo,read:org%20site_admin,no_such,read:enterprise";
        let form = prefilled(
            &Fields::parse(link).expect("a query"),
            &TokenFormats::default(),
        );
        assert_eq!(form.name, "deploy-bot on ci-3");
        let names: Vec<_> = form.scopes.iter().map(|scope| scope.name()).collect();
        assert_eq!(names, ["repo", "read:org"]);
        let strange = format!("description={}", "a".repeat(256));
        let form = prefilled(
            &Fields::parse(strange.as_bytes()).expect("a query"),
            &TokenFormats::default(),
        );
        assert_eq!(form, TokenForm::default());
        let pasted = b"description=of+ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        let form = prefilled(
            &Fields::parse(pasted).expect("a query"),
            &TokenFormats::default(),
        );
        assert_eq!(form, TokenForm::default());
    }

    #[test]
    fn a_name_is_refused_for_what_is_wrong_with_it() {
        let problem = |name: &str| {
            let form = TokenForm {
                name: name.to_owned(),
                ..TokenForm::default()
            };
            let mut problems = TokenProblems::default();
            let read = super::name(&form, &mut problems);
            assert_eq!(read.is_none(), problems.name.is_some());
            problems.name
        };
        assert_eq!(problem("  laptop "), None);
        assert_eq!(problem(" \t"), Some(NameProblem::Missing));
        assert_eq!(problem(&"a".repeat(256)), Some(NameProblem::TooLong));
        assert_eq!(problem("a\u{202e}b"), Some(NameProblem::Control));
    }
}
