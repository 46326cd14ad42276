//! The one place of options: a table of what each function takes and gives.
//!
//! A row is a name, a kind and its documentation. It makes the reader here, and, by
//! `cargo run --example schema`, the types, the checks and the writer in `pkg/src/core/calls.ts`.
//! So a new option is its row, its use, and its mention in the docs.

pub mod fields;
pub mod given;
pub mod kinds;
pub mod nested;
pub mod options;
pub mod results;

use crate::schema::fields::Fields;

/// The options of a function, or a part of them that several functions share.
#[derive(Debug)]
pub struct Shape {
    /// The TypeScript name.
    pub name: &'static str,
    /// The lines of its documentation.
    pub doc: &'static [&'static str],
    /// Its rows.
    pub rows: &'static [Row],
}

/// One option.
#[derive(Debug)]
pub struct Row {
    /// The name in Rust; the one in TypeScript is the same in camel case.
    pub name: &'static str,
    /// The lines of its documentation.
    pub doc: &'static [&'static str],
    /// What it is.
    pub kind: Kind,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether `undefined` counts as left out. Otherwise it is refused: a binding is not set.
    pub unset: bool,
}

/// What an option is.
#[derive(Debug)]
pub enum Kind {
    /// A value with a check and a TypeScript type. With `crosses`, the core reads it as text.
    Value {
        /// The name of its check in `pkg/src/core/kinds.ts`.
        check: &'static str,
        /// The TypeScript type that callers give.
        given: Type,
        /// The TypeScript type of the checked value.
        taken: &'static str,
        /// Whether it is passed to the core.
        crosses: bool,
    },
    /// The rows of another shape, in this place.
    Rows(&'static Shape),
    /// The rows of one of several shapes.
    OneOf(&'static Alternatives),
    /// An object with options of its own, of one of several shapes; checked, and not passed to the
    /// core.
    Nested(&'static Alternatives),
}

/// A TypeScript type.
#[derive(Debug)]
pub enum Type {
    /// As it is written.
    Text(&'static str),
    /// One of these strings.
    Choice(&'static [&'static str]),
}

/// Shapes of which one is given. The option that an alternative is named by tells which.
#[derive(Debug)]
pub struct Alternatives {
    /// The TypeScript name of the union.
    pub name: &'static str,
    /// The lines of its documentation.
    pub doc: &'static [&'static str],
    /// The option that only this shape has, or one with the value that it has only there
    /// (`clientAuth=none`), and the shape. The first one counts if none is given.
    pub shapes: &'static [(&'static str, &'static Shape)],
}

/// A shape as a type, read from the texts that JavaScript wrote.
pub trait Rows<'a>: Sized {
    /// The table.
    const SHAPE: Shape;

    /// Takes its fields off the front.
    fn read(fields: &mut Fields<'a>) -> Self;
}

/// What stands in a row.
pub trait Field<'a>: Sized {
    /// Its kind.
    const KIND: Kind;
    /// Whether it may be left out.
    const OPTIONAL: bool = false;
    /// Whether `undefined` counts as left out.
    const UNSET: bool = false;

    /// Takes its field off the front, if it crosses.
    fn read(fields: &mut Fields<'a>) -> Self;
}

impl<'a, T: Rows<'a>> Field<'a> for T {
    const KIND: Kind = Kind::Rows(&T::SHAPE);

    fn read(fields: &mut Fields<'a>) -> Self {
        T::read(fields)
    }
}

/// Makes a type of a table.
macro_rules! shape {
    ($(#[doc = $doc:literal])* $name:ident<$life:lifetime> { $($rows:tt)* }) => {
        $crate::schema::shape!(@of [$($doc),*] $name [<$life>] $life { $($rows)* });
    };
    ($(#[doc = $doc:literal])* $name:ident { $($rows:tt)* }) => {
        $crate::schema::shape!(@of [$($doc),*] $name [] 'a { $($rows)* });
    };
    (@of [$($doc:literal),*] $name:ident [$($generics:tt)*] $life:lifetime {
        $($(#[doc = $row_doc:literal])* $field:ident: $kind:ty,)*
    }) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub struct $name $($generics)* { $($(#[doc = $row_doc])* pub $field: $kind,)* }

        impl<$life> $crate::schema::Rows<$life> for $name $($generics)* {
            const SHAPE: $crate::schema::Shape = $crate::schema::Shape {
                name: stringify!($name),
                doc: &[$($doc),*],
                rows: &[$($crate::schema::Row {
                    name: stringify!($field),
                    doc: &[$($row_doc),*],
                    kind: <$kind as $crate::schema::Field>::KIND,
                    optional: <$kind as $crate::schema::Field>::OPTIONAL,
                    unset: <$kind as $crate::schema::Field>::UNSET,
                }),*],
            };

            #[allow(unused_variables, reason = "a shape may have no field that crosses")]
            fn read(fields: &mut $crate::schema::fields::Fields<$life>) -> Self {
                $name { $($field: $crate::schema::Field::read(fields)),* }
            }
        }
    };
}

/// Makes an enum of shapes of which one is given.
macro_rules! alternatives {
    ($(#[doc = $doc:literal])* $name:ident<$life:lifetime> {
        $($(#[doc = $case_doc:literal])* $case:ident($shape:ty) by $by:literal,)*
    }) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub enum $name<$life> { $($(#[doc = $case_doc])* $case($shape),)* }

        impl<$life> $name<$life> {
            /// The table.
            pub const ALTERNATIVES: $crate::schema::Alternatives = $crate::schema::Alternatives {
                name: stringify!($name),
                doc: &[$($doc),*],
                shapes: &[$(($by, &<$shape as $crate::schema::Rows>::SHAPE)),*],
            };
        }

        impl<$life> $crate::schema::Field<$life> for Option<$name<$life>> {
            const KIND: $crate::schema::Kind = $crate::schema::Kind::OneOf(&$name::ALTERNATIVES);

            /// The name of the alternative stands in front of its fields.
            fn read(fields: &mut $crate::schema::fields::Fields<$life>) -> Self {
                match fields.next() {
                    $($by => Some($name::$case($crate::schema::Rows::read(fields))),)*
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use {alternatives, shape};
