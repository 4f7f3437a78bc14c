//! Lanes as columns over all rows of a tape: what heads and neurons do with them.

use std::sync::Arc;

use super::tape::Column;
use crate::transformer::Number;
use crate::transformer::attention::KeyValues;

/// The non-zero weights of one row of a matrix, by column.
pub(super) type Weights<T> = Vec<(usize, T)>;

/// Whether two columns differ anywhere.
pub(super) fn differ<T: Number>(one: &Column<T>, other: &Column<T>) -> bool {
    !Arc::ptr_eq(one, other) && one != other
}

/// The numbers of one row.
pub(super) fn across<T: Number>(columns: &[Column<T>], row: usize) -> Vec<T> {
    columns.iter().map(|column| column[row]).collect()
}

/// The sum of each row and all before it.
pub(super) fn running_sum<T: Number>(column: &Column<T>) -> Column<T> {
    let mut total = T::default();
    let running = column.iter().map(|value| {
        total += *value;
        total
    });
    running.collect()
}

/// `Σ weight · column`.
pub(super) fn combine<T: Number>(weights: &Weights<T>, columns: &[Column<T>], len: usize) -> Column<T> {
    let mut sum = vec![T::default(); len];
    for (lane, weight) in weights {
        sum.iter_mut().zip(columns[*lane].iter()).for_each(|(sum, x)| *sum += *weight * *x);
    }
    sum.into()
}

/// `column + Σ weight · result`; the column itself where there is nothing to add.
pub(super) fn add<T: Number>(column: &Column<T>, weights: &Weights<T>, results: &[&Column<T>]) -> Column<T> {
    if weights.is_empty() {
        return column.clone();
    }
    let mut change = vec![T::default(); column.len()];
    for (slot, weight) in weights {
        change.iter_mut().zip(results[*slot].iter()).for_each(|(sum, x)| *sum += *weight * *x);
    }
    column.iter().zip(change).map(|(x, change)| *x + change).collect()
}

/// For each query the row that scores highest among those up to it; `known` gives it where it is known.
pub(super) fn choose<T: Number>(queries: &[Column<T>], keys: &[Column<T>], known: impl Fn(usize) -> Option<u32>) -> Arc<[u32]> {
    let mut rows = KeyValues::new(keys.len());
    let none = vec![T::default(); keys.len()];
    let one = |row: usize| {
        rows.push(&across(keys, row), &none);
        known(row).or_else(|| rows.best(&across(queries, row)).map(|best| best as u32)).unwrap_or_default()
    };
    (0..queries[0].len()).map(one).collect()
}

/// For each query the write to a store that scores highest among the store's rows as they stand.
pub(super) fn choose_in_store<T: Number>(queries: &[Column<T>], keys: &[Column<T>], writes: &[(usize, usize)]) -> Arc<[u32]> {
    let mut rows = KeyValues::new(keys.len());
    let none = vec![T::default(); keys.len()];
    let mut standing: Vec<u32> = Vec::new();
    let mut next = 0;
    let one = |row: usize| {
        while let Some((_, index)) = writes.get(next).filter(|(first, _)| *first <= row) {
            let key = across(keys, next);
            if *index < rows.len() {
                rows.replace(*index, &key, &none);
                standing[*index] = next as u32;
            } else {
                rows.push(&key, &none);
                standing.push(next as u32);
            }
            next += 1;
        }
        rows.best(&across(queries, row)).map(|best| standing[best]).unwrap_or_default()
    };
    (0..queries[0].len()).map(one).collect()
}

/// For each query the values of the row chosen.
pub(super) fn pick<T: Number>(values: &[Column<T>], chosen: &[u32]) -> Vec<Column<T>> {
    values.iter().map(|column| chosen.iter().map(|row| column[*row as usize]).collect()).collect()
}
