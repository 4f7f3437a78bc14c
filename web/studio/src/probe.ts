// The state of a run as the network's attention sees it: the network is asked as its own heads ask, with queries for
// each depth, local, address and offset, and what the heads retrieve is the state. No VM is consulted.

import type { Session } from "../../../engines/typescript/src/index.js";
import type { Machine } from "./machine.js";

export interface Seen {
  /** The operand stack, bottom first. */
  stack: number[];
  /** By local; those never written are missing. */
  locals: Map<number, number>;
  /** By address; cells never written are missing. */
  memory: Map<number, number>;
}

/** Asks a session whose last row stands at this depth, the one before its step. */
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

/** What a head that seeks by content finds for each index that any row carries as its tag; the tag tells a true match. */
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
