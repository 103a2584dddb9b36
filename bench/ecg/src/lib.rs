//! What the bench and the training share.

pub mod boost;
pub mod found;
pub mod mat;
pub mod records;
pub mod teach;
