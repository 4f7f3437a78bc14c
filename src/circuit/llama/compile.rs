//! From a circuit to the weights of the Llama architecture.

use super::{EPSILON, FIRST_STILL, HEAD_DIM, LlamaError, LlamaProof, PIN, RECENCY, RECENT, SHARPNESS, THETA, UNIT};
use crate::circuit::{Circuit, Form, Lane, ONE};
use crate::transformer::Matrix;
use crate::transformer::llama::{LlamaConfig, LlamaLayer, LlamaModel};

impl Circuit {
    /// The circuit as weights of the Llama architecture, exact in sequences of up to `rows` rows.
    ///
    /// # Errors
    /// The first assumption of the proof that does not hold, with the head, neuron or lane that breaks it.
    pub fn compile_llama(&self, rows: usize) -> Result<(LlamaModel, LlamaProof), LlamaError> {
        self.check_budget()?;
        let proof = LlamaProof::derive(self, rows)?;
        let budget = self.budget();
        let mut model = LlamaModel::zeros(LlamaConfig {
            hidden_size: budget.d_model,
            intermediate_size: budget.d_ffn,
            layers: self.layers.len(),
            heads: budget.heads_per_layer.iter().copied().max().unwrap_or(0),
            head_dim: HEAD_DIM,
            vocab_size: budget.vocab_size,
            rope_theta: THETA,
            rms_norm_eps: EPSILON,
            max_positions: rows,
        });
        for (token, form) in self.embedding.iter().enumerate() {
            set_row(&mut model.embedding, token, form, 1.0);
            *model.embedding.get_mut(token, ONE.0) = 2f32.powi(PIN);
        }
        let gains = gains(budget.d_model);
        for (circuit, layer) in self.layers.iter().zip(&mut model.layers) {
            layer.attention_norm.clone_from(&gains);
            layer.ffn_norm.clone_from(&gains);
            for (index, head) in circuit.heads.iter().enumerate() {
                let first = index * HEAD_DIM;
                for (dimension, (query, key)) in head.query.iter().zip(&head.key).enumerate() {
                    set_row(&mut layer.query, first + FIRST_STILL + dimension, query, UNIT as f32);
                    set_row(&mut layer.key, first + FIRST_STILL + dimension, key, 1.0);
                }
                // The query lies a quarter of a turn behind the key: the score is −sin of the distance.
                *layer.query.get_mut(first + HEAD_DIM / 2 + RECENT, ONE.0) = RECENCY as f32;
                *layer.key.get_mut(first + RECENT, ONE.0) = 1.0;
                for (dimension, (value, output)) in head.value.iter().zip(&head.output).enumerate() {
                    set_row(&mut layer.value, first + dimension, value, 1.0);
                    set_column(&mut layer.output, first + dimension, output, 1.0);
                }
            }
            set_neurons(layer, circuit);
        }
        model.norm = gains;
        for (token, form) in self.unembedding.iter().enumerate() {
            set_row(&mut model.unembedding, token, form, 1.0);
        }
        Ok((model, proof))
    }
}

/// The gains that undo the division by the root mean square, and make the constant lane 1.
fn gains(width: usize) -> Vec<f32> {
    let root_mean_square = 2f32.powi(PIN) / (width as f32).sqrt();
    let gain = |lane| if Lane(lane) == ONE { root_mean_square / 2f32.powi(PIN) } else { root_mean_square };
    (0..width).map(gain).collect()
}

fn set_neurons(layer: &mut LlamaLayer, circuit: &crate::circuit::Layer) {
    let sharpness = SHARPNESS as f32;
    for (index, neuron) in circuit.neurons.iter().enumerate() {
        set_row(&mut layer.gate, index, &neuron.gate, sharpness);
        set_row(&mut layer.up, index, &neuron.value, 1.0);
        set_column(&mut layer.down, index, &neuron.output, 1.0 / sharpness);
    }
}

/// Sets a row of a matrix to a form. The proof bounds its weights, and the factor is a power of two.
fn set_row(matrix: &mut Matrix<f32>, row: usize, form: &Form, factor: f32) {
    for (lane, weight) in form.terms() {
        *matrix.get_mut(row, lane.0) = weight as f32 * factor;
    }
}

fn set_column(matrix: &mut Matrix<f32>, column: usize, form: &Form, factor: f32) {
    for (lane, weight) in form.terms() {
        *matrix.get_mut(lane.0, column) = weight as f32 * factor;
    }
}
