//! TXT records, one a line.
#![no_main]

use crawler::discover::{Found, txt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let records: Vec<String> = text.lines().map(str::to_owned).collect();
    let found = txt::read(&records);
    found.iter().for_each(cardinal_fuzz::hold);
    let mut endpoints: Vec<_> = found
        .iter()
        .filter_map(|f| if let Found::Endpoint { url, .. } = f { Some(url) } else { None })
        .collect();
    let all = endpoints.len();
    endpoints.sort();
    endpoints.dedup();
    assert_eq!(endpoints.len(), all, "each endpoint once");
});
