//! The real binary: started, killed with SIGKILL, cut off and started again.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test stops at a surprise and says what it saw"
)]

mod bundles;
mod centre_killed;
mod command_line;
mod decode;
mod devices;
mod ecg;
mod forecast;
mod gateway_killed;
mod kept;
mod link;
mod links_killed;
mod plan;
mod process;
mod proxy;
mod relay;
mod roads;
mod roads_at;
mod up_again;
mod vitals;
