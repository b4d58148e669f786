//! JSON for people: each member on a line of its own.

/// The same JSON, indented, with the end of a line behind it.
///
/// It goes by the signs, so that every number and every text stays as it was written.
#[must_use]
pub fn indented(json: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(json.len() + json.len() / 2);
    let mut depth = 0;
    let (mut in_text, mut is_escaped) = (false, false);
    let mut signs = json.iter().copied().peekable();
    while let Some(sign) = signs.next() {
        if in_text {
            lines.push(sign);
            in_text = sign != b'"' || is_escaped;
            is_escaped = sign == b'\\' && !is_escaped;
            continue;
        }
        match sign {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'{' | b'[' => {
                lines.push(sign);
                while signs.next_if(u8::is_ascii_whitespace).is_some() {}
                if let Some(end) = signs.next_if(|next| matches!(next, b'}' | b']')) {
                    lines.push(end);
                } else {
                    depth += 1;
                    next_line(&mut lines, depth);
                }
            }
            b'}' | b']' => {
                depth -= 1;
                next_line(&mut lines, depth);
                lines.push(sign);
            }
            b',' => {
                lines.push(sign);
                next_line(&mut lines, depth);
            }
            b':' => lines.extend_from_slice(b": "),
            _ => {
                lines.push(sign);
                in_text = sign == b'"';
            }
        }
    }
    lines.push(b'\n');
    lines
}

fn next_line(lines: &mut Vec<u8>, depth: usize) {
    lines.push(b'\n');
    lines.resize(lines.len() + 2 * depth, b' ');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn signs_in_texts_are_no_signs() {
        let json = br#"{"a":[1.50,"{\"b\":[\\",{}],"c":[],"d":{"e":null}}"#;
        let lines = String::from_utf8(indented(json)).unwrap();
        assert_eq!(
            lines,
            "{\n  \"a\": [\n    1.50,\n    \"{\\\"b\\\":[\\\\\",\n    {}\n  ],\n  \"c\": [],\n  \"d\": {\n    \"e\": null\n  }\n}\n"
        );
    }

    proptest! {
        #[test]
        fn it_is_what_others_make_of_it(texts in prop::collection::vec(".{0,6}", 0..6), number: i64) {
            let value = json!({ "texts": texts, "by": { "number": number, "none": [] }, "list": [[texts], {}] });
            let mut expected = serde_json::to_vec_pretty(&value).unwrap();
            expected.push(b'\n');
            let compact = serde_json::to_vec(&value).unwrap();
            prop_assert_eq!(indented(&compact), expected.clone());
            prop_assert_eq!(indented(&expected), expected.clone());
            let read: Value = serde_json::from_slice(&expected).unwrap();
            prop_assert_eq!(read, value);
        }
    }
}
