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
  /** A sum head's total, the row's own value included, [dHead]. */
  summed?(layer: number, head: number, total: Float32Array): void;
  /** The neurons of a layer, gates before relu: [dFfn] each. */
  neurons?(layer: number, gates: Float32Array, values: Float32Array): void;
}

/** A matrix, [rows, columns], column by column, and what of it is not 0: see `apply`. */
export interface Matrix {
  rows: number;
  columns: number;
  byColumn: Float32Array;
  /** Where each column's weights begin in the lists of rows and weights; one more for the end. */
  starts: Uint32Array;
  at: Uint32Array;
  weights: Float32Array;
}

function matrixOf(rows: number, columns: number, byRow: Float32Array): Matrix {
  const byColumn = new Float32Array(byRow.length);
  for (let i = 0; i < byRow.length; i += 1) byColumn[(i % columns) * rows + Math.floor(i / columns)] = byRow[i] as number;
  const places = Array.from(byColumn.keys()).filter((place) => byColumn[place] !== 0);
  const starts = new Uint32Array(columns + 1);
  for (const place of places) starts[Math.floor(place / rows) + 1] = (starts[Math.floor(place / rows) + 1] as number) + 1;
  for (let column = 0; column < columns; column += 1) starts[column + 1] = (starts[column + 1] as number) + (starts[column] as number);
  const at = Uint32Array.from(places, (place) => place % rows);
  return { rows, columns, byColumn, starts, at, weights: Float32Array.from(places, (place) => byColumn[place] as number) };
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
        throw new Error(
          `model.safetensors: tensor ${name} has shape [${tensor.shape.join(", ")}], the config asks for [${rows}, ${columns}]`,
        );
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

/** matrix · x. What would be multiplied by a 0 is skipped: most of a residual stream, and most weights. */
function apply({ rows, columns, starts, at, weights }: Matrix, x: Float32Array): Float32Array {
  const out = new Float32Array(rows);
  for (let column = 0; column < columns; column += 1) {
    const factor = x[column] as number;
    if (factor === 0) continue;
    const end = starts[column + 1] as number;
    for (let i = starts[column] as number; i < end; i += 1) {
      const row = at[i] as number;
      out[row] = (out[row] as number) + (weights[i] as number) * factor;
    }
  }
  return out;
}

function add(x: Float32Array, change: Float32Array): void {
  for (let i = 0; i < x.length; i += 1) x[i] = (x[i] as number) + (change[i] as number);
}

/**
 * Keys and values of one head, row after row. Rows of equal keys score equally and the latest wins, so while rows are only
 * added, the best is sought among the latest row of each distinct key.
 */
export class KeyValues {
  private keys: Float32Array;
  private values: Float32Array;
  length = 0;
  /** Of each distinct key, its place in `latest`; `undefined` once a row was replaced: then all rows are scored. */
  private places: Map<string, number> | undefined = new Map();
  private readonly latest: number[] = [];

  constructor(private readonly width: number) {
    this.keys = new Float32Array(width * 64);
    this.values = new Float32Array(width * 64);
  }

  /** The first rows, in the same memory. Both may go on, as long as they are given the same rows. */
  first(length: number): KeyValues {
    const view = new KeyValues(this.width);
    [view.keys, view.values, view.length, view.places] = [this.keys, this.values, length, undefined];
    return view;
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
    if (index < this.length) this.places = undefined;
    this.length = Math.max(this.length, index + 1);
    if (this.places === undefined) return;
    const distinct = key.join();
    const place = this.places.get(distinct) ?? this.latest.length;
    this.places.set(distinct, place);
    this.latest[place] = index;
  }

  key(index: number): Float32Array {
    return this.keys.subarray(index * this.width, (index + 1) * this.width);
  }

  value(index: number): Float32Array {
    return this.values.subarray(index * this.width, (index + 1) * this.width);
  }

  /** A row's score against a query. */
  score(index: number, query: ArrayLike<number>): number {
    let sum = 0;
    for (let i = 0; i < this.width; i += 1) sum += (query[i] as number) * (this.keys[index * this.width + i] as number);
    return Math.fround(sum);
  }

  /** The row that scores highest, of equal scores the latest; -1 without rows. */
  best(query: ArrayLike<number>): number {
    let [best, highest] = [-1, -Infinity];
    const count = this.places === undefined ? this.length : this.latest.length;
    for (let i = 0; i < count; i += 1) {
      const row = this.places === undefined ? i : (this.latest[i] as number);
      const score = this.score(row, query);
      if (score > highest || (score === highest && row > best)) [best, highest] = [row, score];
    }
    return best;
  }
}

/** A sequence in progress. */
export class Session {
  /** Of a sum head, the values are the totals up to each row. */
  private rows: KeyValues[][];
  /** What was written to stores, and how long the sequence was then. */
  private readonly writes: (readonly [length: number, row: StoreRow])[] = [];
  /** Rows passed. */
  length = 0;

  constructor(readonly model: Model) {
    const width = model.config.dHead;
    this.rows = model.layers.map(({ heads }) => heads.map(() => new KeyValues(width)));
  }

  /**
   * The sequence as it was after its first `length` rows and the store writes that came before the next row. It
   * shares the memory of this one, so the only row that it may be passed is the one that came next.
   */
  rewound(length: number): Session {
    const past = new Session(this.model);
    past.length = length;
    past.rows = this.rows.map((layer, index) =>
      layer.map((rows, head) =>
        this.model.layers[index]?.heads[head]?.kind === "cross" ? new KeyValues(this.model.config.dHead) : rows.first(length),
      ),
    );
    const latest = new Map<string, StoreRow>();
    for (const [at, row] of this.writes) if (at <= length) latest.set(`${row.store} ${row.index}`, row);
    for (const row of latest.values()) past.writeStore(row);
    return past;
  }

  /** What a hard-max or cross head would retrieve for a query of the caller's, [dHead]; `undefined` without rows. */
  ask(layer: number, head: number, query: ArrayLike<number>): Float32Array | undefined {
    const rows = this.rowsOf(layer, head);
    const chosen = rows.best(query);
    return chosen < 0 ? undefined : rows.value(chosen);
  }

  private embed(row: Row): Float32Array {
    const { rows, columns, byColumn } = this.model.embedding;
    if (!Number.isInteger(row.token) || row.token < 0 || row.token >= rows)
      throw new RangeError(`token ${row.token} is outside the vocabulary`);
    const x = Float32Array.from({ length: columns }, (_, lane) => byColumn[lane * rows + row.token] as number);
    for (const [lane, value] of row.positional) x[lane] = (x[lane] as number) + value;
    return x;
  }

  /** Replaces or adds a row of a store. Cross heads see it as embedded, untouched by any layer. */
  writeStore(row: StoreRow): void {
    this.writes.push([this.length, row]);
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

  /** The rows of a head. */
  rowsOf(layer: number, head: number): KeyValues {
    const rows = this.rows[layer]?.[head];
    if (rows === undefined) throw new RangeError(`no head ${head} in layer ${layer}`);
    return rows;
  }

  /** Passes one row through all layers; returns its residual stream after the last, [dModel]. */
  forward(row: Row, observer: Observer = {}): Float32Array {
    const x = this.embed(row);
    this.length += 1;
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
      const rows = this.rowsOf(index, head);
      if (kind === "sum") {
        if (rows.length > 0) add(value, rows.value(rows.length - 1));
        rows.set(rows.length, key, value);
        observer.summed?.(index, head, value);
        query.set(value);
        return;
      }
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
