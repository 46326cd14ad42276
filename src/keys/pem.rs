//! PEM (RFC 7468): finds the private key in a text, and says what is there instead.

use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::encoding::base64::base64_bytes;
use crate::encoding::text::{find, split};
use crate::error::{Code, Error};

/// Whether a text that should be an id is a private key, as where two variables or two members were
/// swapped.
pub(crate) fn is_private_key(text: &str) -> bool {
    find(text, "PRIVATE KEY").is_some()
}

/// The DER bytes of the first private key in the text; what else stands there, such as certificates
/// and the parameters that `openssl ecparam` puts first, is passed over.
///
/// Line breaks need not be there, or may be written as `\n`, as environment variables hold them.
///
/// # Errors
/// `option_invalid`: no PEM, none of a private key, encrypted, or cut off.
pub(crate) fn private_key(text: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut rest = text;
    let mut other = None;
    while let Some((_, block)) = split(rest, "-----BEGIN ") {
        let (label, body) = split(block, "-----").ok_or_else(cut_off)?;
        let (body, after) = split(body, "-----END ").ok_or_else(cut_off)?;
        if label.ends_with("PRIVATE KEY") {
            return decode(label, body);
        }
        other = other.or(Some(label));
        rest = after;
    }
    Err(match other {
        None => invalid(
            "the key is neither PEM nor JSON",
            "pass what the key's file holds, not its name: from `-----BEGIN` to the end of `-----END …-----`, or from \
                `{` to `}`, without quotes, and decoded from base64",
        ),
        Some(label) if label.ends_with("PUBLIC KEY") => invalid(
            "the key is a public key",
            "pass the private key that belongs to it; the server gets the public one",
        ),
        Some(label) if label.ends_with("CERTIFICATE") => invalid(
            "the key is a certificate",
            "pass the private key that belongs to it; the server gets the certificate",
        ),
        Some(_) => invalid("the PEM holds no private key", "pass the file with `PRIVATE KEY` in its first line"),
    })
}

fn decode(label: &str, body: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    if label.starts_with("ENCRYPTED ") || find(body, "Proc-Type").is_some() {
        return Err(invalid(
            "the key is encrypted",
            "decrypt it, by `openssl pkcs8 -topk8 -nocrypt -in key.pem`, and keep it as a secret of the platform's",
        ));
    }
    if label.starts_with("OPENSSH ") {
        return Err(invalid(
            "the key is in OpenSSH's own format",
            "convert a copy of it: `ssh-keygen -p -N '' -m pkcs8 -f copy-of-key`",
        ));
    }
    let mut symbols = Zeroizing::new(String::with_capacity(body.len()));
    let mut after_backslash = false;
    for character in body.chars() {
        // A line break that was lost on its way is now two characters, or three.
        let is_escaped = after_backslash && matches!(character, 'n' | 'r');
        after_backslash = character == '\\';
        if !is_escaped && !after_backslash && !character.is_ascii_whitespace() {
            symbols.push(character);
        }
    }
    base64_bytes(&symbols).ok_or_else(|| {
        invalid(
            "the PEM does not hold base64",
            "some of it was lost or changed, such as `+` to a space: take it again from where it was made",
        )
    })
}

fn cut_off() -> Error {
    invalid(
        "the PEM has no end",
        "the text was cut off, often at its first line break: store the whole of it, as one line with `\\n` where that \
            is needed",
    )
}

fn invalid(message: &'static str, hint: &'static str) -> Error {
    Error::new(Code::OptionInvalid, message, hint)
}
