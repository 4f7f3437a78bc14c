// The X-ray of a step in the shape of `wasmformer xray --json` (src/studio/xray.rs), made by this engine.

import type { Found, HeadRows, Row, Session } from "../../../engines/typescript/src/index.js";
import type { Machine } from "./machine.js";

export interface Candidate {
  row: number;
  key: number[];
  score: number;
  value: number[];
}

export interface HeadRay {
  name: string;
  kind: string;
  /** Empty for a sum head. */
  query: number[];
  rows: number;
  attended: Candidate | null;
  tied: number;
  /** The latest row with the next lower score. */
  runner_up: Candidate | null;
  result: number[];
}

export interface NeuronRay {
  name: string;
  gate: number;
  value: number;
  output: number;
}

export interface LayerRay {
  heads: HeadRay[];
  attention: number[];
  neurons: NeuronRay[];
  ffn: number[];
}

/** The values inside a pass. */
export interface Pass {
  embedding: number[];
  layers: LayerRay[];
  logits: number[];
}

export interface XRay extends Pass {
  step: number;
  row: number;
  pc: number;
  instruction: string;
  token: number;
}

/** Integers for display; adding 0 turns −0 into 0. */
const integers = (numbers: ArrayLike<number>): number[] => Array.from(numbers, (x) => x + 0);

function attend(ray: HeadRay, query: Float64Array, rows: HeadRows, found: Found): void {
  const candidate = (row: number): Candidate => ({
    row,
    key: integers(rows.key(row)),
    score: rows.score(row, query) + 0,
    value: integers(rows.value(row)),
  });
  let [next, nextScore] = [-1, -Infinity];
  for (let row = 0; row < rows.length; row += 1) {
    const score = rows.score(row, query);
    if (score === found.score) ray.tied += Number(row !== found.row);
    else if (score >= nextScore) [next, nextScore] = [row, score];
  }
  ray.query = integers(query);
  ray.rows = rows.length;
  ray.attended = candidate(found.row);
  ray.runner_up = next < 0 ? null : candidate(next);
  ray.result = integers(found.value);
}

/** Passes a row and keeps all values inside the pass. */
export function expose(machine: Machine, session: Session, row: Row): Pass {
  const { names, model } = machine;
  const unexposed = { query: [], rows: 0, attended: null, tied: 0, runner_up: null, result: [] };
  const layers = names.layers.map(({ heads }, layer): LayerRay => {
    const kind = (index: number): string => {
      const head = model.config.attention[layer]?.[index];
      return head?.kind === "cross" ? `cross:${head.store}` : String(head?.kind);
    };
    return { heads: heads.map((name, index) => ({ name, kind: kind(index), ...unexposed })), attention: [], neurons: [], ffn: [] };
  });
  const pass: Pass = { embedding: [], layers, logits: [] };
  const layerOf = (index: number): LayerRay => layers[index] as LayerRay;
  const headOf = (layer: number, head: number): HeadRay => layerOf(layer).heads[head] as HeadRay;
  session.pass(
    { stores: [], rows: [row] },
    {
      residual({ part, layer }, lanes) {
        const named = integers(lanes.subarray(0, names.lanes.length));
        if (part === "embedding") pass.embedding = named;
        else layerOf(layer)[part] = named;
      },
      attended: (layer, head, query, found) => attend(headOf(layer, head), query, session.rowsOf(layer, head), found),
      summed(layer, head, total) {
        const ray = headOf(layer, head);
        [ray.rows, ray.result] = [session.length, integers(total)];
      },
      neurons(layer, gates, values) {
        const neuron = (name: string, index: number): NeuronRay => {
          const [gate, value] = [gates[index] as number, values[index] as number];
          return { name, gate: gate + 0, value: value + 0, output: Math.max(0, gate) * value + 0 };
        };
        layerOf(layer).neurons = names.layers[layer]?.neurons.map(neuron) ?? [];
      },
    },
  );
  pass.logits = integers(session.logits());
  return pass;
}
