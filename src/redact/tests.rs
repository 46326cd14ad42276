use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use crate::encoding::base64::base64_encode;
use crate::encoding::form::{basic_credentials, form_encode};
use crate::redact::told::tests::is_left;
use crate::redact::{LONGEST_READ, LONGEST_SHOWN, REDACTED, Redaction, TELLING};

const SECRET: &str = "pä ss+w\"rd";

fn basic(secret: &str) -> Redaction {
    Redaction::of_request(None, Some(&format!("Basic {}", basic_credentials("id", secret))), Some("scope=openid"))
}

fn cleaned(secret: &str, text: &str) -> String {
    basic(secret).clean(text).unwrap()
}

#[test]
fn a_secret_is_found_plain_encoded_and_in_base64() {
    for quoted in [SECRET.to_owned(), form_encode(SECRET), basic_credentials("id", SECRET), base64_encode(SECRET)] {
        let text = format!("bad secret '{quoted}' for openid");
        assert_eq!(cleaned(SECRET, &text), "bad secret '[redacted]' for openid");
    }
}

#[test]
fn a_form_gives_up_its_secrets_and_keeps_the_rest() {
    let redaction = Redaction::of_request(None, None, Some("audience=api&client_id=me&client_secret=s%26t&pin=1234"));
    let text = redaction.clean("me s&t s%26t 1234 api bWU6cyZ0");
    assert_eq!(text.as_deref(), Some("me [redacted] [redacted] [redacted] api [redacted]"));
}

#[test]
fn the_longest_secret_goes_first_and_nothing_is_found_in_what_was_put_in() {
    let redaction = Redaction::of_request(None, None, Some("client_secret=abcde&a=c&b=e&d=d"));
    assert_eq!(redaction.clean("abcde ce").as_deref(), Some("[redacted] [redacted][redacted]"));
    let redaction = Redaction::of_request(None, None, Some("client_secret=abcde&pin=horse&otp=horses"));
    assert_eq!(redaction.clean("horses horse").as_deref(), Some("[redacted] [redacted]"));
}

#[test]
fn written_in_a_way_of_the_servers_own_a_secret_is_not_shown_either() {
    let encoded = [
        ("Tr0ub4dor&3x-hunter\"2horse", "Tr0ub4dor&amp;3x-hunter&quot;2horse"),
        ("Tr0ub4dor&3x-hunter\"2horse", "Tr0ub4dor..."),
        ("Tr0ub4dor&3x-hunter\"2horse", "tr0ub4dor&3X-HUNTER\"2HORSE"),
        ("Tr0ub4dor&3x-hunter\"2horse", "%54%720ub4dor%263x"),
        ("k7&Qp\"9z<Wm'4x>Lt", "k7&amp;amp;Qp&amp;quot;9z&amp;lt;Wm"),
        ("k7&Qp\"9z<Wm'4x>Lt", "k7%2526Qp%25229z%253CWm'4x%253ELt"),
        ("k7&Qp\"9z<Wm'4x>Lt", "k7%5Cu0026Qp"),
        ("hunter", "&#104;&#117;&#110;&#116;&#101;&#114;"),
        ("hunter2", "68756e74657232"),
        ("correct horse battery", "CORRECT HORSE BATTERY"),
        ("correct-horse-battery", "CORRECT-horse-bat..."),
        ("пароль", "%d0%bf%d0%b0%d1%80%d0%be%d0%bb%d1%8c"),
        (SECRET, "pä%20ss%2Bw%22rd"),
    ];
    for (secret, quoted) in encoded {
        let shown = cleaned(secret, &format!("bad {quoted}"));
        assert!(["bad [redacted]", "[redacted]"].contains(&shown.as_str()), "{quoted} is shown as {shown}");
    }
}

#[test]
fn a_swapped_pair_is_no_leak() {
    let swapped = format!("Basic {}", basic_credentials("Tr0ub4dor&3x", "my-service"));
    let redaction = Redaction::of_request(None, Some(&swapped), None);
    for quoted in ["Tr0ub4dor&3x", "Tr0ub4dor&amp;3x", "tr0ub4dor&3x", "Tr0ub4dor..."] {
        let shown = redaction.clean(&format!("client '{quoted}' unknown")).unwrap();
        assert!(
            ["client '[redacted]' unknown", "client [redacted] unknown", "[redacted]"].contains(&shown.as_str()),
            "{shown}"
        );
    }
}

#[test]
fn what_looks_like_a_token_goes_and_what_people_need_stays() {
    let text = "AADSTS7000215: Trace 0f8fad5b-d9cb-469f-a165-70867728950e, user 283746501928374650 at 05:36 \
        (token=Zm9v-mFy_TIzNDU2Nzg5MGFi) eyJhbGciOiJub25lIn0.e30.";
    let expected = "AADSTS7000215: Trace 0f8fad5b-d9cb-469f-a165-70867728950e, user 283746501928374650 at 05:36 \
        [redacted] [redacted]";
    assert_eq!(cleaned(SECRET, text), expected);
}

#[test]
fn other_characters_are_replaced_and_length_is_bounded() {
    assert_eq!(cleaned(SECRET, "a\r\n\"b é"), "a??'b ?");
    assert_eq!(cleaned(SECRET, &"word ".repeat(100_000)).len(), 256);
}

#[test]
fn without_the_credentials_that_were_sent_nothing_is_shown() {
    let post = "grant_type=client_credentials";
    assert_eq!(Redaction::unknown().clean("hello"), None);
    for (authorization, form) in [
        (None, None),
        (None, Some(post)),
        (Some("Basic"), Some(post)),
        (Some(""), None),
        (Some("Basic !"), Some("client_secret=x")),
        (Some("Basic YQ"), None),
        (None, Some("assertion=")),
        (None, Some("client_assertion=&pin=1234")),
    ] {
        assert_eq!(Redaction::of_request(None, authorization, form).clean("hello"), None);
    }
    // What another client built without encoding it first.
    let raw = format!("Basic {}", base64_encode("id:sure-100%-horse"));
    assert_eq!(Redaction::of_request(None, Some(&raw), None).clean("SURE-100%-HORSE").as_deref(), Some(REDACTED));
    let spaced = format!("basic   {}", basic_credentials("id", SECRET));
    assert_eq!(Redaction::of_request(None, Some(&spaced), None).clean(SECRET).as_deref(), Some(REDACTED));
}

#[test]
fn a_server_that_names_itself_by_the_start_of_its_endpoint_is_shown() {
    let address = "https://idp.example/realm1234/oauth2/token?key=hunter2";
    let redaction = Redaction::of_request(Some(address), None, Some("client_secret=correct-horse-battery"));
    let text = "https://idp.example/realm1234 or https://idp.example/realm1234/oauth2/ is down";
    assert_eq!(redaction.clean(text).as_deref(), Some(text));
}

#[test]
fn in_base64_a_secret_is_found_behind_and_before_anything() {
    let secret = "correct-horse-battery";
    for before in ["", "a", "ab"] {
        let quoted = base64_encode(format!("{before}{secret}yz"));
        let apart = quoted
            .as_bytes()
            .chunks(3)
            .map(|three| core::str::from_utf8(three).unwrap())
            .collect::<alloc::vec::Vec<_>>();
        assert_eq!(cleaned(secret, &apart.join(" ")), REDACTED, "{before}");
    }
}

#[test]
fn what_an_assertion_says_of_who_asks_is_shown() {
    let part = |json: &str| base64_encode(json).replace('+', "-").replace('/', "_").replace('=', "");
    let claims = r#"{"iss":"svc7","sub":"svc8","aud":"https://idp.example/realm7"}"#;
    let form = format!("assertion={}.{}.c2lnbmF0dXJl", part(r#"{"kid":"key9"}"#), part(claims));
    let text = "key9 of svc7 is none of svc8, says https://idp.example/realm7";
    assert_eq!(Redaction::of_request(None, None, Some(&form)).clean(text).as_deref(), Some(text));
}

#[test]
fn numbers_that_people_need_stay() {
    let text = "AADSTS700027: 2026-11-28 10:15:22.123, user 283746501928374650 at 10.0.0.1:443, codes [700027 50011 7]";
    assert_eq!(cleaned("kT9q-2mZbXwLc_7h", text), text);
}

#[test]
fn what_is_put_in_keeps_nothing_from_being_looked_at() {
    let redaction = Redaction::of_request(None, None, Some("client_secret=correct-horse-battery&pin=1"));
    for put_in in
        ["1".repeat(70), "1 ".repeat(70), format!("{}x7", "1".repeat(128)), "correct-horse-battery".repeat(20)]
    {
        let shown = redaction.clean(&format!("{put_in} CORRECT HORSE BATTERY")).unwrap();
        assert_eq!(shown, REDACTED, "{put_in}");
    }
    // A short parameter in the middle of it.
    let redaction = Redaction::of_request(None, None, Some("client_secret=abcdefgh&pin=c"));
    assert_eq!(redaction.clean("ABcDEFGH").as_deref(), Some(REDACTED));
    let redaction = Redaction::of_request(None, None, Some("client_secret=abcdefghijklmnop&pin=e"));
    assert_eq!(redaction.clean("ABC DeF GHI JKL").as_deref(), Some(REDACTED));
}

#[test]
fn a_secret_at_the_end_of_what_is_read_or_shown_is_not_cut() {
    let secret = "Horse-Battery-Staple";
    for spelt in [secret.to_owned(), secret.to_lowercase(), secret.replace('-', " ")] {
        for end in [LONGEST_SHOWN, LONGEST_READ] {
            for start in end - spelt.len() - 5..end + 5 {
                for tail in ["", " and more", "xyz"] {
                    // Of what is no plain word nothing is shown, so that the end of what is read
                    // is.
                    let text = format!("{:y<length$} {spelt}{tail}", "x7", length = start - 1);
                    let shown = cleaned(secret, &text);
                    assert!(!is_left(secret, &shown, TELLING), "{start} {spelt}{tail}: {shown}");
                    let words = format!("{} {spelt}{tail}", "word ".repeat(200).get(..start - 1).unwrap());
                    let shown = cleaned(secret, &words);
                    assert!(!is_left(secret, &shown, TELLING), "{start} {spelt}{tail}: {shown}");
                    assert!(shown.chars().count() <= LONGEST_SHOWN);
                }
            }
        }
    }
    // A word that is cut may be half of anything.
    let text = format!("x7{} eyJhbGc", "y".repeat(LONGEST_READ - 10));
    assert_eq!(cleaned(secret, &text), "[redacted] eyJhbGc");
    assert_eq!(cleaned(secret, &format!("{text}iOiJub25l")), "[redacted] [redacted]");
    assert_eq!(cleaned(secret, &format!("{text} x")), "[redacted] [redacted]");
}

#[test]
fn an_id_inside_a_secret_is_shown_and_the_rest_of_the_secret_is_not() {
    let cleaned = |secret: &str, text: &str| {
        let pair = format!("Basic {}", basic_credentials("my-service", secret));
        let redaction = Redaction::of_request(Some("https://idp.example/oauth/token"), Some(&pair), None);
        redaction.clean(text).unwrap()
    };
    for (secret, text) in [
        ("my-service-secret", "unknown client my-service"),
        ("my-service-secret", "client_secret of my-service at https://idp.example/oauth is wrong"),
        ("secret", "The client secret is wrong for my-service"),
        ("client-secret", "invalid client_secret"),
    ] {
        assert_eq!(cleaned(secret, text), text, "{secret}");
    }
    for (secret, text) in [
        ("my-service-secret9", "bad my-service-secret9"),
        ("abcclientdef", "bad abc client def"),
        ("my-service-kTqWmZb", "bad my-service -kTqWmZb"),
    ] {
        let shown = cleaned(secret, text);
        assert!(["bad [redacted]", "[redacted]", "bad my-service [redacted]"].contains(&shown.as_str()), "{shown}");
    }
}

#[test]
fn what_was_asked_for_is_shown_if_it_is_a_name_and_nothing_else_of_the_request_is() {
    let cleaned = |url: &str, form: &str, text: &str| {
        let pair = format!("Basic {}", basic_credentials("my-service", "Zz9-Qz7_Wv3+Jp5"));
        Redaction::of_request(Some(url), Some(&pair), Some(form)).clean(text).unwrap()
    };
    let url = "https://idp.example/token";
    let shown = cleaned(url, "scope=openid+api%3Aread", "no scope api:read");
    assert_eq!(shown, "no scope api:read");
    for (url, form, text) in [
        (url, "scope=openid+kTqWmZbXwLcRhYpNvJsD", "bad kTqWmZbXwLcRhYpNvJsD"),
        (url, "resource=https%3A%2F%2Fapi.example%2F%3Fkey%3Dhunterabcdefg", "bad hunterabcdefg"),
        ("https://idp.example/token?code=hunterabcdefg", "", "bad hunterabcdefg"),
        (url, "scope=api%3Aread%3Aall&password=api%3Aread%3Aall", "bad api:read:all"),
        (url, "scope=4711&pin=4711", "bad 4711"),
        ("https://idp.example/hunterabc/token", "password=hunterabc", "bad https://idp.example/hunterabc/token"),
    ] {
        let shown = cleaned(url, form, text);
        assert!(shown.contains(REDACTED) && !shown.contains("hunter") && !shown.contains("4711"), "{form}: {shown}");
    }
}
