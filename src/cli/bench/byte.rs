//! `wasmformer bench` of the byte machine.

use std::io::Write;

use super::{Bench, judged, loading, one_thread, thousands};
use crate::byte;
use crate::byte::program::Files;
use crate::byte::program::reader::{Module, read_bytes, read_file};
use crate::cli::results::Results;
use crate::cli::{CliError, Outcome};
use crate::harness::bench::growth::Tokens;
use crate::harness::bench::{Contestant, NESTED_LOOPS, Speed, race, round};
use crate::harness::byte::compliance::suite;
use crate::harness::byte::{Case, NetworkEngine, WasmiEngine};
use crate::harness::{Byte, Engine, VmEngine, on_tokens};
use crate::wasm::Source;

/// Rounds in which all engines take turns.
const ROUNDS: usize = 5;
/// Rounds of loading the weights; a round takes almost no time.
const LOADING_ROUNDS: usize = 10;
/// The number of trace lengths, the shortest ones, at which the dense pass is measured too.
const DENSE_LENGTHS: usize = 2;
/// Steps of the nested loops in the comparison of all engines: a length at which the dense pass can be
/// compared too.
const SHORT: u64 = 1_000;

pub(super) fn bench(options: &Bench, out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let nested = read_bytes(&Source::named("nested-loops.wat"), NESTED_LOOPS.as_bytes())?;
    let programs = options.programs.iter().map(|path| read_file(path)).collect::<Result<Vec<Module>, _>>()?;
    let progress = options.progress(DENSE_LENGTHS, 3 + programs.len(), out);

    let (dense, fast): (_, NetworkEngine) = (NetworkEngine::dense(), options.network());
    // Growth is measured first, because the resident memory is that of the whole process.
    let files = nested.header.files();
    let case = Case::new(&nested.program, &files);
    options.growth(out, &mut *tokens(case, &fast), || tokens(case, &dense), DENSE_LENGTHS, &progress)?;
    loading(out, || Ok(byte::machine::compile::<f32>()?.0), LOADING_ROUNDS)?;
    let _ = progress.tick();

    let (vm, wasmi, forced) = (VmEngine, WasmiEngine::default(), fast.clone().forced());
    let dense_forced = dense.clone().forced();
    let engines: [&(dyn Engine<Byte> + Sync); 6] = [&vm, &wasmi, &fast, &forced, &dense, &dense_forced];
    writeln!(out, "| program | steps | {} |", engines.map(|engine| engine.name().to_string()).join(" | "))?;
    writeln!(out, "| --- | ---: |{}", " ---: |".repeat(engines.len()))?;

    let entries = suite()?;
    let files: Vec<Files> = entries.iter().map(|entry| entry.module.header.files()).collect();
    let compliance = entries.iter().zip(&files).map(|(entry, files)| Case::new(&entry.module.program, files)).collect();
    let mut races: Vec<(String, Vec<Case<'_>>, u64)> = vec![
        ("the compliance suite".to_string(), compliance, u64::MAX),
        ("nested loops, first 1,000 steps".to_string(), vec![case], SHORT),
    ];
    let files: Vec<Files> = programs.iter().map(|module| module.header.files()).collect();
    for ((path, module), files) in options.programs.iter().zip(&programs).zip(&files) {
        races.push((path.display().to_string(), vec![Case::new(&module.program, files)], u64::MAX));
    }
    let one_thread = one_thread()?;
    let mut outcome = Outcome::Good;
    for (name, cases, limit) in races {
        if progress.is_stopped() {
            break;
        }
        let rounds = engines.map(|engine| {
            (engine.name(), {
                let cases = &cases;
                move || round(cases, engine, limit)
            })
        });
        let contestants = rounds.each_ref().map(|(name, round)| Contestant { name, round });
        let raced = one_thread.install(|| race(ROUNDS, &contestants));
        progress.suspend(|| -> Result<(), CliError> {
            match judged(out, &name, raced)? {
                Some(speeds) => row(out, &name, &speeds)?,
                None => outcome = Outcome::Bad,
            }
            Ok(())
        })?;
        let _ = progress.tick();
    }
    drop(progress);
    writeln!(out, "\nIn tokens per second, and as a multiple of the dense pass; each engine on one thread, the best of {ROUNDS} rounds.")?;
    Ok(outcome)
}

fn tokens<'a>(case: Case<'a>, engine: &'a NetworkEngine) -> Box<Tokens<'a>> {
    Box::new(move |tick| engine.run_observed(case, &mut on_tokens(|_| tick()), &mut ()).map(drop))
}

fn row(out: &mut dyn Write, name: &str, speeds: &[Speed]) -> Result<(), CliError> {
    let [.., dense, _] = speeds else { return Ok(()) };
    let cell = |speed: &Speed| {
        let tokens = speed.tokens_per_second();
        format!(" {} ({:.1} ×) |", thousands(tokens as u64), tokens / dense.tokens_per_second())
    };
    writeln!(out, "| {name} | {} |{}", thousands(dense.steps), speeds.iter().map(cell).collect::<String>())?;
    Ok(())
}
