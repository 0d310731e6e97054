//! `cardinal login`: get a registry's token and keep it.

use registry_core::wire::auth::Token;
use reqwest::StatusCode;

use crate::address::{RegistryArg, RegistryUrl};
use crate::client::Client;
use crate::credentials::{Credentials, TokenFile};
use crate::env::Env;
use crate::failure::Failure;
use crate::output::Out;

/// Signs in to a registry and stores its token, which lasts a few minutes: sign in right before publishing.
#[derive(Debug, Clone, clap::Args)]
pub struct Login {
    /// How to sign in.
    #[command(subcommand)]
    pub method: LoginMethod,
}

/// The ways to sign in.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum LoginMethod {
    /// As nobody in particular, where the registry allows it: for io.modelcontextprotocol.anonymous/* only
    None(RegistryArg),
}

impl Login {
    pub(crate) async fn run(self, env: &Env, out: &mut Out<'_>) -> Result<(), Failure> {
        let LoginMethod::None(registry) = self.method;
        let file = TokenFile::of(env)?;
        let registry = registry.resolve(file.read()?.as_ref())?;
        if registry.is_exposed() {
            out.say(&format!("warning: {registry} is plain http; the token can be read on the way"))?;
        }
        let token = anonymous_token(&registry).await?.registry_token;
        file.write(&Credentials { method: "none".to_owned(), registry: registry.clone(), token })?;
        out.done(&format!("Signed in to {registry}"))?;
        Ok(())
    }
}

async fn anonymous_token(registry: &RegistryUrl) -> Result<Token, Failure> {
    let client = Client::new(registry.clone())?;
    let answer = client.post(&["v0.1", "auth", "none"], None, None).await?;
    if answer.status == StatusCode::NOT_FOUND && client.is_registry().await {
        return Err(Failure::Refused {
            registry: registry.clone(),
            what: "lets nobody publish without an account; name another registry with --registry, or start your own \
                   with MCP_REGISTRY_ENABLE_ANONYMOUS_AUTH=true"
                .to_owned(),
            details: Vec::new(),
        });
    }
    answer.json("to sign you in")?;
    answer.read()
}

/// What to type to sign in to `registry`, the way it was done before; it is named where it is not meant anyway.
pub(crate) fn again(stored: Option<&Credentials>, registry: &RegistryUrl) -> String {
    let meant = RegistryArg::default().resolve(stored).is_ok_and(|meant| meant == *registry);
    let of_this = stored.filter(|stored| stored.registry == *registry);
    match of_this.map_or("none", |stored| stored.method.as_str()) {
        "none" | "" if meant => "cardinal login none".to_owned(),
        "none" | "" => format!("cardinal login none --registry {registry}"),
        method => format!("mcp-publisher login {method} --registry {registry}"),
    }
}
