//! What outlives a power cut: the centre's event log, the frames that ambulances sent, the live
//! traffic, photos, a gateway's outbox and letters, bundles that it carries for others, and the
//! city pack.
//!
//! Each store is one SQLite file in WAL mode with `synchronous=FULL`, owned by one writer thread
//! that puts everything that waits into one transaction (group commit). A write is answered after
//! its commit, never before. It deliberately knows nothing of what events mean.
//!
//! Read [`EventLog`] and [`Telemetry`] first, then [`StoreError`], which says what a full disk
//! looks like. Durability follows <https://www.sqlite.org/pragma.html#pragma_synchronous>.

mod database;
mod encoding;
mod error;
mod event_log;
mod frames;
mod gaps;
mod keeping;
mod letters;
mod mapped;
mod outbox;
pub mod pack;
mod photos;
mod shelf;
mod surveys;
mod telemetry;
mod traffic;
mod writer;

pub use error::StoreError;
pub use event_log::{EventLog, SqliteLog};
pub use keeping::Contents;
pub use letters::Letters;
pub use outbox::{Kept, Outbox, Resume};
pub use photos::Photos;
pub use shelf::{Shelf, ShelfLimits, ShelfTag, Shelved};
pub use surveys::{KeptCoverage, SurveyFrame};
pub use telemetry::{Stored, Telemetry};
pub use traffic::{AppliedTraffic, TrafficStore};
pub use writer::Done;
