//! What a check without a rule asks for: the scopes in `?scopes=`.
//!
//! A proxy's configuration stands behind the query, so whatever is not understood is refused rather
//! than left out: a requirement that is overlooked would let everybody in.

use counterfoil_domain::gateway::ScopeRequirement;
use counterfoil_domain::scope::Scope;
use percent_encoding::percent_decode_str;

/// The one key that a query may have.
const SCOPES: &str = "scopes";

/// A query that says nothing certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QueryRefused(&'static str);

impl QueryRefused {
    /// One sentence that says what a query may be.
    pub const fn sentence(self) -> &'static str {
        self.0
    }
}

const OTHER_KEY: QueryRefused =
    QueryRefused("The query may only have the key scopes, as in ?scopes=repo,read:org.");
const TWICE: QueryRefused = QueryRefused("The key scopes may stand in the query only once.");
const NO_NAME: QueryRefused =
    QueryRefused("The key scopes must have names of scopes, as in ?scopes=repo,read:org.");
const NOT_TEXT: QueryRefused = QueryRefused("The query is not text.");

/// The scopes of which all are needed, by a query; `unknown` is told of names that are none.
pub fn scopes_of(
    query: Option<&str>,
    mut unknown: impl FnMut(&str),
) -> Result<ScopeRequirement, QueryRefused> {
    let Some(query) = query.filter(|query| !query.is_empty()) else {
        return Ok(ScopeRequirement::All(Vec::new()));
    };
    if query.split('&').any(|pair| !is_scopes(pair)) {
        return Err(OTHER_KEY);
    }
    if query.contains('&') {
        return Err(TWICE);
    }
    let (_, value) = query.split_once('=').ok_or(NO_NAME)?;
    let value = percent_decode_str(value)
        .decode_utf8()
        .map_err(|_| NOT_TEXT)?;
    let mut needed = Vec::new();
    let mut all_known = true;
    for name in value.split(',') {
        match Scope::find(name) {
            Some(scope) => needed.push(scope),
            None if name.is_empty() => return Err(NO_NAME),
            None => {
                unknown(name);
                all_known = false;
            }
        }
    }
    Ok(if all_known {
        ScopeRequirement::All(needed)
    } else {
        ScopeRequirement::Unknown
    })
}

fn is_scopes(pair: &str) -> bool {
    let key = pair.split_once('=').map_or(pair, |(key, _)| key);
    percent_decode_str(key).eq(SCOPES.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> (Result<ScopeRequirement, QueryRefused>, Vec<String>) {
        let mut unknown = Vec::new();
        let read = scopes_of(Some(query), |name| unknown.push(name.to_owned()));
        (read, unknown)
    }

    fn all(names: &[&str]) -> ScopeRequirement {
        let scopes = names.iter().map(|name| Scope::find(name).unwrap());
        ScopeRequirement::All(scopes.collect())
    }

    #[test]
    fn all_scopes_of_the_query_are_needed() {
        assert_eq!(scopes_of(None, |_| ()), Ok(all(&[])));
        assert_eq!(read("").0, Ok(all(&[])));
        for query in [
            "scopes=repo,read:org",
            "scopes=repo%2Cread%3Aorg",
            "%73copes=repo,read:org",
        ] {
            assert_eq!(read(query).0, Ok(all(&["repo", "read:org"])), "{query}");
        }
    }

    #[test]
    fn a_query_that_says_nothing_certain_is_refused() {
        for (query, refused) in [
            ("scope=repo", OTHER_KEY),
            ("scopes=repo&x=1", OTHER_KEY),
            ("&scopes=repo", OTHER_KEY),
            ("scopes=repo&", OTHER_KEY),
            ("scopes=repo&scopes=repo", TWICE),
            ("scopes=repo&%73copes=repo", TWICE),
            ("scopes", NO_NAME),
            ("scopes=", NO_NAME),
            ("scopes=repo,", NO_NAME),
            ("scopes=%FF", NOT_TEXT),
        ] {
            assert_eq!(read(query).0, Err(refused), "{query}");
        }
    }

    #[test]
    fn a_name_that_is_no_scope_admits_nobody_and_is_told() {
        let (needed, unknown) = read("scopes=repo,nope,read:org,Repo");
        assert_eq!(needed, Ok(ScopeRequirement::Unknown));
        assert_eq!(unknown, ["nope", "Repo"]);
    }
}
