//! Teacher forcing: a known continuation is fed in as batches, and each position says what it would have
//! emitted. If every position emits the next token of the continuation then, by induction, generating would
//! have given just that continuation.

use super::{Host, Network, Next, Number, Observer, Session};

/// Positions passed through the network at a time.
const BATCH: usize = 256;

/// Feeds `continuation`, token by token, to the host and in batches to the network. `watch` sees the logits of
/// each position, in order, and may end it all by `false`. The host is ahead of the positions watched by up
/// to a batch. Ends with the continuation or when the host ends.
pub fn teacher_forced<T: Number, H: Host<T>>(
    session: &mut Session<'_, T>,
    host: &mut H,
    continuation: impl IntoIterator<Item = usize>,
    observer: &mut impl Observer<T>,
    mut watch: impl FnMut(&[T]) -> bool,
) {
    let d_model = session.d_model();
    let mut rows = Vec::new();
    // Rows whose logits are watched: the last one of each turn of the host.
    let mut emitting = Vec::new();
    let mut pass = |session: &mut Session<'_, T>, rows: &mut Vec<_>, emitting: &mut Vec<usize>| {
        let residuals = session.forward(rows, observer);
        rows.clear();
        emitting.drain(..).all(|row| watch(&session.logits_of(&residuals[row * d_model..][..d_model])))
    };

    let mut next = Some(host.begin());
    let mut continuation = continuation.into_iter();
    while let Some(Next { stores, rows: new }) = next {
        // A row sees the stores as they are when it passes.
        if (!stores.is_empty() || rows.len() >= BATCH) && !pass(session, &mut rows, &mut emitting) {
            return;
        }
        for row in stores {
            session.write_store(row.store, row.index, &row.row);
        }
        rows.extend(new);
        emitting.push(rows.len() - 1);
        next = continuation.next().and_then(|token| host.accept(token, Next::default()));
    }
    pass(session, &mut rows, &mut emitting);
}
