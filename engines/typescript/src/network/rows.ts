// What a host gives the network, and what an observer sees of a pass.

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

/** The rows that a host gives the network: store rows are written first, then the other rows are passed. */
export interface Next {
  stores: StoreRow[];
  rows: Row[];
}

/** The host of a run: everything around the network. */
export interface Host {
  /** The rows before the first token. */
  begin(): Next;
  /** Takes the token that the network emitted. Returns `undefined` at the end of the run. */
  accept(token: number): Next | undefined;
}

/** A place between two parts of the pass. */
export interface Stage {
  part: "embedding" | "attention" | "ffn";
  layer: number;
}

/** The row that a head found. */
export interface Found {
  /** The row's place in the sequence, or in the store. */
  row: number;
  /** The row's key and value, [dHead] each. */
  key: Float64Array;
  value: Float64Array;
  /** The score of the key against the query: the highest of all rows. */
  score: number;
}

/** Observes a pass; every method is optional. Arrays are reused, so values to keep must be copied. */
export interface Observer {
  /** The residual stream of a row, [dModel]. */
  residual?(stage: Stage, lanes: Float64Array): void;
  /** The choice of a hard-max or cross head, with its query, [dHead]. Not called while there are no rows. */
  attended?(layer: number, head: number, query: Float64Array, found: Found): void;
  /** A sum head's total, the row's own value included, [dHead]. */
  summed?(layer: number, head: number, total: Float64Array): void;
  /** The neurons of a layer, gates before relu: [dFfn] each. */
  neurons?(layer: number, gates: Float64Array, values: Float64Array): void;
}
