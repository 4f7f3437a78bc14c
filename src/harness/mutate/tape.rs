//! A program's trace as the rows that are fed to a network, lane by lane.

use std::sync::Arc;

use crate::byte::machine::ByteHost;
use crate::harness::EngineError;
use crate::harness::byte::{Case, Recorded};
use crate::transformer::{Config, Host, Next, Row};

/// One lane (or other number) for each row.
pub(super) type Column = Arc<[f32]>;

/// Rows of input: tokens, and positional encodings.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub tokens: Vec<usize>,
    /// For each lane that some row's encoding sets: the lane, and its value in each row.
    positional: Vec<(usize, Vec<f32>)>,
}

impl Rows {
    fn push(&mut self, row: &Row<f32>) {
        self.tokens.push(row.token);
        for (lane, _) in &row.positional {
            if !self.positional.iter().any(|(known, _)| known == lane) {
                self.positional.push((*lane, Vec::new()));
            }
        }
        for (_, values) in &mut self.positional {
            values.resize(self.tokens.len(), 0.0);
        }
        for (lane, value) in &row.positional {
            if let Some((_, values)) = self.positional.iter_mut().find(|(known, _)| known == lane)
                && let Some(last) = values.last_mut()
            {
                *last += value;
            }
        }
    }

    /// One lane of all rows, given its weight in each token's embedding.
    pub fn embedded(&self, lane: usize, weight: impl Fn(usize) -> f32) -> Column {
        let positional = self.positional.iter().find(|(known, _)| *known == lane).map(|(_, values)| values);
        self.tokens.iter().enumerate().map(|(row, token)| weight(*token) + positional.map_or(0.0, |values| values[row])).collect()
    }
}

/// Rows written to one external store.
#[derive(Clone, Debug, Default)]
pub(super) struct StoreRows {
    pub rows: Rows,
    /// For each write, the first row of the sequence that sees it, and the store's row that it replaces or
    /// adds.
    pub writes: Vec<(usize, usize)>,
}

/// Everything that is fed to a network, and what it must emit.
#[derive(Clone, Debug, Default)]
pub(super) struct Tape {
    pub rows: Rows,
    pub stores: Vec<StoreRows>,
    /// Rows that emit, and the tokens that they must emit.
    pub emits: Vec<(usize, usize)>,
}

impl Tape {
    /// The tape of a recorded run.
    pub fn new(case: Case<'_>, recorded: &Recorded, config: &Config) -> Result<Tape, EngineError> {
        let host = ByteHost::new(case.program, case.files, config);
        let mut host = host.map_err(|error| EngineError::new("tape", error.to_string()))?;
        let mut tape = Tape::default();
        let mut next = Some(host.begin());
        for step in &recorded.steps {
            let Some(Next { stores, rows }) = next else { break };
            for write in &stores {
                if tape.stores.len() <= write.store {
                    tape.stores.resize_with(write.store + 1, StoreRows::default);
                }
                let store = &mut tape.stores[write.store];
                store.rows.push(&write.row);
                store.writes.push((tape.rows.tokens.len(), write.index));
            }
            rows.iter().for_each(|row| tape.rows.push(row));
            tape.emits.push((tape.rows.tokens.len() - 1, step.token.id()));
            next = host.accept(step.token.id(), Next::default());
        }
        Ok(tape)
    }

    /// Rows of the sequence.
    pub fn len(&self) -> usize {
        self.rows.tokens.len()
    }
}
