//! Takes what is secret out of a server's own words.

use crate::encode::{base64_decode, find, form_decode, percent_decode};
use crate::secret::Secret;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// RFC 6749 sets no length for `error_description`; a person reads about this many characters.
const LONGEST: usize = 256;

/// Form parameters that are no secret; every other one counts as secret.
const OPEN_PARAMETERS: [&str; 7] =
    ["grant_type", "scope", "resource", "audience", "client_id", "client_assertion_type", "token_type_hint"];

/// Knows what was secret in a request, so that a server that quotes the request leaks nothing into an error.
#[derive(Clone, Debug)]
pub struct Redaction(Option<Vec<Secret>>);

impl Redaction {
    /// For an answer whose request is not known: no free text of the server's is shown at all.
    pub fn unknown() -> Self {
        Redaction(None)
    }

    /// From the value of the request's `authorization` header and its form body.
    pub(crate) fn of_request(authorization: Option<&str>, body: Option<&str>) -> Self {
        let mut secrets = Vec::new();
        if let Some((scheme, credentials)) = authorization.and_then(|value| value.split_once(' ')) {
            push_secret(&mut secrets, credentials);
            if scheme.eq_ignore_ascii_case("basic") {
                let pair = base64_decode(credentials).map(Secret::from);
                let secret = pair.as_ref().and_then(|pair| pair.expose().split_once(':'));
                push_form_secret(&mut secrets, secret.map_or("", |(_, secret)| secret));
            }
        }
        for (name, value) in body.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')) {
            if !OPEN_PARAMETERS.contains(&name) {
                push_form_secret(&mut secrets, value);
            }
        }
        Redaction(Some(secrets))
    }

    /// The text fit to be shown: without the request's secrets, without anything that looks like a token, in the characters
    /// that RFC 6749 section 5.2 permits, at most 256 of them. `None` where the request is not known.
    pub(crate) fn clean(&self, text: &str) -> Option<String> {
        let secrets = self.0.as_deref()?;
        // Twice, since what the server garbled may become a secret only in permitted characters, and the reverse.
        let text = without(secrets, text);
        let text = without(secrets, &text.chars().map(permitted).collect::<String>());
        let words: Vec<&str> = text.split(' ').map(|word| if is_token_like(word) { REDACTED } else { word }).collect();
        let text = words.join(" ");
        // Encoded in a way that is not ours, the place of a secret cannot be told: then nothing is shown.
        if [percent_decode(&text, b'+'), percent_decode(&text, b' ')].iter().any(|decoded| holds_any(secrets, decoded))
        {
            return Some(REDACTED.to_owned());
        }
        Some(text.chars().take(LONGEST).collect())
    }
}

fn push_form_secret(secrets: &mut Vec<Secret>, encoded: &str) {
    push_secret(secrets, encoded);
    if let Some(decoded) = form_decode(encoded).filter(|decoded| decoded != encoded) {
        push_secret(secrets, &decoded);
    }
}

fn push_secret(secrets: &mut Vec<Secret>, text: &str) {
    if !text.is_empty() {
        // The longest first: a short secret inside a long one must not break the long one up.
        let shorter = |other: &Secret| other.expose().len() < text.len();
        secrets.insert(secrets.iter().position(shorter).unwrap_or(secrets.len()), text.into());
    }
}

fn without(secrets: &[Secret], text: &str) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| replace(&text, secret.expose(), REDACTED))
}

fn replace(text: &str, needle: &str, by: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, found)) = find(rest, needle).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(before);
        out.push_str(by);
        rest = found.split_at_checked(needle.len()).map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

fn holds_any(secrets: &[Secret], text: &[u8]) -> bool {
    secrets.iter().any(|secret| find(text, secret.expose()).is_some())
}

/// `error_description = *( %x20-21 / %x23-5B / %x5D-7E )`, RFC 6749 appendix A.8.
fn permitted(c: char) -> char {
    match c {
        '"' => '\'',
        '\\' => '/',
        ' '..='~' => c,
        _ => '?',
    }
}

/// A JWT, or letters and digits mixed in a run longer than words, GUID parts or ids have.
fn is_token_like(word: &str) -> bool {
    find(word, "eyJ").is_some()
        || word.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| {
            run.len() >= 24
                && run.contains(|c: char| c.is_ascii_digit())
                && run.contains(|c: char| c.is_ascii_alphabetic())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{basic_credentials, form_encode};

    const SECRET: &str = "pä ss+w\"rd";

    fn basic() -> Redaction {
        Redaction::of_request(Some(&format!("Basic {}", basic_credentials("id", SECRET))), Some("scope=openid"))
    }

    #[test]
    fn a_secret_is_found_plain_encoded_and_in_base64() {
        for quoted in [SECRET.to_owned(), form_encode(SECRET), basic_credentials("id", SECRET)] {
            let cleaned = basic().clean(&format!("bad secret '{quoted}' for openid"));
            assert_eq!(cleaned.as_deref(), Some("bad secret '[redacted]' for openid"));
        }
    }

    #[test]
    fn a_form_gives_up_its_secrets_and_keeps_the_rest() {
        let redaction = Redaction::of_request(None, Some("audience=api&client_id=me&client_secret=s%26t&pin=1234"));
        let cleaned = redaction.clean("me s&t s%26t 1234 api");
        assert_eq!(cleaned.as_deref(), Some("me [redacted] [redacted] [redacted] api"));
    }

    #[test]
    fn what_looks_like_a_token_goes_and_what_people_need_stays() {
        let cleaned = basic().clean(
            "AADSTS7000215: Trace 0f8fad5b-d9cb-469f-a165-70867728950e user 283746501928374650 \
             (token=Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg) eyJhbGciOiJub25lIn0.e30.",
        );
        assert_eq!(
            cleaned.as_deref(),
            Some(
                "AADSTS7000215: Trace 0f8fad5b-d9cb-469f-a165-70867728950e user 283746501928374650 [redacted] [redacted]"
            )
        );
    }

    #[test]
    fn a_secret_in_an_encoding_of_the_servers_own_takes_the_whole_text_with_it() {
        for quoted in ["p%C3%A4%20ss%2Bw%22rd", "p%c3%a4+ss%2bw%22rd", "%70%C3%A4%20%73%73%2Bw%22r%64"] {
            assert_eq!(basic().clean(&format!("bad {quoted}")).as_deref(), Some("[redacted]"), "{quoted}");
        }
        assert_eq!(basic().clean("100% of %41 + %").as_deref(), Some("100% of %41 + %"));
    }

    #[test]
    fn other_characters_are_replaced_and_length_is_bounded() {
        assert_eq!(basic().clean("a\r\n\"b\\ é").as_deref(), Some("a??'b/ ?"));
        assert_eq!(basic().clean(&"word ".repeat(100)).map(|text| text.len()), Some(256));
    }

    #[test]
    fn nothing_is_shown_of_an_unknown_exchange() {
        assert_eq!(Redaction::unknown().clean("hello"), None);
    }
}
