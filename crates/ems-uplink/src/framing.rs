//! Frames of one WebSocket, once and in order.
//!
//! Frames are numbered per unit from 1 without gaps. The sender keeps each until the centre has
//! stored it durably; the receiver takes each once, in order. One connection may carry many units:
//! each says [`UplinkUp::Hello`] and is answered by [`UplinkDown::Welcome`]. Loss is repaired by
//! going back to the last acknowledged frame (go-back-N with a window), since links below are
//! mostly in order; see Tanenbaum and Wetherall, Computer Networks, 5th edition, section 3.4.2.

mod receiver;
mod sender;
mod wire;

pub use receiver::{Accepted, Receiver, ReceiverError};
pub use sender::{MAX_BATCH_FRAMES, Sender, SenderError, SenderOutput, SenderWake, WINDOW_FRAMES};
pub use wire::{MAX_MESSAGE_BYTES, PROTOCOL, UplinkDown, UplinkUp, WireError};
