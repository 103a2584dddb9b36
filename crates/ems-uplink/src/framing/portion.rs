//! In which order a backlog is sent.

use ems_model::FrameBody;

use crate::session::Class;

/// A part of a backlog; earlier ones are sent first, each of them oldest first.
///
/// What decides over the patient goes before what explains it, and waves, nine tenths of the
/// bytes, go last: behind them everything else would wait for minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Portion {
    /// Alarms.
    Alarms,
    /// Vital signs.
    Vitals,
    /// Virtual sensors and the state of leads.
    Records,
    /// Numbers that were given up.
    Gaps,
    /// Waves.
    Waves,
}

/// As many portions as there are.
pub(crate) const N_PORTIONS: usize = 5;

impl Portion {
    /// All, the first to be sent first.
    pub const ALL: [Self; N_PORTIONS] =
        [Self::Alarms, Self::Vitals, Self::Records, Self::Gaps, Self::Waves];

    /// Where a frame belongs.
    pub const fn of(body: &FrameBody) -> Self {
        match Class::of(body) {
            Class::Alarm => Self::Alarms,
            Class::Vitals => Self::Vitals,
            Class::Waveform => Self::Waves,
            _ => Self::Records,
        }
    }

    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alarms => "alarms",
            Self::Vitals => "vitals",
            Self::Records => "records",
            Self::Gaps => "gaps",
            Self::Waves => "waves",
        }
    }
}
