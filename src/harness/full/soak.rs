//! Soaking: generated full programs, as many as time allows, through all engines.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::compare::{Recorded, Verdict, compare};
use super::engine::{Case, Engine};
use super::generate::{Generated, SEEDED_BYTES};
use super::margins::{Measure, Measured};
use super::network::NetworkEngine;
use crate::full::isa::{Op, TABLE};
use crate::full::program::{Immediate, Program};
use crate::full::trace::End;
use crate::harness::EngineError;
use crate::harness::generate::mix;
use crate::harness::margins::Margins;

/// Steps after which a program is given up.
pub const STEP_LIMIT: usize = 200_000;

/// Instructions that are calls of routines: the names of these.
const ROUTINES: [&str; 4] = ["memory.copy", "memory.fill", "memory.init", "data.drop"];

/// What was run, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Programs on which all engines agreed.
    pub agree: u64,
    /// Programs on which they diverged.
    pub diverge: u64,
    /// Programs on which all engines agreed up to an instruction that ends the run because the profile refuses it, by reason.
    #[serde(default)]
    pub cut_short: BTreeMap<String, u64>,
    /// Programs of which nothing could be said, by reason.
    pub inconclusive: BTreeMap<String, u64>,
    /// Modules that the profile refuses, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Steps of all traces.
    pub steps: u64,
    /// How programs ended.
    ends: BTreeMap<String, u64>,
    /// Executed instructions, by mnemonic; those that are calls of routines too.
    executed: BTreeMap<String, u64>,
}

/// A divergence that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The index of the program in the sequence of its seed.
    pub index: u64,
    /// The smallest program found that diverges: of fewer of the seed's bytes.
    pub generated: Generated,
    /// How engines differ.
    pub report: String,
}

/// What some programs of a sequence gave.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The counts.
    pub statistics: Statistics,
    /// The divergences, by index.
    pub findings: Vec<Finding>,
    /// What was measured.
    pub margins: Margins,
    /// Runs whose margins were measured.
    pub measured: u64,
    /// Runs that were to be measured and have too long a prompt.
    pub too_long: u64,
}

/// What is too slow for every program.
#[derive(Clone, Copy)]
pub struct Sampled<'e> {
    /// The network whose margins are measured, on each form of programs.
    pub networks: [&'e NetworkEngine; 2],
    /// Its dense pass.
    pub measure: &'e Measure,
    /// One program in this many.
    pub share: u64,
}

/// The program at an index of the sequence that a seed gives.
pub fn program(seed: u64, index: u64) -> Generated {
    Generated::from_seed(mix(seed) ^ index)
}

/// Runs the programs at these indices of a seed's sequence, in parallel on rayon's current pool.
///
/// # Errors
/// Where an engine cannot run a program at all.
pub fn run(seed: u64, indices: Range<u64>, engines: &[&(dyn Engine + Sync)]) -> Result<Batch, EngineError> {
    run_measured(seed, indices, engines, None)
}

/// As [`run`], with the margins of a share of the programs.
///
/// # Errors
/// As [`run`].
pub fn run_measured(
    seed: u64,
    indices: Range<u64>,
    engines: &[&(dyn Engine + Sync)],
    sampled: Option<Sampled<'_>>,
) -> Result<Batch, EngineError> {
    let one = |index| -> Result<Batch, EngineError> {
        let engines: Vec<&dyn Engine> = engines.iter().map(|engine| *engine as &dyn Engine).collect();
        let generated = program(seed, index);
        let mut batch = Batch::default();
        if let Some(report) = judge(&generated, &engines, STEP_LIMIT, &mut batch.statistics)? {
            let (generated, report) = shrink(mix(seed) ^ index, &engines)?.unwrap_or((generated, report));
            batch.findings.push(Finding { index, generated, report });
        } else if let Some(sampled) = sampled.filter(|sampled| index % sampled.share == 0)
            && let Some(report) = batch.measure(sampled, &generated)?
        {
            batch.statistics.agree = batch.statistics.agree.saturating_sub(1);
            batch.statistics.diverge += 1;
            batch.findings.push(Finding { index, generated, report });
        }
        Ok(batch)
    };
    indices.into_par_iter().map(one).try_reduce(Batch::default, |mut sum, batch| {
        sum.statistics.merge(batch.statistics);
        sum.findings.extend(batch.findings);
        sum.margins.merge(&batch.margins);
        sum.measured += batch.measured;
        sum.too_long += batch.too_long;
        Ok(sum)
    })
}

impl Batch {
    /// Adds a program's margins. Gives the report where the dense pass differs.
    fn measure(&mut self, Sampled { networks, measure, .. }: Sampled<'_>, generated: &Generated) -> Result<Option<String>, EngineError> {
        // What the profile refuses was counted when it was judged.
        let Ok(loaded) = generated.load() else { return Ok(None) };
        let (function, arguments) = generated.invocation(&loaded);
        let case = Case::of(&loaded, function, &arguments, &generated.input);
        for network in networks {
            match measure.measure(network, case, &mut self.margins)? {
                Measured::Added => self.measured += 1,
                Measured::TooLong => self.too_long += 1,
                Measured::Differs(report) => return Ok(Some(report)),
            }
        }
        Ok(None)
    }
}

/// The first module of ever more of a seed's bytes on which the engines differ.
fn shrink(seed: u64, engines: &[&dyn Engine]) -> Result<Option<(Generated, String)>, EngineError> {
    for bytes in (0..SEEDED_BYTES).step_by(16) {
        let generated = Generated::from_start_of_seed(seed, bytes);
        if let Some(report) = judge(&generated, engines, STEP_LIMIT, &mut Statistics::default())? {
            return Ok(Some((generated, report)));
        }
    }
    Ok(None)
}

/// Runs one program on all engines, up to `limit` steps, and counts it. Gives the report where they differ.
///
/// # Errors
/// Where an engine cannot run it at all.
pub fn judge(
    generated: &Generated,
    engines: &[&dyn Engine],
    limit: usize,
    statistics: &mut Statistics,
) -> Result<Option<String>, EngineError> {
    let loaded = match generated.load() {
        Ok(loaded) => loaded,
        Err(error) => {
            *statistics.refused.entry(error.reason).or_default() += 1;
            return Ok(None);
        }
    };
    let (function, arguments) = generated.invocation(&loaded);
    let (verdict, recorded) = compare(Case::of(&loaded, function, &arguments, &generated.input), engines, limit)?;
    statistics.count(&loaded.program, &verdict, &recorded);
    Ok(match verdict {
        Verdict::Diverge(report) => Some(report.to_string()),
        Verdict::Agree | Verdict::Inconclusive { .. } => None,
    })
}

impl Statistics {
    /// Programs counted, those refused among them.
    pub fn programs(&self) -> u64 {
        let by_reason = [&self.cut_short, &self.inconclusive, &self.refused];
        self.agree + self.diverge + by_reason.into_iter().flat_map(BTreeMap::values).sum::<u64>()
    }

    fn count(&mut self, program: &Program, verdict: &Verdict, recorded: &Recorded) {
        *match verdict {
            Verdict::Agree => &mut self.agree,
            Verdict::Diverge(_) => &mut self.diverge,
            Verdict::Inconclusive { reason } if matches!(&recorded.run.end, End::Refused(what) if what.reason() == *reason) => {
                self.cut_short.entry(reason.clone()).or_default()
            }
            Verdict::Inconclusive { reason } => self.inconclusive.entry(reason.clone()).or_default(),
        } += 1;
        self.steps += recorded.steps.len() as u64;
        let end = match &recorded.run.end {
            End::Returned(_) => "returned",
            End::Exited(_) => "exited",
            End::Trapped(trap) => trap.name(),
            End::Refused(_) => "refused",
            End::Stopped => "stopped",
            End::Lost(_) => "lost",
        };
        *self.ends.entry(end.to_string()).or_default() += 1;
        for step in &recorded.steps {
            let instr = &program.code[step.pc as usize];
            add_one(&mut self.executed, instr.op.row().mnemonic);
            if let (Op::Call, Immediate::Function(callee)) = (instr.op, &instr.immediate)
                && let Some(name) = ROUTINES.iter().find(|name| program.functions[*callee as usize].name.as_deref() == Some(name))
            {
                add_one(&mut self.executed, name);
            }
        }
    }

    /// Adds the counts of others.
    pub fn merge(&mut self, other: Statistics) {
        self.agree += other.agree;
        self.diverge += other.diverge;
        self.steps += other.steps;
        let maps = [
            (&mut self.cut_short, other.cut_short),
            (&mut self.inconclusive, other.inconclusive),
            (&mut self.refused, other.refused),
            (&mut self.ends, other.ends),
            (&mut self.executed, other.executed),
        ];
        for (counts, others) in maps {
            for (name, count) in others {
                *counts.entry(name).or_default() += count;
            }
        }
    }

    /// How often an instruction was executed.
    pub fn executed(&self, mnemonic: &str) -> u64 {
        self.executed.get(mnemonic).copied().unwrap_or(0)
    }
}

/// One more of a name.
fn add_one(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => drop(counts.insert(name.to_string(), 1)),
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<20}  executed", "instruction")?;
        for mnemonic in TABLE.iter().map(|row| row.mnemonic).chain(ROUTINES) {
            writeln!(f, "{mnemonic:<20}  {:>8}", self.executed(mnemonic))?;
        }
        writeln!(f, "\n{:<20}  programs", "end")?;
        for (end, count) in &self.ends {
            writeln!(f, "{end:<20}  {count:>8}")?;
        }
        for (what, counts) in [("cut short", &self.cut_short), ("inconclusive", &self.inconclusive), ("refused", &self.refused)] {
            for (reason, count) in counts {
                writeln!(f, "{what}: {count}: {reason}")?;
            }
        }
        let [cut_short, inconclusive, refused] =
            [&self.cut_short, &self.inconclusive, &self.refused].map(|counts| counts.values().sum::<u64>());
        let Statistics { agree, diverge, steps, .. } = self;
        write!(
            f,
            "\n{} programs, {steps} steps: {agree} agree, {cut_short} up to where they are cut short, {diverge} diverge, {inconclusive} inconclusive, {refused} refused",
            self.programs()
        )
    }
}
