//! Enough of Rust's grammar to find functions and tests: words, braces, strings and comments.
//!
//! It deliberately does not parse: a parser would take longer to build than all of xtask, and
//! rustc has already refused what is not Rust.

use std::ops::Range;

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Counted from 1, the line with `fn`.
    pub(crate) line: usize,
    /// From the line with `fn` to the line of the last brace.
    pub(crate) n_lines: usize,
}

/// Replaces comments and the inside of strings and characters by blanks, keeping every newline.
pub(crate) fn blank_out(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(text.as_bytes(), at);
        for byte in &mut bytes[at..end.unwrap_or(at)] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.unwrap_or(at + 1);
    }
    String::from_utf8(bytes).expect("only whole characters were blanked")
}

/// Finds the functions of a text made by [`blank_out`], nested ones too.
pub(crate) fn functions(blanked: &str) -> Vec<Function> {
    let lines = LineIndex::new(blanked);
    let mut found = Vec::new();
    for (at, _) in blanked.match_indices("fn ") {
        let rest = &blanked[at + 3..];
        let name: String = rest.trim_start().chars().take_while(|&c| is_word(c)).collect();
        if name.is_empty() || is_inside_word(blanked, at) {
            continue;
        }
        if let Some(body) = body_after(blanked, at + 3) {
            let line = lines.line_of(at);
            found.push(Function { name, line, n_lines: lines.line_of(body.end - 1) - line + 1 });
        }
    }
    found
}

/// Counts the lines that stand in `#[cfg(test)]` items of a text made by [`blank_out`].
pub(crate) fn test_lines(blanked: &str) -> usize {
    const ATTRIBUTE: &str = "#[cfg(test)]";
    let lines = LineIndex::new(blanked);
    let mut n_lines = 0;
    let mut counted_to = 0;
    for (at, _) in blanked.match_indices(ATTRIBUTE) {
        if at < counted_to {
            continue;
        }
        if let Some(body) = body_after(blanked, at + ATTRIBUTE.len()) {
            n_lines += lines.line_of(body.end - 1) - lines.line_of(at) + 1;
            counted_to = body.end;
        }
    }
    n_lines
}

/// Where the comment or literal that starts at `at` ends, if one starts there.
fn literal_end(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..];
    match rest {
        [b'/', b'/', ..] => Some(at + position_or_end(rest, b'\n')),
        [b'/', b'*', ..] => Some(at + block_comment_len(rest)),
        [b'"', ..] => Some(at + string_len(rest)),
        [b'r', ..] if !is_after_word(text, at) => raw_string_len(rest).map(|len| at + len),
        [b'\'', ..] => char_len(rest).map(|len| at + len),
        _ => None,
    }
}

fn position_or_end(text: &[u8], wanted: u8) -> usize {
    text.iter().position(|&b| b == wanted).unwrap_or(text.len())
}

fn block_comment_len(text: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        match &text[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn string_len(text: &[u8]) -> usize {
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// `r"…"`, `r#"…"#` and so on; nothing for a word that begins with r or a raw identifier.
fn raw_string_len(text: &[u8]) -> Option<usize> {
    let n_hashes = text[1..].iter().take_while(|&&b| b == b'#').count();
    if text.get(1 + n_hashes) != Some(&b'"') {
        return None;
    }
    let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', n_hashes)).collect();
    let body = n_hashes + 2;
    let len = text[body..].windows(close.len()).position(|window| window == close);
    Some(len.map_or(text.len(), |len| body + len + close.len()))
}

/// `'x'` and `'\n'`; nothing for a lifetime.
fn char_len(text: &[u8]) -> Option<usize> {
    if text.get(1) == Some(&b'\\') {
        let close = text.get(3..)?.iter().position(|&b| b == b'\'')?;
        return Some(close + 4);
    }
    let width = match text.get(1)? {
        0x00..=0x7f => 1,
        0x80..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
    };
    (text.get(1 + width) == Some(&b'\'')).then_some(width + 2)
}

/// Whether the `r` at `at` only ends a word; `br"…"` and `cr"…"` are strings all the same.
fn is_after_word(text: &[u8], at: usize) -> bool {
    let is_word_byte = |idx: usize| text[idx] == b'_' || text[idx].is_ascii_alphanumeric();
    match at {
        0 => false,
        1 => is_word_byte(0) && !matches!(text[0], b'b' | b'c'),
        _ if matches!(text[at - 1], b'b' | b'c') => is_word_byte(at - 2),
        _ => is_word_byte(at - 1),
    }
}

fn is_inside_word(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_some_and(is_word)
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The braces of the next item; nothing if a `;` comes before them.
fn body_after(text: &str, from: usize) -> Option<Range<usize>> {
    let mut round_or_square = 0_i32;
    for (idx, byte) in text.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => round_or_square += 1,
            b')' | b']' => round_or_square -= 1,
            b';' if round_or_square == 0 => return None,
            b'{' if round_or_square == 0 => return Some(idx..closing_brace(text, idx)?),
            _ => {}
        }
    }
    None
}

/// One past the brace that closes the one at `open`.
fn closing_brace(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (idx, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(idx + 1);
        }
    }
    None
}

/// Byte offsets of the newlines, to turn an offset into a line.
struct LineIndex {
    newlines: Vec<usize>,
}

impl LineIndex {
    fn new(text: &str) -> Self {
        Self { newlines: text.match_indices('\n').map(|(at, _)| at).collect() }
    }

    /// Counted from 1.
    fn line_of(&self, offset: usize) -> usize {
        self.newlines.partition_point(|&newline| newline < offset) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_are_blanked() {
        for (text, expected) in [
            ("a // { b", "a       "),
            ("a /* { /* x */ } */ b", "a                   b"),
            (r#"x("}\"{")"#, "x(      )"),
            (r##"r#"}"}"# y"##, "         y"),
            (r#"br"}" y"#, "b     y"),
            ("let c = '{';", "let c =    ;"),
            (r"let c = '\'';", "let c =     ;"),
            ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
            ("r#fn + for_r", "r#fn + for_r"),
            ("'é' x", "     x"),
            ("\"a\nb\" c", "  \n   c"),
            ("\"open", "     "),
        ] {
            assert_eq!(blank_out(text), expected, "{text}");
        }
    }

    #[test]
    fn functions_are_measured_from_fn_to_brace() {
        for (text, expected) in [
            ("fn a() {}", vec![("a", 1, 1)]),
            ("\nfn a(\n  x: [u8; 2],\n) -> u8\nwhere\n  T: B,\n{\n  1\n}\n", vec![("a", 2, 8)]),
            ("trait T { fn a(&self); fn b() {\n} }", vec![("b", 1, 2)]),
            ("type F = fn (u8);\nlet own_fn = 1;", vec![]),
            ("fn a() {\n  fn b() {\n  }\n}", vec![("a", 1, 4), ("b", 2, 2)]),
            ("fn a() { \"}\" // }\n}", vec![("a", 1, 2)]),
        ] {
            let found = functions(&blank_out(text));
            let found: Vec<_> =
                found.iter().map(|f| (f.name.as_str(), f.line, f.n_lines)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn test_modules_do_not_count() {
        for (text, n_lines) in [
            ("fn a() {}\n", 0),
            ("fn a() {}\n#[cfg(test)]\nmod tests {\n  fn t() {}\n}\n", 4),
            ("#[cfg(test)]\nmod tests;\nfn a() {\n}\n", 0),
            ("#[cfg(test)]\nmod tests {\n#[cfg(test)]\nfn a() {}\n}", 5),
        ] {
            assert_eq!(test_lines(&blank_out(text)), n_lines, "{text}");
        }
    }
}
