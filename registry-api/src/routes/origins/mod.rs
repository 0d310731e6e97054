//! Domains that are crawled: anybody may submit one, and see everything that was found there.
//!
//! These routes read Postgres: what they tell is no part of the read model.

pub mod get;
mod refusal;
pub mod submit;

use registry_core::store::StoreError;
use registry_core::store::origins::Row;
use registry_core::wire::origins::OriginStatus;

pub use refusal::Refusal;

use crate::problem::ApiError;
use crate::state::AppState;

/// Where to ask about an origin.
fn status_url(app: &AppState, host: &str) -> String {
    format!("{}/v0.1/x/org.cardinal-registry/origins/{host}", app.config.public_url)
}

/// Where an origin stands, with the address to ask again.
fn status(app: &AppState, row: &Row) -> OriginStatus {
    OriginStatus { status_url: Some(status_url(app, &row.host)), ..OriginStatus::of(row, app.clock.now()) }
}

/// The database is needed to answer; without it nothing is wrong with the question.
fn unreadable(error: StoreError) -> ApiError {
    if error.is_outage() {
        tracing::error!(%error, "An origin cannot be looked up because the database is out of reach");
        return Refusal::OutOfReach.into();
    }
    ApiError::Internal(error.into())
}
