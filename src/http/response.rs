//! A response as plain data.

use core::fmt;

/// An answer. `Debug` leaves the body out.
#[derive(Clone, Copy)]
pub struct Response<'a> {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) retry_after: Option<&'a str>,
    pub(crate) date: Option<&'a str>,
    pub(crate) cache_control: Option<&'a str>,
    pub(crate) cf_mitigated: Option<&'a str>,
    pub(crate) cf_ray: Option<&'a str>,
    pub(crate) body: &'a str,
}

impl<'a> Response<'a> {
    /// An answer without headers. `status` is 0 for a browser's opaque redirect; `body` is the
    /// whole of it, as text.
    pub fn new(status: u16, body: &'a str) -> Self {
        Response {
            status,
            content_type: None,
            retry_after: None,
            date: None,
            cache_control: None,
            cf_mitigated: None,
            cf_ray: None,
            body,
        }
    }

    /// Adds a header; those that say nothing here are passed over, so that all of them can be
    /// given.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &'a str) -> Self {
        if name.eq_ignore_ascii_case("content-type") {
            self.content_type = Some(value);
        } else if name.eq_ignore_ascii_case("retry-after") {
            self.retry_after = Some(value);
        } else if name.eq_ignore_ascii_case("date") {
            self.date = Some(value);
        } else if name.eq_ignore_ascii_case("cache-control") {
            self.cache_control = Some(value);
        } else if name.eq_ignore_ascii_case("cf-mitigated") {
            self.cf_mitigated = Some(value);
        } else if name.eq_ignore_ascii_case("cf-ray") {
            self.cf_ray = Some(value);
        }
        self
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}
