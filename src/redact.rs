//! Takes what is secret out of a server's own words.

use crate::encode::{base64_decode, base64_encode, concat, find, form_decode, percent_decode};
use crate::secret::Secret;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// RFC 6749 sets no length for `error_description`; a person reads about this many characters.
const LONGEST_SHOWN: usize = 256;

/// More than this is not even looked at, so that a hostile text costs no time.
const LONGEST_READ: usize = 2048;

/// So many letters and digits in a row, out of a secret, give it away.
const TELLING: usize = 8;

/// Form parameters that are no secret; every other one counts as secret.
const OPEN_PARAMETERS: [&str; 7] =
    ["grant_type", "scope", "resource", "audience", "client_id", "client_assertion_type", "token_type_hint"];

/// Knows what was secret in a request, so that a server that quotes the request leaks nothing into an error.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// Taken apart only when there is something to clean: most answers are no errors.
    authorization: Option<Secret>,
    form: Option<Secret>,
}

#[derive(Default)]
struct Known {
    /// Replaced wherever they stand, the longest first: a short one inside a long one must not break the long one up.
    exact: Vec<Secret>,
    /// Of which no telling part may be left, however it is written.
    credentials: Vec<Secret>,
}

impl Redaction {
    /// For an answer whose request is not known: no free text of the server's is shown at all.
    pub fn unknown() -> Self {
        Redaction::default()
    }

    /// From the value of the request's `authorization` header and its form body.
    pub(crate) fn of_request(authorization: Option<&str>, form: Option<&str>) -> Self {
        Redaction { authorization: authorization.map(Secret::from), form: form.map(Secret::from) }
    }

    /// The text fit to be shown: without the request's secrets, without anything that looks like a token, in the characters
    /// that RFC 6749 section 5.2 permits, at most 256 of them. `None` where the request is not known.
    pub(crate) fn clean(&self, text: &str) -> Option<String> {
        let known = Known::of_request(self.authorization.as_ref(), self.form.as_ref())?;
        let text: String = text.chars().take(LONGEST_READ).collect();
        let text = known.replace(&text);
        let mut shown = String::new();
        for word in text.split(' ') {
            shown.push_str(if is_token_like(word) { REDACTED } else { word });
            shown.push(' ');
        }
        shown.pop();
        // Escaped, cut or encoded by the server, a secret cannot be told from its surroundings: then nothing is shown.
        let readings = [
            shown.clone().into_bytes(),
            percent_decode(&shown, b'+'),
            percent_decode(&shown, b' '),
            without_escapes(shown.as_bytes()),
        ];
        if readings.iter().any(|reading| known.is_told(reading)) {
            return Some(REDACTED.to_owned());
        }
        Some(shown.chars().map(permitted).take(LONGEST_SHOWN).collect())
    }
}

fn pairs(form: &str) -> impl Iterator<Item = (&str, &str)> {
    form.split('&').filter_map(|pair| pair.split_once('='))
}

impl Known {
    /// A request without credentials is not the one that was sent, and counts as unknown.
    fn of_request(authorization: Option<&Secret>, form: Option<&Secret>) -> Option<Self> {
        let mut known = Known::default();
        if let Some((scheme, value)) = authorization.and_then(|value| value.expose().split_once(' ')) {
            let value = value.trim_ascii();
            known.add_credential(value);
            let pair = base64_decode(value).filter(|_| scheme.eq_ignore_ascii_case("basic")).map(Secret::from);
            if let Some((id, secret)) = pair.as_ref().and_then(|pair| pair.expose().split_once(':')) {
                known.add_pair(id, secret);
            }
        }
        let form = form.map_or("", |form| form.expose());
        let parameter = |wanted: &str| pairs(form).find(|(name, _)| *name == wanted).map(|(_, value)| value);
        if let Some(secret) = parameter("client_secret") {
            known.add_pair(parameter("client_id").unwrap_or_default(), secret);
        }
        for (_, value) in pairs(form).filter(|(name, _)| !OPEN_PARAMETERS.contains(name)) {
            known.add_encoded(value);
        }
        Some(known).filter(|known| !known.credentials.is_empty())
    }

    fn add_pair(&mut self, id: &str, secret: &str) {
        let (plain_id, plain) = (form_decode(id).unwrap_or_default(), form_decode(secret).unwrap_or_default());
        self.add_credential(&plain);
        self.add_credential(&base64_encode(&plain));
        self.add_credential(&base64_encode(&concat(&[&plain_id, ":", &plain])));
        self.add_encoded(secret);
        // No secret, but what a swapped pair of variables puts there is one, and longer than many an id.
        if plain_id.len() >= TELLING {
            self.add_encoded(id);
        }
    }

    fn add_credential(&mut self, text: &str) {
        if !text.is_empty() {
            self.credentials.push(text.into());
            self.add_exact(text);
        }
    }

    fn add_encoded(&mut self, encoded: &str) {
        self.add_exact(encoded);
        self.add_exact(&form_decode(encoded).unwrap_or_default());
    }

    fn add_exact(&mut self, text: &str) {
        if !text.is_empty() {
            let shorter = |other: &Secret| other.expose().len() < text.len();
            self.exact.insert(self.exact.iter().position(shorter).unwrap_or(self.exact.len()), text.into());
        }
    }

    /// In one pass, so that nothing is found in what was put in.
    fn replace(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let found = self.exact.iter().find_map(|secret| rest.strip_prefix(secret.expose()));
            match found {
                Some(_) => out.push_str(REDACTED),
                None => out.push(c),
            }
            rest = found.or_else(|| rest.strip_prefix(c)).unwrap_or_default();
        }
        out
    }

    /// Whether letters and digits in a row, out of a credential, are left in the text, whatever stands between them.
    fn is_told(&self, text: &[u8]) -> bool {
        let text = skeleton(text);
        self.credentials.iter().any(|secret| {
            let secret = skeleton(secret.expose().as_bytes());
            secret.len() >= TELLING / 2
                && secret
                    .windows(TELLING.min(secret.len()))
                    .any(|part| text.windows(part.len()).any(|window| window == part))
        })
    }
}

/// Letters and digits alone, in lower case.
fn skeleton(text: &[u8]) -> Vec<u8> {
    text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

/// Without HTML's `&amp;` and JSON's `\u0026`, which would come between the letters of a secret.
fn without_escapes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let escape = match rest {
            [b'\\', b'u', _, _, _, _, ..] => Some(6),
            [b'&', ..] => rest.iter().take(10).position(|byte| *byte == b';').map(|end| end + 1),
            _ => None,
        };
        match escape {
            Some(length) => rest = rest.get(length..).unwrap_or_default(),
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
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

/// A JWT, or letters and digits mixed in a run longer than words and ids have. A GUID is none: people need them to ask the
/// server's owner.
pub(crate) fn is_token_like(word: &str) -> bool {
    find(word, "eyJ").is_some()
        || word.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).any(|run| {
            run.len() >= 20
                && !is_guid(run)
                && run.contains(|c: char| c.is_ascii_digit())
                && run.contains(|c: char| c.is_ascii_alphabetic())
        })
}

fn is_guid(run: &str) -> bool {
    run.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && run.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{basic_credentials, form_encode};

    const SECRET: &str = "pä ss+w\"rd";

    fn basic(secret: &str) -> Redaction {
        Redaction::of_request(Some(&format!("Basic {}", basic_credentials("id", secret))), Some("scope=openid"))
    }

    fn cleaned(secret: &str, text: &str) -> String {
        basic(secret).clean(text).unwrap()
    }

    #[test]
    fn a_secret_is_found_plain_encoded_and_in_base64() {
        for quoted in [SECRET.to_owned(), form_encode(SECRET), basic_credentials("id", SECRET), base64_encode(SECRET)] {
            let text = format!("bad secret '{quoted}' for openid");
            assert_eq!(cleaned(SECRET, &text), "bad secret '[redacted]' for openid");
        }
    }

    #[test]
    fn a_form_gives_up_its_secrets_and_keeps_the_rest() {
        let redaction = Redaction::of_request(None, Some("audience=api&client_id=me&client_secret=s%26t&pin=1234"));
        let text = redaction.clean("me s&t s%26t 1234 api bWU6cyZ0");
        assert_eq!(text.as_deref(), Some("me [redacted] [redacted] [redacted] api [redacted]"));
    }

    #[test]
    fn the_longest_secret_goes_first_and_nothing_is_found_in_what_was_put_in() {
        let redaction = Redaction::of_request(None, Some("client_secret=abcde&a=c&b=e&d=d"));
        assert_eq!(redaction.clean("abcde ce").as_deref(), Some("[redacted] [redacted][redacted]"));
    }

    #[test]
    fn written_in_a_way_of_the_servers_own_a_secret_takes_the_whole_text_with_it() {
        let secret = "Tr0ub4dor&3x-hunter\"2horse";
        for quoted in [
            "Tr0ub4dor&amp;3x-hunter&quot;2horse",
            "Tr0ub4dor\\u00263x-hunter\\u00222horse",
            "Tr0ub4dor&3x-hunter\\\"2horse",
            "Tr0ub4dor...",
            "tr0ub4dor&3X-HUNTER\"2HORSE",
            "Tr0ub4dor%263x-hunter%222hor%73e",
            "%54%720ub4dor%263x",
            "Tr0u\nb4dor",
        ] {
            assert_eq!(cleaned(secret, &format!("bad {quoted}")), "[redacted]", "{quoted}");
        }
        for quoted in ["a&amp;b&lt;c&gt;d", "a\\u0026b\\u003cc\\u003ed", "a%26b%3Cc%3ed", "A&B<C>D"] {
            assert_eq!(cleaned("a&b<c>d", &format!("bad {quoted}")), "[redacted]", "{quoted}");
        }
        for quoted in ["p%C3%A4%20ss%2Bw%22rd", "p%c3%a4+ss%2bw%22rd", "pÃ¤ ss+w\"rd"] {
            assert_eq!(cleaned(SECRET, &format!("bad {quoted}")), "[redacted]", "{quoted}");
        }
        assert_eq!(cleaned(secret, "100% of %41 & + &amp; %"), "100% of %41 & + &amp; %");
    }

    #[test]
    fn what_looks_like_a_token_goes_and_what_people_need_stays() {
        let text = "AADSTS7000215: Trace 0f8fad5b-d9cb-469f-a165-70867728950e user 283746501928374650 \
            (token=Zm9v-mFy_TIzNDU2Nzg5MGFi) eyJhbGciOiJub25lIn0.e30.";
        let expected = "AADSTS7000215: Trace 0f8fad5b-d9cb-469f-a165-70867728950e user 283746501928374650 \
            [redacted] [redacted]";
        assert_eq!(cleaned(SECRET, text), expected);
    }

    #[test]
    fn other_characters_are_replaced_and_length_is_bounded() {
        assert_eq!(cleaned(SECRET, "a\r\n\"b\\ é"), "a??'b/ ?");
        assert_eq!(cleaned(SECRET, &"word ".repeat(100_000)).len(), 256);
    }

    #[test]
    fn without_the_credentials_that_were_sent_nothing_is_shown() {
        let post = "grant_type=client_credentials";
        assert_eq!(Redaction::unknown().clean("hello"), None);
        for (authorization, form) in [(None, None), (None, Some(post)), (Some("Basic"), Some(post)), (Some(""), None)] {
            assert_eq!(Redaction::of_request(authorization, form).clean("hello"), None);
        }
        let spaced = format!("basic   {}", basic_credentials("id", SECRET));
        assert_eq!(Redaction::of_request(Some(&spaced), None).clean(SECRET).as_deref(), Some(REDACTED));
    }
}
