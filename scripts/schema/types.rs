//! The types of the options, with their documentation.

use edge_credentials::schema::options::*;
use edge_credentials::schema::{Alternatives, Kind, Row, Rows, Shape, Type};

use crate::rows::{camel, doc};

/// What callers give, in the order of the file.
const PUBLIC: &[&Shape] = &[
    &SecretCredentials::SHAPE,
    &ClientAssertionCredentials::SHAPE,
    &AssertionCredentials::SHAPE,
    &RequestedToken::SHAPE,
    &TokenRequestOptions::SHAPE,
    &RevocationRequestOptions::SHAPE,
    &OwnTokenCredentials::SHAPE,
    &NoCredentials::SHAPE,
    &IntrospectionRequestOptions::SHAPE,
    &MetadataRequestOptions::SHAPE,
    &ResponseData::SHAPE,
    &TokenResponseContext::SHAPE,
    &RevocationResponseContext::SHAPE,
    &MetadataResponseContext::SHAPE,
    &ExpiryOptions::SHAPE,
    &ImportKeyOptions::SHAPE,
    &AssertionOptions::SHAPE,
    &ServerOptions::SHAPE,
    &SourceOptions::SHAPE,
    &SecretSourceOptions::SHAPE,
    &KeySourceOptions::SHAPE,
    &AccessTokenSourceOptions::SHAPE,
    &AssertionSourceOptions::SHAPE,
    &ClientAssertionSourceOptions::SHAPE,
    &RequestSourceOptions::SHAPE,
    &SecretIntrospectionClient::SHAPE,
    &KeyIntrospectionClient::SHAPE,
    &TokenIntrospectionClient::SHAPE,
    &TokenVerifierOptions::SHAPE,
    &Requirements::SHAPE,
    &WaitOptions::SHAPE,
];

const UNIONS: &[&Alternatives] = &[&TokenSourceOptions::ALTERNATIVES, &IntrospectionClient::ALTERNATIVES];

pub fn all() -> String {
    let shapes = PUBLIC.iter().map(|shape| type_of(shape));
    let unions =
        UNIONS.iter().map(|union| format!("{}export type {} = {};\n", doc(union.doc), union.name, names(union)));
    shapes.chain(unions).collect::<Vec<_>>().join("\n")
}

/// An interface, or an intersection where a part of it is a union.
fn type_of(shape: &'static Shape) -> String {
    let own: String = shape.rows.iter().filter_map(member).collect();
    let parts: Vec<String> = shape.rows.iter().filter_map(part).collect();
    let has_union = shape.rows.iter().any(|row| matches!(row.kind, Kind::OneOf(_)));
    let (doc, name) = (doc(shape.doc), shape.name);
    if has_union {
        return format!("{doc}export type {name} = {} & {{\n{own}}};\n", parts.join(" & "));
    }
    let extends = if parts.is_empty() { String::new() } else { format!(" extends {}", parts.join(", ")) };
    format!("{doc}export interface {name}{extends} {{\n{own}}}\n")
}

fn part(row: &Row) -> Option<String> {
    match &row.kind {
        Kind::Rows(shape) => Some(shape.name.to_owned()),
        Kind::OneOf(union) => Some(format!("({})", names(union))),
        _ => None,
    }
}

fn names(union: &Alternatives) -> String {
    union.shapes.iter().map(|(_, shape)| shape.name).collect::<Vec<_>>().join(" | ")
}

fn member(row: &Row) -> Option<String> {
    let mark = if row.optional { "?" } else { "" };
    Some(format!("{}{}{mark}: {};\n", doc(row.doc), camel(row.name), given(&row.kind)?))
}

/// The TypeScript type of what callers give.
fn given(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Value { given: Type::Text(text), .. } => Some((*text).to_owned()),
        Kind::Value { given: Type::Choice(names), .. } => {
            Some(names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" | "))
        }
        Kind::Nested(union) => Some(union.name.to_owned()),
        Kind::Rows(_) | Kind::OneOf(_) => None,
    }
}
