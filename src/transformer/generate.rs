//! Autoregressive generation: the network proposes a token, the host appends it.

use super::{Number, Observer, Row, Session};

/// What surrounds a network while it generates.
pub trait Host<T> {
    /// The rows of the external stores at the start, and the rows of the prompt.
    fn begin(&mut self) -> Next<T>;

    /// Takes the token that the network emitted. `None` ends the generation.
    fn accept(&mut self, token: usize) -> Option<Next<T>>;
}

/// What a host gives the network next.
#[derive(Clone, Debug, PartialEq)]
pub struct Next<T> {
    /// Rows to be written to external stores first.
    pub stores: Vec<StoreRow<T>>,
    /// Rows to be appended to the sequence; the last one's logits give the next token.
    pub rows: Vec<Row<T>>,
}

/// A row of an external store.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreRow<T> {
    /// The store.
    pub store: usize,
    /// The row's index in it.
    pub index: usize,
    /// The row.
    pub row: Row<T>,
}

/// Generates until the host ends it. `watch` sees each token and its logits before the host takes it, and
/// may end the generation after that by `false`.
pub fn generate<T: Number, H: Host<T>>(
    session: &mut Session<'_, T>,
    host: &mut H,
    observer: &mut impl Observer<T>,
    mut watch: impl FnMut(&H, usize, &[T]) -> bool,
) {
    let d_model = session.d_model();
    let mut next = Some(host.begin());
    while let Some(Next { stores, rows }) = next {
        for StoreRow { store, index, row } in &stores {
            session.write_store(*store, *index, row);
        }
        let residuals = session.forward(&rows, observer);
        let logits = session.logits(&residuals[residuals.len() - d_model..]);
        let token = argmax(&logits);
        let go_on = watch(host, token, &logits);
        next = host.accept(token).filter(|_| go_on);
    }
}

/// The index of the highest logit; of equal ones the lowest index.
pub fn argmax<T: Number>(logits: &[T]) -> usize {
    let mut best = 0;
    for (index, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = index;
        }
    }
    best
}
