//! Bytes of a message, taken one field after the other.

use crate::fault::Fault;

/// The bytes that are left, and how far they are from the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes<'a> {
    message: &'static str,
    at: usize,
    left: &'a [u8],
}

macro_rules! numbers {
    ($($name:ident: $number:ty = $from:ident;)*) => {$(
        pub(crate) fn $name(&mut self) -> Result<$number, Fault> {
            self.array().map(<$number>::$from)
        }
    )*};
}

impl<'a> Bytes<'a> {
    /// The bytes of a `message`, which faults are said to lie in.
    pub(crate) const fn new(message: &'static str, bytes: &'a [u8]) -> Self {
        Self { message, at: 0, left: bytes }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    pub(crate) const fn len(&self) -> usize {
        self.left.len()
    }

    /// Where the next byte stands.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// What is left, without taking it.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.left
    }

    pub(crate) fn take(&mut self, n_bytes: usize) -> Result<&'a [u8], Fault> {
        let (taken, left) = self.left.split_at_checked(n_bytes).ok_or_else(|| {
            let found = format!("{} bytes before the end", self.left.len());
            self.fault(found, format!("a field of {n_bytes} bytes"), "send the whole message")
        })?;
        self.at += n_bytes;
        self.left = left;
        Ok(taken)
    }

    /// The next `n_bytes` as a message part of their own.
    pub(crate) fn part(&mut self, n_bytes: usize) -> Result<Self, Fault> {
        let at = self.at;
        let left = self.take(n_bytes)?;
        Ok(Self { message: self.message, at, left })
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        Ok(self.take(N)?.try_into().expect("as many bytes were taken"))
    }

    numbers! {
        u8: u8 = from_be_bytes;
        u16_be: u16 = from_be_bytes;
        u16_le: u16 = from_le_bytes;
        u32_be: u32 = from_be_bytes;
        u32_le: u32 = from_le_bytes;
        u64_be: u64 = from_be_bytes;
        u64_le: u64 = from_le_bytes;
        i16_be: i16 = from_be_bytes;
        i16_le: i16 = from_le_bytes;
    }

    /// A fault at the next byte.
    pub(crate) fn fault(
        &self,
        found: impl std::fmt::Display,
        expected: impl Into<std::borrow::Cow<'static, str>>,
        remedy: &'static str,
    ) -> Fault {
        Fault::new(format!("{}, byte {}", self.message, self.at), found, expected, remedy)
    }
}
