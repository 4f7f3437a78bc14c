// The state of a full program, as its tokens have left it: slots of locals and operands, memory, and the
// calls in progress. Of each value it also holds the step that wrote it.

import { PAGE, type Described } from "./described.js";

/** A call in progress. */
export interface CallInProgress {
  /** The index of the function; −1 for a routine of the machine. */
  function: number;
  /** The number of slots below the frame. */
  frame: number;
}

/** A page of memory, with the step that wrote each byte; −1 is the program's data, −2 is nothing. */
interface Page {
  bytes: Uint8Array;
  writers: Int32Array;
}

/** A value: its lower and upper 32 bits, and how many bits its type has. */
export interface Slot {
  low: number;
  high: number;
  bits: number;
  writer: number;
}

function grown<T extends Int32Array | Uint8Array>(array: T, length: number, make: (length: number) => T): T {
  if (length <= array.length) return array;
  const larger = make(Math.max(length, 2 * array.length));
  larger.set(array);
  return larger;
}

export class State {
  private low = new Int32Array(256);
  private high = new Int32Array(256);
  private bits = new Uint8Array(256);
  private writers = new Int32Array(256);
  private pages = new Map<number, Page>();
  /** The memory's length in pages. */
  length = 0;
  calls: CallInProgress[] = [];
  globals: Slot[] = [];
  /** The bytes of memory that the latest store of a step wrote. */
  stored: { address: number; width: number } | undefined;

  /** The state before a run. */
  static of({ memory, globals }: Pick<Described, "memory" | "globals">): State {
    const state = new State();
    state.length = memory?.pages ?? 0;
    for (const [address, hex] of memory?.data ?? []) {
      for (let i = 0; 2 * i < hex.length; i += 1) state.store(address + i, parseInt(hex.slice(2 * i, 2 * i + 2), 16), -1);
    }
    state.globals = globals.map(([type, low, high]) => ({ low: low | 0, high: high | 0, bits: type.endsWith("64") ? 64 : 32, writer: -1 }));
    return state;
  }

  copy(): State {
    const copy = new State();
    [copy.low, copy.high, copy.bits, copy.writers] = [this.low.slice(), this.high.slice(), this.bits.slice(), this.writers.slice()];
    copy.pages = new Map([...this.pages].map(([at, { bytes, writers }]) => [at, { bytes: bytes.slice(), writers: writers.slice() }]));
    copy.length = this.length;
    copy.calls = this.calls.map((call) => ({ ...call }));
    copy.globals = this.globals.map((global) => ({ ...global }));
    copy.stored = this.stored;
    return copy;
  }

  /** The value in a slot; 0 if nothing was written there. */
  slot(slot: number): Slot {
    const bits = this.bits[slot] ?? 0;
    if (bits === 0) return { low: 0, high: 0, bits: 32, writer: -2 };
    return { low: this.low[slot] as number, high: this.high[slot] as number, bits, writer: this.writers[slot] as number };
  }

  /** Makes a slot one that nothing was written to. */
  clear(slot: number): void {
    if (slot < this.bits.length) this.bits[slot] = 0;
  }

  put(slot: number, { low, high, bits, writer }: Slot): void {
    this.low = grown(this.low, slot + 1, (length) => new Int32Array(length));
    this.high = grown(this.high, slot + 1, (length) => new Int32Array(length));
    this.bits = grown(this.bits, slot + 1, (length) => new Uint8Array(length));
    this.writers = grown(this.writers, slot + 1, (length) => new Int32Array(length));
    this.low[slot] = low;
    this.high[slot] = bits === 64 ? high : 0;
    this.bits[slot] = bits;
    this.writers[slot] = writer;
  }

  /** A byte of memory, and the step that wrote it. */
  byte(address: number): { byte: number; writer: number } {
    const page = this.pages.get(Math.floor(address / PAGE));
    if (page === undefined) return { byte: 0, writer: -2 };
    return { byte: page.bytes[address % PAGE] as number, writer: page.writers[address % PAGE] as number };
  }

  store(address: number, byte: number, writer: number): void {
    const at = Math.floor(address / PAGE);
    let page = this.pages.get(at);
    if (page === undefined) {
      page = { bytes: new Uint8Array(PAGE), writers: new Int32Array(PAGE).fill(-2) };
      this.pages.set(at, page);
    }
    page.bytes[address % PAGE] = byte;
    page.writers[address % PAGE] = writer;
  }

  /** Runs of bytes that are not 0, by address. */
  *written(): Generator<[address: number, byte: number]> {
    for (const [at, { bytes }] of [...this.pages].sort(([a], [b]) => a - b)) {
      for (let i = 0; i < PAGE; i += 1) if (bytes[i] !== 0) yield [at * PAGE + i, bytes[i] as number];
    }
  }
}
