//! What the list, version and detail routes answer (contract 1.5).

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::listing::{Listing, Standing, Status};
use crate::server_json::ServerJson;

/// The key of the registry's word on a version.
pub const OFFICIAL: &str = "io.modelcontextprotocol.registry/official";

/// One version of one server.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ServerResponse {
    /// The publisher's document.
    pub server: ServerJson,
    /// What the registry says of it.
    #[serde(rename = "_meta")]
    pub meta: ResponseMeta,
}

/// What the registry says of a version.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ResponseMeta {
    /// Status, times and latest flag.
    #[serde(
        rename = "io.modelcontextprotocol.registry/official",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub official: Option<Official>,
    /// What this registry adds, under `org.cardinal-registry/…`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub extensions: Map<String, Value>,
}

/// Status, times and latest flag of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Official {
    /// Whether it is offered.
    pub status: Status,
    /// When the status last changed.
    #[schema(value_type = String, format = DateTime)]
    pub status_changed_at: Timestamp,
    /// Why; an empty text is sent too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// When it was published.
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Timestamp,
    /// When anything of it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// Whether it is the latest of its server.
    pub is_latest: bool,
}

impl From<&Standing> for Official {
    fn from(standing: &Standing) -> Self {
        Self {
            status: standing.status,
            status_changed_at: Timestamp(standing.status_changed_at),
            status_message: standing.status_message.clone(),
            published_at: Timestamp(standing.published_at),
            updated_at: Timestamp(standing.updated_at),
            is_latest: standing.is_latest,
        }
    }
}

/// A moment on the wire: RFC 3339 in UTC, trailing zeros of the fraction trimmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(pub DateTime<Utc>);

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.0.to_rfc3339_opts(SecondsFormat::Nanos, true);
        let digits = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
        write!(f, "{digits}Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        DateTime::<Utc>::deserialize(from).map(Self)
    }
}

/// A page of versions.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ServerList {
    /// The versions of this page.
    pub servers: Vec<ServerResponse>,
    /// Where it goes on.
    #[serde(default)]
    pub metadata: ListMetadata,
}

/// Where a list goes on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListMetadata {
    /// What to pass as `cursor` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// How many versions this page has.
    #[serde(default)]
    pub count: usize,
}

/// The answer for one listing, as JSON text: the document as it is stored, and what the registry says of it.
pub fn response_json(listing: &Listing) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Response<'a> {
        server: &'a RawValue,
        #[serde(rename = "_meta")]
        meta: Meta<'a>,
    }
    #[derive(Serialize)]
    struct Meta<'a> {
        #[serde(rename = "io.modelcontextprotocol.registry/official")]
        official: Official,
        #[serde(flatten)]
        extensions: &'a Map<String, Value>,
    }
    let server = serde_json::from_str(&listing.document)?;
    let extensions =
        if listing.extensions.is_empty() { Map::new() } else { serde_json::from_str(&listing.extensions)? };
    let meta = Meta { official: Official::from(&listing.standing), extensions: &extensions };
    serde_json::to_string(&Response { server, meta })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_lose_their_trailing_zeros() {
        let at = |text: &str| Timestamp(text.parse().expect("a time")).to_string();
        assert_eq!(at("2025-08-07T13:15:04.280Z"), "2025-08-07T13:15:04.28Z");
        assert_eq!(at("2025-08-07T13:15:00+00:00"), "2025-08-07T13:15:00Z");
        assert_eq!(at("2025-08-07T13:15:04.000001Z"), "2025-08-07T13:15:04.000001Z");
    }

    #[test]
    fn the_document_stands_in_the_answer_byte_for_byte() {
        let listing = Listing {
            name: "com.example/weather".parse().expect("a name"),
            version: "1.0.0".parse().expect("a version"),
            document: r#"{"name":"com.example/weather","description":"<&>","version":"1.0.0"}"#.into(),
            standing: Standing::published("2026-01-01T00:00:00Z".parse().expect("a time")),
            source: crate::listing::Source::Published,
            extensions: r#"{"org.cardinal-registry/evidence":{"level":"host-bound"}}"#.into(),
        };
        let json = response_json(&listing).expect("it serialises");
        assert!(json.starts_with(&format!(
            r#"{{"server":{},"_meta":{{"{OFFICIAL}":{{"status":"active""#,
            listing.document
        )));
        assert!(
            json.ends_with(r#""isLatest":false},"org.cardinal-registry/evidence":{"level":"host-bound"}}}"#)
        );
    }
}
