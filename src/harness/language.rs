//! What the harness needs to know of a language.

use std::fmt::Debug;

use super::engine::{Case, EngineError, Recorded, Run};
use super::engines::external::partner::Partner;

/// A subset of WebAssembly with its programs, traces and reference VM.
///
/// The harness is written once, over this trait: what a step is, how it prints, and how two states differ, is
/// all that it needs to know.
pub trait Language: Copy + Debug + Default + Eq + Send + Sync + Sized + 'static {
    /// Its name, as `--machine` takes it.
    const NAME: &'static str;

    /// Its programs.
    type Program: Debug;
    /// What a run begins with besides the program.
    type Given<'a>: Copy + Debug;
    /// One executed instruction, and what it wrote.
    type Step: Copy + Debug + PartialEq + Send + Sync;
    /// How a run ends.
    type End: Clone + Debug + PartialEq + Send + Sync;
    /// What a run leaves besides its trace.
    type State: Clone + Debug + PartialEq + Send + Sync;

    /// What a run begins with, for a shorter time: the compiler cannot tell for all languages that this is
    /// possible.
    fn shorten<'s, 'l: 's>(given: Self::Given<'l>) -> Self::Given<'s>;

    /// The end of a run that its watch stopped.
    fn stopped() -> Self::End;

    /// The end of a run in which an engine did what no program can.
    fn lost(reason: String) -> Self::End;

    /// Why a run that ended like this shows nothing of what comes after, where engines agree on all before.
    fn cut_short(_end: &Self::End) -> Option<String> {
        None
    }

    /// Two different ends, as texts that differ.
    fn ends_apart(case: Case<'_, Self>, expected: &Self::End, actual: &Self::End) -> (String, String);

    /// The kind of an end, one of [`Language::ENDS`], or another kind that statistics show only where it
    /// occurs.
    fn end_kind(end: &Self::End) -> &'static str;

    /// The kinds of ends that programs of the language have.
    const ENDS: &'static [&'static str];

    /// The instructions that statistics show, by mnemonic.
    fn mnemonics() -> impl Iterator<Item = &'static str>;

    /// What a step executed, by the mnemonics of [`Language::mnemonics`]: one, and what it is a call of, if
    /// of a routine that stands for an instruction.
    fn executed(program: &Self::Program, step: Self::Step) -> (&'static str, Option<&'static str>);

    /// The instruction at a pc, as text; empty where there is none.
    fn instruction(program: &Self::Program, pc: u64) -> String;

    /// A step as reports show it: where it is, and what it did.
    fn shown(case: Case<'_, Self>, step: Self::Step) -> Shown;

    /// The operand stack before a step of an expected trace, bottom first, where it is known.
    fn stack_before(case: Case<'_, Self>, expected: &Recorded<Self>, step: usize) -> Option<Vec<i64>>;

    /// A token's name.
    fn token_name(token: usize) -> String;

    /// Has a process run a case that [gives results only](super::engines::external::results).
    ///
    /// # Errors
    /// Where the process cannot run it, or programs of the language are not given to such processes.
    fn run_for_results(_case: Case<'_, Self>, partner: &Partner) -> Result<Run<Self>, EngineError> {
        Err(partner.error(format!("it gives results only, and is not given {} programs", Self::NAME)))
    }

    /// The first part in which two final states differ.
    fn state_difference(expected: &Self::State, actual: &Self::State) -> Option<StateDifference>;
}

/// A step as reports show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its pc.
    pub pc: u64,
    /// The instruction there.
    pub instruction: String,
    /// What the step reported or wrote.
    pub effect: String,
    /// That, with types: for where two effects read alike.
    pub typed_effect: String,
}

/// A part in which two final states differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDifference {
    /// Which part.
    pub part: String,
    /// What it should have been.
    pub expected: String,
    /// What it was.
    pub actual: String,
}

impl StateDifference {
    /// A difference of a part.
    pub fn of(part: impl Into<String>, (expected, actual): (String, String)) -> StateDifference {
        StateDifference { part: part.into(), expected, actual }
    }
}
