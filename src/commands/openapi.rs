//! `cardinal openapi`: the description of the API, as `/openapi.json` serves it, and that of its rules.

use std::process::ExitCode;

use crate::arguments::OpenapiArguments;

/// Prints it.
pub fn openapi(arguments: &OpenapiArguments) -> anyhow::Result<ExitCode> {
    let document = registry_api::openapi::document();
    let text = if arguments.rules {
        registry_core::server_json::rules::page()
    } else if arguments.lint {
        registry_core::lint::page()
    } else if arguments.yaml {
        registry_api::openapi::to_yaml(&document)?
    } else {
        document.to_pretty_json()?
    };
    super::print(&format!("{}\n", text.trim_end()))?;
    Ok(ExitCode::SUCCESS)
}
