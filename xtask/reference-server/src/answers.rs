//! Recorded answers, and the routes that give them.

use std::io::Error;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use bytes::Bytes;
use serde_json::Value;

/// An answer of Counterfoil.
#[derive(Clone)]
struct Recorded {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl IntoResponse for Recorded {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// A router with a route for each answer of the file.
pub(crate) fn router(file: &str) -> Result<Router, Error> {
    let listed: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    let listed = listed
        .as_array()
        .ok_or_else(|| Error::other("no list of answers"))?;
    let mut router = Router::new();
    for entry in listed {
        let (path, route) =
            route(entry).ok_or_else(|| Error::other("an answer lacks something"))?;
        router = router.route(&path, route);
    }
    Ok(router)
}

fn route(entry: &Value) -> Option<(String, MethodRouter)> {
    let path = entry["path"].as_str()?.to_owned();
    let recorded = recorded(entry)?;
    let route = match entry["method"].as_str()?.parse().ok()? {
        // As Counterfoil must, it reads what is sent.
        Method::POST => on(MethodFilter::POST, move |_: Bytes| {
            std::future::ready(recorded.clone())
        }),
        Method::GET => on(MethodFilter::GET, move || {
            std::future::ready(recorded.clone())
        }),
        _ => return None,
    };
    Some((path, route))
}

fn recorded(entry: &Value) -> Option<Recorded> {
    let status = u16::try_from(entry["status"].as_u64()?).ok()?;
    let mut headers = HeaderMap::new();
    for pair in entry["headers"].as_array()? {
        let name = HeaderName::from_bytes(pair[0].as_str()?.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_str(pair[1].as_str()?).ok()?);
    }
    Some(Recorded {
        status: StatusCode::from_u16(status).ok()?,
        headers,
        body: Bytes::from(entry["body"].as_str()?.to_owned()),
    })
}
