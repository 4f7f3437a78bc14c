//! The parts of a machine around its network: how a program becomes rows, and how tokens become steps.

use std::fmt::Debug;

use thiserror::Error;

use super::engine::Case;
use super::language::Language;
use crate::circuit::{Bounds, Circuit, CircuitError};
use crate::full::listing::ListingError;
use crate::transformer::specialized::digest;
use crate::transformer::{Config, HeldStore, Host, Model, Number, Specialized};
use crate::{byte, full};

/// Why a machine cannot run a case, or why a config does not belong to the machine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MachineError {
    /// The config does not belong to the byte machine.
    #[error(transparent)]
    ByteConfig(#[from] byte::machine::ConfigError),
    /// The config names a machine other than the full machine.
    #[error("these weights are for the machine {0:?}, not for {name:?}", name = full::machine::NAME)]
    OtherMachine(String),
    /// The config's vocabulary size differs from the full machine's. Fields: the config's number of tokens,
    /// and the machine's.
    #[error("the config has {0} tokens, the full machine {1}")]
    OtherVocabulary(usize, usize),
    /// A program exceeds a limit of the full machine's listings.
    #[error(transparent)]
    Listing(#[from] ListingError),
    /// The weights hold another program, or the same with another invocation: the name of the program held.
    #[error("these weights are specialised to another program or invocation: they hold {}", crate::shown::shown(.0))]
    OtherProgram(String),
    /// The weights hold a program, and a program does not fit.
    #[error("the program cannot be in the weights: {0}")]
    Circuit(#[from] CircuitError),
}

/// A language with a machine: a network whose forward passes execute its programs.
pub trait Machine: Language {
    /// The number type of the machine's network.
    type Number: Number;
    /// The meaning of the machine's token identifiers.
    type Vocabulary: Clone + Debug + Default + Send + Sync;
    /// The forms in which the machine takes programs.
    type Form: Copy + Debug + Default + PartialEq + Send + Sync;
    /// A program and its invocation in one of these forms.
    type Lowered;
    /// The host around the network while the network generates.
    type Host<'a>: Host<Self::Number>;
    /// The reader that turns tokens into steps.
    type Reader<'a>: Reader<Self>;
    /// The tokens that a run must emit, where these are known before the run.
    type Lessons<'a>: Iterator<Item = (usize, Self::Lesson)>;
    /// What a reader needs to know about a token that was known before the run.
    type Lesson: Copy + Default;

    /// Whether debug builds check the indexed passes too against the proven bounds. Not needed where dense
    /// passes are fast enough to run on everything, since those are checked.
    const CHECKS_INDEXED: bool;

    /// The maximum numbers of prompt rows and of tokens per run for which margins are measured. The limits
    /// exist because scoring every row against every other row is slow.
    const MEASURED: (usize, u64);

    /// The machine as weights, with the proof that its arithmetic is exact.
    ///
    /// # Panics
    /// If the machine does not compile. The tests show that it compiles.
    fn compiled() -> (Model<Self::Number>, Bounds);

    /// The machine with the names of its lanes, heads and neurons.
    fn circuit() -> Circuit;

    /// The machine with this case's program in its weights.
    fn specialized(case: Case<'_, Self>, lowered: &Self::Lowered) -> Held;

    /// The circuit of specialised weights, without what differs from program to program: without the
    /// embeddings of the prompt's tokens and of the rows that hold the program.
    fn without_program(config: &Config) -> Circuit;

    /// The identifiers of the tokens that are the program in the prompt of the universal weights.
    fn prompt_tokens(case: Case<'_, Self>, lowered: &Self::Lowered, vocabulary: &Self::Vocabulary) -> Vec<usize>;

    /// Checks that weights with this config can be run.
    ///
    /// # Errors
    /// Where they cannot: the reason.
    fn supports(config: &Config) -> Result<(), MachineError>;

    /// The forms, the default form first.
    const FORMS: &'static [Self::Form];

    /// The name of a form, where it is not the default form.
    fn form_name(form: Self::Form) -> Option<&'static str>;

    /// A case as the network takes it.
    ///
    /// # Errors
    /// Where a limit of the machine is exceeded.
    fn lower(case: Case<'_, Self>, form: Self::Form) -> Result<Self::Lowered, MachineError>;

    /// The rows and memory that a lowered case needs.
    fn size(lowered: &Self::Lowered) -> Size;

    /// The host and the reader of a run.
    ///
    /// # Errors
    /// Where the config does not belong to this machine.
    fn surround<'a>(
        case: Case<'a, Self>,
        lowered: &'a Self::Lowered,
        vocabulary: &'a Self::Vocabulary,
        config: &Config,
    ) -> Result<(Self::Host<'a>, Self::Reader<'a>), MachineError>;

    /// A description of a prompt row for human readers.
    fn prompt_row(case: Case<'_, Self>, lowered: &Self::Lowered, row: usize) -> String;

    /// The program and its input as JSON, for engines that have a host of their own.
    fn program_json(case: Case<'_, Self>, lowered: &Self::Lowered, vocabulary: &Self::Vocabulary) -> serde_json::Value;

    /// The tokens that a run must emit, where they can be derived from the reference VM's steps.
    fn lessons<'a>(case: Case<'a, Self>) -> Option<Self::Lessons<'a>>;
}

/// A machine with a program in its weights.
pub struct Held {
    /// The circuit.
    pub circuit: Circuit,
    /// The number of tokens.
    pub tokens: usize,
    /// The tokens of the prompt.
    pub prompt: Vec<usize>,
    /// What fills the stores.
    pub stores: Vec<HeldStore>,
    /// What each row that holds the program is.
    pub rows: Vec<String>,
    /// What the host has to know of the program.
    pub host: Option<serde_json::Value>,
}

/// The digest of a program, by which weights that hold it are known.
pub fn program_digest<L: Machine>(case: Case<'_, L>, lowered: &L::Lowered, vocabulary: &L::Vocabulary) -> String {
    digest(L::prompt_tokens(case, lowered, vocabulary).into_iter().map(|token| token as u64))
}

/// Checks that weights that hold a program hold this one.
///
/// # Errors
/// Where they hold another one.
pub fn check_held<L: Machine>(
    case: Case<'_, L>,
    lowered: &L::Lowered,
    vocabulary: &L::Vocabulary,
    specialized: &Specialized,
) -> Result<(), MachineError> {
    match program_digest(case, lowered, vocabulary) == specialized.digest {
        true => Ok(()),
        false => Err(MachineError::OtherProgram(specialized.program.clone())),
    }
}

/// The rows and memory that a case needs on a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Rows of the prompt.
    pub rows: u64,
    /// Bytes that the host stores for the case.
    pub host: u64,
    /// Approximate number of bytes that the indexed network stores for the case.
    pub indexed: u64,
}

/// Turns the tokens of a run into steps.
pub trait Reader<L: Machine> {
    /// The steps that an emitted token completes. Must be called before the host takes the token.
    fn take(&mut self, host: &L::Host<'_>, token: usize) -> &[L::Step];

    /// Like [`Reader::take`], for a token that was known before the run, with its lesson.
    fn take_for(&mut self, lesson: L::Lesson, token: usize) -> &[L::Step];

    /// The pc of the program instruction in progress, if there is one.
    fn at(&self, host: &L::Host<'_>) -> Option<u64>;

    /// How the run ended, once the tokens taken show it.
    fn end(&self) -> Option<L::End>;

    /// The final state of the run, and how the run ended unless it was stopped.
    fn finish(self, host: L::Host<'_>) -> (Option<L::End>, L::State);
}
