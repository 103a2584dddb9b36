//! How drive times are made of what the roads say: all that is known beside the map is optional.

use ems_model::{Millis, Timestamp};
use ems_roads::Week;
use ems_traces::{EtaInterval, EtaModel};

/// The share of drives that an interval holds.
const SHARE: f64 = 0.8;

/// What is known of drive times in a city, beside its map. By default nothing is.
#[derive(Debug, Clone, Default)]
pub struct DriveTimes {
    /// How long drives take beside what the roads say, learnt from the fleet's own; without it the
    /// roads are believed, and no interval is told.
    pub spread: Option<EtaSpread>,
    /// Speeds by hour of the week; without them the map's hold at every hour.
    pub week: Option<NamedWeek>,
    /// Whether roads are believed to flow as the fleet's own drives of the last ten minutes found
    /// them.
    pub believes_fleet: bool,
}

/// How far drives spread around their time.
#[derive(Debug, Clone, PartialEq)]
pub struct EtaSpread(EtaInterval);

impl From<EtaModel> for EtaSpread {
    fn from(model: EtaModel) -> Self {
        Self(model.for_share(SHARE))
    }
}

/// Speeds by hour of the week, and what a screen calls them. Nobody here has checked them.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedWeek {
    /// The name of their file.
    pub name: String,
    /// The speeds.
    pub week: Week,
}

/// How long a drive takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Half of such drives take longer, where that was learnt; else what the roads say.
    pub(crate) time: Millis,
    /// Between these times four of five end; `None` where that was not learnt.
    pub(crate) likely: Option<[Millis; 2]>,
}

/// When a drive ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) eta: Timestamp,
    pub(crate) likely: Option<[Timestamp; 2]>,
}

impl DriveTimes {
    /// What is expected of a drive that takes so long by the roads.
    pub(crate) fn expect(&self, drive: Millis) -> Expected {
        match &self.spread {
            Some(EtaSpread(model)) => {
                Expected { time: model.median(drive), likely: Some(model.ends(drive)) }
            }
            None => Expected { time: drive, likely: None },
        }
    }
}

impl Expected {
    pub(crate) fn from(&self, leaves: Timestamp) -> Arrival {
        let likely = self.likely.map(|ends| ends.map(|drive| leaves + drive));
        Arrival { eta: leaves + self.time, likely }
    }
}
