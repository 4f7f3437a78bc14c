//! `wasmformer bench` of the byte machine.

use std::io::Write;

use super::{Bench, judged, loading, one_thread, thousands, with_steps};
use crate::byte;
use crate::byte::program::Files;
use crate::byte::program::reader::{Module, read_bytes, read_file};
use crate::cli::results::Results;
use crate::cli::{CliError, Outcome};
use crate::harness::bench::figures::{Measurement, Quantity};
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

/// What all engines run in turns.
struct Raced<'c> {
    shown: String,
    /// The name in a measurement. It has no folder, because another host has other folders.
    name: String,
    cases: Vec<Case<'c>>,
    limit: u64,
}

pub(super) fn bench(options: &Bench, measurement: &mut Measurement, out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let nested = read_bytes(&Source::named("nested-loops.wat"), NESTED_LOOPS.as_bytes())?;
    let programs = options.programs.iter().map(|path| read_file(path)).collect::<Result<Vec<Module>, _>>()?;
    let progress = options.progress(DENSE_LENGTHS, 3 + programs.len(), out);

    let (dense, fast): (_, NetworkEngine) = (NetworkEngine::dense(), options.network());
    // Growth is measured first, because the resident memory is that of the whole process.
    let files = nested.header.files();
    let case = Case::new(&nested.program, &files);
    options.growth(out, &mut *tokens(case, &fast), || tokens(case, &dense), DENSE_LENGTHS, &progress, measurement)?;
    loading(out, || Ok(byte::machine::compile::<f32>()?.0), LOADING_ROUNDS, measurement)?;
    let _ = progress.tick();

    let (vm, wasmi, forced) = (VmEngine, WasmiEngine::default(), fast.clone().forced());
    let dense_forced = dense.clone().forced();
    let engines: [&(dyn Engine<Byte> + Sync); 6] = [&vm, &wasmi, &fast, &forced, &dense, &dense_forced];
    writeln!(out, "| program | steps | {} |", engines.map(|engine| engine.name().to_string()).join(" | "))?;
    writeln!(out, "| --- | ---: |{}", " ---: |".repeat(engines.len()))?;

    let entries = suite()?;
    let files: Vec<Files> = entries.iter().map(|entry| entry.module.header.files()).collect();
    let compliance = entries.iter().zip(&files).map(|(entry, files)| Case::new(&entry.module.program, files)).collect();
    let short = SHORT.min(options.limit);
    let first = format!("nested loops, first {} steps", thousands(short));
    let mut races: Vec<Raced<'_>> = vec![
        Raced { shown: "the compliance suite".to_string(), name: "suite".to_string(), cases: compliance, limit: options.limit },
        Raced { shown: first, name: "nested loops".to_string(), cases: vec![case], limit: short },
    ];
    let files: Vec<Files> = programs.iter().map(|module| module.header.files()).collect();
    for ((path, module), files) in options.programs.iter().zip(&programs).zip(&files) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let cases = vec![Case::new(&module.program, files)];
        races.push(Raced { shown: path.display().to_string(), name, cases, limit: options.limit });
    }
    let one_thread = one_thread()?;
    let mut outcome = Outcome::Good;
    for Raced { shown, name, cases, limit } in races {
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
            match judged(out, &shown, raced)? {
                Some(speeds) => {
                    row(out, &shown, &speeds)?;
                    let [judges @ .., generating, forced, _, _] = &speeds[..] else { return Ok(()) };
                    add(measurement, &name, [generating, forced], engines.iter().map(|engine| engine.name()).zip(judges));
                }
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

/// Adds the speeds of the fast passes, generating and forced, and of the judges. The passes that generate
/// have no name, so that indexed and compiled ones are compared.
fn add<'s>(
    measurement: &mut Measurement,
    name: &str,
    [generating, forced]: [&Speed; 2],
    judges: impl Iterator<Item = (&'s str, &'s Speed)>,
) {
    let of = with_steps(name, generating.steps);
    measurement.add(Quantity::TokensPerSecond, "", &of, generating.tokens_per_second());
    measurement.add(Quantity::TokensPerSecond, "forced", &of, forced.tokens_per_second());
    measurement.add(Quantity::InstructionsPerSecond, "", &of, generating.steps_per_second());
    for (judge, speed) in judges {
        measurement.add(Quantity::InstructionsPerSecond, judge, &of, speed.steps_per_second());
    }
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
