//! Every rule about a Server Card, a catalog and the host that serves them: one line each.

/// How much a finding weighs.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[schema(as = LintSeverity)]
pub enum Severity {
    /// It breaks the specification, or keeps the server from being listed.
    Error,
    /// Some client will stumble over it.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// The word people see.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its number, as findings give it: `C2`.
    pub id: &'static str,
    /// How much a breach weighs.
    pub severity: Severity,
    /// What it asks, in a sentence for documentation.
    pub about: &'static str,
    /// What to do about a breach.
    pub hint: &'static str,
    /// Where it comes from.
    pub reference: &'static str,
}

macro_rules! rules {
    ($($id:ident $severity:ident $reference:ident $about:literal $hint:literal;)+) => {
        $(#[doc = concat!("In short: ", $about, ".")]
        pub static $id: Rule = Rule {
            id: stringify!($id),
            severity: Severity::$severity,
            about: $about,
            hint: $hint,
            reference: $reference,
        };)+

        /// All rules: documents, cards, catalogs, hosts.
        pub static RULES: &[&Rule] = &[$(&$id),+];
    };
}

const JSON: &str = "RFC 8259";
const CARD: &str = "Server Card v1 (SEP-2127)";
const CATALOG: &str = "AI Catalog 1.0";
const REGISTRY: &str = "server.json 2025-12-11";
const HOST: &str = "Server Card v1 (SEP-2127), serving";
const CORS: &str = "Server Card v1 (SEP-2127), CORS";
const CACHE: &str = "Server Card v1 (SEP-2127), caching; RFC 9110, RFC 9111";
const ROBOTS: &str = "RFC 9309";

rules! {
    D1 Error JSON "a document is one JSON value in UTF-8, at most 64 levels deep" "write it as JSON, without comments, and save it as UTF-8";
    D2 Error CARD "a document is a Server Card or a catalog" "publish a Server Card, or an AI Catalog that lists some";
    D3 Warning CARD "a card has the shape of Server Card v1" "write it as Server Card v1; older shapes are read for now, but what they leave open is guessed";
    D4 Warning JSON "an object names each member once" "remove one of the two: readers differ in which of them counts";
    D5 Error CARD "a card has at most 2 MiB, a catalog at most 5 MiB" "leave tools, resources and prompts out: clients ask the server for them";
    D6 Error REGISTRY "a `server.json` keeps the rules of a registry" "mend it: the number in the message is that of the rule in the registry's documentation";
    D7 Warning CATALOG "a list of servers is an AI Catalog" "list them in an AI Catalog at `/.well-known/ai-catalog.json`; other lists are read for now";

    C1 Error CARD "`$schema` is the address of the Server Card v1 schema" "write `\"$schema\": \"https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json\"`";
    C2 Error CARD "`name` has 3 to 200 characters: letters, digits, `.` and `-`, one slash, then letters, digits, `.`, `_` and `-`" "write it as in `com.example/weather`";
    C3 Warning CARD "`name` begins with a domain in reverse order" "put the reversed domain of its owner before the slash, as in `com.example/weather`";
    C4 Error CARD "`version` is a text of 1 to 255 characters" "write it as in `\"1.0.0\"`";
    C5 Error CARD "`version` is one version and no range" "write one version, as in `1.0.0`";
    C6 Warning CARD "`version` follows semantic versioning" "write it as in `1.0.0`, so that versions can be put in order";
    C7 Error CARD "`description` is a text of 1 to 100 characters" "say in one sentence what the server is for";
    C8 Error CARD "`title` is a text of 1 to 100 characters" "write a short name for people, or leave it out";
    C9 Error CARD "`websiteUrl` is an address" "write it with its scheme, as in `https://example.com`";
    C10 Warning REGISTRY "`websiteUrl` is served over https" "a registry drops other home pages: serve it over https";
    C11 Error CARD "`repository` has an address as `url` and the name of its host as `source`" "write it as in `{\"url\": \"https://github.com/example/weather\", \"source\": \"github\"}`";
    C12 Error CARD "`icons` is a list of objects, each with an http(s) or `data:` address as `src`" "write it as in `[{\"src\": \"https://example.com/icon.png\"}]`";
    C13 Error CARD "an icon's `mimeType` is a text, its `sizes` are `WxH` or `any`, its `theme` is `light` or `dark`" "write sizes as in `[\"48x48\"]`";
    C14 Warning REGISTRY "an icon is served over https at an address of at most 255 characters, as png, jpeg, svg or webp" "a registry drops other icons: serve one such icon beside it";
    C15 Error CARD "`remotes` is a list of objects whose `type` is `streamable-http` or `sse`" "write it as in `[{\"type\": \"streamable-http\", \"url\": \"https://example.com/mcp\"}]`";
    C16 Error CARD "a remote's `url` is an http(s) address, or begins with a variable" "write the whole address, as in `https://example.com/mcp`";
    C17 Error REGISTRY "a remote is reached over https, by a public domain name" "serve it over https under a public domain name";
    C18 Error CARD "the variables in a remote's `url` are declared in its `variables`, as `{name}`" "declare each `{name}` in `variables`, and write placeholders in no other way";
    C19 Error CARD "`headers` is a list of objects, each with a `name`" "write it as in `[{\"name\": \"X-API-Key\", \"isRequired\": true, \"isSecret\": true}]`";
    C20 Error CARD "an input's texts are texts, its flags true or false, its `format` is `string`, `number`, `boolean` or `filepath`, its `choices` are a list of texts" "give the member the type that it has in Server Card v1";
    C21 Error CARD "`variables` is an object of inputs" "write it as in `{\"tenant\": {\"description\": \"Your tenant\"}}`";
    C22 Error CARD "`supportedProtocolVersions` is a list of texts" "write it as in `[\"2026-07-28\"]`";
    C23 Note CARD "a protocol version is one that was published" "name revisions of the MCP specification by their dates, as in `2026-07-28`";
    C24 Error CARD "`_meta` is an object" "write it as an object, or leave it out";
    C25 Warning CARD "members of `_meta` begin with a reversed domain" "write them as in `com.example/team`";
    C26 Warning CARD "a card holds nothing that belongs to older cards or to the running server" "remove it: clients learn it from the server when they connect";
    C27 Error CARD "a card holds no secret" "remove it and revoke it: it is public now; declare a header or variable with `isSecret` instead";
    C28 Warning CARD "a card has remotes" "add `remotes`: without them no client can connect";
    C29 Warning REGISTRY "both parts of a `name` begin and end with a letter or digit, and have two characters or more" "choose such a name: registries publish no other, and this one lists the server under a name of its host";

    A1 Error CATALOG "`specVersion` is a text as in `1.0`" "write `\"specVersion\": \"1.0\"`";
    A2 Error CATALOG "`specVersion` is 1.x" "write `\"specVersion\": \"1.0\"`; later major versions are not read yet";
    A3 Error CATALOG "`entries` has at most 5000 entries" "split it into catalogs that it lists with the type `application/ai-catalog+json`";
    A4 Error CATALOG "an entry is an object with an `identifier`" "write it as in `urn:air:example.com:mcp:weather`";
    A5 Error CATALOG "an entry has a `type`" "write `application/mcp-server-card+json` for a Server Card";
    A6 Warning CATALOG "an entry's type stands in `type`" "rename `mediaType` to `type`: that is its name since July 2026";
    A7 Warning CATALOG "a Server Card has the type `application/mcp-server-card+json`" "write the current type: older ones are not followed everywhere";
    A8 Error CATALOG "an entry has either `url` or `data`" "keep one of the two: `url` for a document elsewhere, `data` for one inside the catalog";
    A9 Error CATALOG "`url` is one https address on a public domain name, at most 2000 bytes long" "write it as in `https://example.com/.well-known/mcp-server-card`";
    A10 Warning CATALOG "`data` is JSON and not a text of JSON" "put the document itself there, without quotes around it";
    A11 Error CATALOG "an `identifier` stands once, or once with each `version`" "give each entry an identifier of its own, or a `version`";
    A12 Note CATALOG "an entry is about an MCP server" "nothing to do: a registry of MCP servers passes it over";
    A13 Error CATALOG "`host` has a `displayName`" "say whose catalog it is, as in `{\"displayName\": \"Example\"}`";
    A14 Error CATALOG "`updatedAt` is a time as RFC 3339 has it" "write it as in `2026-11-24T12:00:00Z`";
    A15 Error CATALOG "`digest` is an algorithm, not weaker than SHA-256, and its value in hex" "write it as in `sha256:` and 64 hex digits";
    A16 Note CATALOG "an `identifier` is `urn:air:`, a domain, and names" "write it as in `urn:air:example.com:mcp:weather`, so that ARD readers take it";
    A17 Error CATALOG "an entry's words are texts: `displayName`, `description`, `version`; `tags` is a list of texts" "give the member the type that it has in AI Catalog 1.0";
    A18 Error CATALOG "`publisher` has an `identifier` and a `displayName`" "write both, or leave `publisher` out";
    A19 Error CATALOG "catalogs stand inside each other at most four deep" "list the servers further up";
    A20 Note CATALOG "trust is told in `trustManifests`, extensions in `extensions`" "rename the member when its readers have moved to the form of October 2026";
    A21 Warning CATALOG "`specVersion` is there" "write `\"specVersion\": \"1.0\"`: only ARD manifests may leave it out";

    H1 Error HOST "a document is served over https" "serve it over https, with a certificate that clients believe";
    H2 Error HOST "the host answers with the document" "make the address answer everybody who asks";
    H3 Error HOST "the host answers with the status 200" "serve the document with the status 200, without login or payment";
    H4 Error HOST "`Content-Type` is a type of JSON" "send `application/mcp-server-card+json` for a card, `application/ai-catalog+json` for a catalog, or `application/json`";
    H5 Warning HOST "the document is served by the domain that was asked" "serve it there: the domain it comes from in the end is taken for its owner";
    H6 Warning CORS "`Access-Control-Allow-Origin` is `*`" "send `Access-Control-Allow-Origin: *`, so that clients in browsers can read it";
    H7 Note CORS "`Access-Control-Allow-Methods` has `GET`, `Access-Control-Allow-Headers` has `Content-Type` and `If-None-Match`" "send both, with the document or in answer to `OPTIONS`, so that clients in browsers can ask whether it changed";
    H8 Note CORS "`Access-Control-Expose-Headers` has `ETag`" "send `Access-Control-Expose-Headers: ETag`, so that clients in browsers can ask whether it changed";
    H9 Warning CACHE "`Cache-Control` lets the document be kept for a while" "send `Cache-Control: public, max-age=3600`";
    H10 Warning CACHE "the document has an `ETag`" "send an `ETag` that changes when the document does";
    H11 Warning CACHE "`If-None-Match` with that `ETag` is answered with 304" "answer 304 without a body when `If-None-Match` names the current `ETag`";
    H12 Error HOST "a plain GET gets the document, whatever it accepts" "answer every GET with the document, and not only those that accept a certain type";
    H13 Error ROBOTS "robots.txt lets the crawler read the document" "allow the address in robots.txt, for `*` or for `Cardinal`";
    H14 Error HOST "an address that nobody has is not answered with the same document" "answer 404 where nothing is: what every address answers is no description of a server";
}
