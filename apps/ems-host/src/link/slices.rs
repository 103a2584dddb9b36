//! What is asked of a network for each class, and which mark a link's packets carry.

use std::sync::LazyLock;

use ems_drive::Slices;
use ems_uplink::Class;

/// The table that ships; it is read once.
static TABLE: LazyLock<Slices> = LazyLock::new(|| {
    let text = include_str!("../../../../data/link/slices.toml");
    Slices::parse(text).expect("the table that ships is read by a test")
});

/// What each class asks for.
pub(crate) fn slices() -> &'static Slices {
    &TABLE
}

/// The DSCP of a link's packets. A link is one connection with one mark; as vital signs must not be
/// late beside what else it carries, it is theirs.
pub(super) fn mark() -> u8 {
    TABLE.of(Class::Vitals).dscp
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_that_ships_is_whole_and_a_link_is_marked_as_vital_signs() {
        assert_eq!(mark(), 18);
        assert!(Class::ALL.iter().all(|class| slices().of(*class).dscp < 64));
    }
}
