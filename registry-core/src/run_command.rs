//! What to type to run a package, derived plainly from what its publisher declared.
//!
//! The text is copied into terminals, so every word that is not plain is quoted, and a package whose words could mislead
//! (options for names, control or text-direction characters) gets no command at all.

use serde_json::{Map, Value};
use url::Url;

use crate::package::{npm, nuget, pypi};
use crate::server_json::{Argument, Package};

/// A command, ready to be copied; values that only its user knows stand in it as `<name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCommand {
    /// The command, on one line.
    pub line: String,
    /// What it does, or what is left to do.
    pub note: &'static str,
}

/// The command for a package; `None` where there is none, or where its words cannot be trusted on a command line.
pub fn run_command(package: &Package) -> Option<RunCommand> {
    if package.identifier.is_empty()
        || package.identifier.starts_with('-')
        || package.version.starts_with('-')
    {
        return None;
    }
    let (words, note) = match package.registry_type.as_str() {
        "npm" => (npm(package)?, "Downloads the package with npm and runs it."),
        "pypi" => (pypi(package)?, "Downloads the package from the Python index and runs it."),
        "nuget" => (nuget(package)?, "Downloads the package from NuGet and runs it; needs .NET 10."),
        "oci" => (oci(package), "Runs the container with Docker."),
        "cargo" => (cargo(package), "Builds and installs the program once; then run it by its name."),
        "go" => (go(package), "Downloads, builds and runs the module."),
        _ => return None,
    };
    let plain = words.iter().all(|word| !word.chars().any(misleads));
    plain.then(|| RunCommand { line: words.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(" "), note })
}

fn npm(package: &Package) -> Option<Vec<String>> {
    let head = if package.runtime_hint == "bunx" { "bunx" } else { "npx" };
    let mut words = vec![head.to_owned()];
    let runtime = expand(&package.runtime_arguments);
    if head == "npx" && !runtime.iter().any(|word| word == "-y" || word == "--yes") {
        words.push("-y".to_owned());
    }
    if let Some(base) = other_base(package, npm::PUBLIC_BASE)? {
        words.extend(["--registry".to_owned(), base]);
    }
    words.extend(runtime);
    words.push(at_version(package, "@"));
    words.extend(expand(&package.package_arguments));
    Some(words)
}

fn pypi(package: &Package) -> Option<Vec<String>> {
    let pipx = package.runtime_hint == "pipx";
    let mut words: Vec<String> = if pipx { vec!["pipx".into(), "run".into()] } else { vec!["uvx".into()] };
    if let Some(base) = other_base(package, pypi::PUBLIC_BASE)? {
        // The address of the site is not that of its index.
        let index = if base.ends_with("/simple") { base } else { format!("{base}/simple") };
        words.extend(["--index-url".to_owned(), index]);
    }
    words.extend(expand(&package.runtime_arguments));
    words.push(at_version(package, if pipx { "==" } else { "@" }));
    words.extend(expand(&package.package_arguments));
    Some(words)
}

fn nuget(package: &Package) -> Option<Vec<String>> {
    let mut words = vec!["dnx".to_owned(), at_version(package, "@")];
    let runtime = expand(&package.runtime_arguments);
    if !runtime.iter().any(|word| word == "--yes") {
        words.push("--yes".to_owned());
    }
    if let Some(base) = other_base(package, nuget::PUBLIC_BASE)? {
        words.extend(["--source".to_owned(), base]);
    }
    words.extend(runtime);
    let arguments = expand(&package.package_arguments);
    if !arguments.is_empty() {
        words.push("--".to_owned());
        words.extend(arguments);
    }
    Some(words)
}

fn oci(package: &Package) -> Vec<String> {
    let head = if package.runtime_hint == "podman" { "podman" } else { "docker" };
    let mut words = vec![head.to_owned(), "run".to_owned()];
    let mut runtime = expand(&package.runtime_arguments);
    if runtime.first().is_some_and(|word| word == "run") {
        runtime.remove(0);
    }
    for flag in ["-i", "--rm"] {
        if !runtime.iter().any(|word| word == flag) {
            words.push(flag.to_owned());
        }
    }
    for variable in &package.environment_variables {
        let declared = |word: &String| word.split('=').next() == Some(&variable.name);
        if !variable.name.is_empty() && !runtime.iter().any(declared) {
            words.extend(["-e".to_owned(), variable.name.clone()]);
        }
    }
    words.extend(runtime);
    words.push(image(package));
    words.extend(expand(&package.package_arguments));
    words
}

/// An image's reference; older documents keep host and tag apart from it.
fn image(package: &Package) -> String {
    let mut reference = package.identifier.clone();
    let base = package.registry_base_url.trim_end_matches('/');
    let host = base.split_once("://").map_or(base, |(_, rest)| rest);
    if !host.is_empty() && !reference.starts_with(&format!("{host}/")) {
        reference = format!("{host}/{reference}");
    }
    let leaf = reference.rsplit('/').next().unwrap_or_default();
    if !package.version.is_empty() && !leaf.contains([':', '@']) {
        reference = format!("{reference}:{}", package.version);
    }
    reference
}

fn cargo(package: &Package) -> Vec<String> {
    let mut words = vec!["cargo".to_owned(), "install".to_owned(), package.identifier.clone()];
    if !package.version.is_empty() {
        words.extend(["--version".to_owned(), package.version.clone()]);
    }
    words
}

fn go(package: &Package) -> Vec<String> {
    let version = package.version.trim_start_matches('v');
    let version = if version.is_empty() { "latest".to_owned() } else { format!("v{version}") };
    let mut words = vec!["go".to_owned(), "run".to_owned(), format!("{}@{version}", package.identifier)];
    words.extend(expand(&package.package_arguments));
    words
}

fn at_version(package: &Package, joint: &str) -> String {
    match package.version.as_str() {
        "" => package.identifier.clone(),
        version => format!("{}{joint}{version}", package.identifier),
    }
}

/// The package registry when it is not the usual one; the outer `None` says that it is no address of the web.
fn other_base(package: &Package, usual: &str) -> Option<Option<String>> {
    let base = package.registry_base_url.trim_end_matches('/');
    if base.is_empty() || base == usual {
        return Some(None);
    }
    is_of_the_web(base).then(|| Some(base.to_owned()))
}

/// Whether it is an http(s) address that does not dress up as another host by a user name.
fn is_of_the_web(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    })
}

/// Arguments as words: fixed and usual values are filled in, required ones stand as `<name>`, others are left out.
fn expand(arguments: &[Argument]) -> Vec<String> {
    let mut words = Vec::new();
    for argument in arguments {
        let value = value(argument);
        if argument.kind != "named" {
            words.extend(value);
            continue;
        }
        let switch = argument.input.format == "boolean";
        match value {
            _ if argument.name.is_empty() => {}
            Some(value) if switch => words.extend((value == "true").then(|| argument.name.clone())),
            None if switch && argument.input.is_required => words.push(argument.name.clone()),
            Some(value) if argument.name.ends_with('=') => words.push(format!("{}{value}", argument.name)),
            _ if argument.name.contains('=') => words.push(argument.name.clone()),
            Some(value) => words.extend([argument.name.clone(), value]),
            None => {}
        }
    }
    words
}

fn value(argument: &Argument) -> Option<String> {
    let input = &argument.input;
    let placeholder = || {
        let names = [argument.value_hint.as_str(), argument.name.trim_matches(['-', '=']), "value"];
        format!("<{}>", names.into_iter().find(|name| !name.is_empty()).unwrap_or_default())
    };
    match (input.value.as_str(), input.default.as_str()) {
        ("", "") if input.is_required => (input.format != "boolean").then(placeholder),
        ("", "") => None,
        _ if input.is_secret => Some(placeholder()),
        ("", default) => Some(default.to_owned()),
        (value, _) => Some(fill(value, &input.variables)),
    }
}

/// Puts the variables' own values, else `<name>`, in their places.
fn fill(value: &str, variables: &Map<String, Value>) -> String {
    let mut filled = value.to_owned();
    for (name, variable) in variables {
        let text = |key: &str| variable.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let secret = variable.get("isSecret").and_then(Value::as_bool).unwrap_or(false);
        let known = if secret { None } else { text("value").or_else(|| text("default")) };
        filled =
            filled.replace(&format!("{{{name}}}"), &known.map_or_else(|| format!("<{name}>"), str::to_owned));
    }
    filled
}

/// Control characters, and those that change the direction of text or cannot be seen.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(package: Value) -> Option<String> {
        run_command(&serde_json::from_value(package).expect("a package")).map(|command| command.line)
    }

    #[test]
    fn each_type_has_its_runner() {
        let cases = [
            (json!({"registryType":"npm","identifier":"@a/b","version":"1.2.0"}), "npx -y @a/b@1.2.0"),
            (json!({"registryType":"npm","identifier":"b","runtimeHint":"bunx"}), "bunx b"),
            (json!({"registryType":"pypi","identifier":"b","version":"1"}), "uvx b@1"),
            (
                json!({"registryType":"pypi","identifier":"b","version":"1","runtimeHint":"pipx"}),
                "pipx run b==1",
            ),
            (json!({"registryType":"nuget","identifier":"A.B","version":"1"}), "dnx A.B@1 --yes"),
            (json!({"registryType":"cargo","identifier":"b","version":"1"}), "cargo install b --version 1"),
            (
                json!({"registryType":"go","identifier":"github.com/a/b","version":"1"}),
                "go run github.com/a/b@v1",
            ),
            (
                json!({"registryType":"oci","identifier":"ghcr.io/a/b:1","environmentVariables":[{"name":"KEY"}]}),
                "docker run -i --rm -e KEY ghcr.io/a/b:1",
            ),
        ];
        for (package, expected) in cases {
            assert_eq!(line(package).as_deref(), Some(expected));
        }
        assert_eq!(line(json!({"registryType":"mcpb","identifier":"https://a.example/b.mcpb"})), None);
    }

    #[test]
    fn arguments_keep_their_order_and_only_known_or_needed_ones_stand() {
        let package = json!({"registryType":"npm","identifier":"b","version":"1",
            "runtimeArguments":[{"type":"named","name":"--yes","format":"boolean","value":"true"}],
            "packageArguments":[
                {"type":"positional","value":"serve"},
                {"type":"named","name":"--units","default":"metric"},
                {"type":"named","name":"--optional"},
                {"type":"named","name":"--port=","value":"{port}","variables":{"port":{"default":"80"}}},
                {"type":"named","name":"--token","value":"x","isSecret":true},
                {"type":"positional","valueHint":"folder","isRequired":true}]});
        assert_eq!(
            line(package).as_deref(),
            Some("npx --yes b@1 serve --units metric --port=80 --token '<token>' '<folder>'")
        );
    }

    #[test]
    fn an_older_image_is_put_together_without_doubling_its_host() {
        let with = |identifier| json!({"registryType":"oci","identifier":identifier,"version":"1.0","registryBaseUrl":"https://docker.io"});
        assert_eq!(line(with("a/b")).as_deref(), Some("docker run -i --rm docker.io/a/b:1.0"));
        assert_eq!(line(with("docker.io/a/b:2")).as_deref(), Some("docker run -i --rm docker.io/a/b:2"));
    }

    #[test]
    fn a_declared_variable_is_not_passed_twice() {
        let package = json!({"registryType":"oci","identifier":"a/b:1","environmentVariables":[{"name":"KEY"}],
            "runtimeArguments":[{"type":"positional","value":"run"},{"type":"positional","value":"-i"},
                {"type":"named","name":"-e","value":"KEY={key}","variables":{"key":{"isSecret":true,"value":"s3cret"}}}]});
        assert_eq!(line(package).as_deref(), Some("docker run --rm -i -e 'KEY=<key>' a/b:1"));
    }

    #[test]
    fn the_python_site_is_not_passed_as_its_index() {
        let with = |base| json!({"registryType":"pypi","identifier":"b","registryBaseUrl":base});
        assert_eq!(line(with("https://pypi.org")).as_deref(), Some("uvx b"));
        assert_eq!(
            line(with("https://py.corp/")).as_deref(),
            Some("uvx --index-url https://py.corp/simple b")
        );
        assert_eq!(line(with("file:///etc")), None);
    }

    #[test]
    fn hostile_words_are_quoted_or_refused() {
        let npm = |identifier| line(json!({"registryType":"npm","identifier":identifier}));
        assert_eq!(npm("a; rm -rf ~").as_deref(), Some("npx -y 'a; rm -rf ~'"));
        assert_eq!(npm("$(id)'`x`").as_deref(), Some(r"npx -y '$(id)'\''`x`'"));
        assert_eq!(npm("--call=x"), None);
        assert_eq!(npm("a\nrm -rf ~"), None);
        assert_eq!(npm("a\u{202e}b"), None);
    }
}
