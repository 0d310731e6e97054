//! What a server is called (N1–N3, T1).

use super::Finding;
use super::table::{N1, N2, N3, T1};

pub(super) fn check(name: &str, found: &mut Vec<Finding>) {
    if let Err((rule, message)) = parts(name) {
        found.push(Finding::new(rule, "name", message));
    }
}

pub(super) fn check_title(title: &str, found: &mut Vec<Finding>) {
    if !title.is_empty() && title.trim().is_empty() {
        found.push(Finding::new(&T1, "title", "title cannot be only whitespace"));
    }
}

fn parts(name: &str) -> Result<(), (&'static super::Rule, String)> {
    let form = "server name must be in format 'dns-namespace/name'";
    if name.is_empty() {
        return Err((&N3, "server name is required and must be a string".into()));
    }
    let Some((namespace, leaf)) = name.split_once('/') else {
        return Err((&N3, format!("{form} (e.g., 'com.example.api/server')")));
    };
    if leaf.contains('/') {
        return Err((&N3, "server name cannot contain multiple slashes".into()));
    }
    if namespace.is_empty() || leaf.is_empty() {
        return Err((&N3, format!("{form} with non-empty namespace and name parts")));
    }
    let invalid = "server name format is invalid:";
    if !is_part(namespace, b".-") {
        return Err((
            &N1,
            format!(
                "{invalid} namespace '{namespace}' is invalid. Namespace must start and end with alphanumeric characters, and may contain dots and hyphens in the middle"
            ),
        ));
    }
    if !is_part(leaf, b"._-") {
        return Err((
            &N2,
            format!(
                "{invalid} name '{leaf}' is invalid. Name must start and end with alphanumeric characters, and may contain dots, underscores, and hyphens in the middle"
            ),
        ));
    }
    Ok(())
}

/// At least two characters, the first and last a letter or digit.
fn is_part(part: &str, between: &[u8]) -> bool {
    match part.as_bytes() {
        [first, middle @ .., last] => {
            first.is_ascii_alphanumeric()
                && last.is_ascii_alphanumeric()
                && middle.iter().all(|b| b.is_ascii_alphanumeric() || between.contains(b))
        }
        _ => false,
    }
}
