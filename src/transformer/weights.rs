//! A model: its config and its weights.

use super::{Config, Matrix, Number};

/// The weights of one layer. `h` is the layer's number of heads.
#[derive(Clone, Debug)]
pub struct LayerWeights<T> {
    /// Query projections of all heads, `[h · d_head, d_model]`.
    pub query: Matrix<T>,
    /// Key projections of all heads, `[h · d_head, d_model]`.
    pub key: Matrix<T>,
    /// Value projections of all heads, `[h · d_head, d_model]`.
    pub value: Matrix<T>,
    /// Output projection, `[d_model, h · d_head]`.
    pub output: Matrix<T>,
    /// Gates of the neurons, `[d_ffn, d_model]`.
    pub ffn_gate: Matrix<T>,
    /// Values of the neurons, `[d_ffn, d_model]`.
    pub ffn_value: Matrix<T>,
    /// Output weights of the neurons, `[d_model, d_ffn]`.
    pub ffn_down: Matrix<T>,
}

/// A transformer: everything a forward pass needs.
#[derive(Clone, Debug)]
pub struct Model<T> {
    /// The shape.
    pub config: Config,
    /// Token embedding, `[vocab_size, d_model]`.
    pub embedding: Matrix<T>,
    /// The layers, in order.
    pub layers: Vec<LayerWeights<T>>,
    /// Unembedding, `[vocab_size, d_model]`.
    pub unembedding: Matrix<T>,
}

impl<T: Number> Model<T> {
    /// A model of this shape with all weights zero.
    pub fn zeros(config: Config) -> Model<T> {
        let shapes = config.shapes();
        let mut matrices = shapes.iter().map(|(_, [rows, columns])| Matrix::zeros(*rows, *columns));
        let mut next = || matrices.next().expect("a shape for each matrix");
        let embedding = next();
        let layers = config.attention.iter().map(|_| LayerWeights {
            query: next(),
            key: next(),
            value: next(),
            output: next(),
            ffn_gate: next(),
            ffn_value: next(),
            ffn_down: next(),
        });
        let layers = layers.collect();
        let unembedding = next();
        Model { config, embedding, layers, unembedding }
    }

    /// All weight matrices with their names, in the order of [`Config::shapes`]. Layers without heads have
    /// no attention matrices.
    pub fn matrices(&self) -> Vec<(String, &Matrix<T>)> {
        let mut matrices = vec![&self.embedding];
        for l in &self.layers {
            matrices.extend([&l.query, &l.key, &l.value, &l.output, &l.ffn_gate, &l.ffn_value, &l.ffn_down]);
        }
        matrices.push(&self.unembedding);
        let names = self.config.shapes().into_iter().map(|(name, _)| name);
        names.zip(matrices).filter(|(_, matrix)| !matrix.is_empty()).collect()
    }

    /// Like [`Model::matrices`], but the matrices can be changed.
    pub fn matrices_mut(&mut self) -> Vec<(String, &mut Matrix<T>)> {
        let names = self.config.shapes().into_iter().map(|(name, _)| name);
        let mut matrices = vec![&mut self.embedding];
        for LayerWeights { query, key, value, output, ffn_gate, ffn_value, ffn_down } in &mut self.layers {
            matrices.extend([query, key, value, output, ffn_gate, ffn_value, ffn_down]);
        }
        matrices.push(&mut self.unembedding);
        names.zip(matrices).filter(|(_, matrix)| !matrix.is_empty()).collect()
    }

    /// The number of weights that are not zero.
    pub fn non_zeros(&self) -> usize {
        self.matrices().iter().map(|(_, matrix)| matrix.non_zeros()).sum()
    }
}

impl<T: Number> PartialEq for Model<T> {
    fn eq(&self, other: &Model<T>) -> bool {
        self.config == other.config && self.matrices() == other.matrices()
    }
}
