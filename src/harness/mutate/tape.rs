//! A program's trace as the rows that are fed to a network, lane by lane.

use std::sync::Arc;

use super::site::{Site, Tensor};
use crate::harness::EngineError;
use crate::harness::engine::Case;
use crate::harness::machine::{Machine, MachineError};
use crate::transformer::{Config, Host, Model, Network, Next, Number, Row, Session, argmax};

/// One lane (or other number) for each row.
pub(super) type Column<T> = Arc<[T]>;

/// Rows of input: tokens, and positional encodings.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows<T> {
    pub tokens: Vec<usize>,
    /// For each lane that some row's encoding sets: the lane, and its value in each row.
    positional: Vec<(usize, Vec<T>)>,
}

impl<T: Number> Rows<T> {
    fn push(&mut self, row: &Row<T>) {
        self.tokens.push(row.token);
        for (lane, _) in &row.positional {
            if !self.positional.iter().any(|(known, _)| known == lane) {
                self.positional.push((*lane, Vec::new()));
            }
        }
        for (_, values) in &mut self.positional {
            values.resize(self.tokens.len(), T::default());
        }
        for (lane, value) in &row.positional {
            if let Some((_, values)) = self.positional.iter_mut().find(|(known, _)| known == lane)
                && let Some(last) = values.last_mut()
            {
                *last += *value;
            }
        }
    }

    /// One lane of all rows, given its weight in each token's embedding.
    pub fn embedded(&self, lane: usize, weight: impl Fn(usize) -> T) -> Column<T> {
        let positional = self.positional.iter().find(|(known, _)| *known == lane).map(|(_, values)| values);
        let encoded = |row: usize| positional.map_or(T::default(), |values| values[row]);
        self.tokens.iter().enumerate().map(|(row, token)| weight(*token) + encoded(row)).collect()
    }

    /// A row as a network takes it.
    fn row(&self, index: usize) -> Row<T> {
        let positional = self.positional.iter().map(|(lane, values)| (*lane, values[index]));
        Row { token: self.tokens[index], positional: positional.collect() }
    }
}

/// Rows written to one external store.
#[derive(Clone, Debug, Default)]
pub(super) struct StoreRows<T> {
    pub rows: Rows<T>,
    /// For each write, the first row of the sequence that sees it, and the store's row that it replaces or
    /// adds.
    pub writes: Vec<(usize, usize)>,
}

/// Everything that is fed to a network, and what it must emit.
#[derive(Clone, Debug, Default)]
pub struct Tape<T> {
    pub(super) rows: Rows<T>,
    pub(super) stores: Vec<StoreRows<T>>,
    /// Rows that emit, and the tokens that they must emit.
    pub(super) emits: Vec<(usize, usize)>,
}

impl<T: Number> Tape<T> {
    /// The tape of a case whose run begins with these tokens.
    ///
    /// # Errors
    /// Where the machine cannot run the case, or the config is not the machine's.
    pub(super) fn new<L: Machine<Number = T>>(
        case: Case<'_, L>,
        tokens: impl IntoIterator<Item = usize>,
        config: &Config,
    ) -> Result<Tape<T>, EngineError> {
        let refused = |error: MachineError| EngineError::new("tape", error.to_string());
        let vocabulary = L::Vocabulary::default();
        let lowered = L::lower(case, L::Form::default()).map_err(refused)?;
        let (mut host, _) = L::surround(case.shorten(), &lowered, &vocabulary, config).map_err(refused)?;
        let mut tape = Tape::default();
        let mut next = Some(host.begin());
        for token in tokens {
            let Some(mut given) = next else { break };
            tape.take(&given);
            while host.go_on(&mut given) {
                tape.take(&given);
            }
            tape.emits.push((tape.len() - 1, token));
            next = host.accept(token, &mut given).then_some(given);
        }
        Ok(tape)
    }

    fn take(&mut self, Next { stores, rows }: &Next<T>) {
        for write in stores {
            if self.stores.len() <= write.store {
                self.stores.resize_with(write.store + 1, StoreRows::default);
            }
            let store = &mut self.stores[write.store];
            store.rows.push(&write.row);
            store.writes.push((self.rows.tokens.len(), write.index));
        }
        rows.iter().for_each(|row| self.rows.push(row));
    }

    /// Rows of the sequence.
    pub(super) fn len(&self) -> usize {
        self.rows.tokens.len()
    }

    /// Whether a weight has a part in what must be emitted: one of a token's embedding if the token is fed
    /// in, one of its unembedding if it must be emitted, any other always.
    pub(super) fn exercises(&self, site: Site) -> bool {
        match site.tensor {
            Tensor::Embedding => self.is_fed(site.row),
            Tensor::Unembedding => self.is_emitted(site.row),
            _ => true,
        }
    }

    /// Whether a token must be emitted.
    pub(super) fn is_emitted(&self, token: usize) -> bool {
        self.emits.iter().any(|(_, emitted)| *emitted == token)
    }

    /// Whether a token is fed in.
    pub(super) fn is_fed(&self, token: usize) -> bool {
        let stores = self.stores.iter().map(|store| &store.rows);
        [&self.rows].into_iter().chain(stores).any(|rows| rows.tokens.contains(&token))
    }

    /// The token that a model emits at a row, by the plain forward pass of all rows up to there.
    pub(super) fn emitted_by(&self, model: &Model<T>, row: usize) -> usize {
        let (session, residuals) = self.pass(model, row);
        argmax(&session.logits_of(&residuals[row * model.config.d_model..]))
    }

    /// Of each token that must be emitted, whether a model emits another one, by the plain forward pass.
    pub(super) fn faults(&self, model: &Model<T>) -> Vec<bool> {
        let Some((last, _)) = self.emits.last() else { return Vec::new() };
        let (session, residuals) = self.pass(model, *last);
        let d = model.config.d_model;
        let token = |row: usize| argmax(&session.logits_of(&residuals[row * d..][..d]));
        self.emits.iter().map(|(row, expected)| token(*row) != *expected).collect()
    }

    /// The plain forward pass of all rows up to one: the residual streams after the last layer.
    fn pass<'m>(&self, model: &'m Model<T>, row: usize) -> (Session<'m, T>, Vec<T>) {
        let mut session = Session::new(model);
        let mut residuals = Vec::new();
        let mut pass = |session: &mut Session<'_, T>, rows: std::ops::Range<usize>| {
            residuals.extend(session.forward(&rows.map(|row| self.rows.row(row)).collect::<Vec<_>>(), &mut ()));
        };
        let writes_of = |(store, StoreRows { writes, .. }): (usize, &StoreRows<T>)| {
            writes.iter().enumerate().map(move |(write, (first, index))| (*first, store, write, *index)).collect::<Vec<_>>()
        };
        let mut writes: Vec<(usize, usize, usize, usize)> = self.stores.iter().enumerate().flat_map(writes_of).collect();
        writes.sort_unstable();
        let mut passed = 0;
        for (first, store, write, index) in writes.into_iter().filter(|(first, ..)| *first <= row) {
            if first > passed {
                pass(&mut session, passed..first);
                passed = first;
            }
            session.write_store(store, index, &self.stores[store].rows.row(write));
        }
        pass(&mut session, passed..row + 1);
        (session, residuals)
    }

    /// The first token that the plain forward pass of a model emits otherwise than it must.
    #[cfg(test)]
    pub(super) fn first_fault_of(&self, model: &Model<T>) -> Option<usize> {
        use crate::transformer::Batched;

        let rows: Vec<Row<T>> = (0..self.len()).map(|row| self.rows.row(row)).collect();
        let mut session = Session::new(model);
        session.pass_batch(&rows, &mut ());
        let emitting: Vec<usize> = self.emits.iter().map(|(row, _)| *row).collect();
        self.emits.iter().zip(session.tokens_at(&emitting)).position(|((_, token), emitted)| *token != emitted)
    }
}
