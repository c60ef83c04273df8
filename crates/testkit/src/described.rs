//! What the official description of the API says that a request may hold.

use counterfoil_wire::documentation::Operation;
use http::Method;
use serde_json::Value;

use crate::description::DESCRIPTION;

/// Where a parameter of an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParameterPlace {
    /// A segment of the path.
    Path,
    /// The query.
    Query,
    /// A header.
    Header,
    /// A member of the body.
    Body,
}

/// An operation as it is described.
#[derive(Clone, Debug)]
pub struct DescribedOperation {
    /// The method.
    pub method: Method,
    /// The path under `/api/v3`, as a template.
    pub path: String,
    /// Its parameters, with where each stands.
    pub parameters: Vec<(ParameterPlace, String)>,
}

/// An operation as the official description has it; `None` if it has it not.
pub fn described(operation: Operation) -> Option<DescribedOperation> {
    let paths = DESCRIPTION.root["paths"]
        .as_object()
        .expect("a description has paths");
    for (path, methods) in paths {
        let methods = methods.as_object().expect("a path has methods");
        for (method, described) in methods {
            if described["operationId"] == operation.id() {
                let method = method.to_uppercase();
                return Some(DescribedOperation {
                    method: method.parse().expect("a method"),
                    path: path.clone(),
                    parameters: parameters(described),
                });
            }
        }
    }
    None
}

fn parameters(operation: &Value) -> Vec<(ParameterPlace, String)> {
    let listed = operation["parameters"].as_array().into_iter().flatten();
    let listed = listed.map(|parameter| {
        let parameter = DESCRIPTION.resolve(parameter);
        let place = match parameter["in"].as_str() {
            Some("path") => ParameterPlace::Path,
            Some("query") => ParameterPlace::Query,
            Some("header") => ParameterPlace::Header,
            other => panic!("a parameter stands in {other:?}"),
        };
        let name = parameter["name"].as_str().expect("a name");
        (place, name.to_owned())
    });
    let body = DESCRIPTION.resolve(&operation["requestBody"]);
    let schema = DESCRIPTION.resolve(&body["content"]["application/json"]["schema"]);
    let members = schema["properties"].as_object().into_iter().flatten();
    let members = members.map(|(name, _)| (ParameterPlace::Body, name.clone()));
    listed.chain(members).collect()
}
