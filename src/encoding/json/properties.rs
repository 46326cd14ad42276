//! The reader beside serde_json: they read the same documents, and in the same way.

use alloc::format;
use alloc::string::String;
use alloc::string::ToString;

use proptest::prelude::*;
use serde_json::Value as Theirs;

use crate::encoding::json::{Fault, Object, Value};

fn document() -> impl Strategy<Value = Theirs> {
    let leaf = prop_oneof![
        Just(Theirs::Null),
        any::<i64>().prop_map(Theirs::from),
        any::<f64>().prop_map(Theirs::from),
        any::<String>().prop_map(Theirs::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Theirs::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|members| Theirs::Object(members.into_iter().collect())),
        ]
    })
}

fn is_same(ours: &Value, theirs: &Theirs) -> bool {
    match (ours, theirs) {
        (Value::Null, Theirs::Null) => true,
        (Value::Bool(a), Theirs::Bool(b)) => a == b,
        // Without its feature `float_roundtrip` serde_json reads doubles to a bit or two.
        (Value::Number(a), Theirs::Number(b)) => b.as_f64().is_some_and(|b| (a - b).abs() <= 1e-12 * b.abs()),
        (Value::String(a), Theirs::String(b)) => **a == **b,
        (Value::Array(a), Theirs::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Object(Object(a)), Theirs::Object(b)) => {
            a.len() == b.len() && a.iter().all(|member| b.get(&*member.name).is_some_and(|b| is_same(&member.value, b)))
        }
        _ => false,
    }
}

/// Nearly JSON: the pieces of it in any order, and what only looks like it.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(&[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"a\":",
        "\"b\"",
        "\"\\u00e9\"",
        "\\",
        "\\\"",
        "\\/",
        "\\b",
        "\\x",
        "\\u0041",
        "\\u00",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\ude00",
        "\\u+041",
        "é",
        "😀",
        "\u{1}",
        "\u{7f}",
        "\u{a0}",
        " ",
        "\n",
        "\t",
        "\r",
        "\u{feff}",
        "0",
        "1",
        "9",
        "-",
        "+",
        ".",
        "e",
        "E",
        "12.50",
        "1e-7",
        "-0",
        "null",
        "true",
        "fals",
        "false",
        "Infinity",
        "NaN",
        "'",
        "/**/",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A valid document with one byte changed, left out or doubled.
fn changed() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..3, prop::sample::select(b"{}[],:\"\\ .0eE+-x\0".as_slice()));
    (document(), change).prop_map(|(document, (index, kind, byte))| {
        let mut bytes = document.to_string().into_bytes();
        let at = index.index(bytes.len());
        match kind {
            0 => drop(bytes.splice(at..=at, [byte])),
            1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, byte),
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_json_is_what_it_is_for_serde_json(inner in prop_oneof![pieces(), changed()], is_member: bool) {
        let text = if is_member { format!("{{\"member\":{inner}}}") } else { inner };
        let theirs = serde_json::from_str::<Theirs>(&text);
        match (Object::parse(&text), &theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert!(is_same(&Value::Object(ours), theirs), "{}", text),
            (Err(Fault::NotJson), theirs) => prop_assert!(theirs.is_err(), "{}", text),
            (Err(Fault::NotAnObject), theirs) => prop_assert!(theirs.as_ref().is_ok_and(|it| !it.is_object())),
            // serde_json takes the last one.
            (Err(Fault::DuplicateMember), theirs) => prop_assert!(theirs.is_ok(), "{}", text),
            (Ok(_), Err(_)) => prop_assert!(false, "{}", text),
        }
    }

    #[test]
    fn what_is_written_is_read(inner in document()) {
        let theirs = serde_json::json!({ "member": inner });
        let text = theirs.to_string();
        let ours = Object::parse(&text).unwrap();
        prop_assert!(is_same(&Value::Object(ours), &theirs), "{}", theirs);
    }
}
