//! `wasmformer bench`.

mod baseline;
mod byte;
mod full;
mod specialized;

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use rayon::{ThreadPool, ThreadPoolBuilder};

use self::baseline::Baseline;
use super::files::write_file;
use super::jobs::Progress;
use super::memory::MaxMemory;
use super::results::Results;
use super::{CliError, Outcome, complain};
use crate::circuit::CircuitError;
use crate::harness::NetworkEngine;
use crate::harness::bench::RaceError;
use crate::harness::bench::figures::{Measurement, Quantity};
use crate::harness::bench::growth::{Cost, Tokens, costs};
use crate::harness::bench::plot;
use crate::harness::machine::Machine;
use crate::load::LanguageName;
use crate::shown;
use crate::transformer::{IndexedModel, Model, Number, folder};

/// Lengths of the trace at which a token's cost is measured.
const LENGTHS: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

#[derive(Args)]
pub(super) struct Bench {
    /// The machine
    #[arg(long, alias = "model", value_enum, default_value_t = LanguageName::Byte)]
    machine: LanguageName,
    /// Byte machine: programs to run besides the suite and the nested loops. Full machine: programs, or
    /// folders of programs, to run instead of corpus/programs and the measurement of float instructions
    programs: Vec<PathBuf>,
    /// The longest trace at which the time per token is measured; with 0 it is not measured
    #[arg(long, value_name = "TOKENS", default_value_t = 10_000_000)]
    longest: u64,
    /// The number of instructions after which a program is stopped. Full machine: a program's long size is
    /// run if it ends within this limit
    #[arg(long, value_name = "STEPS", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
    /// Measure compiled passes instead of indexed ones
    #[arg(long, conflicts_with = "specialized")]
    compiled: bool,
    #[command(flatten)]
    memory: MaxMemory,
    /// Measure weights with programs in them beside the universal ones instead, and compare the traces token
    /// for token. Byte machine: 20 programs of the suite. Full machine: programs in their short size
    #[arg(long, conflicts_with_all = ["longest", "limit", "plot", "save", "baseline"])]
    specialized: bool,
    /// Draw a plot of the time per token over the length of the trace
    #[arg(long, value_name = "SVG")]
    plot: Option<PathBuf>,
    /// Write the figures to this file, as JSON, for a later run to compare with
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Compare with the figures that `--save` wrote, in a table with ratios
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

impl Bench {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        if self.specialized {
            return specialized::bench(self, out);
        }
        if self.plot.is_some() && self.lengths().next().is_none() {
            return Err(CliError::Usage(format!("--plot has nothing to draw if --longest is less than {}", LENGTHS[0])));
        }
        let baseline = self.baseline.as_deref().map(|path| Baseline::read(path, self.machine)).transpose()?;
        let mut measurement = Measurement::new(self.machine.to_string(), self.passes());
        let outcome = match self.machine {
            LanguageName::Byte => byte::bench(self, &mut measurement, out)?,
            LanguageName::Full => full::bench(self, &mut measurement, out)?,
        };
        if let Some(baseline) = &baseline {
            baseline.compare(&measurement, out)?;
        }
        match &self.save {
            // A measurement without its end would pass for a whole one.
            Some(path) if out.stop().is_requested() => {
                complain(&format!("{}: not written: the measurement was stopped", shown::path(path)))
            }
            Some(path) => baseline::save(path, &measurement)?,
            None => {}
        }
        Ok(outcome)
    }

    /// A progress bar. Its parts: each length at which costs are measured, `dense_lengths` lengths once more
    /// for the dense pass, and `parts` others.
    fn progress(&self, dense_lengths: usize, parts: usize, out: &Results<'_>) -> Progress {
        let lengths = self.lengths().count();
        Progress::new(lengths + dense_lengths.min(lengths) + parts, "parts", out)
    }

    /// The network with the passes to measure.
    fn network<L: Machine>(&self) -> NetworkEngine<L> {
        if self.compiled { NetworkEngine::compiled() } else { NetworkEngine::indexed() }
    }

    fn passes(&self) -> &'static str {
        if self.compiled { "compiled" } else { "indexed" }
    }

    fn lengths(&self) -> impl Iterator<Item = u64> {
        LENGTHS.into_iter().filter(|length| *length <= self.longest)
    }

    /// Prints the cost of a token at growing lengths of the trace: by indexed passes at all lengths, by dense
    /// passes at the first `dense_lengths`. The dense network is created only after the memory of the indexed
    /// one has been measured. Returns the largest memory of the indexed passes.
    fn growth<'d>(
        &self,
        out: &mut dyn Write,
        indexed: &mut Tokens<'_>,
        dense: impl FnOnce() -> Box<Tokens<'d>>,
        dense_lengths: usize,
        progress: &Progress,
        measurement: &mut Measurement,
    ) -> Result<Option<u64>, CliError> {
        let lengths: Vec<u64> = self.lengths().collect();
        if lengths.is_empty() {
            return Ok(None);
        }
        let of_indexed = costs(indexed, &lengths, &|| progress.tick())?;
        let of_dense = match progress.is_stopped() {
            true => Vec::new(),
            false => costs(&mut *dense(), &lengths[..dense_lengths.min(lengths.len())], &|| progress.tick())?,
        };
        let fast = self.passes();
        writeln!(out, "| length of the trace | {fast}, ns per token | resident memory | dense, ns per token | dense / {fast} |")?;
        writeln!(out, "| ---: | ---: | ---: | ---: | ---: |")?;
        for (index, Cost { length, nanoseconds, memory }) in of_indexed.iter().enumerate() {
            let dense = of_dense.get(index).map(|cost| cost.nanoseconds);
            let cells = dense
                .map_or("not run: it slows down with length | ".to_string(), |dense| format!("{dense:.0} | {:.0}", dense / nanoseconds));
            writeln!(out, "| {} | {nanoseconds:.0} | {} | {cells} |", thousands(*length), megabytes(*memory))?;
        }
        writeln!(out)?;
        add_costs(measurement, &of_indexed);
        let memory = of_indexed.iter().filter_map(|cost| cost.memory).max();
        if let Some(path) = &self.plot {
            write_file(path, &plot::costs(&[(fast, of_indexed), ("dense", of_dense)]))?;
        }
        Ok(memory)
    }
}

/// Adds what growing lengths of the trace cost.
fn add_costs(measurement: &mut Measurement, costs: &[Cost]) {
    for Cost { length, nanoseconds, memory } in costs {
        let after = format!("after {} tokens", thousands(*length));
        measurement.add(Quantity::NanosecondsPerToken, "", &after, *nanoseconds);
        measurement.add(Quantity::ResidentMemoryBytes, "", &after, memory.unwrap_or_default() as f64);
    }
    if let [shortest, .., longest] = costs {
        let of = format!("after {} tokens / after {}", thousands(longest.length), thousands(shortest.length));
        measurement.add(Quantity::LongestToShortest, "", &of, longest.nanoseconds / shortest.nanoseconds);
    }
}

/// The name under which a program is compared: with its steps, because a program of another size or another
/// text is another one.
fn with_steps(name: &str, steps: u64) -> String {
    format!("{name}, {} steps", thousands(steps))
}

/// Prints the time to load an exported folder into a model that can run: the best of `rounds`.
fn loading<T: Number>(
    out: &mut dyn Write,
    compile: impl FnOnce() -> Result<Model<T>, CircuitError>,
    rounds: usize,
    measurement: &mut Measurement,
) -> Result<(), CliError> {
    let model = compile().map_err(|error| CliError::Usage(error.to_string()))?;
    let folder = tempfile::tempdir()?;
    folder::save(&model, folder.path())?;
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let started = Instant::now();
        let loaded = folder::load::<T>(folder.path())?;
        std::hint::black_box(IndexedModel::new(&loaded));
        best = best.min(started.elapsed().as_secs_f64());
    }
    measurement.add(Quantity::LoadingMilliseconds, "", "", best * 1e3);
    writeln!(out, "From weights in a folder to ready: {:.1} ms.\n", best * 1e3)?;
    Ok(())
}

/// A pool of one thread: engines are compared on one thread each.
fn one_thread() -> Result<ThreadPool, CliError> {
    ThreadPoolBuilder::new().num_threads(1).build().map_err(|error| CliError::Usage(format!("no thread pool: {error}")))
}

/// Returns the result of a race; if engines differed, prints the difference on `out` and returns `None`.
fn judged<S>(out: &mut dyn Write, name: &str, raced: Result<S, RaceError>) -> Result<Option<S>, CliError> {
    match raced {
        Ok(speeds) => Ok(Some(speeds)),
        Err(RaceError::Engine(error)) => Err(error.into()),
        Err(difference) => {
            writeln!(out, "\ndiverges: {name}: {difference}")?;
            Ok(None)
        }
    }
}

fn megabytes(bytes: Option<u64>) -> String {
    bytes.map_or("not known".to_string(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6))
}

/// A number with commas between groups of three digits.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or_default()).collect();
    groups.join(",")
}
