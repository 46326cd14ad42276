//! What functions give, and how JavaScript reads it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::encoding::time::Timestamp;
use crate::schema::fields::{Written, digits_of};

/// What a function gives.
pub trait Gives {
    /// Its fields.
    const FIELDS: GivenAs;

    /// As the text that JavaScript reads.
    fn into_text(self) -> String;
}

/// How JavaScript reads what a function gives.
#[derive(Debug)]
pub enum GivenAs {
    /// As it is.
    Text,
    /// It is nothing.
    Nothing,
    /// As the other, or as nothing if it is empty.
    Optional(&'static GivenAs),
    /// As an object of these fields.
    Fields(&'static str, &'static [&'static str], &'static [(&'static str, GivenKind)]),
}

/// What a field of a result is.
#[derive(Clone, Copy, Debug)]
pub enum GivenKind {
    /// A text.
    Text,
    /// A text that may be missing.
    OptionalText,
    /// A number.
    Number,
    /// A number that may be missing.
    OptionalNumber,
    /// True or false.
    Flag,
    /// Whole numbers.
    Numbers,
}

/// What stands in a field of a result.
pub trait Given {
    /// What it is.
    const KIND: GivenKind;

    /// Adds it.
    fn write(&self, written: &mut Written);
}

impl Gives for String {
    const FIELDS: GivenAs = GivenAs::Text;

    fn into_text(self) -> String {
        self
    }
}

impl<G: Gives> Gives for Option<G> {
    const FIELDS: GivenAs = GivenAs::Optional(&G::FIELDS);

    fn into_text(self) -> String {
        self.map(Gives::into_text).unwrap_or_default()
    }
}

impl Gives for () {
    const FIELDS: GivenAs = GivenAs::Nothing;

    fn into_text(self) -> String {
        String::new()
    }
}

impl Given for String {
    const KIND: GivenKind = GivenKind::Text;

    fn write(&self, written: &mut Written) {
        written.text(self);
    }
}

impl Given for Option<String> {
    const KIND: GivenKind = GivenKind::OptionalText;

    fn write(&self, written: &mut Written) {
        written.optional(self.as_deref());
    }
}

impl Given for u64 {
    const KIND: GivenKind = GivenKind::Number;

    fn write(&self, written: &mut Written) {
        written.text(&digits_of(*self as i64));
    }
}

impl Given for Option<u64> {
    const KIND: GivenKind = GivenKind::OptionalNumber;

    fn write(&self, written: &mut Written) {
        written.optional(self.map(|number| digits_of(number as i64)).as_deref());
    }
}

impl Given for Option<Timestamp> {
    const KIND: GivenKind = GivenKind::OptionalNumber;

    fn write(&self, written: &mut Written) {
        written.optional(self.map(|time| digits_of(time.as_millis())).as_deref());
    }
}

impl Given for bool {
    const KIND: GivenKind = GivenKind::Flag;

    fn write(&self, written: &mut Written) {
        written.optional(self.then_some(""));
    }
}

impl Given for Vec<usize> {
    const KIND: GivenKind = GivenKind::Numbers;

    fn write(&self, written: &mut Written) {
        let mut all = String::new();
        for number in self {
            if !all.is_empty() {
                all.push(' ');
            }
            all.push_str(&digits_of(*number as i64));
        }
        written.text(&all);
    }
}

/// Makes a type of what a function gives.
macro_rules! result {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $field_doc:literal])* $field:ident: $kind:ty,)* }) => {
        $(#[doc = $doc])*
        pub struct $name { $($(#[doc = $field_doc])* pub $field: $kind,)* }

        impl $crate::schema::given::Gives for $name {
            const FIELDS: $crate::schema::given::GivenAs = $crate::schema::given::GivenAs::Fields(
                stringify!($name),
                &[$($doc),*],
                &[$((stringify!($field), <$kind as $crate::schema::given::Given>::KIND)),*],
            );

            fn into_text(self) -> String {
                let mut written = $crate::schema::fields::Written::default();
                $($crate::schema::given::Given::write(&self.$field, &mut written);)*
                written.end()
            }
        }
    };
}

pub(crate) use result;
