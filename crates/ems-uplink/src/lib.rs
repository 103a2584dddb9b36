//! Delivers what a unit has to say over links that fail.
//!
//! Machines without IO: [`Session`] carries frames of ten [`Class`]es over several links at once
//! and keeps deadlines; [`Sender`] keeps account of what is stored in the outbox, so that each
//! frame is stored by the centre once. Neither opens a connection, writes a file,
//! encrypts or compresses: the host does, and tells.
//!
//! [`PeerClock`] tells what time it is at the other end, and [`Terse`] is what is left to say where a
//! bearer carries a kilobit a second.
//!
//! For links read [`Session`] first, then [`Class::traits`]; for the outbox [`Sender`], then
//! [`UplinkUp`]. The design is told in `docs/uplink.md`.

mod clock;
mod framing;
mod session;
mod terse;

pub use clock::{ClockDrift, Exchange, PeerClock, PeerTime};
pub use framing::{
    MAX_BATCH_FRAMES, MAX_MESSAGE_BYTES, PROTOCOL, PROTOCOL_OLDEST, Portion, Ranges, Reading,
    Sender, SenderError, SenderOutput, UplinkDown, UplinkUp, WINDOW_FRAMES, WireError,
};
pub use session::{
    Class, Counts, Ladder, LinkId, LinkReport, LinkStanding, Number, Packet, PacketError, ParityOf,
    Played, Playout, PushError, Section, Session, SessionOutput, SessionWake, Traits,
    WINDOW_PIECES,
};
pub use terse::{
    Bearer, Grain, TERSE_ALARMS_MAX, TERSE_BYTES_MAX, TERSE_UNIT_MAX, Teller, TellerWake, Terse,
    TerseAlarm, TerseContext, TerseError, TersePlace,
};
