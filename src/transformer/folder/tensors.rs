//! `model.safetensors`: the weight matrices, dense or sparse.
//!
//! The dense form has a tensor for each matrix, by the matrix's name. The sparse form has two for each: the
//! numbers that are not 0 (`NAME.values`), and where they are (`NAME.indices`, type I32, ascending): the
//! number at row r and column c of a matrix of n columns has the index r·n + c. The shape is not in the file,
//! but in the config. A matrix without elements is in neither form.

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::ContentsError;
use crate::transformer::{Config, Matrix, Model, Number};

/// The ends of the names of a sparse matrix's two tensors.
const INDICES: &str = ".indices";
const VALUES: &str = ".values";
/// The most parameters of a model in sparse form. A small file can state a large shape, and the model is
/// dense once it is loaded.
const MAX_PARAMETERS: usize = 1 << 26;

/// How a file of weights holds the matrices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// Every number.
    #[default]
    Dense,
    /// The numbers that are not 0, with their indices.
    Sparse,
}

/// A tensor to be written: name, type, shape and bytes.
pub(in crate::transformer) type Tensor = (String, Dtype, Vec<usize>, Vec<u8>);

/// The weights in the safetensors format, in dense form. The same model always gives the same bytes.
pub fn serialize<T: Number>(model: &Model<T>) -> Vec<u8> {
    file(model.matrices().into_iter().map(|(name, matrix)| dense(name, matrix)).collect())
}

/// The weights in the safetensors format, in sparse form. The same model always gives the same bytes.
///
/// # Errors
/// If the model has too many parameters.
pub fn serialize_sparse<T: Number>(model: &Model<T>) -> Result<Vec<u8>, ContentsError> {
    check_size(&model.config)?;
    Ok(file(model.matrices().into_iter().flat_map(|(name, matrix)| sparse(&name, matrix)).collect()))
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

fn sparse<T: Number>(name: &str, matrix: &Matrix<T>) -> [Tensor; 2] {
    let [mut indices, mut values] = [const { Vec::new() }; 2];
    let mut count = 0;
    for (index, number) in matrix.elements().enumerate() {
        // By the bits, so that −0 comes back too.
        if number.to_f64().to_bits() != 0 {
            indices.extend_from_slice(&(index as i32).to_le_bytes());
            number.write_le(&mut values);
            count += 1;
        }
    }
    [(format!("{name}{INDICES}"), Dtype::I32, vec![count], indices), (format!("{name}{VALUES}"), T::DTYPE, vec![count], values)]
}

fn check_size(config: &Config) -> Result<(), ContentsError> {
    match config.parameters() {
        parameters if parameters > MAX_PARAMETERS => Err(ContentsError::TooLarge(parameters, MAX_PARAMETERS)),
        _ => Ok(()),
    }
}

/// A model from its config and the bytes of `model.safetensors`, in either form.
///
/// # Errors
/// What is wrong with the weights, in one sentence.
pub fn parse_weights<T: Number>(config: Config, safetensors: &[u8]) -> Result<Model<T>, ContentsError> {
    let tensors = SafeTensors::deserialize(safetensors).map_err(|error| ContentsError::MalformedWeights(error.to_string()))?;
    let is_sparse = tensors.tensor(&format!("embedding{VALUES}")).is_ok();
    let mut shapes = config.shapes();
    shapes.retain(|(_, shape)| !shape.contains(&0));
    let expected: Vec<(String, Dtype, Option<[usize; 2]>)> = if is_sparse {
        check_size(&config)?;
        shapes.into_iter().flat_map(|(name, _)| [(name.clone() + INDICES, Dtype::I32, None), (name + VALUES, T::DTYPE, None)]).collect()
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
            *matrix.get_mut(row, column) = number;
            Ok(())
        };
        if is_sparse {
            let (indices, values) = (data(&tensors, &(name.clone() + INDICES))?, data(&tensors, &(name.clone() + VALUES))?);
            let indices = places(&name, indices, rows * columns)?;
            let numbers = values.chunks_exact(size_of::<T>()).map(T::read_le);
            if numbers.len() != indices.len() {
                let how = format!("has {} indices and {} values", indices.len(), numbers.len());
                return Err(ContentsError::OtherTensor(name, how));
            }
            indices.into_iter().zip(numbers).try_for_each(|(index, number)| set(index, number))?;
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

fn data<'a>(tensors: &SafeTensors<'a>, name: &str) -> Result<&'a [u8], ContentsError> {
    let tensor = tensors.tensor(name).map_err(|_| ContentsError::NoTensor(name.to_string()))?;
    Ok(tensor.data())
}

/// The indices of a sparse matrix with this many elements. They must ascend.
fn places(name: &str, indices: &[u8], elements: usize) -> Result<Vec<usize>, ContentsError> {
    let (indices, _) = indices.as_chunks::<4>();
    let indices: Vec<_> = indices.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect();
    let other = |how: String| Err(ContentsError::OtherTensor(format!("{name}{INDICES}"), how));
    if let Some(pair) = indices.windows(2).find(|pair| pair[0] >= pair[1]) {
        return other(format!("has {} before {}; indices must ascend", pair[0], pair[1]));
    }
    let places = indices.iter().map(|index| usize::try_from(*index).ok().filter(|index| *index < elements).ok_or(*index));
    places.collect::<Result<_, _>>().or_else(|index| other(format!("has {index}, outside the matrix of {elements} elements")))
}
