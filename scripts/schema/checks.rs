//! The kinds of the options, by which they are checked, and the types of what is checked.

use edge_credentials::schema::options::*;
use edge_credentials::schema::{Kind, Row, Rows, Shape};

use crate::rows::{alternatives, camel, lower, merged, of_union};

/// One row of each alternative, by the option that tells which it is.
type Table = Vec<(Option<&'static str>, Vec<&'static Row>)>;

/// What is checked, by the name of its type.
const CHECKED: &[&Shape] = &[
    &TokenRequestOptions::SHAPE,
    &RevocationRequestOptions::SHAPE,
    &IntrospectionRequestOptions::SHAPE,
    &MetadataRequestOptions::SHAPE,
    &ResponseData::SHAPE,
    &TokenResponseContext::SHAPE,
    &RevocationResponseContext::SHAPE,
    &MetadataResponseContext::SHAPE,
    &TokenTimes::SHAPE,
    &ExpiryOptions::SHAPE,
    &AccessToken::SHAPE,
    &ImportKeyOptions::SHAPE,
    &AssertionOptions::SHAPE,
    &DescribedKey::SHAPE,
    &SignedAssertion::SHAPE,
    &TokenVerifierOptions::SHAPE,
    &Requirements::SHAPE,
    &RequiredRole::SHAPE,
    &WaitOptions::SHAPE,
];

pub fn all() -> String {
    let nested = [("IntrospectionClient", of_union(&IntrospectionClient::ALTERNATIVES))];
    let shapes = CHECKED.iter().map(|shape| (shape.name, alternatives(shape)));
    let unions = [("TokenSourceOptions", of_union(&TokenSourceOptions::ALTERNATIVES))];
    nested
        .into_iter()
        .chain(shapes)
        .chain(unions)
        .map(|(name, table)| check(name, &table))
        .collect::<Vec<_>>()
        .join("\n")
}

fn check(name: &str, table: &Table) -> String {
    let constant = format!("{}Kinds", lower(name));
    let list = |rows: &[&'static Row]| rows.iter().map(|row| kind(row)).collect::<String>();
    let kinds = match table.as_slice() {
        [(None, rows)] => format!("export const {constant} = {{\n{}}} as const satisfies Kinds;\n", list(rows)),
        table => {
            let each =
                table.iter().map(|(by, rows)| format!("\"{}\": {{\n{}}},\n", by.unwrap_or_default(), list(rows)));
            format!("export const {constant} = {{\n{}}} as const satisfies Alternatives;\n", each.collect::<String>())
        }
    };
    let members = merged(table).into_iter().map(|(row, optional)| taken(row, optional)).collect::<String>();
    format!(
        "/** {{@link {name}}}, checked: what is not given is `undefined`. */\nexport interface Checked{name} {{\n{members}}}\n\n\
         /** The kinds of the options in {{@link Checked{name}}}. */\n{kinds}"
    )
}

fn kind(row: &Row) -> String {
    let name = camel(row.name);
    match &row.kind {
        Kind::Value { check, .. } => format!("{name}: \"{check}{}\",\n", mark(row)),
        Kind::Nested(union) => format!("{name}: {}Kinds,\n", lower(union.name)),
        Kind::Rows(_) | Kind::OneOf(_) => unreachable!("tables are flat here"),
    }
}

/// `!`: required. `?`: `undefined` counts as left out.
fn mark(row: &Row) -> &'static str {
    match (row.optional, row.unset) {
        (false, _) => "!",
        (true, true) => "?",
        (true, false) => "",
    }
}

fn taken(row: &Row, optional: bool) -> String {
    let rest = if optional { " | undefined" } else { "" };
    let name = camel(row.name);
    match &row.kind {
        Kind::Value { taken, .. } => format!("{name}: {}{rest};\n", wrapped(taken, optional)),
        Kind::Nested(union) => format!("{name}: Checked{}{rest};\n", union.name),
        Kind::Rows(_) | Kind::OneOf(_) => unreachable!("tables are flat here"),
    }
}

fn wrapped(text: &str, optional: bool) -> String {
    if optional && text.contains("=>") { format!("({text})") } else { text.to_owned() }
}
