//! The settings of this part; `cardinal serve` makes them from flags and environment.

use registry_core::package::Prover;

use crate::auth;

/// What the operator decides about the API.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where clients reach the registry, without a slash at the end.
    pub public_url: String,
    /// Whether `auth/none` hands out tokens.
    pub anonymous_auth: bool,
    /// What proves that publishers own their packages; none where the operator asks for no proof.
    pub packages: Option<Prover>,
    /// The other ways in for publishers.
    pub auth: auth::Settings,
    /// What `/health` tells the device flow of GitHub.
    pub github_client_id: Option<String>,
    /// What `/version` answers.
    pub build: Build,
}

/// Which program this is.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = VersionBody)]
pub struct Build {
    /// The program's version.
    pub version: String,
    /// The commit it was built from, or `unknown`.
    pub git_commit: String,
    /// When it was built, RFC 3339, or `unknown`.
    pub build_time: String,
}
