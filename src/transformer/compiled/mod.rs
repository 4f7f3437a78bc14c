//! The compiled forward pass: the [indexed one](super::indexed), specialised for what rows do.
//!
//! Most lanes of a row follow from what the row *is*: from the class of its token, and from the class of the
//! row that one search finds (for a machine, the instruction). For each combination that occurs often, the
//! rest of the pass is compiled once, from the weights, into straight-line code: machine code, by the crate
//! `wasmformer_native`.
//!
//! - Lanes that are known become constants. Copies, and the clearing of lanes, become nothing.
//! - Sums that are equal are computed once. Gates of one number become a function of it in pieces, and
//!   products with one number become one product.
//! - A neuron is left out if its gate is proven not to be positive, or its value to be zero: by the ranges of
//!   the variables that it reads. Where a gate is proven not to be negative, a neuron is linear.
//! - A search is left out if nothing depends on what it finds, and so is every number that nothing reads.
//! - The values that a row leaves in a memory are computed when a search finds them, or when they are kept;
//!   at once where they are few.
//! - All of a layer's searches are made together, after one function for all their queries. The slot of a key
//!   that is always the same is noted.
//! - Of the tokens, only those are compared whose logits may be the highest, by the same ranges.
//!
//! `classes` decides what is worth specialising, `state` and `known` know the row, `build` makes the code,
//! and `library` keeps it for other sequences of a model. The memories are those of the indexed pass. Rows
//! whose combination is new are passed by it, and so are prompts, batches, rows that an observer sees, and
//! all rows of models that cannot be specialised.
//!
//! All this may change the order of summation and nothing else, as in the indexed pass, and with the same
//! condition: every partial sum must be an exact integer. Besides, every lane must be in its proven range.

mod build;
mod classes;
mod code;
#[cfg(test)]
pub(crate) mod faults;
mod form;
mod known;
mod library;
mod needed;
mod part;
mod parts;
mod running;
mod session;
mod source;
mod stairs;
mod state;

pub use session::CompiledSession;

use std::sync::Arc;

use super::{IndexedModel, Interval, Model, Number};
use classes::Classes;
use library::Current;
use source::Source;

/// A model from which passes are compiled.
#[derive(Clone, Debug)]
pub struct CompiledModel<T> {
    indexed: IndexedModel<T>,
    special: Option<Special<T>>,
    /// The number of rows with a combination that are passed before its code is compiled.
    patience: u32,
    library: Arc<Current<T>>,
}

/// What is specialised, and for what.
#[derive(Clone, Debug)]
pub(crate) struct Special<T> {
    source: Arc<Source>,
    classes: Classes,
    /// Per token, the numbers of the varying lanes of its class.
    varying: Vec<Vec<f64>>,
    /// Per memory, the branch that searches it.
    branch_of: Vec<Option<usize>>,
    /// What a search gives that finds nothing.
    zeros: Vec<T>,
}

/// Number of rows after which it is worth compiling their code: it takes about as long as so many rows save.
const PATIENCE: u32 = 64;

impl<T: Number> CompiledModel<T> {
    /// Prepares a model. Every partial sum of its passes must be an exact integer. `ranges` has each lane's
    /// range at each stage, if it is proven: after embedding, then after attention and FFN of each layer.
    pub fn new(model: &Model<T>, ranges: &[Vec<Interval>]) -> CompiledModel<T> {
        let indexed = IndexedModel::new(model);
        // Outputs have indices of 16 bits.
        let source = Source::new(model, ranges, indexed.outputs()).filter(|source| source.outputs <= usize::from(u16::MAX));
        let special = source.map(|mut source| {
            let classes = Classes::of(&source);
            let varying = source.embedding.iter().zip(&classes.of_token).map(|(row, class)| {
                let lanes = classes.tokens[usize::from(*class)].varying.iter();
                let numbers = lanes.map(|(lane, _)| row.iter().find(|(of, _)| of == lane).map_or(0, |(_, number)| *number));
                numbers.map(|number| number as f64).collect()
            });
            let varying = varying.collect();
            source.embedding = Vec::new();
            // Values of rows that branches find wait, so that their classes are forgotten in one place.
            let branch_of = classes.by_memory(&source);
            let families = source.layers.iter_mut().flat_map(|layer| &mut layer.families);
            families.zip(&branch_of).filter(|(_, branch)| branch.is_some()).for_each(|(family, _)| family.output = None);
            let widest = source.families().map(|family| family.values.len()).max();
            let zeros = vec![T::default(); widest.unwrap_or(0)];
            Special { source: Arc::new(source), classes, varying, branch_of, zeros }
        });
        CompiledModel { indexed, special, patience: PATIENCE, library: Arc::default() }
    }

    /// The model, with code compiled for a combination when this number of rows had it.
    #[must_use]
    pub fn with_patience(self, patience: u32) -> CompiledModel<T> {
        CompiledModel { patience, ..self }
    }

    /// The model for indexed passes.
    pub fn indexed(&self) -> &IndexedModel<T> {
        &self.indexed
    }
}
