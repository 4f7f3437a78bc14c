//! `wasmformer diff`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::external::{ExternalArgs, Externals};
use super::full::{self, AnyProgram, Invocation, Machine};
use super::input::{EngineName, Transformers};
use super::jobs::Progress;
use super::memory::MaxMemory;
use super::results::Results;
use super::said::{Line, Said, Totals};
use super::{CliError, Outcome};
use crate::harness::compliance::STEP_LIMIT;
use crate::harness::corpus::Place;
use crate::harness::engines::Bounded;
use crate::harness::{Case, DenseEngine, Engine, VmEngine, WasmiEngine, compare};
use crate::wasm::ReadError;
use crate::wasm::find::find;

/// Steps that the dense pass takes a few seconds for.
pub(super) const DENSE_STEPS: u32 = 30_000;

#[derive(Args)]
pub(super) struct Diff {
    /// Programs (- is standard input), or folders of programs; with --invoke one program, and then the function's arguments
    /// [default: the corpus, which travels in this command]
    #[arg(allow_negative_numbers = true)]
    paths: Vec<PathBuf>,
    /// Compare runs of this exported function of one full program, with the arguments that follow
    #[arg(long, value_name = "NAME")]
    invoke: Option<String>,
    /// A variable of a WASI program's environment; may be repeated
    #[arg(long = "env", value_name = "NAME=VALUE")]
    environment: Vec<String>,
    /// A value for an import of one program: what the function results in, or the global is; may be repeated
    #[arg(long = "import", value_name = "MODULE.NAME=VALUE")]
    imports: Vec<String>,
    /// After --: with --invoke, the function's arguments; else those of one WASI program
    #[arg(last = true, value_name = "ARGS")]
    arguments: Vec<String>,
    /// Run the transformer with the weights in this folder instead of those compiled
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Compare only this engine with the reference VM, instead of all; may be repeated
    #[arg(long = "engine", value_enum, value_name = "ENGINE")]
    engines: Vec<EngineName>,
    /// The number of steps after which a program is given up as inconclusive
    #[arg(long, value_name = "STEPS", default_value_t = STEP_LIMIT)]
    limit: usize,
    /// Compare the dense pass of the byte machine on so many steps of a program at most: n steps cost n²
    #[arg(long, value_name = "STEPS", default_value_t = DENSE_STEPS, value_parser = clap::value_parser!(u32).range(1..))]
    dense_steps: u32,
    /// The machine that runs the programs [default: for each the smallest whose profile has it]
    #[arg(long, value_enum)]
    model: Option<Machine>,
    #[command(flatten)]
    memory: MaxMemory,
    #[command(flatten)]
    external: ExternalArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// What programs are compared on.
struct Engines<'e> {
    /// The machine that runs them all, where one does.
    machine: Option<Machine>,
    /// What of a full program is run.
    invocation: Invocation,
    byte: Vec<&'e dyn Engine>,
    /// The dense pass, for external engines, with the most steps that it is run for.
    dense: (&'e DenseEngine, usize),
    /// Compiled for the first program that asks for them.
    full: Option<Vec<Box<dyn full::Engine>>>,
    externals: Externals,
}

impl Diff {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let (paths, invocation) = self.invocation()?;
        let (places, unreadable) = places(paths)?;
        // Weights are for one machine, and all programs run on it.
        let weights = self.weights.as_deref();
        let machine = match (self.model, weights) {
            (None, Some(weights)) => Some(Machine::of_weights(weights)?),
            (None, None) if self.engines.contains(&EngineName::Fused) || invocation.is_given() => Some(Machine::Full),
            (model, _) => model,
        };
        if machine == Some(Machine::Full) && !self.external.is_empty() {
            return Err(CliError::Usage("--engine-cmd is for the byte machine".to_string()));
        }
        let progress = Progress::new(places.len(), "programs", out);
        let of_byte = weights.filter(|_| machine == Some(Machine::Byte));
        let (vm, wasmi, transformers) = (VmEngine, WasmiEngine::default(), Transformers::load(of_byte)?);
        let dense_steps = self.dense_steps as usize;
        let dense = Bounded::new(&transformers.dense, dense_steps);
        let indexed = transformers.indexed.as_ref().map(|engine| engine as &dyn Engine);
        let named = if machine == Some(Machine::Full) { &[][..] } else { &self.engines };
        // The transformers are loaded already.
        let load = |name: &EngineName| match name {
            EngineName::Indexed | EngineName::Dense => Ok(None),
            other => other.load(of_byte).map(Some),
        };
        let loaded = named.iter().map(load).collect::<Result<Vec<_>, _>>()?;
        let mut byte: Vec<&dyn Engine> = vec![&vm];
        if named.is_empty() {
            byte.extend([&wasmi as &dyn Engine, &dense].into_iter().chain(transformers.fast()));
        }
        for (name, loaded) in named.iter().zip(&loaded) {
            byte.push(match (name, loaded) {
                (_, Some(engine)) => engine.as_ref(),
                (EngineName::Indexed, None) => indexed.unwrap_or(&dense),
                (_, None) => &dense,
            });
        }
        let externals = self.external.start(of_byte, &transformers.dense, out.stop())?;
        let mut engines = Engines { machine, invocation, byte, dense: (&transformers.dense, dense_steps), full: None, externals };

        let mut totals = Totals::new(!engines.externals.is_empty());
        let mut lines = Vec::new();
        let mut say = |line: Line, out: &mut Results<'_>| {
            totals.count(&line);
            if self.json {
                lines.push(line);
                return Ok(());
            }
            progress.suspend(|| line.print(out))
        };
        for error in unreadable {
            say(engines.unreadable(error.source_name.clone(), error.to_string()), out)?;
        }
        let mut compared = 0;
        for place in &places {
            if progress.is_stopped() {
                break;
            }
            let Some(line) = self.compare(place, &mut engines)? else { break };
            say(line, out)?;
            compared += 1;
            let _ = progress.tick();
        }
        totals.not_compared = places.len() - compared;
        drop(progress);

        let summaries = engines.externals.finish();
        if self.json {
            let document = serde_json::json!({ "programs": lines, "totals": totals, "engines": summaries });
            writeln!(out, "{document:#}")?;
        } else {
            for summary in summaries {
                writeln!(out, "{summary}")?;
            }
            totals.print(out)?;
        }
        Ok(totals.outcome())
    }

    /// A program that cannot be read is said and counted; the others are still compared. `None` where the comparison was
    /// stopped.
    fn compare(&self, place: &Place, engines: &mut Engines<'_>) -> Result<Option<Line>, CliError> {
        let program = place.to_string();
        let read = place.read().and_then(|bytes| Ok((full::read(&bytes, engines.machine)?, bytes.source)));
        match read {
            Err(error) => Ok(Some(engines.unreadable(program, error.to_string()))),
            Ok((AnyProgram::Byte(module), _)) => {
                let case = Case { program: &module.program, files: &module.header.files() };
                let verdict = compare(case, &engines.byte, self.limit)?;
                let said = engines.externals.judge(case, self.limit, &verdict, engines.dense)?;
                Ok(said.map(|engines| Line { program, verdict: Said::Verdict(verdict), engines }))
            }
            Ok((AnyProgram::Full(file), source)) => {
                let full = match &mut engines.full {
                    Some(full) => full,
                    none => none.insert(full::engines(&self.engines, self.weights.as_deref(), self.memory)?),
                };
                let verdict = Said::Full(full::diff((place, &source), *file, &engines.invocation, full, self.limit)?);
                let engines = engines.externals.not_run("a full program; the protocol of engines is for byte programs");
                Ok(Some(Line { program, verdict, engines }))
            }
        }
    }

    /// The paths of programs, and what of a full program is run.
    fn invocation(&self) -> Result<(&[PathBuf], Invocation), CliError> {
        let programs = if self.invoke.is_some() { self.paths.len().min(1) } else { self.paths.len() };
        let (paths, rest) = self.paths.split_at(programs);
        let before = rest.iter().map(|word| word.display().to_string());
        let arguments = before.chain(self.arguments.iter().cloned()).collect();
        let invocation =
            Invocation { invoke: self.invoke.clone(), environment: self.environment.clone(), imports: self.imports.clone(), arguments };
        if invocation.is_given() && (paths.len() != 1 || paths[0].is_dir()) {
            return Err(CliError::Usage("--invoke, --env, --import and arguments are for one program".to_string()));
        }
        Ok((paths, invocation))
    }
}

/// The programs in files and folders, and what cannot be looked into; without any, the corpus of this command.
fn places(paths: &[PathBuf]) -> Result<(Vec<Place>, Vec<ReadError>), CliError> {
    if paths.is_empty() {
        return Ok((Place::of_corpus("corpus"), Vec::new()));
    }
    let (mut places, mut unreadable) = (Vec::new(), Vec::new());
    for path in paths {
        let found = find(path)?;
        places.extend(found.programs.into_iter().map(Place::File));
        unreadable.extend(found.unreadable);
    }
    Ok((places, unreadable))
}

impl Engines<'_> {
    /// What is said of a program that is not one.
    fn unreadable(&mut self, program: String, reason: String) -> Line {
        Line { program, verdict: Said::unreadable(reason), engines: self.externals.not_run("it cannot be read") }
    }
}
