//! Options that have options of their own.

use core::marker::PhantomData;

use crate::schema::kinds::JsKind;
use crate::schema::{Alternatives, Kind};

/// Options of an option, of one of several shapes.
#[derive(Clone, Copy, Debug)]
pub struct Nested<T>(PhantomData<T>);

/// The shapes of a [`Nested`] option.
pub trait NestedShapes {
    /// The table.
    const ALTERNATIVES: Alternatives;
}

impl<T: NestedShapes> JsKind for Nested<T> {
    const KIND: Kind = Kind::Nested(&T::ALTERNATIVES);
    const UNSET: bool = false;
}
