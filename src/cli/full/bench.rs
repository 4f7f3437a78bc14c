//! `wasmformer bench --model full`.

use std::io::Write;
use std::path::PathBuf;

use crate::cli::bench::thousands;
use crate::cli::jobs::progress;
use crate::cli::{CliError, Outcome};
use crate::harness::bench::full::generation;
use crate::harness::full::{Case, NetworkEngine, VmEngine};
use crate::program::full::load_file;
use crate::program::full::wasi::Process;

/// Instructions after which a program is stopped: a few seconds.
const LIMIT: u64 = 200_000;

/// Prints for each program its instructions and tokens. A program reads the file `NAME.in` beside it, where there is one.
pub(in crate::cli) fn bench(programs: &[PathBuf], out: &mut dyn Write) -> Result<Outcome, CliError> {
    if programs.is_empty() {
        return Err(CliError::Usage("bench --model full needs programs, such as corpus/programs/*.wasm".to_string()));
    }
    let network = NetworkEngine::indexed();
    let bar = progress(programs.len(), "programs");
    writeln!(out, "| program | instructions | tokens | tokens an instruction | instructions a second |")?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: |")?;
    let mut sum = 0.0;
    for path in programs {
        let process = Process::new(vec![path.display().to_string()], Vec::new());
        let loaded = load_file(path, &process.map_err(|error| CliError::Usage(error.to_string()))?)?;
        let input = match path.with_extension("in") {
            beside if beside.exists() => std::fs::read(beside)?,
            _ => Vec::new(),
        };
        let (function, arguments) = loaded.invocation().map_err(|reason| CliError::Usage(format!("{}: {reason}", path.display())))?;
        let measured = generation(Case::of(&loaded, function, &arguments, &input), &network, &VmEngine, LIMIT)?;
        let (ratio, speed) = (measured.tokens_per_step(), measured.steps_per_second() as u64);
        sum += ratio;
        let (steps, tokens) = (thousands(measured.steps), thousands(measured.tokens));
        writeln!(out, "| {} | {steps} | {tokens} | {ratio:.2} | {} |", path.display(), thousands(speed))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    writeln!(out, "\n{:.2} tokens an instruction, on average over {} programs.", sum / programs.len() as f64, programs.len())?;
    writeln!(out, "Indexed passes on one thread, after the listing; programs are stopped after {} instructions.", thousands(LIMIT))?;
    Ok(Outcome::Good)
}
