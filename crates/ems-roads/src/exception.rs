//! Where a profile drives though others may not, and by which rule.

use serde::Deserialize;

/// A rule of a profile that lets it in where others may not drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exception {
    /// A lane or road for buses: `access.grants`, or a class's own `exception`.
    BusLane,
    /// A road that is reserved: a value of `access.reserved`, or a class's own `exception`.
    Reserved,
    /// A pedestrian area, at walking pace: a class's own `exception`.
    PedestrianArea,
    /// Against the one-way rule: `access.oneway_exempt`.
    Contraflow,
}

/// Some of the exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exceptions(u8);

impl Exception {
    const ALL: [Self; 4] = [Self::BusLane, Self::Reserved, Self::PedestrianArea, Self::Contraflow];
}

impl Exceptions {
    /// Whether it is among them.
    pub fn has(self, exception: Exception) -> bool {
        self.0 >> exception as u8 & 1 == 1
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, in the order of [`Exception`].
    pub fn iter(self) -> impl Iterator<Item = Exception> {
        Exception::ALL.into_iter().filter(move |&exception| self.has(exception))
    }

    #[must_use]
    pub(crate) fn with(self, exception: Exception) -> Self {
        Self(self.0 | 1 << exception as u8)
    }

    #[must_use]
    pub(crate) fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    /// Any bits; [`Exceptions::is_known`] says whether they mean something.
    pub(crate) fn of_bits(bits: u8) -> Self {
        Self(bits)
    }

    pub(crate) fn is_known(self) -> bool {
        usize::from(self.0) < 1 << Exception::ALL.len()
    }
}

impl FromIterator<Exception> for Exceptions {
    fn from_iter<T: IntoIterator<Item = Exception>>(exceptions: T) -> Self {
        exceptions.into_iter().fold(Self::default(), Self::with)
    }
}
