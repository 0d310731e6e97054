//! What a probe found, for people and programs.

use std::fmt;

use registry_core::mcp::judge::{Finding, Live};
use registry_core::mcp::state::State;
use serde::Serialize;

use super::visit::Visited;

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its address.
    pub url: String,
    /// What was found now: a state of an endpoint, or `inconclusive`.
    pub found: &'static str,
    /// How it stands with that; none where nothing is remembered of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What exactly went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What the server says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<Live>,
    /// The names of its tools, where it shows them to anybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<String>>,
}

impl Report {
    pub(super) fn of(url: &str, visited: &Visited) -> Self {
        let verdict = &visited.verdict;
        let names = |tools: &registry_core::mcp::tools::Tools| {
            tools.list.iter().map(|tool| tool.name.clone()).collect::<Vec<_>>()
        };
        Self {
            url: url.to_owned(),
            found: word(verdict.finding),
            state: None,
            reason: verdict.reason.clone(),
            detail: visited.detail.clone().filter(|detail| Some(detail) != verdict.reason.as_ref()),
            live: verdict.live.clone(),
            tools: visited.tools.as_ref().map(names),
        }
    }

    /// A remote that is not asked.
    pub(super) fn skipped(url: &str, reason: String) -> Self {
        let state = State::Unprobed.as_str();
        Self {
            url: url.to_owned(),
            found: state,
            state: Some(state),
            reason: Some(reason),
            detail: None,
            live: None,
            tools: None,
        }
    }

    pub(super) fn stands(mut self, state: State) -> Self {
        self.state = Some(state.as_str());
        self
    }

    /// Whether a server answered.
    pub fn is_alive(&self) -> bool {
        self.found.parse::<State>().is_ok_and(State::is_alive)
    }
}

fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::Alive => State::Alive.as_str(),
        Finding::AliveAuth => State::AliveAuth.as_str(),
        Finding::AlivePaid => State::AlivePaid.as_str(),
        Finding::Unreachable => State::Unreachable.as_str(),
        Finding::NotMcp => State::NotMcp.as_str(),
        Finding::Blocked => State::Blocked.as_str(),
        Finding::Unprobed => State::Unprobed.as_str(),
        Finding::Inconclusive => "inconclusive",
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.found)?;
        if let Some(state) = self.state.filter(|state| *state != self.found) {
            write!(f, " (it stands as {state})")?;
        }
        if let Some(reason) = &self.reason {
            write!(f, "; {reason}")?;
        }
        writeln!(f)?;
        if let Some(detail) = &self.detail {
            writeln!(f, "  {detail}")?;
        }
        let Some(live) = &self.live else { return Ok(()) };
        if let Some(era) = live.era {
            writeln!(
                f,
                "  speaks     {} ({}), {}",
                live.protocol_versions.join(", "),
                era.as_str(),
                era.transport()
            )?;
        }
        let server = [&live.server.name, &live.server.title, &live.server.version];
        let server: Vec<&str> = server.into_iter().flatten().map(String::as_str).collect();
        if !server.is_empty() {
            writeln!(f, "  calls itself {}", server.join(", "))?;
        }
        if !live.capabilities.is_empty() {
            writeln!(f, "  can do     {}", live.capabilities.join(", "))?;
        }
        if let Some(auth) = &live.auth {
            for (label, list) in [
                ("asks for  ", &auth.schemes),
                ("scopes    ", &auth.scopes),
                ("signs in at", &auth.authorization_servers),
            ] {
                if !list.is_empty() {
                    writeln!(f, "  {label} {}", list.join(", "))?;
                }
            }
        }
        if let Some(tools) = &self.tools {
            writeln!(
                f,
                "  tools      {}",
                if tools.is_empty() { "none".to_owned() } else { tools.join(", ") }
            )?;
        }
        Ok(())
    }
}
