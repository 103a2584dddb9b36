//! `golden-hour video`: pulse and capillary refill in videos, photos judged, and videos made to test that.

mod check;
mod frames;
mod make;
mod pulse;
mod refill;
mod score;

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  golden-hour video make --pulse 84 --out face.y4m          a face whose pulse is known
  golden-hour video pulse face.y4m                          its pulse, every 5 s
  golden-hour video pulse face.y4m --region 0.3,0.2,0.4,0.5
  golden-hour video pulse pictures/ --fps 30                JPEG or PNG pictures in order of their names
  golden-hour video pulse clip.mjpeg --fps 30
  golden-hour video make --refill 1.8 --out nail.y4m        a nail that is pressed and let go
  golden-hour video refill nail.y4m --region 0.3,0.5,0.4,0.4
  golden-hour video check wound.jpg --bare-to wound-bare.jpg
  golden-hour video score                                   errors by condition, on made videos

FILE is YUV4MPEG2 (ffmpeg -i clip.mp4 -pix_fmt yuv420p face.y4m), a folder of pictures, or JPEG
pictures one after the other (.mjpeg). What a camera sees is not a monitor's: docs/video.md tells how
far to trust it. This is decision support, not a certified medical device.";

/// Tell pulse and capillary refill from videos, and judge photos.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct VideoArgs {
    #[command(subcommand)]
    command: VideoCommand,
}

#[derive(Debug, Subcommand)]
enum VideoCommand {
    /// Tell the pulse of the face in a video.
    Pulse(pulse::PulseArgs),
    /// Tell the capillary refill time of a nail in a video.
    Refill(refill::RefillArgs),
    /// Tell whether a photo of a wound is good enough to keep.
    Check(check::CheckArgs),
    /// Make a video whose pulse is known.
    Make(make::MakeArgs),
    /// Make many videos and tell the errors of three methods by condition.
    Score(score::ScoreArgs),
}

impl VideoArgs {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            VideoCommand::Pulse(args) => args.run(),
            VideoCommand::Refill(args) => args.run(),
            VideoCommand::Check(args) => args.run(),
            VideoCommand::Make(args) => args.run(),
            VideoCommand::Score(args) => {
                args.run();
                Ok(())
            }
        }
    }
}
