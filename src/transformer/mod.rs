//! The transformer: config, weights and forward pass. It knows nothing of WebAssembly.
//!
//! A decoder-only transformer that differs from the usual one in three ways, all of them for exactness:
//!
//! - Attention is *hard*: a head returns the value row whose key scores highest; among equal scores, the
//!   latest row wins. There are three [kinds](config::Attention): hard-max over the sequence, the plain *sum*
//!   of all value rows so far, and *cross*: hard-max over an external store of rows.
//! - The feed-forward network is gated: `down · (relu(gate · x) ⊙ (value · x))`. It has no biases and no
//!   normalisation.
//! - Layers differ in their number of heads, which may be zero.
//!
//! All activations of a compiled machine are integers that its number type holds exactly, so no result
//! depends on the order of summation.

pub mod attention;
pub mod compiled;
pub mod config;
pub mod folder;
pub mod forward;
pub mod generate;
pub mod indexed;
mod interval;
pub mod llama;
pub mod matrix;
pub mod number;
pub mod specialized;
pub mod teacher;
pub mod weights;

pub use compiled::{CompiledModel, CompiledSession};
pub use config::{Attention, Config};
pub use forward::{Observer, Row, Session, Stage};
pub use generate::{Batched, Generation, Host, Network, Next, StoreRow, argmax, generate};
pub use indexed::{IndexedModel, IndexedSession};
pub use interval::Interval;
pub use matrix::Matrix;
pub use number::Number;
pub use specialized::{HeldStore, Specialized};
pub use teacher::teacher_forced;
pub use weights::{LayerWeights, Model};
