//! Extracts that no map editor writes, minimised from what the fuzzer found.

use ems_roads::{ImportError, ImportRequest, ImportedCity, Overlay, Profile, import};

fn import_bytes(extract: &[u8]) -> Result<ImportedCity, ImportError> {
    let (profile, overlay) = (Profile::blue_light(), Overlay::default());
    import(extract, &ImportRequest { name: "City".into(), profile, overlay }, &mut |_| {})
}

#[test]
fn a_member_of_unknown_kind_is_damage() {
    let extract = b"\x00\x00\x00\x0b\x0a\x07OSMData\x18.\x0a,\x0a\x15\x0a\x00\x0a\x04type\x0a\x0brestriction\x12\x13\x22\x11\x08\x01\x12\x01\x01\x1a\x01\x02B\x01\x00J\x01\x00R\x01\x07";
    assert_eq!(
        import_bytes(extract).unwrap_err().to_string(),
        "the extract is damaged after 0 elements: download it again"
    );
}

#[test]
fn roads_across_continents_are_no_city() {
    let extract = b"\x00\x00\x00\x0b\x0a\x07OSMData\x18?\x0a=\x0a\x11\x0a\x00\x0a\x07highway\x0a\x04road\x12\x18\x0a\x06\x08\x02@\x00H\x00\x0a\x0e\x08\x04@\x80\x98\x9a\xbc\x04H\x80\xb0\xb4\xf8\x08\x12\x0e\x1a\x0c\x08\x01\x12\x01\x01\x1a\x01\x02B\x02\x02\x02";
    assert_eq!(
        import_bytes(extract).unwrap_err().to_string(),
        "the roads spread over 18779768 tiles of the map, one city has 250000 at most: cut the extract to one region"
    );
}
