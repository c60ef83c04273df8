//! What the trail is filtered by, as it is typed and as it stands in an address.

use counterfoil_authority::TrailQuery;
use counterfoil_domain::app::ClientId;
use counterfoil_domain::audit::Action;
use counterfoil_domain::login::Login;
use counterfoil_domain::moment::Moment;
use counterfoil_domain::time_zone::Zone;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token::TokenFormats;
use counterfoil_html::admin::audit::{FilterProblem, Filters};

use super::{DIGEST, PATH};
use crate::pages::fields::{Fields, digest};
use crate::pages::pasted::holds_token;

/// Most characters that are looked at of a field.
const LONGEST: usize = 255;
/// What was typed, but for the digest, and whether a token was among it, which is left out.
pub(super) fn typed(fields: &Fields, formats: &TokenFormats) -> (Filters, Option<FilterProblem>) {
    let is_pasted = |text: &str| holds_token(text, formats);
    let mut pairs = fields.pairs();
    // Where it is that of the digest, that field's own problem says so.
    let has_token = pairs.any(|(name, value)| is_pasted(name) || is_pasted(value))
        && !is_pasted(fields.text(DIGEST));
    let filters = Filters::of(|name| {
        let text: Vec<&str> = fields.all(name).map(str::trim).collect();
        let text: String = text.join(", ").chars().take(LONGEST).collect();
        if is_pasted(&text) {
            String::new()
        } else {
            text
        }
    });
    (filters, has_token.then_some(FilterProblem::Token))
}

/// What is said of a text in the place of a digest.
pub(super) fn refused(text: &str, formats: &TokenFormats) -> FilterProblem {
    if holds_token(text, formats) {
        FilterProblem::Token
    } else {
        FilterProblem::Digest
    }
}

/// The word of an address for what was left out of it.
pub(super) fn word_of(problem: FilterProblem) -> &'static str {
    match problem {
        FilterProblem::Token => "token",
        _ => "digest",
    }
}

/// See [`word_of`].
pub(super) fn of_word(word: &str) -> Option<FilterProblem> {
    match word {
        "token" => Some(FilterProblem::Token),
        "digest" => Some(FilterProblem::Digest),
        _ => None,
    }
}

/// The address of the page with these filters and something more.
pub(super) fn address(filters: &Filters, more: &[(&str, &str)]) -> String {
    let digest = (DIGEST, filters.token_digest.as_str());
    let digest = Some(digest).filter(|(_, digest)| !digest.is_empty());
    let given = filters.kept().into_iter().chain(digest);
    let pairs = given.chain(more.iter().copied());
    let query = Fields::of(pairs).encoded();
    if query.is_empty() {
        PATH.to_owned()
    } else {
        format!("{PATH}?{}", String::from_utf8_lossy(&query))
    }
}

/// What is asked for, or everything that is wrong with it.
pub(super) fn read(
    filters: &Filters,
    zone: &Zone,
    now: Timestamp,
) -> Result<TrailQuery, Vec<FilterProblem>> {
    let mut problems = Vec::new();
    let moment = |text: &str| Moment::parse(text, zone).map(|moment| moment.seen_from(now));
    let problems_of = &mut problems;
    let query = TrailQuery {
        since: parsed(&filters.since, moment, FilterProblem::Since, problems_of),
        until: parsed(&filters.until, moment, FilterProblem::Until, problems_of),
        actor: parsed(
            &filters.actor,
            |text| text.parse().ok(),
            FilterProblem::Actor,
            problems_of,
        ),
        user: parsed(&filters.user, login, FilterProblem::User, problems_of),
        app: parsed(
            &filters.app,
            |text| ClientId::parse(text).ok(),
            FilterProblem::App,
            problems_of,
        ),
        organization: parsed(
            &filters.organization,
            login,
            FilterProblem::Organization,
            problems_of,
        ),
        actions: parsed(&filters.action, actions, FilterProblem::Action, problems_of)
            .unwrap_or_default(),
        // No other text gets into the field.
        token: digest(&filters.token_digest),
        address: parsed(
            &filters.address,
            |text| text.parse().ok(),
            FilterProblem::Address,
            problems_of,
        ),
        request: parsed(
            &filters.request,
            |text| text.parse().ok(),
            FilterProblem::Request,
            problems_of,
        ),
    };
    if problems.is_empty() {
        Ok(query)
    } else {
        Err(problems)
    }
}

/// The value of a field; nothing if it is empty, or has a problem.
fn parsed<T>(
    text: &str,
    parse: impl FnOnce(&str) -> Option<T>,
    problem: FilterProblem,
    problems: &mut Vec<FilterProblem>,
) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    let value = parse(text);
    if value.is_none() {
        problems.push(problem);
    }
    value
}

fn login(text: &str) -> Option<Login> {
    Login::parse(text).ok()
}

/// Words of the trail, each of which is one of an action.
fn actions(text: &str) -> Option<Vec<String>> {
    let words = text.split(|letter: char| letter == ',' || letter.is_whitespace());
    let words = words.filter(|word| !word.is_empty());
    let known = words.map(|word| Action::find(word).map(|action| action.as_str().to_owned()));
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published form, with a checksum that holds: of the description of the API.
    const WHOLE: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

    fn read_typed(query: &str) -> (Filters, Option<FilterProblem>) {
        let fields = Fields::parse(query.as_bytes()).expect("a form");
        typed(&fields, &TokenFormats::default())
    }

    fn wrong(query: &str) -> Vec<FilterProblem> {
        let (filters, left_out) = read_typed(query);
        assert_eq!(left_out, None);
        let now = Timestamp::from_seconds(1_000_000_000);
        let read = read(&filters, &Zone::utc(), now);
        read.err().unwrap_or_default()
    }

    #[test]
    fn a_token_is_left_out_wherever_it_was_pasted() {
        for field in ["since", "actor", "user", "action", "address", "request"] {
            for token in [WHOLE, &WHOLE[..20], &format!("os_user:{WHOLE}")] {
                let (filters, left_out) = read_typed(&format!("{field}={token}&app=x"));
                assert_eq!(left_out, Some(FilterProblem::Token), "{field}: {token}");
                let address = address(&filters, &[]);
                assert_eq!(address, "/admin/audit?app=x", "{field}: {token}");
            }
        }
        let formats = TokenFormats::default();
        assert_eq!(refused(WHOLE, &formats), FilterProblem::Token);
        assert_eq!(refused("abc", &formats), FilterProblem::Digest);
    }

    #[test]
    fn each_filter_that_cannot_be_read_is_told() {
        let all =
            "since=x&until=x&actor=%3a&user=-&app=x&organization=-&action=x&address=x&request=x";
        let expected = [
            FilterProblem::Since,
            FilterProblem::Until,
            FilterProblem::Actor,
            FilterProblem::User,
            FilterProblem::App,
            FilterProblem::Organization,
            FilterProblem::Action,
            FilterProblem::Address,
            FilterProblem::Request,
        ];
        assert_eq!(wrong(all), expected);
        let right = "since=24h&until=2026-12-03&actor=os_user&user=mona&app=0123456789abcdef0123\
            &organization=acme&action=token.ended,+user.created&address=unix&request=7b1f4f0e7a645c0b9d5e0f6a1c2d3e4f";
        assert!(wrong(right).is_empty() && wrong("").is_empty());
    }

    #[test]
    fn an_address_leads_back_to_the_same_filters() {
        let typed =
            "since=2026-12-03+20%3a31&actor=user%3amona&action=token.ended&action=user.created";
        let (filters, _) = read_typed(typed);
        assert_eq!(filters.action, "token.ended, user.created");
        let address = address(&filters, &[("cursor", "AQ")]);
        let query = address.strip_prefix("/admin/audit?").expect("it has some");
        assert!(query.ends_with("&cursor=AQ"), "{query}");
        assert_eq!(read_typed(query).0, filters);
    }
}
