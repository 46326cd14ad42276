//! The functions of the core: they write what goes in, and read what comes out.

use std::collections::BTreeSet;

use edge_credentials::calls::{CALLS, CallShape};
use edge_credentials::schema::given::{GivenAs, GivenKind};
use edge_credentials::schema::{Alternatives, Kind, Row, Shape};

use crate::rows::{alternatives, camel, doc, lower, merged, of_union};

pub fn all() -> String {
    let functions: String = CALLS.iter().enumerate().map(|(place, call)| function(place, call)).collect();
    let mut unions: Vec<&'static Alternatives> = Vec::new();
    for union in CALLS.iter().flat_map(|call| unions_of(call.takes)) {
        if !unions.iter().any(|known| known.name == union.name) {
            unions.push(union);
        }
    }
    let writers: String = unions.into_iter().map(union_writer).collect();
    let mut seen = BTreeSet::new();
    let results: String = CALLS.iter().filter_map(|call| result(call.gives, &mut seen)).collect();
    [functions, writers, results].join("\n")
}

fn function(place: usize, call: &CallShape) -> String {
    let name = lower(call.name);
    assert_rest_is_last(call);
    let members = members(call.takes);
    let gives = type_name(call.gives);
    let invoked = format!("invoke({place}, {})", written(call.takes));
    let body = match call.gives {
        GivenAs::Nothing => format!("{invoked};"),
        GivenAs::Text => format!("return {invoked};"),
        GivenAs::Fields(fields, ..) => format!("return read{fields}({invoked});"),
        GivenAs::Optional(GivenAs::Fields(fields, ..)) => {
            format!("const text = {invoked};\nreturn text === \"\" ? undefined : read{fields}(text);")
        }
        GivenAs::Optional(_) => unreachable!("only fields are optional"),
    };
    let doc = doc(&plain(call.doc).iter().map(String::as_str).collect::<Vec<_>>());
    format!("{doc}export function {name}(given: {{\n{members}}}): {gives} {{\n{body}\n}}\n\n")
}

/// `Rest` takes all that is left: what a row below it writes would be part of it.
fn assert_rest_is_last(call: &CallShape) {
    let rows = merged(&alternatives(call.takes));
    let crossing: Vec<_> = rows.iter().filter(|(row, _)| crosses(row)).collect();
    let rest = crossing.iter().position(|(row, _)| matches!(row.kind, Kind::Value { check: "rest", .. }));
    assert!(rest.is_none_or(|place| place + 1 == crossing.len()), "{}: a row stands below the rest", call.name);
}

/// Documentation without Rust's links: `[`x`](crate::x)` as `x`.
fn plain(lines: &[&str]) -> Vec<String> {
    let strip = |line: &str| {
        let mut text = line.to_owned();
        while let Some((start, rest)) = text.split_once("[`") {
            let Some((name, rest)) = rest.split_once("`]") else { break };
            let rest = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest);
            text = format!("{start}`{name}`{rest}");
        }
        text
    };
    lines.iter().map(|line| strip(line)).collect()
}

/// None may be left out: a missing one would be read from a polluted prototype.
fn members(shape: &'static Shape) -> String {
    let rows = merged(&alternatives(shape));
    let crossing = rows.into_iter().filter(|(row, _)| crosses(row));
    crossing
        .map(|(row, optional)| {
            let or = if optional { " | undefined" } else { "" };
            format!("{}: {}{or};\n", camel(row.name), taken(row))
        })
        .collect()
}

fn crosses(row: &Row) -> bool {
    matches!(row.kind, Kind::Value { crosses: true, .. })
}

fn taken(row: &Row) -> &'static str {
    match row.kind {
        Kind::Value { taken, .. } => taken,
        _ => unreachable!("only values cross"),
    }
}

/// The text of a shape's fields.
fn written(shape: &'static Shape) -> String {
    format!("`{}`", fields(shape, false).join("\\0"))
}

fn fields(shape: &'static Shape, is_of_union: bool) -> Vec<String> {
    let each = shape.rows.iter().flat_map(|row| match &row.kind {
        Kind::Rows(inner) => fields(inner, is_of_union),
        Kind::OneOf(union) => vec![format!("${{write{}(given)}}", union.name)],
        _ if crosses(row) => vec![field(row, is_of_union)],
        _ => vec![],
    });
    each.collect()
}

/// `is_of_union`: what another alternative does not have is `undefined` there.
fn field(row: &Row, is_of_union: bool) -> String {
    let value = format!("given.{}", camel(row.name));
    match (taken(row), row.optional) {
        ("boolean", _) => format!("${{flag({value})}}"),
        ("number", true) => format!("${{optionalWhole({value})}}"),
        ("number", false) => format!("${{whole({value})}}"),
        ("string", true) => format!("${{optional({value})}}"),
        ("string", false) if is_of_union => format!("${{{value} ?? \"\"}}"),
        ("string", false) => format!("${{{value}}}"),
        (other, _) => unreachable!("{other} has no writer"),
    }
}

fn unions_of(shape: &'static Shape) -> Vec<&'static Alternatives> {
    let each = shape.rows.iter().flat_map(|row| match &row.kind {
        Kind::OneOf(union) => vec![*union],
        Kind::Rows(inner) => unions_of(inner),
        _ => vec![],
    });
    each.collect()
}

/// The name of the alternative that is given, and its fields.
fn union_writer(union: &'static Alternatives) -> String {
    let table = of_union(union);
    let members: String = merged(&table)
        .into_iter()
        .filter(|(row, _)| crosses(row))
        .map(|(row, _)| format!("{}: {} | undefined;\n", camel(row.name), taken(row)))
        .collect();
    let cases: String = union
        .shapes
        .iter()
        // The last one that is given counts, as in the check of the options.
        .rev()
        .map(|(by, shape)| {
            let is_given = match by.split_once('=') {
                Some((name, value)) => format!("given.{name} === \"{value}\""),
                None => format!("given.{by} !== undefined"),
            };
            format!("if ({is_given}) return `{by}\\0{}`;\n", fields(shape, true).join("\\0"))
        })
        .collect();
    format!("function write{}(given: {{\n{members}}}): string {{\n{cases}return \"\";\n}}\n\n", union.name)
}

fn type_name(gives: &GivenAs) -> String {
    match gives {
        GivenAs::Text => "string".to_owned(),
        GivenAs::Nothing => "void".to_owned(),
        GivenAs::Optional(inner) => format!("{} | undefined", type_name(inner)),
        GivenAs::Fields(name, ..) => (*name).to_owned(),
    }
}

fn result(gives: &GivenAs, seen: &mut BTreeSet<&'static str>) -> Option<String> {
    let (name, lines, fields) = match gives {
        GivenAs::Fields(name, lines, fields) => (name, lines, fields),
        GivenAs::Optional(inner) => return result(inner, seen),
        GivenAs::Text | GivenAs::Nothing => return None,
    };
    if !seen.insert(name) {
        return None;
    }
    let members: String = fields.iter().map(|(name, kind)| format!("{}: {};\n", camel(name), type_of(*kind))).collect();
    let values: Vec<String> =
        fields.iter().enumerate().map(|(place, (name, kind))| value(&camel(name), place, *kind)).collect();
    let doc = doc(lines);
    let reader = format!(
        "function read{name}(text: string): {name} {{\nconst fields = text.split(\"\\0\");\nreturn {{ {} }};\n}}\n\n",
        values.join(", ")
    );
    Some(format!("{doc}export interface {name} {{\n{members}}}\n\n{reader}"))
}

fn type_of(kind: GivenKind) -> &'static str {
    match kind {
        GivenKind::Text => "string",
        GivenKind::OptionalText => "string | undefined",
        GivenKind::Number => "number",
        GivenKind::OptionalNumber => "number | undefined",
        GivenKind::Flag => "boolean",
        GivenKind::Numbers => "number[]",
    }
}

fn value(name: &str, place: usize, kind: GivenKind) -> String {
    let field = format!("fields[{place}]");
    let value = match kind {
        GivenKind::Text => field,
        GivenKind::OptionalText => format!("givenText({field})"),
        GivenKind::Number => format!("Number({field})"),
        GivenKind::OptionalNumber => format!("givenNumber({field})"),
        GivenKind::Flag => format!("givenFlag({field})"),
        GivenKind::Numbers => format!("givenNumbers({field})"),
    };
    format!("{name}: {value}")
}
