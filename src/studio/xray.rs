//! The X-ray of a step: the row that every head attended to, every gate and every lane of the forward pass
//! that emitted the step's token.
//!
//! The passes are those of the dense engine: every weight is multiplied, every past key scored. All numbers
//! are integers, as the compiler proved for the machine. The pages compute the same values with the
//! TypeScript engine, in the same shape as the JSON of [`XRay`]; a test compares the two.

use std::ops::ControlFlow;

use serde::Serialize;

use crate::circuit::Circuit;
use crate::harness::machine::{Machine, MachineError, Reader};
use crate::harness::{Case, EngineError};
use crate::transformer::attention::KeyValues;
use crate::transformer::{Attention, Host, Model, Network, Next, Number, Observer, Session, Stage, StoreRow};

/// All values inside the forward pass of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct XRay {
    /// The index of the emitted token. In the byte language each token is a step.
    pub step: usize,
    /// The row of the sequence that emits the token. The prompt's last row emits the first token.
    pub row: usize,
    /// The pc of the instruction in progress.
    pub pc: u64,
    /// The instruction at that pc.
    pub instruction: String,
    /// The identifier of the emitted token.
    pub token: usize,
    /// The named lanes after the embedding.
    pub embedding: Vec<i64>,
    /// The layers, in order.
    pub layers: Vec<LayerRay>,
    /// The logits, by token.
    pub logits: Vec<i64>,
}

/// One layer of an [`XRay`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LayerRay {
    /// The heads, in order.
    pub heads: Vec<HeadRay>,
    /// The named lanes after the layer's attention.
    pub attention: Vec<i64>,
    /// The named neurons, in order.
    pub neurons: Vec<NeuronRay>,
    /// The named lanes after the layer's neurons.
    pub ffn: Vec<i64>,
}

/// One head of an [`XRay`]. A sum head has no query and does not choose a row: it attends to all rows alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeadRay {
    /// The head's name in the circuit.
    pub name: String,
    /// The kind of the head's attention.
    pub kind: Attention,
    /// The head's query, `[d_head]`; empty for a sum head.
    pub query: Vec<i64>,
    /// The number of rows that the head could attend to: rows of the sequence, or of the head's store.
    pub rows: usize,
    /// The row that the head attends to.
    pub attended: Option<Candidate>,
    /// The number of earlier rows with the same score. Of rows with equal scores, the latest wins.
    pub tied: usize,
    /// The latest row with the next lower score.
    pub runner_up: Option<Candidate>,
    /// The value that the head retrieved, `[d_head]`; for a sum head, the sum.
    pub result: Vec<i64>,
}

/// A row that a head scored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The row of the sequence, or of the store.
    pub row: usize,
    /// The row's key, `[d_head]`.
    pub key: Vec<i64>,
    /// The dot product of key and query.
    pub score: i64,
    /// The row's value, `[d_head]`.
    pub value: Vec<i64>,
}

/// One neuron of an [`XRay`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeuronRay {
    /// The neuron's name in the circuit.
    pub name: String,
    /// The neuron's gate. If the gate is not positive, the output is 0.
    pub gate: i64,
    /// The neuron's value.
    pub value: i64,
    /// `relu(gate) · value`.
    pub output: i64,
}

/// A machine whose forward passes can be examined.
pub struct Examiner<L: Machine> {
    circuit: Circuit,
    model: Model<L::Number>,
    vocabulary: L::Vocabulary,
}

impl<L: Machine> Examiner<L> {
    /// The machine as compiled.
    pub fn compiled() -> Examiner<L> {
        Examiner::of(L::compiled().0)
    }

    /// The machine with these weights, of the compiled machine's shape. The names are those of the compiled
    /// machine.
    pub fn of(model: Model<L::Number>) -> Examiner<L> {
        Examiner { circuit: L::circuit(), model, vocabulary: L::Vocabulary::default() }
    }

    /// The machine's circuit, which has the names.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// The machine's weights.
    pub fn model(&self) -> &Model<L::Number> {
        &self.model
    }

    /// Runs a case by dense forward passes, until `show` breaks or the run ends. Gives `show` the X-ray of
    /// each token that is `wanted` (tokens are counted from 0), and a function that names a row of the
    /// prompt. Returns the number of emitted tokens.
    ///
    /// # Errors
    /// If the case exceeds a limit of the machine.
    pub fn examine(
        &self,
        case: Case<'_, L>,
        wanted: impl Fn(usize) -> bool,
        mut show: impl FnMut(XRay, &dyn Fn(usize) -> String) -> ControlFlow<()>,
    ) -> Result<usize, EngineError> {
        let unable = |error: MachineError| EngineError::new("x-ray", error.to_string());
        let lowered = L::lower(case, L::Form::default()).map_err(unable)?;
        let surroundings = L::surround(case.shorten(), &lowered, &self.vocabulary, &self.model.config);
        let (mut host, mut reader) = surroundings.map_err(unable)?;
        // Generation is written out here, because the usual generation keeps one observer for the whole run.
        let mut session = Session::new(&self.model);
        let mut next = Some(host.begin());
        let (mut emitted, mut rows) = (0, 0);
        while let Some(mut given) = next.take() {
            let plate = loop {
                rows += given.rows.len();
                let plate = self.expose(&mut session, &given, wanted(emitted).then_some(rows));
                if !host.go_on(&mut given) {
                    break plate;
                }
            };
            let (token, pc) = (session.token(), reader.at(&host).unwrap_or(0));
            if let Some(Plate { embedding, layers, .. }) = plate {
                let instruction = L::instruction(case.program, pc);
                let logits = integers(&session.logits());
                let xray = XRay { step: emitted, row: rows - 1, pc, instruction, token, embedding, layers, logits };
                if show(xray, &|row| L::prompt_row(case, &lowered, row)).is_break() {
                    return Ok(emitted + 1);
                }
            }
            reader.take(&host, token);
            next = (host.accept(token, &mut given) && reader.end().is_none()).then_some(given);
            emitted += 1;
        }
        Ok(emitted)
    }

    /// Runs forward passes on the rows that a host gave. If `exposed`, the number of rows of the sequence, is
    /// given, returns a plate with the values of the last row's pass.
    fn expose(
        &self,
        session: &mut Session<'_, L::Number>,
        Next { stores, rows }: &Next<L::Number>,
        exposed: Option<usize>,
    ) -> Option<Plate<'_>> {
        for StoreRow { store, index, row } in stores {
            session.write_store(*store, *index, row);
        }
        let (before, last) = rows.split_at(rows.len() - 1);
        if !before.is_empty() {
            session.pass(before, &mut ());
        }
        let Some(rows) = exposed else {
            session.pass(last, &mut ());
            return None;
        };
        let mut plate = Plate::new(&self.circuit, rows);
        session.pass(last, &mut plate);
        Some(plate)
    }
}

/// The observer that collects the values of one row's forward pass.
struct Plate<'c> {
    circuit: &'c Circuit,
    /// The number of rows of the sequence, including this row.
    rows: usize,
    embedding: Vec<i64>,
    layers: Vec<LayerRay>,
}

impl Plate<'_> {
    fn new(circuit: &Circuit, rows: usize) -> Plate<'_> {
        let heads = |layer: &crate::circuit::Layer| layer.heads.iter().map(|head| HeadRay::unexposed(&head.name, head.kind)).collect();
        let layers = circuit.layers().iter().map(|layer| LayerRay { heads: heads(layer), ..LayerRay::default() });
        Plate { circuit, rows, embedding: Vec::new(), layers: layers.collect() }
    }
}

impl<T: Number> Observer<T> for Plate<'_> {
    fn residual(&mut self, stage: Stage, lanes: &[T]) {
        let lanes = integers(&lanes[..self.circuit.lanes().len()]);
        *match stage {
            Stage::Embedded => &mut self.embedding,
            Stage::Attention(layer) => &mut self.layers[layer].attention,
            Stage::Ffn(layer) => &mut self.layers[layer].ffn,
        } = lanes;
    }

    fn attended(&mut self, layer: usize, head: usize, query: &[T], rows: &KeyValues<T>, chosen: usize) {
        let candidate = |row| Candidate {
            row,
            key: rows.key(row).map(Number::to_integer).collect(),
            score: rows.score(row, query).to_integer(),
            value: integers(rows.value(row)),
        };
        let best = rows.score(chosen, query);
        let (mut tied, mut runner_up) = (0, None);
        for row in 0..rows.len() {
            let score = rows.score(row, query);
            if score == best {
                tied += usize::from(row != chosen);
            } else if runner_up.is_none_or(|(_, highest)| score >= highest) {
                runner_up = Some((row, score));
            }
        }
        let ray = &mut self.layers[layer].heads[head];
        ray.query = integers(query);
        ray.rows = rows.len();
        ray.attended = Some(candidate(chosen));
        ray.tied = tied;
        ray.runner_up = runner_up.map(|(row, _)| candidate(row));
        ray.result = integers(rows.value(chosen));
    }

    fn summed(&mut self, layer: usize, head: usize, total: &[T]) {
        let ray = &mut self.layers[layer].heads[head];
        ray.rows = self.rows;
        ray.result = integers(total);
    }

    fn neurons(&mut self, layer: usize, gates: &[T], values: &[T]) {
        let names = self.circuit.layers()[layer].neurons.iter().map(|neuron| neuron.name.clone());
        let rays = names.zip(integers(gates)).zip(integers(values));
        let ray = |((name, gate), value): ((String, i64), i64)| NeuronRay { name, gate, value, output: gate.max(0) * value };
        self.layers[layer].neurons = rays.map(ray).collect();
    }
}

impl HeadRay {
    fn unexposed(name: &str, kind: Attention) -> HeadRay {
        let (name, query, result) = (name.to_string(), Vec::new(), Vec::new());
        HeadRay { name, kind, query, rows: 0, attended: None, tied: 0, runner_up: None, result }
    }
}

/// Activations, all of which are integers, as `i64`.
fn integers<T: Number>(numbers: &[T]) -> Vec<i64> {
    numbers.iter().map(|x| x.to_integer()).collect()
}
