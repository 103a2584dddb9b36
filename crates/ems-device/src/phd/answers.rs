//! The manager's half of a conversation: it lets a device in, confirms what it sends, and says
//! goodbye (IEEE 11073-20601, 8.4 to 8.10 and annex E; the numbers of results are from memory,
//! unverified where no sample message has them).

use super::apdu::{Apdu, CONFIRMED_EVENT, EVENT_RESPONSE, Service};
use super::association::{Association, Protocol};
use super::config;
use super::report::CONFIG;
use super::session::PhdSession;
use crate::complaint::Complaint;
use crate::fault::Fault;
use crate::reading::Readings;

const ACCEPTED: u16 = 0;
const ACCEPTED_UNKNOWN_CONFIG: u16 = 3;
const NO_COMMON_PROTOCOL: u16 = 4;
const NORMAL: u16 = 0;
const CONFIG_ACCEPTED: u16 = 0;
/// The first version of the protocol and of the nomenclature; the medical device rules.
const FIRST_VERSION: u32 = 0x8000_0000;
const MEDICAL_DEVICE_RULES: u16 = 0x8000;
const MANAGER: u32 = 0x8000_0000;

/// Answers one device, whatever pieces its bytes come in. Takes as much memory as one message and
/// one configuration.
#[derive(Debug, Clone)]
pub struct PhdManager {
    system_id: [u8; 8],
    session: PhdSession,
    waiting: Vec<u8>,
}

/// What came of some bytes.
#[derive(Debug, Clone, Default)]
pub struct PhdHeard {
    /// What the device reported.
    pub readings: Readings,
    /// What to send to it now, in order.
    pub answers: Vec<u8>,
    /// Whether the device may go: the association has ended.
    pub is_over: bool,
}

impl PhdManager {
    /// Starts without an association; `system_id` is the manager's own EUI-64.
    pub fn new(system_id: [u8; 8]) -> Self {
        Self { system_id, session: PhdSession::default(), waiting: vec![] }
    }

    /// Takes what the device sent. What is no message cannot be found the end of: all that waits
    /// is dropped with a complaint.
    pub fn push(&mut self, bytes: &[u8]) -> PhdHeard {
        self.waiting.extend(bytes);
        let mut heard = PhdHeard::default();
        while let Some(n_bytes) = whole(&self.waiting) {
            match Apdu::decode(&self.waiting[..n_bytes]) {
                Ok((apdu, _)) => self.take(&apdu, &mut heard),
                Err(fault) => heard.complain(fault),
            }
            self.waiting.drain(..n_bytes);
        }
        if self.waiting.first().is_some_and(|first| *first & 0xf0 != 0xe0) {
            let found = format!("0x{:02x}", self.waiting[0]);
            let remedy = "let the device connect again";
            heard.complain(Fault::new("APDU, byte 0", found, "0xe2 to 0xe7", remedy));
            self.waiting.clear();
        }
        heard
    }

    fn take(&mut self, apdu: &Apdu, heard: &mut PhdHeard) {
        let (readings, complaints) = self.session.on_apdu(apdu);
        heard.readings.0.extend(readings);
        heard.readings.1.extend(complaints);
        heard.is_over |= matches!(apdu, Apdu::ReleaseRequest(_) | Apdu::Abort(_));
        heard.answers.extend(self.answer(apdu).iter().flat_map(Apdu::encode));
    }

    fn answer(&self, apdu: &Apdu) -> Option<Apdu> {
        match apdu {
            Apdu::AssociationRequest { protocols, .. } => Some(self.let_in(protocols)),
            Apdu::ReleaseRequest(_) => Some(Apdu::ReleaseResponse(NORMAL)),
            Apdu::Data {
                invoke_id,
                service: Service::Event { role: CONFIRMED_EVENT, handle, event_type, info, .. },
            } => Some(Apdu::Data {
                invoke_id: *invoke_id,
                service: confirmation(*handle, *event_type, info),
            }),
            _ => None,
        }
    }

    fn let_in(&self, protocols: &[Protocol]) -> Apdu {
        let spoken = protocols.iter().find_map(|it| match it {
            Protocol::Phd(association) => Some(association),
            Protocol::Other { .. } => None,
        });
        let Some(theirs) = spoken.filter(|it| it.encoding_rules & MEDICAL_DEVICE_RULES != 0) else {
            let protocol = Protocol::Other { id: 0, info: vec![] };
            return Apdu::AssociationResponse { result: NO_COMMON_PROTOCOL, protocol };
        };
        let is_known = config::standard(theirs.config_id).is_some();
        let result = if is_known { ACCEPTED } else { ACCEPTED_UNKNOWN_CONFIG };
        let protocol = Protocol::Phd(Association {
            version: FIRST_VERSION,
            encoding_rules: MEDICAL_DEVICE_RULES,
            nomenclature: FIRST_VERSION,
            functional_units: 0,
            system_type: MANAGER,
            system_id: self.system_id.to_vec(),
            config_id: 0,
            request_modes: [0; 4],
            options: vec![],
        });
        Apdu::AssociationResponse { result, protocol }
    }
}

impl PhdHeard {
    fn complain(&mut self, fault: Fault) {
        self.readings.1.push(Complaint::from(fault));
    }
}

/// The length of the first message once all of it is there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let [0xe0..=0xef, _, high, low] = bytes.get(..4)? else { return None };
    let n_bytes = 4 + usize::from(u16::from_be_bytes([*high, *low]));
    (bytes.len() >= n_bytes).then_some(n_bytes)
}

/// A configuration is taken as it is: what we do not know of it is complained about as it reports.
fn confirmation(handle: u16, event_type: u16, info: &[u8]) -> Service {
    let mut reply = vec![];
    if let (CONFIG, Some(config_id)) = (event_type, info.get(..2)) {
        reply.extend(config_id);
        reply.extend(CONFIG_ACCEPTED.to_be_bytes());
    }
    Service::Event { role: EVENT_RESPONSE, handle, time: 0, event_type, info: reply }
}
