//! What an ambulance's links carried where it was.

use serde::{Deserialize, Serialize};

/// What one link carried; what is not known is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkReading {
    /// What the gateway calls it: the operator's name.
    pub link: String,
    /// The cell that the modem is in, as the modem names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// The power that the modem receives, in dBm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal_dbm: Option<i16>,
    /// What was delivered from the ambulance to the centre, in kbit/s; 0 where the link was silent
    /// all the while, `None` where it has never answered.
    pub up_kbps: Option<f64>,
    /// Whether it carries that or more: it was not asked for all that it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_at_least: bool,
    /// The round trip, smoothed, in ms; `None` while it does not answer.
    pub round_trip_ms: Option<f64>,
}
