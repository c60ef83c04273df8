//! The pages, by a browser without scripts: requests, cookies and forms.

mod forms;
mod headers;
mod sessions;
mod sign_in;
mod tokens;
