//! A second forward pass, naive and independent of the library's forward pass: only the weights and the host
//! come from the library. Faults of the host and of the tie rule can be planted in it.

use wasmformer::byte::machine::ByteHost;
use wasmformer::byte::trace::{End, Replay};
use wasmformer::harness::Emitted;
use wasmformer::harness::byte::{Case, Observed, Run, Watch};
use wasmformer::harness::{Byte, Engine, EngineError};
use wasmformer::transformer::{Attention, Config, Host, LayerWeights, Matrix, Model, Next, Row, StoreRow};

/// A planted fault, which changes the rows of the host.
pub type HostFault<'f> = dyn Fn(&mut Next<f32>, &Config) + 'f;

pub struct Network<'f> {
    config: Config,
    embedding: Matrix<f32>,
    layers: Vec<Layer>,
    unembedding: Rows,
    host_fault: Option<&'f HostFault<'f>>,
    /// Whether ties go to the earliest position instead of the latest.
    earliest: bool,
}

/// The non-zero weights of a matrix, row by row, with their columns.
type Rows = Vec<Vec<(usize, f32)>>;

struct Layer {
    query: Rows,
    key: Rows,
    value: Rows,
    output: Rows,
    gate: Rows,
    ffn_value: Rows,
    down: Rows,
}

/// The keys and values per layer, head and row.
type Memory = Vec<Vec<Vec<(Vec<f32>, Vec<f32>)>>>;

fn rows(matrix: &Matrix<f32>) -> Rows {
    (0..matrix.rows()).map(|row| matrix.row(row).enumerate().filter(|(_, weight)| *weight != 0.0).collect()).collect()
}

fn times(rows: &Rows, x: &[f32]) -> Vec<f32> {
    rows.iter().map(|row| row.iter().map(|(column, weight)| weight * x[*column]).sum()).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl<'f> Network<'f> {
    pub fn new(model: &Model<f32>, host_fault: Option<&'f HostFault<'f>>, earliest: bool) -> Network<'f> {
        let layer = |l: &LayerWeights<f32>| Layer {
            query: rows(&l.query),
            key: rows(&l.key),
            value: rows(&l.value),
            output: rows(&l.output),
            gate: rows(&l.ffn_gate),
            ffn_value: rows(&l.ffn_value),
            down: rows(&l.ffn_down),
        };
        let layers = model.layers.iter().map(layer).collect();
        let (embedding, unembedding) = (model.embedding.clone(), rows(&model.unembedding));
        Network { config: model.config.clone(), embedding, layers, unembedding, host_fault, earliest }
    }

    fn embed(&self, row: &Row<f32>) -> Vec<f32> {
        let mut x: Vec<f32> = self.embedding.row(row.token).collect();
        row.positional.iter().for_each(|(lane, value)| x[*lane] += value);
        x
    }

    /// The key and value of one head for a residual stream.
    fn key_value(&self, layer: usize, head: usize, x: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let width = self.config.d_head;
        let part = |rows: &Rows| times(&rows[head * width..][..width].to_vec(), x);
        (part(&self.layers[layer].key), part(&self.layers[layer].value))
    }

    fn write(&self, memory: &mut Memory, write: StoreRow<f32>) {
        let x = self.embed(&write.row);
        for (layer, kinds) in self.config.attention.iter().enumerate() {
            for head in (0..kinds.len()).filter(|head| kinds[*head] == Attention::Cross(write.store)) {
                let row = self.key_value(layer, head, &x);
                let rows = &mut memory[layer][head];
                if write.index < rows.len() { rows[write.index] = row } else { rows.push(row) }
            }
        }
    }

    fn attend(&self, kind: Attention, query: &[f32], rows: &[(Vec<f32>, Vec<f32>)]) -> Vec<f32> {
        if kind == Attention::Sum {
            return (0..query.len()).map(|i| rows.iter().map(|(_, value)| value[i]).sum()).collect();
        }
        let mut best = 0;
        for (index, (key, _)) in rows.iter().enumerate() {
            let (score, highest) = (dot(query, key), dot(query, &rows[best].0));
            if score > highest || score == highest && !self.earliest {
                best = index;
            }
        }
        rows[best].1.clone()
    }

    /// One row through all layers.
    fn forward(&self, row: &Row<f32>, memory: &mut Memory) -> Vec<f32> {
        let mut x = self.embed(row);
        for (index, layer) in self.layers.iter().enumerate() {
            let queries = times(&layer.query, &x);
            let mut results = Vec::new();
            for (head, kind) in self.config.attention[index].iter().enumerate() {
                if !matches!(kind, Attention::Cross(_)) {
                    let row = self.key_value(index, head, &x);
                    memory[index][head].push(row);
                }
                let query = &queries[head * self.config.d_head..][..self.config.d_head];
                results.extend(self.attend(*kind, query, &memory[index][head]));
            }
            x.iter_mut().zip(times(&layer.output, &results)).for_each(|(x, change)| *x += change);
            let (gates, values) = (times(&layer.gate, &x), times(&layer.ffn_value, &x));
            let hidden: Vec<f32> = gates.iter().zip(values).map(|(gate, value)| gate.max(0.0) * value).collect();
            x.iter_mut().zip(times(&layer.down, &hidden)).for_each(|(x, change)| *x += change);
        }
        x
    }
}

impl Engine<Byte> for Network<'_> {
    fn name(&self) -> &str {
        "network"
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let mut host = ByteHost::new(case.program, case.files, &self.config).unwrap();
        let mut replay = Replay::new(case.program);
        let mut memory: Memory = self.config.attention.iter().map(|kinds| vec![Vec::new(); kinds.len()]).collect();
        let mut next = Some(host.begin());
        while let Some(mut now) = next.take() {
            if let Some(fault) = self.host_fault {
                fault(&mut now, &self.config);
            }
            now.stores.into_iter().for_each(|write| self.write(&mut memory, write));
            let lanes = now.rows.iter().map(|row| self.forward(row, &mut memory)).last().unwrap();
            let logits = times(&self.unembedding, &lanes);
            let token = (0..logits.len()).fold(0, |best, token| if logits[token] > logits[best] { token } else { best });
            let step = host.as_step(token);
            replay.step(step.pc, step.token);
            let logits = || logits.iter().map(|logit| f64::from(*logit)).collect();
            let seen = watch(&Observed::Token(&Emitted { token, logits: Some(&logits), digest: None }));
            let go_on = seen.is_continue() & watch(&Observed::Step(step)).is_continue();
            let mut then = Next::default();
            next = (host.accept(token, &mut then) && go_on).then_some(then);
        }
        let end = host.end().unwrap_or(End::Stopped);
        let (outputs, files) = host.into_outputs_and_files();
        Ok(Run { end, state: replay.into_state(outputs, files) })
    }
}
