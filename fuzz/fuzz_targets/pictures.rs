#![no_main]
//! A camera's picture or video is decoded, or refused; a photo is judged, and bared of what the
//! camera wrote beside it twice as once.
use ems_host::{bare_picture, decode_picture};
use ems_model::Timestamp;
use ems_vision::{Frame, Mosaic, Region, Y4mHeader, bare_jpeg, bare_png, judge_photo};
use libfuzzer_sys::fuzz_target;

/// Larger ones are decoded and no more, or each run would take a second.
const PIXELS_MAX: usize = 1 << 16;

fuzz_target!(|bytes: &[u8]| {
    for bare in [bare_jpeg, bare_png] {
        if let Ok(once) = bare(bytes) {
            assert_eq!(bare(&once).as_ref(), Ok(&once));
        }
    }
    if let Ok(picture) = decode_picture(bytes) {
        let _ = bare_picture(bytes, picture.format);
        let [width, height] = picture.size;
        assert_eq!(picture.rgb.len(), 3 * width * height);
        look(width, height, &picture.rgb);
    }
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (line, planes) = bytes.split_at(end);
    if let Ok(header) = Y4mHeader::parse(line) {
        assert_eq!(Y4mHeader::parse(header.to_string().as_bytes()).as_ref(), Ok(&header));
        if header.width * header.height <= PIXELS_MAX {
            look(header.width, header.height, &header.to_rgb(planes));
        }
    }
});

fn look(width: usize, height: usize, rgb: &[u8]) {
    if width * height <= PIXELS_MAX {
        let frame = Frame::new(Timestamp::default(), width, height, rgb).expect("it was decoded");
        assert!(judge_photo(&frame).luma <= 255.0);
        let _ = Mosaic::of(&frame, Region::MIDDLE);
    }
}
