//! `wasmformer diff`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::external::{self, ExternalArgs, Externals};
use super::full::{self, AnyProgram, Invocation, Machine};
use super::input::{EngineName, Transformers};
use super::memory::MaxMemory;
use super::{CliError, Outcome};
use crate::harness::compliance::STEP_LIMIT;
use crate::harness::{Case, Conformance, DenseEngine, Engine, Verdict, VmEngine, WasmiEngine, compare};
use crate::program::Bytes;
use crate::program::reader::{Module, find_programs};
use crate::shown;

#[derive(Args)]
pub(super) struct Diff {
    /// Programs (- is standard input), or folders of programs; with --invoke one program, and then the function's arguments
    #[arg(default_value = "corpus", allow_negative_numbers = true)]
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

/// What is said of one program.
#[derive(Serialize)]
struct Line {
    program: String,
    #[serde(flatten)]
    verdict: Said,
    /// What is said of each external engine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    engines: Vec<external::Said>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Said {
    Verdict(Verdict),
    Full(full::Said),
    Unreadable { verdict: &'static str, reason: String },
}

#[derive(Default, Serialize)]
struct Totals {
    agree: usize,
    diverge: usize,
    /// Programs at which an external engine failed, or on which one was not run; `None` without external engines.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<usize>,
    inconclusive: usize,
    unreadable: usize,
}

impl Diff {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let mut programs = Vec::new();
        let (paths, invocation) = self.invocation()?;
        for path in paths {
            programs.extend(find_programs(path)?);
        }
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
        let of_byte = weights.filter(|_| machine == Some(Machine::Byte));
        let (vm, wasmi, transformers) = (VmEngine, WasmiEngine::default(), Transformers::load(of_byte)?);
        let named = if machine == Some(Machine::Full) { &[][..] } else { &self.engines };
        let named = named.iter().map(|name| name.load(of_byte)).collect::<Result<Vec<_>, _>>()?;
        let mut engines: Vec<&dyn Engine> = vec![&vm];
        if named.is_empty() {
            engines.push(&wasmi);
            engines.extend(transformers.engines().into_iter().map(|engine| engine as &dyn Engine));
        }
        engines.extend(named.iter().map(|engine| engine.as_ref()));
        let dense = &transformers.dense;
        let mut full_engines = None;
        let mut externals = self.external.start(of_byte, dense)?;

        let mut totals = Totals { failed: (!externals.is_empty()).then_some(0), ..Totals::default() };
        let mut lines = Vec::new();
        for path in programs {
            let program = path.display().to_string();
            let read = Bytes::read(&path).and_then(|bytes| Ok((full::read(&bytes, machine)?, bytes.source)));
            let line = match read {
                // A program that cannot be read is said and counted; the others are still compared.
                Err(error) => {
                    Line { program, verdict: Said::Unreadable { verdict: "unreadable", reason: error.to_string() }, engines: Vec::new() }
                }
                Ok((AnyProgram::Byte(module), _)) => self.compare(program, &module, &engines, &mut externals, dense)?,
                Ok((AnyProgram::Full(file), source)) => {
                    // Compiled for the first program that asks for them.
                    let engines = match &mut full_engines {
                        Some(engines) => engines,
                        none => none.insert(full::engines(&self.engines, weights, self.memory)?),
                    };
                    let verdict = Said::Full(full::diff((&path, &source), *file, &invocation, engines, self.limit)?);
                    Line { program, verdict, engines: Vec::new() }
                }
            };
            totals.count(&line);
            if self.json {
                lines.push(line);
            } else {
                line.print(out)?;
            }
        }
        let summaries = externals.finish();
        if self.json {
            let document = serde_json::json!({ "programs": lines, "totals": totals, "engines": summaries });
            writeln!(out, "{document:#}")?;
        } else {
            for summary in summaries {
                writeln!(out, "{summary}")?;
            }
            let Totals { agree, diverge, failed, inconclusive, unreadable } = totals;
            let failed = failed.map(|failed| format!("{failed} failed or not run, ")).unwrap_or_default();
            writeln!(out, "{agree} agree, {diverge} diverge, {failed}{inconclusive} inconclusive, {unreadable} unreadable")?;
        }
        Ok(totals.outcome())
    }

    fn compare(
        &self,
        program: String,
        module: &Module,
        engines: &[&dyn Engine],
        externals: &mut Externals,
        dense: &DenseEngine,
    ) -> Result<Line, CliError> {
        let case = Case { program: &module.program, files: &module.header.files() };
        let verdict = compare(case, engines, self.limit)?;
        let engines = externals.judge(case, self.limit, &verdict, dense)?;
        Ok(Line { program, verdict: Said::Verdict(verdict), engines })
    }

    /// The paths of programs, and what of a full program is run.
    fn invocation(&self) -> Result<(&[PathBuf], Invocation), CliError> {
        let (paths, rest) = self.paths.split_at(if self.invoke.is_some() { 1 } else { self.paths.len() });
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

impl Line {
    fn print(&self, out: &mut dyn Write) -> Result<(), CliError> {
        let name = &shown::path(Path::new(&self.program));
        let agreed = |said: &external::Said| matches!(said.conformance, Conformance::Agree { .. });
        match &self.verdict {
            Said::Verdict(Verdict::Agree { .. }) if !self.engines.iter().all(agreed) => {}
            Said::Verdict(Verdict::Agree { steps, tokens }) => writeln!(out, "agree         {name}: {steps} steps, {tokens} tokens")?,
            Said::Verdict(Verdict::Diverge(report)) => writeln!(out, "diverge       {name}: {report}")?,
            Said::Verdict(Verdict::Inconclusive { reason }) => writeln!(out, "inconclusive  {name}: {reason}")?,
            Said::Unreadable { reason, .. } | Said::Full(full::Said::Unreadable { reason }) => writeln!(out, "unreadable    {reason}")?,
            Said::Full(full::Said::Agree { steps }) => writeln!(out, "agree         {name}: {steps} steps")?,
            Said::Full(full::Said::Diverge { report }) => writeln!(out, "diverge       {name}: {report}")?,
            Said::Full(full::Said::Inconclusive { reason }) => writeln!(out, "inconclusive  {name}: {reason}")?,
        }
        self.engines.iter().try_for_each(|said| said.print(name, out))
    }
}

impl Totals {
    fn count(&mut self, line: &Line) {
        let external = |of: fn(&Conformance) -> bool| line.engines.iter().any(|said| of(&said.conformance));
        *match &line.verdict {
            Said::Verdict(Verdict::Diverge(_)) | Said::Full(full::Said::Diverge { .. }) => &mut self.diverge,
            Said::Verdict(Verdict::Inconclusive { .. }) | Said::Full(full::Said::Inconclusive { .. }) => &mut self.inconclusive,
            Said::Unreadable { .. } | Said::Full(full::Said::Unreadable { .. }) => &mut self.unreadable,
            Said::Full(full::Said::Agree { .. }) => &mut self.agree,
            Said::Verdict(Verdict::Agree { .. }) if external(|c| matches!(c, Conformance::Diverge { .. })) => &mut self.diverge,
            Said::Verdict(Verdict::Agree { .. }) if external(|c| !matches!(c, Conformance::Agree { .. })) => {
                self.failed.get_or_insert_default()
            }
            Said::Verdict(Verdict::Agree { .. }) => &mut self.agree,
        } += 1;
    }

    fn outcome(&self) -> Outcome {
        match (self.diverge + self.failed.unwrap_or(0), self.inconclusive + self.unreadable) {
            (0, 0) => Outcome::Good,
            (0, _) => Outcome::Incomplete,
            _ => Outcome::Bad,
        }
    }
}
