//! Flags and settings: each flag has a `MCP_REGISTRY_…` twin in the environment, and nothing reads the environment later.

mod auth;
mod environment;
pub mod http;
pub mod lint;
pub mod origins;
pub mod packages;
mod parse;
pub mod probe;
pub mod upstreams;

pub use auth::AuthArguments;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::BoolishValueParser;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use registry_core::card::origin::Origin;
use registry_core::outbound::ConnectTo;

pub use parse::GivenKey;

/// What the program was asked to do.
#[derive(Debug, Parser)]
#[command(name = "cardinal", version, about = "The MCP registry people run themselves", max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Arguments {
    /// Those of this process; on bad ones, the sentence is printed and the exit code returned.
    pub fn read() -> Result<Self, ExitCode> {
        if let Err(unknown) = environment::check(&Self::command(), std::env::vars_os()) {
            eprintln!("cardinal: {unknown}");
            return Err(ExitCode::from(2));
        }
        let command = environment::without_empty(Self::command(), &|name| std::env::var_os(name));
        let parsed = command.try_get_matches().and_then(|matches| Self::from_arg_matches(&matches));
        let arguments = parsed.map_err(|error| {
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        })?;
        if let Command::Serve(serve) = &arguments.command
            && let Err(refused) = serve.jwt_private_key.as_ref().map(GivenKey::key).transpose()
        {
            eprintln!("cardinal: {refused}");
            return Err(ExitCode::from(2));
        }
        Ok(arguments)
    }
}

/// The commands: of operators, and of everybody who talks to a registry.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the registry: API, website and crawler.
    Serve(Box<ServeArguments>),
    /// Crawl domains now and say what was found.
    Crawl(Box<CrawlArguments>),
    /// Say which domains are crawled, and see what was found there.
    Origins(Box<origins::OriginsArguments>),
    /// Ask endpoints now whether they live.
    Probe(Box<probe::ProbeArguments>),
    /// Check a Server Card or catalog, how it is served, and what would be listed of it.
    Lint(Box<lint::LintArguments>),
    /// Take over servers from a file or another registry.
    Import(Box<ImportArguments>),
    /// Follow other registries.
    Upstreams(Box<upstreams::UpstreamsArguments>),
    /// Check the ledger and all that it speaks of.
    Verify(VerifyArguments),
    /// Bring the database to this program's schema.
    Migrate(MigrateArguments),
    /// Print the description of the API.
    Openapi(OpenapiArguments),
    /// What people type against a registry.
    #[command(flatten)]
    Client(cli::Command),
}

/// Where the facts are kept.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Storage")]
pub struct StorageArguments {
    /// Where everything is kept that outlives the program.
    #[arg(
        long,
        global = true,
        env = "MCP_REGISTRY_DATA_DIR",
        default_value = "./data",
        value_name = "FOLDER"
    )]
    pub data_dir: PathBuf,
    /// A Postgres to use instead of the built-in one below the data directory.
    #[arg(
        long,
        global = true,
        env = "MCP_REGISTRY_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: Option<String>,
    /// Where the built-in database's programs (initdb, postgres) are, when they are not found by themselves.
    #[arg(long, global = true, env = "MCP_REGISTRY_POSTGRES_BIN", value_name = "FOLDER")]
    pub postgres_bin: Option<PathBuf>,
}

/// What is logged.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log")]
pub struct LogArguments {
    /// What is logged: a level, or levels for parts, as in `warn,crawler=debug`.
    #[arg(
        long,
        global = true,
        env = "MCP_REGISTRY_LOG",
        default_value = "info,tokio_cron_scheduler=warn,sqlx=warn,rustls_platform_verifier=off",
        value_name = "FILTER"
    )]
    pub log: String,
    /// How a log line is written.
    #[arg(
        long,
        global = true,
        env = "MCP_REGISTRY_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How the crawler names itself.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Crawler")]
pub struct ContactArguments {
    /// Where the crawler explains itself to those it visits.
    #[arg(
        id = "contact",
        long = "crawler-contact",
        env = "MCP_REGISTRY_CRAWLER_CONTACT",
        value_name = "URL",
        value_parser = parse::contact
    )]
    pub url: Option<String>,
}

/// How strangers' hosts are reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Crawler")]
pub struct CrawlerArguments {
    /// Connect elsewhere than the address says, as curl's --connect-to: HOST:PORT:HOST2:PORT2, several with commas.
    #[arg(
        long = "crawler-connect-to",
        env = "MCP_REGISTRY_CRAWLER_CONNECT_TO",
        value_name = "RULE",
        value_delimiter = ','
    )]
    pub connect_to: Vec<ConnectTo>,
    /// Certificate authorities (PEM) to believe in besides the system's.
    #[arg(long = "crawler-ca-file", env = "MCP_REGISTRY_CRAWLER_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Networks that may be crawled although they are not public, as in 10.0.0.0/8, several with commas.
    #[arg(
        long = "crawler-allow-networks",
        env = "MCP_REGISTRY_CRAWLER_ALLOW_NETWORKS",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    pub allow_networks: Vec<IpNet>,
    /// Hosts of one's own, to which politeness does not apply, several with commas; `*.` before a domain means all below it.
    #[arg(
        long = "crawler-own-hosts",
        env = "MCP_REGISTRY_CRAWLER_OWN_HOSTS",
        value_name = "HOST",
        value_delimiter = ',',
        value_parser = parse::own_host
    )]
    pub own_hosts: Vec<String>,
    /// How it names itself.
    #[command(flatten)]
    pub contact: ContactArguments,
    /// The DNS servers that say where hosts are and what TXT records they have, as in 10.0.0.53 or 10.0.0.53:5353; by default the
    /// system's.
    #[arg(
        long,
        env = "MCP_REGISTRY_DNS_RESOLVERS",
        value_name = "ADDRESS",
        value_delimiter = ',',
        value_parser = parse::resolver
    )]
    pub dns_resolvers: Vec<SocketAddr>,
}

/// `cardinal serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArguments {
    /// Where to listen; `:8080` listens on every address of this machine.
    #[arg(
        long,
        env = "MCP_REGISTRY_SERVER_ADDRESS",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS",
        value_parser = parse::listen_address
    )]
    pub address: SocketAddr,
    /// Where clients reach the registry; by default where it listens.
    #[arg(long, env = "MCP_REGISTRY_PUBLIC_URL", value_name = "URL", value_parser = parse::public_url)]
    pub public_url: Option<String>,
    /// Which parts run here.
    #[arg(long, env = "MCP_REGISTRY_ROLE", default_value = "all")]
    pub role: Role,
    /// Serve a small web of made-up hosts inside this process, and crawl it; anonymous publishing is on.
    #[arg(long)]
    pub demo: bool,
    /// Bring the database given by --database-url to this program's schema first; the built-in one always is.
    #[arg(long, env = "MCP_REGISTRY_MIGRATE", value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub migrate: bool,
    /// A file or registry to import at the start.
    #[arg(long, env = "MCP_REGISTRY_SEED_FROM", value_name = "FILE|URL")]
    pub seed_from: Option<String>,
    /// Hand out tokens to anybody, for names under io.modelcontextprotocol.anonymous/.
    #[arg(long, env = "MCP_REGISTRY_ENABLE_ANONYMOUS_AUTH", value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true", action = clap::ArgAction::Set)]
    pub enable_anonymous_auth: Option<bool>,
    /// What /metrics calls this installation's version.
    #[arg(long, env = "MCP_REGISTRY_VERSION", default_value = "dev", value_name = "LABEL")]
    pub metrics_version: String,
    /// The client id that GitHub's device flow uses with this registry.
    #[arg(long, env = "MCP_REGISTRY_GITHUB_CLIENT_ID", value_name = "ID")]
    pub github_client_id: Option<String>,
    /// The key that signs tokens, 64 hex digits; by default one is made once and kept in the data directory.
    #[arg(long, env = "MCP_REGISTRY_JWT_PRIVATE_KEY", value_name = "HEX", hide_env_values = true)]
    pub jwt_private_key: Option<GivenKey>,
    /// How publishers prove who they are.
    #[command(flatten)]
    pub auth: AuthArguments,
    /// When the crawler looks for what is due: seconds, minutes, hours, day, month, weekday.
    #[arg(long, env = "MCP_REGISTRY_CRAWLER_SCHEDULE", default_value = crawler::config::SCHEDULE, value_name = "CRON", value_parser = parse::schedule)]
    pub crawler_schedule: String,
    /// How many origins the crawler visits at once.
    #[arg(long, env = "MCP_REGISTRY_CRAWLER_CONCURRENCY", default_value_t = crawler::config::CONCURRENCY, value_name = "COUNT")]
    pub crawler_concurrency: usize,
    /// After how many seconds another crawler takes over an origin whose visitor has died; longer than any visit takes.
    #[arg(long, env = "MCP_REGISTRY_CRAWLER_LEASE", default_value_t = 900, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub crawler_lease: u64,
    /// For how many days it is kept which requests the crawler made.
    #[arg(long, env = "MCP_REGISTRY_CRAWLER_KEEP_FETCHES", default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=3_650))]
    pub crawler_keep_fetches: u64,
    /// Whether endpoints are probed.
    #[command(flatten)]
    pub probing: probe::ProbingArguments,
    /// What strangers may submit.
    #[command(flatten)]
    pub submissions: origins::SubmissionArguments,
    /// Where packages are looked up.
    #[command(flatten)]
    pub packages: packages::PackageArguments,
    /// Storage.
    #[command(flatten)]
    pub storage: StorageArguments,
    /// How hosts are reached.
    #[command(flatten)]
    pub crawler: CrawlerArguments,
    /// How requests come in.
    #[command(flatten)]
    pub http: http::HttpArguments,
    /// What is logged.
    #[command(flatten)]
    pub log: LogArguments,
}

/// Which parts run in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// All of them.
    All,
    /// API and website.
    Api,
    /// The crawler.
    Crawler,
}

/// `cardinal crawl`.
#[derive(Debug, Clone, Args)]
pub struct CrawlArguments {
    /// The domains to crawl, as in example.com.
    #[arg(required = true, value_name = "DOMAIN")]
    pub domains: Vec<Origin>,
    /// Say what would change and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Storage.
    #[command(flatten)]
    pub storage: StorageArguments,
    /// How hosts are reached.
    #[command(flatten)]
    pub crawler: CrawlerArguments,
    /// What is logged.
    #[command(flatten)]
    pub log: LogArguments,
}

/// `cardinal import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArguments {
    /// A JSON array of server.json, lines of entries (.ndjson, also gzipped), a registry's list, or the URL of one.
    #[arg(value_name = "FILE|URL")]
    pub source: String,
    /// Where to write what was refused and why; only made when something is.
    #[arg(long, value_name = "FILE", default_value = "import-report.ndjson")]
    pub report: PathBuf,
    /// Where packages of documents to publish are looked up.
    #[command(flatten)]
    pub packages: packages::PackageArguments,
    /// How strangers' hosts are reached.
    #[command(flatten)]
    pub crawler: CrawlerArguments,
    /// Storage.
    #[command(flatten)]
    pub storage: StorageArguments,
    /// What is logged.
    #[command(flatten)]
    pub log: LogArguments,
}

/// `cardinal verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArguments {
    /// Storage.
    #[command(flatten)]
    pub storage: StorageArguments,
}

/// `cardinal migrate`.
#[derive(Debug, Clone, Args)]
pub struct MigrateArguments {
    /// Storage.
    #[command(flatten)]
    pub storage: StorageArguments,
}

/// `cardinal openapi`.
#[derive(Debug, Clone, Args)]
pub struct OpenapiArguments {
    /// Print YAML instead of JSON.
    #[arg(long)]
    pub yaml: bool,
    /// Print the rules about documents, in Markdown, instead.
    #[arg(long, conflicts_with = "yaml")]
    pub rules: bool,
    /// Print the rules about Server Cards and catalogs, in Markdown, instead.
    #[arg(long, conflicts_with_all = ["yaml", "rules"])]
    pub lint: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_agree_with_each_other() {
        Arguments::command().debug_assert();
    }
}
