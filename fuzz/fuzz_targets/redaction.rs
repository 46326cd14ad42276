#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| edge_credentials_fuzz::targets::redaction::check(data));
