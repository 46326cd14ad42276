//! A program for WebAssembly that depends on the crate and brings an allocator and an export of its
//! own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use edge_credentials::{Client, Error, Url, build_token_request};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The body of a token request.
pub fn body() -> Result<String, Error> {
    let endpoint = Url::parse("https://idp.example/token")?;
    let client = Client::new(endpoint, "service", "s")?.with_scope("openid")?;
    Ok(build_token_request(&client).body().unwrap_or_default().to_owned())
}

/// Its length, and that this allocator was asked for it.
#[unsafe(no_mangle)]
pub extern "C" fn body_length() -> usize {
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    let length = body().map_or(0, |body| body.len());
    if ALLOCATIONS.load(Ordering::Relaxed) > before { length } else { 0 }
}
