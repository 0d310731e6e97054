//! Bytes, and what kind of document they are (D1–D7).

use serde_json::{Map, Value};
use url::Url;

use super::members::shown;
use super::table::{A21, D1, D2, D3, D4, D5, D6, D7};
use super::{Finding, Found, card, catalog, repeated::repeated, secrets};
use crate::card::raw;
use crate::card::sniff::{Shape, sniff};
use crate::server_json::{rules, service, shape as form};

/// The largest card that is read.
pub const MAX_CARD: usize = 2 * 1024 * 1024;

/// The largest catalog that is read.
pub const MAX_CATALOG: usize = 5 * 1024 * 1024;

/// A document and what is wrong with it.
#[derive(Debug)]
pub struct Checked {
    /// What it is; none where it is no JSON.
    pub shape: Option<Shape>,
    /// What it says.
    pub value: Option<Value>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// The same of a document that lies there: an ARD manifest may leave `specVersion` out.
pub fn check_at(bytes: &[u8], at: Option<&Url>) -> Checked {
    let mut checked = check(bytes);
    if at.is_some_and(|at| at.path().ends_with("/ard.json")) {
        checked.findings.retain(|finding| !std::ptr::eq(finding.rule, &A21));
    }
    checked
}

/// Reads a document and checks it.
pub fn check(bytes: &[u8]) -> Checked {
    let mut found = Found::default();
    if bytes.len() > MAX_CATALOG {
        let message = format!("the document has {} bytes and is not read", bytes.len());
        found.add(&D5, "", message);
        return Checked { shape: None, value: None, findings: found.0 };
    }
    let value = match raw::parse(bytes) {
        Ok(value) => value,
        Err(unreadable) => {
            found.add(&D1, "", unreadable.to_string());
            return Checked { shape: None, value: None, findings: found.0 };
        }
    };
    let shape = sniff(&value);
    if shape != Shape::Catalog && bytes.len() > MAX_CARD {
        found.add(&D5, "", format!("the document has {} bytes", bytes.len()));
    }
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
    for path in repeated(&text) {
        found.add(&D4, path, "the member stands there twice");
    }
    secrets::check(&value, "", &mut found);
    check_value(&value, shape, "", 1, &mut found);
    Checked { shape: Some(shape), value: Some(value), findings: found.0 }
}

/// Checks what stands at `path`, `depth` catalogs down.
pub(super) fn check_value(value: &Value, shape: Shape, path: &str, depth: usize, found: &mut Found) {
    let none = Map::new();
    let members = value.as_object().unwrap_or(&none);
    match shape {
        Shape::Catalog => catalog::check(members, path, depth, found),
        Shape::V1 | Shape::Hybrid => card::check(members, path, found),
        Shape::Registry => check_server_json(value, path, found),
        other if other.is_card() => {
            found.add(&D3, path, format!("the card has the older shape `{other}`"));
        }
        list @ (Shape::Linkset | Shape::ServerList | Shape::List | Shape::ClientConfig | Shape::A2a) => {
            found.add(&D7, path, format!("this is a document of the kind `{list}`"));
        }
        other => found.add(&D2, path, format!("this is {}", describe(other))),
    }
}

fn describe(shape: Shape) -> String {
    match shape {
        Shape::Unknown => {
            "no description of a server that is known here; a Server Card has `$schema`, `name` and `remotes`"
                .to_owned()
        }
        Shape::ErrorBody => "an error in JSON".to_owned(),
        Shape::JsonRpc => "the answer of a live endpoint and no document".to_owned(),
        Shape::Placeholder => "a placeholder that says that no server is there yet".to_owned(),
        other => format!("a document of the kind `{other}`"),
    }
}

/// What a registry would say about the document.
fn check_server_json(value: &Value, path: &str, found: &mut Found) {
    let at = |place: &str| match (path.is_empty(), place.is_empty()) {
        (true, _) => place.to_owned(),
        (_, true) => path.to_owned(),
        _ => format!("{path}.{place}"),
    };
    match form::read(value) {
        Err(issues) => {
            for issue in issues {
                let place = issue.location.trim_start_matches("body").trim_start_matches('.');
                let rule = issue.rule.map_or("", |rule| rule.id);
                found.add(&D6, at(place), format!("{rule}: {}", shown(&issue.message)));
            }
        }
        Ok(server) => {
            for broken in rules::check(&server).iter().filter(|broken| broken.is_error()) {
                found.add(&D6, at(&broken.path), format!("{}: {}", broken.rule.id, shown(&broken.message)));
            }
            if let Err(why) = service::check(&server) {
                found.add(&D6, at(""), format!("{}: {}", why.rule().id, shown(&why.to_string())));
            }
        }
    }
}
