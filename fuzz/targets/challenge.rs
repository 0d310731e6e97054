//! `WWW-Authenticate`, one header a line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use registry_core::mcp::challenge;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    for challenge in challenge::read(text.lines()) {
        assert!(
            !challenge.scheme.is_empty() && challenge.scheme == challenge.scheme.to_ascii_lowercase(),
            "{challenge:?}"
        );
        assert!(
            challenge.scopes.iter().all(|scope| !scope.is_empty() && !scope.contains([' ', '"', '\\'])),
            "{challenge:?}"
        );
    }
});
