//! robots.txt: what it forbids, and the sources of entries that it names.
#![no_main]

use crawler::discover::agentmap;
use libfuzzer_sys::fuzz_target;
use url::Url;

const PATHS: [&str; 4] = ["/", "/.well-known/ai-catalog.json", "/mcp/server-card", "/a%2Fb?c=%24&d*$"];

// The library that reads robots.txt is called where a panic is a file that cannot be understood, and so it is here: the
// hook that would end the process at once is taken away. What is not caught ends it still.
fuzz_target!(init: { drop(std::panic::take_hook()); }, |body: &[u8]| {
    let place = Url::parse("https://acme.com/robots.txt").expect("an address");
    for path in PATHS {
        let url = place.join(path).expect("an address");
        let refusal = crawler::robots_refusal(body, &place, &url);
        assert_eq!(refusal, crawler::robots_refusal(body, &place, &url));
    }
    for url in agentmap::read(body, &place) {
        assert!(cardinal_fuzz::is_asked(&url), "{url}");
    }
});
