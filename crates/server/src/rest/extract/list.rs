//! Which part of a list is wanted, and the answer that is a part of one (wire contract, section 8).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_wire::pagination::{ClientFilter, ListQuery, link_header};
use http::HeaderValue;
use http::request::Parts;
use serde::Serialize;

use super::OptionalCaller;
use crate::answer::Answer;
use crate::state::ServerState;

/// What a request asks of a list. No query is a wrong one: what it does not say is the default.
pub(crate) struct List {
    /// The page that is wanted.
    pub(crate) page: Page,
    /// The apps whose items are wanted, for lists that know apps.
    pub(crate) client: ClientFilter,
    /// The query as it came, for filters of one list, and for links to repeat.
    pub(crate) query: String,
}

impl FromRequestParts<ServerState> for List {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let ListQuery { page, client } = ListQuery::parse(&query);
        Ok(Self {
            page,
            client,
            query,
        })
    }
}

impl List {
    /// 200 for `reader` with the items that were found, each as `view` shows it, and the links to
    /// the other pages. `path` is that of the list, under [`ApiBase::rest`].
    ///
    /// [`ApiBase::rest`]: counterfoil_wire::base::ApiBase::rest
    pub(crate) fn answer<'f, T, V: Serialize>(
        &self,
        (state, reader): (&ServerState, AccountId),
        path: &str,
        found: &'f Paged<T>,
        view: impl FnMut(&'f T) -> V,
    ) -> Answer {
        let (views, link) = self.page_of(state, path, found, view);
        Answer::ok(reader, &views).with_link(link)
    }

    /// The like for whoever asks, of what everybody may see.
    pub(crate) fn public_answer<'f, T, V: Serialize>(
        &self,
        (state, caller): (&ServerState, &OptionalCaller),
        path: &str,
        found: &'f Paged<T>,
        view: impl FnMut(&'f T) -> V,
    ) -> Answer {
        let (views, link) = self.page_of(state, path, found, view);
        caller.answer(&views).with_link(link)
    }

    fn page_of<'f, T, V>(
        &self,
        state: &ServerState,
        path: &str,
        found: &'f Paged<T>,
        view: impl FnMut(&'f T) -> V,
    ) -> (Vec<V>, Option<HeaderValue>) {
        let link = link_header(state.base(), path, &self.query, self.page, found.total);
        (found.items.iter().map(view).collect(), link)
    }
}
