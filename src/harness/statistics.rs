//! Statistics of the programs that were run: verdicts, ends, executed instructions.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::compare::Verdict;
use super::engine::Recorded;
use super::language::Language;

/// Counts over many programs of a language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Statistics<L: Language> {
    /// Programs on which all engines agreed.
    pub agree: u64,
    /// Programs on which the engines diverged.
    pub diverge: u64,
    /// Programs on which all engines agreed up to where the language cuts the run short, by reason.
    pub cut_short: BTreeMap<String, u64>,
    /// Programs without a verdict, by reason.
    pub inconclusive: BTreeMap<String, u64>,
    /// Programs that the language refuses, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Programs that were not run because they take more steps than was wanted.
    pub passed_over: u64,
    /// Steps of all traces.
    pub steps: u64,
    /// How programs ended.
    ends: BTreeMap<String, u64>,
    /// Executed instructions, by mnemonic.
    executed: BTreeMap<String, u64>,
    #[serde(skip)]
    language: PhantomData<L>,
}

impl<L: Language> Statistics<L> {
    /// The number of programs counted, including those that were refused or passed over.
    pub fn programs(&self) -> u64 {
        let by_reason = [&self.cut_short, &self.inconclusive, &self.refused];
        self.agree + self.diverge + self.passed_over + by_reason.into_iter().map(sum).sum::<u64>()
    }

    /// Counts one program.
    pub fn count(&mut self, program: &L::Program, verdict: &Verdict, recorded: &Recorded<L>) {
        match verdict {
            Verdict::Agree { .. } => self.agree += 1,
            Verdict::Diverge(_) => self.diverge += 1,
            Verdict::Inconclusive { reason } if L::cut_short(&recorded.run.end).as_ref() == Some(reason) => {
                add_one(&mut self.cut_short, reason);
            }
            Verdict::Inconclusive { reason } => add_one(&mut self.inconclusive, reason),
        }
        self.steps += recorded.steps.len() as u64;
        add_one(&mut self.ends, L::end_kind(&recorded.run.end));
        for step in &recorded.steps {
            let (mnemonic, routine) = L::executed(program, *step);
            add_one(&mut self.executed, mnemonic);
            routine.iter().for_each(|name| add_one(&mut self.executed, name));
        }
    }

    /// Counts one program that the language refuses.
    pub fn refuse(&mut self, reason: &str) {
        add_one(&mut self.refused, reason);
    }

    /// Moves all programs that ran to the count of divergences.
    pub fn recount_as_divergence(&mut self) {
        self.diverge = self.programs() - sum(&self.refused) - self.passed_over;
        self.agree = 0;
        self.cut_short.clear();
        self.inconclusive.clear();
    }

    /// Adds the counts of other programs.
    pub fn merge(&mut self, other: Statistics<L>) {
        self.agree += other.agree;
        self.diverge += other.diverge;
        self.steps += other.steps;
        self.passed_over += other.passed_over;
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

    /// The number of instructions of the language that were executed at least once, and the number of all
    /// instructions.
    pub fn covered(&self) -> (usize, usize) {
        (L::mnemonics().filter(|mnemonic| self.executed(mnemonic) > 0).count(), L::mnemonics().count())
    }
}

/// Adds one to the count of a name.
fn add_one(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => drop(counts.insert(name.to_string(), 1)),
    }
}

fn sum(counts: &BTreeMap<String, u64>) -> u64 {
    counts.values().sum()
}

impl<L: Language> fmt::Display for Statistics<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others = self.ends.keys().map(String::as_str).filter(|end| !L::ENDS.contains(end));
        let ends: Vec<&str> = L::ENDS.iter().copied().chain(others).collect();
        let width = L::mnemonics().map(str::len).chain(ends.iter().map(|end| end.len())).max().unwrap_or(0);
        writeln!(f, "{:<width$}  executed", "instruction")?;
        for mnemonic in L::mnemonics() {
            writeln!(f, "{mnemonic:<width$}  {:>8}", self.executed(mnemonic))?;
        }
        writeln!(f, "\n{:<width$}  programs", "end")?;
        for end in ends {
            writeln!(f, "{end:<width$}  {:>8}", self.ends.get(end).unwrap_or(&0))?;
        }
        for (what, counts) in [("cut short", &self.cut_short), ("inconclusive", &self.inconclusive), ("refused", &self.refused)] {
            for (reason, count) in counts {
                writeln!(f, "{what}: {count}: {reason}")?;
            }
        }
        writeln!(f)?;
        self.line(f)
    }
}

impl<L: Language> Statistics<L> {
    fn line(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Statistics { agree, diverge, steps, .. } = self;
        let [cut_short, inconclusive, refused] = [&self.cut_short, &self.inconclusive, &self.refused].map(sum);
        write!(f, "{} programs, {steps} steps: {agree} agree, {diverge} diverge, {inconclusive} inconclusive", self.programs())?;
        for (count, what) in
            [(cut_short, "agree up to where they are cut short"), (refused, "refused"), (self.passed_over, "passed over, of more steps")]
        {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }

    /// The counts on one line.
    pub fn summary(&self) -> impl fmt::Display {
        struct Line<'s, L: Language>(&'s Statistics<L>);
        impl<L: Language> fmt::Display for Line<'_, L> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (covered, all) = self.0.covered();
                self.0.line(f)?;
                write!(f, "; {covered} of {all} instructions executed")
            }
        }
        Line(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::full::program::load;
    use crate::full::wasi::Process;
    use crate::harness::full::{Case, Full};
    use crate::harness::{VmEngine, compare};
    use crate::wasm::Source;

    /// The counts of one program.
    fn counted(body: &str, limit: usize) -> Statistics<Full> {
        let text = format!(r#"(module (import "env" "far" (func $far)) (func (export "main") {body}))"#);
        let loaded = load(&Source::named("test.wat"), text.as_bytes(), &Process::default()).unwrap();
        let calls = loaded.calls(&["main"], &[""; 0]).unwrap();
        let case = Case::of(&loaded, &calls, &[]);
        let (verdict, recorded) = compare(case, &[&VmEngine, &VmEngine], limit).unwrap();
        let mut statistics = Statistics::default();
        statistics.count(case.program, &verdict, &recorded);
        statistics
    }

    #[test]
    fn a_program_counted_again_as_a_divergence_is_counted_once() {
        let (agree, cut_short, inconclusive) = (counted("", 10), counted("(call $far)", 10), counted("(loop (br 0))", 10));
        assert_eq!((agree.agree, sum(&cut_short.cut_short), sum(&inconclusive.inconclusive)), (1, 1, 1));
        for mut statistics in [agree, cut_short, inconclusive] {
            statistics.recount_as_divergence();
            assert_eq!((statistics.programs(), statistics.diverge), (1, 1), "{statistics}");
        }
    }

    #[test]
    fn the_columns_of_the_tables_are_straight() {
        let told = counted("", 10).to_string();
        let ends = told.lines().filter(|line| line.ends_with(|c: char| c.is_ascii_digit()) && !line.contains(':'));
        let lengths: Vec<usize> = ends.map(str::len).collect();
        assert!(lengths.len() > 100 && lengths.iter().all(|length| *length == lengths[0]), "{told}");
    }
}
