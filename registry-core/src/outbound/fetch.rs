//! Asking: one request after the other along redirects, each checked, all within the policy's limits.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::header::{self, HeaderName, HeaderValue};
use reqwest::{Certificate, Method, Response, StatusCode};
use tokio::time::timeout;
use url::Url;

use super::decode::{ACCEPTED, Limit, read_body};
use super::dns::Dns;
use super::error::FetchError;
use super::guard::{self, Route};
use super::policy::{Policy, PolicyError};
use super::resolve::{Admission, Resolver};

/// The longest header value that is kept.
const MAX_HEADER: usize = 8 * 1024;

/// The guarded client; cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    policy: Arc<Policy>,
    resolver: Resolver,
    public: reqwest::Client,
    networks: reqwest::Client,
    overrides: Vec<reqwest::Client>,
}

/// What to ask for.
#[derive(Debug, Clone)]
pub struct Get {
    /// Where.
    pub url: Url,
    /// The `Accept` header; after a 406, `*/*` is tried once.
    pub accept: &'static str,
    /// The largest body taken, counted after decompression.
    pub max_bytes: usize,
    /// The `ETag` of the answer one already has.
    pub etag: Option<String>,
    /// The `Last-Modified` of the answer one already has; sent only when there is no `etag`.
    pub last_modified: Option<String>,
    /// Whether a larger body is cut at `max_bytes` instead of refused: enough where only the beginning counts.
    pub cut: bool,
}

impl Get {
    /// Asks for everything anew.
    pub fn new(url: Url, accept: &'static str, max_bytes: usize) -> Self {
        Self { url, accept, max_bytes, etag: None, last_modified: None, cut: false }
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The status of the last answer.
    pub status: u16,
    /// The address that gave it.
    pub final_url: Url,
    /// Every address asked, in order; the last is `final_url`.
    pub chain: Vec<Url>,
    /// Whether there were redirects and all of them were permanent (301, 308).
    pub moved_permanently: bool,
    /// `ETag`, to be sent back as it is.
    pub etag: Option<String>,
    /// `Last-Modified`, to be sent back as it is.
    pub last_modified: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Retry-After`.
    pub retry_after: Option<String>,
    /// `WWW-Authenticate`.
    pub www_authenticate: Option<String>,
    /// `Location`, where it was no redirect to follow.
    pub location: Option<String>,
    /// Every `Link` header.
    pub link: Vec<String>,
    /// The body; empty for 304, cut at 64 KiB where the status is not 2xx.
    pub body: Vec<u8>,
}

/// The redirects that led to where one is.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    /// Every address asked so far, in order.
    chain: Vec<Url>,
    /// Whether one of them said that it has not moved for good.
    temporarily: bool,
}

/// What one address answers.
#[derive(Debug, Clone)]
pub enum Hop {
    /// The last word.
    Answer(Box<Fetched>),
    /// The way to another address.
    Redirect {
        /// Which.
        to: Url,
        /// The status that said so.
        status: u16,
        /// The trail up to there.
        trail: Trail,
    },
}

impl Trail {
    /// What keeps one from going on: a refusal names the address that led to it.
    pub fn refused(&self, error: FetchError) -> FetchError {
        error.redirected_by(self.chain.last())
    }
}

impl Client {
    /// A client under this policy; reads the CA file. A process-wide rustls provider must be installed.
    pub fn new(policy: Policy) -> Result<Self, PolicyError> {
        let authorities = policy.ca_file.as_deref().map(read_authorities).transpose()?.unwrap_or_default();
        let networks: Arc<[IpNet]> = policy.allow_networks.clone().into();
        let client = |resolver: Resolver, only_http1: bool| make(&policy, &authorities, resolver, only_http1);
        let dns = (!policy.dns.is_empty()).then(|| Dns::new(&policy.dns));
        let resolver = Resolver::new(Admission::Public(networks.clone()), dns.clone());
        let public = client(resolver.clone(), false)?;
        let overrides = policy.connect_to.iter().map(|rule| {
            // On another port the authority differs from what is connected to; only HTTP/1's `Host` can say so.
            client(Resolver::overriding(rule, networks.clone(), dns.clone()), !rule.only_https_port())
        });
        let overrides = overrides.collect::<Result<_, _>>()?;
        let networks = client(Resolver::new(Admission::Networks(networks.clone()), dns), false)?;
        Ok(Self { policy: Arc::new(policy), resolver, public, networks, overrides })
    }

    /// Asks, follows redirects and reads the answer. Any HTTP status is an answer; errors are the lack of one.
    pub async fn get(&self, request: &Get) -> Result<Fetched, FetchError> {
        let limit = self.policy.total_timeout;
        match timeout(limit, self.follow(request)).await {
            Ok(result) => result,
            Err(_) => Err(FetchError::TotalTimeout { url: request.url.clone(), limit }),
        }
    }

    async fn follow(&self, request: &Get) -> Result<Fetched, FetchError> {
        let mut get = request.clone();
        let mut trail = Trail::default();
        loop {
            match self.hop(&get, &trail).await? {
                Hop::Answer(fetched) => return Ok(*fetched),
                Hop::Redirect { to, trail: further, .. } => {
                    get.url = to;
                    trail = further;
                }
            }
        }
    }

    /// Asks one address along a trail of redirects, so that whoever follows them can look before each step. The time is limited
    /// for each step alone.
    pub async fn hop(&self, request: &Get, trail: &Trail) -> Result<Hop, FetchError> {
        let limit = self.policy.total_timeout;
        match timeout(limit, self.step(request, trail)).await {
            Ok(result) => result,
            Err(_) => Err(FetchError::TotalTimeout { url: request.url.clone(), limit }),
        }
    }

    async fn step(&self, request: &Get, trail: &Trail) -> Result<Hop, FetchError> {
        let mut url = request.url.clone();
        url.set_fragment(None);
        let response = self.ask(&url, request).await.map_err(|e| e.redirected_by(trail.chain.last()))?;
        let mut chain = trail.chain.clone();
        chain.push(url.clone());
        let next = if self.policy.max_redirects == 0 { None } else { redirect_target(&response, &url)? };
        let Some(to) = next else {
            let moved_permanently = !trail.temporarily && chain.len() > 1;
            return Ok(Hop::Answer(Box::new(self.read(response, request, chain, moved_permanently).await?)));
        };
        if chain.len() > self.policy.max_redirects {
            let limit = self.policy.max_redirects;
            return Err(FetchError::TooManyRedirects { url: chain[0].clone(), limit });
        }
        let status = response.status().as_u16();
        let temporarily = trail.temporarily || !matches!(status, 301 | 308);
        Ok(Hop::Redirect { to, status, trail: Trail { chain, temporarily } })
    }

    async fn ask(&self, url: &Url, request: &Get) -> Result<Response, FetchError> {
        let route = guard::route(url, &self.policy)?;
        let response = self.send(url, route, request, request.accept).await?;
        if response.status() == StatusCode::NOT_ACCEPTABLE && request.accept != "*/*" {
            return self.send(url, route, request, "*/*").await;
        }
        Ok(response)
    }

    async fn send(
        &self,
        url: &Url,
        route: Route,
        request: &Get,
        accept: &'static str,
    ) -> Result<Response, FetchError> {
        let mut headers = header::HeaderMap::new();
        insert(&mut headers, header::ACCEPT, accept);
        match (&request.etag, &request.last_modified) {
            (Some(etag), _) => insert(&mut headers, header::IF_NONE_MATCH, etag),
            (None, Some(at)) => insert(&mut headers, header::IF_MODIFIED_SINCE, at),
            (None, None) => {}
        }
        self.open_by(route, &Method::GET, url, headers, None).await
    }

    /// Asks where the policy lets it, and waits for the answer's head.
    pub(super) async fn open(
        &self,
        method: &Method,
        url: &Url,
        headers: header::HeaderMap,
    ) -> Result<Response, FetchError> {
        self.open_by(guard::route(url, &self.policy)?, method, url, headers, None).await
    }

    /// The same with something to say.
    pub(super) async fn open_with(
        &self,
        method: &Method,
        url: &Url,
        headers: header::HeaderMap,
        body: Option<Vec<u8>>,
    ) -> Result<Response, FetchError> {
        self.open_by(guard::route(url, &self.policy)?, method, url, headers, body).await
    }

    async fn open_by(
        &self,
        route: Route,
        method: &Method,
        url: &Url,
        mut headers: header::HeaderMap,
        body: Option<Vec<u8>>,
    ) -> Result<Response, FetchError> {
        let (client, to_port) = match route {
            Route::Public => (&self.public, None),
            Route::Networks => (&self.networks, None),
            Route::Override(number) => (&self.overrides[number], self.policy.connect_to[number].to_port()),
        };
        let mut connect = url.clone();
        if let (Some(host), Some(port), Some(_)) = (url.host_str(), url.port(), to_port) {
            // A port in the URL would win over the override's.
            let _ = connect.set_port(None);
            insert(&mut headers, header::HOST, &format!("{host}:{port}"));
        }
        insert(&mut headers, header::ACCEPT_ENCODING, ACCEPTED);
        let limit = self.policy.first_byte_timeout;
        let mut request = client.request(method.clone(), connect).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        match timeout(limit, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(FetchError::of(&error, url, self.policy.connect_timeout)),
            Err(_) => {
                let host = url.host_str().unwrap_or_default().to_owned();
                Err(FetchError::FirstByteTimeout { host, limit })
            }
        }
    }

    async fn read(
        &self,
        response: Response,
        request: &Get,
        chain: Vec<Url>,
        moved_permanently: bool,
    ) -> Result<Fetched, FetchError> {
        let final_url = chain.last().unwrap_or(&request.url).clone();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let limit = Limit { is_cut: request.cut, ..self.limit(request.max_bytes) };
        let body = read_body(response, &final_url, limit).await?;
        let text = |name| header_texts(&headers, name).next();
        Ok(Fetched {
            status,
            moved_permanently,
            etag: text(header::ETAG),
            last_modified: text(header::LAST_MODIFIED),
            content_type: text(header::CONTENT_TYPE),
            cache_control: text(header::CACHE_CONTROL),
            retry_after: text(header::RETRY_AFTER),
            www_authenticate: text(header::WWW_AUTHENTICATE),
            location: text(header::LOCATION),
            link: header_texts(&headers, header::LINK).collect(),
            final_url,
            chain,
            body,
        })
    }

    /// Where a name is that strangers chose: the first address that may be reached. None for one that the operator named, and
    /// where there is none.
    pub async fn address(&self, url: &Url) -> Option<IpAddr> {
        match guard::route(url, &self.policy).ok()? {
            Route::Public => self.resolver.first(url.host_str()?).await,
            Route::Networks | Route::Override(_) => None,
        }
    }

    /// Whether the operator says where the address is, instead of DNS.
    pub fn is_overridden(&self, url: &Url) -> bool {
        matches!(guard::route(url, &self.policy), Ok(Route::Override(_)))
    }

    /// So many bytes of a body.
    pub(super) fn limit(&self, max_bytes: usize) -> Limit {
        Limit { max_bytes, is_cut: false, connect_timeout: self.policy.connect_timeout }
    }
}

/// The one place where a client for strangers' addresses is built.
#[expect(clippy::disallowed_methods, reason = "this is the guarded client")]
fn make(
    policy: &Policy,
    authorities: &[Certificate],
    resolver: Resolver,
    only_http1: bool,
) -> Result<reqwest::Client, PolicyError> {
    let mut builder = reqwest::Client::builder()
        .user_agent(&policy.user_agent)
        .dns_resolver(resolver)
        .connect_timeout(policy.connect_timeout)
        .https_only(true)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        // Bodies are decoded in `decode`, within limits.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .pool_max_idle_per_host(1);
    if !authorities.is_empty() {
        builder = builder.tls_certs_merge(authorities.iter().cloned());
    }
    if only_http1 {
        builder = builder.http1_only();
    }
    builder.build().map_err(|error| PolicyError::Unusable(super::error::innermost(&error)))
}

fn read_authorities(path: &Path) -> Result<Vec<Certificate>, PolicyError> {
    let pem = std::fs::read(path).map_err(|source| PolicyError::CaFile { path: path.to_owned(), source })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(PolicyError::NoCertificates(path.to_owned())),
    }
}

/// Where to go on; none when the answer is final, as is a redirect that names no place.
fn redirect_target(response: &Response, url: &Url) -> Result<Option<Url>, FetchError> {
    redirection(response.status().as_u16(), response.headers(), url)
}

/// Where an answer of `url` with this status and these headers sends on to, if it does.
pub(super) fn redirection(
    status: u16,
    headers: &header::HeaderMap,
    url: &Url,
) -> Result<Option<Url>, FetchError> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(header::LOCATION) else { return Ok(None) };
    let target = std::str::from_utf8(location.as_bytes()).ok().and_then(|text| url.join(text).ok());
    target.map(Some).ok_or_else(|| FetchError::InvalidRedirect { url: url.clone() })
}

fn header_texts(headers: &header::HeaderMap, name: HeaderName) -> impl Iterator<Item = String> {
    let values = headers.get_all(name).into_iter();
    values.filter(|value| value.len() <= MAX_HEADER).filter_map(|value| Some(value.to_str().ok()?.to_owned()))
}

/// What cannot be sent as a header was never received as one: it is left out.
fn insert(headers: &mut header::HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
