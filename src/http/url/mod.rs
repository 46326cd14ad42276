//! Addresses that credentials may be sent to.
//!
//! Only a strict subset of URLs is accepted, one whose host every parser reads alike: no user
//! information, no fragment, no backslash, no control character or white space, no number for a
//! host but four plain ones or an IPv6 address without zone. So `fetch` cannot send to another
//! place than the one that was checked. A label `xn--…` goes as it is: a parser that finds no
//! international name in it refuses the address.

use alloc::string::String;

mod ipv6;

use crate::encoding::number::digits;
use crate::encoding::text::{concat, is_visible_ascii, parts, split};
use crate::error::{Code, Error};
use crate::http::url::ipv6::{ipv6, is_ipv6_loopback};

/// An `https` address, or an `http` one on loopback (or anywhere, where the caller asked for that).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    text: String,
    /// Where the path, the query or the end begins.
    authority_end: usize,
    scheme: Scheme,
    is_loopback: bool,
}

impl Url {
    /// Checks an address: https, or http to loopback (`localhost`, `*.localhost`, 127.0.0.0/8,
    /// `[::1]` however it is written).
    ///
    /// # Errors
    /// `option_invalid`: no absolute address of this kind, or outside the subset above.
    /// `url_insecure`: http to another host.
    pub fn parse(text: &str) -> Result<Url, Error> {
        Url::parse_named("the address", text, false)
    }

    /// The same, with http permitted to any host.
    ///
    /// **Warning**: the secret and the token then cross the network in the clear.
    ///
    /// # Errors
    /// `option_invalid`, as for [`parse`](Url::parse).
    pub fn parse_insecure(text: &str) -> Result<Url, Error> {
        Url::parse_named("the address", text, true)
    }

    /// `what` is how messages name the address.
    pub(crate) fn parse_named(what: &str, text: &str, insecure_http: bool) -> Result<Url, Error> {
        let invalid =
            |problem: &str, hint: &str| Error::new(Code::OptionInvalid, concat(&[what, problem]), String::from(hint));
        if text.is_empty() {
            return Err(invalid(" is empty", "is the binding or environment variable set?"));
        }
        if !is_visible_ascii(text) || text.bytes().any(|b| matches!(b, b'\\' | b'#' | b'"' | b'\'' | b'<' | b'>')) {
            return Err(invalid(
                " holds characters that have no place in it",
                "remove white space, quotes, `#` and backslashes; write an international host name in its xn-- form",
            ));
        }
        let Some((scheme, rest)) = split_scheme(text) else {
            return Err(invalid(" is not an absolute https address", "write it as https://host/path"));
        };
        let authority = before_path(rest);
        let Some(host) = host_of(authority) else {
            return Err(invalid(
                " has no plain host name",
                "write it as https://host/path, without a user name, a password or percent signs in the host",
            ));
        };
        let is_loopback = is_loopback(host);
        if scheme == Scheme::Http && !insecure_http && !is_loopback {
            return Err(Error::new(
                Code::UrlInsecure,
                concat(&[what, " is http, which others on the network can read and change"]),
                "use https; inside a closed network, such as Docker's, set insecureHttp to true",
            ));
        }
        let authority_end = text.len() - rest.len() + authority.len();
        Ok(Url { text: text.into(), authority_end, scheme, is_loopback })
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &str {
        self.text.split_at_checked(self.authority_end).map_or("", |(origin, _)| origin)
    }

    /// Path and query.
    pub(crate) fn path(&self) -> &str {
        self.text.split_at_checked(self.authority_end).map_or("", |(_, path)| path)
    }

    pub(crate) fn is_http(&self) -> bool {
        self.scheme == Scheme::Http
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

fn split_scheme(text: &str) -> Option<(Scheme, &str)> {
    let (scheme, rest) = split(text, ":")?;
    let rest = rest.strip_prefix("//")?;
    if scheme.eq_ignore_ascii_case("https") {
        Some((Scheme::Https, rest))
    } else if scheme.eq_ignore_ascii_case("http") {
        Some((Scheme::Http, rest))
    } else {
        None
    }
}

/// What stands before the path and the query.
fn before_path(rest: &str) -> &str {
    let end = rest.bytes().position(|b| matches!(b, b'/' | b'?'));
    end.and_then(|end| rest.get(..end)).unwrap_or(rest)
}

/// The host of `host` or `host:port`; `None` for anything that is not plainly that.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.bytes().rposition(|b| b == b':') {
        Some(at) if !authority.ends_with("]") => {
            let (host, port) = authority.split_at_checked(at)?;
            (host, port.strip_prefix(":")?)
        }
        _ => (authority, "0"),
    };
    let port_is_plain = digits(port).is_some_and(|port| port <= u16::MAX.into());
    let host_is_plain = is_plain_name(host) || is_plain_ipv4(host) || ipv6(host).is_some();
    (port_is_plain && host_is_plain).then_some(host)
}

/// A name that no parser takes for a number: `fetch` reads `0x7f.1`, `127.1` and `017700000001` as
/// 127.0.0.1.
fn is_plain_name(host: &str) -> bool {
    // Not from behind: what searches backwards is half a kilobyte.
    let last = parts(host, ".").fold("", |_, label| label);
    let labels_are_plain = parts(host, ".")
        .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')));
    labels_are_plain && !last.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

fn is_plain_ipv4(host: &str) -> bool {
    let is_plain =
        |part: &str| digits(part).is_some_and(|part| part <= u8::MAX.into()) && (part == "0" || !part.starts_with("0"));
    parts(host, ".").count() == 4 && parts(host, ".").all(is_plain)
}

fn is_loopback(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || is_ipv6_loopback(&host)
        || (host.starts_with("127.") && is_plain_ipv4(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Result<(), Code> {
        Url::parse(text).map(|_| ()).map_err(|error| error.code())
    }

    #[test]
    fn https_and_loopback_are_accepted() {
        for good in [
            "https://acme.zitadel.cloud",
            "HTTPS://acme.zitadel.cloud/",
            "https://acme.example:8443/a/b?c=d",
            "http://localhost:8080",
            "http://api.localhost",
            "http://127.0.0.1:1/x",
            "http://127.255.0.9",
            "http://LOCALHOST/",
            "https://8.8.8.8",
            "https://1-2.example_x.com",
            "http://[::1]:8080/",
            "http://[0:0:0:0:0:0:0:1]",
            "http://[0000:0000::0001]:1",
            "http://[::0.0.0.1]",
            "http://[0::0:1]",
            "https://[2001:DB8::8:800:200C:417a]:8443/x",
            "https://[1:2:3:4:5:6:7::]",
            "https://[::ffff:192.0.2.1]",
            "https://[1:2:3:4:5:6:192.0.2.1]",
        ] {
            assert_eq!(code(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn plain_http_elsewhere_is_refused_unless_asked_for() {
        for bad in [
            "http://zitadel",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://126.0.0.1",
            "http://evillocalhost",
            "http://[::]",
            "http://[::1:1]",
            "http://[::11]",
            "http://[::1.1.1.1]",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert_eq!(code(bad), Err(Code::UrlInsecure), "{bad}");
            assert!(Url::parse_insecure(bad).is_ok(), "{bad}");
        }
    }

    #[test]
    fn what_parsers_could_read_differently_is_refused() {
        for bad in [
            "",
            "acme.zitadel.cloud",
            "//acme.zitadel.cloud",
            "ftp://acme.example",
            "https://",
            "https:///path",
            "https:/acme.example",
            "https://user@acme.example",
            "https://user:pw@acme.example",
            "https://acme.example\\@evil.example",
            "https://acme.example#x",
            "https://acme.example/ x",
            "https://acme.example\n",
            "\thttps://acme.example",
            "https://acme%2eexample",
            "https://münchen.example",
            "https://acme.example:99999",
            "https://acme.example:+1",
            "https://[::1",
            "http://127.1%00.example",
            "http://127.1",
            "http://127.0.0.0.1",
            "http://127.0.0.010",
            "http://127.0.0.+1",
            "http://127.0.0.256",
            "https://0x7f.1",
            "https://2130706433",
            "https://acme.example.",
            "https://acme..example",
            "https://.",
            "https://acme'.example",
            "\"https://acme.example\"",
        ] {
            assert_eq!(code(bad), Err(Code::OptionInvalid), "{bad}");
        }
    }

    #[test]
    fn what_is_no_ipv6_address_is_refused() {
        let bad = "::1 [] []:443 [:] [:::] [1] [1:2] [1:2:3:4:5:6:7] [1:2:3:4:5:6:7:8:9] \
            [1:2:3:4:5:6:7:8::] [::1:2:3:4:5:6:7:8] [1::2::3] [:1:2:3:4:5:6:7:8] [12345::] [00001::] \
            [g::] [fe80::1%25eth0] [fe80::1%eth0] [1.2.3.4] [::1.2.3] [::1.2.3.256] [::1.2.3.04] \
            [::1.2.3.4:5] [[::1]] [::1]x x[::1] [::1]: [::1]:1:1";
        for authority in bad.split(' ') {
            assert_eq!(code(&concat(&["https://", authority])), Err(Code::OptionInvalid), "{authority}");
        }
    }

    #[test]
    fn what_is_no_address_is_not_quoted() {
        for text in [
            "acme.zitadel.cloud/x",
            "a.acme.example/t?key=CANARY",
            "CANARY",
            "CANARY.horse/x",
            "SG.CANARYxyz.CANARY-abc_def",
            "eyJCANARY.eyJCANARY.CANARY",
            "ghp_CANARY",
            "sk_live:CANARY",
            "Q0FOQVJZ/CANARY==",
            "ftp://CANARY.a.example",
        ] {
            let error = Url::parse(text).unwrap_err();
            assert_eq!(error.message(), "the address is not an absolute https address");
            assert_eq!(error.hint(), "write it as https://host/path", "{text}");
        }
    }

    #[test]
    fn origin_and_path_are_told_apart() {
        let url = Url::parse("https://acme.example:8443/a?b").unwrap();
        assert_eq!((url.origin(), url.path()), ("https://acme.example:8443", "/a?b"));
    }
}
