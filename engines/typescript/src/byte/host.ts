// The byte machine's host: everything that the network does not compute. The host never reads a lane of the
// network, and keeps no operand stack, locals or memory.

import type { Config } from "../network/config.js";
import type { Host, Next, Row, StoreRow } from "../network/rows.js";
import { opcode, type Instr } from "./isa.js";
import type { Trap } from "./profile.js";

const FILES = 4;
const CAPACITY = 32;
const ITERATIONS = 256;

const LOOP = opcode("loop");
const END_LOOP = opcode("end_loop");
const BR_IF = opcode("br_if");
const OUTPUT = opcode("output");
const FD_OPEN = opcode("fd_open");
const FD_READ = opcode("fd_read");
const FD_WRITE = opcode("fd_write");
const FD_CLOSE = opcode("fd_close");

/** How a run ended; `lost` means by a token that is not possible at its step. */
export type ByteEnd = "halt" | "trap" | "lost";

type Encoding = Readonly<Record<string, number>>;

/** A program that a network runs, seen from outside the network. */
export class ByteHost implements Host {
  pc = 0;
  end: ByteEnd | undefined;
  /** Why the step at pc must trap; `undefined` if it does not have to. */
  trap: Trap | undefined;
  readonly outputs: number[] = [];
  readonly files: number[][];
  private previousPc = -1;
  private readonly cursors: (number | undefined)[] = new Array<undefined>(FILES).fill(undefined);
  private readonly iterations = new Map<number, number>();
  /** The pc of the loop marker of each br_if. */
  private readonly targets = new Map<number, number>();
  private readonly lanes: Map<string, number>;
  private readonly specials: { start: number; halt: number; trap: number };

  /** Throws an Error if the config is not a byte machine's, or if the listing's loops do not match. */
  constructor(
    readonly listing: readonly Instr[],
    files: readonly (readonly number[])[],
    config: Config,
  ) {
    this.lanes = new Map(config.lanes.map((name, lane) => [name, lane]));
    const special = (name: string): number => {
      const id = config.specialTokens.get(name);
      if (id === undefined) throw new Error(`config.json: names no special token ${name}`);
      return id;
    };
    this.specials = { start: special("start"), halt: special("halt"), trap: special("trap") };
    this.files = Array.from({ length: FILES }, (_, file) => [...(files[file] ?? [])]);
    const open: number[] = [];
    listing.forEach(([op, arg], pc) => {
      if (op === LOOP) open.push(pc);
      if (op === END_LOOP && open.pop() === undefined) throw new Error(`pc ${pc}: end_loop without loop`);
      if (op === BR_IF) {
        const target = open.at(-1 - arg);
        if (target === undefined) throw new Error(`pc ${pc}: br_if ${arg} has no enclosing loop of that depth`);
        this.targets.set(pc, target);
      }
    });
    if (open.length > 0) throw new Error(`pc ${open.at(-1)}: loop without end_loop`);
    this.enter(0, false);
  }

  private at(pc: number): Instr {
    const instr = this.listing[pc];
    if (instr === undefined) throw new Error(`pc ${pc}: the listing ends without halt`);
    return instr;
  }

  /**
   * Continues at pc, past loop markers. A loop marker on the way enters its loop anew. Finds out whether the
   * next step traps.
   */
  private enter(pc: number, exhausted: boolean): void {
    while (this.at(pc)[0] === LOOP || this.at(pc)[0] === END_LOOP) {
      if (this.at(pc)[0] === LOOP) this.iterations.set(pc, 1);
      pc += 1;
    }
    this.pc = pc;
    const op = this.at(pc)[0];
    const uses = op === FD_READ || op === FD_WRITE;
    const cursor = uses ? this.cursors[this.descriptor(pc)] : 0;
    if (exhausted) this.trap = "too many iterations of a loop";
    else if (cursor === undefined) this.trap = "read or write on a closed descriptor";
    else this.trap = op === FD_WRITE && cursor === CAPACITY ? "write past the capacity of a file" : undefined;
  }

  /** The descriptor of the fd instruction at pc: the constant right before it. */
  private descriptor(pc: number): number {
    return this.at(pc - 1)[1];
  }

  private row(token: number, encoding: Encoding): Row {
    const positional = Object.entries({ ...encoding, one: 1 }).flatMap(([name, value]) => {
      const lane = this.lanes.get(name);
      if (lane === undefined) throw new Error(`config.json: names no lane ${name}`);
      return value === 0 ? [] : [[lane, value] as const];
    });
    return { token, positional };
  }

  /** Encodings of the row that executes the step at pc. A closed descriptor shows the last offset. */
  private step(): Encoding {
    const offsets = this.cursors.map((cursor, file) => [`offset_${file}`, cursor ?? CAPACITY] as const);
    return { pc: this.pc, previous_pc: this.previousPc, fault: Number(this.trap !== undefined), ...Object.fromEntries(offsets) };
  }

  private fileRow(file: number, offset: number): StoreRow {
    const byte = this.files[file]?.[offset] ?? 0;
    return { store: file, index: offset, ...this.row(byte, { index: offset, index_squared: offset * offset }) };
  }

  /**
   * The files' rows, and the prompt: the start token, then two tokens per instruction. The prompt's last row
   * executes the first step.
   */
  begin(): Next {
    const prompt: [token: number, index: number, marks: Encoding][] = [[this.specials.start, -1, { is_opcode: 1, is_operand: 1 }]];
    this.listing.forEach(([op, arg], pc) => prompt.push([op, pc, { is_opcode: 1 }], [arg, pc, { is_operand: 1 }]));
    const idle = { pc: -1, previous_pc: -1 };
    const rows = prompt.map(([token, index, marks], position) => {
      const own = position === prompt.length - 1 ? this.step() : idle;
      return this.row(token, { index, index_squared: index * index, ...marks, ...own });
    });
    const stores = Array.from({ length: FILES * (CAPACITY + 1) }, (_, i) => this.fileRow(Math.floor(i / (CAPACITY + 1)), i % (CAPACITY + 1)));
    return { stores, rows };
  }

  /**
   * Takes the token of the step at pc. Returns `undefined` at the end of the run; `end` then says how the run
   * ended.
   */
  accept(token: number): Next | undefined {
    const { halt, trap } = this.specials;
    const fault = this.trap !== undefined;
    if (token >= 256 || fault) {
      this.end = token === trap && fault ? "trap" : token === halt && !fault ? "halt" : "lost";
      return undefined;
    }
    const { pc } = this;
    const op = this.at(pc)[0];
    let [next, exhausted] = [pc + 1, false];
    const stores: StoreRow[] = [];
    if (op === OUTPUT) {
      this.outputs.push(token);
    } else if (op === BR_IF && token !== 0) {
      const loop = this.targets.get(pc) ?? 0;
      const count = (this.iterations.get(loop) ?? 0) + 1;
      this.iterations.set(loop, count);
      [next, exhausted] = [loop + 1, count > ITERATIONS];
    } else if (op === FD_OPEN || op === FD_CLOSE) {
      this.cursors[this.descriptor(pc)] = op === FD_OPEN ? 0 : undefined;
    } else if (op === FD_READ || op === FD_WRITE) {
      const file = this.descriptor(pc);
      const [contents, cursor] = [this.files[file] ?? [], this.cursors[file] ?? 0];
      if (op === FD_WRITE) {
        contents[cursor] = token;
        stores.push(this.fileRow(file, cursor));
      }
      this.cursors[file] = Math.min(cursor + 1, contents.length);
    }
    this.previousPc = pc;
    this.enter(next, exhausted);
    return { stores, rows: [this.row(token, this.step())] };
  }
}
