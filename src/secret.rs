//! A text that must not be seen.

use alloc::string::String;

use core::fmt;

use zeroize::Zeroizing;

/// A client secret, a token or anything else that must not reach a log.
///
/// `Debug` prints `[redacted]`; there is no `Display` and no `PartialEq`. The text is wiped from
/// memory on drop, as far as that goes: copies made by [`expose`](Secret::expose)'s callers, and by
/// an allocator that moved it, are not.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself, to be put where the protocol wants it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Secret(Zeroizing::new(text.into()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "[redacted]");
        assert_eq!(format!("{:#?}", Some(Secret::from("hunter2"))), "Some(\n    [redacted],\n)");
    }
}
