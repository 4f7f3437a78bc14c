//! The sparse form of a matrix: three tensors, for a matrix NAME.
//!
//! | tensor | type | |
//! | --- | --- | --- |
//! | `NAME.indices` | I32 | where the numbers are that are not 0, ascending: r·n + c of row r and column c, of n columns |
//! | `NAME.codes` | U16 | for each index, the place of its number in the values |
//! | `NAME.values` | the machine's | the distinct numbers, ascending, −0 before +0 |
//!
//! A circuit's matrices have few distinct numbers, and a code has two bytes where a number has four or eight.

use std::cmp::Ordering;
use std::fmt::Display;

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

use super::ContentsError;
use super::tensors::{Tensor, data};
use crate::transformer::{Config, Matrix, Number};

/// The ends of the names of a matrix's three tensors.
const INDICES: &str = ".indices";
const CODES: &str = ".codes";
const VALUES: &str = ".values";
/// The most parameters of a model in sparse form. A small file can state a large shape, and the model is
/// dense once it is loaded.
const MAX_PARAMETERS: usize = 1 << 26;
/// The most distinct numbers of a matrix in sparse form: as many as there are codes.
const MAX_VALUES: usize = 1 << 16;

/// Whether the file of these tensors is in the sparse form.
pub(super) fn is_sparse(tensors: &SafeTensors) -> bool {
    tensors.tensor(&format!("embedding{VALUES}")).is_ok()
}

/// Checks that a model is not too large for the sparse form.
pub(super) fn check_size(config: &Config) -> Result<(), ContentsError> {
    match config.parameters() {
        parameters if parameters > MAX_PARAMETERS => Err(ContentsError::TooLarge(parameters, MAX_PARAMETERS)),
        _ => Ok(()),
    }
}

/// The names and types of a matrix's tensors.
pub(super) fn expected<T: Number>(name: &str) -> [(String, Dtype); 3] {
    [(INDICES, Dtype::I32), (CODES, Dtype::U16), (VALUES, T::DTYPE)].map(|(end, dtype)| (format!("{name}{end}"), dtype))
}

/// The tensors of a matrix.
pub(super) fn tensors<T: Number>(name: &str, matrix: &Matrix<T>) -> Result<[Tensor; 3], ContentsError> {
    // By the bits, so that −0 comes back too.
    let entries = || matrix.elements().enumerate().filter(|(_, number)| number.to_f64().to_bits() != 0);
    let mut values: Vec<T> = entries().map(|(_, number)| number).collect();
    values.sort_unstable_by(order);
    values.dedup_by(|a, b| order(a, b).is_eq());
    if values.len() > MAX_VALUES {
        return Err(ContentsError::TooManyValues(name.to_string(), values.len(), MAX_VALUES));
    }
    let mut bytes = [const { Vec::new() }; 3];
    let mut count = 0;
    for (index, number) in entries() {
        let code = values.partition_point(|value| order(value, &number).is_lt());
        bytes[0].extend_from_slice(&(index as i32).to_le_bytes());
        bytes[1].extend_from_slice(&(code as u16).to_le_bytes());
        count += 1;
    }
    values.iter().for_each(|value| value.write_le(&mut bytes[2]));
    let [indices, codes, numbers] = bytes;
    let [of_indices, of_codes, of_values] = expected::<T>(name);
    let tensor = |(name, dtype), count, bytes| (name, dtype, vec![count], bytes);
    Ok([tensor(of_indices, count, indices), tensor(of_codes, count, codes), tensor(of_values, values.len(), numbers)])
}

/// The order of the values: of numbers, and where they are equal of their bits.
fn order<T: Number>(a: &T, b: &T) -> Ordering {
    a.to_f64().total_cmp(&b.to_f64())
}

/// The numbers of a matrix that are not 0, with their indices, all within the matrix of so many elements.
pub(super) fn parse<T: Number>(tensors: &SafeTensors, name: &str, elements: usize) -> Result<Vec<(usize, T)>, ContentsError> {
    let read = |end: &str| data(tensors, &format!("{name}{end}"));
    let indices: Vec<_> = read(INDICES)?.as_chunks().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect();
    let codes: Vec<_> = read(CODES)?.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
    let values: Vec<_> = read(VALUES)?.chunks_exact(size_of::<T>()).map(T::read_le).collect();
    let other = |end: &str, how: String| Err(ContentsError::OtherTensor(format!("{name}{end}"), how));

    if codes.len() != indices.len() {
        return other("", format!("has {} indices and {} codes", indices.len(), codes.len()));
    }
    if let Some(value) = values.iter().find(|value| !value.to_f64().is_finite()) {
        return other(VALUES, format!("has {value}; every weight must be finite"));
    }
    if let Some((a, b)) = unordered(&values, order) {
        return other(VALUES, format!("has {a} before {b}; values must ascend"));
    }
    if let Some((a, b)) = unordered(&indices, i32::cmp) {
        return other(INDICES, format!("has {a} before {b}; indices must ascend"));
    }
    let outside = |index: &&i32| usize::try_from(**index).map_or(true, |index| index >= elements);
    if let Some(index) = indices.iter().find(outside) {
        return other(INDICES, format!("has {index}, outside the matrix of {elements} elements"));
    }
    if let Some(code) = codes.iter().find(|code| usize::from(**code) >= values.len()) {
        return other(CODES, format!("has {code}, and there are {} values", values.len()));
    }
    Ok(indices.iter().zip(codes).map(|(index, code)| (*index as usize, values[usize::from(code)])).collect())
}

/// The first two neighbours that do not ascend.
fn unordered<T: Display>(numbers: &[T], order: fn(&T, &T) -> Ordering) -> Option<(&T, &T)> {
    numbers.windows(2).map(|pair| (&pair[0], &pair[1])).find(|(a, b)| order(a, b).is_ge())
}
