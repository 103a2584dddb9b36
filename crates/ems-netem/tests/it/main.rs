//! Laws of a link, and the traces at hand.

mod laws;
mod traces;
