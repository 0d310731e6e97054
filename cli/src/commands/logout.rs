//! `cardinal logout`: forget the token. Nothing is sent: tokens end by themselves within minutes.

use crate::credentials::TokenFile;
use crate::env::Env;
use crate::failure::Failure;
use crate::output::Out;

pub(crate) fn run(env: &Env, out: &mut Out<'_>) -> Result<(), Failure> {
    if TokenFile::of(env)?.delete()? {
        out.done("Signed out")?;
    } else {
        out.say("Nobody was signed in")?;
    }
    Ok(())
}
