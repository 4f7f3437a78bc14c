//! `wasmformer bench --machine full`.

use std::io::Write;

use super::{Bench, judged, loading, megabytes, one_thread, thousands, with_steps};
use crate::cli::results::Results;
use crate::cli::{CliError, Outcome, complain};
use crate::full;
use crate::harness::EngineError;
use crate::harness::bench::figures::{Measurement, Quantity};
use crate::harness::bench::floats;
use crate::harness::bench::full::{Average, Class, Measured, Subject, averages};
use crate::harness::bench::growth::Tokens;
use crate::harness::bench::{Contestant, Prompt, Speed, race};
use crate::harness::corpus::Place;
use crate::harness::full::{NetworkEngine, WasmiEngine};
use crate::harness::{VmEngine, on_tokens};
use crate::wasm::find::find;

/// The programs to run when the command names none.
const PROGRAMS: &str = "corpus/programs";
/// Rounds in which all engines take turns.
const ROUNDS: usize = 3;
/// Rounds of loading the weights, which are 127 MB.
const LOADING_ROUNDS: usize = 3;
/// The upper bound of the resident memory in bytes, at any length of the trace.
const MEMORY_BOUND: u64 = 200_000_000;
/// The number of trace lengths, the shortest ones, at which the dense pass is measured too.
const DENSE_LENGTHS: usize = 1;

/// The forms into which programs are lowered, each with the network that runs programs in this form.
fn forms(options: &Bench) -> Vec<(&'static str, NetworkEngine)> {
    let plain: NetworkEngine = options.network().with_memory(options.memory.bytes());
    vec![("plain", plain.clone()), ("fused", plain.fused())]
}

pub(super) fn bench(options: &Bench, measurement: &mut Measurement, out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let (subjects, mut outcome) = subjects(options)?;
    let progress = options.progress(DENSE_LENGTHS, 1 + subjects.len(), out);

    let forms = forms(options);
    // Growth is measured first, because the resident memory is that of the whole process.
    if options.longest > 0 {
        let growing = Subject::growth().map_err(|error| CliError::Usage(error.to_string()))?;
        writeln!(out, "Of {}, in the {} form; tokens after the prompt:\n", growing.name, forms[0].0)?;
        let memory =
            options.growth(out, &mut *tokens(&growing, &forms[0].1), || dense_tokens(&growing), DENSE_LENGTHS, &progress, measurement)?;
        if let Some(memory) = memory {
            let kept = if memory <= MEMORY_BOUND { "kept" } else { "not kept" };
            writeln!(out, "Bound of the resident memory at any length: {}, {kept}.\n", megabytes(Some(MEMORY_BOUND)))?;
        }
    }
    loading(out, || Ok(full::machine::compile::<f64>()?.0), LOADING_ROUNDS, measurement)?;
    let _ = progress.tick();

    heading(out)?;
    let (vm, wasmi, one_thread) = (VmEngine, WasmiEngine::default(), one_thread()?);
    let mut measured = Vec::new();
    for subject in &subjects {
        if progress.is_stopped() {
            break;
        }
        let judges: [(&str, Round<'_>); 2] = [("vm", Box::new(|| subject.round(&vm))), ("wasmi", Box::new(|| subject.round(&wasmi)))];
        let networks = forms.iter().map(|(form, network)| (*form, Box::new(|| subject.network_round(network)) as Round<'_>));
        let rounds: Vec<(&str, Round<'_>)> = judges.into_iter().chain(networks).collect();
        let contestants: Vec<Contestant<'_>> = rounds.iter().map(|(name, round)| Contestant { name, round }).collect();
        let raced = one_thread.install(|| race(ROUNDS, &contestants));
        progress.suspend(|| -> Result<(), CliError> {
            match judged(out, &subject.name, raced)? {
                None => outcome = Outcome::Bad,
                Some(speeds) => {
                    let [vm, wasmi, networks @ ..] = &speeds[..] else { return Ok(()) };
                    for (judge, speed) in [("vm", vm), ("wasmi", wasmi)] {
                        let of = with_steps(&subject.name, speed.steps);
                        measurement.add(Quantity::InstructionsPerSecond, judge, &of, speed.steps_per_second());
                    }
                    for ((form, _), speed) in forms.iter().zip(networks) {
                        let one = Measured { form, class: subject.class, steps: speed.steps, tokens: speed.tokens };
                        row(out, subject, &one, [vm, wasmi, speed])?;
                        add(measurement, subject, &one, speed);
                        measured.push(one);
                    }
                }
            }
            Ok(out.flush()?)
        })?;
        let _ = progress.tick();
    }
    drop(progress);
    notes(out, &subjects, options.limit)?;
    summary(out, &averages(&measured))?;
    // It is of no program, and takes longer than a short one.
    if options.programs.is_empty() {
        of_floats(out, &forms)?;
    }
    Ok(outcome)
}

/// The programs to measure: those that the command names, or else those of the corpus. Folder entries and
/// programs that cannot be read are reported.
fn subjects(options: &Bench) -> Result<(Vec<Subject>, Outcome), CliError> {
    let mut places = if options.programs.is_empty() { Place::of_corpus(PROGRAMS) } else { Vec::new() };
    let mut outcome = Outcome::Good;
    for path in &options.programs {
        let found = find(path)?;
        places.extend(found.programs.into_iter().map(Place::File));
        for error in found.unreadable {
            complain(&error.to_string());
            outcome = Outcome::Incomplete;
        }
    }
    let mut subjects = Vec::new();
    for place in &places {
        match Subject::load(place, options.limit) {
            Ok(subject) => subjects.push(subject),
            Err(error) if places.len() == 1 => return Err(CliError::Usage(error.to_string())),
            Err(error) => {
                complain(&error.to_string());
                outcome = Outcome::Incomplete;
            }
        }
    }
    Ok((subjects, outcome))
}

/// One timed run of an engine.
type Round<'a> = Box<dyn Fn() -> Result<Speed, EngineError> + Sync + 'a>;

fn tokens<'a>(subject: &'a Subject, network: &'a NetworkEngine) -> Box<Tokens<'a>> {
    Box::new(move |tick| network.run_observed(subject.case(), &mut on_tokens(|_| tick()), &mut ()).map(drop))
}

/// Creates the dense network only now, so that the dense weights do not count as memory of the indexed
/// network.
fn dense_tokens(subject: &Subject) -> Box<Tokens<'_>> {
    let network = NetworkEngine::dense();
    Box::new(move |tick| tokens(subject, &network)(tick))
}

fn heading(out: &mut dyn Write) -> Result<(), CliError> {
    let columns = [
        "program",
        "class",
        "form",
        "instructions",
        "tokens",
        "tokens per instruction",
        "instructions/s",
        "tokens/s",
        "prompt rows",
        "prompt, ms",
        "peak memory",
        "vm, instructions/s",
        "wasmi, instructions/s",
    ];
    writeln!(out, "| {} |", columns.join(" | "))?;
    writeln!(out, "| --- | --- | --- |{}", " ---: |".repeat(columns.len() - 3))?;
    Ok(())
}

fn row(out: &mut dyn Write, subject: &Subject, measured: &Measured, [vm, wasmi, network]: [&Speed; 3]) -> Result<(), CliError> {
    let speed = |per_second: f64| thousands(per_second as u64);
    let (rows, milliseconds) = match network.prompt {
        Some(Prompt { rows, time }) => (thousands(rows), format!("{:.1}", time.as_secs_f64() * 1e3)),
        None => ("-".to_string(), "-".to_string()),
    };
    let cells = [
        format!("{}{}", subject.name, if subject.stopped { ", stopped" } else { "" }),
        subject.class.to_string(),
        measured.form.to_string(),
        thousands(measured.steps),
        thousands(measured.tokens),
        measured.ratio().map_or("-".to_string(), |ratio| format!("{ratio:.2}")),
        speed(network.steps_per_second()),
        speed(network.tokens_per_second()),
        rows,
        milliseconds,
        megabytes(network.peak),
        speed(vm.steps_per_second()),
        speed(wasmi.steps_per_second()),
    ];
    writeln!(out, "| {} |", cells.join(" | "))?;
    Ok(())
}

/// Adds what was measured of a program in one form.
fn add(measurement: &mut Measurement, subject: &Subject, measured: &Measured, network: &Speed) {
    let Measured { form, class, steps, .. } = measured;
    let of = with_steps(&subject.name, *steps);
    measurement.add(Quantity::TokensPerSecond, form, &of, network.tokens_per_second());
    measurement.add(Quantity::InstructionsPerSecond, form, &of, network.steps_per_second());
    // As in the table of averages: all but floats, and floats.
    let of_class = if *class == Class::Float { format!("{form}, floats") } else { form.to_string() };
    measurement.add(Quantity::TokensPerInstruction, &of_class, &of, measured.ratio().unwrap_or_default());
    if let Some(Prompt { rows, time }) = network.prompt {
        measurement.add(Quantity::PromptRowsPerSecond, form, &of, rows as f64 / time.as_secs_f64());
    }
    measurement.add(Quantity::PeakMemoryBytes, form, &of, network.peak.unwrap_or_default() as f64);
}

fn notes(out: &mut dyn Write, subjects: &[Subject], limit: u64) -> Result<(), CliError> {
    let stopped = subjects.iter().filter(|subject| subject.stopped).count();
    writeln!(
        out,
        "\nEach engine on one thread, the best of {ROUNDS} rounds. An instruction is a step of the reference VM: `block`, `loop` and `end` \
         take no step. Speeds are those of generating; the prompt, that is the listing with memory and table, comes before and is timed \
         apart. wasmi is instrumented, so that every step reports, and has that module's compilation in its time. Peak memory is the whole \
         process's. A program is run in its long size where that ends within {} instructions, else in its short one; {stopped} were \
         stopped there.\n",
        thousands(limit)
    )?;
    Ok(())
}

/// Prints the tokens per float instruction in each form.
fn of_floats(out: &mut dyn Write, forms: &[(&str, NetworkEngine)]) -> Result<(), CliError> {
    let names: Vec<&str> = forms.iter().map(|(form, _)| *form).collect();
    writeln!(out, "\nTokens per float instruction, on usual operands; the others are accesses to memory and constants:\n")?;
    writeln!(out, "| instruction | {} |", names.join(" | "))?;
    writeln!(out, "| --- |{}", " ---: |".repeat(forms.len()))?;
    let costs = forms.iter().map(|(_, network)| floats::costs(network)).collect::<Result<Vec<_>, _>>()?;
    for (index, (op, _)) in costs.first().into_iter().flatten().enumerate() {
        let cells: Vec<String> = costs.iter().map(|costs| format!("{:.1}", costs[index].1)).collect();
        writeln!(out, "| `{op}` | {} |", cells.join(" | "))?;
    }
    Ok(())
}

fn summary(out: &mut dyn Write, averages: &[Average]) -> Result<(), CliError> {
    writeln!(out, "| form | programs | number | tokens per instruction, mean | highest | all together | bound of the mean | kept |")?;
    writeln!(out, "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |")?;
    for Average { form, class, programs, mean, highest, together, bound } in averages {
        let class = class.map_or("all but floats".to_string(), |class| class.to_string());
        let (bound, kept) = match bound {
            Some(bound) => (format!("{bound}"), if mean <= bound { "yes" } else { "no" }),
            None => ("-".to_string(), "-"),
        };
        writeln!(out, "| {form} | {class} | {programs} | {mean:.2} | {highest:.2} | {together:.2} | {bound} | {kept} |")?;
    }
    Ok(())
}
