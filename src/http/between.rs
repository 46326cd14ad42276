//! Somebody between this program and the server, who answers in its place.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::encoding::number::digits;
use crate::encoding::text::{concat, parts, split};
use crate::http::Response;

impl Response<'_> {
    /// Whether a firewall or a proxy answered: with a page, with Cloudflare's bare
    /// `error code: 1020`, or with its challenge to prove to be no robot. Glewlwyd's own 403 calls
    /// itself HTML and is empty.
    pub(crate) fn is_from_between(&self) -> bool {
        self.cf_mitigated.is_some() || self.error_code().is_some() || self.is_page()
    }

    /// Who answered in the server's place, and what to do. `None` for a page that may be the
    /// server's own: servers answer unknown paths and methods so.
    pub(super) fn between(&self) -> Option<(String, String)> {
        let is_own = matches!(self.status, 0 | 200..=399 | 404 | 405 | 415);
        let who = match self.error_code() {
            Some(number) => concat(&["Cloudflare, by its error code ", number, ","]),
            None if self.cf_mitigated.is_some() || (self.is_page() && !is_own) => "a firewall or a proxy".to_owned(),
            None => return None,
        };
        let hint = "the server did not see the request: let this program through what stands before the server";
        Some((who, concat(&[hint, &self.ray()])))
    }

    /// A hint about the address, beside which a page says that it may be somebody else's.
    pub(super) fn hint_about_page(&self, hint: &str) -> String {
        if !self.is_from_between() {
            return hint.to_owned();
        }
        concat(&[hint, ". Perhaps a firewall or a proxy answered", &self.ray()])
    }

    fn is_page(&self) -> bool {
        let text = self.text();
        let is_called_one = self.content_type.is_some_and(is_html) && !text.is_empty() && !text.starts_with('{');
        text.starts_with('<') || is_called_one
    }

    /// The number in Cloudflare's `error code: 1020`.
    fn error_code(&self) -> Option<&str> {
        let number = self.text().strip_prefix("error code: ")?;
        (number.len() <= 5 && digits(number).is_some()).then_some(number)
    }

    /// Sixteen hexadecimal digits and the airport of a data centre; nothing else is shown.
    fn ray(&self) -> String {
        let shown = self.cf_ray.filter(|ray| {
            split(ray, "-").is_some_and(|(id, centre)| {
                let is_id = id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit());
                is_id && centre.len() == 3 && centre.bytes().all(|b| b.is_ascii_uppercase())
            })
        });
        shown.map(|ray| concat(&[" (its `cf-ray` is ", ray, ")"])).unwrap_or_default()
    }
}

fn is_html(content_type: &str) -> bool {
    let media_type = parts(content_type, ";").next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    matches!(media_type.as_str(), "text/html" | "application/xhtml+xml")
}
