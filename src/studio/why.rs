//! Why a token was chosen: the lanes of which its logit is the sum, and what wrote each of these lanes.

use super::xray::XRay;
use crate::transformer::{Model, Number};

/// A term of a logit: a lane's weight, and the lane's value after the last layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The lane.
    pub lane: usize,
    /// The weight of the lane in the token's logit.
    pub weight: i64,
    /// The value of the lane.
    pub value: i64,
}

/// What a head or neuron added to a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added<'x> {
    /// The layer.
    pub layer: usize,
    /// The name of the head or neuron.
    pub name: &'x str,
    /// The amount.
    pub amount: i64,
}

/// The terms of a token's logit that are not 0, the largest first. Their sum is the logit.
pub fn logit<T: Number>(model: &Model<T>, xray: &XRay, token: usize) -> Vec<Term> {
    let lanes = xray.layers.last().map_or(&xray.embedding, |layer| &layer.ffn);
    let terms = model.unembedding.row(token).zip(lanes).enumerate();
    let mut terms: Vec<Term> = terms.map(|(lane, (weight, value))| Term { lane, weight: weight.to_integer(), value: *value }).collect();
    terms.retain(|term| term.weight * term.value != 0);
    terms.sort_by_key(|term| -(term.weight * term.value).abs());
    terms
}

/// The lanes that a token's logit reads.
pub fn read<T: Number>(model: &Model<T>, token: usize) -> impl Iterator<Item = usize> + '_ {
    (0..).zip(model.unembedding.row(token)).filter(|(_, weight)| *weight != T::default()).map(|(lane, _)| lane)
}

/// What heads and neurons added to a lane in the pass, in the order of the layers. With the lane's embedding
/// it is the lane's value after the last layer.
pub fn written<'x, T: Number>(model: &Model<T>, xray: &'x XRay, lane: usize) -> Vec<Added<'x>> {
    let mut all = Vec::new();
    for (index, (layer, weights)) in xray.layers.iter().zip(&model.layers).enumerate() {
        let d_head = model.config.d_head;
        for (head, ray) in layer.heads.iter().enumerate() {
            let values = ray.result.iter().enumerate();
            let amount = values.map(|(i, value)| weights.output.get(lane, head * d_head + i).to_integer() * value).sum();
            all.push(Added { layer: index, name: &ray.name, amount });
        }
        for (neuron, ray) in layer.neurons.iter().enumerate() {
            let amount = weights.ffn_down.get(lane, neuron).to_integer() * ray.output;
            all.push(Added { layer: index, name: &ray.name, amount });
        }
    }
    all.retain(|added| added.amount != 0);
    all
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::byte::program::listing::{parse_line, so_far};
    use crate::harness::Byte;
    use crate::harness::byte::Case;
    use crate::studio::xray::Examiner;

    #[test]
    fn terms_add_up_to_the_logit_and_what_was_written_to_the_lane() {
        let lines = ["i32.const 200", "i32.const 100", "i32.add", "local.set 3", "local.get 3", "local.get 4", "i32.mul"];
        let listing: Vec<_> = lines.iter().filter_map(|line| parse_line(line).unwrap()).collect();
        let (program, files) = (so_far(&listing).unwrap(), Default::default());
        let examiner = Examiner::<Byte>::compiled();
        let mut steps = 0;
        let examined = examiner.examine(
            Case::new(&program, &files),
            |_| true,
            |xray, _| {
                for token in [xray.token, 0, 255] {
                    let sum: i64 = logit(examiner.model(), &xray, token).iter().map(|term| term.weight * term.value).sum();
                    assert_eq!(sum, xray.logits[token], "step {}, token {token}", xray.step);
                }
                for lane in 0..xray.embedding.len() {
                    let added: i64 = written(examiner.model(), &xray, lane).iter().map(|added| added.amount).sum();
                    assert_eq!(xray.embedding[lane] + added, xray.layers.last().unwrap().ffn[lane], "step {}, lane {lane}", xray.step);
                }
                steps += 1;
                ControlFlow::Continue(())
            },
        );
        assert_eq!((examined.unwrap(), steps), (8, 8));
    }
}
