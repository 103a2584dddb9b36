//! The answer to a message (HL7 version 2.6, 2.9.2 and 2.9.3).

use ems_model::Timestamp;

use super::message::Message;
use super::time;
use crate::fault::Fault;

/// The answer to a message that was stored, or could not be for a fault; `None` where its sender
/// wants none. In enhanced mode, which MSH-15 asks for, it says whether the message was accepted
/// (CA, CE), else whether it was dealt with (AA, AE).
pub fn acknowledge(
    message: &Message,
    outcome: Result<(), &Fault>,
    now: Timestamp,
    control_id: &str,
) -> Option<String> {
    let header = message.header();
    let is_wanted = match header.field(15) {
        "NE" => false,
        "ER" => outcome.is_err(),
        "SU" => outcome.is_ok(),
        _ => true,
    };
    if !is_wanted {
        return None;
    }
    let is_enhanced = !header.field(15).is_empty();
    let code = match (is_enhanced, outcome) {
        (true, Ok(())) => "CA",
        (true, Err(_)) => "CE",
        (false, Ok(())) => "AA",
        (false, Err(_)) => "AE",
    };
    let marks = message.delimiters();
    let event = marks.escape(&header.component(9, 2));
    let kind = format!("ACK{0}{event}{0}ACK", marks.component);
    let whole = |number: usize| header.field(number);
    let version = if whole(12).is_empty() { "2.6" } else { whole(12) };
    let fault = outcome.err().map(|fault| marks.escape(&fault.to_string()));
    // Receiver and sender change places.
    let mut segments = vec![
        vec!["MSH", whole(2), whole(5), whole(6), whole(3), whole(4)],
        vec!["MSA", code, whole(10)],
    ];
    let sent_at = time::field(now);
    segments[0].extend([sent_at.as_str(), "", &kind, control_id, whole(11), version]);
    if let Some(fault) = &fault {
        // 207 is an application's internal error, E an error.
        segments.push(vec!["ERR", "", "", "207", "E", "", "", "", fault]);
    }
    let separator = marks.field.to_string();
    Some(segments.iter().map(|fields| fields.join(&separator) + "\r").collect())
}
