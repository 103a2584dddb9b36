//! Which packets a link loses.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// How packets are lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// Each by itself, with this chance (0..=1).
    Single(f64),
    /// In bursts: two states with a chance of loss each, changed before each packet (Gilbert,
    /// Bell System Technical Journal 1960; Elliott, ibid. 1963). All chances are within 0..=1.
    Bursts {
        /// The chance that a good link turns bad.
        to_bad: f64,
        /// The chance that a bad link turns good.
        to_good: f64,
        /// The chance of loss while good.
        loss_good: f64,
        /// The chance of loss while bad.
        loss_bad: f64,
    },
}

impl Loss {
    /// The share of packets that are lost in the long run; for bursts that never change state, as
    /// they begin: good.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Single(chance) => chance,
            Self::Bursts { to_bad, to_good, loss_good, loss_bad } => {
                let changes = to_bad + to_good;
                let share_bad = if changes > 0.0 { to_bad / changes } else { 0.0 };
                loss_good + share_bad * (loss_bad - loss_good)
            }
        }
    }

    /// Whether the next packet is lost; `is_bad` is the link's state.
    pub(crate) fn draw(&self, is_bad: &mut bool, rng: &mut Pcg64Mcg) -> bool {
        let chance = match *self {
            Self::Single(chance) => chance,
            Self::Bursts { to_bad, to_good, loss_good, loss_bad } => {
                *is_bad ^= rng.random::<f64>() < if *is_bad { to_good } else { to_bad };
                if *is_bad { loss_bad } else { loss_good }
            }
        };
        rng.random::<f64>() < chance
    }
}
