//! The one binary: each subcommand is a role with its sockets, files and clocks.

mod bundle;
mod certs;
mod city;
mod cores;
mod device;
mod drive_times;
mod ecg;
mod fleet;
mod forecast;
mod gateway;
mod link;
mod packs;
mod plan;
mod played;
mod policy;
mod recordings;
mod replay;
mod roads;
mod say;
mod serve;
mod simulate;
mod traffic;
mod twin;
mod up;
mod video;
mod vitals;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  golden-hour up --city var/malta              a living city to watch at http://127.0.0.1:8080
  golden-hour serve --city var/malta --data var/centre
  golden-hour gateway --unit A103 --centre http://127.0.0.1:8080 --replay 100.hea
  golden-hour city import malta.osm.pbf --out var/malta
  golden-hour simulate --city var/malta --hours 24 --seed 7
  golden-hour route --city var/malta --from 35.901,14.476 --to 35.895,14.512
  golden-hour traffic apply jams.csv
  golden-hour forecast --series calls.csv --origin 2018-04-26 --out ahead.csv
  golden-hour plan mclp --cover cover.csv -p 3
  golden-hour policy switch keep-cover/1 --reason 'marathon in town'
  golden-hour vitals score --from patient.json
  golden-hour device decode --format hl7 from-monitor.hl7
  golden-hour video pulse face.y4m
  golden-hour bundle show A103-17-1040.bundle
  golden-hour link replay --trace drive.csv --profile data/link/ambulance-three-modems.toml

Each command's --help has more. This is decision support, not a certified medical device.";

/// Open software for 5G emergency medical services.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// What to log: error, warn, info, debug, trace, or a filter such as `ems_host=debug`.
    #[arg(long, global = true, value_name = "FILTER", default_value = "warn,golden_hour=info")]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a centre with a living city on it.
    Up(Box<up::UpArgs>),
    /// Run the command centre.
    Serve(serve::ServeArgs),
    /// Run the gateway of one ambulance.
    Gateway(gateway::GatewayArgs),
    /// Run a service in virtual time, as fast as it goes.
    Simulate(Box<simulate::SimulateArgs>),
    /// Make the certificates of a centre and its units.
    Certs(certs::CertsArgs),
    /// Pack frames into bundles that others carry, and bring them to a centre.
    Bundle(bundle::BundleArgs),
    /// Make and show city packs.
    City(city::CityArgs),
    /// Show the fastest way between places.
    Route(roads::RouteArgs),
    /// Write the drive times between many places.
    Matrix(roads::MatrixArgs),
    /// Draw what is reached from a place within some minutes.
    Isochrone(roads::IsochroneArgs),
    /// Measure the road engine, and teach it what a city's roads are like.
    Roads(roads::RoadsArgs),
    /// Plan stations, units and call-takers.
    Plan(plan::PlanArgs),
    /// Tell a running centre how the roads flow.
    Traffic(traffic::TrafficArgs),
    /// Forecast the calls of coming days.
    Forecast(forecast::ForecastArgs),
    /// Show a running centre's policies, and put another one in force.
    Policy(policy::PolicyArgs),
    /// Run a recorded day again under another policy.
    Replay(Box<replay::ReplayArgs>),
    /// Score a patient's vital signs and findings.
    Vitals(vitals::VitalsArgs),
    /// Show what recordings and device messages hold.
    Device(device::DeviceArgs),
    /// Find the beats of a recording, and compare beats with annotations.
    Ecg(ecg::EcgArgs),
    /// Tell pulse and capillary refill from videos, and judge photos.
    Video(video::VideoArgs),
    /// Drive an ambulance's data over measured radio links.
    Link(link::LinkArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    say::start_log(&cli.log);
    let result = match cli.command {
        Command::Up(args) => args.run(),
        Command::Serve(args) => args.run(),
        Command::Gateway(args) => args.run(),
        Command::Simulate(args) => args.run(),
        Command::Certs(args) => args.run(),
        Command::Bundle(args) => args.run(),
        Command::City(args) => args.run(),
        Command::Route(args) => args.run(),
        Command::Matrix(args) => args.run(),
        Command::Isochrone(args) => args.run(),
        Command::Roads(args) => args.run(),
        Command::Plan(args) => args.run(),
        Command::Traffic(args) => args.run(),
        Command::Forecast(args) => args.run(),
        Command::Policy(args) => args.run(),
        Command::Replay(args) => args.run(),
        Command::Vitals(args) => args.run(),
        Command::Device(args) => args.run(),
        Command::Ecg(args) => args.run(),
        Command::Video(args) => args.run(),
        Command::Link(args) => args.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::error(&error);
            ExitCode::FAILURE
        }
    }
}
