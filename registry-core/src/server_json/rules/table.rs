//! Every rule about what a document says, in the contract's order: one line each.

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The document is refused.
    Error,
    /// The document is taken, and its author told.
    Warning,
}

impl Severity {
    /// The word on the wire (contract 1.8).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What sort of rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// About the schema the document names.
    Schema,
    /// About what the document says.
    Semantic,
}

impl Sort {
    /// The word on the wire (contract 1.8).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Semantic => "semantic",
        }
    }
}

/// A rule about what a document says.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its number in the contract: `N1`.
    pub id: &'static str,
    /// How much a breach weighs.
    pub severity: Severity,
    /// What sort it is.
    pub sort: Sort,
    /// Its stable name on the wire.
    pub reference: &'static str,
    /// What it asks, in a sentence for documentation.
    pub about: &'static str,
}

macro_rules! rules {
    ($($id:ident $severity:ident $sort:ident $reference:literal $about:literal;)+) => {
        $(pub(super) static $id: Rule = Rule {
            id: stringify!($id),
            severity: Severity::$severity,
            sort: Sort::$sort,
            reference: $reference,
            about: $about,
        };)+

        /// All rules, in the contract's order.
        pub static RULES: &[&Rule] = &[$(&$id),+];
    };
}

rules! {
    V1 Error Semantic "schema-field-required" "`$schema` is not empty";
    V2 Error Schema "schema-version-extraction-error" "`$schema` contains `/schemas/<id>/server.schema.json`";
    V3 Error Schema "schema-version-not-available" "the schema named is one that this registry carries";
    V4 Warning Semantic "schema-version-deprecated" "the schema named should be the current one";
    N1 Error Semantic "invalid-server-name" "the namespace has at least two characters and begins and ends with a letter or digit; between them `.` and `-` are allowed";
    N2 Error Semantic "invalid-server-name" "the name has at least two characters and begins and ends with a letter or digit; between them `.`, `_` and `-` are allowed";
    N3 Error Semantic "invalid-server-name" "a server name is a namespace, one slash and a name";
    R1 Error Semantic "reserved-version-string" "no version of a server or package is called `latest`";
    R2 Error Semantic "version-looks-like-range" "a version is one version and does not look like a range";
    P1 Error Semantic "invalid-repository-url" "a repository is `https://github.com/<owner>/<repo>` with the source `github`, or the same with gitlab.com and `gitlab`";
    P2 Error Semantic "invalid-subfolder-path" "a subfolder is a relative path of letters, digits, `-`, `_`, `.` and single slashes, without `.` and `..`";
    W1 Error Semantic "website-url-must-be-absolute" "a home page is given with its scheme";
    W2 Error Semantic "website-url-invalid-scheme" "a home page is served over https";
    W3 Error Semantic "invalid-website-url" "a home page is an address";
    T1 Error Semantic "title-whitespace-only" "a title is not blank";
    I1 Error Semantic "icon-src-not-absolute" "an icon is given with its scheme";
    I2 Error Semantic "icon-src-invalid-scheme" "an icon is served over https";
    K1 Error Semantic "package-name-has-spaces" "a package identifier has no blanks";
    A1 Error Semantic "named-argument-name-required" "a named argument has a name";
    A2 Error Semantic "invalid-named-argument-name" "the name of an argument has no `<`, `>`, `$` or blank";
    A3 Error Semantic "argument-value-starts-with-name" "the value of a named argument does not repeat its name";
    A4 Error Semantic "argument-default-starts-with-name" "the default of a named argument does not repeat its name";
    X1 Error Semantic "unsupported-transport-type" "a package speaks `stdio`, `streamable-http` or `sse`";
    X2 Error Semantic "stdio-transport-url-not-empty" "a package that speaks `stdio` has no address";
    X3 Error Semantic "streamable-transport-url-required" "a package that speaks http has an address";
    X4 Error Semantic "invalid-templated-url" "the address of a package is http or https, and its variables are arguments or environment variables of that package";
    Y1 Error Semantic "unsupported-remote-transport-type" "a remote speaks `streamable-http` or `sse`";
    Y2 Error Semantic "remote-transport-url-required" "a remote has an address";
    Y3 Error Semantic "invalid-remote-url" "the address of a remote is https and not one's own machine";
    Y4 Error Semantic "invalid-templated-url" "the variables of a remote's address are declared beside it";
}
