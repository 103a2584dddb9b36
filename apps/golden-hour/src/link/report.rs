//! What became of a drive, for people and for programs.

use std::fmt::Write;

use ems_drive::{ClassOutcome, LinkOutcome, Outcome};
use ems_model::Micros;
use serde_json::{Value, json};

pub(super) fn text(outcome: &Outcome, names: &[String]) -> String {
    let mut text = format!(
        "{:<10}{:>9}{:>11}{:>7}{:>10}{:>10}{:>10}\n",
        "class", "offered", "delivered", "late", "p50 ms", "p99 ms", "max ms"
    );
    for class in outcome.classes() {
        let [p50, p99, max] = [class.p50, class.p99, class.max].map(shown);
        let _ = writeln!(
            text,
            "{:<10}{:>9}{:>11}{:>7}{p50:>10}{p99:>10}{max:>10}",
            class.class.name(),
            class.n_offered,
            class.n_delivered,
            class.n_late,
        );
    }
    let _ =
        writeln!(text, "\n{:<12}{:>14}{:>14}{:>9}", "link", "bytes there", "bytes back", "lost");
    for (link, name) in outcome.links.iter().zip(names) {
        let (there, back) = (link.forth.n_offered_bytes, link.back.n_offered_bytes);
        let _ = writeln!(text, "{name:<12}{there:>14}{back:>14}{:>9}", n_lost(link));
    }
    let counts = (outcome.sent.n_copies, outcome.received.n_duplicates);
    let _ = write!(text, "\n{} pieces were sent again, {} came twice", counts.0, counts.1);
    text
}

pub(super) fn json(outcome: &Outcome, names: &[String]) -> String {
    let classes: Vec<Value> = outcome.classes().iter().map(class_json).collect();
    let links: Vec<Value> = outcome.links.iter().zip(names).map(link_json).collect();
    json!({
        "classes": classes,
        "links": links,
        "pieces_sent_again": outcome.sent.n_copies,
        "pieces_come_twice": outcome.received.n_duplicates,
    })
    .to_string()
}

fn class_json(class: &ClassOutcome) -> Value {
    let ms = |delay: Option<Micros>| delay.map(Micros::as_millis_f64);
    json!({
        "class": class.class.name(),
        "offered": class.n_offered,
        "delivered": class.n_delivered,
        "late": class.n_late,
        "deadline_ms": class.class.traits().deadline.as_millis_f64(),
        "delivered_bytes": class.n_delivered_bytes,
        "p50_ms": ms(class.p50),
        "p99_ms": ms(class.p99),
        "max_ms": ms(class.max),
    })
}

fn link_json((link, name): (&LinkOutcome, &String)) -> Value {
    json!({
        "link": name,
        "bytes_there": link.forth.n_offered_bytes,
        "bytes_back": link.back.n_offered_bytes,
        "packets_lost": n_lost(link),
    })
}

/// Packets to the centre that did not come out.
fn n_lost(link: &LinkOutcome) -> u64 {
    link.forth.n_lost + link.forth.n_overflowed + link.forth.n_blacked_out
}

/// A delay in ms; a dash where there is none.
fn shown(delay: Option<Micros>) -> String {
    delay.map_or("-".to_owned(), |delay| format!("{:.1}", delay.as_millis_f64()))
}
