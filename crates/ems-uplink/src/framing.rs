//! Frames of an outbox, each stored by the centre once.
//!
//! Frames are numbered per unit without gaps. The sender keeps each until the centre says that it
//! is stored durably; the centre takes them in any order and knows each by its number. One
//! connection may carry many units: each says [`UplinkUp::Hello`] and is answered by
//! [`UplinkDown::Welcome`]. What carries the messages delivers all of them, or ends.

mod portion;
mod ranges;
mod sender;
mod wire;

pub use portion::Portion;
pub use ranges::Ranges;
pub use sender::{MAX_BATCH_FRAMES, Reading, Sender, SenderError, SenderOutput, WINDOW_FRAMES};
pub use wire::{MAX_MESSAGE_BYTES, PROTOCOL, PROTOCOL_OLDEST, UplinkDown, UplinkUp, WireError};
