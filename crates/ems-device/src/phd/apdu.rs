//! The messages of IEEE 11073-20601, annex A.8 to A.10, in medical device encoding rules.

use super::association::{Association, Protocol};
use crate::bytes::Bytes;
use crate::fault::Fault;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Apdu {
    /// A device asks for an association.
    AssociationRequest {
        /// Supported versions of the association protocol, a bit each.
        version: u32,
        /// What it can speak.
        protocols: Vec<Protocol>,
    },
    /// A manager answers.
    AssociationResponse {
        /// 0 is accepted, 3 is accepted with an unknown configuration; others are refusals.
        result: u16,
        /// What was agreed on.
        protocol: Protocol,
    },
    /// One side wants to end the association, for a reason.
    ReleaseRequest(u16),
    /// The other side agrees.
    ReleaseResponse(u16),
    /// One side ends it at once, for a reason.
    Abort(u16),
    /// Data within an association.
    Data {
        /// Pairs an answer with its request.
        invoke_id: u16,
        /// What is sent.
        service: Service,
    },
}

/// What a data message asks or tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// Something happened at an object of the device.
    Event {
        /// How it is sent, or that it is an answer.
        role: u16,
        /// The object: 0 is the device itself.
        handle: u16,
        /// When, in 1/8 ms on the device's relative clock; all ones where it has none.
        time: u32,
        /// What kind.
        event_type: u16,
        /// Its content.
        info: Vec<u8>,
    },
    /// Anything else: its choice and its bytes.
    Other {
        /// The choice of the data message.
        choice: u16,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// Choices of [`Service::Event`].
pub(super) const EVENT: u16 = 0x0100;
pub(super) const CONFIRMED_EVENT: u16 = 0x0101;
pub(super) const EVENT_RESPONSE: u16 = 0x0201;

const REQUEST: u16 = 0xe200;
const RESPONSE: u16 = 0xe300;
const RELEASE_REQUEST: u16 = 0xe400;
const RELEASE_RESPONSE: u16 = 0xe500;
const ABORT: u16 = 0xe600;
const DATA: u16 = 0xe700;
const ASK_FOR_ANOTHER: &str = "check that the bytes start at a message of IEEE 11073-20601";

impl Apdu {
    /// Reads the first message, and tells how many bytes it takes.
    pub fn decode(bytes: &[u8]) -> Result<(Self, usize), Fault> {
        let mut bytes = Bytes::new("APDU", bytes);
        let mut start = bytes;
        let choice = bytes.u16_be()?;
        let mut body = counted(&mut bytes)?;
        let apdu = match choice {
            REQUEST => request(&mut body)?,
            RESPONSE => response(&mut body)?,
            RELEASE_REQUEST => Self::ReleaseRequest(body.u16_be()?),
            RELEASE_RESPONSE => Self::ReleaseResponse(body.u16_be()?),
            ABORT => Self::Abort(body.u16_be()?),
            DATA => data(&mut body)?,
            other => {
                let found = format!("0x{other:04x}");
                return Err(start.fault(found, "0xe200, 0xe300, … or 0xe700", ASK_FOR_ANOTHER));
            }
        };
        all_taken(&body)?;
        start.take(bytes.at())?;
        Ok((apdu, bytes.at()))
    }

    /// Writes the message. Parts over 65,535 bytes cannot be told apart from shorter ones.
    pub fn encode(&self) -> Vec<u8> {
        let (choice, body) = match self {
            Self::AssociationRequest { version, protocols } => {
                let list: Vec<u8> = protocols.iter().flat_map(Protocol::encode).collect();
                let list = [&count(protocols.len())[..], &with_length(&list)].concat();
                (REQUEST, [&version.to_be_bytes()[..], &list].concat())
            }
            Self::AssociationResponse { result, protocol } => {
                (RESPONSE, [&result.to_be_bytes()[..], &protocol.encode()].concat())
            }
            Self::ReleaseRequest(reason) => (RELEASE_REQUEST, reason.to_be_bytes().to_vec()),
            Self::ReleaseResponse(reason) => (RELEASE_RESPONSE, reason.to_be_bytes().to_vec()),
            Self::Abort(reason) => (ABORT, reason.to_be_bytes().to_vec()),
            Self::Data { invoke_id, service } => {
                let data = [&invoke_id.to_be_bytes()[..], &service.encode()].concat();
                (DATA, with_length(&data))
            }
        };
        [&choice.to_be_bytes()[..], &with_length(&body)].concat()
    }
}

fn request(body: &mut Bytes<'_>) -> Result<Apdu, Fault> {
    let version = body.u32_be()?;
    let n_protocols = body.u16_be()?;
    let mut list = counted(body)?;
    let protocols =
        (0..n_protocols).map(|_| Protocol::decode(&mut list)).collect::<Result<_, _>>()?;
    all_taken(&list)?;
    Ok(Apdu::AssociationRequest { version, protocols })
}

fn response(body: &mut Bytes<'_>) -> Result<Apdu, Fault> {
    Ok(Apdu::AssociationResponse { result: body.u16_be()?, protocol: Protocol::decode(body)? })
}

fn data(body: &mut Bytes<'_>) -> Result<Apdu, Fault> {
    let mut data = counted(body)?;
    let invoke_id = data.u16_be()?;
    let choice = data.u16_be()?;
    let mut content = counted(&mut data)?;
    let service = match choice {
        EVENT | CONFIRMED_EVENT | EVENT_RESPONSE => event(choice, &mut content)?,
        _ => Service::Other { choice, bytes: content.take(content.len())?.to_vec() },
    };
    all_taken(&content)?;
    all_taken(&data)?;
    Ok(Apdu::Data { invoke_id, service })
}

fn event(role: u16, content: &mut Bytes<'_>) -> Result<Service, Fault> {
    let (handle, time, event_type) = (content.u16_be()?, content.u32_be()?, content.u16_be()?);
    let mut info = counted(content)?;
    let info = info.take(info.len())?.to_vec();
    Ok(Service::Event { role, handle, time, event_type, info })
}

impl Service {
    fn encode(&self) -> Vec<u8> {
        let (choice, content) = match self {
            Self::Event { role, handle, time, event_type, info } => {
                let mut content = handle.to_be_bytes().to_vec();
                content.extend(time.to_be_bytes());
                content.extend(event_type.to_be_bytes());
                content.extend(with_length(info));
                (role, content)
            }
            Self::Other { choice, bytes } => (choice, bytes.clone()),
        };
        [&choice.to_be_bytes()[..], &with_length(&content)].concat()
    }
}

/// The next part, whose length stands before it.
pub(super) fn counted<'a>(bytes: &mut Bytes<'a>) -> Result<Bytes<'a>, Fault> {
    let n_bytes = bytes.u16_be()?;
    bytes.part(n_bytes.into())
}

pub(super) fn all_taken(bytes: &Bytes<'_>) -> Result<(), Fault> {
    if bytes.is_empty() {
        return Ok(());
    }
    let found = format!("followed by {} more bytes", bytes.len());
    Err(bytes.fault(found, "the end of its part", "correct the lengths of the message"))
}

#[expect(clippy::cast_possible_truncation, reason = "as documented at encode")]
pub(super) fn count(n_items: usize) -> [u8; 2] {
    (n_items as u16).to_be_bytes()
}

pub(super) fn with_length(bytes: &[u8]) -> Vec<u8> {
    [&count(bytes.len())[..], bytes].concat()
}

impl Association {
    /// Reads the association that a protocol's information holds.
    pub(super) fn decode(info: &mut Bytes<'_>) -> Result<Self, Fault> {
        let association = Self::decode_fields(info)?;
        all_taken(info)?;
        Ok(association)
    }
}
