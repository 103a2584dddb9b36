//! Which of the units that may be sent is sent.

/// A rule that picks a unit for a call. Its name and version are written into results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatch {
    /// The unit that is there first; of equals, the one that is named first.
    ClosestUnit,
}

impl Dispatch {
    /// Its name with its version.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClosestUnit => "closest-unit/1",
        }
    }

    /// Picks among `candidates`: each unit with its time to the call, in any one quantity of time.
    ///
    /// A time that does not compare (a NaN) is never picked before one that does.
    pub fn pick<U, T: PartialOrd>(
        self,
        candidates: impl IntoIterator<Item = (U, T)>,
    ) -> Option<(U, T)> {
        match self {
            Self::ClosestUnit => candidates
                .into_iter()
                .reduce(|best, next| if next.1 < best.1 { next } else { best }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_is_sent() {
        let pick = |candidates: &[(u8, u32)]| {
            Dispatch::ClosestUnit.pick(candidates.iter().copied()).map(|(unit, _)| unit)
        };
        assert_eq!(pick(&[(1, 9), (2, 4), (3, 4), (4, 5)]), Some(2));
        assert_eq!(pick(&[]), None);
    }
}
