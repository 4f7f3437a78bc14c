//! Generated programs, whatever their language.

use std::fmt::Debug;

use super::engine::{Case, Engine, EngineError};
use super::language::Language;
use super::random::mix;
use super::report::Report;
use crate::wasm::ReadError;

/// A language whose programs can be generated, and made small.
pub trait Generate: Language {
    /// A generated program, with all that a run of it begins with.
    type Generated: Clone + Debug + PartialEq + Send + Sync;

    /// Steps after which one is given up.
    const STEP_LIMIT: usize;

    /// The program of a seed: always the same one for this version of the generators.
    fn from_seed(seed: u64) -> Self::Generated;

    /// The program that bytes are, or else the one that is generated from them; `None` where they are too few
    /// for either.
    fn from_bytes(bytes: &[u8]) -> Option<Self::Generated>;

    /// Gives the case that a program is to a closure.
    ///
    /// # Errors
    /// Where the language refuses the program.
    fn with_case<R>(generated: &Self::Generated, run: impl FnOnce(Case<'_, Self>) -> R) -> Result<R, ReadError>;

    /// A digest of all that a run depends on.
    fn digest(generated: &Self::Generated) -> u64;

    /// A smaller program on which the engines diverge in the same manner. `None` if they do not diverge on
    /// this one.
    ///
    /// # Errors
    /// Where the first engine cannot run the program.
    fn shrink(
        generated: &Self::Generated,
        engines: &[&dyn Engine<Self>],
        limit: usize,
    ) -> Result<Option<Shrunk<Self::Generated>>, EngineError>;

    /// The program for a person to read.
    fn text(generated: &Self::Generated, about: &str) -> String;
}

/// A diverging program made small.
#[derive(Clone, Debug, PartialEq)]
pub struct Shrunk<G> {
    /// The program.
    pub generated: G,
    /// How it diverges.
    pub report: Report,
    /// How many candidates were run.
    pub candidates: usize,
}

/// The program at an index of the sequence that a seed gives.
pub fn program<L: Generate>(seed: u64, index: u64) -> L::Generated {
    L::from_seed(mix(seed) ^ index)
}
