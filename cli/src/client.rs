//! HTTP to the registry that the user names.

use registry_core::outbound::{reason, trusted};
use reqwest::{Method, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::address::RegistryUrl;
use crate::failure::Failure;

/// The largest answer taken: a hundred large listings.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// A registry to talk to.
pub(crate) struct Client {
    /// Its address.
    pub(crate) registry: RegistryUrl,
    http: reqwest::Client,
}

/// What a registry answered, whatever the status.
pub(crate) struct Answer {
    registry: RegistryUrl,
    url: Url,
    asked: Url,
    content_type: String,
    /// The status.
    pub(crate) status: StatusCode,
    body: Vec<u8>,
}

/// A refusal in the registry's words; members that others leave out are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    title: String,
    detail: String,
    error: String,
    message: String,
    errors: Vec<ProblemDetail>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ProblemDetail {
    message: String,
    location: String,
}

impl Client {
    /// A client for this registry.
    pub(crate) fn new(registry: RegistryUrl) -> Result<Self, Failure> {
        let http = trusted(concat!("cardinal/", env!("CARGO_PKG_VERSION")))?;
        Ok(Self { registry, http })
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Answer, Failure> {
        let url = self.registry.below(path);
        self.send(self.http.get(url.clone()).query(query), url).await
    }

    /// Sends a JSON text, or nothing.
    pub(crate) async fn post(
        &self,
        path: &[&str],
        token: Option<&str>,
        body: Option<&str>,
    ) -> Result<Answer, Failure> {
        let url = self.registry.below(path);
        let mut request = self.http.request(Method::POST, url.clone());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_owned());
        }
        let answer = self.send(request, url).await?;
        answer.refuse_redirected()
    }

    /// Whether a registry answers there at all.
    pub(crate) async fn is_registry(&self) -> bool {
        let answer = self.get(&["v0.1", "ping"], &[]).await;
        answer.is_ok_and(|answer| answer.status.is_success() && answer.read::<Value>().is_ok())
    }

    async fn send(&self, request: reqwest::RequestBuilder, asked: Url) -> Result<Answer, Failure> {
        let request = request.header(header::ACCEPT, "application/json, application/problem+json");
        let mut response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let content_type = response.headers().get(header::CONTENT_TYPE);
        let mut answer = Answer {
            registry: self.registry.clone(),
            url: response.url().clone(),
            asked,
            content_type: content_type.and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned(),
            status: response.status(),
            body: Vec::new(),
        };
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if answer.body.len() + chunk.len() > MAX_ANSWER {
                return Err(answer.no_registry(format!("answers with more than {} MiB", MAX_ANSWER >> 20)));
            }
            answer.body.extend_from_slice(&chunk);
        }
        Ok(answer)
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let reason = if error.is_timeout() { "it did not answer in time".to_owned() } else { reason(error) };
        Failure::Unreachable { registry: self.registry.clone(), reason }
    }
}

impl Answer {
    /// The answer as JSON; a refusal becomes a failure that says `refuses …` in the registry's words.
    pub(crate) fn json(&self, refuses: &str) -> Result<Value, Failure> {
        if !self.status.is_success() {
            return Err(self.refusal(refuses, ""));
        }
        self.read()
    }

    /// The body as this type, whatever the status.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let json = self.content_type.contains("json");
            let kind = self.content_type.split(';').next().unwrap_or_default();
            self.no_registry(match kind {
                _ if json => format!("answers with JSON that is not the API's ({error})"),
                "" => "does not answer with JSON".to_owned(),
                kind => format!("answers with {kind} instead of JSON"),
            })
        })
    }

    /// An answer that makes no sense, as a failure.
    pub(crate) fn no_registry(&self, what: String) -> Failure {
        Failure::NoRegistry { registry: self.registry.clone(), url: self.url.to_string(), what }
    }

    /// The refusal as a failure: `refuses the publication: …`, its single problems, and what to do `next`.
    pub(crate) fn refusal(&self, refuses: &str, next: &str) -> Failure {
        let problem: Problem = match serde_json::from_slice(&self.body) {
            Ok(problem) => problem,
            Err(_) if self.status == StatusCode::NOT_FOUND => {
                return self.no_registry("does not exist".to_owned());
            }
            Err(_) => Problem::default(),
        };
        let said = [problem.detail, problem.error, problem.message, problem.title];
        let said = said.into_iter().find(|text| !text.is_empty());
        let why = said.unwrap_or_else(|| format!("it answers {}", self.status));
        let next = match next {
            "" if self.status == StatusCode::TOO_MANY_REQUESTS => "; wait a little, then try again",
            "" if self.status.is_server_error() => "; try again later",
            next => next,
        };
        let details = problem.errors.iter().map(ProblemDetail::line).collect();
        Failure::Refused {
            registry: self.registry.clone(),
            what: format!("refuses {refuses}: {why}{next}"),
            details,
        }
    }

    /// A POST that was redirected by 301, 302 or 303 arrived as a GET: its answer is not the one asked for.
    fn refuse_redirected(self) -> Result<Self, Failure> {
        if self.status.is_success() || self.url == self.asked {
            return Ok(self);
        }
        let (asked, to) = (self.asked.path(), self.url.as_str());
        let to = to.strip_suffix(asked).unwrap_or(to).to_owned();
        Err(Failure::Moved { registry: self.registry, to })
    }
}

impl ProblemDetail {
    fn line(&self) -> String {
        match self.location.as_str() {
            "" => self.message.clone(),
            location => format!("{location}: {}", self.message),
        }
    }
}
