//! Pictures out of JPEG and PNG bytes.

use std::io::Cursor;

use ems_vision::{BadPicture, MAX_SIDE_PX, bare_jpeg, bare_png};
use png::{ColorType, Transformations};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// The most pixels of a picture: 12 megapixels are common, 48 a phone's most.
const MAX_PIXELS: usize = 50_000_000;
/// A progressive JPEG of more scans is made to cost time.
const MAX_SCANS: usize = 64;

/// A decoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedPicture {
    /// Pixels in a row, and rows.
    pub size: [usize; 2],
    /// Red, green and blue, row by row.
    pub rgb: Vec<u8>,
    /// What it was.
    pub format: PictureFormat,
}

/// What pictures are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// Baseline or progressive JPEG.
    Jpeg,
    /// PNG of any colour type.
    Png,
}

/// Bytes that are no picture, or too large a one.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Neither format.
    #[error("the picture is neither JPEG nor PNG: send it as one of them")]
    OtherFormat,
    /// Too large to decode.
    #[error(
        "the picture has {width} x {height} pixels, above 8192 a side or 50 million: take a smaller one"
    )]
    TooLarge {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// It is cut off or damaged.
    #[error("the picture cannot be decoded ({0}): take it again")]
    Damaged(String),
}

/// Decodes a JPEG or PNG picture; size is checked before anything is decoded.
pub fn decode_picture(bytes: &[u8]) -> Result<DecodedPicture, PictureError> {
    match bytes {
        [0xff, 0xd8, ..] => jpeg(bytes),
        [0x89, b'P', b'N', b'G', ..] => png(bytes),
        _ => Err(PictureError::OtherFormat),
    }
}

/// The same file without what the camera wrote beside the picture.
pub fn bare_picture(bytes: &[u8], format: PictureFormat) -> Result<Vec<u8>, BadPicture> {
    match format {
        PictureFormat::Jpeg => bare_jpeg(bytes),
        PictureFormat::Png => bare_png(bytes),
    }
}

fn jpeg(bytes: &[u8]) -> Result<DecodedPicture, PictureError> {
    let options = DecoderOptions::default()
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let size = checked(width, height)?;
    let rgb = decoder.decode().map_err(damaged)?;
    Ok(DecodedPicture { size, rgb, format: PictureFormat::Jpeg })
}

fn png(bytes: &[u8]) -> Result<DecodedPicture, PictureError> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let size = checked(reader.info().width as usize, reader.info().height as usize)?;
    let n_bytes = reader.output_buffer_size().ok_or_else(|| damaged("too large"))?;
    let mut samples = vec![0; n_bytes];
    let info = reader.next_frame(&mut samples).map_err(damaged)?;
    samples.truncate(info.buffer_size());
    let rgb = to_rgb(&samples, info.color_type);
    Ok(DecodedPicture { size, rgb, format: PictureFormat::Png })
}

/// What is transparent is shown as the colour below it.
fn to_rgb(samples: &[u8], colour: ColorType) -> Vec<u8> {
    match colour {
        ColorType::Grayscale => samples.iter().flat_map(|grey| [*grey; 3]).collect(),
        ColorType::GrayscaleAlpha => {
            samples.iter().step_by(2).flat_map(|grey| [*grey; 3]).collect()
        }
        ColorType::Rgba => {
            samples.as_chunks::<4>().0.iter().flat_map(|it| [it[0], it[1], it[2]]).collect()
        }
        // The palette is expanded.
        ColorType::Rgb | ColorType::Indexed => samples.to_vec(),
    }
}

fn checked(width: usize, height: usize) -> Result<[usize; 2], PictureError> {
    let is_side = |side| (1..=MAX_SIDE_PX).contains(&side);
    if is_side(width) && is_side(height) && width * height <= MAX_PIXELS {
        Ok([width, height])
    } else {
        Err(PictureError::TooLarge { width, height })
    }
}

fn damaged(error: impl std::fmt::Display) -> PictureError {
    PictureError::Damaged(format!("{error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(width: u32, height: u32, colour: ColorType, samples: &[u8]) -> Vec<u8> {
        let mut bytes = vec![];
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(colour);
        encoder.write_header().unwrap().write_image_data(samples).unwrap();
        bytes
    }

    #[test]
    fn a_png_of_any_colour_becomes_rgb() {
        for (colour, samples, rgb) in [
            (ColorType::Grayscale, &[7, 9][..], [7, 7, 7, 9, 9, 9]),
            (ColorType::GrayscaleAlpha, &[7, 0, 9, 255], [7, 7, 7, 9, 9, 9]),
            (ColorType::Rgb, &[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]),
            (ColorType::Rgba, &[1, 2, 3, 0, 4, 5, 6, 255], [1, 2, 3, 4, 5, 6]),
        ] {
            let decoded = decode_picture(&png_of(2, 1, colour, samples)).unwrap();
            assert_eq!((decoded.size, decoded.rgb.as_slice()), ([2, 1], &rgb[..]), "{colour:?}");
        }
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        for bytes in [&b""[..], b"GIF89a", &[0xff, 0xd8, 0xff, 0xe0], b"\x89PNG\r\n"] {
            assert!(decode_picture(bytes).is_err(), "{bytes:?}");
        }
        let wide = png_of(8193, 1, ColorType::Grayscale, &[0; 8193]);
        assert!(matches!(decode_picture(&wide), Err(PictureError::TooLarge { width: 8193, .. })));
    }
}
