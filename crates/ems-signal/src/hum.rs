//! Takes out the hum of the mains: two waves that follow its frequency, and each lead's size and
//! phase of it.

use std::f64::consts::TAU;

use crate::cleaner::Mains;
use crate::lanes::{Lanes, Loop, wide};
use crate::rate::Rate;
use crate::sections::narrow;
use crate::tail::Delay;

/// Subtracts the hum that it has learnt (Widrow's adaptive canceller; that the frequency is
/// followed and that steep waves hardly teach, as in Martens and others 2006; both unverified).
///
/// What is learnt from is the error against itself half a period ago, held to three times its
/// usual size: a QRS complex is much larger than a hum that is already taken out. That is twice the
/// hum that is left.
#[derive(Debug, Clone)]
pub(crate) struct Hum<const QUADS: usize> {
    rate: Rate,
    is_found: bool,
    nominal_hz: f64,
    hz: f64,
    /// The waves at `hz` and at the other mains frequency.
    own: Oscillator,
    other: Oscillator,
    /// Size of the hum in phase and a quarter late.
    learnt: [Lanes<QUADS>; 2],
    usual: Lanes<QUADS>,
    errors: Delay<QUADS>,
    /// The error beside the other frequency's waves.
    heard: [Lanes<QUADS>; 2],
    /// The hum at the last look at its phase.
    before: [Lanes<QUADS>; 2],
    n_taken: u64,
}

#[derive(Debug, Clone, Copy)]
struct Oscillator {
    wave: [f64; 2],
    turn: [f64; 2],
}

/// A hum is learnt in so long.
const LEARNT_S: f64 = 0.15;
const USUAL_S: f64 = 0.1;
const HELD: f32 = 3.0;
/// Where the error does not change, so much of a change is still no complex.
const LESSON_MICROVOLTS: f32 = 2.0;
/// The phase is looked at so often, and the frequency moved by this part of what it says.
const LOOK_MS: u32 = 100;
const FOLLOWED: f64 = 0.2;
/// The mains stays so near to its frequency.
const DRIFT_HZ: f64 = 1.0;
/// The two frequencies are compared so often: 25 and 30 periods.
const COMPARED_MS: u32 = 500;
/// A hum below is none, in microvolts.
const LEAST_MICROVOLTS: f32 = 5.0;

impl<const QUADS: usize> Hum<QUADS> {
    /// None where there is nothing to take out, or the rate is too low for it.
    pub(crate) fn new(rate: Rate, mains: Mains) -> Option<Self> {
        let (nominal_hz, is_found) = match mains {
            Mains::Hz50 => (50.0, false),
            Mains::Hz60 => (60.0, false),
            Mains::Auto => (50.0, 60.0 < 0.45 * rate.hz()),
            Mains::Off => return None,
        };
        let half_period = (rate.hz() / 2.0 / nominal_hz).round().max(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 20")]
        let errors = Delay::new(half_period as usize);
        let zero = Lanes::splat(0.0);
        (nominal_hz < 0.45 * rate.hz()).then(|| Self {
            rate,
            is_found,
            nominal_hz,
            hz: nominal_hz,
            own: Oscillator::new(rate, nominal_hz),
            other: Oscillator::new(rate, other_hz(nominal_hz)),
            learnt: [zero; 2],
            usual: zero,
            errors,
            heard: [zero; 2],
            before: [zero; 2],
            n_taken: 0,
        })
    }

    /// The frequency that is taken out.
    pub(crate) const fn hz(&self) -> f64 {
        self.hz
    }

    pub(crate) fn run(&mut self, block: &mut [Lanes<QUADS>]) {
        let mut rest = block;
        while !rest.is_empty() {
            let until_look = self.rate.samples(LOOK_MS) - self.n_taken % self.rate.samples(LOOK_MS);
            let n_next = usize::try_from(until_look).map_or(rest.len(), |it| it.min(rest.len()));
            let (next, later) = rest.split_at_mut(n_next);
            wide(self, next);
            self.n_taken += n_next as u64;
            if self.n_taken.is_multiple_of(self.rate.samples(LOOK_MS)) {
                self.look();
            }
            rest = later;
        }
    }

    /// Follows the frequency, and changes to the other one if that is what hums.
    fn look(&mut self) {
        self.follow();
        if self.is_found && self.n_taken.is_multiple_of(self.rate.samples(COMPARED_MS)) {
            self.compare();
        }
        self.own.settle();
        self.other.settle();
    }

    /// A small hum says little of the frequency, and none nothing.
    fn follow(&mut self) {
        let ([sine, cosine], before) = (self.learnt, self.before);
        let turned = dot(before[0], cosine) - dot(before[1], sine);
        let size = f32::midpoint(power(before), power(self.learnt));
        self.before = self.learnt;
        let turn = f64::from(turned / (size + 4.0 * LEAST_MICROVOLTS * LEAST_MICROVOLTS));
        let hz = self.hz + FOLLOWED * turn / TAU * 1000.0 / f64::from(LOOK_MS);
        self.hz = hz.clamp(self.nominal_hz - DRIFT_HZ, self.nominal_hz + DRIFT_HZ);
        self.own.turn_by(self.rate, self.hz);
    }

    fn compare(&mut self) {
        let scale = 1.0 / narrow(self.rate.hz() * f64::from(COMPARED_MS) / 1000.0);
        let heard = self.heard.map(|it| it * scale);
        self.heard = [Lanes::splat(0.0); 2];
        let least = LEAST_MICROVOLTS * LEAST_MICROVOLTS;
        if power(heard) > 2.0 * power(self.learnt) + least {
            self.nominal_hz = other_hz(self.nominal_hz);
            self.hz = self.nominal_hz;
            self.own = Oscillator::new(self.rate, self.hz);
            self.other = Oscillator::new(self.rate, other_hz(self.hz));
            self.learnt = [Lanes::splat(0.0); 2];
        }
    }
}

impl<const QUADS: usize> Loop<&mut [Lanes<QUADS>]> for Hum<QUADS> {
    type Told = ();

    #[inline(always)]
    fn run(&mut self, block: &mut [Lanes<QUADS>]) {
        let learn = narrow(1.0 / (LEARNT_S * self.rate.hz()));
        let adapt = narrow(1.0 / (USUAL_S * self.rate.hz()));
        let [mut sine, mut cosine] = self.learnt;
        let (mut usual, mut heard) = (self.usual, self.heard);
        for sample in block {
            let [s, c] = self.own.step();
            let hum = sine * s + cosine * c;
            // Not from the error itself: what follows waits for the hum alone.
            let before = self.errors.push(*sample - hum);
            let lesson = (*sample - before) - hum;
            *sample = *sample - hum;
            let lesson = lesson.within(usual * HELD + Lanes::splat(LESSON_MICROVOLTS));
            usual = usual + (lesson.abs() - usual) * adapt;
            sine = sine + lesson * (learn * s);
            cosine = cosine + lesson * (learn * c);
            if self.is_found {
                let [s, c] = self.other.step();
                heard = [heard[0] + lesson * s, heard[1] + lesson * c];
            }
        }
        (self.learnt, self.usual, self.heard) = ([sine, cosine], usual, heard);
    }
}

fn other_hz(hz: f64) -> f64 {
    110.0 - hz
}

fn dot<const QUADS: usize>(a: Lanes<QUADS>, b: Lanes<QUADS>) -> f32 {
    a.zip(b, |a, b| a * b).sum()
}

fn power<const QUADS: usize>(waves: [Lanes<QUADS>; 2]) -> f32 {
    dot(waves[0], waves[0]) + dot(waves[1], waves[1])
}

impl Oscillator {
    fn new(rate: Rate, hz: f64) -> Self {
        let mut oscillator = Self { wave: [0.0, 1.0], turn: [0.0, 1.0] };
        oscillator.turn_by(rate, hz);
        oscillator
    }

    fn turn_by(&mut self, rate: Rate, hz: f64) {
        let angle = TAU * hz / rate.hz();
        self.turn = [angle.sin(), angle.cos()];
    }

    /// The next sine and cosine.
    #[inline]
    fn step(&mut self) -> [f32; 2] {
        let ([s, c], [turn_s, turn_c]) = (self.wave, self.turn);
        self.wave = [s * turn_c + c * turn_s, c * turn_c - s * turn_s];
        [narrow(self.wave[0]), narrow(self.wave[1])]
    }

    /// Takes out what rounding has added to the waves' size.
    fn settle(&mut self) {
        let size = self.wave[0].hypot(self.wave[1]);
        self.wave = self.wave.map(|it| it / size);
    }
}
