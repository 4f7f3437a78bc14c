//! `wasmformer soak --model full`.

use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use rayon::ThreadPool;
use serde::{Deserialize, Serialize};

use super::input::network;
use crate::cli::checkpoint::Soaking;
use crate::cli::r#gen::write_file;
use crate::cli::jobs::Progress;
use crate::cli::memory::MaxMemory;
use crate::cli::{CliError, Outcome, complain};
use crate::full;
use crate::harness::full::generate::Generated;
use crate::harness::full::margins::{Measure, PROMPT, TOKENS};
use crate::harness::full::soak::{self, Sampled, Statistics};
use crate::harness::full::{Engine, NetworkEngine, VmEngine, WasmiEngine};
use crate::harness::margins::Margins;
use crate::transformer::folder;

/// One program in this many is measured, where margins are asked for: the dense pass takes seconds.
const MARGINS_SHARE: u64 = 16;

/// All that full programs are run with, and where divergences go.
pub(in crate::cli) struct Soaked<'a> {
    seed: u64,
    output: &'a Path,
    pool: ThreadPool,
    network: NetworkEngine,
    fused: NetworkEngine,
    measure: Option<Measure>,
}

/// What was counted.
#[derive(Default, Serialize, Deserialize)]
pub(in crate::cli) struct Counts {
    statistics: Statistics,
    margins: Margins,
    /// Runs that were measured, and those that have too long a prompt for it.
    measured: u64,
    too_long: u64,
}

impl Soaked<'_> {
    pub(in crate::cli) fn new<'a>(
        seed: u64,
        output: &'a Path,
        weights: Option<&Path>,
        memory: MaxMemory,
        margins: bool,
        pool: ThreadPool,
    ) -> Result<Soaked<'a>, CliError> {
        let network = network(weights, memory)?;
        let measure = margins.then(|| measure(weights)).transpose()?;
        Ok(Soaked { seed, output, pool, fused: network.clone().fused(), network, measure })
    }
}

impl Soaking for Soaked<'_> {
    type Counts = Counts;
    const BATCH: u64 = 64;

    fn run(&self, indices: Range<u64>, counts: &mut Counts, progress: &Progress) -> Result<(), CliError> {
        let (vm, wasmi) = (VmEngine, WasmiEngine::default());
        let networks = [&self.network, &self.fused];
        let engines: [&(dyn Engine + Sync); 4] = [&vm, &wasmi, &self.network, &self.fused];
        let sampled = self.measure.as_ref().map(|measure| Sampled { networks, measure, share: MARGINS_SHARE });
        let batch = self.pool.install(|| soak::run_measured(self.seed, indices, &engines, sampled))?;
        for finding in &batch.findings {
            let name = format!("full-seed-{}-{}", self.seed, finding.index);
            progress.suspend(|| keep(self.output, &name, &finding.generated, &finding.report))?;
        }
        counts.statistics.merge(batch.statistics);
        counts.margins.merge(&batch.margins);
        counts.measured += batch.measured;
        counts.too_long += batch.too_long;
        Ok(())
    }

    fn programs(counts: &Counts) -> u64 {
        counts.statistics.programs()
    }

    fn tell(&self, Counts { statistics, margins, measured, too_long }: &Counts, out: &mut dyn Write) -> Result<Outcome, CliError> {
        writeln!(out, "{statistics}")?;
        if self.measure.is_some() {
            let left_out = format!("{too_long} more have prompts of more than {PROMPT} rows");
            writeln!(
                out,
                "\nmargins of one program in {MARGINS_SHARE} in both forms, {measured} runs in all, over the first {TOKENS} tokens; {left_out}"
            )?;
            write!(out, "{}", margins.table(&full::machine::circuit()))?;
        }
        Ok(match statistics {
            Statistics { diverge: 1.., .. } => Outcome::Bad,
            Statistics { inconclusive, .. } if !inconclusive.is_empty() => Outcome::Incomplete,
            _ => Outcome::Good,
        })
    }
}

/// The dense pass of the compiled weights, or of those in a folder.
fn measure(weights: Option<&Path>) -> Result<Measure, CliError> {
    let model = match weights {
        Some(folder) => folder::load(folder)?,
        None => full::machine::compile().map_err(|error| CliError::Usage(error.to_string()))?.0,
    };
    Ok(Measure::new(model))
}

/// Writes a divergence as a module and a report.
fn keep(folder: &Path, name: &str, generated: &Generated, report: &str) -> Result<(), CliError> {
    let fail = |error: std::io::Error| CliError::Usage(format!("{}: cannot be written: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(fail)?;
    let path = folder.join(format!("{name}.wasm"));
    write_file(&path, &generated.wasm)?;
    let text = format!("{report}\n\nexport {}, numbers {:?}, input {:?}\n", generated.choice, generated.numbers, generated.input);
    write_file(&folder.join(format!("{name}.txt")), &text)?;
    complain(&format!("diverges: {}: {report}", path.display()));
    Ok(())
}
