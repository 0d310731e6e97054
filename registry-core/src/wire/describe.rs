//! What the registry says of itself and of what it lists, in the forms of AI Catalog and ARD, and the servers of a domain.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::listing::Status;
use crate::server_json::Remote;

/// An AI Catalog 1.0; without `specVersion` and `host` an ARD manifest.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AiCatalog {
    /// What the terms mean, in an ARD manifest.
    #[serde(rename = "@context", default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// `1.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_version: Option<String>,
    /// Whose catalog it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<CatalogHost>,
    /// What it lists.
    pub entries: Vec<CatalogEntry>,
}

/// Who publishes a catalog.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CatalogHost {
    /// Its name.
    pub display_name: String,
    /// Its domain.
    pub identifier: String,
    /// Where it is explained.
    pub documentation_url: String,
}

/// Something that a catalog lists.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CatalogEntry {
    /// `urn:air:` and the domain of its publisher, then names.
    pub identifier: String,
    /// Its name for people.
    pub display_name: String,
    /// What stands at `url`.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Where it is.
    pub url: String,
    /// What it does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// When it changed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<DateTime<Utc>>,
    /// What it may be asked, by example.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub representative_queries: Vec<String>,
}

/// What an ARD client searches for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArdSearch {
    /// What to find.
    pub query: ArdQuery,
    /// How many results the page has at most, 1 to 100; 10 when nobody says.
    #[serde(default)]
    pub page_size: Option<i64>,
    /// Where the page begins: `nextPageToken` of the page before.
    #[serde(default)]
    pub page_token: Option<String>,
}

/// Words and filters of a search.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ArdQuery {
    /// Words of what is wanted.
    pub text: String,
    /// `type` and `publisher`, each a text or a list of texts.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub filter: Map<String, Value>,
}

/// What an ARD search found.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArdResults {
    /// Entries, best first.
    pub results: Vec<CatalogEntry>,
    /// Where the next page begins; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// The servers of a domain.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DomainServers {
    /// The domain.
    pub domain: String,
    /// The namespace that belongs to it.
    pub namespace: String,
    /// Its servers in the order of their names, each by its latest version.
    pub servers: Vec<DomainServer>,
    /// Where the next page begins; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A server that belongs to a domain by its name or by where it runs.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DomainServer {
    /// Its name.
    pub name: String,
    /// Its latest version.
    pub version: String,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What it does.
    pub description: String,
    /// Whether it is offered.
    pub status: Status,
    /// Whether its name is in the namespace of the domain or below it.
    pub in_namespace: bool,
    /// Its remotes on the domain or below it.
    pub remotes: Vec<Remote>,
    /// How far its name is proved, 0 to 4; absent where nothing was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// What proves it, as `_meta` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub evidence: Option<Value>,
    /// Whether its remotes answer, as `_meta` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub liveness: Option<Value>,
    /// The API's answer about it.
    pub url: String,
    /// Its Server Card; absent where it has no remotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_card: Option<String>,
}
