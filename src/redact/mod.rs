//! Takes what is secret out of a server's own words.

pub(crate) mod names;
pub(crate) mod plain_words;

mod told;

use crate::encoding::base64::{base64_decode, base64_encode};
use crate::encoding::form::form_decode;
use crate::encoding::text::{concat, form_pairs, parts, split};
use crate::redact::plain_words::{is_plain, permitted};
use crate::redact::told::{push_skeleton, tells};
use crate::secret::Secret;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// RFC 6749 sets no length for `error_description`; a person reads about this many characters.
const LONGEST_SHOWN: usize = 256;

/// More characters of a text than this are not looked at, so that a hostile one costs no time.
/// Counted before anything is put in: what is put in must not keep the rest from being looked at.
const LONGEST_READ: usize = 512;

/// So many letters and digits in a row, out of a secret, give it away; three quarters of them, and
/// no fewer than half of this, out of a short one.
pub(crate) const TELLING: usize = 8;

/// Form parameters that are no secret; every other one counts as secret.
const OPEN_PARAMETERS: [&str; 7] =
    ["grant_type", "scope", "resource", "audience", "client_id", "client_assertion_type", "token_type_hint"];

/// Of these each is a credential by itself.
const ASSERTIONS: [&str; 2] = ["assertion", "client_assertion"];

/// Knows what was secret in a request, so that a server that quotes the request leaks nothing into
/// an error.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// Taken apart only when there is something to clean: most answers are no errors.
    authorization: Option<Secret>,
    form: Option<Secret>,
}

#[derive(Default)]
struct Known {
    /// Replaced wherever they stand, the longest first: a short one inside a long one must not
    /// break the long one up.
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

    /// Whether the request carried an access token, of whoever sent it.
    pub(crate) fn has_bearer(&self) -> bool {
        self.authorization.as_ref().is_some_and(|value| value.expose().starts_with("Bearer "))
    }

    /// Whether the request carried this parameter: what some refusals mean depends on it.
    pub(crate) fn knows(&self, parameter: &str) -> bool {
        self.form.as_ref().is_some_and(|form| form_pairs(form.expose()).any(|(name, _)| name == parameter))
    }

    /// The text without what this parameter of the request was, unless that is as short as parts of
    /// words are: words that somebody else sent are not the server's.
    pub(crate) fn without(&self, parameter: &str, text: &str) -> String {
        let form = self.form.as_ref().map_or("", |form| form.expose());
        let value =
            form_pairs(form).find(|(name, _)| *name == parameter).map(|(_, value)| Secret::from(decoded(value)));
        let value = value.filter(|value| value.expose().len() >= TELLING);
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = value.as_ref().and_then(|value| split(rest, value.expose())) {
            out.push_str(before);
            out.push(' ');
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// The text fit to be shown, at most 256 characters of those that RFC 6749 section 5.2 permits:
    /// what the request held as secret is replaced, and so is every word that is no plain word,
    /// number, GUID or error code, since it may be a token, or a secret in an encoding of the
    /// server's own. `None` where the request is not known.
    pub(crate) fn clean(&self, text: &str) -> Option<String> {
        let known = Known::of_request(self.authorization.as_ref(), self.form.as_ref())?;
        let (text, skeleton) = known.replace(text);
        // In another case, cut, split or encoded, a secret cannot be told from its surroundings:
        // then nothing is shown.
        if known.credentials.iter().any(|secret| tells(&skeleton, secret.expose())) {
            return Some(REDACTED.to_owned());
        }
        // Octal, with zeros in front, between the places: bytes are written in more ways than are
        // known.
        if has_row_of_numbers(&text) {
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

/// Whether as many short numbers stand in a row as letters tell something of a short secret. No
/// sentence has them.
fn has_row_of_numbers(text: &str) -> bool {
    let mut row = 0;
    for word in parts(text, " ") {
        let mut symbols = word.bytes().filter(u8::is_ascii_alphanumeric);
        match symbols.clone().count() {
            0 => {}
            1..=4 if symbols.all(|symbol| symbol.is_ascii_digit()) => row += 1,
            _ => row = 0,
        }
        if row >= TELLING / 2 {
            return true;
        }
    }
    false
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
        // No secret, but what a swapped pair of variables puts there is one, and longer than many
        // an id.
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

    /// In one pass, so that nothing is found in what was put in. Beside the text its skeleton, in
    /// which a credential that was replaced leaves a gap: what is left on both sides of it is not
    /// in a row.
    fn replace(&self, text: &str) -> (String, Vec<u8>) {
        let (mut out, mut skeleton) = (String::new(), Vec::new());
        let (mut rest, mut read) = (text.chars(), 0);
        while read < LONGEST_READ {
            // In all of the text: one that is cut would not be found.
            if let Some(secret) = self.exact.iter().find(|secret| rest.as_str().starts_with(secret.expose())) {
                let length = secret.expose().chars().count();
                // A short parameter may be in the middle of a longer credential that is written in
                // another way.
                let is_short = length < TELLING && !self.credentials.iter().any(|one| one.expose() == secret.expose());
                if is_short {
                    push_skeleton(&mut skeleton, secret.expose())
                } else {
                    skeleton.push(b' ')
                }
                out.push_str(REDACTED);
                rest.nth(length - 1);
                read += length;
            } else if let Some(c) = rest.next() {
                push_skeleton(&mut skeleton, c.encode_utf8(&mut [0; 4]));
                out.push(c);
                read += 1;
            } else {
                return (out, skeleton);
            }
        }
        // Of a word that was cut nobody knows what it is.
        if !rest.as_str().is_empty() {
            out.truncate(out.bytes().rposition(|b| b == b' ').map_or(0, |space| space + 1));
            out.push_str(REDACTED);
        }
        (out, skeleton)
    }
}

#[cfg(test)]
mod tests;
