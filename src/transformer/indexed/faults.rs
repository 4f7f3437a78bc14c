//! Planted faults: compiled models and memories are corrupted in the way in which a mistake in each index
//! would corrupt them. The harness's tests show that programs find these faults.

use super::kernel::BLOCK;
use super::keys::{Index, Keys};
use super::pairs::Pairs;
use super::{IndexedModel, IndexedSession, Memory};
use crate::transformer::{Network, Number, Observer, Row};

/// The place where a fault is planted.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// In the model that is compiled from the weights.
    Model(fn(&mut IndexedModel<f32>)),
    /// In the memory of a family, after each pass and each write to a store. The function takes the memory
    /// before, the memory now, and the position.
    Memory(fn(&Memory<f32>, &mut Memory<f32>, u64)),
    /// In the batch: each whole tile of this many rows forgets its last row.
    Tile(usize),
}

/// The faults that programs detect, by name. Two other faults went unnoticed in 2,000 generated programs: a
/// lost corner of the hull over keys, and a forgotten position in ties of different keys. The tests below
/// detect these two by comparison with a scan.
pub(crate) const FAULTS: [(&str, Fault); 10] = [
    (
        "the unembedding's hull has no token 1",
        Fault::Model(|model| model.unembedding.planes[0].hull.points.retain(|point| point.slot != 1)),
    ),
    (
        "the last form of each block is not computed",
        Fault::Model(|model| model.layers.iter_mut().for_each(|layer| layer.projections.forget_last_forms())),
    ),
    (
        "the gates of each block's last neuron are not computed",
        Fault::Model(|model| {
            model.layers.iter_mut().for_each(|layer| layer.feed_forward.gates.forget_last_forms());
        }),
    ),
    (
        "the first of each four groups of neurons is bounded too low",
        Fault::Model(|model| {
            let terms = model.layers.iter_mut().flat_map(|layer| &mut layer.feed_forward.bounds.0.terms);
            terms.for_each(|(_, extremes)| (extremes[0], extremes[BLOCK]) = (0.0, 0.0));
        }),
    ),
    (
        "a search answers none of its heads",
        Fault::Model(|model| model.layers[3].families.iter_mut().for_each(|family| family.searches[0].outputs = Default::default())),
    ),
    (
        "a running sum misses each seventh row",
        Fault::Memory(|before, now, position| {
            if matches!(now, Memory::Sum(_)) && position % 7 == 0 {
                now.clone_from(before);
            }
        }),
    ),
    (
        "a repeated key keeps its earliest row",
        Fault::Memory(|before, now, _| {
            if let (Memory::Keys(before), Memory::Keys(now)) = (before, now) {
                now.pairs().positions[..before.len()].copy_from_slice(&before.clone().pairs().positions);
                now.values.flat[..before.values.flat.len()].copy_from_slice(&before.values.flat);
            }
        }),
    ),
    (
        "a row is dropped whose key was not repeated",
        Fault::Memory(|before, now, _| {
            if let (Memory::Keys(before), Memory::Keys(keys)) = (before, &*now)
                && !before.is_empty()
                && keys.len() > before.len()
            {
                *now = Memory::Keys(before.clone());
            }
        }),
    ),
    (
        "the look-up table is off by one",
        Fault::Memory(|before, now, _| {
            if let (Memory::Keys(before), Memory::Keys(now)) = (before, now)
                && before.is_empty()
                && !now.pairs().lookup.tables[0].is_empty()
            {
                now.pairs().lookup.tables[0].rotate_left(1);
            }
        }),
    ),
    ("a tile forgets its last row", Fault::Tile(16)),
];

/// A session with a fault.
pub(crate) struct Faulty<'m> {
    pub session: IndexedSession<'m, f32>,
    pub fault: Option<Fault>,
}

impl<'m> Faulty<'m> {
    fn spoil(&mut self, work: impl FnOnce(&mut IndexedSession<'m, f32>)) {
        let Some(Fault::Memory(spoil)) = self.fault else { return work(&mut self.session) };
        let before = self.session.memories.clone();
        work(&mut self.session);
        let position = self.session.position;
        for (before, now) in before.iter().zip(&mut self.session.memories) {
            spoil(before, now, position);
        }
    }
}

impl Network<f32> for Faulty<'_> {
    fn write_store(&mut self, store: usize, index: usize, row: &Row<f32>) {
        self.spoil(|session| session.write_store(store, index, row));
    }

    fn pass(&mut self, rows: &[Row<f32>], observer: &mut impl Observer<f32>) {
        let Some(Fault::Tile(rows_of_tile)) = self.fault else {
            return self.spoil(|session| session.pass(rows, observer));
        };
        for tile in rows.chunks(rows_of_tile) {
            let forgotten = usize::from(tile.len() == rows_of_tile);
            self.session.pass(&tile[..tile.len() - forgotten], observer);
            self.session.position += forgotten as u64;
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

impl<T: Number> Keys<T> {
    fn pairs(&mut self) -> &mut Pairs {
        let Index::Pairs(pairs) = &mut self.index else { panic!("keys of compiled models have two dimensions") };
        pairs
    }
}

impl<T: Number> super::kernel::Blocks<T> {
    fn forget_last_forms(&mut self) {
        self.0.terms.iter_mut().for_each(|(_, weights)| *weights.last_mut().expect("a block has forms") = T::default());
    }
}

pub(in crate::transformer) mod tests {
    pub(in crate::transformer) use super::super::random::Random;
    use super::*;
    use crate::transformer::{Attention, Batched, Config, Model, Session};

    type Spoil = fn(&mut Keys<f64>);

    /// Whether keys that are corrupted after each insertion ever give another answer than a scan of all rows.
    fn told_from_the_scan(spoil: Spoil) -> bool {
        let mut random = Random::new(7);
        let mut random = |limit: usize| random.below(limit) as i64;
        (0..100).any(|_| {
            let mut keys = Keys::new(2, 1);
            let mut rows: Vec<([i64; 2], i64)> = Vec::new();
            (0..40).any(|position| {
                let key = [random(7) - 3, random(7) - 3];
                keys.insert(&key.map(|x| x as f64), position as u64, &[position as f64]);
                rows.push((key, position));
                spoil(&mut keys);
                let query = [random(9) - 4, random(3) + 1];
                let latest = rows.iter().max_by_key(|(key, position)| (query[0] * key[0] + query[1] * key[1], *position)).unwrap();
                keys.best(&query.map(|x| x as f64)) != Some(&[latest.1 as f64][..])
            })
        })
    }

    /// Drops the first inner point of the hull that lies on an edge, or the first one that is a corner.
    fn drop_point(keys: &mut Keys<f64>, on_edge: bool) {
        let points = &mut keys.pairs().hull.points;
        let is_on_edge = |p: &[super::super::hull::Point]| (p[1].b - p[0].b) * (p[2].a - p[1].a) == (p[2].b - p[1].b) * (p[1].a - p[0].a);
        if let Some(before) = points.windows(3).position(|three| is_on_edge(three) == on_edge) {
            points.remove(before + 1);
        }
    }

    #[test]
    fn a_fault_of_the_hull_or_of_ties_is_told_from_the_scan() {
        assert!(!told_from_the_scan(|_| ()), "without a fault nothing is told");
        let faults: [(&str, Spoil); 5] = [
            ("the hull loses a corner", |keys| drop_point(keys, false)),
            ("the hull loses a point on an edge", |keys| drop_point(keys, true)),
            ("of keys that tie, which is the latest is forgotten", |keys| keys.pairs().positions.fill(0)),
            ("a remembered answer outlives a new key", |keys| keys.pairs().outdate_answers()),
            ("of two keys that tie only one is remembered", |keys| keys.pairs().forget_ties()),
        ];
        for (name, spoil) in faults {
            assert!(told_from_the_scan(spoil), "{name}");
        }
    }

    /// A model with small random weights. It has heads of every kind, some of which share keys, and neurons
    /// of every kind.
    pub(in crate::transformer) fn random_model(layers: usize, d_head: usize, random: &mut impl FnMut(usize) -> f64) -> Model<f64> {
        const LANES: usize = 20;
        let mut model = Model::zeros(Config {
            machine: "random".to_string(),
            d_model: LANES,
            d_head,
            d_ffn: 80,
            vocab_size: 12,
            attention: vec![[vec![Attention::HardMax; 5], vec![Attention::Sum, Attention::Cross(0), Attention::Cross(1)]].concat(); layers],
            lanes: (0..LANES).map(|lane| format!("lane {lane}")).collect(),
            special_tokens: Default::default(),
            specialized: None,
        });
        for (name, matrix) in model.matrices_mut() {
            for row in 0..matrix.rows() {
                for column in 0..matrix.columns() {
                    let is_constant = column == 0;
                    *matrix.get_mut(row, column) = match &name {
                        name if name.contains("embed") && !name.contains("un") => {
                            if is_constant {
                                1.0
                            } else {
                                random(3)
                            }
                        }
                        name if name.contains("key") => f64::from(u8::from(column == 1 + row % 2)),
                        name if name.contains("query") => {
                            if column < 4 {
                                random(3)
                            } else {
                                0.0
                            }
                        }
                        name if name.contains("gate") && is_constant => random(9) - 7.0,
                        _ => {
                            if random(5) == 0.0 {
                                random(5) - 2.0
                            } else {
                                0.0
                            }
                        }
                    };
                }
            }
        }
        // Linear neurons, some of which clear a lane.
        let layer = &mut model.layers[0];
        for neuron in 0..20 {
            for lane in 0..LANES {
                *layer.ffn_gate.get_mut(neuron, lane) = f64::from(u8::from(lane == 0));
                if neuron < 10 {
                    *layer.ffn_value.get_mut(neuron, lane) = f64::from(u8::from(lane == 5 + neuron));
                    *layer.ffn_down.get_mut(lane, neuron) = -f64::from(u8::from(lane == 5 + neuron));
                }
            }
        }
        // A ladder of steps.
        for neuron in 20..44 {
            for lane in 0..LANES {
                let step = f64::from(neuron as u32 - 20) / 4.0;
                *layer.ffn_gate.get_mut(neuron, lane) = if lane == 0 { -step.floor() } else { f64::from(u8::from(lane == 3 || lane == 4)) };
            }
        }
        model
    }

    /// Keeps the sums of a random model of two layers exact: no layer changes what keys and queries read, the
    /// first one adds no running sums, and the second one has no neurons.
    fn keep_exact(model: &mut Model<f64>, d_head: usize) {
        let sums = 5 * d_head..6 * d_head;
        for (index, layer) in model.layers.iter_mut().enumerate() {
            for lane in 0..layer.output.rows() {
                for column in 0..layer.output.columns() {
                    if lane < 4 || index == 0 && sums.contains(&column) {
                        *layer.output.get_mut(lane, column) = 0.0;
                    }
                }
                for neuron in 0..layer.ffn_down.columns() {
                    if lane < 4 || index > 0 {
                        *layer.ffn_down.get_mut(lane, neuron) = 0.0;
                    }
                }
            }
        }
    }

    /// Whether a corrupted session ever gives other logits than the dense pass, on random models of one layer
    /// and random rows.
    fn told_from_the_dense_pass(spoil_model: fn(&mut IndexedModel<f64>), spoil_session: fn(&mut IndexedSession<'_, f64>)) -> bool {
        told_with_layers(1, spoil_model, spoil_session)
    }

    fn told_with_layers(layers: usize, spoil_model: fn(&mut IndexedModel<f64>), spoil_session: fn(&mut IndexedSession<'_, f64>)) -> bool {
        let mut random = Random::new(11);
        let mut random = |limit: usize| random.below(limit) as f64;
        (0..40).any(|round| {
            let d_head = 2 + round % 2;
            let mut model = random_model(layers, d_head, &mut random);
            if layers > 1 {
                keep_exact(&mut model, d_head);
            }
            let mut indexed = IndexedModel::new(&model);
            assert!(indexed.layers[0].families.iter().any(|family| family.late.is_some()), "some values wait");
            spoil_model(&mut indexed);
            let (mut dense, mut indexed) = (Session::new(&model), IndexedSession::new(&indexed));
            (0..60).any(|_| {
                // Mostly single rows. Sometimes there is a batch or a prompt whose last tile is not full.
                let count = if random(4) == 0.0 { 2 + random(90) as usize } else { 1 };
                let is_batch = count > 1 && random(2) == 0.0;
                let index = random(5) as usize;
                let mut row = || Row { token: random(12) as usize, positional: Vec::new() };
                // The second store stays empty.
                let stored = row();
                dense.write_store(0, index, &stored);
                indexed.write_store(0, index, &stored);
                let rows: Vec<Row<f64>> = (0..count).map(|_| row()).collect();
                let differs = if !is_batch {
                    dense.pass(&rows, &mut ());
                    indexed.pass(&rows, &mut ());
                    (dense.logits(), dense.token()) != (indexed.logits(), indexed.token())
                } else {
                    dense.pass_batch(&rows, &mut ());
                    indexed.pass_batch(&rows, &mut ());
                    let all: Vec<usize> = (0..count).collect();
                    dense.tokens_at(&all) != indexed.tokens_at(&all)
                        || all.iter().any(|row| dense.logits_at(*row) != indexed.logits_at(*row))
                };
                spoil_session(&mut indexed);
                differs
            })
        })
    }

    #[test]
    fn a_fault_of_bounds_or_of_waiting_values_is_told_from_the_dense_pass() {
        assert!(!told_from_the_dense_pass(|_| (), |_| ()), "without a fault nothing is told");
        let bounds_are_too_low = |model: &mut IndexedModel<f64>| {
            let terms = &mut model.layers[0].feed_forward.bounds.0.terms;
            terms.iter_mut().for_each(|(_, extremes)| extremes.fill(0.0));
        };
        assert!(told_from_the_dense_pass(bounds_are_too_low, |_| ()), "bounds that are too low");
        let values_are_lost = |session: &mut IndexedSession<'_, f64>| {
            session.memories.iter_mut().for_each(|memory| {
                if let Memory::Keys(keys) = memory {
                    keys.take_waiting(None);
                }
            });
        };
        assert!(told_from_the_dense_pass(|_| (), values_are_lost), "values that wait are never computed");
        let values_are_of_the_next_row = |session: &mut IndexedSession<'_, f64>| {
            session.left.iter_mut().for_each(|left| left.last.iter_mut().for_each(|value| *value += 1.0));
        };
        assert!(told_from_the_dense_pass(|_| (), values_are_of_the_next_row), "values are computed from other lanes");
    }

    #[test]
    fn what_a_prompt_leaves_out_by_mistake_is_told_from_the_dense_pass() {
        // What counts in the first layer of two is what the second one keeps.
        assert!(!told_with_layers(2, |_| (), |_| ()), "without a fault nothing is told");
        let silent_rows_search_nothing =
            |model: &mut IndexedModel<f64>| model.silent[0].families.iter_mut().for_each(|family| family.searches.clear());
        assert!(told_with_layers(2, silent_rows_search_nothing, |_| ()), "searches that count are left out");
        let silent_rows_have_no_neurons = |model: &mut IndexedModel<f64>| {
            let forms: Vec<usize> = (0..model.silent[0].tiles.forms()).collect();
            model.silent[0].tiles = model.silent[0].tiles.slice(&forms, &[]);
        };
        assert!(told_with_layers(2, silent_rows_have_no_neurons, |_| ()), "neurons that count are left out");
    }
}
