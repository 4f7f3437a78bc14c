//! What the harness needs to know of a language.

use std::fmt::Debug;

use super::engine::{Case, EngineError, Recorded, Run};
use super::engines::external::partner::Partner;

/// A subset of WebAssembly with its programs, traces and reference VM.
///
/// The harness is written once, generic over this trait. All that it needs to know is what a step is, how a
/// step prints, and how two states differ.
pub trait Language: Copy + Debug + Default + Eq + Send + Sync + Sized + 'static {
    /// The language's name, as `--machine` takes it.
    const NAME: &'static str;

    /// The language's programs.
    type Program: Debug;
    /// The inputs of a run besides the program.
    type Given<'a>: Copy + Debug;
    /// One executed instruction and what the instruction wrote.
    type Step: Copy + Debug + PartialEq + Send + Sync;
    /// How a run ends.
    type End: Clone + Debug + PartialEq + Send + Sync;
    /// The final state of a run: what it leaves besides its trace.
    type State: Clone + Debug + PartialEq + Send + Sync;

    /// The inputs of a run with a shorter lifetime. The compiler cannot infer for a generic language that
    /// this conversion is possible.
    fn shorten<'s, 'l: 's>(given: Self::Given<'l>) -> Self::Given<'s>;

    /// The end of a run that was stopped by its watch.
    fn stopped() -> Self::End;

    /// The end of a run in which an engine did something that no program can do.
    fn lost(reason: String) -> Self::End;

    /// If the language cuts a run with this end short: the reason why agreement up to this end says nothing
    /// about what would follow.
    fn cut_short(_end: &Self::End) -> Option<String> {
        None
    }

    /// Two different ends as texts. The texts differ too.
    fn ends_apart(case: Case<'_, Self>, expected: &Self::End, actual: &Self::End) -> (String, String);

    /// The kind of an end: one of [`Language::ENDS`], or another kind, which statistics show only where it
    /// occurs.
    fn end_kind(end: &Self::End) -> &'static str;

    /// The kinds of ends that programs of the language can have.
    const ENDS: &'static [&'static str];

    /// The instructions that statistics show, by mnemonic.
    fn mnemonics() -> impl Iterator<Item = &'static str>;

    /// The instruction that a step executed, as a mnemonic of [`Language::mnemonics`]. If the step is a call
    /// of a routine that implements an instruction, the second part is that instruction's mnemonic.
    fn executed(program: &Self::Program, step: Self::Step) -> (&'static str, Option<&'static str>);

    /// The instruction at a pc, as text. Empty where the pc has no instruction.
    fn instruction(program: &Self::Program, pc: u64) -> String;

    /// A step as reports show it: its place and its effect.
    fn shown(case: Case<'_, Self>, step: Self::Step) -> Shown;

    /// The operand stack before a step of an expected trace, bottom first, where the stack is known.
    fn stack_before(case: Case<'_, Self>, expected: &Recorded<Self>, step: usize) -> Option<Vec<i64>>;

    /// A token's name.
    fn token_name(token: usize) -> String;

    /// Runs a case in a process that [gives results only](super::engines::external::results).
    ///
    /// # Errors
    /// Where the process cannot run the case, or where programs of this language are not given to such
    /// processes.
    fn run_for_results(_case: Case<'_, Self>, partner: &Partner) -> Result<Run<Self>, EngineError> {
        Err(partner.error(format!("an engine of the level \"results\" cannot run {} programs", Self::NAME)))
    }

    /// The first part in which two final states differ.
    fn state_difference(expected: &Self::State, actual: &Self::State) -> Option<StateDifference>;
}

/// A step as reports show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The step's pc.
    pub pc: u64,
    /// The instruction at the pc.
    pub instruction: String,
    /// What the step reported or wrote.
    pub effect: String,
    /// The effect with types, for steps whose effects read the same without types.
    pub typed_effect: String,
}

/// A part in which two final states differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDifference {
    /// The part's name.
    pub part: String,
    /// The expected value.
    pub expected: String,
    /// The actual value.
    pub actual: String,
}

impl StateDifference {
    /// A difference in a part, from its expected and actual values.
    pub fn of(part: impl Into<String>, (expected, actual): (String, String)) -> StateDifference {
        StateDifference { part: part.into(), expected, actual }
    }
}
