//! From a request's bytes to values, reporting every problem at once (contract 1.4).

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use http_body_util::BodyExt;
use percent_encoding::percent_decode_str;
use registry_core::clock;
use registry_core::listing::StatusChange;
use registry_core::publisher::Publisher;
use registry_core::server_json::ServerJson;
use registry_core::server_json::shape::{self, ShapeIssue};
use registry_core::wire::auth::{GithubToken, OidcToken, SignedTime};
use registry_core::wire::origins::OriginRequest;
use serde_json::Value;

use crate::problem::ApiError;
use crate::state::AppState;

/// How large a body may be, in bytes.
pub const MAX_BODY: usize = 1 << 20;
/// How much of a body that is too large is read and thrown away, so that its sender comes to read the refusal.
const MAX_DRAINED: usize = 16 << 20;
/// How long a body may take.
const BODY_TIME: std::time::Duration = std::time::Duration::from_secs(5);
/// How long a body that is too large may pause.
const BETWEEN_FRAMES: std::time::Duration = std::time::Duration::from_millis(500);

/// A body that knows its own shape.
pub trait Shaped: Sized {
    /// The value, or everything that is wrong with it.
    fn read(value: &Value) -> Result<Self, Vec<ShapeIssue>>;
}

impl Shaped for ServerJson {
    fn read(value: &Value) -> Result<Self, Vec<ShapeIssue>> {
        shape::read(value)
    }
}

impl Shaped for StatusChange {
    fn read(value: &Value) -> Result<Self, Vec<ShapeIssue>> {
        shape::read_status(value)
    }
}

/// What a route reads from its query beside the body.
pub trait Parameters: Sized + Send {
    /// The values; what is wrong with them is kept in `query`.
    fn read(query: &mut Query) -> Self;
}

impl Parameters for () {
    fn read(_: &mut Query) -> Self {}
}

impl Shaped for GithubToken {
    fn read(value: &Value) -> Result<Self, Vec<ShapeIssue>> {
        shape::read_github_token(value)
    }
}

impl Shaped for OidcToken {
    fn read(value: &Value) -> Result<Self, Vec<ShapeIssue>> {
        shape::read_oidc_token(value)
    }
}

impl Shaped for SignedTime {
    fn read(value: &Value) -> Result<Self, Vec<ShapeIssue>> {
        shape::read_signed_time(value)
    }
}

impl Shaped for OriginRequest {
    fn read(value: &Value) -> Result<Self, Vec<ShapeIssue>> {
        shape::read_origin(value)
    }
}

/// A body from somebody whose token was checked.
pub struct Signed<T, P = ()> {
    /// Who.
    pub publisher: Publisher,
    /// What.
    pub body: T,
    /// And how.
    pub parameters: P,
}

impl<T: Shaped, P: Parameters> FromRequest<AppState> for Signed<T, P> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let mut issues: Vec<ShapeIssue> = Vec::new();
        let authorization = authorization(&parts.headers);
        if authorization.is_none() {
            issues.push(issue("header.Authorization", "required header parameter is missing", None));
        }
        let mut query = Query::of(&parts);
        let parameters = P::read(&mut query);
        issues.append(&mut query.issues);
        let value = match json(&parts.headers, body).await {
            Err(ApiError::BodyRequired(_)) => return Err(ApiError::BodyRequired(issues)),
            Err(ApiError::NotJson { problem, text, .. }) => {
                return Err(ApiError::NotJson { problem, text, parameters: issues });
            }
            read => read?,
        };
        match (authorization, T::read(&value)) {
            (Some(authorization), Ok(body)) if issues.is_empty() => {
                Ok(Self { publisher: publisher(app, authorization)?, body, parameters })
            }
            (_, body) => {
                issues.extend(body.err().unwrap_or_default());
                Err(ApiError::Shape(issues))
            }
        }
    }
}

/// A body from anybody.
pub struct Unsigned<T>(pub T);

impl<T: Shaped> FromRequest<AppState> for Unsigned<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let value = json(&parts.headers, body).await?;
        T::read(&value).map(Self).map_err(ApiError::Shape)
    }
}

/// A document from anybody, as it was sent: what is wrong with it is for the handler to say.
pub struct Bytes(pub Vec<u8>);

impl FromRequest<AppState> for Bytes {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        bytes(&parts.headers, body).await.map(Self)
    }
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty())
}

fn publisher(app: &AppState, authorization: &str) -> Result<Publisher, ApiError> {
    let token = match authorization.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
        _ => return Err(ApiError::AuthorizationFormat),
    };
    let checked = app.tokens.check(token, app.clock.now());
    checked.map_err(|invalid| ApiError::Token(format!("failed to parse token: {invalid}")))
}

/// The body as JSON.
async fn json(headers: &HeaderMap, body: Body) -> Result<Value, ApiError> {
    let bytes = bytes(headers, body).await?;
    shape::parse_json(&bytes).map_err(|problem| {
        let (problem, text) = (problem.to_string(), String::from_utf8_lossy(&bytes).into_owned());
        ApiError::NotJson { problem, text, parameters: Vec::new() }
    })
}

/// The bytes of a body that says it is JSON; there are some.
async fn bytes(headers: &HeaderMap, mut body: Body) -> Result<Vec<u8>, ApiError> {
    check_type(headers)?;
    // Who waits to be told to go on is told at once; others send on and would not read an answer before they are done.
    let waits = headers.contains_key(header::EXPECT);
    let announced = body.size_hint().lower();
    let bytes = if announced > MAX_BODY as u64 { None } else { collect(&mut body).await? };
    let Some(bytes) = bytes else {
        if !waits && announced <= MAX_DRAINED as u64 {
            let _ = tokio::time::timeout(BODY_TIME, drain(body)).await;
        }
        return Err(ApiError::TooLarge(MAX_BODY));
    };
    if bytes.is_empty() {
        return Err(ApiError::BodyRequired(Vec::new()));
    }
    Ok(bytes)
}

/// The bytes of a body; nothing when they are too many.
async fn collect(body: &mut Body) -> Result<Option<Vec<u8>>, ApiError> {
    let read = async {
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| ApiError::BodyRequired(Vec::new()))?.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > MAX_BODY {
                return Ok(None);
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Some(bytes))
    };
    tokio::time::timeout(BODY_TIME, read).await.map_err(|_| ApiError::SlowBody)?
}

/// Reads what nobody wants, for as long as it keeps coming.
async fn drain(mut body: Body) {
    let mut size = 0;
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(BETWEEN_FRAMES, body.frame()).await {
        size += frame.data_ref().map_or(0, |data| data.len());
        if size > MAX_DRAINED {
            break;
        }
    }
}

fn check_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence.is_empty() || essence == "application/json" || essence.ends_with("+json") {
        Ok(())
    } else {
        Err(ApiError::MediaType(text))
    }
}

fn issue(location: &str, message: &str, value: Option<Value>) -> ShapeIssue {
    ShapeIssue { rule: None, location: location.into(), message: message.into(), value }
}

/// A path segment, decoded once more than the router does (contract 1.2).
pub fn decode_again(segment: &str, what: &'static str) -> Result<String, ApiError> {
    let valid = segment.bytes().enumerate().filter(|(_, b)| *b == b'%').all(|(at, _)| {
        segment.as_bytes().get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    });
    if !valid {
        return Err(ApiError::Encoding(what));
    }
    let decoded = percent_decode_str(segment).decode_utf8().map_err(|_| ApiError::Encoding(what))?;
    Ok(decoded.into_owned())
}

/// The query of a request: first value counts, an empty one is none (contract 1.6).
pub struct Query {
    pairs: Vec<(String, String)>,
    issues: Vec<ShapeIssue>,
}

impl Query {
    fn of(parts: &Parts) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        Self {
            pairs: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            issues: Vec::new(),
        }
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<&str> {
        let first = self.pairs.iter().find(|(key, _)| key == name);
        first.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A text that must be there; empty where it is not, which [`Query::check`] tells.
    pub fn required(&mut self, name: &str) -> String {
        let text = self.text(name).map(str::to_owned);
        if text.is_none() {
            self.issues.push(issue(&format!("query.{name}"), "required query parameter is missing", None));
        }
        text.unwrap_or_default()
    }

    /// A whole number inside a range.
    pub fn number(&mut self, name: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let text = self.text(name)?.to_owned();
        let location = format!("query.{name}");
        let Ok(number) = text.parse::<i64>() else {
            self.issues.push(issue(&location, "invalid integer", Some(text.into())));
            return None;
        };
        if number < *range.start() {
            let message = format!("expected number >= {}", range.start());
            self.issues.push(issue(&location, &message, Some(number.into())));
        }
        if number > *range.end() {
            let message = format!("expected number <= {}", range.end());
            self.issues.push(issue(&location, &message, Some(number.into())));
        }
        Some(number)
    }

    /// A truth value in one of the accepted spellings.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let text = self.text(name)?.to_owned();
        match text.as_str() {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
            _ => {
                self.issues.push(issue(&format!("query.{name}"), "invalid boolean", Some(text.into())));
                None
            }
        }
    }

    /// Takes note that a value is wrong.
    pub fn refuse(&mut self, name: &str, message: &str, value: &str) {
        self.issues.push(issue(&format!("query.{name}"), message, Some(value.into())));
    }

    /// A moment (contract 1.6).
    pub fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        clock::parse_rfc3339(text).map(Some).ok_or(ApiError::UpdatedSince)
    }

    /// Fails with everything that was wrong so far.
    pub fn check(&mut self) -> Result<(), ApiError> {
        if self.issues.is_empty() { Ok(()) } else { Err(ApiError::Shape(std::mem::take(&mut self.issues))) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}

/// The name in the path, or name and version.
pub struct ServerPath {
    /// The name, as text: it is only ever compared.
    pub name: String,
    /// The version, where the route has one.
    pub version: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for ServerPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|rejection| {
            let is_version = rejection.body_text().contains("`version`");
            ApiError::Encoding(if is_version { "version" } else { "server name" })
        })?;
        let get = |key: &str| params.iter().find(|(name, _)| *name == key).map(|(_, value)| value.to_owned());
        let name = decode_again(&get("serverName").unwrap_or_default(), "server name")?;
        let version = get("version").map(|version| decode_again(&version, "version")).transpose()?;
        Ok(Self { name, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_decoded_once_more() {
        assert_eq!(decode_again("a%2Fb", "version").ok().as_deref(), Some("a/b"));
        assert_eq!(decode_again("1.0.0+b", "version").ok().as_deref(), Some("1.0.0+b"));
        assert!(decode_again("a%zz", "version").is_err() && decode_again("a%F", "version").is_err());
        assert!(decode_again("%ff", "version").is_err());
    }
}
