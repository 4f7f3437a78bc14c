// The forward pass, with its key-value cache. It knows nothing of WebAssembly.
//
// All activations are integers that f32 holds exactly. Sums are made in JavaScript's f64 and stored in Float32Arrays,
// which rounds nothing then, so the bits are those of any f32 implementation.

import type { Attention, Config } from "./config.js";
import type { Tensor } from "./safetensors.js";

/** A token and the lanes that its positional encoding adds to. */
export interface Row {
  token: number;
  positional: ReadonlyArray<readonly [lane: number, value: number]>;
}

/** A row of an external store. */
export interface StoreRow extends Row {
  store: number;
  index: number;
}

/** What a host gives the network: store rows are written first, then rows are passed. */
export interface Next {
  stores: StoreRow[];
  rows: Row[];
}

/** A place between two parts of the pass. */
export interface Stage {
  part: "embedding" | "attention" | "ffn";
  layer: number;
}

/** Looks into a pass; every method may be left out. Arrays are reused: copy what is to be kept. */
export interface Observer {
  /** The residual stream of a row, [dModel]. */
  residual?(stage: Stage, lanes: Float32Array): void;
  /** A hard-max or cross head's choice among its rows. */
  attended?(layer: number, head: number, query: Float32Array, rows: KeyValues, chosen: number): void;
  /** The neurons of a layer, gates before relu: [dFfn] each. */
  neurons?(layer: number, gates: Float32Array, values: Float32Array): void;
}

/** A matrix, [rows, columns], column by column: see `apply`. */
interface Matrix {
  rows: number;
  columns: number;
  byColumn: Float32Array;
}

function matrixOf(rows: number, columns: number, byRow: Float32Array): Matrix {
  const byColumn = new Float32Array(byRow.length);
  for (let i = 0; i < byRow.length; i += 1) byColumn[(i % columns) * rows + Math.floor(i / columns)] = byRow[i] as number;
  return { rows, columns, byColumn };
}

interface Layer {
  heads: Attention[];
  /** Query, key, value: [h · dHead, dModel]; output: [dModel, h · dHead]. Without heads there are none. */
  attention: { query: Matrix; key: Matrix; value: Matrix; output: Matrix } | undefined;
  gate: Matrix;
  value: Matrix;
  down: Matrix;
}

/** A model: config and weights. */
export class Model {
  readonly embedding: Matrix;
  readonly layers: Layer[];
  readonly unembedding: Matrix;

  /** Throws an Error where a tensor is missing, is of another shape than the config asks for, or is superfluous. */
  constructor(
    readonly config: Config,
    tensors: Map<string, Tensor>,
  ) {
    const rest = new Set(tensors.keys());
    const matrix = (name: string, rows: number, columns: number): Matrix => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new Error(`model.safetensors: has no tensor ${name}`);
      if (tensor.shape.length !== 2 || tensor.shape[0] !== rows || tensor.shape[1] !== columns) {
        throw new Error(`model.safetensors: tensor ${name} has shape [${tensor.shape.join(", ")}], the config asks for [${rows}, ${columns}]`);
      }
      rest.delete(name);
      return matrixOf(rows, columns, tensor.data);
    };
    const { dModel: d, dHead, dFfn, vocabSize } = config;
    this.embedding = matrix("embedding", vocabSize, d);
    this.layers = config.attention.map((heads, index) => {
      const [at, width] = [`layers.${index}`, heads.length * dHead];
      const attention = {
        query: () => matrix(`${at}.attention.query`, width, d),
        key: () => matrix(`${at}.attention.key`, width, d),
        value: () => matrix(`${at}.attention.value`, width, d),
        output: () => matrix(`${at}.attention.output`, d, width),
      };
      return {
        heads,
        attention:
          width === 0
            ? undefined
            : { query: attention.query(), key: attention.key(), value: attention.value(), output: attention.output() },
        gate: matrix(`${at}.ffn.gate`, dFfn, d),
        value: matrix(`${at}.ffn.value`, dFfn, d),
        down: matrix(`${at}.ffn.down`, d, dFfn),
      };
    });
    this.unembedding = matrix("unembedding", vocabSize, d);
    for (const name of rest) throw new Error(`model.safetensors: has a tensor ${name} that the config does not know`);
  }

  /** The number of parameters. */
  get parameters(): number {
    const matrices = this.layers.flatMap(({ attention, gate, value, down }) => [...Object.values(attention ?? {}), gate, value, down]);
    return [this.embedding, ...matrices, this.unembedding].reduce((sum, { byColumn }) => sum + byColumn.length, 0);
  }
}

/** matrix · x. Most of a residual stream is 0; the columns that a 0 would multiply are skipped. */
function apply({ rows, columns, byColumn }: Matrix, x: Float32Array): Float32Array {
  const out = new Float32Array(rows);
  for (let column = 0; column < columns; column += 1) {
    const factor = x[column] as number;
    if (factor === 0) continue;
    const start = column * rows;
    for (let row = 0; row < rows; row += 1) out[row] = (out[row] as number) + (byColumn[start + row] as number) * factor;
  }
  return out;
}

function add(x: Float32Array, change: Float32Array): void {
  for (let i = 0; i < x.length; i += 1) x[i] = (x[i] as number) + (change[i] as number);
}

/** Keys and values of one head, row after row. */
export class KeyValues {
  private keys: Float32Array;
  private values: Float32Array;
  length = 0;

  constructor(private readonly width: number) {
    this.keys = new Float32Array(width * 64);
    this.values = new Float32Array(width * 64);
  }

  /** Writes a row; `index` may be the length, which adds one. */
  set(index: number, key: Float32Array, value: Float32Array): void {
    if ((index + 1) * this.width > this.keys.length) {
      const grow = (old: Float32Array): Float32Array => {
        const grown = new Float32Array(2 * old.length);
        grown.set(old);
        return grown;
      };
      [this.keys, this.values] = [grow(this.keys), grow(this.values)];
    }
    this.keys.set(key, index * this.width);
    this.values.set(value, index * this.width);
    this.length = Math.max(this.length, index + 1);
  }

  key(index: number): Float32Array {
    return this.keys.subarray(index * this.width, (index + 1) * this.width);
  }

  value(index: number): Float32Array {
    return this.values.subarray(index * this.width, (index + 1) * this.width);
  }

  /** A row's score against a query. */
  score(index: number, query: Float32Array): number {
    let sum = 0;
    for (let i = 0; i < this.width; i += 1) sum += (query[i] as number) * (this.keys[index * this.width + i] as number);
    return Math.fround(sum);
  }

  /** The row that scores highest, of equal scores the latest; -1 without rows. */
  best(query: Float32Array): number {
    let [best, highest] = [-1, -Infinity];
    for (let row = 0; row < this.length; row += 1) {
      const score = this.score(row, query);
      if (score >= highest) [best, highest] = [row, score];
    }
    return best;
  }
}

/** A sequence in progress. */
export class Session {
  private readonly rows: KeyValues[][];
  private readonly sums: Float32Array[][];

  constructor(readonly model: Model) {
    const width = model.config.dHead;
    this.rows = model.layers.map(({ heads }) => heads.map(() => new KeyValues(width)));
    this.sums = model.layers.map(({ heads }) => heads.map(() => new Float32Array(width)));
  }

  private embed(row: Row): Float32Array {
    const { rows, columns, byColumn } = this.model.embedding;
    if (!Number.isInteger(row.token) || row.token < 0 || row.token >= rows) throw new RangeError(`token ${row.token} is outside the vocabulary`);
    const x = Float32Array.from({ length: columns }, (_, lane) => byColumn[lane * rows + row.token] as number);
    for (const [lane, value] of row.positional) x[lane] = (x[lane] as number) + value;
    return x;
  }

  /** Replaces or adds a row of a store. Cross heads see it as embedded, untouched by any layer. */
  writeStore(row: StoreRow): void {
    const [x, width] = [this.embed(row), this.model.config.dHead];
    this.model.layers.forEach(({ heads, attention }, layer) => {
      const mine = heads.flatMap((head, index) => (head.kind === "cross" && head.store === row.store ? [index] : []));
      if (attention === undefined || mine.length === 0) return;
      const [keys, values] = [apply(attention.key, x), apply(attention.value, x)];
      for (const head of mine) {
        const part = (of: Float32Array): Float32Array => of.subarray(head * width, (head + 1) * width);
        const rows = this.rowsOf(layer, head);
        rows.set(Math.min(row.index, rows.length), part(keys), part(values));
      }
    });
  }

  private rowsOf(layer: number, head: number): KeyValues {
    const rows = this.rows[layer]?.[head];
    if (rows === undefined) throw new RangeError(`no head ${head} in layer ${layer}`);
    return rows;
  }

  /** Passes one row through all layers; returns its residual stream after the last, [dModel]. */
  forward(row: Row, observer: Observer = {}): Float32Array {
    const x = this.embed(row);
    observer.residual?.({ part: "embedding", layer: -1 }, x);
    this.model.layers.forEach((layer, index) => {
      if (layer.attention !== undefined) add(x, apply(layer.attention.output, this.attend(index, layer, x, observer)));
      observer.residual?.({ part: "attention", layer: index }, x);
      const [gates, values] = [apply(layer.gate, x), apply(layer.value, x)];
      observer.neurons?.(index, gates, values);
      for (let i = 0; i < gates.length; i += 1) gates[i] = Math.max(0, gates[i] as number) * (values[i] as number);
      add(x, apply(layer.down, gates));
      observer.residual?.({ part: "ffn", layer: index }, x);
    });
    return x;
  }

  /** What the heads of a layer retrieve, [h · dHead]. */
  private attend(index: number, layer: Layer, x: Float32Array, observer: Observer): Float32Array {
    const { attention, heads } = layer;
    if (attention === undefined) return new Float32Array(0);
    const [queries, keys, values] = [apply(attention.query, x), apply(attention.key, x), apply(attention.value, x)];
    const width = this.model.config.dHead;
    heads.forEach(({ kind }, head) => {
      const part = (of: Float32Array): Float32Array => of.subarray(head * width, (head + 1) * width);
      const [query, key, value] = [part(queries), part(keys), part(values)];
      const sum = this.sums[index]?.[head];
      if (kind === "sum" && sum !== undefined) {
        add(sum, value);
        query.set(sum);
        return;
      }
      const rows = this.rowsOf(index, head);
      if (kind === "hard_max") rows.set(rows.length, key, value);
      const chosen = rows.best(query);
      if (chosen >= 0) observer.attended?.(index, head, query, rows, chosen);
      query.set(chosen < 0 ? new Float32Array(width) : rows.value(chosen)); // an empty store gives 0
    });
    return queries;
  }

  /** Takes what a host gives; returns the logits that follow the last row, [vocabSize]. The observer sees every row. */
  logits({ stores, rows }: Next, observer: Observer = {}): Float32Array {
    for (const row of stores) this.writeStore(row);
    let x: Float32Array = new Float32Array(this.model.config.dModel);
    for (const row of rows) x = this.forward(row, observer);
    return apply(this.model.unembedding, x);
  }
}

/** The index of the highest; of equal ones the lowest. */
export function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i += 1) if ((logits[i] as number) > (logits[best] as number)) best = i;
  return best;
}
