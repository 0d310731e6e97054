//! Packages, their arguments and how to talk to them (K, A, X; R for their versions).

use super::table::{A1, A2, A3, A4, K1, X1, X2, X3, X4};
use super::{Finding, version};
use crate::server_json::address::{Address, fill_placeholders, placeholders};
use crate::server_json::{Argument, Package};

pub(super) fn check(package: &Package, path: &str, found: &mut Vec<Finding>) {
    if package.identifier.contains(' ') {
        found.push(Finding::new(&K1, format!("{path}.identifier"), "package name cannot contain spaces"));
    }
    version::check(&package.version, &format!("{path}.version"), found);
    for (member, arguments) in
        [("runtimeArguments", &package.runtime_arguments), ("packageArguments", &package.package_arguments)]
    {
        for (j, argument) in arguments.iter().enumerate() {
            check_argument(argument, &format!("{path}.{member}[{j}]"), found);
        }
    }
    check_transport(package, path, found);
}

fn check_argument(argument: &Argument, path: &str, found: &mut Vec<Finding>) {
    let Argument { input, kind, name, .. } = argument;
    if kind != "named" {
        return;
    }
    let mut refuse = |rule, member: &str, message: String| {
        found.push(Finding::new(rule, format!("{path}.{member}"), message))
    };
    if name.is_empty() {
        refuse(&A1, "name", "named argument name is required".into());
    } else if name.contains(['<', '>', ' ', '$']) {
        refuse(&A2, "name", format!("invalid named argument name format: {name}"));
    }
    let repeats = |text: &str| !text.is_empty() && text.starts_with(name.as_str());
    let (value, default) = (&input.value, &input.default);
    if repeats(value) {
        let message = format!(
            "argument value cannot start with the argument name: value starts with argument name '{name}': {value}"
        );
        refuse(&A3, "value", message);
    }
    if repeats(default) {
        let message = format!(
            "argument default cannot start with the argument name: default starts with argument name '{name}': {default}"
        );
        refuse(&A4, "default", message);
    }
}

fn check_transport(package: &Package, path: &str, found: &mut Vec<Finding>) {
    let (kind, url) = (package.transport.kind.as_str(), package.transport.url.as_str());
    let at = |member: &str| format!("{path}.transport.{member}");
    let problem = match kind {
        "stdio" if url.is_empty() => return,
        "stdio" => (&X2, at("url"), format!("url must be empty for stdio transport type, got: {url}")),
        "streamable-http" | "sse" if url.is_empty() => {
            (&X3, at("url"), format!("url is required for {kind} transport type"))
        }
        "streamable-http" | "sse" => match address_problem(package, url) {
            Some(message) => (&X4, at("url"), message),
            None => return,
        },
        _ => (&X1, at("type"), format!("unsupported transport type: {kind}")),
    };
    found.push(Finding::new(problem.0, problem.1, problem.2));
}

fn address_problem(package: &Package, url: &str) -> Option<String> {
    let filled = fill_placeholders(url);
    let is_usable = Address::parse(&filled)
        .is_ok_and(|a| matches!(a.scheme().as_str(), "http" | "https") && !a.host().is_empty());
    if !is_usable {
        return Some(format!("invalid package transport URL: {url}"));
    }
    let available = variables(package);
    let undefined = placeholders(url).iter().any(|name| !available.contains(name));
    undefined.then(|| {
        format!(
            "invalid package transport URL: template variables in URL {url} reference undefined variables. Available variables: [{}]",
            available.join(" ")
        )
    })
}

/// What the variables of the package's address may be called.
fn variables(package: &Package) -> Vec<&str> {
    let environment = package.environment_variables.iter().map(|variable| variable.name.as_str());
    let arguments = package.runtime_arguments.iter().chain(&package.package_arguments);
    let arguments = arguments.flat_map(|argument| [argument.name.as_str(), argument.value_hint.as_str()]);
    environment.chain(arguments).filter(|name| !name.is_empty()).collect()
}
