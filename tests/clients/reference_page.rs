//! The example calls of the reference page for OAuth authorizations, as data: what varies between
//! them, and what they all have in common once. Put together they are the page's own lines.

#[derive(Debug)]
pub(super) struct Example {
    /// The method, when the example names one; curl takes GET otherwise.
    pub(super) method: Option<&'static str>,
    /// The path after `/api/v3`, with the page's names where an id stands.
    pub(super) path: &'static str,
    /// The body, with the page's own client id and secret.
    pub(super) body: Option<&'static str>,
    /// The statuses that the page lists.
    pub(super) statuses: &'static [u16],
}

/// What stands for real values in the examples.
pub(super) const HOST: &str = "http(s)://HOSTNAME";
pub(super) const BEARER: &str = "-H \"Authorization: Bearer <YOUR-TOKEN>\"";
pub(super) const TOKEN: &str = "<YOUR-TOKEN>";
pub(super) const CLIENT_ID: &str = "abcde12345fghij67890";
pub(super) const CLIENT_SECRET: &str = "3ef4ad510c59ad37bac6bb4f80047fb3aee3cc7f";
pub(super) const GRANT_ID: &str = "GRANT_ID";
pub(super) const AUTHORIZATION_ID: &str = "AUTHORIZATION_ID";

pub(super) const LIST_GRANTS: Example = Example {
    method: None,
    path: "/applications/grants",
    body: None,
    statuses: &[200, 304, 401, 403, 404],
};

pub(super) const GET_GRANT: Example = Example {
    method: None,
    path: "/applications/grants/GRANT_ID",
    body: None,
    statuses: &[200, 304, 401, 403],
};

pub(super) const DELETE_GRANT: Example = Example {
    method: Some("DELETE"),
    path: "/applications/grants/GRANT_ID",
    body: None,
    statuses: &[204, 304, 401, 403],
};

pub(super) const LIST: Example = Example {
    method: None,
    path: "/authorizations",
    body: None,
    statuses: &[200, 304, 401, 403, 404],
};

pub(super) const CREATE: Example = Example {
    method: Some("POST"),
    path: "/authorizations",
    body: Some(
        r#"{"scopes":["public_repo"],"note":"optional note","note_url":"http://optional/note/url","client_id":"abcde12345fghij67890","client_secret":"3ef4ad510c59ad37bac6bb4f80047fb3aee3cc7f"}"#,
    ),
    statuses: &[201, 304, 401, 403, 410, 422],
};

const GET_OR_CREATE_BODY: &str = r#"{"client_secret":"3ef4ad510c59ad37bac6bb4f80047fb3aee3cc7f","scopes":["public_repo"],"note":"optional note","note_url":"http://optional/note/url"}"#;

pub(super) const GET_OR_CREATE: Example = Example {
    method: Some("PUT"),
    path: "/authorizations/clients/abcde12345fghij67890",
    body: Some(GET_OR_CREATE_BODY),
    statuses: &[200, 201, 304, 401, 403, 422],
};

pub(super) const GET_OR_CREATE_FINGERPRINT: Example = Example {
    method: Some("PUT"),
    path: "/authorizations/clients/abcde12345fghij67890/FINGERPRINT",
    body: Some(GET_OR_CREATE_BODY),
    statuses: &[200, 201, 422],
};

pub(super) const GET: Example = Example {
    method: None,
    path: "/authorizations/AUTHORIZATION_ID",
    body: None,
    statuses: &[200, 304, 401, 403],
};

pub(super) const UPDATE: Example = Example {
    method: Some("PATCH"),
    path: "/authorizations/AUTHORIZATION_ID",
    body: Some(r#"{"add_scopes":["public_repo"],"remove_scopes":["user"],"note":"optional note"}"#),
    statuses: &[200, 422],
};

pub(super) const DELETE: Example = Example {
    method: Some("DELETE"),
    path: "/authorizations/AUTHORIZATION_ID",
    body: None,
    statuses: &[204, 304, 401, 403],
};

pub(super) const ALL: &[&Example] = &[
    &LIST_GRANTS,
    &GET_GRANT,
    &DELETE_GRANT,
    &LIST,
    &CREATE,
    &GET_OR_CREATE,
    &GET_OR_CREATE_FINGERPRINT,
    &GET,
    &UPDATE,
    &DELETE,
];

impl Example {
    /// The line as the page has it, with a line break after each backslash.
    pub(super) fn command(&self) -> String {
        let mut parts = vec!["curl -L".to_owned()];
        parts.extend(self.method.map(|method| format!("-X {method}")));
        parts.push("-H \"Accept: application/vnd.github+json\"".to_owned());
        parts.push(BEARER.to_owned());
        parts.push("-H \"X-GitHub-Api-Version: 2022-11-28\"".to_owned());
        parts.push(format!("{HOST}/api/v3{}", self.path));
        parts.extend(self.body.map(|body| format!("-d '{body}'")));
        // `http(s)` and `<YOUR-TOKEN>` would mean something to a shell; both are replaced before
        // one sees them.
        parts.join(" \\\n  ")
    }
}
