#![no_main]
//! A command or an event from outside is read or refused; what was read reads back the same.
use std::fmt::Debug;

use ems_model::{Recorded, Request};
use libfuzzer_sys::fuzz_target;
use serde_json::{from_slice, to_vec};

fuzz_target!(|bytes: &[u8]| {
    read_back::<Request>(bytes);
    read_back::<Recorded>(bytes);
});

fn read_back<T>(bytes: &[u8])
where
    T: serde::de::DeserializeOwned + serde::Serialize + Debug + PartialEq,
{
    if let Ok(value) = from_slice::<T>(bytes) {
        let text = to_vec(&value).expect("what was read can be written");
        assert_eq!(from_slice::<T>(&text).expect("and read"), value);
    }
}
