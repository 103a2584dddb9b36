//! What was wrong with what devices sent.

use ems_model::{ElectrodesExchanged, Millis};
use ems_signal::UnsupportedRate;

/// Something wrong with what a device sent; the gateway went on as well as it could.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayComplaint {
    /// A device's clock is wrong or was set; its readings are timed by the gateway's from here.
    #[error("clock of {source_name} is off by {} ms: set the device's clock", .by.get())]
    ClockStepped {
        /// `lead II` or `numerics`.
        source_name: String,
        /// How far, later positive.
        by: Millis,
    },
    /// Samples are missing between two pieces of a lead.
    #[error("lead {lead} lacks {} ms: check the device's link", .gap.get())]
    Gap {
        /// The lead.
        lead: String,
        /// How long.
        gap: Millis,
    },
    /// A piece of a lead came twice; the second was left out.
    #[error("a piece of lead {lead} came twice: let the device publish with QoS 0 or unique times")]
    Repeated {
        /// The lead.
        lead: String,
    },
    /// A lead's sampling rate is not one that the filters are made for.
    #[error("lead {lead}: {error}")]
    Rate {
        /// The lead.
        lead: String,
        /// Which rate.
        error: UnsupportedRate,
    },
    /// More leads than a patient can have.
    #[error("lead {lead} is one more than {}: check the device's lead names", crate::MAX_LEADS)]
    TooManyLeads {
        /// The lead that was left out.
        lead: String,
    },
    /// Two electrodes seem to be on each other's places.
    #[error("the electrodes of {} seem to be exchanged: check where they are", places(*.0))]
    Electrodes(ElectrodesExchanged),
    /// The gateway's own clock went back; it was held until it caught up.
    #[error("the gateway's clock went back {} ms: let it be slewed, not set", .by.get())]
    HostClockBack {
        /// How far.
        by: Millis,
    },
    /// A wave's sampling rate is not one that pulses and breaths are found at.
    #[error(
        "wave {channel}: sampling rate {hz} Hz is outside 10..=2000: set the device to a rate within"
    )]
    WaveRate {
        /// The channel.
        channel: String,
        /// Which rate.
        hz: u32,
    },
    /// More waves than a patient can have.
    #[error(
        "wave {channel} is one more than {}: check the device's channel names",
        crate::MAX_WAVES
    )]
    TooManyWaves {
        /// The channel that was left out.
        channel: String,
    },
}

fn places(exchanged: ElectrodesExchanged) -> String {
    match exchanged {
        ElectrodesExchanged::Arms => "right and left arm".to_owned(),
        ElectrodesExchanged::RightArmLeg => "right arm and left leg".to_owned(),
        ElectrodesExchanged::Chest(lower) => format!("V{lower} and V{}", lower + 1),
    }
}
