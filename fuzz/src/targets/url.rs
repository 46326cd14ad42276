//! An address of any form: what is taken has the host and the port that the WHATWG's parser reads, no
//! user, no fragment, and http only to loopback.

use edge_credentials::Url;

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for text in [text.as_ref(), &format!("https://{text}"), &format!("http://{text}/path")] {
        let Ok(taken) = Url::parse(text) else { continue };
        assert_eq!(taken.as_str(), text);
        assert_read_alike(&taken);
        assert!(Url::parse_insecure(text).is_ok());
    }
}

/// JavaScript refuses a label `xn--…` that is no international name. The crate alone does not know
/// those, and says so.
pub fn assert_read_alike(taken: &Url) {
    let text = taken.as_str();
    let parsed = match url::Url::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => return assert!(text.to_ascii_lowercase().contains("xn--"), "{text:?} is taken: {error}"),
    };
    let (_, rest) = text.split_once("://").expect("an absolute address");
    let authority = rest.split(['/', '?']).next().unwrap_or(rest).to_ascii_lowercase();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host.to_owned(), port.parse::<u16>().ok()),
        _ => (authority.clone(), None),
    };
    let read = parsed.host_str().expect("a host");
    assert!(read == host || read.starts_with('['), "{text:?}: {read:?} for {host:?}");
    assert_eq!(read.starts_with('['), host.starts_with('['), "{text:?}");
    assert_eq!(parsed.port_or_known_default(), port.or(parsed.port_or_known_default()), "{text:?}");
    assert_eq!((parsed.username(), parsed.password(), parsed.fragment()), ("", None, None), "{text:?}");
    if parsed.scheme() == "http" {
        let is_loopback = match parsed.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        };
        assert!(is_loopback, "{text:?}");
    }
}
