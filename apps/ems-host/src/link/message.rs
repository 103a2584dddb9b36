//! Which class a message of the uplink has.

use ems_model::{Frame, FrameBody};
use ems_uplink::Class;

/// The class of a frame that is new.
pub(super) fn class_of(frame: &Frame) -> Class {
    match frame.body {
        FrameBody::Alarm { .. } => Class::Alarm,
        FrameBody::Vitals { .. } | FrameBody::CameraPulse { .. } => Class::Vitals,
        FrameBody::Wave(_) => Class::Waveform,
        FrameBody::Derived { .. } | FrameBody::Watch { .. } | FrameBody::Links { .. } => {
            Class::Record
        }
    }
}
