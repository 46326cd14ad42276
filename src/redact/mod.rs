//! Takes what is secret out of a server's own words.

use alloc::borrow::ToOwned;
use alloc::string::String;

pub(crate) mod names;
pub(crate) mod plain_words;

mod known;
mod open_words;
mod told;

use crate::encoding::base64::base64_decode;
use crate::encoding::form::{form_decode, form_encode};
use crate::encoding::text::{form_pairs, parts, split};
use crate::redact::known::Known;
use crate::redact::open_words::PLACE;
use crate::redact::plain_words::{is_plain, permitted};
use crate::redact::told::{is_part_told, tells};
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

/// So many of them in a word keep the word from being shown.
const PART: usize = TELLING / 2;

/// Knows what was secret in a request, so that a server that quotes the request leaks nothing into
/// an error.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    url: Option<String>,
    issuer: Option<String>,
    /// Taken apart only when there is something to clean: most answers are no errors.
    authorization: Option<Secret>,
    form: Option<Secret>,
}

impl Redaction {
    /// For an answer whose request is not known: no free text of the server's is shown at all.
    pub fn unknown() -> Self {
        Redaction::default()
    }

    /// From the request's address, the value of its `authorization` header and its form body.
    pub(crate) fn of_request(url: Option<&str>, authorization: Option<&str>, form: Option<&str>) -> Self {
        Redaction {
            url: url.map(str::to_owned),
            issuer: None,
            authorization: authorization.map(Secret::from),
            form: form.map(Secret::from),
        }
    }

    /// Adds the server's issuer, which is shown as the request's address is.
    #[must_use]
    pub fn with_issuer(self, issuer: &str) -> Self {
        Redaction { issuer: Some(issuer.to_owned()), ..self }
    }

    /// Whether the request carried a client id and a secret.
    pub(crate) fn has_secret(&self) -> bool {
        self.has_scheme("Basic ") || self.knows("client_secret")
    }

    /// Whether the form encoding of `client_secret_basic` changes the id or the secret.
    pub(crate) fn is_changed_by_basic(&self) -> bool {
        let pair = self.authorization.as_ref().and_then(|value| basic_pair(value.expose()));
        let is_changed = |half: &str| form_encode(&decoded(half)) != decoded(half);
        pair.is_some_and(|pair| {
            split(pair.expose(), ":").is_some_and(|(id, secret)| is_changed(id) || is_changed(secret))
        })
    }

    /// Whether the request carried an access token, of whoever sent it.
    pub(crate) fn has_bearer(&self) -> bool {
        self.has_scheme("Bearer ")
    }

    fn has_scheme(&self, scheme: &str) -> bool {
        self.authorization.as_ref().is_some_and(|value| value.expose().starts_with(scheme))
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

    /// The text fit to be shown, at most 256 characters of those that RFC 6749 section 5.2 permits.
    /// What was configured (addresses, ids) and the protocol's own words stay. What the request held
    /// as secret is replaced, and so is every word that holds four characters of a secret, or is no
    /// plain word, number, GUID or error code, since it may be a token, or a secret in an encoding of
    /// the server's own. `None` where the request is not known.
    pub(crate) fn clean(&self, text: &str) -> Option<String> {
        let known = Known::of_request(self)?;
        let (text, skeleton, opened) = known.replace(text);
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
        let mut opened = opened.into_iter();
        let mut shown = String::new();
        for word in parts(&text, " ") {
            let is_shown = is_plain(word) && !known.secrets.iter().any(|secret| is_part_told(word, secret));
            let start = shown.len();
            for c in word.chars() {
                if c == PLACE {
                    shown.push_str(&opened.next().unwrap_or_default());
                } else {
                    shown.push(c);
                }
            }
            if !is_shown {
                shown.truncate(start);
                shown.push_str(REDACTED);
            }
            shown.push(' ');
        }
        shown.pop();
        Some(shown.chars().map(permitted).take(LONGEST_SHOWN).collect())
    }
}

/// What stands in a Basic header: both halves encoded, between them a colon.
fn basic_pair(authorization: &str) -> Option<Secret> {
    let (scheme, value) = split(authorization, " ")?;
    scheme.eq_ignore_ascii_case("basic").then(|| base64_decode(value.trim_ascii()))?.map(Secret::from)
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

#[cfg(test)]
mod tests;
