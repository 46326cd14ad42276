//! Tables, flattened.

use edge_credentials::schema::{Alternatives, Kind, Row, Shape};

/// `token_endpoint` as `tokenEndpoint`.
pub fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

/// `BuildTokenRequest` as `buildTokenRequest`.
pub fn lower(name: &str) -> String {
    name[..1].to_lowercase() + &name[1..]
}

/// A comment of these lines.
pub fn doc(lines: &[&str]) -> String {
    match lines {
        [] => String::new(),
        [line] => format!("/**{line} */\n"),
        lines => format!("/**\n{} */\n", lines.iter().map(|line| format!(" *{line}\n")).collect::<String>()),
    }
}

/// The rows of each alternative of a shape, by the option that tells which it is; of one without
/// alternatives there is one, without a name.
pub fn alternatives(shape: &'static Shape) -> Vec<(Option<&'static str>, Vec<&'static Row>)> {
    let mut all: Vec<(Option<&'static str>, Vec<&'static Row>)> = vec![(None, vec![])];
    for row in shape.rows {
        match &row.kind {
            Kind::Rows(inner) => {
                let rows = only_alternative(inner);
                all.iter_mut().for_each(|(_, list)| list.extend(&rows));
            }
            Kind::OneOf(inner) => {
                assert_eq!(all.len(), 1, "a shape has one row of alternatives at most");
                let (_, before) = all.remove(0);
                all = of_union(inner);
                all.iter_mut().for_each(|(_, list)| *list = [before.clone(), list.clone()].concat());
            }
            _ => all.iter_mut().for_each(|(_, list)| list.push(row)),
        }
    }
    all
}

/// The same, of a union of shapes.
pub fn of_union(union: &'static Alternatives) -> Vec<(Option<&'static str>, Vec<&'static Row>)> {
    union.shapes.iter().map(|(by, shape)| (Some(*by), only_alternative(shape))).collect()
}

fn only_alternative(shape: &'static Shape) -> Vec<&'static Row> {
    let mut all = alternatives(shape);
    assert_eq!(all.len(), 1, "alternatives inside of others have no writer");
    all.remove(0).1
}

/// The rows of all alternatives, each name once, and whether it may be missing in one of them.
pub fn merged(alternatives: &[(Option<&'static str>, Vec<&'static Row>)]) -> Vec<(&'static Row, bool)> {
    let mut all: Vec<(&'static Row, bool)> = Vec::new();
    for row in alternatives.iter().flat_map(|(_, rows)| rows) {
        if all.iter().any(|(known, _)| known.name == row.name) {
            continue;
        }
        let is_everywhere =
            alternatives.iter().all(|(_, rows)| rows.iter().any(|other| other.name == row.name && !other.optional));
        all.push((row, !is_everywhere));
    }
    all
}
