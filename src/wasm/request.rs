//! The standard `Request`, for who uses the module without the package.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use crate::http::url::Url;

/// The standard `Request` of what a builder made, with redirects left to the caller. `headers` is
/// whatever the standard takes.
///
/// # Errors
/// A string, if this is no request that can be sent. What the runtime threw is dropped: Node quotes
/// header values in it.
#[wasm_bindgen(js_name = toRequest)]
pub fn to_request(
    method: &str,
    url: &str,
    headers: &JsValue,
    body: Option<String>,
) -> Result<web_sys::Request, JsValue> {
    let unsendable = || JsValue::from_str("this is no request that can be sent");
    // A browser would complete a relative address with the page's, and send the credentials there.
    Url::parse_insecure(url).map_err(|_| unsendable())?;
    let init = web_sys::RequestInit::new();
    init.set_method(method);
    init.set_headers(headers);
    init.set_redirect(web_sys::RequestRedirect::Manual);
    if let Some(body) = body {
        init.set_body(&body.into());
    }
    web_sys::Request::new_with_str_and_init(url, &init).map_err(|_| unsendable())
}
