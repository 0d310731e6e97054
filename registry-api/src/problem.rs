//! Every way a request can fail, in one list, and how it reads on the wire (contract 1.4).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use registry_core::listing::InvalidTransition;
use registry_core::server::Refused;
use registry_core::server_json::rules::{Finding, Rule};
use registry_core::server_json::shape::ShapeIssue;
use registry_core::server_json::validate::MOST_ISSUES;
use registry_core::store::StoreError;
use registry_core::wire::problem::{Problem, ProblemDetail};
use registry_core::wire::validate::ValidationIssue;

use crate::routes::origins::Refusal;

/// What a writer tries to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Publish a version.
    Publish,
    /// Replace a version's document.
    Edit,
    /// Set the status of versions.
    Status,
}

impl Change {
    /// That the service refuses it, by which rule and how.
    pub fn refused(self, rule: &'static Rule, message: impl Into<String>) -> ApiError {
        ApiError::Service { change: self, rule, message: message.into() }
    }

    fn refusal_code(self) -> &'static str {
        match self {
            Self::Publish => "publish-refused",
            Self::Edit => "edit-refused",
            Self::Status => "status-refused",
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Publish => "publish server",
            Self::Edit => "edit server",
            Self::Status => "update server status",
        })
    }
}

/// Why a request fails. The words are the contract's where it has them.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No such path, or another method (1.2).
    #[error("{}", endpoint_not_found(.0))]
    EndpointNotFound(String),
    /// The path's second decoding failed (1.2).
    #[error("Invalid {0} encoding")]
    Encoding(&'static str),
    /// No visible version (1.7, 2.4).
    #[error("Server not found")]
    ServerNotFound,
    /// No such version of a server that exists (2.4).
    #[error("Server version not found")]
    VersionNotFound,
    /// Parameters and body members that cannot be (1.4), all together.
    #[error("validation failed")]
    Shape(Vec<ShapeIssue>),
    /// `updated_since` is no time (1.6).
    #[error("Invalid updated_since format: expected RFC3339 timestamp (e.g., 2025-08-07T13:15:04.280Z)")]
    UpdatedSince,
    /// `include_deleted=false` together with `updated_since` (1.6).
    #[error(
        "Cannot set include_deleted=false when using updated_since (incremental sync requires deleted servers)"
    )]
    SyncWithoutDeleted,
    /// No body; what is wrong with the parameters is told with it.
    #[error("request body is required")]
    BodyRequired(Vec<ShapeIssue>),
    /// A body that is no JSON; the text is echoed.
    #[error("validation failed")]
    NotJson {
        /// What is wrong with it.
        problem: String,
        /// The text.
        text: String,
        /// What is wrong with the parameters.
        parameters: Vec<ShapeIssue>,
    },
    /// A body over the limit.
    #[error("request body is too large limit={0} bytes")]
    TooLarge(usize),
    /// A body that took too long.
    #[error("request body read timeout")]
    SlowBody,
    /// A body of another type.
    #[error("unknown content type: {0}")]
    MediaType(String),
    /// Another scheme than Bearer (2.1).
    #[error("Invalid Authorization header format. Expected 'Bearer <token>'")]
    AuthorizationFormat,
    /// A token that does not hold (2.1).
    #[error("Invalid or expired Registry JWT token")]
    Token(String),
    /// No grant for this name (2.1).
    #[error("{0}")]
    Forbidden(String),
    /// Anonymous tokens are not given out.
    #[error(
        "anonymous tokens are switched off; the operator switches them on with MCP_REGISTRY_ENABLE_ANONYMOUS_AUTH=true"
    )]
    AnonymousOff,
    /// The operator has no OpenID provider.
    #[error(
        "OIDC tokens are not exchanged here; the operator names a provider with MCP_REGISTRY_OIDC_ENABLED=true and MCP_REGISTRY_OIDC_ISSUER"
    )]
    OidcOff,
    /// A token of somebody else does not hold (4.2–4.4); the reason, where it may be told.
    #[error("Token exchange failed")]
    TokenExchange(Option<String>),
    /// A domain is not proved by its TXT records (4.5).
    #[error("DNS authentication failed")]
    DnsAuth(String),
    /// A domain is not proved by the file it serves (4.5).
    #[error("HTTP authentication failed")]
    HttpAuth(String),
    /// Broken rules (2.2).
    #[error("Failed to {change}, invalid schema: call /validate for details")]
    Rules {
        /// What was tried.
        change: Change,
        /// What is broken, warnings too.
        findings: Vec<Finding>,
    },
    /// The process ends while a publication waits for its packages: nothing was written.
    #[error("the registry is restarting; publish again in a few seconds")]
    Stopping,
    /// What the service refuses (2.2, the G rules).
    #[error("Failed to {change}")]
    Service {
        /// What was tried.
        change: Change,
        /// The rule that is broken.
        rule: &'static Rule,
        /// How, in a sentence.
        message: String,
    },
    /// An edit under another name (2.5).
    #[error("Cannot rename server")]
    Rename,
    /// An edit of another version (2.5).
    #[error("Version in request body must match URL path parameter")]
    OtherVersion,
    /// What a version's life refuses (2.4).
    #[error(transparent)]
    Transition(#[from] InvalidTransition),
    /// No version would change (2.4).
    #[error("No changes to apply: all versions already have the requested status and message")]
    NothingChanges,
    /// What is said about a domain or an address that is not looked at.
    #[error(transparent)]
    Look(#[from] Refusal),
    /// Too many requests; how many seconds to wait.
    #[error("too many requests; try again in {0} seconds, or ask the operator for a larger budget")]
    RateLimited(u64),
    /// The database is out of reach: nothing was written.
    #[error("the registry cannot write at the moment; try again in a few seconds")]
    Unavailable(#[source] StoreError),
    /// A fault of ours.
    #[error("the registry could not complete the request")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_outage() { Self::Unavailable(error) } else { Self::Internal(error.into()) }
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        Change::Publish.refused(refused.rule(), refused.to_string())
    }
}

impl ApiError {
    /// Status and stable code: part of the API's contract.
    pub fn parts(&self) -> (StatusCode, &'static str) {
        match self {
            Self::EndpointNotFound(_) => (StatusCode::NOT_FOUND, "endpoint-not-found"),
            Self::Encoding(_) => (StatusCode::BAD_REQUEST, "invalid-encoding"),
            Self::ServerNotFound => (StatusCode::NOT_FOUND, "server-not-found"),
            Self::VersionNotFound => (StatusCode::NOT_FOUND, "version-not-found"),
            Self::Shape(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid-request"),
            Self::UpdatedSince => (StatusCode::BAD_REQUEST, "invalid-updated-since"),
            Self::SyncWithoutDeleted => (StatusCode::BAD_REQUEST, "sync-needs-deleted"),
            Self::BodyRequired(_) => (StatusCode::BAD_REQUEST, "body-required"),
            Self::NotJson { .. } => (StatusCode::BAD_REQUEST, "body-not-json"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large"),
            Self::SlowBody => (StatusCode::REQUEST_TIMEOUT, "body-too-slow"),
            Self::MediaType(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unknown-content-type"),
            Self::AuthorizationFormat => (StatusCode::UNAUTHORIZED, "authorization-format"),
            Self::Token(_) => (StatusCode::UNAUTHORIZED, "invalid-token"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Self::AnonymousOff => (StatusCode::NOT_FOUND, "anonymous-auth-off"),
            Self::OidcOff => (StatusCode::NOT_FOUND, "oidc-auth-off"),
            Self::TokenExchange(_) => (StatusCode::UNAUTHORIZED, "token-exchange-failed"),
            Self::DnsAuth(_) => (StatusCode::UNAUTHORIZED, "dns-authentication-failed"),
            Self::HttpAuth(_) => (StatusCode::UNAUTHORIZED, "http-authentication-failed"),
            Self::Rules { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid-schema"),
            Self::Service { change, .. } => (StatusCode::BAD_REQUEST, change.refusal_code()),
            Self::Rename => (StatusCode::BAD_REQUEST, "rename-refused"),
            Self::OtherVersion => (StatusCode::BAD_REQUEST, "version-mismatch"),
            Self::Transition(_) | Self::NothingChanges => (StatusCode::BAD_REQUEST, "invalid-transition"),
            Self::Look(refusal) => refusal.parts(),
            Self::RateLimited(_) => (StatusCode::TOO_MANY_REQUESTS, "rate-limited"),
            Self::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
            Self::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    fn details(&self) -> Vec<ProblemDetail> {
        let reason =
            |message: &String| vec![ProblemDetail { message: message.clone(), ..Default::default() }];
        match self {
            Self::Shape(issues) => issues.iter().map(detail).collect(),
            Self::BodyRequired(parameters) => parameters.iter().map(detail).collect(),
            Self::NotJson { problem, text, parameters } => {
                let body = ProblemDetail {
                    message: problem.clone(),
                    location: "body".into(),
                    value: Some(text.clone().into()),
                    rule: String::new(),
                };
                parameters.iter().map(detail).chain([body]).collect()
            }
            Self::MediaType(_) => reason(&self.to_string()),
            Self::TokenExchange(message) => message.iter().flat_map(reason).collect(),
            Self::DnsAuth(message) | Self::HttpAuth(message) => reason(message),
            Self::Service { rule, message, .. } => {
                vec![ProblemDetail { message: message.clone(), rule: rule.id.into(), ..Default::default() }]
            }
            Self::Token(message) => reason(message),
            _ => Vec::new(),
        }
    }

    fn issues(&self) -> Vec<ValidationIssue> {
        match self {
            Self::Rules { findings, .. } => findings.iter().take(MOST_ISSUES).map(Into::into).collect(),
            _ => Vec::new(),
        }
    }

    /// When to try again, in seconds.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited(seconds) => Some(*seconds),
            Self::Look(refusal) => refusal.retry_after(),
            Self::Unavailable(_) | Self::Stopping => Some(5),
            _ => None,
        }
    }

    /// The document that is sent.
    pub fn problem(&self) -> Problem {
        let (status, code) = self.parts();
        Problem {
            title: title(status).to_owned(),
            status: status.as_u16(),
            detail: self.to_string(),
            errors: self.details(),
            code: code.to_owned(),
            error: self.to_string(),
            issues: self.issues(),
        }
    }
}

/// A status in words, as the official registry has them.
fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        other => other.canonical_reason().unwrap_or_default(),
    }
}

fn detail(issue: &ShapeIssue) -> ProblemDetail {
    ProblemDetail {
        message: issue.message.clone(),
        location: issue.location.clone(),
        value: issue.value.clone(),
        rule: issue.rule.map_or_else(String::new, |rule| rule.id.to_owned()),
    }
}

fn endpoint_not_found(path: &str) -> String {
    let hint = "See /docs for the API documentation.";
    if path.starts_with("/v0/") || path.starts_with("/v0.1/") {
        format!("Endpoint not found. {hint}")
    } else {
        format!("Endpoint not found. Did you mean '/v0.1{path}' or '/v0{path}'? {hint}")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        if let Self::Unavailable(error) = &self {
            tracing::error!(%error, "A request failed because the database is out of reach");
        }
        if let Self::Internal(error) = &self {
            tracing::error!(%error, "A request failed");
        }
        let (status, _) = self.parts();
        let body = match &self {
            Self::EndpointNotFound(_) => serde_json::to_vec(&Alphabetical::of(&problem)),
            _ => serde_json::to_vec(&problem),
        };
        let body = body.unwrap_or_default();
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The members in the order that they have where no route answers (contract 1.2), then ours.
#[derive(serde::Serialize)]
struct Alphabetical<'a> {
    detail: &'a str,
    status: u16,
    title: &'a str,
    code: &'a str,
    error: &'a str,
}

impl<'a> Alphabetical<'a> {
    fn of(problem: &'a Problem) -> Self {
        let Problem { title, status, detail, code, error, .. } = problem;
        Self { detail, status: *status, title, code, error }
    }
}

/// The error answers of every operation, for the API description.
pub struct Problems;

impl utoipa::IntoResponses for Problems {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
        let content = || ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorModel"))).build();
        let response = ResponseBuilder::new()
            .description(
                "What went wrong, as RFC 9457 problem details; where the address holds a NUL byte, its title, status and \
                 detail as plain JSON",
            )
            .content("application/problem+json", content())
            .content("application/json", content())
            .build();
        [("default".to_owned(), response.into())].into()
    }
}
