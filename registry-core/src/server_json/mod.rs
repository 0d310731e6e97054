//! The `server.json` document: typed, in the canonical member order of contract 1.5.
//!
//! - [`shape`]: what a publisher's JSON must look like (S1–S18); the only way from a request to a [`ServerJson`]
//! - [`rules`]: what it must say (V, N, R, P, W, T, I, K, A, X, Y)
//! - [`schema`]: whether it agrees with the JSON Schema that it names (J1)
//! - [`service`]: whether it can be kept
//! - [`validate`]: what all but the last of them find
//! - [`lenient`]: documents that an upstream registry has already accepted

mod address;
mod canonical;
mod json;
mod layout;
pub mod lenient;
pub mod rules;
pub mod schema;
pub mod service;
pub mod shape;
pub mod validate;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The schema this registry writes and recommends.
pub const CURRENT_SCHEMA: &str =
    "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";

/// The ids of the schemas this registry carries, oldest first; the last is the current one.
pub const CARRIED_SCHEMAS: [&str; 6] =
    ["2025-07-09", "2025-09-16", "2025-09-29", "2025-10-11", "2025-10-17", "2025-12-11"];

/// The one member that a publisher's `_meta` may have.
pub const PUBLISHER_PROVIDED: &str = "io.modelcontextprotocol.registry/publisher-provided";

/// A server's description; serialises in the contract's member order, without empty optional members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = ServerJSON)]
pub struct ServerJson {
    /// The schema the document was written for.
    #[serde(rename = "$schema", skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// `namespace/name`.
    pub name: String,
    /// What it does, in at most 100 characters.
    pub description: String,
    /// A name for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Where its source lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
    /// Which version this describes.
    pub version: String,
    /// Its home page.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub website_url: String,
    /// Its icons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// Ways to run it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<Package>,
    /// Places where it runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remotes: Vec<Remote>,
    /// What the publisher adds: [`PUBLISHER_PROVIDED`] only.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none", serialize_with = "canonical::meta")]
    #[schema(value_type = Option<Object>)]
    pub meta: Option<Map<String, Value>>,
}

impl ServerJson {
    /// The canonical bytes: what is stored, hashed and served.
    pub fn to_canonical(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Where the source lives.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Repository {
    /// Address of the repository.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// `github` or `gitlab`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The host's own id of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Path of the server inside it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subfolder: String,
}

/// A picture of the server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Icon {
    /// Its address.
    pub src: String,
    /// Its media type.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mime_type: String,
    /// `48x48` or `any`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<String>,
    /// `light` or `dark`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub theme: String,
}

/// A way to run the server on one's own machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Package {
    /// `npm`, `pypi`, `oci`, `nuget`, `mcpb`, `cargo`.
    pub registry_type: String,
    /// The package registry, when it is not the type's own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub registry_base_url: String,
    /// The package's name, image reference or download address.
    pub identifier: String,
    /// The package's version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// SHA-256 of a downloaded file, lower-case hex.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file_sha256: String,
    /// What to run it with: `npx`, `uvx`, `docker`, `dnx`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runtime_hint: String,
    /// How to talk to it.
    pub transport: Remote,
    /// Arguments for the runtime.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runtime_arguments: Vec<Argument>,
    /// Arguments for the package.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub package_arguments: Vec<Argument>,
    /// Environment variables it reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment_variables: Vec<KeyValueInput>,
}

/// A transport: of a package (`stdio` too), or a place on the web where the server runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Remote {
    /// `streamable-http`, `sse`, and for packages `stdio`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its address, perhaps with `{variables}`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Headers a client sends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<KeyValueInput>,
    /// What stands for the variables of the address.
    #[serde(skip_serializing_if = "Map::is_empty", serialize_with = "canonical::variables")]
    #[schema(value_type = Object)]
    pub variables: Map<String, Value>,
}

/// Something a person fills in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Input {
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether the server needs it.
    #[serde(skip_serializing_if = "is_false")]
    pub is_required: bool,
    /// `string`, `number`, `boolean`, `filepath`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// A fixed value, perhaps with `{variables}`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Whether it must be kept secret.
    #[serde(skip_serializing_if = "is_false")]
    pub is_secret: bool,
    /// What holds when nothing is filled in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub default: String,
    /// An example to show in the empty field.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub placeholder: String,
    /// The values to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What stands for the variables of `value`.
    #[serde(skip_serializing_if = "Map::is_empty", serialize_with = "canonical::variables")]
    #[schema(value_type = Object)]
    pub variables: Map<String, Value>,
}

/// A header or an environment variable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct KeyValueInput {
    /// What to fill in.
    #[serde(flatten)]
    pub input: Input,
    /// The header's or variable's name.
    pub name: String,
}

/// A command-line argument.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Argument {
    /// What to fill in.
    #[serde(flatten)]
    pub input: Input,
    /// `positional` or `named`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The flag, `--port`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What a positional argument means.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value_hint: String,
    /// Whether it may stand more than once.
    #[serde(skip_serializing_if = "is_false")]
    pub is_repeated: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}
