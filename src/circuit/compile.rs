//! From a circuit to dense weights.

use super::{Bounds, Circuit, CircuitError, Form};
use crate::transformer::{Attention, Config, Matrix, Model, Number};

impl Circuit {
    /// Checks the budget, proves the bounds, and sets the weights.
    ///
    /// Heads and neurons take their places in the order in which they were added. Places that the budget has
    /// and the circuit does not use have zero weights.
    ///
    /// # Errors
    /// If the circuit is over budget, or a number may leave the exact integers of `T`.
    pub fn compile<T: Number>(&self) -> Result<(Model<T>, Bounds), CircuitError> {
        self.check_budget()?;
        let bounds = Bounds::derive(self, T::EXACT)?;
        let mut model = Model::zeros(self.config());
        for (token, form) in self.embedding.iter().enumerate() {
            set_row(&mut model.embedding, token, form)?;
        }
        for (layer, weights) in self.layers.iter().zip(&mut model.layers) {
            for (index, head) in layer.heads.iter().enumerate() {
                let first = index * self.budget.d_head;
                let projections = [(&head.query, &mut weights.query), (&head.key, &mut weights.key), (&head.value, &mut weights.value)];
                for (forms, matrix) in projections {
                    for (dimension, form) in forms.iter().enumerate() {
                        set_row(matrix, first + dimension, form)?;
                    }
                }
                for (dimension, form) in head.output.iter().enumerate() {
                    set_column(&mut weights.output, first + dimension, form)?;
                }
            }
            for (index, neuron) in layer.neurons.iter().enumerate() {
                set_row(&mut weights.ffn_gate, index, &neuron.gate)?;
                set_row(&mut weights.ffn_value, index, &neuron.value)?;
                set_column(&mut weights.ffn_down, index, &neuron.output)?;
            }
        }
        for (token, form) in self.unembedding.iter().enumerate() {
            set_row(&mut model.unembedding, token, form)?;
        }
        Ok((model, bounds))
    }

    /// The shape of the compiled model.
    pub(super) fn config(&self) -> Config {
        let attention = self.layers.iter().zip(&self.budget.heads_per_layer).map(|(layer, budget)| {
            let mut kinds: Vec<_> = layer.heads.iter().map(|head| head.kind).collect();
            kinds.resize(*budget, Attention::HardMax);
            kinds
        });
        Config {
            machine: self.budget.machine.to_string(),
            d_model: self.budget.d_model,
            d_head: self.budget.d_head,
            d_ffn: self.budget.d_ffn,
            vocab_size: self.budget.vocab_size,
            attention: attention.collect(),
            special_tokens: self.special_tokens.clone(),
            lanes: self.lanes.iter().map(|lane| lane.name.clone()).collect(),
            specialized: None,
        }
    }

    pub(super) fn check_budget(&self) -> Result<(), CircuitError> {
        let budget = &self.budget;
        if let Some(lane) = self.lanes.get(budget.d_model) {
            return Err(CircuitError::TooManyLanes { lane: lane.name.clone(), budget: budget.d_model });
        }
        for (layer, (contents, heads)) in self.layers.iter().zip(&budget.heads_per_layer).enumerate() {
            if let Some(head) = contents.heads.get(*heads) {
                return Err(CircuitError::TooManyHeads { layer, head: head.name.clone(), budget: *heads });
            }
            for head in &contents.heads {
                let widths = [&head.query, &head.key, &head.value, &head.output].map(Vec::len);
                if widths.into_iter().any(|width| width > budget.d_head) {
                    return Err(CircuitError::HeadTooWide { layer, head: head.name.clone(), budget: budget.d_head });
                }
            }
            if let Some(neuron) = contents.neurons.get(budget.d_ffn) {
                return Err(CircuitError::TooManyNeurons { layer, neuron: neuron.name.clone(), budget: budget.d_ffn });
            }
        }
        Ok(())
    }
}

fn set_row<T: Number>(matrix: &mut Matrix<T>, row: usize, form: &Form) -> Result<(), CircuitError> {
    for (lane, weight) in form.terms() {
        *matrix.get_mut(row, lane.0) += exact(weight)?;
    }
    Ok(())
}

fn set_column<T: Number>(matrix: &mut Matrix<T>, column: usize, form: &Form) -> Result<(), CircuitError> {
    for (lane, weight) in form.terms() {
        *matrix.get_mut(lane.0, column) += exact(weight)?;
    }
    Ok(())
}

/// A weight in the model's number type.
fn exact<T: Number>(weight: i64) -> Result<T, CircuitError> {
    if i128::from(weight).abs() > T::EXACT {
        return Err(CircuitError::NotExact { place: "a weight".to_string(), bound: weight.into(), limit: T::EXACT });
    }
    Ok(T::from_integer(weight))
}
