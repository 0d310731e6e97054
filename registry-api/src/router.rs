//! Every route, on one screen.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::rate_limit::RateLimits;
use crate::routes::{auth, describe, description, health, lint, metrics, origins, search, servers, validate};
use crate::state::AppState;
use crate::{caching, cors, forwarded, middleware, openapi, pages, paths, rate_limit, site};

/// The API of one generation; `/v0` and `/v0.1` are the same.
fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(servers::list::list_servers))
        .routes(routes!(servers::get::get_server))
        .routes(routes!(servers::versions::list_server_versions))
        .routes(routes!(servers::get::get_server_version))
        .routes(routes!(servers::edit::edit_server))
        .routes(routes!(servers::set_status::set_version_status))
        .routes(routes!(servers::set_status::set_server_status))
        .routes(routes!(servers::publish::publish_server))
        .routes(routes!(validate::validate_server))
        .routes(routes!(auth::github_at::exchange_github_token))
        .routes(routes!(auth::github_oidc::exchange_github_oidc_token))
        .routes(routes!(auth::oidc::exchange_oidc_token))
        .routes(routes!(auth::dns::exchange_dns_token))
        .routes(routes!(auth::http::exchange_http_token))
        .routes(routes!(auth::none::get_anonymous_token))
        .routes(routes!(health::get_health))
        .routes(routes!(health::ping))
        .routes(routes!(health::get_version))
}

/// What this registry adds to it.
fn extensions() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(search::search_servers))
        .routes(routes!(search::suggest_searches))
        .routes(routes!(auth::jwks::get_jwks))
        .routes(routes!(origins::submit::submit_origin))
        .routes(routes!(origins::get::get_origin))
        .routes(routes!(lint::lint_document))
        .routes(routes!(describe::card::get_server_card))
        .routes(routes!(describe::catalog::get_catalog))
        .routes(routes!(describe::discover::discover_domain))
        .routes(routes!(describe::ard::search_ard))
}

/// The website and what belongs to no generation of the API.
fn website() -> Router<AppState> {
    Router::new()
        .route("/", get(site::home::get_home))
        .route("/search", get(site::search::get_search).post(describe::ard::search_ard))
        .route("/crawler", get(site::crawler::get_crawler))
        .route("/servers/{name}", get(site::server::get_server_by_name))
        .route("/servers/{namespace}/{name}", get(site::server::get_server))
        .route("/static/{*file}", get(pages::assets::get_asset))
        .route("/docs", get(description::get_docs))
        .route("/docs/{file}", get(description::get_docs_file))
        .route("/openapi.json", get(description::get_json))
        .route("/openapi.yaml", get(description::get_yaml))
        .route("/openapi-3.0.json", get(description::get_older_json))
        .route("/openapi-3.0.yaml", get(description::get_older_yaml))
        .route("/schemas/{file}", get(description::get_schema))
        .route("/.well-known/jwks.json", get(auth::jwks::get_jwks))
        .route("/.well-known/ai-catalog.json", get(describe::catalog::get_ai_catalog))
        .route("/.well-known/ard.json", get(describe::catalog::get_ard))
        .route("/metrics", get(metrics::get_metrics))
        .layer(from_fn(describe::links::add))
}

/// The described routes, and their description.
pub(crate) fn described() -> (Router<AppState>, OpenApi) {
    OpenApiRouter::with_openapi(openapi::frame())
        .nest("/v0.1", api())
        .nest("/v0", api())
        .nest("/v0.1/x/org.cardinal-registry", extensions())
        .split_for_parts()
}

/// What serve runs and tests call.
pub fn app(state: AppState) -> Router {
    let (api, _) = described();
    let routes = api
        .merge(website())
        .fallback(site::not_found::get_missing)
        .method_not_allowed_fallback(site::not_found::get_missing)
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn_with_state(RateLimits::new(&state), rate_limit::limit))
        .layer(from_fn(middleware::note_route))
        .with_state(state.clone());
    // Paths are mended before they are routed, and even what is answered on the way is counted and carries the CORS headers.
    let outside = ServiceBuilder::new()
        .layer(from_fn_with_state(state, forwarded::locate))
        .layer(from_fn(middleware::measure))
        .layer(from_fn(cors::answer))
        .layer(from_fn(caching::forbid_by_default))
        .layer(from_fn(paths::clean))
        .layer(from_fn(middleware::head_as_get))
        .layer(from_fn(caching::encode))
        .layer(compression())
        .service(routes);
    Router::new().fallback_service(outside)
}

/// What fits one packet anyway is not made smaller: a page of one server costs less than its compression.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().compress_when(DefaultPredicate::new().and(SizeAbove::new(1024)))
}

/// Where a request leads that no route wants (contract 1.2): 404, for a wrong method too.
pub(crate) fn endpoint_not_found(request: &Request) -> Response {
    crate::problem::ApiError::EndpointNotFound(request.uri().path().to_owned()).into_response()
}

fn panicked() -> Response {
    // The panic hook has logged it; the outside is told no more than that.
    let problem = crate::problem::ApiError::Internal("a handler panicked".into());
    problem.into_response()
}
