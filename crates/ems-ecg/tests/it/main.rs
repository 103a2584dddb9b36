//! What is said of hearts that were made up, and of those that were recorded.

mod heart;
mod measuring;
