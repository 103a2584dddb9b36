//! What the crate promises, on made videos.

mod pulse;
mod refill;
