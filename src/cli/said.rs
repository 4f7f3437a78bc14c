//! The report lines of `wasmformer diff`, per program and in total.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::{CliError, Outcome, external};
use crate::harness::compare::Partial;
use crate::harness::{Conformance, Verdict};
use crate::shown;

/// The report on one program.
#[derive(Serialize)]
pub(super) struct Line {
    pub program: String,
    #[serde(flatten)]
    pub verdict: Said,
    /// The conformance of each external engine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub engines: Vec<external::Said>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Said {
    Verdict(Verdict),
    /// All engines agree, but their run is not the one that the program's header expects.
    Unexpected {
        verdict: &'static str,
        report: String,
    },
    Unreadable {
        verdict: &'static str,
        reason: String,
    },
}

/// The number of programs per verdict.
#[derive(Default, Serialize)]
pub(super) struct Totals {
    agree: usize,
    diverge: usize,
    /// Programs on which an external engine failed or was not run; `None` without external engines.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<usize>,
    inconclusive: usize,
    unreadable: usize,
    /// Programs that agree, but on which an engine was compared on the first steps only.
    #[serde(skip_serializing_if = "is_zero")]
    partial: usize,
    /// Programs that were not compared, because the command was stopped.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_compared: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Said {
    pub(super) fn unexpected(report: String) -> Said {
        Said::Unexpected { verdict: "diverge", report }
    }

    pub(super) fn unreadable(reason: String) -> Said {
        Said::Unreadable { verdict: "unreadable", reason }
    }

    /// The engines that were compared on the first steps only, and the number of all steps.
    fn partial(&self) -> (&[Partial], usize) {
        match self {
            Said::Verdict(Verdict::Agree { partial, steps, .. }) => (partial, *steps),
            _ => (&[], 0),
        }
    }
}

impl Line {
    pub(super) fn print(&self, out: &mut dyn Write) -> Result<(), CliError> {
        let name = &shown::path(Path::new(&self.program));
        let agreed = |said: &external::Said| matches!(said.conformance, Conformance::Agree { .. });
        let (partial, all) = self.verdict.partial();
        let partial: String = partial.iter().map(|Partial { engine, steps }| format!("; {engine}: the first {steps} of {all}")).collect();
        match &self.verdict {
            // If an external engine does not agree, only its own line is printed, below.
            Said::Verdict(Verdict::Agree { .. }) if !self.engines.iter().all(agreed) => {}
            Said::Verdict(Verdict::Agree { steps, .. }) => writeln!(out, "agree         {name}: {steps} steps{partial}")?,
            Said::Verdict(Verdict::Diverge(report)) => writeln!(out, "diverge       {name}: {report}")?,
            Said::Unexpected { report, .. } => writeln!(out, "diverge       {name}: {report}")?,
            Said::Verdict(Verdict::Inconclusive { reason }) => writeln!(out, "inconclusive  {name}: {reason}")?,
            Said::Unreadable { reason, .. } => writeln!(out, "unreadable    {reason}")?,
        }
        self.engines.iter().try_for_each(|said| said.print(name, out))
    }
}

impl Totals {
    /// Totals of zero programs.
    pub(super) fn new(with_externals: bool) -> Totals {
        Totals { failed: with_externals.then_some(0), ..Totals::default() }
    }

    pub(super) fn count(&mut self, line: &Line) {
        let external = |of: fn(&Conformance) -> bool| line.engines.iter().any(|said| of(&said.conformance));
        self.partial += usize::from(!line.verdict.partial().0.is_empty());
        *match &line.verdict {
            Said::Unreadable { .. } => &mut self.unreadable,
            Said::Verdict(Verdict::Diverge(_)) | Said::Unexpected { .. } => &mut self.diverge,
            Said::Verdict(_) if external(|c| matches!(c, Conformance::Diverge { .. })) => &mut self.diverge,
            Said::Verdict(_) if external(|c| matches!(c, Conformance::Failed { .. })) => self.failed.get_or_insert_default(),
            Said::Verdict(Verdict::Inconclusive { .. }) => &mut self.inconclusive,
            Said::Verdict(Verdict::Agree { .. }) if external(|c| matches!(c, Conformance::NotRun { .. })) => {
                self.failed.get_or_insert_default()
            }
            Said::Verdict(Verdict::Agree { .. }) => &mut self.agree,
        } += 1;
    }

    pub(super) fn print(&self, out: &mut dyn Write) -> Result<(), CliError> {
        let Totals { agree, diverge, failed, inconclusive, unreadable, partial, not_compared } = self;
        if *partial > 0 {
            writeln!(
                out,
                "{partial} compared with the dense pass on the first steps only; --dense-steps STEPS and --dense-rows ROWS compare more"
            )?;
        }
        if *not_compared > 0 {
            writeln!(out, "stopped: {not_compared} not compared")?;
        }
        let failed = failed.map(|failed| format!("{failed} failed or not run, ")).unwrap_or_default();
        writeln!(out, "{agree} agree, {diverge} diverge, {failed}{inconclusive} inconclusive, {unreadable} unreadable")?;
        Ok(())
    }

    pub(super) fn outcome(&self) -> Outcome {
        match (self.diverge + self.failed.unwrap_or(0), self.inconclusive + self.unreadable + self.not_compared) {
            (0, 0) => Outcome::Good,
            (0, _) => Outcome::Incomplete,
            _ => Outcome::Bad,
        }
    }
}
