//! `wasmformer diff`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::engines::{Commanded, EngineName, Networks, by_reference, machine_of_weights};
use super::external::{ExternalArgs, Externals, Said as ExternalSaid, Summary};
use super::full::{Invocation, Invoked, SystemArgs};
use super::jobs::Progress;
use super::memory::MaxMemory;
use super::results::Results;
use super::said::{Line, Said, Totals};
use super::{CliError, Outcome};
use crate::byte::program::reader::Module;
use crate::full::program::reader::File;
use crate::harness::byte::compliance::STEP_LIMIT;
use crate::harness::compare::compare_with;
use crate::harness::corpus::Place;
use crate::harness::engine::SharedEngine;
use crate::harness::full::failure;
use crate::harness::{Byte, Case, Full, Recorded, Stop, Verdict};
use crate::load::{LanguageName, Program, load_bytes};
use crate::wasm::find::find;
use crate::wasm::{ReadError, Source};

#[derive(Args)]
pub(super) struct Diff {
    /// Programs (- is standard input), or folders of programs; with --invoke one program, then the arguments
    /// of the functions [default: the corpus, which is built into this command]
    #[arg(allow_negative_numbers = true)]
    paths: Vec<PathBuf>,
    /// Compare runs of this exported function of one full program, with the arguments that follow the path
    #[arg(long, value_name = "NAME")]
    invoke: Vec<String>,
    /// A variable of a WASI program's environment; may be repeated
    #[arg(long = "env", value_name = "NAME=VALUE")]
    environment: Vec<String>,
    /// The value of an import of one program: the result of the function, or the value of the global; may be
    /// repeated
    #[arg(long = "import", value_name = "MODULE.NAME=VALUE")]
    imports: Vec<String>,
    /// With --invoke, bytes for the functions, as for run
    #[arg(long, value_name = "NAME=FILE:ALLOCATOR or NAME=FILE@ADDRESS")]
    bytes: Vec<String>,
    #[command(flatten)]
    system: SystemArgs,
    /// After --: the arguments of the functions named by --invoke, or of one WASI program
    #[arg(last = true, value_name = "ARGS")]
    arguments: Vec<String>,
    /// Run the transformer with the weights in this folder instead of the compiled weights
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Compare only this engine with the reference VM instead of all engines; may be repeated
    #[arg(long = "engine", value_enum, value_name = "ENGINE")]
    engines: Vec<EngineName>,
    /// The number of steps after which a run is stopped, and the program is inconclusive
    #[arg(long, value_name = "STEPS", default_value_t = STEP_LIMIT)]
    limit: usize,
    #[command(flatten)]
    dense: DenseLimits,
    /// The machine that runs the programs [default: for each program the smallest machine that can run it]
    #[arg(long, alias = "model", value_enum)]
    machine: Option<LanguageName>,
    #[command(flatten)]
    memory: MaxMemory,
    #[command(flatten)]
    external: ExternalArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Exit with 0 if engines diverge and with 1 if they agree, as `wasm-tools shrink` expects of its
    /// predicate
    #[arg(long)]
    interesting: bool,
}

/// How far the dense pass is compared.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(super) struct DenseLimits {
    /// Compare the dense pass on at most this many steps of a program, because n rows take time in n²
    /// [default: 30000 for byte programs, 300 for full ones]
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..))]
    dense_steps: Option<u32>,
    /// Compare the dense pass only on programs whose prompt has at most this many rows [default: no limit for
    /// byte programs, 1500 for full ones]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..))]
    dense_rows: Option<u32>,
}

impl DenseLimits {
    /// The limits in steps and in rows; a limit that is not given is the language's default.
    pub(super) fn of<L: Commanded>(self) -> (usize, usize) {
        let or = |given: Option<u32>, usual| given.map_or(usual, |given| given as usize);
        (or(self.dense_steps, L::DENSE.0), or(self.dense_rows, L::DENSE.1))
    }
}

/// The engines on which programs of a language are compared. Created for the first program of that language.
struct Lockstep<L: Commanded> {
    reference: SharedEngine<L>,
    others: Vec<SharedEngine<L>>,
    externals: Externals<L>,
}

/// The comparison of all engines on one case.
struct Judged<L: Commanded> {
    verdict: Verdict,
    /// The reference's run.
    recorded: Recorded<L>,
    /// The conformance of each external engine.
    engines: Vec<ExternalSaid>,
}

impl<L: Commanded> Lockstep<L> {
    fn new(options: &Diff, stop: &Stop) -> Result<Lockstep<L>, CliError> {
        let weights = options.weights.as_deref();
        let networks = Networks::load(weights, options.memory)?;
        let most = options.dense.of::<L>();
        let mut others: Vec<SharedEngine<L>> = networks.as_compiled().map(|compiled| Box::new(compiled) as _).into_iter().collect();
        others.extend(networks.engines(&options.engines, most)?);
        let externals = Externals::new(options.external.start(weights, || networks.dense(), stop)?, networks.indexed(), most, stop);
        Ok(Lockstep { reference: L::vm(), others, externals })
    }

    /// Compares all engines on a case. Returns `None` if the comparison was stopped.
    fn judge(&mut self, case: Case<'_, L>, limit: usize) -> Result<Option<Judged<L>>, CliError> {
        let (verdict, recorded) = compare_with(case, self.reference.as_ref(), &by_reference(&self.others), limit)?;
        let said = self.externals.judge(case, (self.reference.name(), &recorded), &verdict)?;
        Ok(said.map(|engines| Judged { verdict, recorded, engines }))
    }
}

/// The comparison of all programs: its options and its engines.
struct Comparison<'d> {
    options: &'d Diff,
    /// The machine that runs all programs; `None` if each program runs on the smallest machine that has it.
    machine: Option<LanguageName>,
    /// The function calls, environment, imports and arguments for a full program.
    invocation: Invocation,
    stop: Stop,
    byte: Option<Lockstep<Byte>>,
    full: Option<Lockstep<Full>>,
}

impl Diff {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let (paths, invocation) = self.invocation()?;
        let (places, unreadable) = places(paths)?;
        // Weights are for one machine, and all programs run on it.
        let machine = match (self.machine, self.weights.as_deref()) {
            (None, Some(weights)) => Some(machine_of_weights(weights)?),
            (None, None) if invocation.is_given() || self.engines.iter().any(|engine| engine.is_of_full_alone()) => {
                Some(LanguageName::Full)
            }
            (machine, _) => machine,
        };
        let stop = out.stop().clone();
        let mut comparison = Comparison { options: self, machine, invocation, stop, byte: None, full: None };
        comparison.make_ready(places.len())?;
        let progress = Progress::new(places.len(), "programs", out);
        let mut totals = Totals::new(!self.external.is_empty());
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
            say(comparison.unreadable(error.source_name.clone(), error.to_string()), out)?;
        }
        let mut compared = 0;
        for place in &places {
            if progress.is_stopped() {
                break;
            }
            let Some(line) = comparison.compare(place)? else { break };
            say(line, out)?;
            compared += 1;
            let _ = progress.tick();
        }
        totals.not_compared = places.len() - compared;
        drop(progress);

        let summaries = comparison.finish();
        if self.json {
            let document = serde_json::json!({ "programs": lines, "totals": totals, "engines": summaries });
            writeln!(out, "{document:#}")?;
        } else {
            for summary in summaries {
                writeln!(out, "{summary}")?;
            }
            totals.print(out)?;
        }
        Ok(match totals.outcome() {
            Outcome::Bad if self.interesting => Outcome::Good,
            _ if self.interesting => Outcome::Bad,
            outcome => outcome,
        })
    }

    /// The paths of programs, and the invocation of a full program.
    fn invocation(&self) -> Result<(&[PathBuf], Invocation), CliError> {
        let programs = if self.invoke.is_empty() { self.paths.len() } else { self.paths.len().min(1) };
        let (paths, rest) = self.paths.split_at(programs);
        let before = rest.iter().map(|word| word.display().to_string());
        let arguments = before.chain(self.arguments.iter().cloned()).collect();
        let invocation = Invocation {
            invoke: self.invoke.clone(),
            environment: self.environment.clone(),
            imports: self.imports.clone(),
            bytes: self.bytes.clone(),
            system: self.system.clone(),
            arguments,
        };
        if invocation.is_given() && (paths.len() != 1 || paths[0].is_dir()) {
            return Err(CliError::Usage(
                "--invoke, --env, --import, --bytes, --dir, --clock, --seed, --random and arguments need exactly one program".to_string(),
            ));
        }
        Ok((paths, invocation))
    }
}

impl Comparison<'_> {
    /// Creates the engines of the chosen machine, so that an error in them is reported before any program is
    /// compared. Without a chosen machine, engines are created when a program needs them.
    fn make_ready(&mut self, programs: usize) -> Result<(), CliError> {
        match self.machine {
            _ if programs == 0 => {}
            Some(LanguageName::Byte) => self.byte = Some(Lockstep::new(self.options, &self.stop)?),
            Some(LanguageName::Full) => self.full = Some(Lockstep::new(self.options, &self.stop)?),
            None => {}
        }
        Ok(())
    }

    /// Compares all engines on one program. An unreadable program is reported and counted, and the other
    /// programs are still compared. Returns `None` if the comparison was stopped.
    fn compare(&mut self, place: &Place) -> Result<Option<Line>, CliError> {
        let program = place.to_string();
        let read = place.read().and_then(|bytes| Ok((load_bytes(&bytes, self.machine)?, bytes.source)));
        match read {
            Err(error) => Ok(Some(self.unreadable(program, error.to_string()))),
            Ok((Program::Byte(module), _)) => self.compare_byte(program, &module),
            Ok((Program::Full(file), source)) => self.compare_full(place, &source, *file),
        }
    }

    fn compare_byte(&mut self, program: String, module: &Module) -> Result<Option<Line>, CliError> {
        let lockstep = lockstep(&mut self.byte, self.options, &self.stop)?;
        let files = module.header.files();
        let judged = lockstep.judge(Case::<Byte>::new(&module.program, &files), self.options.limit)?;
        Ok(judged.map(|Judged { verdict, engines, .. }| Line { program, verdict: Said::Verdict(verdict), engines }))
    }

    /// Runs a program with the invocation of the command line, or else with that of its header. A program's
    /// input is that of its header, or else the contents of the `.in` file beside the program.
    fn compare_full(&mut self, place: &Place, source: &Source, file: File) -> Result<Option<Line>, CliError> {
        let program = place.to_string();
        let invoked = match Invoked::load(place.path(), source, file, &self.invocation) {
            Ok(invoked) => invoked,
            // With an invocation on the command line, the error is about the command line and ends the
            // command. Without one, the error is about the file.
            Err(error) if self.invocation.is_given() => return Err(error),
            Err(error) => return Ok(Some(self.unreadable(program, error.to_string()))),
        };
        let Invoked { loaded, calls, .. } = &invoked;
        let beside = place.beside("in").unwrap_or_default();
        let input = if loaded.header.input().is_empty() { &beside } else { loaded.header.input() };
        let lockstep = lockstep(&mut self.full, self.options, &self.stop)?;
        let judged = lockstep.judge(invoked.case(input), self.options.limit)?;
        let Some(Judged { verdict, recorded, engines }) = judged else { return Ok(None) };
        // The header's expectations are for the header's own invocation only.
        let is_expected = !self.invocation.is_given() && matches!(verdict, Verdict::Agree { .. });
        let failure = is_expected.then(|| failure(&loaded.header, &recorded.run, &loaded.program.results(calls))).flatten();
        let verdict = failure.map_or(Said::Verdict(verdict), Said::unexpected);
        Ok(Some(Line { program, verdict, engines }))
    }

    /// The line of an unreadable program.
    fn unreadable(&mut self, program: String, reason: String) -> Line {
        let why = "it cannot be read";
        let byte = self.byte.as_mut().map(|lockstep| lockstep.externals.not_run(why));
        let engines = byte.or_else(|| self.full.as_mut().map(|lockstep| lockstep.externals.not_run(why)));
        Line { program, verdict: Said::unreadable(reason), engines: engines.unwrap_or_default() }
    }

    /// Lets the external processes end, and returns a summary of each.
    fn finish(self) -> Vec<Summary> {
        let byte = self.byte.map(|lockstep| lockstep.externals.finish());
        let full = self.full.map(|lockstep| lockstep.externals.finish());
        byte.into_iter().chain(full).flatten().collect()
    }
}

/// The engines on which programs of a language are compared; creates them at the first call.
fn lockstep<'l, L: Commanded>(lockstep: &'l mut Option<Lockstep<L>>, options: &Diff, stop: &Stop) -> Result<&'l mut Lockstep<L>, CliError> {
    Ok(match lockstep {
        Some(lockstep) => lockstep,
        none => none.insert(Lockstep::new(options, stop)?),
    })
}

/// The programs in files and folders, and the errors of folders' entries that cannot be read. Without any
/// path, the corpus that is embedded in this command.
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
