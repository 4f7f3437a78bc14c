//! `wasmformer soak`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::full::{self, Machine, Soaked};
use super::r#gen::{lock, wat, write_file};
use super::input::Transformers;
use super::jobs::{Jobs, progress};
use super::memory::MaxMemory;
use super::{CliError, Outcome, complain};
use crate::harness::margins::Margins;
use crate::harness::soak::{self, Finding};
use crate::harness::statistics::Statistics;
use crate::harness::{Engine, VmEngine, WasmiEngine};
use crate::machine::byte;

/// One program in this many runs on the dense pass too, unless all are asked to.
const DENSE_SHARE: u64 = 16;
/// Programs between two checkpoints.
const BATCH: u64 = 512;

#[derive(Args)]
pub(super) struct Soak {
    /// The machine whose programs are generated
    #[arg(long, value_enum, default_value_t = Machine::Byte)]
    model: Machine,
    /// The seed of the sequence of programs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many programs of the sequence
    #[arg(long, default_value_t = 10_000)]
    count: u64,
    /// Run until this many seconds have passed instead of a number of programs
    #[arg(long, conflicts_with = "count")]
    seconds: Option<u64>,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    memory: MaxMemory,
    /// Run the transformer with the weights in this folder instead of those compiled
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Run every program on the dense pass and by teacher forcing too, instead of one in 16
    #[arg(long)]
    dense: bool,
    /// Measure margins of logits and attention scores on the programs that the dense pass runs; of the full machine on one in 16
    #[arg(long)]
    margins: bool,
    /// The folder for divergences, and for the checkpoint from which an interrupted run goes on
    #[arg(short, long, value_name = "DIR", default_value = "soak")]
    output: PathBuf,
}

/// Where an interrupted run goes on. It counts only for the same sequence run by the same program with the same
/// weights, which `of` identifies.
#[derive(Serialize, Deserialize)]
struct Checkpoint {
    of: String,
    next: u64,
    statistics: Statistics,
    margins: Margins,
}

impl Soak {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        if self.model == Machine::Full {
            return self.execute_full(out);
        }
        let (vm, wasmi, transformers) = (VmEngine, WasmiEngine::default(), Transformers::load(self.weights.as_deref())?);
        let mut engines: Vec<&(dyn Engine + Sync)> = vec![&vm, &wasmi];
        engines.extend(&transformers.indexed.as_ref().map(|engine| engine as &(dyn Engine + Sync)));
        let dense = &transformers.dense;
        let mut slow: Vec<&(dyn Engine + Sync)> = vec![dense];
        slow.extend(&transformers.forced.as_ref().map(|engine| engine as &(dyn Engine + Sync)));
        let share = if self.dense || transformers.indexed.is_none() { 1 } else { DENSE_SHARE };
        let sampled = soak::Sampled { engines: &slow, margins: self.margins.then_some(dense.model()), share };
        let pool = self.jobs.pool()?;
        fs::create_dir_all(&self.output).map_err(|error| CliError::Usage(format!("{}: cannot be made: {error}", self.output.display())))?;

        let checkpoint_path = self.output.join(format!("seed-{}.checkpoint.json", self.seed));
        let lock = lock(&checkpoint_path)?;
        let mut checkpoint = self.resume(&checkpoint_path);
        let started = Instant::now();
        let (length, unit) = self.seconds.map_or((self.count, "programs"), |seconds| (seconds, "seconds"));
        let bar = progress(length as usize, unit);
        while !self.is_done(checkpoint.next, started) {
            let end = if self.seconds.is_some() { checkpoint.next + BATCH } else { self.count.min(checkpoint.next + BATCH) };
            let batch = pool.install(|| soak::run(self.seed, checkpoint.next..end, &engines, sampled))?;
            for finding in &batch.findings {
                bar.suspend(|| self.keep(finding))?;
            }
            checkpoint.statistics.merge(batch.statistics);
            checkpoint.margins.merge(&batch.margins);
            checkpoint.next = end;
            let json = serde_json::to_string(&checkpoint).map_err(|error| CliError::Usage(error.to_string()))?;
            write_file(&checkpoint_path, &json)?;
            bar.set_position(if self.seconds.is_some() { started.elapsed().as_secs() } else { end });
        }
        bar.finish_and_clear();
        // A finished run has nothing to go on with; the next one is a new one.
        let _ = fs::remove_file(&checkpoint_path);
        drop(lock);
        let _ = fs::remove_dir(&self.output);

        writeln!(out, "{}", checkpoint.statistics)?;
        if self.margins {
            write!(out, "\n{}", checkpoint.margins.table(&byte::circuit()))?;
        }
        Ok(match checkpoint.statistics {
            Statistics { diverge: 1.., .. } => Outcome::Bad,
            Statistics { inconclusive: 1.., .. } => Outcome::Incomplete,
            _ => Outcome::Good,
        })
    }

    fn execute_full(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        if self.dense {
            return Err(CliError::Usage("--dense is for the byte machine".to_string()));
        }
        let started = Instant::now();
        let (length, unit) = self.seconds.map_or((self.count, "programs"), |seconds| (seconds, "seconds"));
        let bar = progress(length as usize, unit);
        let next = |done| {
            bar.set_position(if self.seconds.is_some() { started.elapsed().as_secs() } else { done });
            let end = if self.seconds.is_some() { done + BATCH } else { self.count.min(done + BATCH) };
            (!self.is_done(done, started)).then_some(done..end)
        };
        let (weights, memory) = (self.weights.as_deref(), self.memory);
        let soaked = Soaked { seed: self.seed, output: &self.output, weights, memory, margins: self.margins };
        let outcome = full::soak(soaked, next, &self.jobs.pool()?, out);
        bar.finish_and_clear();
        outcome
    }

    fn is_done(&self, next: u64, started: Instant) -> bool {
        match self.seconds {
            Some(seconds) => started.elapsed() >= Duration::from_secs(seconds),
            None => next >= self.count,
        }
    }

    /// The checkpoint of an interrupted run, if it is one of this run, else a new one.
    fn resume(&self, path: &Path) -> Checkpoint {
        let of = format!("{:016x}", self.identity());
        let read = fs::read(path).ok().and_then(|json| serde_json::from_slice::<Checkpoint>(&json).ok());
        match read {
            Some(checkpoint) if checkpoint.of == of => {
                complain(&format!("{}: going on at program {}", path.display(), checkpoint.next));
                checkpoint
            }
            found => {
                if found.is_some() {
                    complain(&format!("{}: of another program or other weights; starting anew", path.display()));
                }
                Checkpoint { of, next: 0, statistics: Statistics::default(), margins: Margins::default() }
            }
        }
    }

    /// A hash of this executable, of the weights it runs and of what is measured: results of another build say nothing of this one.
    fn identity(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        std::env::current_exe().ok().and_then(|path| fs::read(path).ok()).hash(&mut hasher);
        if let Some(folder) = &self.weights {
            fs::read(folder.join(crate::transformer::folder::WEIGHTS_FILE)).ok().hash(&mut hasher);
        }
        (self.dense, self.margins).hash(&mut hasher);
        hasher.finish()
    }

    /// Writes a divergence as a program and a report.
    fn keep(&self, finding: &Finding) -> Result<(), CliError> {
        let name = format!("seed-{}-{}", self.seed, finding.index);
        let about = finding.shrunk.report.to_string();
        let path = self.output.join(format!("{name}.wat"));
        write_file(&path, &wat(&finding.shrunk.generated, &about)?)?;
        let original = wat(&finding.original, &format!("generated: seed {}, program {}", self.seed, finding.index))?;
        write_file(&self.output.join(format!("{name}.txt")), &format!("{about}\n\nShrunk from\n\n{original}"))?;
        complain(&format!("diverges: {}: {about}", path.display()));
        Ok(())
    }
}
