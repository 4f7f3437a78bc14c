//! Planted faults: what is known of a model, or what is compiled, is corrupted in the way in which a mistake
//! of the specialiser would corrupt it. The harness's tests show that programs find these faults. Faults of
//! machine code itself are planted in the crate that makes it.

use std::sync::Arc;

use wasmformer_native::Op;

use super::code::compiled;
use super::part::{End, Part};
use super::{CompiledModel, CompiledSession, Special};
use crate::transformer::{Interval, Network, Observer, Row};

/// The place where a fault is planted.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// In what is known of the model.
    Model(fn(&mut Special<f32>)),
    /// In each part that is compiled.
    Part(fn(&mut Part<f32>)),
    /// In the sequence, after each pass.
    Session(fn(&mut CompiledSession<'_, f32>)),
}

/// The faults that programs detect, by name.
pub(crate) const FAULTS: [(&str, Fault); 12] = [
    (
        "the ranges of lanes with few values are too narrow",
        Fault::Model(|special| {
            let narrow = Arc::make_mut(&mut special.source).ranges.iter_mut().skip(1).flatten().filter(|range| range.high - range.low <= 2);
            narrow.for_each(|range| *range = Interval::point(range.low));
        }),
    ),
    (
        "gates are bounded too low",
        Fault::Model(|special| {
            let stages = Arc::make_mut(&mut special.source).ranges.iter_mut().skip(9);
            stages.flatten().for_each(|range| range.high = range.high.min(100).max(range.low));
        }),
    ),
    (
        "every fourth neuron is lost",
        Fault::Model(|special| {
            for layer in &mut Arc::make_mut(&mut special.source).layers {
                let mut index = 0;
                layer.neurons.retain(|_| {
                    index += 1;
                    index % 4 != 0
                });
            }
        }),
    ),
    ("tokens have the numbers of their neighbours", Fault::Model(|special| special.varying.rotate_left(1))),
    (
        "the last term of each sum is lost",
        Fault::Part(|part| {
            recompile(part, |op| {
                if let Op::Sum { sum, .. } | Op::Output { sum, .. } = op {
                    sum.terms.truncate(sum.terms.len().saturating_sub(1));
                }
            });
        }),
    ),
    (
        "gates are taken for open",
        Fault::Part(|part| {
            recompile(part, |op| {
                if let Op::Positive { to, sum } = op {
                    *op = Op::Sum { to: *to, sum: sum.clone() };
                }
            });
        }),
    ),
    (
        "a function in pieces misses its last piece",
        Fault::Part(|part| {
            recompile(part, |op| {
                if let Op::Pieces { pieces, .. } = op {
                    pieces.truncate(pieces.len().saturating_sub(1));
                }
            });
        }),
    ),
    (
        "products are their second factors",
        Fault::Part(|part| {
            recompile(part, |op| {
                if let Op::Product { to, sum, .. } = op {
                    *op = Op::Sum { to: *to, sum: sum.clone() };
                }
            });
        }),
    ),
    (
        "the value of a row found is that of its neighbour",
        Fault::Part(|part| {
            recompile(part, |op| {
                if let Op::Input { from, .. } = op {
                    *from = from.saturating_sub(1);
                }
            });
        }),
    ),
    (
        "of the planes of tokens, one less is compared",
        Fault::Part(|part| {
            if let End::Token { candidates, .. } = &mut part.end
                && candidates.planes.len() + candidates.others.len() > 1
            {
                candidates.planes.pop();
            }
        }),
    ),
    ("the numbers of a row are lost before its values are computed", Fault::Session(|session| session.lose_numbers())),
    ("rows found have the class of the first", Fault::Session(|session| session.confuse_classes())),
];

/// Compiles a part's functions with each operation changed.
fn recompile(part: &mut Part<f32>, change: fn(&mut Op)) {
    part.functions.iter_mut().flatten().for_each(change);
    part.code = Arc::new(compiled(part.functions.clone(), &|_| true));
}

/// A model with a fault.
pub(crate) fn spoiled(model: &CompiledModel<f32>, fault: Option<Fault>) -> CompiledModel<f32> {
    let mut model = model.clone().with_patience(1);
    if let (Some(Fault::Model(spoil)), Some(special)) = (fault, &mut model.special) {
        spoil(special);
    }
    model.library = Arc::default();
    model
}

/// A session with a fault.
pub(crate) struct Faulty<'m> {
    pub session: CompiledSession<'m, f32>,
    pub fault: Option<Fault>,
}

impl Network<f32> for Faulty<'_> {
    fn write_store(&mut self, store: usize, index: usize, row: &Row<f32>) {
        self.session.write_store(store, index, row);
    }

    fn pass(&mut self, rows: &[Row<f32>], observer: &mut impl Observer<f32>) {
        let before = self.session.parts();
        self.session.pass(rows, observer);
        match self.fault {
            Some(Fault::Part(spoil)) => self.session.compiled_parts()[before..].iter_mut().map(Arc::make_mut).for_each(spoil),
            Some(Fault::Session(spoil)) => spoil(&mut self.session),
            _ => {}
        }
    }

    fn token(&self) -> usize {
        self.session.token()
    }

    fn logits(&self) -> Vec<f32> {
        self.session.logits()
    }

    fn kept(&self) -> usize {
        self.session.kept()
    }
}

mod tests {
    use super::*;
    use crate::transformer::indexed::faults::tests::{Random, random_model};
    use crate::transformer::{Batched, Session};

    /// Models of which nothing is known but that their sums are exact, passed row by row and in batches.
    #[test]
    fn any_weights_give_the_logits_of_the_dense_pass() {
        let mut random = Random::new(5);
        let mut random = |limit: usize| random.below(limit) as f64;
        let mut parts = 0;
        for round in 0..40 {
            let model = random_model(1, 2 + usize::from(round % 8 == 7), &mut random);
            let compiled = CompiledModel::new(&model, &[]).with_patience(1 + round % 3);
            let (mut dense, mut compiled) = (Session::new(&model), CompiledSession::new(&compiled));
            for _ in 0..60 {
                let count = if random(9) == 0.0 { 2 + random(90) as usize } else { 1 + random(3) as usize };
                let index = random(5) as usize;
                let mut row = || {
                    let positional = if random(4) == 0.0 { vec![(random(20) as usize, random(5) - 2.0)] } else { Vec::new() };
                    Row { token: random(12) as usize, positional }
                };
                let stored = row();
                dense.write_store(0, index, &stored);
                compiled.write_store(0, index, &stored);
                let rows: Vec<Row<f64>> = (0..count).map(|_| row()).collect();
                if count > 20 {
                    dense.pass_batch(&rows, &mut ());
                    compiled.pass_batch(&rows, &mut ());
                    assert!((0..count).all(|row| dense.logits_at(row) == compiled.logits_at(row)));
                } else {
                    dense.pass(&rows, &mut ());
                    compiled.pass(&rows, &mut ());
                    let bits = |logits: Vec<f64>| logits.into_iter().map(f64::to_bits).collect::<Vec<u64>>();
                    assert_eq!((bits(dense.logits()), dense.token()), (bits(compiled.logits()), compiled.token()), "round {round}");
                }
            }
            parts += compiled.parts();
        }
        assert!(parts > 100, "{parts} parts were compiled");
    }

    /// A layer has eight heads: nine layers have more searches than a row's numbers have room for.
    #[test]
    fn a_model_with_too_many_searches_is_not_specialised() {
        let mut random = Random::new(5);
        let mut random = |limit: usize| random.below(limit) as f64;
        let is_special = [8, 9].map(|layers| CompiledModel::new(&random_model(layers, 2, &mut random), &[]).special.is_some());
        assert_eq!(is_special, [true, false]);
    }
}
