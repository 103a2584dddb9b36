//! What is asked of a network, and what a link keeps of it.

use ems_drive::{Conformance, Kept, Slices};
use ems_model::Micros;
use ems_uplink::{Class, LinkReport, LinkStanding};

const TABLE: &str = include_str!("../../../../data/link/slices.toml");

fn link(round_trip_ms: Option<i64>, loss: f64) -> LinkReport {
    LinkReport {
        n_acked_bytes: 0,
        full_for: Micros::ZERO,
        standing: LinkStanding::Good,
        round_trip: round_trip_ms.map(Micros::from_millis),
        queue: Micros::ZERO,
        rate_bps: 1e6,
        loss,
        n_sent_bytes: 0,
    }
}

#[test]
fn a_link_keeps_breaks_or_does_not_tell() {
    let slices = Slices::parse(TABLE).unwrap();
    let (yes, no, unknown) = (Kept::Yes, Kept::No, Kept::Unknown);
    for (class, round_trip_ms, loss, delay, lost) in [
        (Class::Vitals, Some(100), 0.0, yes, yes),
        (Class::Vitals, Some(120), 0.02, yes, no),
        (Class::Vitals, Some(140), 0.004, no, unknown),
        (Class::Voice, Some(140), 0.009, yes, yes),
        (Class::Bulk, None, 0.0, unknown, unknown),
    ] {
        let told = slices.of(class).conformance(&link(round_trip_ms, loss));
        assert_eq!(told, Conformance { delay, loss: lost }, "{class:?} {round_trip_ms:?} {loss}");
    }
}

#[test]
fn a_table_that_contradicts_the_session_is_refused() {
    for (from, to, wanted) in [
        ("five_qi = 65", "five_qi = 66", "class \"voice\" asks for 5QI 66, the session for 65"),
        ("class = \"voice\"", "class = \"video\"", "class \"voice\" has 0 rows"),
        ("dscp = 46", "dscp = 64", "DSCP 64 is outside"),
        ("dnn = \"ems\"", "dnm = \"ems\"", "dnm"),
    ] {
        let error = Slices::parse(&TABLE.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}
