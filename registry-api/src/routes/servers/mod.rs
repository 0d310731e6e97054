//! Servers and their versions: reading, publishing, status.

mod change;
pub mod edit;
pub mod get;
pub mod list;
pub mod publish;
pub mod set_status;
pub mod versions;

use utoipa::IntoParams;

/// Where a server is in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it only describes what ServerPath extracts")]
pub struct NameParam {
    /// The server's full name, its slash written as `%2F`: `com.example%2Fweather`. Two raw segments are understood too.
    #[param(rename = "serverName", example = "com.example/weather")]
    server_name: String,
}

/// Where a version is in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it only describes what ServerPath extracts")]
pub struct VersionParam {
    /// The version, percent-encoded. Reading understands `latest`.
    #[param(example = "1.0.0")]
    version: String,
}

/// Whether deleted versions are shown.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes what Query extracts")]
pub struct DeletedParam {
    /// Deleted versions too.
    #[param(required = false, default = false)]
    include_deleted: bool,
}
