//! The lines of the engine protocol, version [`PROTOCOL`]. `engines/README.md` describes them for human
//! readers.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::transformer::{Next, Number, Row, StoreRow};

/// The version of the protocol that this harness speaks.
pub const PROTOCOL: u64 = 1;

/// A message that the harness writes.
#[expect(missing_docs, reason = "the fields are those of the protocol, which its page describes")]
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Question<'a> {
    /// Load this model folder. Answer: `loaded`.
    Load { protocol: u64, folder: &'a Path },
    /// Discard the current sequence, and begin a new one with these store rows and prompt rows. Answer:
    /// `token`.
    Begin { program: &'a Value, want: &'a [Want], stores: Vec<WireStoreRow>, rows: Vec<WireRow> },
    /// Write these store rows, then continue the sequence with these rows. Answer: `token`.
    Next { stores: Vec<WireStoreRow>, rows: Vec<WireRow> },
    /// The sequence is complete. No answer.
    End,
}

impl<'a> Question<'a> {
    /// A host's next rows as a question.
    pub fn next<T: Number>(next: &Next<T>) -> Question<'a> {
        let (stores, rows) = rows(next);
        Question::Next { stores, rows }
    }

    /// A host's first rows as a question.
    pub fn begin<T: Number>(program: &'a Value, want: &'a [Want], next: &Next<T>) -> Question<'a> {
        let (stores, rows) = rows(next);
        Question::Begin { program, want, stores, rows }
    }

    /// The question's name, for reports.
    pub fn name(&self) -> &'static str {
        match self {
            Question::Load { .. } => "load",
            Question::Begin { .. } => "begin",
            Question::Next { .. } => "next",
            Question::End => "end",
        }
    }
}

fn rows<T: Number>(next: &Next<T>) -> (Vec<WireStoreRow>, Vec<WireRow>) {
    let stores = next.stores.iter().map(|StoreRow { store, index, row }| WireStoreRow { store: *store, index: *index, row: row.into() });
    (stores.collect(), next.rows.iter().map(WireRow::from).collect())
}

/// A part that an answer to `begin` and `next` should hold besides the token, where the process offers the
/// part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Want {
    /// The logits, `[vocab_size]`.
    Logits,
    /// The [digest](crate::harness::compare::logits_digest) of the logits.
    Digest,
    /// The residual stream of the last row after the embedding, and after each layer's attention and FFN:
    /// `[1 + 2 · layers, d_model]`.
    Lanes,
}

/// A row of the sequence.
#[derive(Serialize)]
pub struct WireRow {
    token: usize,
    /// Lane and value of each non-zero positional encoding.
    positional: Vec<(usize, f64)>,
}

impl<T: Number> From<&Row<T>> for WireRow {
    fn from(row: &Row<T>) -> WireRow {
        WireRow { token: row.token, positional: row.positional.iter().map(|(lane, value)| (*lane, value.to_f64())).collect() }
    }
}

/// A row of an external store.
#[derive(Serialize)]
pub struct WireStoreRow {
    store: usize,
    index: usize,
    #[serde(flatten)]
    row: WireRow,
}

/// The first line of a process. Other fields are allowed, for later versions of the protocol.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Hello {
    /// Must be [`PROTOCOL`].
    pub protocol: u64,
    /// The engine's name in reports.
    pub engine: String,
    /// What the process shows of a run.
    #[serde(default)]
    pub level: Level,
    /// Whether answers can hold logits.
    #[serde(default)]
    pub logits: bool,
    /// Whether answers can hold the digest of the logits. It is asked for instead of the logits, which are
    /// asked for only where a digest differs.
    #[serde(default)]
    pub digest: bool,
    /// Whether answers can hold lanes.
    #[serde(default)]
    pub lanes: bool,
}

/// Which part of a run the process reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Tokens, and so steps.
    #[default]
    Steps,
    /// Its end and its final state.
    Results,
}

/// A message that a process writes.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// The model is loaded.
    Loaded {},
    /// The token that follows the last row.
    Token(Token),
    /// The process cannot go on.
    Error {
        /// Why.
        reason: String,
    },
}

/// The token that follows the last row, and how it came about.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// The token.
    pub token: usize,
    /// See [`Want::Logits`].
    pub logits: Option<Vec<f64>>,
    /// See [`Want::Digest`].
    pub digest: Option<[u32; 2]>,
    /// See [`Want::Lanes`].
    pub lanes: Option<Vec<Vec<f64>>>,
}
