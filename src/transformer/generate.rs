//! Autoregressive generation: the network proposes a token, the host appends it.

use super::{Number, Observer, Row};

/// A forward pass in progress, independent of how it is computed.
pub trait Network<T> {
    /// Writes one row of an external store: replaces the row, or adds it at the end. Cross heads see store
    /// rows as embedded, unchanged by any layer.
    fn write_store(&mut self, store: usize, index: usize, row: &Row<T>);

    /// Appends rows to the sequence. The other methods are about the last row passed.
    fn pass(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>);

    /// The token with the highest logit; among equal logits, the lowest identifier.
    fn token(&self) -> usize;

    /// All logits, by token.
    fn logits(&self) -> Vec<T>;

    /// Number of bytes of memory kept for the rows passed so far, without reserved room for more rows.
    fn kept(&self) -> usize;
}

/// A network that passes many rows at a time and gives results for each of them.
pub trait Batched<T>: Network<T> {
    /// Appends rows to the sequence. The other methods refer to these rows by their index in `rows`.
    fn pass_batch(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>);

    /// For each of some rows, the token with the highest logit; among equal logits, the lowest identifier.
    fn tokens_at(&mut self, rows: &[usize]) -> Vec<usize>;

    /// All logits at a row, by token.
    fn logits_at(&self, row: usize) -> Vec<T>;
}

/// What surrounds a network while it generates.
pub trait Host<T> {
    /// The rows of the external stores at the start, and the rows of the prompt.
    fn begin(&mut self) -> Next<T>;

    /// Replaces the last given part of the prompt by the next part. Returns `false` if there is no next part;
    /// then the logits of the last row give the next token. A pass holds data for all its rows, so a host
    /// that gives a long prompt in parts keeps this data small.
    fn go_on(&mut self, _given: &mut Next<T>) -> bool {
        false
    }

    /// Takes the token that the network emitted. Replaces what it gave last, whose memory is used again, by
    /// what comes next. `false` ends the generation.
    fn accept(&mut self, token: usize, given: &mut Next<T>) -> bool;
}

/// The input that a host gives to the network next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Next<T> {
    /// Rows to be written to external stores first.
    pub stores: Vec<StoreRow<T>>,
    /// Rows to be appended to the sequence. The logits of the last row give the next token.
    pub rows: Vec<Row<T>>,
}

/// A row of an external store.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreRow<T> {
    /// The store.
    pub store: usize,
    /// The row's index in the store.
    pub index: usize,
    /// The row.
    pub row: Row<T>,
}

/// Generates until the host ends the generation. `watch` sees each token, and the network that emitted it,
/// before the host takes the token. If `watch` returns `false`, the generation ends after the host has taken
/// the token.
pub fn generate<T: Number, N: Network<T>, H: Host<T>>(
    network: &mut N,
    host: &mut H,
    observer: &mut impl Observer<T>,
    mut watch: impl FnMut(&H, usize, &N) -> bool,
) {
    let mut given = host.begin();
    loop {
        pass_all(network, host, &mut given, observer);
        let token = network.token();
        let go_on = watch(host, token, network);
        if !host.accept(token, &mut given) || !go_on {
            return;
        }
    }
}

/// The tokens of a generation. Each token is computed when it is requested.
pub struct Generation<T, N, H> {
    network: N,
    host: H,
    next: Option<Next<T>>,
}

impl<T: Number, N: Network<T>, H: Host<T>> Generation<T, N, H> {
    /// Begins to generate with a network that has not passed any row yet.
    pub fn new(network: N, mut host: H) -> Generation<T, N, H> {
        let next = Some(host.begin());
        Generation { network, host, next }
    }
}

impl<T: Number, N: Network<T>, H: Host<T>> Iterator for Generation<T, N, H> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let mut given = self.next.take()?;
        pass_all(&mut self.network, &mut self.host, &mut given, &mut ());
        let token = self.network.token();
        self.next = self.host.accept(token, &mut given).then_some(given);
        Some(token)
    }
}

/// Passes what a host has given, and all further parts of the prompt.
#[inline(always)]
fn pass_all<T, N: Network<T>, H: Host<T>>(network: &mut N, host: &mut H, given: &mut Next<T>, observer: &mut impl Observer<T>) {
    pass(network, given, observer);
    while host.go_on(given) {
        pass(network, given, observer);
    }
}

/// Passes what a host has given.
#[inline(always)]
fn pass<T, N: Network<T>>(network: &mut N, given: &Next<T>, observer: &mut impl Observer<T>) {
    for StoreRow { store, index, row } in &given.stores {
        network.write_store(*store, *index, row);
    }
    network.pass(&given.rows, observer);
}

/// The index of the highest logit; among equal logits, the lowest index.
pub fn argmax<T: Number>(logits: &[T]) -> usize {
    let mut best = 0;
    for (index, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = index;
        }
    }
    best
}
