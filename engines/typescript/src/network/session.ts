// The forward pass, row by row. This folder is independent of WebAssembly.
//
// All activations of the compiled weights are integers that f64 holds exactly, so sums may be made in any
// order, zeros may be skipped, and the logits have the bits of any other implementation.

import { HeadRows, showFound, showSums } from "./head-rows.js";
import type { Family, Heads, Search } from "./heads.js";
import { Distinct, Every, Logged, Store, Sums, type Memory } from "./memory.js";
import type { Layer, Model } from "./model.js";
import type { Next, Observer, Row, StoreRow } from "./rows.js";
import { Table } from "./table.js";

/** What a family remembers. */
type Remembered = Memory | Sums;

/** Options of a sequence. */
export interface Options {
  /** Whether all rows are kept: `rewound` needs them. Otherwise memory grows with distinct keys only. */
  history?: boolean;
}

/** A sequence in progress. */
export class Session {
  /** What each family of each layer remembers. */
  private memories: Remembered[][];
  /** The rows written to stores, each with the length of the sequence at that time; only with a history. */
  private readonly writes: (readonly [length: number, row: StoreRow])[] = [];
  private readonly history: boolean;
  /** The residual stream of the last row. */
  private readonly lanes: Float64Array;
  /**
   * Room for the projections of each layer: of the row that is passed, and of the row before, whose values
   * may still be waiting.
   */
  private room: Float64Array[];
  private before: Float64Array[];
  /** The number of rows passed; during a pass, with the row that is being passed. */
  length = 0;

  constructor(
    readonly model: Model,
    { history = false }: Options = {},
  ) {
    this.history = history;
    this.lanes = new Float64Array(model.config.dModel);
    [this.room, this.before] = [0, 1].map(() => model.layers.map(({ heads }) => new Float64Array(heads?.projections.columns ?? 0))) as [Float64Array[], Float64Array[]];
    this.memories = model.layers.map(({ heads }) => heads?.families.map((family) => remember(family, history)) ?? []);
  }

  /**
   * The sequence as it was after its first `length` rows and the store writes before the next row. The result
   * shares the memory of this session, so only the row that came next may be passed through it.
   */
  rewound(length: number): Session {
    if (!this.history) throw new Error("a sequence without a history cannot be rewound");
    const past = new Session(this.model);
    past.length = length;
    past.memories = this.memories.map((layer) =>
      layer.map((memory) => {
        if (memory instanceof Sums) return new Sums(memory.width, memory.first(length));
        if (memory instanceof Store) return new Store(memory.seen.keyWidth, memory.seen.valueWidth);
        return new Every(memory.seen.first(length));
      }),
    );
    const latest = new Map<string, StoreRow>();
    for (const [at, row] of this.writes) if (at <= length) latest.set(`${row.store} ${row.index}`, row);
    for (const row of latest.values()) past.writeStore(row);
    return past;
  }

  private headsOf(layer: number): Heads {
    const heads = this.model.layers[layer]?.heads;
    if (heads === undefined) throw new RangeError(`layer ${layer} has no heads`);
    return heads;
  }

  /**
   * The rows of a hard-max or cross head: all of them, or without a history the latest of each distinct key.
   */
  rowsOf(layer: number, head: number): HeadRows {
    const place = this.headsOf(layer).heads[head];
    const memory = place && this.memories[layer]?.[place.family];
    if (place === undefined || memory === undefined) throw new RangeError(`no head ${head} in layer ${layer}`);
    if (memory instanceof Sums) throw new RangeError(`head ${head} of layer ${layer} adds up rows, and keeps none`);
    if (memory instanceof Distinct) memory.settle();
    return new HeadRows(memory.seen, place.values);
  }

  /**
   * The value that a hard-max or cross head would retrieve for the caller's query, [dHead]; `undefined`
   * without rows.
   */
  ask(layer: number, head: number, query: ArrayLike<number>): Float64Array | undefined {
    const place = this.headsOf(layer).heads[head];
    const memory = place && this.memories[layer]?.[place.family];
    if (place === undefined || memory === undefined || memory instanceof Sums) return this.rowsOf(layer, head).value(0);
    const row = memory.best(Float64Array.from(query), 0);
    return row < 0 ? undefined : new HeadRows(memory.table, place.values).value(row);
  }

  /** Writes the embedding of a row into the lanes. */
  private embed({ token, positional }: Row): void {
    const { embedding } = this.model;
    if (!Number.isInteger(token) || token < 0 || token >= embedding.rows) {
      throw new RangeError(`token ${token} is outside the vocabulary`);
    }
    this.lanes.fill(0);
    embedding.addRow(token, 1, this.lanes);
    for (const [lane, value] of positional) this.lanes[lane] = (this.lanes[lane] as number) + value;
  }

  /** Replaces or adds a row of a store. Cross heads see the embedded row, not changed by any layer. */
  writeStore(row: StoreRow): void {
    if (this.history) this.writes.push([this.length, row]);
    this.embed(row);
    this.model.layers.forEach(({ heads }, layer) => {
      const projections = heads?.ofStores.get(row.store);
      if (heads === undefined || projections === undefined) return;
      const projected = new Float64Array(projections.rows);
      projections.times(this.lanes, projected);
      heads.families.forEach(({ attention, key, value }, family) => {
        const memory = this.memories[layer]?.[family];
        const isMine = attention.kind === "cross" && attention.store === row.store;
        if (isMine && memory instanceof Store) memory.add(row.index, projected, key, value);
      });
    });
  }

  /** Passes one row through all layers; returns the row's residual stream after the last layer, [dModel]. */
  forward(row: Row, observer: Observer = {}): Float64Array {
    const x = this.lanes;
    [this.room, this.before] = [this.before, this.room];
    this.embed(row);
    this.length += 1;
    observer.residual?.({ part: "embedding", layer: -1 }, x);
    for (let index = 0; index < this.model.layers.length; index += 1) {
      const layer = this.model.layers[index] as Layer;
      if (layer.heads !== undefined) this.attend(index, layer.heads, observer);
      observer.residual?.({ part: "attention", layer: index }, x);
      if (observer.neurons !== undefined) observer.neurons(index, ...layer.neurons.seen(x));
      layer.neurons.pass(x);
      observer.residual?.({ part: "ffn", layer: index }, x);
    }
    return x;
  }

  /** All heads of a layer: the row joins what they remember, then what each finds is added to the lanes. */
  private attend(index: number, heads: Heads, observer: Observer): void {
    const projected = this.room[index] as Float64Array;
    const memories = this.memories[index] as Remembered[];
    const { lanes } = this;
    const { projections, read } = heads;
    projected.fill(0);
    for (let i = 0; i < read.length; i += 1) {
      const lane = read[i] as number;
      const x = lanes[lane] as number;
      if (x !== 0) projections.addRow(lane, x, projected);
    }
    for (let family = 0; family < memories.length; family += 1) {
      const { key, value, valueWidth, searches } = heads.families[family] as Family;
      const memory = memories[family] as Remembered;
      if (memory instanceof Sums) {
        memory.add(this.length - 1, projected, value);
        for (const search of searches) this.write(search, memory.totals, 0);
        if (observer.summed !== undefined) showSums(index, heads, family, memory.totals, observer);
        continue;
      }
      if (!(memory instanceof Store)) memory.add(this.length - 1, projected, key, value);
      for (const search of searches) {
        const row = memory.best(projected, search.query);
        if (row < 0) continue;
        this.write(search, memory.table.values, row * valueWidth);
        if (observer.attended !== undefined) showFound(index, heads, search, memory.table, row, projected, observer);
      }
    }
  }

  /** Adds the values that a search found to the lanes. */
  private write({ from, to, weights }: Search, values: Float64Array, start: number): void {
    const { lanes } = this;
    for (let i = 0; i < from.length; i += 1) {
      const value = values[start + (from[i] as number)] as number;
      if (value === 0) continue;
      const lane = to[i] as number;
      lanes[lane] = (lanes[lane] as number) + (weights[i] as number) * value;
    }
  }

  /** Passes the rows that a host gives. The observer sees every row. */
  pass({ stores, rows }: Next, observer: Observer = {}): void {
    for (const row of stores) this.writeStore(row);
    for (const row of rows) this.forward(row, observer);
  }

  /** The logits after the last row, [vocabSize]. */
  logits(): Float64Array {
    return this.model.tokens.logits(this.lanes);
  }

  /** The token after the last row: the one with the highest logit, of equal logits the lowest token. */
  token(): number {
    return this.model.tokens.token(this.lanes);
  }
}

function remember({ attention, keyWidth, valueWidth }: Family, history: boolean): Remembered {
  switch (attention.kind) {
    case "sum":
      return history ? new Sums(valueWidth, new Table(0, valueWidth)) : new Sums(valueWidth);
    case "cross":
      return new Store(keyWidth, valueWidth);
    case "hard_max":
      return history ? new Logged(new Table(keyWidth, valueWidth)) : new Distinct(keyWidth, valueWidth, true);
  }
}
