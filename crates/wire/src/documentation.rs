//! Where the documentation of the API is: every error names a page of it (wire contract, section 5).

/// An operation of the official description of the API. Its id and its page are those of that description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `GET /applications/grants`
    ListGrants,
    /// `GET /applications/grants/{grant_id}`
    GetGrant,
    /// `DELETE /applications/grants/{grant_id}`
    DeleteGrant,
    /// `GET /authorizations`
    ListAuthorizations,
    /// `POST /authorizations`
    CreateAuthorization,
    /// `PUT /authorizations/clients/{client_id}`
    GetOrCreateForApp,
    /// `PUT /authorizations/clients/{client_id}/{fingerprint}`
    GetOrCreateForAppAndFingerprint,
    /// `GET /authorizations/{authorization_id}`
    GetAuthorization,
    /// `PATCH /authorizations/{authorization_id}`
    UpdateAuthorization,
    /// `DELETE /authorizations/{authorization_id}`
    DeleteAuthorization,
    /// `GET /user`
    GetAuthenticatedUser,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 11] = [
        Self::ListGrants,
        Self::GetGrant,
        Self::DeleteGrant,
        Self::ListAuthorizations,
        Self::CreateAuthorization,
        Self::GetOrCreateForApp,
        Self::GetOrCreateForAppAndFingerprint,
        Self::GetAuthorization,
        Self::UpdateAuthorization,
        Self::DeleteAuthorization,
        Self::GetAuthenticatedUser,
    ];

    /// Its `operationId` in the official description.
    pub const fn id(self) -> &'static str {
        match self {
            Self::ListGrants => "oauth-authorizations/list-grants",
            Self::GetGrant => "oauth-authorizations/get-grant",
            Self::DeleteGrant => "oauth-authorizations/delete-grant",
            Self::ListAuthorizations => "oauth-authorizations/list-authorizations",
            Self::CreateAuthorization => "oauth-authorizations/create-authorization",
            Self::GetOrCreateForApp => "oauth-authorizations/get-or-create-authorization-for-app",
            Self::GetOrCreateForAppAndFingerprint => {
                "oauth-authorizations/get-or-create-authorization-for-app-and-fingerprint"
            }
            Self::GetAuthorization => "oauth-authorizations/get-authorization",
            Self::UpdateAuthorization => "oauth-authorizations/update-authorization",
            Self::DeleteAuthorization => "oauth-authorizations/delete-authorization",
            Self::GetAuthenticatedUser => "users/get-authenticated",
        }
    }

    /// Its page, relative to the documentation's root, and its place on it.
    const fn page(self) -> (&'static str, &'static str) {
        match self {
            Self::ListGrants => (AUTHORIZATIONS, "list-your-grants"),
            Self::GetGrant => (AUTHORIZATIONS, "get-a-single-grant"),
            Self::DeleteGrant => (AUTHORIZATIONS, "delete-a-grant"),
            Self::ListAuthorizations => (AUTHORIZATIONS, "list-your-authorizations"),
            Self::CreateAuthorization => (AUTHORIZATIONS, "create-a-new-authorization"),
            Self::GetOrCreateForApp => (
                AUTHORIZATIONS,
                "get-or-create-an-authorization-for-a-specific-app",
            ),
            Self::GetOrCreateForAppAndFingerprint => (
                AUTHORIZATIONS,
                "get-or-create-an-authorization-for-a-specific-app-and-fingerprint",
            ),
            Self::GetAuthorization => (AUTHORIZATIONS, "get-a-single-authorization"),
            Self::UpdateAuthorization => (AUTHORIZATIONS, "update-an-existing-authorization"),
            Self::DeleteAuthorization => (AUTHORIZATIONS, "delete-an-authorization"),
            Self::GetAuthenticatedUser => ("users/users", "get-the-authenticated-user"),
        }
    }
}

const AUTHORIZATIONS: &str = "oauth-authorizations/oauth-authorizations";

/// A page of the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Its root.
    Root,
    /// The page of an operation.
    Operation(Operation),
    /// Another page: a path and an anchor, relative to the root.
    Fixed(&'static str),
}

impl Page {
    /// About signing in with one-time codes.
    pub const TWO_FACTOR: Self = Self::Fixed("auth#working-with-two-factor-authentication");
    /// About the endpoints that take passwords only.
    pub const PASSWORD_ENDPOINTS: Self =
        Self::Fixed("oauth-authorizations/oauth-authorizations#oauth-authorizations-api");
}

/// What personal access tokens without a note URL show as the URL of their app, word for word as documented for Enterprise
/// Server: a page of no release in particular, whatever the installation's documentation is.
pub const PERSONAL_TOKENS: &str =
    "https://docs.github.com/enterprise/rest/enterprise-admin/users#list-personal-access-tokens";

/// Where the documentation lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documentation {
    root: String,
}

impl Documentation {
    /// The root unless the installation sets another one.
    pub const DEFAULT_ROOT: &'static str = "https://docs.github.com/enterprise-server@3.19/rest";

    /// Documentation under this root. A slash at its end is dropped.
    pub fn new(root: &str) -> Self {
        let root = root.trim_end_matches('/').to_owned();
        Self { root }
    }

    /// The address of a page.
    ///
    /// ```
    /// use counterfoil_wire::documentation::{Documentation, Operation, Page};
    ///
    /// assert_eq!(
    ///     Documentation::default().url(Page::Operation(Operation::DeleteGrant)),
    ///     "https://docs.github.com/enterprise-server@3.19/rest/oauth-authorizations/oauth-authorizations#delete-a-grant",
    /// );
    /// ```
    pub fn url(&self, page: Page) -> String {
        url(&self.root, page)
    }
}

impl Default for Documentation {
    fn default() -> Self {
        Self::new(Self::DEFAULT_ROOT)
    }
}

fn url(root: &str, page: Page) -> String {
    match page {
        Page::Root => root.to_owned(),
        Page::Operation(operation) => {
            let (path, anchor) = operation.page();
            format!("{root}/{path}#{anchor}")
        }
        Page::Fixed(path) => format!("{root}/{path}"),
    }
}
