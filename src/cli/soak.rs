//! `wasmformer soak`.

use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;

use clap::Args;
use rayon::ThreadPool;
use serde::{Deserialize, Serialize};

use super::checkpoint::{self, Kept, Soaking, Until};
use super::full::{Machine, Soaked};
use super::r#gen::{wat, write_file};
use super::input::Transformers;
use super::jobs::{Jobs, Progress};
use super::memory::MaxMemory;
use super::results::Results;
use super::{CliError, Outcome, complain};
use crate::byte;
use crate::harness::margins::Margins;
use crate::harness::soak::{self, Finding};
use crate::harness::statistics::Statistics;
use crate::harness::{Engine, VmEngine, WasmiEngine};

/// One program in this many runs on the dense pass too, unless all are asked to.
const DENSE_SHARE: u64 = 16;

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

/// What was counted.
#[derive(Default, Serialize, Deserialize)]
struct Counts {
    statistics: Statistics,
    margins: Margins,
}

/// All that byte programs are run with.
struct Byte<'s> {
    options: &'s Soak,
    engines: Vec<&'s (dyn Engine + Sync)>,
    sampled: soak::Sampled<'s>,
    pool: ThreadPool,
}

impl Soak {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        if self.model == Machine::Full {
            if self.dense {
                return Err(CliError::Usage("--dense is for the byte machine".to_string()));
            }
            let (output, weights) = (&self.output, self.weights.as_deref());
            let soaked = Soaked::new(self.seed, output, weights, self.memory, self.margins, self.jobs.pool()?)?;
            return checkpoint::soak(&soaked, &self.kept("full-seed"), self.until(), out);
        }
        let (vm, wasmi, transformers) = (VmEngine, WasmiEngine::default(), Transformers::load(self.weights.as_deref())?);
        let mut engines: Vec<&(dyn Engine + Sync)> = vec![&vm, &wasmi];
        engines.extend(&transformers.indexed.as_ref().map(|engine| engine as &(dyn Engine + Sync)));
        let dense = &transformers.dense;
        let mut slow: Vec<&(dyn Engine + Sync)> = vec![dense];
        slow.extend(&transformers.forced.as_ref().map(|engine| engine as &(dyn Engine + Sync)));
        let share = if self.dense || transformers.indexed.is_none() { 1 } else { DENSE_SHARE };
        let sampled = soak::Sampled { engines: &slow, margins: self.margins.then_some(dense.model()), share };
        let soaked = Byte { options: self, engines, sampled, pool: self.jobs.pool()? };
        checkpoint::soak(&soaked, &self.kept("seed"), self.until(), out)
    }

    fn until(&self) -> Until {
        self.seconds.map_or(Until::Count(self.count), Until::Seconds)
    }

    fn kept(&self, kind: &str) -> Kept {
        let path = self.output.join(format!("{kind}-{}.checkpoint.json", self.seed));
        Kept { path, of: format!("{:016x}", self.identity()) }
    }

    /// A hash of this executable, of the weights it runs and of what is measured: results of another build say nothing of this one.
    fn identity(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        std::env::current_exe().ok().and_then(|path| fs::read(path).ok()).hash(&mut hasher);
        if let Some(folder) = &self.weights {
            fs::read(folder.join(crate::transformer::folder::WEIGHTS_FILE)).ok().hash(&mut hasher);
        }
        (self.dense, self.margins, self.memory.bytes()).hash(&mut hasher);
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

impl Soaking for Byte<'_> {
    type Counts = Counts;
    const BATCH: u64 = 512;

    fn run(&self, indices: Range<u64>, counts: &mut Counts, progress: &Progress) -> Result<(), CliError> {
        let batch = self.pool.install(|| soak::run(self.options.seed, indices, &self.engines, self.sampled))?;
        for finding in &batch.findings {
            progress.suspend(|| self.options.keep(finding))?;
        }
        counts.statistics.merge(batch.statistics);
        counts.margins.merge(&batch.margins);
        Ok(())
    }

    fn programs(counts: &Counts) -> u64 {
        counts.statistics.programs()
    }

    fn tell(&self, Counts { statistics, margins }: &Counts, out: &mut dyn Write) -> Result<Outcome, CliError> {
        writeln!(out, "{statistics}")?;
        if self.options.margins {
            write!(out, "\n{}", margins.table(&byte::machine::circuit()))?;
        }
        Ok(match statistics {
            Statistics { diverge: 1.., .. } => Outcome::Bad,
            Statistics { inconclusive: 1.., .. } => Outcome::Incomplete,
            _ => Outcome::Good,
        })
    }
}
