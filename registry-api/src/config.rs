//! The settings of this part; `cardinal serve` makes them from flags and environment.

use std::num::NonZeroU32;

use ipnet::IpNet;
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
    /// Whom people write to whose hosts are crawled: a URL, or a mail address behind `mailto:`.
    pub crawler_contact: Option<String>,
    /// What `/version` answers.
    pub build: Build,
    /// How many domains strangers may submit in a day, and have waiting for a first visit; none may where it is 0.
    pub submissions_per_day: u32,
    /// Whom it believes and how often it may be asked.
    pub http: Http,
}

/// How requests come in.
#[derive(Debug, Clone, Default)]
pub struct Http {
    /// The proxies whose word on the client, the host and the path is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// How often one client may read; `None` for as often as it likes.
    pub reads: Option<Rate>,
    /// How often one client may write.
    pub writes: Option<Rate>,
    /// How often one client may submit a domain or have a document checked.
    pub submissions: Option<Rate>,
}

/// A steady rate, and how much more may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests a minute, in the long run.
    pub per_minute: NonZeroU32,
    /// Requests at once, after a pause.
    pub burst: NonZeroU32,
}

impl Rate {
    /// So many a minute, and `burst` times as many at once; none for zero.
    pub fn new(per_minute: u32, burst: NonZeroU32) -> Option<Self> {
        let per_minute = NonZeroU32::new(per_minute)?;
        Some(Self { per_minute, burst: per_minute.saturating_mul(burst) })
    }
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
