//! Delimiters inside text (HL7 version 2.6, chapter 2, 2.7).

use std::fmt::Write as _;

/// The delimiters of a message, as its first segment names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delimiters {
    pub(super) field: char,
    pub(super) component: char,
    pub(super) repetition: char,
    pub(super) escape: char,
    pub(super) subcomponent: char,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&' }
    }
}

impl Delimiters {
    /// Each delimiter with the letter that stands for it.
    const fn letters(&self) -> [(char, char); 5] {
        [
            (self.field, 'F'),
            (self.component, 'S'),
            (self.repetition, 'R'),
            (self.escape, 'E'),
            (self.subcomponent, 'T'),
        ]
    }

    pub(super) fn unescape(&self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(self.escape) {
            plain.push_str(before);
            rest = match after.split_once(self.escape) {
                Some((code, after)) if self.put(code, &mut plain) => after,
                // Not an escape: the character stands for itself.
                _ => {
                    plain.push(self.escape);
                    after
                }
            };
        }
        plain + rest
    }

    /// Puts what an escape stands for; highlighting and local escapes stand for nothing.
    fn put(&self, code: &str, plain: &mut String) -> bool {
        let letter = self.letters().into_iter().find(|(_, letter)| code.chars().eq([*letter]));
        match (letter, code.split_at_checked(1)) {
            (Some((delimiter, _)), _) => plain.push(delimiter),
            (None, Some(("X", digits))) => match bytes_of(digits) {
                Some(bytes) => plain.push_str(&String::from_utf8_lossy(&bytes)),
                None => return false,
            },
            (None, Some((".", "br"))) => plain.push('\n'),
            (None, Some(("H" | "N", ""))) => {}
            _ => return false,
        }
        true
    }

    pub(super) fn escape(&self, text: &str) -> String {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match self.letters().into_iter().find(|(it, _)| *it == character) {
                Some((_, letter)) => escaped.extend([self.escape, letter, self.escape]),
                None if character.is_control() => {
                    let code = u32::from(character);
                    write!(escaped, "{0}X{code:02X}{0}", self.escape).expect("a string takes all");
                }
                None => escaped.push(character),
            }
        }
        escaped
    }
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = digits.chars().map(|it| it.to_digit(16)).collect();
    let digits = digits.filter(|it| !it.is_empty() && it.len() % 2 == 0)?;
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).ok()).collect()
}

/// Text of a field with the usual delimiters, their escapes undone.
pub fn unescape(text: &str) -> String {
    Delimiters::default().unescape(text)
}

/// Text so that it can stand in a field with the usual delimiters.
pub fn escape(text: &str) -> String {
    // Control characters above one byte would need two escaped bytes; there are none in HL7's sets.
    Delimiters::default().escape(&text.replace(|it: char| it.is_control() && !it.is_ascii(), " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_delimiters_bytes_and_line_breaks() {
        for (text, plain) in [
            (r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f"),
            (r"\XC3A9\t\.br\u", "ét\nu"),
            (r"\H\bold\N\", "bold"),
            (r"C:\temp", r"C:\temp"),
            (r"\Zlocal\", r"\Zlocal\"),
            (r"\X1\", r"\X1\"),
        ] {
            assert_eq!(unescape(text), plain, "{text}");
        }
        assert_eq!(escape("a|b^c\r"), r"a\F\b\S\c\X0D\");
    }
}
