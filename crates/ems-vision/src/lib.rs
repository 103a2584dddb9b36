//! Pulse, capillary refill and photo quality from camera pictures.
//!
//! Pictures in, as bytes with the time they were taken, or already reduced to a grid of means; a
//! rate, a time or a verdict out, or the reason why there is none. It decodes no JPEG and opens no
//! camera, it knows no face from another, and what it tells is not a monitor's.
//!
//! Read [`Mosaic`] and [`PulseMeter`] first; methods and results are in `docs/video.md`.

mod bare;
mod frame;
mod light;
mod methods;
mod photo;
mod pulse;
mod refill;
mod skin;
mod spectrum;
mod synthetic;
mod trace;
mod y4m;

pub use bare::{BadPicture, bare_jpeg, bare_png};
pub use frame::{BadFrame, BadRegion, Cell, Frame, MAX_SIDE_PX, MOSAIC_SIZE, Mosaic, Region};
pub use light::LightRefusal;
pub use methods::PulseMethod;
pub use photo::{PhotoFault, PhotoQuality, judge_photo};
pub use pulse::{BAND_HZ, Pulse, PulseMeter, PulseRefusal, WINDOW, find_pulse, find_rate};
pub use refill::{Refill, RefillRefusal, find_refill};
pub use skin::{SkinSample, SkinTracker};
pub use synthetic::{Camera, Face, Finger, Light, Mains, Picture, Scene, SkinTone, Studio};
pub use y4m::{Chroma, Y4mError, Y4mHeader};
