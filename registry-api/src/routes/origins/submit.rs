//! `POST /v0.1/x/org.cardinal-registry/origins`: anybody asks for a domain to be crawled.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use registry_core::card::origin::Origin;
use registry_core::store::origins::{self, Row};
use registry_core::store::{self, PgConnection};
use registry_core::wire::origins::{OriginRequest, OriginStatus};

use super::Refusal;
use crate::answer::Json;
use crate::extract::Unsigned;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// How long after a visit nobody's submission brings about another one: hosts that asked for patience get it.
const RECENTLY: TimeDelta = TimeDelta::days(1);

/// How long submissions are counted.
const PERIOD: TimeDelta = TimeDelta::days(1);

/// Submit a domain to be crawled.
///
/// It is visited as soon as a crawler is free, and then as often as its documents say. Submitting it again changes nothing, but
/// brings the next visit forward where the last one is more than a day ago. What was found is told at `statusUrl`.
#[utoipa::path(
    post, path = "/origins", tag = "origins", operation_id = "submit-origin", request_body = OriginRequest,
    responses(
        (status = 202, description = "It is or was taken up; where it stands", body = OriginStatus,
            headers(("location" = String, description = "Where to ask again: `statusUrl`"))),
        Problems,
    ),
)]
pub async fn submit_origin(
    State(app): State<AppState>,
    Unsigned(body): Unsigned<OriginRequest>,
) -> Result<Response, ApiError> {
    let origin: Origin = body.origin.parse().map_err(Refusal::Origin)?;
    origin.check_public().map_err(Refusal::Origin)?;
    let (row, is_recent) = submit(&app, &origin).await?;
    let mut status = super::status(&app, &row);
    if let (true, Some(visited)) = (is_recent, status.visited_at) {
        status.message = format!(
            "`{origin}` was visited at {} and is visited again at {}; {}",
            time(visited),
            time(row.due_at),
            status.message
        );
    }
    let location = super::status_url(&app, origin.host());
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json::of(&status)?).into_response())
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Takes a domain up, or brings its next visit forward; says whether it was visited so lately that neither is needed.
async fn submit(app: &AppState, origin: &Origin) -> Result<(Row, bool), ApiError> {
    let now = app.clock.now();
    let mut tx = store::begin(&app.pool).await?;
    origins::lock_submitting(&mut tx).await?;
    let hosts: Vec<String> = origin.and_above().into_iter().map(str::to_owned).collect();
    if let Some(removed) = origins::removed(&mut tx, &hosts).await?.into_iter().next() {
        return Err(Refusal::Removed(removed).into());
    }
    let known = origins::get(&mut tx, origin).await?;
    let is_recent = known.as_ref().and_then(|row| row.crawled_at).is_some_and(|at| at + RECENTLY > now);
    if known.is_none() {
        check_room(&mut tx, app.config.submissions_per_day, now).await?;
        origins::add(&mut tx, origin, origins::ANYONE, now).await?;
    }
    if !is_recent {
        // Somebody waits for the answer: before the thousands that a list may have added.
        origins::recrawl(&mut tx, origin, now).await?;
    }
    let row = origins::get(&mut tx, origin).await?;
    store::commit(tx).await?;
    let row = row.ok_or_else(|| ApiError::Internal("the submitted origin is missing".into()))?;
    if row.added_at == now {
        tracing::info!(origin = %origin, "Somebody has submitted {origin}");
    }
    Ok((row, is_recent))
}

/// Strangers together add no more than the operator allows, and nothing while so much of theirs still waits.
async fn check_room(conn: &mut PgConnection, most: u32, now: DateTime<Utc>) -> Result<(), ApiError> {
    if most == 0 {
        return Err(Refusal::Off.into());
    }
    let (count, oldest) = origins::submitted(conn, now - PERIOD).await?;
    if count < i64::from(most) {
        return Ok(());
    }
    let wait = oldest.map_or(PERIOD, |oldest| oldest + PERIOD - now).num_seconds();
    Err(Refusal::Full(u64::try_from(wait).unwrap_or_default().clamp(60, 86_400)).into())
}
