//! The last look: what is left that a registry's rules refuse.

use serde_json::{Map, Value};

use super::MapError;
use crate::server_json::ServerJson;

pub(super) fn is_version(text: &str) -> bool {
    text.parse::<crate::version::ServerVersion>().is_ok()
        && text != "latest"
        && !text.starts_with(['^', '~', '>', '<', '='])
}

pub(super) fn repair(server: ServerJson, _facts: &mut Map<String, Value>) -> Result<ServerJson, MapError> {
    Ok(server)
}
