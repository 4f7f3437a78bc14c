//! `model.safetensors`: the weight matrices, dense or sparse.
//!
//! The dense form has a tensor for each matrix, by the matrix's name; the [sparse form](sparse) has three. A
//! sparse matrix's shape is not in the file, but in the config. A matrix without elements is in neither form.

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::{ContentsError, sparse};
use crate::transformer::{Config, Matrix, Model, Number};

/// How a file of weights holds the matrices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// Every number.
    #[default]
    Dense,
    /// Where the numbers are that are not 0, and which of the distinct numbers each of them is.
    Sparse,
}

/// A tensor to be written: its name, type, shape and bytes.
pub(in crate::transformer) type Tensor = (String, Dtype, Vec<usize>, Vec<u8>);

/// The weights in the safetensors format, in dense form. The same model always gives the same bytes.
pub fn serialize<T: Number>(model: &Model<T>) -> Vec<u8> {
    file(model.matrices().into_iter().map(|(name, matrix)| dense(name, matrix)).collect())
}

/// The weights in the safetensors format, in sparse form. The same model always gives the same bytes.
///
/// # Errors
/// If the model has too many parameters, or a matrix too many distinct numbers.
pub fn serialize_sparse<T: Number>(model: &Model<T>) -> Result<Vec<u8>, ContentsError> {
    sparse::check_size(&model.config)?;
    let tensors = model.matrices().into_iter().map(|(name, matrix)| sparse::tensors(&name, matrix));
    Ok(file(tensors.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()))
}

/// A file in the safetensors format. The same tensors always give the same bytes.
pub(in crate::transformer) fn file(tensors: Vec<Tensor>) -> Vec<u8> {
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        let view = TensorView::new(*dtype, shape.clone(), bytes).expect("bytes of this shape");
        (name.as_str(), view)
    });
    // There is only one metadata entry, because the crate does not write several entries in a fixed order.
    let metadata = [("format".to_string(), "pt".to_string())].into();
    safetensors::serialize(views, Some(metadata)).expect("named tensors serialize")
}

fn dense<T: Number>(name: String, matrix: &Matrix<T>) -> Tensor {
    let mut bytes = Vec::new();
    matrix.elements().for_each(|x| x.write_le(&mut bytes));
    (name, T::DTYPE, vec![matrix.rows(), matrix.columns()], bytes)
}

/// A model from its config and the bytes of `model.safetensors`, in either form.
///
/// # Errors
/// What is wrong with the weights, in one sentence.
pub fn parse_weights<T: Number>(config: Config, safetensors: &[u8]) -> Result<Model<T>, ContentsError> {
    let tensors = SafeTensors::deserialize(safetensors).map_err(|error| ContentsError::MalformedWeights(error.to_string()))?;
    let is_sparse = sparse::is_sparse(&tensors);
    let mut shapes = config.shapes();
    shapes.retain(|(_, shape)| !shape.contains(&0));
    let expected: Vec<(String, Dtype, Option<[usize; 2]>)> = if is_sparse {
        sparse::check_size(&config)?;
        let tensors = shapes.iter().flat_map(|(name, _)| sparse::expected::<T>(name));
        tensors.map(|(name, dtype)| (name, dtype, None)).collect()
    } else {
        shapes.into_iter().map(|(name, shape)| (name, T::DTYPE, Some(shape))).collect()
    };
    for (name, dtype, shape) in &expected {
        check_tensor(&tensors, name, *dtype, *shape)?;
    }
    if let Some(name) = tensors.names().into_iter().find(|name| !expected.iter().any(|(known, ..)| known == name)) {
        return Err(ContentsError::UnknownTensor(name.to_string()));
    }

    let mut model = Model::zeros(config);
    for (name, matrix) in model.matrices_mut() {
        let (rows, columns) = (matrix.rows(), matrix.columns());
        let mut set = |index: usize, number: T| {
            let (row, column) = (index / columns, index % columns);
            if !number.to_f64().is_finite() {
                return Err(ContentsError::NotFinite(name.clone(), number.to_string(), row, column));
            }
            // The matrix is zero, and keeps what is set.
            if number.to_f64().to_bits() != 0 {
                *matrix.get_mut(row, column) = number;
            }
            Ok(())
        };
        if is_sparse {
            let mut numbers = sparse::parse(&tensors, &name, rows * columns)?.into_iter();
            numbers.try_for_each(|(index, number)| set(index, number))?;
        } else {
            let mut numbers = data(&tensors, &name)?.chunks_exact(size_of::<T>()).map(T::read_le).enumerate();
            numbers.try_for_each(|(index, number)| set(index, number))?;
        }
    }
    Ok(model)
}

/// Checks that a tensor is there, and has this type and this shape; any shape of one dimension if none is
/// given.
fn check_tensor(tensors: &SafeTensors, name: &str, dtype: Dtype, shape: Option<[usize; 2]>) -> Result<(), ContentsError> {
    let tensor = tensors.tensor(name).map_err(|_| ContentsError::NoTensor(name.to_string()))?;
    let other = |how: String| Err(ContentsError::OtherTensor(name.to_string(), how));
    match shape {
        Some(shape) if tensor.shape() != shape => other(format!("has shape {:?}, the config asks for {shape:?}", tensor.shape())),
        None if tensor.shape().len() != 1 => other(format!("has shape {:?}, expected one dimension", tensor.shape())),
        _ if tensor.dtype() != dtype => other(format!("is of type {}, expected {dtype}", tensor.dtype())),
        _ => Ok(()),
    }
}

/// The bytes of a tensor.
pub(super) fn data<'a>(tensors: &SafeTensors<'a>, name: &str) -> Result<&'a [u8], ContentsError> {
    let tensor = tensors.tensor(name).map_err(|_| ContentsError::NoTensor(name.to_string()))?;
    Ok(tensor.data())
}
