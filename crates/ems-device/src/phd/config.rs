//! What the objects of a device measure: told in a configuration report, or known by the number of
//! a standard configuration.

use super::apdu::counted;
use super::attribute::{
    ABSOLUTE_TIME, Attribute, BASIC, COMPOUND_BASIC, PHYSIO, PHYSIO_LIST, SIMPLE, TYPE, UNIT,
    VALUE_MAP, attributes,
};
use crate::bytes::Bytes;
use crate::fault::Fault;
use crate::reading::metric;

/// One object of a device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Object {
    pub(super) handle: u16,
    /// What it measures, `partition << 16 | term`.
    pub(super) metric: u32,
    /// What the numbers of a compound are, in order; empty where it is none.
    pub(super) parts: Vec<u32>,
    /// Its unit's term.
    pub(super) unit: Option<u16>,
    /// Which attributes follow each other in a fixed report, with their lengths in bytes.
    pub(super) layout: Vec<(u16, u16)>,
}

/// The device's objects in a configuration report.
pub(super) fn report(bytes: &mut Bytes<'_>) -> Result<Vec<Object>, Fault> {
    let _config_id = bytes.u16_be()?;
    let n_objects = bytes.u16_be()?;
    let mut list = counted(bytes)?;
    (0..n_objects).map(|_| object(&mut list)).collect()
}

fn object(bytes: &mut Bytes<'_>) -> Result<Object, Fault> {
    let (_class, handle) = (bytes.u16_be()?, bytes.u16_be()?);
    let mut object = Object { handle, ..Object::default() };
    for attribute in attributes(bytes)? {
        object.take(&attribute)?;
    }
    Ok(object)
}

impl Object {
    fn take(&mut self, attribute: &Attribute) -> Result<(), Fault> {
        let mut value = Bytes::new("configuration attribute", &attribute.value);
        match attribute.id {
            TYPE => self.metric = u32::from(value.u16_be()?) << 16 | u32::from(value.u16_be()?),
            PHYSIO => self.metric = self.in_partition(value.u16_be()?),
            PHYSIO_LIST => {
                let terms = list(&mut value, Bytes::u16_be)?;
                self.parts = terms.into_iter().map(|term| self.in_partition(term)).collect();
            }
            UNIT => self.unit = Some(value.u16_be()?),
            VALUE_MAP => {
                self.layout = list(&mut value, |map| Ok((map.u16_be()?, map.u16_be()?)))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A term of the partition that the object's type is of.
    pub(super) const fn in_partition(&self, term: u16) -> u32 {
        self.metric & 0xffff_0000 | term as u32
    }
}

fn list<'a, T>(
    bytes: &mut Bytes<'a>,
    item: impl Fn(&mut Bytes<'a>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let n_items = bytes.u16_be()?;
    let mut list = counted(bytes)?;
    (0..n_items).map(|_| item(&mut list)).collect()
}

const PERCENT: u16 = 544;
const BEATS_PER_MIN: u16 = 2720;
const MMHG: u16 = 3872;
const CELSIUS: u16 = 6048;
const KILOGRAM: u16 = 1731;
const MG_PER_DL: u16 = 2130;
const WITH_TIME: (u16, u16) = (ABSOLUTE_TIME, 8);

/// The objects of a standard configuration; `None` where the number is none that we know.
pub(super) fn standard(config_id: u16) -> Option<Vec<Object>> {
    let object = |handle, metric, unit, layout: &[(u16, u16)]| {
        let layout = layout.to_vec();
        Object { handle, metric, parts: vec![], unit: Some(unit), layout }
    };
    let basic = [(BASIC, 2), WITH_TIME];
    let simple = [(SIMPLE, 4), WITH_TIME];
    Some(match config_id {
        // 10404: saturation and pulse, without time.
        0x0190 => vec![
            object(1, metric::SPO2, PERCENT, &[(BASIC, 2)]),
            object(10, metric::OXIMETER_PULSE, BEATS_PER_MIN, &[(BASIC, 2)]),
        ],
        // 10407: pressures and pulse.
        0x02bc => vec![
            Object {
                parts: vec![metric::SYSTOLIC, metric::DIASTOLIC, metric::MEAN_PRESSURE],
                ..object(1, metric::NIBP, MMHG, &[(COMPOUND_BASIC, 10), WITH_TIME])
            },
            object(2, metric::NIBP_PULSE, BEATS_PER_MIN, &basic),
        ],
        // 10408, 10415, 10417.
        0x0320 => vec![object(1, metric::BODY_TEMPERATURE, CELSIUS, &simple)],
        0x05dc => vec![object(1, metric::BODY_MASS, KILOGRAM, &simple)],
        0x06a4 => vec![object(1, metric::GLUCOSE_CAPILLARY_BLOOD, MG_PER_DL, &basic)],
        _ => return None,
    })
}
