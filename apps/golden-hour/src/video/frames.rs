//! Reads videos picture by picture.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ems_host::decode_picture;
use ems_model::Timestamp;
use ems_vision::{Frame, Mosaic, Region, Y4mHeader};

/// A header line is never longer.
const LINE_BYTES_MAX: u64 = 1024;
/// The longest video read.
const PICTURES_MAX: usize = 200_000;
/// The largest file of JPEG pictures.
const MJPEG_BYTES_MAX: u64 = 1 << 30;

/// What to read, and what of it.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Source {
    /// The video: a .y4m file, a folder of pictures, or a .mjpeg file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Pictures a second, where the file does not say.
    #[arg(long, value_name = "HZ", value_parser = parse_rate)]
    fps: Option<f64>,
    /// The part to look at, as shares of the picture's sides: left,top,width,height.
    #[arg(long, value_name = "L,T,W,H", default_value = "0.2,0.1,0.6,0.8")]
    #[arg(value_parser = parse_region)]
    region: Region,
}

impl Source {
    /// Hands each picture's mosaic on.
    pub(super) fn each(&self, take: &mut dyn FnMut(Mosaic)) -> anyhow::Result<()> {
        let shown = self.file.display();
        if self.file.is_dir() {
            return self.pictures(&pictures_in(&self.file)?, take);
        }
        match self.file.extension().and_then(|it| it.to_str()) {
            Some("mjpeg" | "mjpg") => self.mjpeg(take),
            Some("y4m") => self.y4m(take).with_context(|| shown.to_string()),
            _ => bail!(
                "{shown} is no .y4m, no .mjpeg and no folder: convert it with ffmpeg -i {shown} -pix_fmt yuv420p face.y4m"
            ),
        }
    }

    fn y4m(&self, take: &mut dyn FnMut(Mosaic)) -> anyhow::Result<()> {
        let file = File::open(&self.file).context("cannot be read: give its path")?;
        let mut bytes = BufReader::new(file);
        let header = Y4mHeader::parse(&line(&mut bytes)?)?;
        let mut planes = vec![0; header.frame_bytes()];
        for idx in 0..PICTURES_MAX {
            if line(&mut bytes)?.is_empty() {
                return Ok(());
            }
            bytes.read_exact(&mut planes).context("the last picture is cut off")?;
            let rgb = header.to_rgb(&planes);
            let at = time_of(idx, self.fps.unwrap_or(header.hz()));
            let frame = Frame::new(at, header.width, header.height, &rgb)?;
            take(Mosaic::of(&frame, self.region));
        }
        bail!("more than {PICTURES_MAX} pictures: cut the video")
    }

    fn pictures(&self, paths: &[PathBuf], take: &mut dyn FnMut(Mosaic)) -> anyhow::Result<()> {
        for (idx, path) in paths.iter().enumerate() {
            let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
            self.take(idx, &bytes, take).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    fn mjpeg(&self, take: &mut dyn FnMut(Mosaic)) -> anyhow::Result<()> {
        let shown = self.file.display();
        let file = File::open(&self.file).with_context(|| format!("{shown} cannot be read"))?;
        let mut bytes = vec![];
        file.take(MJPEG_BYTES_MAX).read_to_end(&mut bytes)?;
        for (idx, picture) in jpegs(&bytes).enumerate() {
            self.take(idx, picture, take).with_context(|| format!("picture {idx} of {shown}"))?;
        }
        Ok(())
    }

    fn take(&self, idx: usize, bytes: &[u8], take: &mut dyn FnMut(Mosaic)) -> anyhow::Result<()> {
        let fps =
            self.fps.context("pictures do not say how fast they were taken: give --fps HZ")?;
        let picture = decode_picture(bytes)?;
        let [width, height] = picture.size;
        let frame = Frame::new(time_of(idx, fps), width, height, &picture.rgb)?;
        take(Mosaic::of(&frame, self.region));
        Ok(())
    }
}

/// A line without its end; empty at the end of the file.
fn line(bytes: &mut impl BufRead) -> anyhow::Result<Vec<u8>> {
    let mut line = vec![];
    bytes.take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(line)
}

/// JPEG pictures that follow each other. Within one, FF D8 FF does not occur but in thumbnails,
/// which cameras' streams do not have.
fn jpegs(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    const START: [u8; 3] = [0xff, 0xd8, 0xff];
    let starts = bytes.windows(3).enumerate().filter(|(_, it)| *it == START).map(|(at, _)| at);
    let starts: Vec<usize> = starts.chain([bytes.len()]).collect();
    let ranges: Vec<_> = starts.windows(2).map(|pair| pair[0]..pair[1]).collect();
    ranges.into_iter().map(|range| &bytes[range])
}

fn pictures_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let shown = folder.display();
    let entries = std::fs::read_dir(folder).with_context(|| shown.to_string())?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    let is_picture = |path: &PathBuf| {
        let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
        ["jpg", "jpeg", "png"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    };
    paths.retain(is_picture);
    paths.sort();
    if paths.is_empty() {
        bail!("{shown} has no .jpg and no .png: give a folder of pictures in order of their names");
    }
    Ok(paths)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "pictures of a video of hours"
)]
fn time_of(idx: usize, fps: f64) -> Timestamp {
    Timestamp::from_micros((idx as f64 * 1e6 / fps).round() as i64)
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (1.0..=1000.0).contains(rate));
    rate.ok_or_else(|| "give pictures a second, 1 to 1000".into())
}

fn parse_region(text: &str) -> Result<Region, String> {
    let shares: Option<Vec<f32>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    let shares = shares.and_then(|it| <[f32; 4]>::try_from(it).ok());
    let shares = shares.ok_or("give four numbers, such as 0.2,0.1,0.6,0.8")?;
    Region::new(shares).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_told_apart_by_their_start() {
        let bytes = [0xff, 0xd8, 0xff, 1, 2, 0xff, 0xd8, 0xff, 3];
        assert_eq!(jpegs(&bytes).map(<[u8]>::len).collect::<Vec<_>>(), [5, 4]);
        assert_eq!(jpegs(&[1, 2, 3, 4]).count(), 0);
    }
}
