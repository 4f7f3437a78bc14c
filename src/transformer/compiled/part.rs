//! What is compiled: a part of a pass.

use std::ops::Range;
use std::sync::Arc;

use wasmformer_native::Code;

use super::code::{Place, Steps};
use crate::transformer::indexed::unembed::Candidates;

/// The values that a row leaves in a memory, to be computed when they are needed.
#[derive(Clone, Debug)]
pub(super) struct Late<T> {
    /// The values that are constants, and zeros for others; nothing if no value is a constant.
    pub constants: Vec<T>,
    /// The function that puts out the other values, if there are any.
    pub function: Option<usize>,
}

/// How a part of a pass ends.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// The class of the row found decides what follows.
    Branch {
        branch: usize,
        at: Place,
        search: u16,
        /// Steps that put out all lanes that are not zero, for a pass that is not specialised any further.
        lanes: Box<Steps>,
    },
    /// The row ends here: the token is the best of these candidates. Put out are the lanes that the logits of
    /// planes depend on, and after all lanes the logits of other tokens and the bounds of planes.
    Token {
        candidates: Candidates,
        /// The function that puts out all lanes that logits depend on, if they are not all zero.
        all: Option<usize>,
    },
}

impl End {
    /// The steps at the end, if there are any.
    pub fn steps(&self) -> Option<&Steps> {
        match self {
            End::Branch { lanes, .. } => Some(lanes),
            End::Token { .. } => None,
        }
    }
}

/// A part of a specialised pass.
#[derive(Clone, Debug)]
pub(crate) struct Part<T> {
    /// All functions of the part.
    pub(super) code: Arc<Code<T>>,
    pub(super) steps: Steps,
    /// The layers whose attention is in this part.
    pub(super) layers: Range<usize>,
    /// Per memory of these layers, the values that wait. The first memory.
    pub(super) late: Vec<Option<Late<T>>>,
    pub(super) first: u16,
    pub(super) end: End,
    /// What the code was compiled from.
    #[cfg(test)]
    pub(super) functions: Vec<Vec<wasmformer_native::Op>>,
}
