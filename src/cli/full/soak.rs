//! `wasmformer soak --model full`.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::cli::r#gen::write_file;
use crate::cli::{CliError, Outcome, complain};
use crate::harness::full::generate::Generated;
use crate::harness::full::soak::{self, Statistics};
use crate::harness::full::{Engine, NetworkEngine, VmEngine, WasmiEngine};

/// Runs a batch of a seed's sequence after another, until `next` says that there is none; writes each divergence to a
/// folder.
pub(in crate::cli) fn soak(
    seed: u64,
    output: &Path,
    mut next: impl FnMut(u64) -> Option<std::ops::Range<u64>>,
    pool: &rayon::ThreadPool,
    out: &mut dyn Write,
) -> Result<Outcome, CliError> {
    let (vm, wasmi, network) = (VmEngine, WasmiEngine::default(), NetworkEngine::indexed());
    let engines: [&(dyn Engine + Sync); 3] = [&vm, &wasmi, &network];
    let mut statistics = Statistics::default();
    let mut done = 0;
    while let Some(indices) = next(done) {
        done = indices.end;
        let batch = pool.install(|| soak::run(seed, indices, &engines))?;
        for finding in &batch.findings {
            keep(output, &format!("full-seed-{seed}-{}", finding.index), &finding.generated, &finding.report)?;
        }
        statistics.merge(batch.statistics);
    }
    writeln!(out, "{statistics}")?;
    Ok(match statistics {
        Statistics { diverge: 1.., .. } => Outcome::Bad,
        Statistics { inconclusive, .. } if !inconclusive.is_empty() => Outcome::Incomplete,
        _ => Outcome::Good,
    })
}

/// Writes a divergence as a module and a report.
fn keep(folder: &Path, name: &str, generated: &Generated, report: &str) -> Result<(), CliError> {
    let fail = |error: std::io::Error| CliError::Usage(format!("{}: cannot be written: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(fail)?;
    let path = folder.join(format!("{name}.wasm"));
    fs::write(&path, &generated.wasm).map_err(fail)?;
    let text = format!("{report}\n\nexport {}, numbers {:?}, input {:?}\n", generated.choice, generated.numbers, generated.input);
    write_file(&folder.join(format!("{name}.txt")), &text)?;
    complain(&format!("diverges: {}: {report}", path.display()));
    Ok(())
}
