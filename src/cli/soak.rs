//! `wasmformer soak`.

use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rayon::ThreadPool;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::checkpoint::{self, Kept, Soaking, Until};
use super::engines::{Commanded, EngineName, Networks};
use super::external::ExternalArgs;
use super::findings::{Written, keep, quoted};
use super::jobs::{Jobs, Progress};
use super::memory::MaxMemory;
use super::results::Results;
use super::{CliError, Outcome};
use crate::harness::engine::SharedEngine;
use crate::harness::engines::Bounded;
use crate::harness::margins::Margins;
use crate::harness::soak::{self, Sampled};
use crate::harness::statistics::Statistics;
use crate::harness::{Byte, Engine, ExternalEngine, Full, NetworkEngine, Stop};
use crate::load::LanguageName;
use crate::transformer::folder;

/// One program in this many runs on the slow engines too, unless all programs must.
const SHARE: u64 = 16;

#[derive(Args)]
pub(super) struct Soak {
    /// The machine whose programs are generated
    #[arg(long, alias = "model", value_enum, default_value_t = LanguageName::Byte)]
    machine: LanguageName,
    /// The seed of the sequence of programs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of programs
    #[arg(long, default_value_t = 10_000)]
    count: u64,
    /// Run for this many seconds instead of running a number of programs
    #[arg(long, conflicts_with = "count")]
    seconds: Option<u64>,
    /// Pass over programs that take more steps than this. They are counted
    #[arg(long, value_name = "STEPS")]
    max_steps: Option<usize>,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    memory: MaxMemory,
    /// Run the transformer with the weights in this folder instead of the compiled weights
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Compare only this engine with the reference VM instead of all engines; may be repeated
    #[arg(long = "engine", value_enum, value_name = "ENGINE")]
    engines: Vec<EngineName>,
    #[command(flatten)]
    external: ExternalArgs,
    /// Also run the dense pass and teacher forcing on every program; by default they run on one in 16 byte
    /// programs, and on no full program
    #[arg(long)]
    dense: bool,
    /// Measure margins of logits and attention scores on one program in 16
    #[arg(long)]
    margins: bool,
    /// The folder for divergences, and for the checkpoint from which an interrupted run continues
    #[arg(short, long, value_name = "DIR", default_value = "soak")]
    output: PathBuf,
}

/// The counts of a run.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
struct Counts<L: Commanded> {
    statistics: Statistics<L>,
    margins: Margins,
    /// The number of runs whose margins were measured, and the number of runs with too long a prompt for
    /// measuring.
    measured: u64,
    too_long: u64,
}

impl<L: Commanded> Default for Counts<L> {
    fn default() -> Counts<L> {
        Counts { statistics: Statistics::default(), margins: Margins::default(), measured: 0, too_long: 0 }
    }
}

/// The engines on which programs of a language run, with the options of the command.
struct Engines<'s, L: Commanded> {
    options: &'s Soak,
    always: Vec<SharedEngine<L>>,
    external: Vec<ExternalEngine<L>>,
    sampled: Vec<SharedEngine<L>>,
    margins: Vec<NetworkEngine<L>>,
    share: u64,
    pool: ThreadPool,
}

impl Soak {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        match self.machine {
            LanguageName::Byte => self.soak::<Byte>(out),
            LanguageName::Full => self.soak::<Full>(out),
        }
    }

    fn soak<L: Commanded + Written>(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let networks = Networks::<L>::load(self.weights.as_deref(), self.memory)?;
        let dense = || networks.dense();
        let (mut always, mut sampled): (Vec<SharedEngine<L>>, Vec<SharedEngine<L>>) = (vec![L::vm()], Vec::new());
        for name in &self.engines {
            always.push(name.load(&networks)?);
        }
        if self.engines.is_empty() {
            let fastest = networks.fastest()?;
            always.push(L::wasmi());
            always.extend(L::FORMS.iter().map(|form| Box::new(fastest.clone().in_form(*form)) as _));
        }
        if self.dense || (L::DENSE_UNASKED && self.engines.is_empty()) {
            sampled.push(Box::new(Bounded::new(Box::new(dense()?), L::DENSE)));
            sampled.extend(networks.indexed().map(|indexed| Box::new(indexed.forced()) as SharedEngine<L>));
        }
        let mut margins = Vec::new();
        if self.margins {
            let dense = dense()?.forced_by(&networks.fastest()?);
            margins.extend(L::FORMS.iter().map(|form| dense.clone().in_form(*form)));
        }
        // A batch is always run to its end, so a request to stop must not reach the processes.
        let external = self.external.start(self.weights.as_deref(), dense, &Stop::default())?;
        let external = external.engines.into_iter().map(|(engine, _)| engine).collect();
        let share = if self.dense || (self.weights.is_some() && networks.indexed().is_none()) { 1 } else { SHARE };
        let engines = Engines { options: self, always, external, sampled, margins, share, pool: self.jobs.pool()? };
        checkpoint::soak(&engines, &self.kept(L::NAME), self.until(), out)
    }

    /// The options with which `diff` compares the same engines.
    fn comparison(&self) -> String {
        let weights = self.weights.iter().map(|weights| format!(" --weights {}", quoted(&weights.display().to_string())));
        let named = self.engines.iter().filter_map(|engine| Some(format!(" --engine {}", engine.to_possible_value()?.get_name())));
        let dense = self.dense && self.engines.is_empty() && self.machine == LanguageName::Full;
        let all = if dense { " --engine wasmi --engine indexed --engine fused --engine dense --engine forced" } else { "" };
        weights.chain(named).chain([all.to_string(), self.external.options()]).collect()
    }

    fn until(&self) -> Until {
        self.seconds.map_or(Until::Count(self.count), Until::Seconds)
    }

    fn kept(&self, machine: &str) -> Kept {
        let path = self.output.join(format!("{machine}-seed-{}.checkpoint.json", self.seed));
        Kept { path, of: format!("{:016x}", self.identity()) }
    }

    /// A hash of this executable, of the weights and of the options that select what is measured. Results of
    /// another build are not results of this build.
    fn identity(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        std::env::current_exe().ok().and_then(|path| fs::read(path).ok()).hash(&mut hasher);
        if let Some(weights) = &self.weights {
            fs::read(weights.join(folder::WEIGHTS_FILE)).ok().hash(&mut hasher);
        }
        (self.dense, self.margins, self.max_steps, self.memory.bytes(), self.external.identity()).hash(&mut hasher);
        self.engines.iter().for_each(|engine| format!("{engine:?}").hash(&mut hasher));
        hasher.finish()
    }
}

/// References to engines that threads can share.
fn shared<L: Commanded>(engines: &[SharedEngine<L>]) -> Vec<&(dyn Engine<L> + Sync)> {
    engines.iter().map(|engine| engine.as_ref() as &(dyn Engine<L> + Sync)).collect()
}

impl<L: Commanded + Written> Soaking for Engines<'_, L> {
    type Counts = Counts<L>;
    const BATCH: u64 = L::BATCH;

    fn run(&self, indices: Range<u64>, counts: &mut Counts<L>, progress: &Progress) -> Result<(), CliError> {
        let seed = self.options.seed;
        let (mut always, sampled) = (shared(&self.always), shared(&self.sampled));
        always.extend(self.external.iter().map(|engine| engine as &(dyn Engine<L> + Sync)));
        let sampled = Sampled { engines: &sampled, margins: &self.margins, share: self.share };
        let batch = self.pool.install(|| soak::run(seed, indices, &always, sampled, self.options.max_steps))?;
        for finding in &batch.findings {
            let found = json!({ "seed": seed, "program": finding.index, "original": L::text(&finding.original, "as generated") });
            progress.suspend(|| keep::<L>(&self.options.output, &finding.shrunk, &self.options.comparison(), &found))?;
        }
        // A failed process has not run the program at which it failed, and would not run the programs that
        // follow, so the command ends.
        if let Some((engine, reason)) = self.external.iter().find_map(|engine| Some((engine, engine.partner().retired()?))) {
            return Err(engine.partner().error(reason.to_string()).into());
        }
        counts.statistics.merge(batch.statistics);
        counts.margins.merge(&batch.margins);
        counts.measured += batch.measured;
        counts.too_long += batch.too_long;
        Ok(())
    }

    fn programs(counts: &Counts<L>) -> u64 {
        counts.statistics.programs()
    }

    fn tell(&self, Counts { statistics, margins, measured, too_long }: &Counts<L>, out: &mut dyn Write) -> Result<Outcome, CliError> {
        writeln!(out, "{statistics}")?;
        if self.options.margins {
            let left_out = if *too_long > 0 { format!("; the prompts of {too_long} more programs are too long") } else { String::new() };
            writeln!(out, "\nmargins of {measured} runs{left_out}\n{}", margins.table(&L::circuit()).trim_end())?;
        }
        Ok(match statistics {
            Statistics { diverge: 1.., .. } => Outcome::Bad,
            Statistics { inconclusive, .. } if !inconclusive.is_empty() => Outcome::Incomplete,
            _ => Outcome::Good,
        })
    }
}
