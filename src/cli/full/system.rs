//! The system around a full program: what its questions for the time, random bytes and files are answered
//! with.

use std::fs::File;
use std::path::PathBuf;

use clap::Args;

use crate::cli::CliError;
use crate::full::program::Header;
use crate::full::program::input::Stream;
use crate::full::wasi::world::{Clock, Folder, Random, SECOND, System};

/// Where this computer's random bytes are read from.
const RANDOM: &str = "/dev/urandom";

/// The options for the system around a full program.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct SystemArgs {
    /// A folder that a WASI program is given, and its path there if it is not the same; may be repeated.
    /// `run` writes what the program changes back to it when the program has ended
    #[arg(long = "dir", value_name = "HOST[::GUEST]")]
    folders: Vec<String>,
    /// The time at which a WASI program's clock starts, in seconds since 1970, or `real` for this computer's
    /// clock; a clock that is not real advances by a millisecond at each question [default: the year 2000]
    #[arg(long, value_name = "TIME", value_parser = parse_clock)]
    clock: Option<Start>,
    /// The seed of a WASI program's random bytes [default: 0]
    #[arg(long, value_name = "N", conflicts_with = "random")]
    seed: Option<u64>,
    /// Random bytes of this computer: `real`
    #[arg(long, value_name = "real", value_parser = ["real"])]
    random: Option<String>,
}

/// A time at which a clock starts.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// Nanoseconds since 1970.
    At(u64),
    Real,
}

fn parse_clock(text: &str) -> Result<Start, String> {
    if text == "real" {
        return Ok(Start::Real);
    }
    let seconds = text.parse::<u64>().ok().and_then(|seconds| seconds.checked_mul(SECOND));
    seconds.map(Start::At).ok_or_else(|| "neither seconds since 1970 nor `real`".to_string())
}

impl SystemArgs {
    /// Whether an option is given.
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.has_folders() || self.clock.is_some() || self.seed.is_some() || self.random.is_some()
    }

    /// Whether the program is given folders.
    pub(in crate::cli) fn has_folders(&self) -> bool {
        !self.folders.is_empty()
    }

    /// The system that the options describe. All runs of a program in it get the same answers, also from this
    /// computer's clock and random bytes. Without a folder on the command line, the header's is given.
    pub(in crate::cli) fn system(&self, header: &Header) -> Result<System, CliError> {
        let clock = match self.clock {
            None => Clock::default(),
            Some(Start::At(time)) => Clock::Set(time),
            Some(Start::Real) => Clock::real(),
        };
        let random = match self.random {
            None => self.seed.map_or(Random::default(), Random::Seed),
            Some(_) => {
                let source = File::open(RANDOM).map_err(|error| CliError::Usage(format!("--random real: {RANDOM}: {error}")))?;
                Random::Real(Stream::new(source))
            }
        };
        let mut folders = self.folders.iter().map(|given| folder(given)).collect::<Result<Vec<_>, _>>()?;
        folders.extend(header.folder().filter(|_| self.folders.is_empty()));
        Ok(System { clock, random, folders })
    }
}

/// The folder of an option, as `HOST` or `HOST::GUEST`.
fn folder(given: &str) -> Result<Folder, CliError> {
    let (host, guest) = given.split_once("::").unwrap_or((given, given));
    Folder::open(PathBuf::from(host), guest.to_string()).map_err(|error| CliError::Usage(format!("--dir {given}: {error}")))
}
