//! When to play what came, so that few frames come too late and none waits long.

use std::collections::VecDeque;

use ems_model::Micros;

/// How many delays are remembered: 10 s at 50 frames a second.
const N_DELAYS: usize = 500;
/// The part of its excess by which the delay falls at each frame.
const FALL: i64 = 32;

/// An adaptive playout buffer for one stream.
///
/// Each frame is played a delay after it was made. The delay follows a quantile of the delays of
/// the last 500 frames. A frame that is not there when it should be played is waited for, up to the
/// longest delay: playing stands still meanwhile, and then catches up little by little.
#[derive(Debug, Clone)]
pub struct Playout {
    late_share: f64,
    longest: Micros,
    /// The last delays, oldest first, and the same in order of size.
    delays: VecDeque<Micros>,
    sorted: Vec<Micros>,
    delay: Micros,
}

/// How a frame was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Played {
    /// When it should be.
    InTime,
    /// After a wait.
    Waited,
    /// Not at all: it came after the longest delay.
    Late,
}

impl Playout {
    /// Begins with the longest delay that a frame is worth waiting for. `late_share` (0..1) of
    /// frames may have to be waited for.
    pub fn new(longest: Micros, late_share: f64) -> Self {
        Self {
            late_share: late_share.clamp(0.0, 1.0),
            longest,
            delays: VecDeque::new(),
            sorted: Vec::new(),
            delay: longest,
        }
    }

    /// How long after it was made the next frame is played, if it is there by then.
    pub fn delay(&self) -> Micros {
        self.delay
    }

    /// A frame came `delay` after it was made. Cost: linear in 500.
    pub fn on_frame(&mut self, delay: Micros) -> Played {
        let played = if delay <= self.delay {
            Played::InTime
        } else if delay <= self.longest {
            self.delay = delay;
            Played::Waited
        } else {
            self.delay = self.longest;
            Played::Late
        };
        self.remember(delay);
        let excess = (self.delay - self.quantile()).get();
        // What is too short is mended at once: that is a wait too, but a foreseen one.
        let fall = if excess > 0 { (excess + FALL - 1) / FALL } else { excess };
        self.delay = self.delay - Micros::new(fall);
        played
    }

    fn remember(&mut self, delay: Micros) {
        if self.delays.len() == N_DELAYS
            && let Some(oldest) = self.delays.pop_front()
        {
            let at = self.sorted.partition_point(|known| *known < oldest);
            self.sorted.remove(at);
        }
        self.delays.push_back(delay);
        let at = self.sorted.partition_point(|known| *known < delay);
        self.sorted.insert(at, delay);
    }

    /// The delay that all but the late share stay within, at most the longest.
    fn quantile(&self) -> Micros {
        let Some(last) = self.sorted.len().checked_sub(1) else { return self.longest };
        #[expect(clippy::cast_precision_loss, reason = "at most 500")]
        let n_late = self.sorted.len() as f64 * self.late_share;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=500")]
        let idx = last.saturating_sub(n_late as usize);
        self.sorted[idx].min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_follows_what_frames_take_and_waits_no_longer_than_it_may() {
        let ms = Micros::from_millis;
        let mut playout = Playout::new(ms(150), 0.01);
        for idx in 0..1000 {
            playout.on_frame(ms(20 + idx % 5));
        }
        assert_eq!(playout.delay(), ms(24));
        assert_eq!(playout.on_frame(ms(90)), Played::Waited);
        assert!(playout.delay() > ms(80), "it catches up slowly: {:?}", playout.delay());
        assert_eq!(playout.on_frame(ms(151)), Played::Late);
        assert_eq!(playout.on_frame(ms(140)), Played::InTime);
        for _ in 0..500 {
            playout.on_frame(ms(20));
        }
        assert!(playout.delay() < ms(26), "{:?}", playout.delay());
    }
}
