//! What goes wrong, and when.

use ems_model::Millis;
use rand_pcg::Pcg64Mcg;

use super::Simulation;
use super::checks::Broken;
use super::queue::Happening;
use crate::chance::{lognormal, share};

/// A whole number of milliseconds between two.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "some milliseconds"
)]
pub(super) fn between((from, to): (i64, i64), rng: &mut Pcg64Mcg) -> Millis {
    Millis::new(from + (share(rng) * (to - from) as f64) as i64)
}

/// Whether a chance strikes; the number is drawn in any case.
pub(super) fn strikes(chance: f64, rng: &mut Pcg64Mcg) -> bool {
    share(rng) < chance
}

/// The pause until the next of `per_hour`; `None` if it never comes.
#[expect(clippy::cast_possible_truncation, reason = "cut at a year")]
fn pause(per_hour: f64, rng: &mut Pcg64Mcg) -> Option<Millis> {
    let hours = -(1.0 - share(rng)).ln() / per_hour;
    (per_hour > 0.0).then(|| Millis::new((hours.min(8760.0) * 3_600_000.0) as i64))
}

fn lasting((median_s, p90_s): (f64, f64), rng: &mut Pcg64Mcg) -> Millis {
    #[expect(clippy::cast_possible_truncation, reason = "some minutes")]
    let millis = (lognormal(median_s, p90_s, rng) * 1000.0) as i64;
    Millis::new(millis)
}

impl Simulation {
    /// Plans the first fault of each kind.
    pub(super) fn plan_faults(&mut self) {
        let faults = self.plan.faults;
        for idx in 0..self.ambulances.len() {
            self.plan_fault(Some(idx), faults.link_losses, Happening::LinkLost(idx));
            self.plan_fault(Some(idx), faults.gateway_crashes, Happening::GatewayCrash(idx));
            self.plan_fault(Some(idx), faults.clock_jumps, Happening::ClockJump(idx));
        }
        self.plan_centre_crash();
    }

    /// A fault strikes, and the next of its kind is planned; after the end none does.
    pub(super) fn strike(&mut self, fault: &Happening) -> Result<(), Broken> {
        match fault {
            Happening::LinkBack(idx) => self.link_back(*idx),
            Happening::GatewayStart(idx) => self.start_gateway(*idx),
            Happening::CentreStart => return self.start_centre(),
            _ if self.is_draining => {}
            Happening::LinkLost(idx) => self.lose_link(*idx),
            Happening::GatewayCrash(idx) => self.crash_gateway(*idx),
            Happening::ClockJump(idx) => self.jump_clock(*idx),
            Happening::CrashArmed => self.is_crash_armed = true,
            Happening::CentreCrash => return self.crash_centre(),
            other => unreachable!("{other:?} is no fault"),
        }
        Ok(())
    }

    fn lose_link(&mut self, idx: usize) {
        let faults = self.plan.faults;
        self.scribe.faults.link_losses += 1;
        let ambulance = &mut self.ambulances[idx];
        ambulance.is_link_up = false;
        ambulance.disconnect();
        let lasts = lasting(faults.link_loss_s, &mut ambulance.faults);
        self.queue.plan(self.now + lasts, Happening::LinkBack(idx));
    }

    fn link_back(&mut self, idx: usize) {
        let ambulance = &mut self.ambulances[idx];
        if !ambulance.is_link_up {
            ambulance.is_link_up = true;
            self.plan_fault(Some(idx), self.plan.faults.link_losses, Happening::LinkLost(idx));
        }
        self.plan_connect(idx);
    }

    fn crash_gateway(&mut self, idx: usize) {
        let faults = self.plan.faults;
        self.scribe.faults.gateway_crashes += 1;
        let ambulance = &mut self.ambulances[idx];
        ambulance.crash();
        let lasts = lasting(faults.gateway_down_s, &mut ambulance.faults);
        self.queue.plan(self.now + lasts, Happening::GatewayStart(idx));
    }

    fn start_gateway(&mut self, idx: usize) {
        if self.ambulances[idx].process.is_none() {
            self.ambulances[idx].start(self.now);
            self.pump(idx);
            self.plan_connect(idx);
            let faults = self.plan.faults;
            self.plan_fault(Some(idx), faults.gateway_crashes, Happening::GatewayCrash(idx));
        }
    }

    fn jump_clock(&mut self, idx: usize) {
        let faults = self.plan.faults;
        self.scribe.faults.clock_jumps += 1;
        let max = faults.clock_jump_max.get();
        let ambulance = &mut self.ambulances[idx];
        ambulance.clock_off = between((-max, max), &mut ambulance.faults);
        self.plan_fault(Some(idx), faults.clock_jumps, Happening::ClockJump(idx));
    }

    fn crash_centre(&mut self) -> Result<(), Broken> {
        let Some(process) = self.server.crash() else { return Ok(()) };
        self.scribe.faults.centre_crashes += 1;
        self.scribe.faults.torn_commits += u64::from(!process.pending.is_empty());
        if process.pending.events.is_empty() {
            self.crashed = Some(process.into());
        } else {
            self.check_replay(&process)?;
        }
        for idx in 0..self.ambulances.len() {
            self.ambulances[idx].disconnect();
            self.plan_connect(idx);
        }
        let lasts = lasting(self.plan.faults.centre_down_s, &mut self.faults);
        self.queue.plan(self.now + lasts, Happening::CentreStart);
        Ok(())
    }

    fn start_centre(&mut self) -> Result<(), Broken> {
        if self.server.process.is_none() {
            let started = self.server.start(self.now).map_err(super::no_replay)?;
            if let Some(crashed) = self.crashed.take() {
                super::compare(started, &crashed.centre)?;
            }
            self.after_centre();
            self.check()?;
            self.plan_stream();
            self.plan_centre_crash();
        }
        Ok(())
    }

    /// Half of the crashes strike at any moment, half between a change of state and the disk.
    fn plan_centre_crash(&mut self) {
        let crash = if strikes(0.5, &mut self.faults) {
            Happening::CrashArmed
        } else {
            Happening::CentreCrash
        };
        self.plan_fault(None, self.plan.faults.centre_crashes, crash);
    }

    fn plan_fault(&mut self, unit: Option<usize>, per_hour: f64, fault: Happening) {
        let rng = unit.map_or(&mut self.faults, |idx| &mut self.ambulances[idx].faults);
        if let Some(pause) = pause(per_hour, rng) {
            self.queue.plan(self.now + pause, fault);
        }
    }
}
