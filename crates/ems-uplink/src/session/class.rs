//! What is sent, and what each kind of it needs.

use ems_model::{FrameBody, Micros};

/// A kind of data, the most urgent first: where room is short, an earlier class goes before a
/// later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// An alarm of a monitor.
    Alarm,
    /// A command or its answer.
    Command,
    /// Speech.
    Voice,
    /// Readings of a patient.
    Vitals,
    /// Samples of an ECG or another curve.
    Waveform,
    /// Moving pictures.
    Video,
    /// A picture.
    Image,
    /// A document.
    Record,
    /// What was measured while no link carried it.
    Backfill,
    /// Anything that may wait.
    Bulk,
}

/// What a class needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "columns of a table, not states")]
pub struct Traits {
    /// How long after it was pushed a frame should be there.
    pub deadline: Micros,
    /// Whether a frame that is late is worth nothing, and is given up.
    pub expires: bool,
    /// Whether frames are delivered in the order in which they were pushed.
    pub is_ordered: bool,
    /// Whether a late acknowledgement sends a copy at once, past congestion windows.
    pub is_urgent: bool,
    /// Whether pieces are protected against loss by parity, where links lose much.
    pub has_parity: bool,
    /// The most bytes that wait to be sent or acknowledged.
    pub queue_bytes_max: usize,
    /// The 5QI to ask a network for (3GPP TS 23.501, table 5.7.4-1).
    pub five_qi: u8,
}

/// As many classes as there are.
pub(crate) const N_CLASSES: usize = 10;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

impl Class {
    /// All, the most urgent first.
    pub const ALL: [Self; N_CLASSES] = [
        Self::Alarm,
        Self::Command,
        Self::Voice,
        Self::Vitals,
        Self::Waveform,
        Self::Video,
        Self::Image,
        Self::Record,
        Self::Backfill,
        Self::Bulk,
    ];

    /// The class of a frame that is new.
    pub const fn of(body: &FrameBody) -> Self {
        match body {
            FrameBody::Alarm { .. } => Self::Alarm,
            FrameBody::Vitals { .. } | FrameBody::CameraPulse { .. } => Self::Vitals,
            FrameBody::Wave(_) => Self::Waveform,
            FrameBody::Derived { .. } | FrameBody::Watch { .. } | FrameBody::Links { .. } => {
                Self::Record
            }
        }
    }

    /// What it needs. `docs/uplink.md` gives the reasons of each row.
    #[rustfmt::skip]
    pub const fn traits(self) -> Traits {
        match self {
            //                        deadline, expires, ordered, urgent, queue,    5QI
            Self::Alarm =>    row(     150, false, false, true,  256 * KIB, 69),
            Self::Command =>  row(     500, false, true,  true,  256 * KIB, 69),
            Self::Voice =>    row(     150, true,  false, true,  64 * KIB,  65),
            Self::Vitals =>   row(     150, false, false, true,  MIB,       69),
            Self::Waveform => row(     300, false, true,  false, 2 * MIB,   70),
            Self::Video =>    row(     400, true,  false, false, 4 * MIB,   67),
            Self::Image =>    row(   5_000, false, false, false, 16 * MIB,  71),
            Self::Record =>   row(  10_000, false, true,  false, 4 * MIB,   70),
            Self::Backfill => row(  60_000, false, true,  false, 4 * MIB,   70),
            Self::Bulk =>     row( 600_000, false, false, false, 4 * MIB,   9),
        }
    }

    /// Its name, as profiles and reports write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::Command => "command",
            Self::Voice => "voice",
            Self::Vitals => "vitals",
            Self::Waveform => "waveform",
            Self::Video => "video",
            Self::Image => "image",
            Self::Record => "record",
            Self::Backfill => "backfill",
            Self::Bulk => "bulk",
        }
    }

    /// The class of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    pub(crate) const fn idx(self) -> usize {
        self as usize
    }
}

const fn row(
    deadline_ms: i64,
    expires: bool,
    is_ordered: bool,
    is_urgent: bool,
    queue_bytes_max: usize,
    five_qi: u8,
) -> Traits {
    Traits {
        deadline: Micros::from_millis(deadline_ms),
        expires,
        is_ordered,
        is_urgent,
        // Pictures are many pieces and soon worthless: the only class that cannot wait to be asked.
        has_parity: expires && !is_urgent,
        queue_bytes_max,
        five_qi,
    }
}
