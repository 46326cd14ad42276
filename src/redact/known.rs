//! What a request held as secret, and what of it was none.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::encoding::base64::base64_encode;
use crate::encoding::text::{concat, form_pairs, parts, split};
use crate::redact::names::is_plain_name;
use crate::redact::open_words::{OpenWords, PLACE, ids_of_assertion};
use crate::redact::told::{push_open, push_skeleton};
use crate::redact::{LONGEST_READ, REDACTED, Redaction, TELLING, basic_pair, decoded};
use crate::secret::Secret;

/// Form parameters that are no secret; every other one counts as secret.
const OPEN_PARAMETERS: [&str; 4] = ["grant_type", "client_id", "client_assertion_type", "token_type_hint"];

/// Those whose values were configured as names.
const NAMING_PARAMETERS: [&str; 3] = ["scope", "resource", "audience"];

/// Of these each is a credential by itself.
const ASSERTIONS: [&str; 2] = ["assertion", "client_assertion"];

#[derive(Default)]
pub(super) struct Known {
    /// Replaced wherever they stand, the longest first: a short one inside a long one must not
    /// break the long one up.
    exact: Vec<Secret>,
    /// Of which no telling part may be left, however it is written.
    pub(super) credentials: Vec<Secret>,
    /// Of which no word may hold four characters.
    pub(super) secrets: Vec<Secret>,
    /// What is shown whatever it has in common with a secret.
    open: OpenWords,
}

impl Known {
    /// `None` where the credentials that were sent cannot be told.
    pub(super) fn of_request(request: &Redaction) -> Option<Self> {
        let mut known = Known::default();
        for address in [&request.url, &request.issuer].into_iter().flatten() {
            known.open.add_address(address);
        }
        let authorization = request.authorization.as_ref().map_or("", |value| value.expose());
        if let Some((scheme, value)) = split(authorization, " ") {
            known.add_credential(value.trim_ascii());
            if scheme.eq_ignore_ascii_case("basic") {
                let pair = basic_pair(authorization)?;
                let (id, secret) = split(pair.expose(), ":")?;
                known.add_pair(id, secret);
            }
        }
        let form = request.form.as_ref().map_or("", |form| form.expose());
        let parameter = |wanted: &str| form_pairs(form).find(|(name, _)| *name == wanted).map(|(_, value)| value);
        if let Some(secret) = parameter("client_secret") {
            known.add_pair(parameter("client_id").unwrap_or_default(), secret);
        }
        let assertions = ASSERTIONS.iter().filter_map(|name| parameter(name)).filter(|assertion| !assertion.is_empty());
        let mut is_signed = false;
        for assertion in assertions {
            is_signed = true;
            ids_of_assertion(&decoded(assertion), &mut known.open);
        }
        // Without credentials it is not the request that was sent.
        if known.credentials.is_empty() && !is_signed {
            return None;
        }
        let mut others = Vec::new();
        for (name, value) in form_pairs(form) {
            if NAMING_PARAMETERS.contains(&name) {
                parts(&decoded(value), " ").for_each(|word| known.add_name(word));
            } else if !OPEN_PARAMETERS.contains(&name) {
                known.add_encoded(value);
                others.push(Secret::from(decoded(value)));
            }
        }
        let query = request.url.as_deref().and_then(|url| split(url, "?")).map_or("", |(_, query)| query);
        form_pairs(query).for_each(|(_, value)| known.add_encoded(value));
        known.open.drop_what_holds(&known.secrets);
        known.open.drop_what_holds(&others);
        Some(known)
    }

    /// What was asked for is no secret if it looks like a name.
    fn add_name(&mut self, word: &str) {
        if is_plain_name(word) { self.open.add(word) } else { self.add_encoded(word) }
    }

    fn add_pair(&mut self, id: &str, secret: &str) {
        let (plain_id, plain) = (decoded(id), decoded(secret));
        self.add_credential(&plain);
        self.add_credential(&base64_encode(&plain));
        self.add_credential(&base64_encode(concat(&[&plain_id, ":", &plain])));
        self.add_exact(secret);
        // What a swapped pair of variables puts in the place of the id is a secret. Otherwise an id
        // is none.
        if plain_id == plain || !is_plain_name(&plain_id) {
            self.secrets.push(plain_id.as_str().into());
            self.add_encoded(id);
        } else {
            self.open.add(&plain_id);
        }
        self.secrets.push(plain.into());
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

    /// In one pass, so that nothing is found in what was put in. Gives the text; its skeleton, in
    /// which a credential that was replaced leaves a gap: what is left on both sides of it is not in
    /// a row; and the open words, in whose places the text has a mark. The skeleton has their letters
    /// as open ones.
    pub(super) fn replace(&self, text: &str) -> (String, Vec<u8>, Vec<String>) {
        let (mut out, mut skeleton, mut opened) = (String::new(), Vec::new(), Vec::new());
        let (mut rest, mut read, mut before) = (text.chars(), 0, ' ');
        while read < LONGEST_READ {
            // In all of the text: one that is cut would not be found.
            let secret = self.exact.iter().find(|secret| rest.as_str().starts_with(secret.expose()));
            let open = self.open.at(rest.as_str(), before);
            let open = open.filter(|open| secret.is_none_or(|secret| secret.expose().len() <= open.len()));
            if let Some(taken) = open.or(secret.map(|secret| secret.expose())) {
                // A short parameter may be in the middle of a longer credential that is written in
                // another way.
                let is_short = taken.len() < TELLING && !self.credentials.iter().any(|one| one.expose() == taken);
                if open.is_some() {
                    push_open(&mut skeleton, taken)
                } else if is_short {
                    push_skeleton(&mut skeleton, taken)
                } else {
                    skeleton.push(b' ')
                }
                if open.is_some() {
                    out.push(PLACE);
                    opened.push(taken.to_owned());
                } else {
                    out.push_str(REDACTED);
                }
                read += taken.chars().count();
                rest = rest.as_str().get(taken.len()..).unwrap_or_default().chars();
                before = PLACE;
            } else if let Some(c) = rest.next() {
                push_skeleton(&mut skeleton, c.encode_utf8(&mut [0; 4]));
                out.push(if c == PLACE { '?' } else { c });
                read += 1;
                before = c;
            } else {
                return (out, skeleton, opened);
            }
        }
        // Of a word that was cut nobody knows what it is.
        if !rest.as_str().is_empty() {
            out.truncate(out.bytes().rposition(|b| b == b' ').map_or(0, |space| space + 1));
            out.push_str(REDACTED);
        }
        (out, skeleton, opened)
    }
}
