//! A second target of the compiler: the Llama architecture as it is, for runtimes that know nothing of us.
//!
//! A circuit keeps its meaning: lanes are integers, a head returns the value of the row whose key scores
//! highest, of equal ones the latest, and a neuron is `relu(gate) · value`. What differs is how the
//! architecture is brought to compute this:
//!
//! | circuit | Llama |
//! | --- | --- |
//! | no norm | the lane [`ONE`] holds 2^[`PIN`] instead of 1. It outweighs all others, so the root mean square is a power of two (the width is a power of four), and the gains undo the division |
//! | hard-max | softmax of scores that lie at least [`UNDERFLOW`] apart: all weights but one are exactly 0 |
//! | keys | the pairs of a head that turn slowest, by less than 1e-14 over the longest sequence |
//! | of equal scores the latest | pair [`RECENT`], which turns: its score falls with the distance, by less over the longest sequence than one unit of the keys' score |
//! | relu | `silu(128 · z) = 128 · relu(z)` in f32, for every integer z |
//!
//! [`proof`] proves all of it, or refuses the circuit and says why.

mod compile;
pub mod proof;

use thiserror::Error;

use super::{CircuitError, ONE};
pub use proof::{HeadMargin, LlamaProof};

/// The exponent of the constant lane's value.
pub const PIN: i32 = 40;
/// `exp` of this, negated, is 0 in f32.
pub const UNDERFLOW: f64 = 104.0;
/// The width of a head.
pub const HEAD_DIM: usize = 64;
/// The base of the rotary position embedding, near the largest that f32 has.
pub const THETA: f64 = 1e38;
/// The first pair of a head that keys use; it and all later ones hardly turn.
pub const FIRST_STILL: usize = 16;
/// The pair that tells how recent a row is.
pub const RECENT: usize = 5;
/// What one unit of a circuit's score becomes, before the division by the root of the head's width.
pub const UNIT: f64 = 268_435_456.0;
/// The factor of the pair that tells how recent a row is.
pub const RECENCY: f64 = 3.0 * 2_147_483_648.0;
/// The factor of gates. SiLU of it is exactly itself, and of its negative 0.
pub const SHARPNESS: i64 = 128;
/// The largest gate for which a SiLU was measured to be exact, in every runtime.
pub const LARGEST_GATE: i128 = 1 << 20;
/// What RMSNorm adds to the mean of the squares. It is far below the last bit.
pub const EPSILON: f64 = 1e-6;

/// Why a circuit cannot be compiled to the Llama architecture.
#[expect(missing_docs, reason = "the messages say what each field is")]
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LlamaError {
    /// The circuit is not exact, or over its budget.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    /// A width whose root is not a power of two.
    #[error("the root mean square of {width} lanes is not a power of two; the width must be a power of four")]
    Width { width: usize },
    /// A constant lane that is not constant.
    #[error("lane {lane:?} must be 1 in every row: {reason}", lane = ONE)]
    NotConstant { reason: String },
    /// A lane with a positional encoding.
    #[error("lane {lane} has a positional encoding, which the architecture has not")]
    Positional { lane: String },
    /// A kind of attention that softmax cannot be.
    #[error("head {head} of layer {layer} is of the kind {kind}; the architecture has only softmax")]
    Attention { layer: usize, head: String, kind: String },
    /// A head with more dimensions than there are pairs that stand still.
    #[error("head {head} of layer {layer} has {dimensions} key dimensions; {most} pairs stand still")]
    TooManyKeys { layer: usize, head: String, dimensions: usize, most: usize },
    /// Keys or rows that are not far enough apart.
    #[error("head {head} of layer {layer}: {between} may lie {margin:.1} apart in {rows} rows; softmax is exact from {UNDERFLOW} on")]
    Margin { layer: usize, head: String, between: &'static str, margin: f64, rows: usize },
    /// A gate outside the range in which SiLU is exact.
    #[error("neuron {neuron} of layer {layer}: the gate may reach {gate}; SiLU is exact up to {LARGEST_GATE}")]
    Gate { layer: usize, neuron: String, gate: i128 },
    /// Lanes that together are not negligible beside the constant lane.
    #[error("{stage}: the squares of the lanes may add up to 2^{exponent:.1}, which the norm would see")]
    Norm { stage: String, exponent: f64 },
}
