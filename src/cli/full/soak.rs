//! `wasmformer soak --model full`.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::input::network;
use crate::cli::r#gen::write_file;
use crate::cli::memory::MaxMemory;
use crate::cli::{CliError, Outcome, complain};
use crate::harness::full::generate::Generated;
use crate::harness::full::margins::{Measure, PROMPT, TOKENS};
use crate::harness::full::soak::{self, Sampled, Statistics};
use crate::harness::full::{Engine, VmEngine, WasmiEngine};
use crate::harness::margins::Margins;
use crate::machine::full;
use crate::transformer::folder;

/// One program in this many is measured, where margins are asked for: the dense pass takes seconds.
const MARGINS_SHARE: u64 = 16;

/// What is run, and where divergences go.
pub(in crate::cli) struct Soaked<'a> {
    pub seed: u64,
    pub output: &'a Path,
    pub weights: Option<&'a Path>,
    pub memory: MaxMemory,
    pub margins: bool,
}

/// Runs a batch of a seed's sequence after another, until `next` says that there is none; writes each divergence to a
/// folder.
pub(in crate::cli) fn soak(
    Soaked { seed, output, weights, memory, margins }: Soaked<'_>,
    mut next: impl FnMut(u64) -> Option<std::ops::Range<u64>>,
    pool: &rayon::ThreadPool,
    out: &mut dyn Write,
) -> Result<Outcome, CliError> {
    let (vm, wasmi, network) = (VmEngine, WasmiEngine::default(), network(weights, memory)?);
    let fused = network.clone().fused();
    let engines: [&(dyn Engine + Sync); 4] = [&vm, &wasmi, &network, &fused];
    let measure = margins.then(|| measure(weights)).transpose()?;
    let sampled = measure.as_ref().map(|measure| Sampled { networks: [&network, &fused], measure, share: MARGINS_SHARE });
    let mut statistics = Statistics::default();
    let (mut margins, mut measured, mut too_long) = (Margins::default(), 0, 0);
    let mut done = 0;
    while let Some(indices) = next(done) {
        done = indices.end;
        let batch = pool.install(|| soak::run_measured(seed, indices, &engines, sampled))?;
        for finding in &batch.findings {
            keep(output, &format!("full-seed-{seed}-{}", finding.index), &finding.generated, &finding.report)?;
        }
        statistics.merge(batch.statistics);
        margins.merge(&batch.margins);
        measured += batch.measured;
        too_long += batch.too_long;
    }
    writeln!(out, "{statistics}")?;
    if measure.is_some() {
        let left_out = format!("{too_long} more have prompts of more than {PROMPT} rows");
        writeln!(
            out,
            "\nmargins of one program in {MARGINS_SHARE} in both forms, {measured} runs in all, over the first {TOKENS} tokens; {left_out}"
        )?;
        write!(out, "{}", margins.table(&full::circuit()))?;
    }
    Ok(match statistics {
        Statistics { diverge: 1.., .. } => Outcome::Bad,
        Statistics { inconclusive, .. } if !inconclusive.is_empty() => Outcome::Incomplete,
        _ => Outcome::Good,
    })
}

/// The dense pass of the compiled weights, or of those in a folder.
fn measure(weights: Option<&Path>) -> Result<Measure, CliError> {
    let model = match weights {
        Some(folder) => folder::load(folder)?,
        None => full::compile().map_err(|error| CliError::Usage(error.to_string()))?.0,
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
