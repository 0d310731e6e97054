//! What every handler may use.

use std::sync::Arc;

use registry_core::clock::SharedClock;
use registry_core::lint::Linter;
use registry_core::store::PgPool;
use tokio_util::sync::CancellationToken;

use crate::auth::Exchanges;
use crate::config::Config;
use crate::read_model::ReadModel;
use crate::token::Tokens;

/// The API's state; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Everything public.
    pub model: Arc<ReadModel>,
    /// The database, for writing.
    pub pool: PgPool,
    /// The time.
    pub clock: SharedClock,
    /// Signs and checks the registry's tokens.
    pub tokens: Arc<Tokens>,
    /// The ways in for publishers.
    pub auth: Arc<Exchanges>,
    /// Checks Server Cards and catalogs.
    pub linter: Arc<dyn Linter>,
    /// Cancelled when the process is about to end: what only waits gives up.
    pub stopping: CancellationToken,
    /// The settings.
    pub config: Arc<Config>,
}
