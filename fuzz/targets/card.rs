//! Cards of every shape: read, sniffed, mapped; what comes out can be published and holds no key.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    cardinal_fuzz::read(body);
});
