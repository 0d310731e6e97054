//! The program: what `cardinal` does with its arguments, and the parts it is composed of.
//!
//! - [`arguments`]: flags and settings, read once
//! - [`serve`]: the parts in one process
//! - [`connections`]: how clients reach them
//! - [`commands`]: what operators type beside it
//! - [`database`], [`token_key`], [`log`]: what the parts are given
//! - [`demo`]: the demo host

pub mod arguments;
pub mod commands;
pub mod connections;
pub mod database;
pub mod demo;
pub mod log;
pub mod serve;
pub mod token_key;

use std::process::ExitCode;

use arguments::{Arguments, Command};

/// Reads the arguments of this process and does what they say.
pub fn run() -> ExitCode {
    // One crypto library for the whole process; a second call would only say that it is there already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(dispatch(arguments));
            // A name that is still being resolved must not keep the program alive.
            runtime.shutdown_background();
            code
        }
        Err(error) => failed(&anyhow::Error::new(error).context("the program's threads cannot start")),
    }
}

async fn dispatch(arguments: Arguments) -> ExitCode {
    let done = match arguments.command {
        Command::Serve(arguments) => serve::serve(*arguments).await,
        Command::Crawl(arguments) => commands::crawl::crawl(*arguments).await,
        Command::Origins(arguments) => commands::origins::origins(*arguments).await,
        Command::Probe(arguments) => commands::probe::probe(*arguments).await,
        Command::Lint(arguments) => commands::lint::lint(*arguments).await,
        Command::Import(arguments) => commands::import::import(*arguments).await,
        Command::Upstreams(arguments) => commands::upstreams::upstreams(*arguments).await,
        Command::Verify(arguments) => commands::verify::verify(arguments).await,
        Command::Migrate(arguments) => commands::migrate::migrate(arguments).await,
        Command::Openapi(arguments) => commands::openapi::openapi(&arguments),
        Command::Client(command) => {
            let (env, mut out) = (cli::Env::of_process(), cli::Out::of_process());
            return cli::run(command, &env, &mut out).await.into();
        }
    };
    done.unwrap_or_else(|error| failed(&error))
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("cardinal: {}", sentence(error));
    ExitCode::FAILURE
}

/// One sentence for people: the error, and of the causes behind it those that it does not tell itself.
pub(crate) fn sentence(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let inner = anyhow::anyhow!("no such file").context("`x` cannot be read: no such file");
        assert_eq!(
            sentence(&inner.context("nothing was imported")),
            "nothing was imported: `x` cannot be read: no such file"
        );
    }
}
