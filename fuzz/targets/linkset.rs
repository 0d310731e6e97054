//! Linksets (RFC 9264), as the document they are and as any other.
#![no_main]

use crawler::discover::linkset;
use libfuzzer_sys::fuzz_target;
use registry_core::card::raw;

fuzz_target!(|body: &[u8]| {
    cardinal_fuzz::read(body);
    if let Ok(value) = raw::parse(body) {
        linkset::read(&value, &cardinal_fuzz::address()).iter().for_each(cardinal_fuzz::hold);
    }
});
