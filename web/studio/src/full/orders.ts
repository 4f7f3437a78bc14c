// What the page and the worker that runs the network tell each other.

import type { FullEnd, Unit } from "../../../../engines/typescript/src/index.js";

export type Order =
  /** Begin a run: the prompt, and the input that is there. After `limit` rows the run rests. */
  | { type: "run"; id: number; prompt: number[]; input: number[]; isClosed: boolean; limit: number }
  /** More input; `isClosed` says that nothing follows it. */
  | { type: "input"; bytes: number[]; isClosed: boolean }
  /** Go on to another limit. */
  | { type: "more"; limit: number }
  /** Look into the pass of a row: of the row with this place in the whole sequence. */
  | { type: "look"; id: number; row: number }
  /** Pass the rows of the run through the network without a head or neuron. */
  | { type: "without"; id: number; unit: Unit };

/** What a head of a pass found. */
export interface Found {
  layer: number;
  head: number;
  row: number;
  query: number[];
  key: number[];
  value: number[];
}

/** The inside of a pass. */
export interface Inside {
  row: number;
  found: Found[];
  /** The totals of sum heads. */
  sums: { layer: number; head: number; total: number[] }[];
  /** The neurons whose gates are open. */
  neurons: { layer: number; neuron: number; gate: number; value: number }[];
  /** The five highest logits. */
  logits: [token: number, logit: number][];
}

/**
 * What becomes of a run without a head or neuron: the first row that would be another token, by its place in
 * the whole sequence. `row` is −1 if there is none.
 */
export interface Without {
  unit: Unit;
  row: number;
  token: number;
}

export type Report =
  | { type: "ready"; parameters: number; weights: number }
  | { type: "failed"; reason: string }
  /** Rows of the prompt that have been passed. */
  | { type: "prompted"; id: number; rows: number }
  /** Rows after the prompt, and the milliseconds since the run began, without the time of waiting. */
  | { type: "rows"; id: number; rows: Uint32Array; took: number }
  | { type: "waiting"; id: number }
  | { type: "resting"; id: number }
  | { type: "ended"; id: number; end: FullEnd; took: number; asked: boolean }
  | { type: "inside"; id: number; inside: Inside }
  | { type: "without"; id: number; without: Without };
