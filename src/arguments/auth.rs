//! How publishers prove who they are.

use anyhow::{Context, bail};
use clap::Args;
use clap::builder::BoolishValueParser;
use registry_api::auth::settings::{
    Actions, GITHUB_API, GITHUB_OIDC_AUDIENCE, GITHUB_OIDC_ISSUER, Oidc, Settings,
};
use registry_api::token::PublicKey;
use registry_core::outbound::Policy;
use serde_json::{Map, Value};

use super::parse;

/// How publishers prove who they are.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Publishers")]
pub struct AuthArguments {
    /// Further public keys whose tokens are accepted, as `x` in /.well-known/jwks.json or as 64 hex digits, several with commas.
    #[arg(
        long,
        env = "MCP_REGISTRY_JWT_PUBLIC_KEYS",
        value_name = "KEY",
        value_delimiter = ',',
        value_parser = parse::or_nothing::<PublicKey>
    )]
    pub jwt_public_keys: Vec<Option<PublicKey>>,
    /// The base URL of GitHub's API.
    #[arg(long, env = "MCP_REGISTRY_GITHUB_API_URL", default_value = GITHUB_API, value_name = "URL", value_parser = parse::public_url)]
    pub github_api_url: String,
    /// Who signs the identities of GitHub's workflows.
    #[arg(long, env = "MCP_REGISTRY_GITHUB_OIDC_ISSUER", default_value = GITHUB_OIDC_ISSUER, value_name = "URL", value_parser = issuer)]
    pub github_oidc_issuer: String,
    /// Where the keys of that issuer are; by default at /.well-known/jwks below it.
    #[arg(long, env = "MCP_REGISTRY_GITHUB_OIDC_JWKS_URL", value_name = "URL", value_parser = issuer)]
    pub github_oidc_jwks_url: Option<String>,
    /// The audiences of GitHub's workflows that mean this registry, several with commas; an empty one lets no workflow in.
    #[arg(
        long,
        env = "MCP_REGISTRY_GITHUB_OIDC_AUDIENCE",
        default_value = GITHUB_OIDC_AUDIENCE,
        value_name = "AUDIENCE",
        value_delimiter = ','
    )]
    pub github_oidc_audience: Vec<String>,
    /// Whether users of an OpenID provider of one's own get tokens.
    #[arg(long, env = "MCP_REGISTRY_OIDC_ENABLED", value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub oidc_enabled: bool,
    /// The issuer URL of that provider.
    #[arg(long, env = "MCP_REGISTRY_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// The client id of this registry there: the audience of its tokens.
    #[arg(long, env = "MCP_REGISTRY_OIDC_CLIENT_ID", value_name = "ID")]
    pub oidc_client_id: Option<String>,
    /// Claims that its tokens must carry, as in [{"hd":"example.com"}].
    #[arg(long, env = "MCP_REGISTRY_OIDC_EXTRA_CLAIMS", value_name = "JSON")]
    pub oidc_extra_claims: Option<String>,
    /// What its users may publish: patterns of names, several with commas.
    #[arg(
        long,
        env = "MCP_REGISTRY_OIDC_PUBLISH_PERMISSIONS",
        value_name = "PATTERN",
        value_delimiter = ','
    )]
    pub oidc_publish_permissions: Vec<String>,
    /// What its users may edit: patterns of names, several with commas.
    #[arg(long, env = "MCP_REGISTRY_OIDC_EDIT_PERMISSIONS", value_name = "PATTERN", value_delimiter = ',')]
    pub oidc_edit_permissions: Vec<String>,
    /// Namespaces whose publishers get no token, several with commas.
    #[arg(long, env = "MCP_REGISTRY_BLOCKED_NAMESPACES", value_name = "NAMESPACE", value_delimiter = ',')]
    pub blocked_namespaces: Vec<String>,
}

impl AuthArguments {
    /// The settings of the ways in, with the strict policy for strangers' hosts.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        let issuer = self.github_oidc_issuer.clone();
        let jwks_url = self.github_oidc_jwks_url.clone().unwrap_or_else(|| Actions::jwks_url(&issuer));
        Ok(Settings {
            github_api: self.github_api_url.clone(),
            actions: Actions { issuer, jwks_url, audiences: words(&self.github_oidc_audience) },
            oidc: if self.oidc_enabled { Some(self.oidc()?) } else { None },
            dns_resolvers: Vec::new(),
            outbound: Policy::default(),
            blocked_namespaces: words(&self.blocked_namespaces),
        })
    }

    /// The public keys whose tokens are accepted beside those of the own key.
    pub fn public_keys(&self) -> impl Iterator<Item = PublicKey> {
        self.jwt_public_keys.iter().copied().flatten()
    }

    /// Whether a workflow's token may have been made for another registry than this.
    pub fn shares_its_audience(&self) -> bool {
        words(&self.github_oidc_audience).iter().any(|audience| audience == GITHUB_OIDC_AUDIENCE)
    }

    fn oidc(&self) -> anyhow::Result<Oidc> {
        let set = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        let Some(issuer_url) = set(&self.oidc_issuer) else {
            bail!(
                "MCP_REGISTRY_OIDC_ENABLED needs MCP_REGISTRY_OIDC_ISSUER, as in https://accounts.example.com"
            );
        };
        let issuer = issuer(&issuer_url).map_err(anyhow::Error::msg).context("MCP_REGISTRY_OIDC_ISSUER")?;
        let Some(client_id) = set(&self.oidc_client_id) else {
            bail!(
                "MCP_REGISTRY_OIDC_ENABLED needs MCP_REGISTRY_OIDC_CLIENT_ID, the id of this registry at `{issuer}`"
            );
        };
        Ok(Oidc {
            issuer,
            client_id,
            extra_claims: extra_claims(self.oidc_extra_claims.as_deref().unwrap_or_default())?,
            publish: words(&self.oidc_publish_permissions),
            edit: words(&self.oidc_edit_permissions),
        })
    }
}

fn extra_claims(text: &str) -> anyhow::Result<Vec<Map<String, Value>>> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_str(text).map_err(|_| {
        anyhow::anyhow!(
            "MCP_REGISTRY_OIDC_EXTRA_CLAIMS is no JSON list of objects; write one as in [{{\"hd\":\"example.com\"}}]"
        )
    })
}

/// Words without blanks around them, and only those that are some.
fn words(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// An address as its owner writes it: a slash at its end is part of an issuer's name.
fn issuer(text: &str) -> Result<String, String> {
    parse::public_url(text).map(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        auth: AuthArguments,
    }

    fn read(arguments: &[&str]) -> Result<Settings, String> {
        let program = Program::try_parse_from(std::iter::once("x").chain(arguments.iter().copied()));
        let auth = program.map_err(|error| error.to_string())?.auth;
        auth.settings().map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_fresh_installation_knows_github_and_no_provider() {
        let settings = read(&[]).expect("the defaults hold");
        assert_eq!(settings.github_api, "https://api.github.com");
        assert_eq!(settings.actions.jwks_url, "https://token.actions.githubusercontent.com/.well-known/jwks");
        assert_eq!(settings.actions.audiences, ["mcp-registry"]);
        assert!(settings.oidc.is_none() && settings.dns_resolvers.is_empty());
    }

    #[test]
    fn lists_are_trimmed_and_an_empty_audience_is_none() {
        let settings = read(&["--github-oidc-audience", "", "--blocked-namespaces", "a.b, c.d ,"]);
        let settings = settings.expect("it holds");
        assert!(settings.actions.audiences.is_empty());
        assert_eq!(settings.blocked_namespaces, ["a.b", "c.d"]);
    }

    #[test]
    fn a_provider_needs_issuer_and_client() {
        let refused = |arguments: &[&str]| read(arguments).expect_err("it is refused");
        assert!(refused(&["--oidc-enabled"]).contains("needs MCP_REGISTRY_OIDC_ISSUER"));
        let issuer = ["--oidc-enabled", "--oidc-issuer", "https://i.example/"];
        assert!(refused(&issuer).contains("needs MCP_REGISTRY_OIDC_CLIENT_ID"));
        let both = [&issuer[..], &["--oidc-client-id", "registry"]].concat();
        assert_eq!(read(&both).expect("it holds").oidc.expect("a provider").issuer, "https://i.example/");
        let claims = |json: &'static str| [&both[..], &["--oidc-extra-claims", json]].concat();
        assert!(read(&claims(r#"[{"hd":"example.com"}]"#)).is_ok() && read(&claims("")).is_ok());
        assert!(refused(&claims(r#"{"hd":"example.com"}"#)).contains("no JSON list of objects"));
    }

    #[test]
    fn bad_values_say_what_to_write() {
        let refused = |arguments: &[&str]| read(arguments).expect_err("it is refused");
        assert!(refused(&["--jwt-public-keys", "abc"]).contains("/.well-known/jwks.json"));
        assert!(refused(&["--github-api-url", "api.github.com"]).contains("is no address"));
    }
}
