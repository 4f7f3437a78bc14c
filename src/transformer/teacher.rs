//! Teacher forcing: a known continuation is fed in as batches, and each position gives the token that it
//! would have emitted. If every position emits the next token of the continuation, then by induction
//! generation would have given exactly this continuation.

use super::{Batched, Host, Next, Number, Observer, Row};

/// Number of positions passed through the network at a time: few enough for a core's cache.
const BATCH: usize = 256;

/// Feeds `continuation` to the host token by token, and to the network in batches. After each batch, `watch`
/// is called per emitting row, in order, with the network, the row's index in the batch and the token that
/// the row emits. `watch` returns `false` to stop. The host is ahead of the watched positions by up to a
/// batch. The run ends at the end of the continuation, or when the host ends it.
pub fn teacher_forced<T: Number, N: Batched<T>, H: Host<T>>(
    network: &mut N,
    host: &mut H,
    continuation: impl IntoIterator<Item = usize>,
    observer: &mut impl Observer<T>,
    mut watch: impl FnMut(&N, usize, usize) -> bool,
) {
    let mut rows: Vec<Row<T>> = Vec::new();
    // Rows that were passed. The host uses their memory again.
    let mut spent = Vec::new();
    // Rows that emit a token: the last row of each turn of the host.
    let mut emitting = Vec::new();
    let mut pass = |network: &mut N, rows: &mut Vec<_>, spent: &mut Vec<_>, emitting: &mut Vec<usize>| {
        network.pass_batch(rows, observer);
        spent.append(rows);
        let tokens = network.tokens_at(emitting);
        emitting.drain(..).zip(tokens).all(|(row, token)| watch(network, row, token))
    };

    let mut next = Some(host.begin());
    let mut continuation = continuation.into_iter();
    while let Some(Next { stores, rows: mut new }) = next {
        // A row sees the stores as they are when the row is passed.
        if (!stores.is_empty() || rows.len() >= BATCH) && !pass(network, &mut rows, &mut spent, &mut emitting) {
            return;
        }
        for row in &stores {
            network.write_store(row.store, row.index, &row.row);
        }
        rows.append(&mut new);
        new.extend(spent.pop());
        let mut given = Next { stores, rows: new };
        next = if host.go_on(&mut given) {
            Some(given)
        } else {
            emitting.push(rows.len() - 1);
            continuation.next().and_then(|token| host.accept(token, &mut given).then_some(given))
        };
    }
    pass(network, &mut rows, &mut spent, &mut emitting);
}
