//! What the session costs: both ends, no emulated link between them.

use std::time::Instant;

use ems_model::{Micros, Timestamp};
use ems_uplink::{Class, LinkId, Session, SessionOutput};

const N_FRAMES: usize = 400_000;

pub(crate) fn run() -> anyhow::Result<()> {
    for (name, class, n_bytes) in [
        ("vitals of 400 B", Class::Vitals, 400),
        ("bulk of 1,100 B", Class::Bulk, 1100),
        ("bulk of 16 KiB", Class::Bulk, 16_384),
    ] {
        let mut now = Timestamp::from_millis(1_700_000_000_000);
        let [mut one, mut other] = [Session::new(now), Session::new(now)];
        for link in [LinkId(0), LinkId(1)] {
            one.on_link_up(now, link);
            other.on_link_up(now, link);
        }
        let frames = if n_bytes > 2000 { N_FRAMES / 10 } else { N_FRAMES };
        let (mut n_pushed, mut n_come) = (0, 0);
        let began = Instant::now();
        while n_come < frames {
            now = now + Micros::new(100);
            for _ in 0..20 {
                n_pushed += usize::from(
                    n_pushed < frames && one.push(now, class, vec![0; n_bytes]).is_ok(),
                );
            }
            one.on_wake(now);
            other.on_wake(now);
            while let Some(output) = one.poll_output(now) {
                if let SessionOutput::Packet { link, bytes } = output {
                    other.on_packet(now, link, &bytes)?;
                }
            }
            while let Some(output) = other.poll_output(now) {
                match output {
                    SessionOutput::Packet { link, bytes } => one.on_packet(now, link, &bytes)?,
                    SessionOutput::Frame { .. } => n_come += 1,
                    SessionOutput::PeerBegan { .. } => {}
                }
            }
        }
        let took = began.elapsed().as_secs_f64();
        let n = frames as f64;
        println!(
            "session, {name}: {:.0} frames/s, {:.2} Gbit/s, both ends on one core",
            n / took,
            n * n_bytes as f64 * 8.0 / took / 1e9
        );
    }
    Ok(())
}
