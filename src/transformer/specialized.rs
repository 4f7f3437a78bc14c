//! Weights that hold a program.
//!
//! Such a model has more rows in its embedding than there are tokens. The rows after those of the tokens
//! *hold* the program: external stores are filled with them before a run, in their order, and heads of kind
//! [`Cross`](super::Attention::Cross) read them. So the program is in a tensor of the model, and the prompt
//! holds none of it. The rows are an embedding's rows like all others: an engine needs nothing new for them.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Matrix, Number};

/// What the weights of a model are specialised to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Specialized {
    /// The program's name.
    pub program: String,
    /// The [digest] of the identifiers of the tokens that are the program in the machine's prompt.
    pub digest: String,
    /// The form of the program, of the machine's forms; empty if the machine has only one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub form: String,
    /// The tokens with which every sequence begins.
    pub prompt: Vec<usize>,
    /// The number of tokens. Rows of the embedding from this one on hold the program.
    pub tokens: usize,
    /// What the external stores are filled with.
    pub stores: Vec<HeldStore>,
    /// The [digest](rows_digest) of the rows of the embedding that differ from program to program: those of
    /// the prompt, and those that hold the program.
    pub rows: String,
    /// What the host has to know of the program, if anything: as hosts are given a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<serde_json::Value>,
}

/// The rows of an external store: consecutive rows of the embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldStore {
    /// The store.
    pub store: usize,
    /// The first row of the embedding.
    pub first: usize,
    /// The number of rows.
    pub count: usize,
}

impl Specialized {
    /// The rows of the stores: store, index in the store, row of the embedding.
    pub fn store_rows(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        self.stores.iter().flat_map(|HeldStore { store, first, count }| (0..*count).map(move |index| (*store, index, first + index)))
    }

    /// The rows of the embedding that differ from program to program, in a model with this many rows.
    pub fn own_rows(&self, rows: usize) -> impl Iterator<Item = usize> + '_ {
        self.prompt.iter().copied().chain(self.tokens..rows)
    }

    /// What is wrong with the description, for an embedding of this many rows; `None` if nothing is.
    pub(super) fn complaint(&self, rows: usize) -> Option<String> {
        if self.prompt.is_empty() || self.prompt.iter().any(|token| *token >= self.tokens) || self.tokens > rows {
            return Some(format!("the specialised prompt {:?} is not of {} tokens within {rows} rows", self.prompt, self.tokens));
        }
        let wrong = self.stores.iter().find(|held| held.first.checked_add(held.count).is_none_or(|end| end > rows));
        wrong.map(|HeldStore { store, first, count }| format!("store {store} is filled with rows {first} and {count} more, of {rows}"))
    }
}

/// SHA-256 of some numbers, eight bytes each with the lowest first, in hexadecimal digits.
pub fn digest(numbers: impl IntoIterator<Item = u64>) -> String {
    let mut hash = Sha256::new();
    numbers.into_iter().for_each(|number| hash.update(number.to_le_bytes()));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The [digest] of some rows of an embedding: per row its number, and the columns and numbers that are not 0.
/// A number that is no integer counts as the nearest one.
pub fn rows_digest<T: Number>(embedding: &Matrix<T>, rows: impl IntoIterator<Item = usize>) -> String {
    let terms = embedding.row_terms();
    digest(rows.into_iter().flat_map(|row| {
        let of_row = terms[row].iter().flat_map(|(column, number)| [*column as u64, number.to_integer() as u64]);
        [row as u64, terms[row].len() as u64].into_iter().chain(of_row)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_standard() {
        assert_eq!(digest([]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_ne!(digest([1, 0]), digest([0, 1]));
    }

    #[test]
    fn a_changed_row_has_another_digest() {
        let mut embedding = Matrix::<f64>::zeros(3, 2);
        *embedding.get_mut(1, 1) = 5.0;
        let digest = rows_digest(&embedding, 0..2);
        *embedding.get_mut(2, 0) = 7.0;
        assert_eq!(rows_digest(&embedding, 0..2), digest);
        *embedding.get_mut(1, 0) = 1.0;
        assert_ne!(rows_digest(&embedding, 0..2), digest);
    }
}
