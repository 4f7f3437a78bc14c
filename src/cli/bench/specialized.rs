//! `wasmformer bench --specialized`.

use std::io::Write;

use super::{Bench, judged, one_thread, thousands};
use crate::cli::results::Results;
use crate::cli::{CliError, Outcome, complain};
use crate::harness::bench::RaceError;
use crate::harness::bench::full::Subject;
use crate::harness::bench::specialized::{Measured, Timed, measure};
use crate::harness::byte::compliance::suite;
use crate::harness::corpus::Place;
use crate::harness::machine::Machine;
use crate::harness::{Byte, Case, Full, NetworkEngine};
use crate::load::LanguageName;
use crate::wasm::find::find;

/// Rounds in which both weights take turns.
const ROUNDS: usize = 3;
/// The programs of the full machine to measure when the command names none.
const PROGRAMS: &str = "corpus/programs";
/// The number of programs of the compliance suite that are measured: those at equal distances in it.
const OF_SUITE: usize = 20;

pub(super) fn bench(options: &Bench, out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let columns = [
        "program",
        "form",
        "rows",
        "parameters",
        "not zero",
        "sparse file",
        "tokens",
        "prompt rows",
        "begin, ms",
        "specialised",
        "tokens/s",
        "specialised",
        "ratio",
    ];
    writeln!(out, "| {} |", columns.join(" | "))?;
    writeln!(out, "| --- | --- |{}", " ---: |".repeat(columns.len() - 2))?;
    let outcome = match options.machine {
        LanguageName::Byte => byte(out)?,
        LanguageName::Full => full(options, out)?,
    };
    writeln!(
        out,
        "\nThe universal weights with the program in their prompt, beside weights that hold it; the traces are equal, token for token. Indexed \
         passes on one thread, the best of {ROUNDS} rounds in turns: the time until the first token (the prompt, or the rows of the stores), and the tokens after it \
         a second."
    )?;
    Ok(outcome)
}

fn byte(out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let (universal, entries, pool) = (NetworkEngine::<Byte>::indexed(), suite()?, one_thread()?);
    let mut outcome = Outcome::Good;
    for entry in entries.iter().step_by((entries.len() / OF_SUITE).max(1)).take(OF_SUITE) {
        let files = entry.module.header.files();
        let measure = || measure(entry.path, Case::<Byte>::new(&entry.module.program, &files), (), &universal, ROUNDS);
        if !one(out, entry.path, pool.install(measure))? {
            outcome = Outcome::Bad;
        }
    }
    Ok(outcome)
}

fn full(options: &Bench, out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let (universal, pool) = (NetworkEngine::<Full>::indexed(), one_thread()?);
    let mut places = if options.programs.is_empty() { Place::of_corpus(PROGRAMS) } else { Vec::new() };
    let mut outcome = Outcome::Good;
    for path in &options.programs {
        let found = find(path)?;
        places.extend(found.programs.into_iter().map(Place::File));
        found.unreadable.iter().for_each(|error| complain(&error.to_string()));
    }
    for place in &places {
        let subject = match Subject::short(place) {
            Ok(subject) => subject,
            Err(error) => {
                complain(&error.to_string());
                outcome = Outcome::Incomplete;
                continue;
            }
        };
        for form in Full::FORMS {
            let measure = || measure(&subject.name, subject.case(), *form, &universal, ROUNDS);
            if !one(out, &subject.name, pool.install(measure))? {
                outcome = Outcome::Bad;
            }
        }
    }
    Ok(outcome)
}

/// Prints the row of a program; returns whether the traces are equal.
fn one(out: &mut Results<'_>, name: &str, raced: Result<Measured, RaceError>) -> Result<bool, CliError> {
    let Some(measured) = judged(out, name, raced)? else { return Ok(false) };
    row(out, name, &measured)?;
    out.flush()?;
    Ok(true)
}

fn row(out: &mut dyn Write, name: &str, measured: &Measured) -> Result<(), CliError> {
    let Measured { form, rows, parameters, non_zeros, bytes, tokens, prompt_rows, universal, specialized } = measured;
    let per_second = |timed: &Timed| tokens.saturating_sub(1) as f64 / timed.tokens.as_secs_f64();
    let number = |number: usize| thousands(number as u64);
    let milliseconds = |timed: &Timed| format!("{:.2}", timed.begin.as_secs_f64() * 1e3);
    let cells = [
        name.to_string(),
        if form.is_empty() { "plain".to_string() } else { form.to_string() },
        number(*rows),
        number(*parameters),
        number(*non_zeros),
        bytes.map_or("-".to_string(), number),
        thousands(*tokens),
        number(*prompt_rows),
        milliseconds(universal),
        milliseconds(specialized),
        thousands(per_second(universal) as u64),
        thousands(per_second(specialized) as u64),
        format!("{:.2}", per_second(specialized) / per_second(universal)),
    ];
    writeln!(out, "| {} |", cells.join(" | "))?;
    Ok(())
}
