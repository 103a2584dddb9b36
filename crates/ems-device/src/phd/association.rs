//! What device and manager tell each other when they meet (IEEE 11073-20601, annex A.8).

use super::apdu::{count, counted, with_length};
use super::attribute::{Attribute, attributes};
use crate::bytes::Bytes;
use crate::fault::Fault;

/// A protocol that may be spoken within an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protocol {
    /// IEEE 11073-20601.
    Phd(Association),
    /// Another one, by its number, with its information.
    Other {
        /// Its number.
        id: u16,
        /// Its information.
        info: Vec<u8>,
    },
}

/// What IEEE 11073-20601 lets both sides agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Association {
    /// Versions of the protocol, a bit each.
    pub version: u32,
    /// Encoding rules, a bit each; the highest is the medical device rules.
    pub encoding_rules: u16,
    /// Versions of the nomenclature, a bit each.
    pub nomenclature: u32,
    /// Functional units, a bit each.
    pub functional_units: u32,
    /// `0x8000_0000` for a manager, `0x0080_0000` for a device.
    pub system_type: u32,
    /// The system's EUI-64.
    pub system_id: Vec<u8>,
    /// The device's configuration.
    pub config_id: u16,
    /// Modes of requesting data: flags, how many from the device, how many from the manager.
    pub request_modes: [u8; 4],
    /// Whatever else is told.
    pub options: Vec<Attribute>,
}

const PHD: u16 = 0x5079;

impl Protocol {
    pub(super) fn decode(bytes: &mut Bytes<'_>) -> Result<Self, Fault> {
        let id = bytes.u16_be()?;
        let mut info = counted(bytes)?;
        // A refusal may leave the information out.
        if id == PHD && !info.is_empty() {
            return Ok(Self::Phd(Association::decode(&mut info)?));
        }
        Ok(Self::Other { id, info: info.take(info.len())?.to_vec() })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let (id, info) = match self {
            Self::Phd(association) => (PHD, association.encode()),
            Self::Other { id, info } => (*id, info.clone()),
        };
        [&id.to_be_bytes()[..], &with_length(&info)].concat()
    }
}

impl Association {
    pub(super) fn decode_fields(info: &mut Bytes<'_>) -> Result<Self, Fault> {
        let version = info.u32_be()?;
        let encoding_rules = info.u16_be()?;
        let nomenclature = info.u32_be()?;
        let functional_units = info.u32_be()?;
        let system_type = info.u32_be()?;
        let mut system_id = counted(info)?;
        Ok(Self {
            version,
            encoding_rules,
            nomenclature,
            functional_units,
            system_type,
            system_id: system_id.take(system_id.len())?.to_vec(),
            config_id: info.u16_be()?,
            request_modes: info.array()?,
            options: attributes(info)?,
        })
    }

    fn encode(&self) -> Vec<u8> {
        let mut info = self.version.to_be_bytes().to_vec();
        info.extend(self.encoding_rules.to_be_bytes());
        info.extend(self.nomenclature.to_be_bytes());
        info.extend(self.functional_units.to_be_bytes());
        info.extend(self.system_type.to_be_bytes());
        info.extend(with_length(&self.system_id));
        info.extend(self.config_id.to_be_bytes());
        info.extend(self.request_modes);
        let options: Vec<u8> = self.options.iter().flat_map(Attribute::encode).collect();
        info.extend(count(self.options.len()));
        info.extend(with_length(&options));
        info
    }
}
