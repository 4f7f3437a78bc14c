//! What was run, counted: verdicts, ends, executed instructions.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::compare::Verdict;
use super::engine::Recorded;
use crate::byte::isa::TABLE;
use crate::byte::isa::Trap;
use crate::byte::program::Program;
use crate::byte::trace::End;

/// Counts over many programs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Programs on which all engines agreed.
    pub agree: u64,
    /// Programs on which they diverged.
    pub diverge: u64,
    /// Programs of which nothing could be said.
    pub inconclusive: u64,
    /// Steps of all traces.
    pub steps: u64,
    /// How programs ended.
    ends: BTreeMap<String, u64>,
    /// Executed instructions, by mnemonic.
    executed: BTreeMap<String, u64>,
}

impl Statistics {
    /// Programs counted.
    pub fn programs(&self) -> u64 {
        self.agree + self.diverge + self.inconclusive
    }

    /// Counts one program.
    pub fn count(&mut self, program: &Program, verdict: &Verdict, expected: &Recorded) {
        *match verdict {
            Verdict::Agree { .. } => &mut self.agree,
            Verdict::Diverge(_) => &mut self.diverge,
            Verdict::Inconclusive { .. } => &mut self.inconclusive,
        } += 1;
        self.steps += expected.steps.len() as u64;
        *self.ends.entry(end_name(expected.run.end).to_string()).or_default() += 1;
        for step in &expected.steps {
            let mnemonic = program.code()[step.pc].op.row().mnemonic;
            match self.executed.get_mut(mnemonic) {
                Some(count) => *count += 1,
                None => drop(self.executed.insert(mnemonic.to_string(), 1)),
            }
        }
    }

    /// Adds the counts of others.
    pub fn merge(&mut self, other: Statistics) {
        self.agree += other.agree;
        self.diverge += other.diverge;
        self.inconclusive += other.inconclusive;
        self.steps += other.steps;
        for (counts, others) in [(&mut self.ends, other.ends), (&mut self.executed, other.executed)] {
            for (name, count) in others {
                *counts.entry(name).or_default() += count;
            }
        }
    }
}

fn end_name(end: End) -> &'static str {
    match end {
        End::Halt => "halt",
        End::Trap(trap) => trap.name(),
        End::Stopped => "stopped",
        End::Lost => "lost",
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "instruction  executed")?;
        for row in TABLE.iter().filter(|row| !row.op.is_marker()) {
            writeln!(f, "{:<11}  {:>8}", row.mnemonic, self.executed.get(row.mnemonic).unwrap_or(&0))?;
        }
        writeln!(f, "\nend                programs")?;
        let traps = Trap::ALL.map(Trap::name);
        for end in ["halt"].into_iter().chain(traps) {
            writeln!(f, "{end:<17}  {:>8}", self.ends.get(end).unwrap_or(&0))?;
        }
        let Statistics { agree, diverge, inconclusive, steps, .. } = self;
        write!(f, "\n{} programs, {steps} steps: {agree} agree, {diverge} diverge, {inconclusive} inconclusive", self.programs())
    }
}
