//! OAuth 2.0 for service users on edge runtimes.

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod wasm;
