#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| edge_credentials_fuzz::targets::key_set::check(data));
