//! The forward pass on unknown numbers: the neurons of a layer.

use std::collections::BTreeMap;

use super::expr::{Expr, Symbol};
use super::region::Region;
use super::symbols::Symbols;
use crate::prove::network::Neuron;

/// A gate but for its constant, and a value.
type Product = (Vec<(Symbol, i128)>, Expr);

/// Passes lanes through neurons. Gives the neurons that this case does not shut: the gates of all others
/// cannot be above 0, or their values are 0.
pub(super) fn pass<'n>(
    symbols: &mut Symbols,
    region: &Region,
    neurons: impl IntoIterator<Item = &'n Neuron>,
    lanes: &mut [Expr],
) -> Vec<&'n Neuron> {
    let mut open = Vec::new();
    let mut outputs: Vec<(&Neuron, Expr)> = Vec::new();
    let mut undecided: BTreeMap<Product, Vec<(i128, &Neuron)>> = BTreeMap::new();
    for neuron in neurons {
        let gate = symbols.normal(region, &Expr::of(&neuron.gate, lanes));
        let range = symbols.range(region, &gate);
        if range.high <= 0 {
            continue;
        }
        let value = symbols.normal(region, &Expr::of(&neuron.value, lanes));
        if value.is_zero() {
            continue;
        }
        open.push(neuron);
        match symbols.product(region, &gate, range, &value) {
            Some(output) => outputs.push((neuron, output)),
            None => undecided.entry((gate.terms, value)).or_default().push((gate.constant, neuron)),
        }
    }
    for ((terms, value), mut gates) in undecided {
        gates.sort_by_key(|(constant, _)| *constant);
        let mut before: Option<(Expr, Expr)> = None;
        for (constant, neuron) in gates {
            let gate = Expr { terms: terms.clone(), constant };
            let output = match before {
                // relu(g + 1) = relu(g) + [g ≥ 0].
                Some((gate, output)) if gate.constant + 1 == constant => output.plus(&symbols.chosen(region, &gate, &value)),
                Some((gate, output)) if gate.constant == constant => output,
                _ => symbols.gated(&gate, &value),
            };
            outputs.push((neuron, output.clone()));
            before = Some((gate, output));
        }
    }
    let mut added: BTreeMap<usize, Vec<(usize, i128)>> = BTreeMap::new();
    for (index, (neuron, _)) in outputs.iter().enumerate() {
        neuron.output.terms().for_each(|(lane, weight)| added.entry(lane).or_default().push((index, weight.into())));
    }
    for (lane, parts) in added {
        let parts = parts.iter().map(|(index, weight)| (&outputs[*index].1, *weight)).chain([(&lanes[lane], 1)]);
        lanes[lane] = symbols.normal(region, &Expr::sum(parts));
    }
    open
}
