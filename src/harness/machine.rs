//! What surrounds the network of a machine: how a program becomes rows, and how tokens become steps.

use std::fmt::Debug;

use thiserror::Error;

use super::engine::Case;
use super::language::Language;
use crate::circuit::{Bounds, Circuit};
use crate::full::listing::ListingError;
use crate::transformer::{Config, Host, Model, Number};
use crate::{byte, full};

/// Why a machine cannot run a case, or a config is not the machine's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MachineError {
    /// The config is not of the byte machine.
    #[error(transparent)]
    ByteConfig(#[from] byte::machine::ConfigError),
    /// The config names another machine than the full one.
    #[error("these weights are for the machine {0:?}, not for {name:?}", name = full::machine::NAME)]
    OtherMachine(String),
    /// The config has another vocabulary than the full machine: its tokens, and those that there are.
    #[error("the config has {0} tokens, the full machine {1}")]
    OtherVocabulary(usize, usize),
    /// A program is beyond a limit of the full machine's listings.
    #[error(transparent)]
    Listing(#[from] ListingError),
}

/// A language with a machine: a network whose forward passes execute its programs.
pub trait Machine: Language {
    /// The numbers of the machine's network.
    type Number: Number;
    /// What the identifiers of its tokens mean.
    type Vocabulary: Clone + Debug + Default + Send + Sync;
    /// The forms in which it takes programs.
    type Form: Copy + Debug + Default + PartialEq + Send + Sync;
    /// A program and its invocation in such a form.
    type Lowered;
    /// What surrounds the network while it generates.
    type Host<'a>: Host<Self::Number>;
    /// What reads steps off tokens.
    type Reader<'a>: Reader<Self>;
    /// The tokens that a run must emit, where they are known beforehand.
    type Lessons<'a>: Iterator<Item = (usize, Self::Lesson)>;
    /// What a reader needs to know of a token that was known beforehand.
    type Lesson: Copy + Default;

    /// Whether the indexed passes are held against the proven bounds too, in debug builds. Where dense passes
    /// are fast enough to run on everything, those are.
    const CHECKS_INDEXED: bool;

    /// Rows of a prompt and tokens of a run whose margins are measured at most: scoring every row against
    /// every other is slow.
    const MEASURED: (usize, u64);

    /// The machine as weights, with the proof that its arithmetic is exact.
    ///
    /// # Panics
    /// If the machine does not compile; the tests show that it does.
    fn compiled() -> (Model<Self::Number>, Bounds);

    /// The machine with the names of its lanes, heads and neurons.
    fn circuit() -> Circuit;

    /// Whether weights with this config can be run.
    ///
    /// # Errors
    /// Why not.
    fn supports(config: &Config) -> Result<(), MachineError>;

    /// The forms, the usual one first.
    const FORMS: &'static [Self::Form];

    /// The name of a form, where it is not the usual one.
    fn form_name(form: Self::Form) -> Option<&'static str>;

    /// A case as the network takes it.
    ///
    /// # Errors
    /// Where a limit of the machine is exceeded.
    fn lower(case: Case<'_, Self>, form: Self::Form) -> Result<Self::Lowered, MachineError>;

    /// What a lowered case will take.
    fn size(lowered: &Self::Lowered) -> Size;

    /// The host and the reader of a run.
    ///
    /// # Errors
    /// Where the config is not of this machine.
    fn surround<'a>(
        case: Case<'a, Self>,
        lowered: &'a Self::Lowered,
        vocabulary: &'a Self::Vocabulary,
        config: &Config,
    ) -> Result<(Self::Host<'a>, Self::Reader<'a>), MachineError>;

    /// What a row of the prompt is, for people.
    fn prompt_row(case: Case<'_, Self>, lowered: &Self::Lowered, row: usize) -> String;

    /// The program and what it reads, as JSON, for engines that bring a host of their own.
    fn program_json(case: Case<'_, Self>, lowered: &Self::Lowered, vocabulary: &Self::Vocabulary) -> serde_json::Value;

    /// The tokens that a run must emit, where the reference VM's steps tell them.
    fn lessons<'a>(case: Case<'a, Self>) -> Option<Self::Lessons<'a>>;
}

/// What a case takes of a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Rows of the prompt.
    pub rows: u64,
    /// Bytes that the host keeps of it.
    pub host: u64,
    /// Bytes that the indexed network keeps of it, about.
    pub indexed: u64,
}

/// Reads steps off the tokens of a run.
pub trait Reader<L: Machine> {
    /// The steps that the token completes which the network emitted, before the host takes it.
    fn take(&mut self, host: &L::Host<'_>, token: usize) -> &[L::Step];

    /// As [`Reader::take`], of a token that stands for one known beforehand.
    fn take_for(&mut self, lesson: L::Lesson, token: usize) -> &[L::Step];

    /// The pc of the program's instruction in progress, where there is one.
    fn at(&self, host: &L::Host<'_>) -> Option<u64>;

    /// How the run ended, once the tokens taken tell it.
    fn end(&self) -> Option<L::End>;

    /// What the run has left, and how it ended unless it was stopped.
    fn finish(self, host: L::Host<'_>) -> (Option<L::End>, L::State);
}
