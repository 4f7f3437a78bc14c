//! Generated programs of any language.

use std::fmt::Debug;

use super::engine::{Case, Engine, EngineError};
use super::language::Language;
use super::random::mix;
use super::report::Report;
use crate::wasm::ReadError;

/// A language whose programs can be generated and shrunk.
pub trait Generate: Language {
    /// A generated program with all inputs of its run.
    type Generated: Clone + Debug + PartialEq + Send + Sync;

    /// The number of steps after which the run of a generated program is stopped.
    const STEP_LIMIT: usize;

    /// The program of a seed. It is always the same for this version of the generators.
    fn from_seed(seed: u64) -> Self::Generated;

    /// The program that the bytes encode, or else the program that is generated from the bytes. `None` where
    /// the bytes are too few for both.
    fn from_bytes(bytes: &[u8]) -> Option<Self::Generated>;

    /// Calls a closure with the case of a program.
    ///
    /// # Errors
    /// Where the language refuses the program.
    fn with_case<R>(generated: &Self::Generated, run: impl FnOnce(Case<'_, Self>) -> R) -> Result<R, ReadError>;

    /// A digest of everything that a run depends on.
    fn digest(generated: &Self::Generated) -> u64;

    /// A smaller program on which the engines diverge in the same manner. `None` if the engines do not
    /// diverge on the given program.
    ///
    /// # Errors
    /// Where the first engine cannot run the program.
    fn shrink(
        generated: &Self::Generated,
        engines: &[&dyn Engine<Self>],
        limit: usize,
    ) -> Result<Option<Shrunk<Self::Generated>>, EngineError>;

    /// The program as text for a human reader.
    fn text(generated: &Self::Generated, about: &str) -> String;
}

/// A diverging program, shrunk.
#[derive(Clone, Debug, PartialEq)]
pub struct Shrunk<G> {
    /// The program.
    pub generated: G,
    /// How the engines diverge on the program.
    pub report: Report,
    /// The number of candidates that were run.
    pub candidates: usize,
}

/// The program at an index of the sequence of a seed.
pub fn program<L: Generate>(seed: u64, index: u64) -> L::Generated {
    L::from_seed(mix(seed) ^ index)
}
