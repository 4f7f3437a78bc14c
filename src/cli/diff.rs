//! `wasmformer diff`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::input::Transformers;
use super::{CliError, Outcome};
use crate::harness::compliance::STEP_LIMIT;
use crate::harness::{Case, Engine, Verdict, VmEngine, WasmiEngine, compare};
use crate::program::reader::{find_programs, read_file};

#[derive(Args)]
pub(super) struct Diff {
    /// Programs, or folders of programs
    #[arg(default_value = "corpus")]
    paths: Vec<PathBuf>,
    /// Run the transformer with the weights in this folder instead of those compiled
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// The number of steps after which a program is given up as inconclusive
    #[arg(long, value_name = "STEPS", default_value_t = STEP_LIMIT)]
    limit: usize,
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
}

#[derive(Serialize)]
#[serde(untagged)]
enum Said {
    Verdict(Verdict),
    Unreadable { verdict: &'static str, reason: String },
}

#[derive(Default, Serialize)]
struct Totals {
    agree: usize,
    diverge: usize,
    inconclusive: usize,
    unreadable: usize,
}

impl Diff {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let mut programs = Vec::new();
        for path in &self.paths {
            programs.extend(find_programs(path)?);
        }
        let (vm, wasmi, transformers) = (VmEngine, WasmiEngine::default(), Transformers::load(self.weights.as_deref())?);
        let mut engines: Vec<&dyn Engine> = vec![&vm, &wasmi];
        engines.extend(transformers.engines().into_iter().map(|engine| engine as &dyn Engine));

        let mut totals = Totals::default();
        let mut lines = Vec::new();
        for path in programs {
            let line = Line { program: path.display().to_string(), verdict: self.compare(&path, &engines)? };
            totals.count(&line.verdict);
            if self.json {
                lines.push(line);
            } else {
                line.print(out)?;
            }
        }
        if self.json {
            let document = serde_json::json!({ "programs": lines, "totals": totals });
            writeln!(out, "{document:#}")?;
        } else {
            let Totals { agree, diverge, inconclusive, unreadable } = totals;
            writeln!(out, "{agree} agree, {diverge} diverge, {inconclusive} inconclusive, {unreadable} unreadable")?;
        }
        Ok(totals.outcome())
    }

    /// A program that cannot be read is said and counted; the others are still compared.
    fn compare(&self, path: &Path, engines: &[&dyn Engine]) -> Result<Said, CliError> {
        match read_file(path) {
            Ok(module) => {
                let case = Case { program: &module.program, files: &module.header.files() };
                Ok(Said::Verdict(compare(case, engines, self.limit)?))
            }
            Err(error) => Ok(Said::Unreadable { verdict: "unreadable", reason: error.to_string() }),
        }
    }
}

impl Line {
    fn print(&self, out: &mut dyn Write) -> Result<(), CliError> {
        let name = &self.program;
        match &self.verdict {
            Said::Verdict(Verdict::Agree { steps, tokens }) => writeln!(out, "agree         {name}: {steps} steps, {tokens} tokens")?,
            Said::Verdict(Verdict::Diverge(report)) => writeln!(out, "diverge       {name}: {report}")?,
            Said::Verdict(Verdict::Inconclusive { reason }) => writeln!(out, "inconclusive  {name}: {reason}")?,
            Said::Unreadable { reason, .. } => writeln!(out, "unreadable    {reason}")?,
        }
        Ok(())
    }
}

impl Totals {
    fn count(&mut self, said: &Said) {
        *match said {
            Said::Verdict(Verdict::Agree { .. }) => &mut self.agree,
            Said::Verdict(Verdict::Diverge(_)) => &mut self.diverge,
            Said::Verdict(Verdict::Inconclusive { .. }) => &mut self.inconclusive,
            Said::Unreadable { .. } => &mut self.unreadable,
        } += 1;
    }

    fn outcome(&self) -> Outcome {
        match (self.diverge, self.inconclusive + self.unreadable) {
            (0, 0) => Outcome::Good,
            (0, _) => Outcome::Incomplete,
            _ => Outcome::Bad,
        }
    }
}
