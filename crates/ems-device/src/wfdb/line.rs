//! Lines of a header, taken apart word by word.

use std::str::FromStr;

use super::header::HeaderError;

/// One line of the header and what is left of it.
pub(super) struct Line<'a> {
    number: usize,
    rest: &'a str,
    last: &'a str,
}

impl<'a> Line<'a> {
    pub(super) fn new(number: usize, text: &'a str) -> Self {
        Self { number, rest: text, last: "" }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with('#')
    }

    pub(super) fn word(&mut self) -> Option<&'a str> {
        let text = self.rest.trim_start();
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        (self.last, self.rest) = text.split_at(end);
        Some(self.last).filter(|word| !word.is_empty())
    }

    pub(super) fn rest(&self) -> &'a str {
        self.rest.trim()
    }

    pub(super) fn optional<T: FromStr>(
        &mut self,
        field: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, HeaderError> {
        self.word().map(|word| self.parse(word, field, expected)).transpose()
    }

    pub(super) fn required<T: FromStr>(
        &mut self,
        field: &'static str,
        expected: &'static str,
    ) -> Result<T, HeaderError> {
        let word = self.word().unwrap_or_default();
        self.parse(word, field, expected)
    }

    pub(super) fn parse<T: FromStr>(
        &self,
        text: &str,
        field: &'static str,
        expected: &'static str,
    ) -> Result<T, HeaderError> {
        text.parse().map_err(|_| self.error(text, field, expected))
    }

    pub(super) fn check(
        &self,
        is_right: bool,
        field: &'static str,
        expected: &'static str,
    ) -> Result<(), HeaderError> {
        if is_right { Ok(()) } else { Err(self.error(self.last, field, expected)) }
    }

    fn error(&self, value: &str, field: &'static str, expected: &'static str) -> HeaderError {
        HeaderError::Field { line: self.number, field, value: shorten(value), expected }
    }
}

/// No text from outside is kept longer than this many characters.
const MAX_CHARS: usize = 200;

pub(crate) fn shorten(text: &str) -> String {
    text.chars().take(MAX_CHARS).collect()
}
