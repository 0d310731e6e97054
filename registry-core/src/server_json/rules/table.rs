//! Every rule about a document, in the contract's order: one line each.

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
    /// What the JSON must look like: checked wherever a document or a status is sent.
    Shape,
    /// About the schema the document names.
    Schema,
    /// About what the document says.
    Semantic,
    /// Whether this registry can take the document as it stands: checked when it is published.
    Service,
}

impl Sort {
    /// The word on the wire (contract 1.8).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Schema => "schema",
            Self::Semantic => "semantic",
            Self::Service => "service",
        }
    }
}

/// A rule about a document.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its number, as problems and findings give it: `N1`.
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
        $(#[doc = concat!("In short: ", $about, ".")]
        pub static $id: Rule = Rule {
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
    S1 Error Shape "required-members" "`$schema`, `name`, `description` and `version` are there";
    S2 Error Shape "schema-address" "`$schema` is an address and not empty";
    S3 Error Shape "name-length" "a name has 3 to 200 characters";
    S4 Error Shape "name-pattern" "a name is letters, digits, `.` and `-`, one slash, then letters, digits, `.`, `_` and `-`";
    S5 Error Shape "description-length" "a description has 1 to 100 characters";
    S6 Error Shape "title-length" "a title, where there is one, has 1 to 100 characters";
    S7 Error Shape "version-text" "a version is a text";
    S8 Error Shape "address" "home page, repository, package registry and icon are given by addresses or relative references";
    S9 Error Shape "icon-members" "an icon has a `src` of at most 255 characters, and only known media types and themes";
    S10 Error Shape "package-members" "a package has a registry type, an identifier and a transport; a version is not empty, a file hash is 64 lower-case hex digits";
    S11 Error Shape "transport-type" "a transport and a remote have a type";
    S12 Error Shape "key-value-name" "a header and an environment variable have a name";
    S13 Error Shape "argument-type" "an argument has a type";
    S14 Error Shape "input-format" "an input's format is `string`, `number`, `boolean` or `filepath`";
    S15 Error Shape "input-members" "flags are true or false, choices are texts, variables are inputs without variables of their own";
    S16 Error Shape "meta-members" "`_meta` holds `io.modelcontextprotocol.registry/publisher-provided`, an object, and nothing else";
    S17 Error Shape "unknown-member" "there are no other members than the described ones";
    S18 Error Shape "status-members" "a status change has a status, `active`, `deprecated` or `deleted`, and perhaps a message of at most 500 characters";
    V1 Error Semantic "schema-field-required" "`$schema` is not empty";
    V2 Error Schema "schema-version-extraction-error" "`$schema` contains `/schemas/<id>/server.schema.json`";
    V3 Error Schema "schema-version-not-available" "the schema named is one that this registry carries";
    V4 Warning Semantic "schema-version-deprecated" "the schema named should be the current one";
    J1 Error Schema "json-schema" "the document, in its canonical form, agrees with the JSON Schema that it names";
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
    G1 Error Service "publisher-provided-too-large" "the publisher's own block has at most 4096 bytes";
    G2 Error Service "package-not-proved" "the package registry says that each package belongs to this server, of which a document names at most 100";
    G3 Error Service "remote-url-in-use" "no other server has a remote with the same address";
    G4 Error Service "too-many-versions" "a server has at most 10 000 versions, deleted ones counted";
    G5 Error Service "duplicate-version" "a version is published once, and stays taken when it is deleted";
    G6 Error Service "version-required" "a version is not blank, has at most 255 bytes and no control characters";
    G7 Error Service "nul-character" "no text holds a NUL character, which a database cannot keep";
    G8 Error Service "name-looks-alike" "a new name differs from every existing one in more than case and characters that look alike";
}
