// The state of a run as the network's attention sees it. The network's heads get queries for each depth,
// local and address, in the form of their own queries, and the values that they retrieve are the state. No VM
// is consulted.

import type { Session } from "../../../engines/typescript/src/index.js";
import type { Machine } from "./machine.js";

export interface Seen {
  /** The operand stack, bottom first. */
  stack: number[];
  /** The values by local; locals that were never written are missing. */
  locals: Map<number, number>;
  /** The values by address; cells that were never written are missing. */
  memory: Map<number, number>;
}

/** Queries a session. `depth` is the depth of the stack at the session's last row, before that row's step. */
export function probe(machine: Machine, session: Session, depth: number): Seen {
  const bits = [0, 2, 4, 6].map((i) => ({ i, head: machine.head(`top bits ${i}, ${i + 1}`) }));
  const byteAt = (height: number): number =>
    bits.reduce((byte, { i, head: [layer, head] }) => {
      const [low, high] = session.ask(layer, head, [height, 1]) ?? [0, 0];
      return byte + (low as number) * 2 ** i + (high as number) * 2 ** (i + 1);
    }, 0);
  return {
    stack: Array.from({ length: depth }, (_, i) => byteAt(i + 1)),
    locals: byContent(session, machine.head("local")),
    memory: byContent(session, machine.head("memory cell")),
  };
}

/**
 * The values that a head with content-based keys finds, by index. The indices are the tags of all rows. A
 * result whose tag is not the index is not a match.
 */
function byContent(session: Session, [layer, head]: readonly [number, number]): Map<number, number> {
  const rows = session.rowsOf(layer, head);
  const tags = new Set<number>();
  for (let row = 0; row < rows.length; row += 1) {
    const tag = rows.value(row)[1] as number;
    if (tag >= 0) tags.add(tag);
  }
  const found = new Map<number, number>();
  for (const index of [...tags].sort((a, b) => a - b)) {
    const [value, tag] = session.ask(layer, head, [index, 1]) ?? [];
    if (value !== undefined && tag === index) found.set(index, value);
  }
  return found;
}
