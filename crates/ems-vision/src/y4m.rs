//! YUV4MPEG2: a header line, then pictures of planes (mjpegtools, yuv4mpeg(5); from memory,
//! unverified). ITU-R BT.601 colours, in video range unless the header says otherwise.

use std::fmt;

use crate::frame::MAX_SIDE_PX;

/// How many chroma samples there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chroma {
    /// One for four pixels.
    C420,
    /// One for two pixels side by side.
    C422,
    /// One for each pixel.
    C444,
}

/// What the first line says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Y4mHeader {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Pictures a second, as a fraction.
    pub rate: [u32; 2],
    /// Its chroma.
    pub chroma: Chroma,
    /// Whether values take all of 0 to 255, not 16 to 235.
    pub is_full_range: bool,
}

/// What is wrong with a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Y4mError {
    /// It is something else.
    #[error("the file does not begin with YUV4MPEG2: give a .y4m file, such as ffmpeg writes")]
    NotY4m,
    /// A field is missing or out of range.
    #[error(
        "the header says {field} \"{value}\", not {wanted}: convert it with ffmpeg -pix_fmt yuv420p"
    )]
    Field {
        /// What the field tells.
        field: &'static str,
        /// What it says.
        value: String,
        /// What it may say.
        wanted: &'static str,
    },
}

impl Y4mHeader {
    /// Reads the first line, without its end.
    pub fn parse(line: &[u8]) -> Result<Self, Y4mError> {
        let text = String::from_utf8_lossy(line);
        let mut words = text.split(' ');
        if words.next() != Some("YUV4MPEG2") {
            return Err(Y4mError::NotY4m);
        }
        let words: Vec<&str> = words.collect();
        let value = |tag: &str| words.iter().find_map(|word| word.strip_prefix(tag)).unwrap_or("");
        Ok(Self {
            width: side("width", value("W"))?,
            height: side("height", value("H"))?,
            rate: rate(value("F"))?,
            chroma: chroma(value("C"))?,
            is_full_range: words.contains(&"XCOLORRANGE=FULL"),
        })
    }

    /// Pictures a second.
    pub fn hz(&self) -> f64 {
        f64::from(self.rate[0]) / f64::from(self.rate[1])
    }

    /// Bytes of a picture.
    pub fn frame_bytes(&self) -> usize {
        let [across, down] = self.chroma_size();
        self.width * self.height + 2 * across * down
    }

    fn chroma_size(&self) -> [usize; 2] {
        match self.chroma {
            Chroma::C420 => [self.width.div_ceil(2), self.height.div_ceil(2)],
            Chroma::C422 => [self.width.div_ceil(2), self.height],
            Chroma::C444 => [self.width, self.height],
        }
    }

    /// The picture in red, green and blue, three bytes a pixel. `planes` has
    /// [`Self::frame_bytes`]; what is missing is black.
    pub fn to_rgb(&self, planes: &[u8]) -> Vec<u8> {
        let [across, down] = self.chroma_size();
        let [shift_x, shift_y] = [self.width.div_ceil(across), self.height.div_ceil(down)];
        let (luma, chroma) = planes.split_at(planes.len().min(self.width * self.height));
        let (cb, cr) = chroma.split_at(chroma.len().min(across * down));
        let at = |plane: &[u8], idx: usize| f32::from(plane.get(idx).copied().unwrap_or(0));
        let pixel = |x: usize, y: usize| {
            let idx = y / shift_y * across + x / shift_x;
            self.rgb([at(luma, y * self.width + x), at(cb, idx), at(cr, idx)])
        };
        (0..self.height).flat_map(|y| (0..self.width).flat_map(move |x| pixel(x, y))).collect()
    }

    /// ITU-R BT.601-7, 2.5.1 to 2.5.3.
    fn rgb(&self, [luma, cb, cr]: [f32; 3]) -> [u8; 3] {
        let (floor, luma_span, chroma_span) = self.spans();
        let y = (luma - floor) * 255.0 / luma_span;
        let (b, r) = ((cb - 128.0) * 255.0 / chroma_span, (cr - 128.0) * 255.0 / chroma_span);
        [y + 1.402 * r, y - 0.344_136 * b - 0.714_136 * r, y + 1.772 * b].map(to_byte)
    }

    const fn spans(&self) -> (f32, f32, f32) {
        if self.is_full_range { (0.0, 255.0, 255.0) } else { (16.0, 219.0, 224.0) }
    }

    /// A picture's planes, in C420; of four pixels' chroma the mean.
    pub fn from_rgb(&self, rgb: &[u8]) -> Vec<u8> {
        let (floor, luma_span, chroma_span) = self.spans();
        let yuv: Vec<[f32; 3]> = rgb
            .as_chunks::<3>()
            .0
            .iter()
            .map(|pixel| {
                let [r, g, b] = pixel.map(f32::from);
                let y = 0.299 * r + 0.587 * g + 0.114 * b;
                [y, (b - y) / 1.772, (r - y) / 1.402]
            })
            .collect();
        let mut planes: Vec<u8> =
            yuv.iter().map(|it| to_byte(it[0] * luma_span / 255.0 + floor)).collect();
        for plane in [1, 2] {
            for y in (0..self.height).step_by(2) {
                for x in (0..self.width).step_by(2) {
                    let mean = self.mean_of_four(&yuv, [x, y], plane);
                    planes.push(to_byte(mean * chroma_span / 255.0 + 128.0));
                }
            }
        }
        planes
    }

    fn mean_of_four(&self, yuv: &[[f32; 3]], [x, y]: [usize; 2], plane: usize) -> f32 {
        let right = (x + 1).min(self.width - 1);
        let below = (y + 1).min(self.height - 1);
        let corners = [(x, y), (right, y), (x, below), (right, below)];
        corners.iter().map(|(x, y)| yuv[y * self.width + x][plane]).sum::<f32>() / 4.0
    }
}

impl fmt::Display for Y4mHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chroma = match self.chroma {
            Chroma::C420 => "420jpeg",
            Chroma::C422 => "422",
            Chroma::C444 => "444",
        };
        let range = if self.is_full_range { "FULL" } else { "LIMITED" };
        let [above, below] = self.rate;
        let (width, height) = (self.width, self.height);
        write!(
            f,
            "YUV4MPEG2 W{width} H{height} F{above}:{below} Ip A1:1 C{chroma} XCOLORRANGE={range}"
        )
    }
}

fn side(field: &'static str, value: &str) -> Result<usize, Y4mError> {
    let side = value.parse().ok().filter(|side| (1..=MAX_SIDE_PX).contains(side));
    side.ok_or_else(|| fault(field, value, "1 to 8192 pixels"))
}

fn rate(value: &str) -> Result<[u32; 2], Y4mError> {
    let parts = value.split_once(':');
    let rate = parts.and_then(|(above, below)| Some([above.parse().ok()?, below.parse().ok()?]));
    let is_rate = |[above, below]: &[u32; 2]| *below > 0 && *above > 0 && above / below <= 1000;
    rate.filter(is_rate).ok_or_else(|| fault("rate", value, "a fraction such as 30:1"))
}

/// Where the header does not say, it is C420.
fn chroma(value: &str) -> Result<Chroma, Y4mError> {
    match value {
        "" | "420" | "420jpeg" | "420mpeg2" | "420paldv" => Ok(Chroma::C420),
        "422" => Ok(Chroma::C422),
        "444" => Ok(Chroma::C444),
        _ => Err(fault("chroma", value, "420, 422 or 444 with 8 bits")),
    }
}

fn fault(field: &'static str, value: &str, wanted: &'static str) -> Y4mError {
    Y4mError::Field { field, value: value.chars().take(40).collect(), wanted }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn to_byte(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_survive_there_and_back() {
        for range in ["LIMITED", "FULL"] {
            let line = format!("YUV4MPEG2 W2 H2 F30:1 Ip C420jpeg XCOLORRANGE={range}");
            let header = Y4mHeader::parse(line.as_bytes()).unwrap();
            let rgb: Vec<u8> = std::iter::repeat_n([200, 150, 120], 4).flatten().collect();
            let back = header.to_rgb(&header.from_rgb(&rgb));
            assert!(rgb.iter().zip(&back).all(|(a, b)| a.abs_diff(*b) <= 2), "{range}: {back:?}");
            assert_eq!(Y4mHeader::parse(header.to_string().as_bytes()), Ok(header));
        }
    }

    #[test]
    fn a_header_that_cannot_be_is_refused() {
        for line in [
            "RIFF",
            "YUV4MPEG2",
            "YUV4MPEG2 W0 H2 F30:1",
            "YUV4MPEG2 W9999 H2 F30:1",
            "YUV4MPEG2 W2 H2 F30:0",
            "YUV4MPEG2 W2 H2 F30:1 C420p10",
            "YUV4MPEG2 W2 H2 F30",
        ] {
            assert!(Y4mHeader::parse(line.as_bytes()).is_err(), "{line}");
        }
        let odd = Y4mHeader::parse(b"YUV4MPEG2 W3 H3 F25:1").unwrap();
        assert_eq!((odd.frame_bytes(), odd.to_rgb(&[]).len()), (17, 27));
        assert_eq!(odd.from_rgb(&[9; 27]).len(), 17);
    }
}
