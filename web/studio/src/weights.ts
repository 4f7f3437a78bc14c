// The non-zero weights of heads and neurons, as forms over named lanes. They are read from the matrices that
// the pass multiplies.

import type { Form as MatrixForm, Matrix } from "../../../engines/typescript/src/index.js";
import type { Machine, Part } from "./machine.js";

export interface Term {
  lane: number;
  weight: number;
}

/** A form of a part: its role ("query 0", "gate", …) and its terms. */
export interface Form {
  role: string;
  /** Whether the part writes to these lanes; otherwise it reads them. */
  writes: boolean;
  terms: Term[];
}

/** A part's weight on a lane. */
export interface Wire {
  part: Part;
  role: string;
  weight: number;
}

const termsOf = (form: MatrixForm): Term[] => form.map(([lane, weight]) => ({ lane, weight }));

/** The non-zero weights of a matrix's row. */
export const rowOf = (matrix: Matrix, row: number): Term[] => termsOf(matrix.row(row));

const columnOf = (matrix: Matrix, column: number): Term[] => termsOf(matrix.column(column));

/** The non-zero forms of a head or neuron. */
export function formsOf(machine: Machine, part: Part): Form[] {
  if (part.kind === "lane") return [];
  const layer = machine.model.layers[part.layer];
  if (layer === undefined) return [];
  const forms: Form[] = [];
  const add = (role: string, writes: boolean, terms: Term[]): void => {
    if (terms.length > 0) forms.push({ role, writes, terms });
  };
  if (part.kind === "neuron") {
    add("gate", false, rowOf(layer.gate, part.index));
    add("value", false, rowOf(layer.value, part.index));
    add("output", true, columnOf(layer.down, part.index));
  } else if (layer.attention !== undefined) {
    const width = machine.model.config.dHead;
    const { query, key, value, output } = layer.attention;
    for (const [role, matrix] of Object.entries({ query, key, value })) {
      for (let i = 0; i < width; i += 1) add(`${role} ${i}`, false, rowOf(matrix, part.index * width + i));
    }
    for (let i = 0; i < width; i += 1) add(`output ${i}`, true, columnOf(output, part.index * width + i));
  }
  return forms;
}

/** The heads and neurons that read and write each lane. */
export class Wiring {
  private readonly reads = new Map<number, Wire[]>();
  private readonly writes = new Map<number, Wire[]>();

  constructor(private readonly machine: Machine) {
    for (const part of machine.parts()) {
      for (const { role, writes, terms } of formsOf(machine, part)) {
        const wires = writes ? this.writes : this.reads;
        for (const { lane, weight } of terms) wires.set(lane, [...(wires.get(lane) ?? []), { part, role, weight }]);
      }
    }
  }

  readersOf(lane: number): readonly Wire[] {
    return this.reads.get(lane) ?? [];
  }

  writersOf(lane: number): readonly Wire[] {
    return this.writes.get(lane) ?? [];
  }

  /**
   * The number of tokens whose embeddings set a lane, and the number of tokens whose logits read the lane.
   */
  tokensOf(lane: number): { embedding: number; unembedding: number } {
    const count = (matrix: Matrix): number => columnOf(matrix, lane).length;
    return { embedding: count(this.machine.model.embedding), unembedding: count(this.machine.model.unembedding) };
  }
}
