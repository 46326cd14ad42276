//! Takes what is secret out of a server's own words.

use crate::encode::{base64_decode, base64_encode, form_decode};
use crate::prose::{is_plain, permitted};
use crate::secret::Secret;
use crate::text::{concat, form_pairs, parts, split};

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// RFC 6749 sets no length for `error_description`; a person reads about this many characters.
const LONGEST_SHOWN: usize = 256;

/// More than this of a text is not looked at, so that a hostile one costs no time; of a secret all is, which may be an assertion
/// with the signature at its end.
const LONGEST_READ: usize = 512;

/// So many letters and digits in a row, out of a secret, give it away; three quarters of them, and no fewer than half of this,
/// out of a short one.
const TELLING: usize = 8;

/// Form parameters that are no secret; every other one counts as secret.
const OPEN_PARAMETERS: [&str; 7] =
    ["grant_type", "scope", "resource", "audience", "client_id", "client_assertion_type", "token_type_hint"];

/// Of these each is a credential by itself.
const ASSERTIONS: [&str; 2] = ["assertion", "client_assertion"];

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

    /// Whether the request carried this parameter: what some refusals mean depends on it.
    pub(crate) fn knows(&self, parameter: &str) -> bool {
        self.form.as_ref().is_some_and(|form| form_pairs(form.expose()).any(|(name, _)| name == parameter))
    }

    /// The text fit to be shown, at most 256 characters of those that RFC 6749 section 5.2 permits: what the request held as
    /// secret is replaced, and so is every word that is no plain word, number, GUID or error code, since it may be a token, or
    /// a secret in an encoding of the server's own. `None` where the request is not known.
    pub(crate) fn clean(&self, text: &str) -> Option<String> {
        let known = Known::of_request(self.authorization.as_ref(), self.form.as_ref())?;
        let text: String = text.chars().take(LONGEST_READ).collect();
        let text = known.replace(&text);
        // In another case, cut or split, a secret cannot be told from its surroundings: then nothing is shown.
        if known.is_told(&text) {
            return Some(REDACTED.to_owned());
        }
        let mut shown = String::new();
        for word in parts(&text, " ") {
            shown.push_str(if is_plain(word) { word } else { REDACTED });
            shown.push(' ');
        }
        shown.pop();
        Some(shown.chars().map(permitted).take(LONGEST_SHOWN).collect())
    }
}

/// As it is where it is no form encoding: some clients send it so.
fn decoded(text: &str) -> String {
    form_decode(text).unwrap_or_else(|| text.to_owned())
}

impl Known {
    /// `None` where the credentials that were sent cannot be told.
    fn of_request(authorization: Option<&Secret>, form: Option<&Secret>) -> Option<Self> {
        let mut known = Known::default();
        if let Some((scheme, value)) = authorization.and_then(|value| split(value.expose(), " ")) {
            let value = value.trim_ascii();
            known.add_credential(value);
            if scheme.eq_ignore_ascii_case("basic") {
                let pair = Secret::from(base64_decode(value)?);
                let (id, secret) = split(pair.expose(), ":")?;
                known.add_pair(id, secret);
            }
        }
        let form = form.map_or("", |form| form.expose());
        let parameter = |wanted: &str| form_pairs(form).find(|(name, _)| *name == wanted).map(|(_, value)| value);
        if let Some(secret) = parameter("client_secret") {
            known.add_pair(parameter("client_id").unwrap_or_default(), secret);
        }
        let is_signed = ASSERTIONS.iter().filter_map(|name| parameter(name)).any(|assertion| !assertion.is_empty());
        // Without credentials it is not the request that was sent.
        if known.credentials.is_empty() && !is_signed {
            return None;
        }
        for (_, value) in form_pairs(form).filter(|(name, _)| !OPEN_PARAMETERS.contains(name)) {
            known.add_encoded(value);
        }
        Some(known)
    }

    fn add_pair(&mut self, id: &str, secret: &str) {
        let (plain_id, plain) = (decoded(id), decoded(secret));
        self.add_credential(&plain);
        self.add_credential(&base64_encode(&plain));
        self.add_credential(&base64_encode(concat(&[&plain_id, ":", &plain])));
        self.add_exact(secret);
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
        let plain = decoded(encoded);
        self.add_exact(encoded);
        if plain.len() >= TELLING { self.add_credential(&plain) } else { self.add_exact(&plain) }
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
        let mut rest = text.chars();
        loop {
            if let Some(after) = self.exact.iter().find_map(|secret| rest.as_str().strip_prefix(secret.expose())) {
                out.push_str(REDACTED);
                rest = after.chars();
            } else if let Some(c) = rest.next() {
                out.push(c);
            } else {
                return out;
            }
        }
    }

    /// Whether letters and digits in a row, out of a credential, are left in the text, whatever stands between them.
    fn is_told(&self, text: &str) -> bool {
        let text = skeleton(text, LONGEST_READ);
        self.credentials.iter().any(|secret| {
            let secret = skeleton(secret.expose(), usize::MAX);
            let telling = (secret.len() * 3 / 4).clamp(TELLING / 2, TELLING);
            secret.windows(telling).any(|part| text.windows(telling).any(|window| window == part))
        })
    }
}

/// Letters and digits alone, in lower case.
fn skeleton(text: &str, longest: usize) -> Vec<u8> {
    let mut letters = Vec::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() && letters.len() < longest {
            letters.push(byte.to_ascii_lowercase());
        }
    }
    letters
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
    fn written_in_a_way_of_the_servers_own_a_secret_is_not_shown_either() {
        let encoded = [
            ("Tr0ub4dor&3x-hunter\"2horse", "Tr0ub4dor&amp;3x-hunter&quot;2horse"),
            ("Tr0ub4dor&3x-hunter\"2horse", "Tr0ub4dor..."),
            ("Tr0ub4dor&3x-hunter\"2horse", "tr0ub4dor&3X-HUNTER\"2HORSE"),
            ("Tr0ub4dor&3x-hunter\"2horse", "%54%720ub4dor%263x"),
            ("k7&Qp\"9z<Wm'4x>Lt", "k7&amp;amp;Qp&amp;quot;9z&amp;lt;Wm"),
            ("k7&Qp\"9z<Wm'4x>Lt", "k7%2526Qp%25229z%253CWm'4x%253ELt"),
            ("k7&Qp\"9z<Wm'4x>Lt", "k7%5Cu0026Qp"),
            ("hunter", "&#104;&#117;&#110;&#116;&#101;&#114;"),
            ("hunter2", "68756e74657232"),
            ("correct horse battery", "CORRECT HORSE BATTERY"),
            ("correct-horse-battery", "CORRECT-horse-bat..."),
            ("пароль", "%d0%bf%d0%b0%d1%80%d0%be%d0%bb%d1%8c"),
            (SECRET, "pä%20ss%2Bw%22rd"),
        ];
        for (secret, quoted) in encoded {
            let shown = cleaned(secret, &format!("bad {quoted}"));
            assert!(["bad [redacted]", "[redacted]"].contains(&shown.as_str()), "{quoted} is shown as {shown}");
        }
    }

    #[test]
    fn a_swapped_pair_is_no_leak() {
        let swapped = format!("Basic {}", basic_credentials("Tr0ub4dor&3x", "my-service"));
        let redaction = Redaction::of_request(Some(&swapped), None);
        for quoted in ["Tr0ub4dor&3x", "Tr0ub4dor&amp;3x", "tr0ub4dor&3x", "Tr0ub4dor..."] {
            let shown = redaction.clean(&format!("client '{quoted}' unknown")).unwrap();
            assert!(
                ["client '[redacted]' unknown", "client [redacted] unknown", "[redacted]"].contains(&shown.as_str()),
                "{shown}"
            );
        }
    }

    #[test]
    fn what_looks_like_a_token_goes_and_what_people_need_stays() {
        let text = "AADSTS7000215: Trace 0f8fad5b-d9cb-469f-a165-70867728950e, user 283746501928374650 at 05:36 \
            (token=Zm9v-mFy_TIzNDU2Nzg5MGFi) eyJhbGciOiJub25lIn0.e30.";
        let expected = "AADSTS7000215: Trace 0f8fad5b-d9cb-469f-a165-70867728950e, user 283746501928374650 at 05:36 \
            [redacted] [redacted]";
        assert_eq!(cleaned(SECRET, text), expected);
    }

    #[test]
    fn other_characters_are_replaced_and_length_is_bounded() {
        assert_eq!(cleaned(SECRET, "a\r\n\"b é"), "a??'b ?");
        assert_eq!(cleaned(SECRET, &"word ".repeat(100_000)).len(), 256);
    }

    #[test]
    fn without_the_credentials_that_were_sent_nothing_is_shown() {
        let post = "grant_type=client_credentials";
        assert_eq!(Redaction::unknown().clean("hello"), None);
        for (authorization, form) in [
            (None, None),
            (None, Some(post)),
            (Some("Basic"), Some(post)),
            (Some(""), None),
            (Some("Basic !"), Some("client_secret=x")),
            (Some("Basic YQ"), None),
            (None, Some("assertion=")),
            (None, Some("client_assertion=&pin=1234")),
        ] {
            assert_eq!(Redaction::of_request(authorization, form).clean("hello"), None);
        }
        // What another client built without encoding it first.
        let raw = format!("Basic {}", base64_encode("id:sure-100%-horse"));
        assert_eq!(Redaction::of_request(Some(&raw), None).clean("SURE-100%-HORSE").as_deref(), Some(REDACTED));
        let spaced = format!("basic   {}", basic_credentials("id", SECRET));
        assert_eq!(Redaction::of_request(Some(&spaced), None).clean(SECRET).as_deref(), Some(REDACTED));
    }
}
