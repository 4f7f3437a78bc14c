//! Keys of bits. A head finds the row that has a number: of each bit, query and key are 1 or −1, so that the
//! score is highest where all bits are equal. One more dimension tells rows of the right kind from others.

use super::lanes::Lanes;
use crate::circuit::{Form, Head, Lane, ONE};
use crate::transformer::Attention;

/// Bits as 1 or −1.
pub fn signs(bits: &[Lane]) -> Vec<Form> {
    bits.iter().map(|bit| *bit * 2 - ONE).collect()
}

/// What a head copies: each value, and the lane it goes to.
pub type Copies = Vec<(Form, Form)>;

/// Copies of lanes into lanes.
pub fn copies(from: &[Lane], to: &[Lane]) -> Copies {
    from.iter().zip(to).map(|(from, to)| ((*from).into(), (*to).into())).collect()
}

/// A head that reads the latest row of a kind.
pub fn latest(name: &str, kind: impl Into<Form>, copies: Copies) -> Head {
    head(name, vec![ONE.into()], vec![kind.into()], copies)
}

/// A head that reads the latest row of a kind whose key is the query. There must be one: a row of the kind
/// with another key scores less, and so does a row of another kind with this key.
pub fn row_of(name: &str, kind: impl Into<Form>, query: &[Lane], mut key: Vec<Form>, copies: Copies) -> Head {
    let mut query = signs(query);
    query.push(ONE.into());
    key.push(kind.into());
    head(name, query, key, copies)
}

/// Like [`row_of`], but if there is no such row, the head reads the row that begins the sequence. Of n bits,
/// the row scores n + 2, the one that begins n + 1, a row of another kind at most n, and one with another key
/// at most n again. The row that begins has 0 for each bit.
pub fn row_or_begin(lanes: &Lanes, name: &str, kind: Lane, query: &[Lane], key: &[Lane], copies: Copies) -> Head {
    let bits = key.len() as i64;
    let key = signs(key).into_iter().map(|sign| sign + lanes.is.begin).collect();
    row_of(name, kind * 2 + lanes.is.begin * (bits + 1), query, key, copies)
}

fn head(name: &str, query: Vec<Form>, key: Vec<Form>, copies: Copies) -> Head {
    let (value, output) = copies.into_iter().unzip();
    Head { name: name.to_string(), kind: Attention::HardMax, query, key, value, output }
}
