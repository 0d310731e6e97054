//! The demo host: a web of made-up domains inside this process, for `--demo` alone.

pub mod tls;
