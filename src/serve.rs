//! `cardinal serve`: API, website and crawler in one process, by role, until a signal ends it.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use crawler::Crawler;
use crawler::import::Options;
use registry_api::auth;
use registry_api::config::{Build, Config};
use registry_api::read_model::follow::Follower;
use registry_api::state::AppState;
use registry_core::clock::{SharedClock, SystemClock};
use registry_core::store::PgPool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::arguments::{GivenKey, Role, ServeArguments};
use crate::commands::{self, crawl, import, upstreams};
use crate::database::{Database, Purpose};
use crate::demo::Demo;
use crate::{connections, log, token_key};

/// How long requests and tasks under way may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs until SIGINT or SIGTERM.
pub async fn serve(arguments: ServeArguments) -> anyhow::Result<ExitCode> {
    log::start(&arguments.log)?;
    arguments.auth.settings()?;
    let stop = stop_at_signal()?;
    // Before anything else is started: a busy port ends the matter at once.
    let listener = listen(&arguments).await?;
    let url = public_url(&arguments, listener.as_ref())?;
    let purpose = Purpose::Serve { url: url.clone() };
    let migrate = arguments.migrate;
    let database = Database::open(&arguments.storage, &purpose, migrate).await?;
    let served = tokio::select! {
        served = run(&arguments, listener, url, &database, stop.clone()) => served,
        ended = database.ended() => Err(ended),
    };
    // A part that still runs would keep the database from closing.
    stop.cancel();
    let closed = database.close().await;
    served?;
    closed?;
    Ok(ExitCode::SUCCESS)
}

async fn run(
    arguments: &ServeArguments,
    listener: Option<TcpListener>,
    url: String,
    database: &Database,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let clock: SharedClock = Arc::new(SystemClock);
    let tasks = TaskTracker::new();
    if let Some(source) = &arguments.seed_from {
        seed(source, arguments, database.pool(), &clock).await?;
    }
    let demo = if arguments.demo { Some(Demo::start().await?) } else { None };
    let crawling = crawling(arguments, demo.as_ref())?;
    if arguments.role != Role::Api {
        let crawler = Crawler::new(crawling.clone(), database.pool().clone(), clock.clone())?;
        if demo.is_some() {
            crawler
                .add_origins(&Demo::origins(), "demo")
                .await
                .context("the demo's origins cannot be added")?;
        }
        let puller = upstreams::puller(&arguments.crawler.contact, database.pool().clone(), clock.clone());
        let pulling = stop.clone();
        tasks.spawn(async move { puller.run(pulling).await });
        let stop = stop.clone();
        tasks.spawn(async move {
            if let Err(error) = crawler.run(stop.clone()).await {
                tracing::error!(%error, "The crawler cannot run; the registry stops");
                stop.cancel();
            }
        });
    }
    if let Some(listener) = listener {
        let linter = commands::lint::for_strangers(&crawling, clock.clone())?;
        // Whoever may be crawled may also serve a key.
        let dns_resolvers = arguments.crawler.dns_resolvers.clone();
        let auth = auth::Settings { outbound: crawling.policy, dns_resolvers, ..arguments.auth.settings()? };
        let (follower, state) =
            state(arguments, url.clone(), auth, linter, database.pool(), clock, stop.clone()).await?;
        tasks.spawn(follower.run(stop.clone()));
        println!("Cardinal is ready at {url}");
        answer(listener, state, stop.clone()).await;
    } else {
        println!("Cardinal's crawler is running");
        stop.cancelled().await;
    }
    stop.cancel();
    tasks.close();
    if tokio::time::timeout(PATIENCE, tasks.wait()).await.is_err() {
        warn!("Something under way did not end in time and is cut off; it will be taken up again");
    }
    info!("Stopped");
    Ok(())
}

/// The address may be busy or not ours; the sentence says which.
async fn listen(arguments: &ServeArguments) -> anyhow::Result<Option<TcpListener>> {
    if arguments.role == Role::Crawler {
        return Ok(None);
    }
    let address = arguments.address;
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is in use by another program; stop that one, or choose another with --address (`127.0.0.1:0` takes any free port)"
        ),
        std::io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("this account may not listen on {address}; choose a port above 1023 with --address")
        }
        _ => anyhow::anyhow!("it is impossible to listen on {address}: {error}; choose another with --address"),
    })?;
    Ok(Some(listener))
}

fn public_url(arguments: &ServeArguments, listener: Option<&TcpListener>) -> anyhow::Result<String> {
    if let Some(url) = &arguments.public_url {
        return Ok(url.clone());
    }
    let address: SocketAddr = match listener {
        Some(listener) => listener.local_addr().context("the listener has no address")?,
        None => arguments.address,
    };
    let everywhere = address.ip().is_unspecified() || address.ip().is_loopback();
    let host = if everywhere { "localhost".to_owned() } else { address.ip().to_string() };
    Ok(format!("http://{host}:{}", address.port()))
}

async fn state(
    arguments: &ServeArguments,
    public_url: String,
    auth: auth::Settings,
    linter: crawler::lint::Linter,
    pool: &PgPool,
    clock: SharedClock,
    stopping: CancellationToken,
) -> anyhow::Result<(Follower, AppState)> {
    let data = &arguments.storage.data_dir;
    let key = arguments.jwt_private_key.as_ref().map(GivenKey::key).transpose()?;
    let tokens = token_key::tokens(data, key, arguments.auth.public_keys(), clock.now())?;
    if arguments.auth.shares_its_audience() {
        warn!(
            "Tokens of GitHub workflows for the audience `{}` are accepted, and so are those made for another registry that uses \
             it; where all publishers can ask for another, set MCP_REGISTRY_GITHUB_OIDC_AUDIENCE",
            auth::settings::GITHUB_OIDC_AUDIENCE
        );
    }
    let exchanges = auth::Exchanges::start(&auth).await?;
    registry_api::telemetry::name_version(&arguments.metrics_version);
    let config = Config {
        public_url,
        anonymous_auth: arguments.enable_anonymous_auth.unwrap_or(arguments.demo),
        auth,
        packages: arguments.packages.prover(crawl::config(&arguments.crawler).policy)?,
        github_client_id: arguments.github_client_id.clone(),
        crawler_contact: arguments.crawler.contact.url.clone(),
        build: build(),
        submissions_per_day: arguments.submissions.per_day,
        http: arguments.http.settings(arguments.address.ip()),
    };
    let (follower, model) = Follower::start(pool.clone(), data.clone()).await?;
    let state = AppState {
        model,
        pool: pool.clone(),
        clock,
        tokens: Arc::new(tokens),
        auth: Arc::new(exchanges),
        linter: Arc::new(linter),
        stopping,
        config: Arc::new(config),
    };
    Ok((follower, state))
}

fn build() -> Build {
    let or_unknown = |value: Option<&str>| value.filter(|v| !v.is_empty()).unwrap_or("unknown").to_owned();
    Build {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        git_commit: or_unknown(option_env!("CARDINAL_GIT_COMMIT")),
        build_time: or_unknown(option_env!("CARDINAL_BUILD_TIME")),
    }
}

/// The crawler's settings; the demo's hosts are reached where they really are.
fn crawling(arguments: &ServeArguments, demo: Option<&Demo>) -> anyhow::Result<crawler::Config> {
    let mut config = crawl::config(&arguments.crawler);
    config.schedule = arguments.crawler_schedule.clone();
    if let Some(url) = &arguments.public_url {
        config.policy.user_agent = crawl::user_agent(Some(&format!("{url}/crawler")));
    }
    config.concurrency = arguments.crawler_concurrency;
    config.lease = Duration::from_secs(arguments.crawler_lease);
    config.probes = arguments.probing.probes();
    config.keep_fetches = Duration::from_secs(arguments.crawler_keep_fetches * 24 * 60 * 60);
    if let Some(demo) = demo {
        let authorities =
            demo.write_authorities(&arguments.storage.data_dir, config.policy.ca_file.as_deref())?;
        config.policy.ca_file = Some(authorities);
        config.policy.connect_to.extend(demo.connect_to());
        config.own_hosts.extend(Demo::hosts());
    }
    Ok(config)
}

/// A seed that fails is told and left: the registry serves what it has.
async fn seed(
    source: &str,
    arguments: &ServeArguments,
    pool: &PgPool,
    clock: &SharedClock,
) -> anyhow::Result<()> {
    let mut options = Options::new(arguments.storage.data_dir.join("seed-report.ndjson"));
    options.prover = arguments.packages.prover(crawl::config(&arguments.crawler).policy)?;
    match import::take_over(source, &options, pool, clock, None).await {
        Ok(summary) => {
            info!("Seeded from {}: {}", import::without_secrets(source, source), import::sentence(&summary));
        }
        Err(error) => {
            let (named, why) = (import::without_secrets(source, source), crate::sentence(&error));
            warn!(
                "The seed {named} was not taken over completely: {}",
                import::without_secrets(&why, source)
            );
        }
    }
    Ok(())
}

async fn answer(listener: TcpListener, state: AppState, stop: CancellationToken) {
    let app = registry_api::app(state);
    let serving = connections::serve(listener, app, connections::Limits::default(), stop.clone());
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        () = serving => {}
        () = late => {}
    }
}

/// A token that is cancelled at SIGINT and SIGTERM.
fn stop_at_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be received")?;
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be received")?;
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        info!("Stopping");
        stopping.cancel();
    });
    Ok(stop)
}
