//! When to play what came, so that few frames come too late and none waits long.

use std::collections::VecDeque;

use ems_model::Micros;

/// How many delays are remembered: 10 s at 50 frames a second.
const N_DELAYS: usize = 500;

/// An adaptive playout buffer for one stream.
///
/// Each frame is played at the time it was made plus a delay that all share. The delay follows a
/// quantile of the delays of the last 500 frames: the share of frames that may be late is a setting.
#[derive(Debug, Clone)]
pub struct Playout {
    late_share: f64,
    /// The last delays, oldest first, and the same in order of size.
    delays: VecDeque<Micros>,
    sorted: Vec<Micros>,
    delay: Micros,
}

impl Playout {
    /// Begins with a delay, and lets a share of frames (0..1) be late.
    pub fn new(delay: Micros, late_share: f64) -> Self {
        let (delays, sorted) = (VecDeque::new(), Vec::new());
        Self { late_share: late_share.clamp(0.0, 1.0), delays, sorted, delay }
    }

    /// How long after it was made a frame is played now.
    pub fn delay(&self) -> Micros {
        self.delay
    }

    /// A frame came `delay` after it was made: it is late if that is more than [`Self::delay`] told
    /// before. Cost: linear in 500.
    pub fn on_frame(&mut self, delay: Micros) {
        if self.delays.len() == N_DELAYS
            && let Some(oldest) = self.delays.pop_front()
        {
            let at = self.sorted.partition_point(|known| *known < oldest);
            self.sorted.remove(at);
        }
        self.delays.push_back(delay);
        let at = self.sorted.partition_point(|known| *known < delay);
        self.sorted.insert(at, delay);
        #[expect(clippy::cast_precision_loss, reason = "at most 500")]
        let n_late = self.sorted.len() as f64 * self.late_share;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=500")]
        let at = (self.sorted.len() - 1).saturating_sub(n_late as usize);
        self.delay = self.sorted[at];
    }
}
