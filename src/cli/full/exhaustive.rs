//! `wasmformer exhaustive --machine full`.

use std::io::Write;
use std::path::Path;

use rayon::ThreadPool;

use crate::cli::engines::Networks;
use crate::cli::external::ExternalArgs;
use crate::cli::jobs::Progress;
use crate::cli::memory::MaxMemory;
use crate::cli::results::Results;
use crate::cli::{CliError, Outcome};
use crate::harness::full::exhaustive::{domains, run};
use crate::harness::full::{Full, Statistics, WasmiEngine};
use crate::harness::{Engine, Stop, VmEngine};

/// Runs the edge cases of every instruction on all engines and external processes, and prints a line per
/// instruction. Of an instruction's modules, only each `stride`-th one is run.
pub(in crate::cli) fn exhaustive(
    pool: &ThreadPool,
    weights: Option<&Path>,
    stride: usize,
    external: &ExternalArgs,
    out: &mut Results<'_>,
) -> Result<Outcome, CliError> {
    let networks = Networks::<Full>::load(weights, MaxMemory::default())?;
    let (vm, wasmi, network) = (VmEngine, WasmiEngine::default(), networks.fastest()?);
    let fused = network.clone().fused();
    let external = external.start(weights, || networks.dense(), &Stop::default())?;
    let processes = || external.engines.iter().map(|(process, _)| process);
    let mut engines: Vec<&(dyn Engine<Full> + Sync)> = vec![&vm, &wasmi, &network, &fused];
    engines.extend(processes().map(|process| process as &(dyn Engine<Full> + Sync)));
    let domains: Vec<_> = domains().map(|domain| domain.each(stride)).collect();
    let modules = domains.iter().map(|domain| domain.modules.len()).sum();
    let progress = Progress::new(modules, "modules", out);
    let mut total = (0, 0, Statistics::default());
    let mut reports = Vec::new();
    writeln!(out, "{:<16}  {:>8}  {:>8}  {:>9}  divergences", "instruction", "cases", "trapping", "steps")?;
    for domain in &domains {
        let (statistics, diverging) = pool.install(|| run(domain, &engines, &|| progress.tick()))?;
        // A failed process runs none of the modules that follow.
        if let Some((process, reason)) = processes().find_map(|process| Some((process, process.partner().retired()?))) {
            return Err(process.partner().error(reason.to_string()).into());
        }
        let name = domain.op.row().mnemonic;
        // Stopped within this instruction's modules: no line is printed for it, because it is not known which
        // cases have run.
        if (statistics.programs() as usize) < domain.modules.len() {
            total.2.merge(statistics);
            reports.extend(diverging);
            break;
        }
        progress.suspend(|| {
            writeln!(out, "{name:<16}  {:>8}  {:>8}  {:>9}  {:>11}", domain.cases(), domain.trapping(), statistics.steps, diverging.len())?;
            out.flush()
        })?;
        total.0 += domain.cases();
        total.1 += domain.trapping();
        total.2.merge(statistics);
        reports.extend(diverging);
    }
    drop(progress);
    let (cases, trapping, statistics) = total;
    writeln!(out, "{:<16}  {cases:>8}  {trapping:>8}  {:>9}  {:>11}", "all", statistics.steps, reports.len())?;
    if (statistics.programs() as usize) < modules {
        writeln!(out, "stopped after {} of {modules} modules", statistics.programs())?;
    }
    for (reason, count) in statistics.inconclusive.iter().chain(&statistics.refused) {
        writeln!(out, "{count} programs inconclusive: {reason}")?;
    }
    for report in &reports {
        writeln!(out, "diverged: {report}")?;
    }
    Ok(match (reports.is_empty(), statistics.inconclusive.is_empty() && statistics.refused.is_empty()) {
        (false, _) => Outcome::Bad,
        (true, false) => Outcome::Incomplete,
        (true, true) => Outcome::Good,
    })
}
