//! Tells electrodes that were put on each other's places by how the leads go together.

use crate::rate::{Rate, UnsupportedRate};

/// Two electrodes that seem to be on each other's places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reversal {
    /// Right and left arm: I is upside down, II and III are exchanged.
    Arms,
    /// Right arm and left leg: II is upside down, I is III upside down.
    RightArmLeg,
    /// Two neighbours on the chest, by the lower one's number, 1..=5.
    Chest(u8),
}

/// Four seconds of the leads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// The first sample after them, counted from 0 at the first pushed one.
    pub until_sample: u64,
    /// What seems to be reversed in these and the four seconds before.
    pub reversal: Option<Reversal>,
    /// How far each of [`Placement::KINDS`] goes beyond its limit in these four seconds; below 0
    /// for one that is not suspected.
    pub excess: [f64; N_KINDS],
}

const N_KINDS: usize = 7;

impl Placement {
    /// What a reversal was told by, and its limit: the mean correlation of I or II with V5 and V6,
    /// which is below it, or the share by which the way from V1 to V6 would be shorter, which is
    /// above it.
    pub fn reason(&self, reversal: Reversal) -> Option<(f64, f64)> {
        let excess = Self::KINDS.iter().zip(self.excess).find(|it| *it.0 == reversal)?.1;
        Some(match reversal {
            Reversal::Arms | Reversal::RightArmLeg => (OPPOSED - excess, OPPOSED),
            Reversal::Chest(_) => (SHORTER + excess, SHORTER),
        })
    }
}

impl Placement {
    /// What [`Self::excess`] is about.
    pub const KINDS: [Reversal; N_KINDS] = [
        Reversal::Arms,
        Reversal::RightArmLeg,
        Reversal::Chest(1),
        Reversal::Chest(2),
        Reversal::Chest(3),
        Reversal::Chest(4),
        Reversal::Chest(5),
    ];
}

/// Leads that are compared: I, II, V1 to V6.
const N_LEADS: usize = 8;
const II: usize = 1;
const V1: usize = 2;
const V5: usize = 6;
const V6: usize = 7;
const WINDOW_MS: u32 = 4000;
/// A window with fewer of its samples is not judged.
const SHARE_MIN: f64 = 0.5;
/// The lead is upside down when its mean correlation with V5 and V6 is below this.
const OPPOSED: f64 = -0.3;
/// Chest leads are out of order when the way from V1 to V6 would be shorter by this share.
const SHORTER: f64 = 0.15;

/// Watches the order of the electrodes, causally.
///
/// Correlations over four seconds are what cable reversals are told by in I. Jekova and others
/// (Computer Methods and Programs in Biomedicine 2016, inter-lead correlation analysis), and
/// distances between neighbouring chest leads in the early warning system of 2014 (J
/// Electrocardiol 47: 794-7); the numbers here are our own, see `docs/ecg.md`. Left arm and
/// left leg look too much alike for it.
#[derive(Debug, Clone)]
pub struct PlacementWatch {
    n_window: u64,
    now: u64,
    n_whole: f64,
    sums: [f64; N_LEADS],
    products: [[f64; N_LEADS]; N_LEADS],
    last: Option<Reversal>,
    told: Option<Placement>,
}

impl PlacementWatch {
    /// Sets up for leads at `hz`, 100..=2000.
    pub fn new(hz: u32) -> Result<Self, UnsupportedRate> {
        Ok(Self {
            n_window: Rate::new(hz)?.samples(WINDOW_MS),
            now: 0,
            n_whole: 0.0,
            sums: [0.0; N_LEADS],
            products: [[0.0; N_LEADS]; N_LEADS],
            last: None,
            told: None,
        })
    }

    /// Takes one cleaned sample of I, II and V1 to V6 in microvolts; one with a missing lead (NaN)
    /// is left out.
    pub fn push(&mut self, microvolts: [f32; N_LEADS]) {
        if microvolts.iter().all(|it| it.is_finite()) {
            self.add(microvolts.map(f64::from));
        }
        self.now += 1;
        if self.now.is_multiple_of(self.n_window) {
            self.end_window();
        }
    }

    /// The four seconds that have just ended; kept until the next ones end.
    pub fn poll_output(&mut self) -> Option<Placement> {
        self.told.take()
    }

    fn add(&mut self, sample: [f64; N_LEADS]) {
        self.n_whole += 1.0;
        for (at, value) in sample.iter().enumerate() {
            self.sums[at] += value;
            for (product, other) in self.products[at].iter_mut().zip(sample).take(at + 1) {
                *product += value * other;
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "some thousand samples")]
    fn end_window(&mut self) {
        let excess = if self.n_whole < SHARE_MIN * self.n_window as f64 {
            [f64::NEG_INFINITY; N_KINDS]
        } else {
            self.excess()
        };
        let worst = Placement::KINDS.into_iter().zip(excess).max_by(|a, b| a.1.total_cmp(&b.1));
        let suspected = worst.filter(|it| it.1 > 0.0).map(|it| it.0);
        let reversal = suspected.filter(|_| suspected == self.last);
        self.told = Some(Placement { until_sample: self.now, reversal, excess });
        (self.last, self.n_whole) = (suspected, 0.0);
        (self.sums, self.products) = ([0.0; N_LEADS], [[0.0; N_LEADS]; N_LEADS]);
    }

    fn excess(&self) -> [f64; N_KINDS] {
        let opposed = |lead: usize| {
            let mean = f64::midpoint(self.correlation(lead, V5), self.correlation(lead, V6));
            OPPOSED - mean
        };
        let mut excess = [opposed(0), opposed(II), 0.0, 0.0, 0.0, 0.0, 0.0];
        let order = [0, 1, 2, 3, 4, 5];
        let way = self.way(order);
        for (lower, excess) in excess[2..].iter_mut().enumerate() {
            let mut other = order;
            other.swap(lower, lower + 1);
            *excess = 1.0 - self.way(other) / way.max(f64::MIN_POSITIVE) - SHORTER;
        }
        excess
    }

    /// How far it is from one chest lead to the next, in this order.
    fn way(&self, order: [usize; 6]) -> f64 {
        order.windows(2).map(|pair| self.distance(V1 + pair[0], V1 + pair[1])).sum()
    }

    /// The root mean square of the difference of two leads.
    fn distance(&self, a: usize, b: usize) -> f64 {
        let square = self.covariance(a, a) + self.covariance(b, b) - 2.0 * self.covariance(a, b);
        square.max(0.0).sqrt()
    }

    /// 0 for a flat lead.
    fn correlation(&self, a: usize, b: usize) -> f64 {
        let size = (self.covariance(a, a) * self.covariance(b, b)).sqrt();
        if size > 1.0 { self.covariance(a, b) / size } else { 0.0 }
    }

    fn covariance(&self, a: usize, b: usize) -> f64 {
        let n = self.n_whole;
        self.products[a.max(b)][a.min(b)] / n - self.sums[a] / n * (self.sums[b] / n)
    }
}
