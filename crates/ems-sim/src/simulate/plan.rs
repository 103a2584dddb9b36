//! What a simulation is told: the city's plan, how long, and what goes wrong.

use ems_model::{Millis, Timestamp};

use crate::calls::CallSource;
use crate::city::CityPlan;

/// A whole simulation. [`SimulationPlan::new`] gives one that runs fast.
#[derive(Debug, Clone)]
pub struct SimulationPlan {
    /// The city and its chances.
    pub city: CityPlan,
    /// How long, from the city's start.
    pub span: Millis,
    /// What goes wrong.
    pub faults: Faults,
    /// Whether [`crate::Summary::traces`] tells where units drove.
    pub keeps_traces: bool,
}

/// How often things go wrong, and for how long. Rates are per hour of virtual time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Faults {
    /// The name on the command line.
    pub(crate) name: &'static str,
    /// Link losses of each unit.
    pub(crate) link_losses: f64,
    pub(crate) link_loss_s: (f64, f64),
    /// Crashes of the centre; half of them between a change of state and its durability.
    pub(crate) centre_crashes: f64,
    pub(crate) centre_down_s: (f64, f64),
    /// Crashes of each unit's gateway.
    pub(crate) gateway_crashes: f64,
    pub(crate) gateway_down_s: (f64, f64),
    /// Jumps of each unit's device clock.
    pub(crate) clock_jumps: f64,
    /// The farthest that a device clock goes wrong, either way.
    pub(crate) clock_jump_max: Millis,
    /// Share of requests and answers of dispatchers, crews and hospitals that are lost.
    pub(crate) request_loss: f64,
}

/// A set of faults that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("faults \"{name}\" are not known: use none or default")]
pub struct UnknownFaults {
    name: String,
}

impl Faults {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self {
            name: "none",
            link_losses: 0.0,
            link_loss_s: (1.0, 1.0),
            centre_crashes: 0.0,
            centre_down_s: (1.0, 1.0),
            gateway_crashes: 0.0,
            gateway_down_s: (1.0, 1.0),
            clock_jumps: 0.0,
            clock_jump_max: Millis::ZERO,
            request_loss: 0.0,
        }
    }

    /// More goes wrong than in any service worth its name: each unit loses its link every other
    /// hour, and the centre crashes twice an hour.
    pub fn usual() -> Self {
        Self {
            name: "default",
            link_losses: 0.5,
            link_loss_s: (40.0, 300.0),
            centre_crashes: 2.0,
            centre_down_s: (3.0, 10.0),
            gateway_crashes: 0.1,
            gateway_down_s: (8.0, 20.0),
            clock_jumps: 0.1,
            clock_jump_max: Millis::from_mins(2),
            request_loss: 0.005,
        }
    }

    /// The set of that name: `none` or `default`.
    pub fn named(name: &str) -> Result<Self, UnknownFaults> {
        match name {
            "none" => Ok(Self::none()),
            "default" => Ok(Self::usual()),
            name => Err(UnknownFaults { name: name.chars().take(40).collect() }),
        }
    }
}

/// Positions are reported this often in a simulation: just within what the shipped dispatch policy
/// trusts, so that decisions are the same and the searches of the road graph fewer.
const POSITION_S: u32 = 25;

impl SimulationPlan {
    /// The standard city without what costs most and decides least: waveforms are left out
    /// (`city.has_ecg`), and units report their position every 25 s instead of every second.
    pub fn new(seed: u64, start: Timestamp, span: Millis, faults: Faults) -> Self {
        let mut city = CityPlan { has_ecg: false, ..CityPlan::new(seed, start) };
        city.settings.report_positions_every(POSITION_S, POSITION_S);
        Self { city, span, faults, keeps_traces: false }
    }

    /// The command that runs the same again, from the same city and files.
    pub(crate) fn command(&self) -> String {
        let city = &self.city;
        let hours = self.span.as_secs_f64() / 3600.0;
        let major =
            city.major.map_or_else(String::new, |it| format!(" --major {}", it.n_casualties));
        let waves = if city.has_ecg { " --waves" } else { "" };
        let calls = match &city.calls {
            CallSource::Poisson { per_hour: Some(rate) } => format!(" --calls-per-hour {rate}"),
            CallSource::Listed(_) => " --calls FILE".to_owned(),
            CallSource::Poisson { per_hour: None } | CallSource::Silent => String::new(),
        };
        format!(
            "golden-hour simulate --seed {} --hours {hours} --units {} --faults {}{calls}{major}{waves}",
            city.seed, city.n_units, self.faults.name
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_all_that_was_chosen() {
        let span = Millis::from_mins(90);
        let mut plan = SimulationPlan::new(7, Timestamp::default(), span, Faults::usual());
        plan.city.calls = CallSource::Poisson { per_hour: Some(12.5) };
        plan.city.has_ecg = true;
        assert_eq!(
            plan.command(),
            "golden-hour simulate --seed 7 --hours 1.5 --units 30 --faults default --calls-per-hour 12.5 --waves"
        );
    }

    #[test]
    fn unknown_faults_are_named_with_those_there_are() {
        let error = Faults::named("some").unwrap_err();
        assert_eq!(error.to_string(), "faults \"some\" are not known: use none or default");
    }
}
